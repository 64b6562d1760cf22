/** The one body that all cards show: MakeHuman's mesh with 22 joints (page/body/make_body.py writes the file). */

import {
  Bone,
  BufferAttribute,
  BufferGeometry,
  Color,
  Group,
  LineBasicMaterial,
  LineSegments,
  Matrix4,
  MeshLambertMaterial,
  Skeleton,
  SkinnedMesh,
  Vector3,
} from "three";
import type { Frames } from "./api";
import { Poser } from "./pose";

const MAGIC = "CMBODY01";
const PARENT = [-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19];

/** Colours of skin, hair, top, trousers and shoes. */
const CLOTHES = {
  first: [0xd9a98a, 0x4a3428, 0x3f7fbf, 0x55647a, 0xe8e6e1],
  second: [0xd9a98a, 0x4a3428, 0xc4703f, 0x6a6076, 0xe8e6e1],
};
export type Dress = keyof typeof CLOTHES;

export class Body {
  readonly object = new Group();
  private readonly mesh: SkinnedMesh;
  private readonly bones: LineSegments;
  private readonly poser: Poser;
  private readonly matrices: Matrix4[];
  private readonly parts: Uint8Array;
  private dress: Dress | null = null;
  private readonly sizes = new WeakMap<Frames, number>();

  constructor(file: ArrayBuffer) {
    const { rest, geometry, parts } = read(file);
    this.parts = parts;
    this.poser = new Poser(rest);
    const bones = rest.map(() => {
      const bone = new Bone();
      bone.matrixAutoUpdate = bone.matrixWorldAutoUpdate = false;
      return bone;
    });
    this.matrices = bones.map((bone) => bone.matrixWorld);
    this.mesh = new SkinnedMesh(geometry, new MeshLambertMaterial({ vertexColors: true }));
    // The matrices of the bones take the body from its rest pose: their inverses at rest are nothing.
    this.mesh.bind(new Skeleton(bones, bones.map(() => new Matrix4())), new Matrix4());
    this.mesh.frustumCulled = false;
    this.bones = new LineSegments(
      new BufferGeometry().setAttribute("position", new BufferAttribute(new Float32Array(21 * 6), 3)),
      new LineBasicMaterial({ color: 0xd0402b, depthTest: false, transparent: true }),
    );
    this.bones.frustumCulled = false;
    this.bones.renderOrder = 2;
    this.object.add(this.mesh, this.bones);
    this.wear("first");
  }

  /** Shows the body, or its bones. */
  showBones(bones: boolean): void {
    this.bones.visible = bones;
    const material = this.mesh.material as MeshLambertMaterial;
    material.transparent = bones;
    material.opacity = bones ? 0.35 : 1;
  }

  wear(dress: Dress): void {
    if (dress === this.dress) return;
    this.dress = dress;
    const colours = this.mesh.geometry.getAttribute("color") as BufferAttribute;
    const palette = CLOTHES[dress].map((hex) => new Color(hex));
    this.parts.forEach((part, vertex) => {
      const { r, g, b } = palette[part];
      colours.setXYZ(vertex, r, g, b);
    });
    colours.needsUpdate = true;
  }

  /** Takes the pose at a time, in seconds. */
  pose(frames: Frames, time: number): void {
    const place = Math.max(0, Math.min(frames.frames - 1, time * frames.fps));
    const first = Math.floor(place);
    const next = Math.min(first + 1, frames.frames - 1);
    const width = frames.joints * 3;
    let size = this.sizes.get(frames);
    if (size === undefined) this.sizes.set(frames, (size = this.poser.size(frames.positions, 0)));
    this.poser.pose(frames.positions, first * width, next * width, place - first, size, this.matrices);
    if (this.bones.visible) this.placeBones();
  }

  private placeBones(): void {
    const places = this.bones.geometry.getAttribute("position") as BufferAttribute;
    const joint = new Vector3();
    for (let child = 1; child < PARENT.length; child++) {
      for (const [end, number] of [PARENT[child], child].entries()) {
        this.poser.joint(number, joint);
        places.setXYZ(2 * (child - 1) + end, joint.x, joint.y, joint.z);
      }
    }
    places.needsUpdate = true;
  }
}

function read(file: ArrayBuffer): { rest: Vector3[]; geometry: BufferGeometry; parts: Uint8Array } {
  const name = new TextDecoder().decode(new Uint8Array(file, 0, 8));
  if (name !== MAGIC) throw new Error(`body.bin begins with ${name}, expected ${MAGIC}`);
  const [vertices, triangles, joints] = new Uint32Array(file, 8, 3);
  let place = 20;
  const take = <T>(make: new (buffer: ArrayBuffer) => T, bytes: number): T => {
    place += bytes;
    return new make(file.slice(place - bytes, place));
  };
  const places = take(Float32Array, joints * 12);
  const box = take(Float32Array, 24);
  const packed = take(Uint16Array, vertices * 6);
  const moved = take(Uint8Array, vertices * 4);
  const weights = take(Uint8Array, vertices * 4);
  const parts = take(Uint8Array, vertices);
  const faces = take(Uint16Array, triangles * 6);
  const positions = Float32Array.from(packed, (value, i) => {
    const axis = i % 3;
    return box[axis] + (value / 65535) * (box[axis + 3] - box[axis]);
  });
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(positions, 3));
  geometry.setAttribute("skinIndex", new BufferAttribute(moved, 4));
  geometry.setAttribute("skinWeight", new BufferAttribute(weights, 4, true));
  geometry.setAttribute("color", new BufferAttribute(new Float32Array(vertices * 3), 3));
  geometry.setIndex(new BufferAttribute(faces, 1));
  geometry.computeVertexNormals();
  const rest = Array.from({ length: joints }, (_, i) => new Vector3().fromArray(places, 3 * i));
  return { rest, geometry, parts };
}
