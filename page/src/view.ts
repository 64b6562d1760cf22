/** A rectangle in which a clip plays: its time, its camera, the floor under it. */

import {
  BufferGeometry,
  CircleGeometry,
  Color,
  Float32BufferAttribute,
  Line,
  LineBasicMaterial,
  Mesh,
  MeshBasicMaterial,
  Object3D,
  PerspectiveCamera,
  Vector3,
} from "three";
import type { Frames } from "./api";
import type { Body, Dress } from "./body";

const FIELD = 30; // degrees
const HEAD_ROOM = 0.14; // metres above the head joint
const POSES = 5; // of a film strip

export type DrawPart = (
  camera: PerspectiveCamera,
  place: { left: number; width: number },
  objects: Object3D[],
) => void;

/** Boxes of a motion, in metres. */
interface Extent {
  low: Vector3;
  high: Vector3;
}

export class View3D {
  time = 0;
  playing = false;
  speed = 1;
  /** Plays this part again and again, where there is one. */
  loop: [number, number] | null = null;
  follow = false;
  bones = false;
  dress: Dress = "first";
  /** A film strip instead of a film: for readers who want no motion. */
  strip = false;
  turn = 0.6;
  tilt = 0.25;
  distance = 1;
  onTime: ((time: number) => void) | null = null;
  private frames: Frames | null = null;
  private extent: Extent | null = null;
  private readonly camera = new PerspectiveCamera(FIELD, 1, 0.1, 200);
  private readonly floor = floorOf();
  private readonly shade = shadeOf();
  private path: Line | null = null;

  constructor(
    readonly element: HTMLElement,
    readonly large = false,
  ) {}

  get length(): number {
    return this.frames ? Math.max(0, (this.frames.frames - 1) / this.frames.fps) : 0;
  }

  get ready(): boolean {
    return this.frames !== null;
  }

  /** The clip to show; `path` has a colour for each frame of its way over the floor. */
  show(frames: Frames, path: (time: number) => string): void {
    this.frames = frames;
    this.extent = extentOf(frames);
    this.path?.geometry.dispose();
    this.path = pathOf(frames, path);
    this.time = Math.min(this.time, this.length);
  }

  visible(): boolean {
    if (!this.frames || !this.element.isConnected) return false;
    const box = this.element.getBoundingClientRect();
    return box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth && box.width > 0;
  }

  /** What of the page the element may be seen in: that of the panel which scrolls it. */
  clip(): { top: number; bottom: number } {
    const panel = this.element.closest(".scrolls");
    if (!panel) return { top: 0, bottom: innerHeight };
    const { top, bottom } = panel.getBoundingClientRect();
    return { top, bottom };
  }

  /** Moves on by some seconds. Returns whether anything moved. */
  advance(passed: number): boolean {
    if (!this.playing || this.strip || this.length === 0) return false;
    const [start, end] = this.loop ?? [0, this.length];
    let time = this.time + passed * this.speed;
    if (time >= end || time < start) time = start + (Math.max(0, time - end) % Math.max(0.05, end - start));
    this.time = time;
    this.onTime?.(time);
    return true;
  }

  seek(time: number): void {
    this.time = Math.max(0, Math.min(this.length, time));
    this.onTime?.(this.time);
  }

  draw(part: DrawPart, body: Body): void {
    const frames = this.frames;
    if (!frames || !this.extent) return;
    body.wear(this.dress);
    body.showBones(this.bones);
    const times = this.strip
      ? Array.from({ length: POSES }, (_, i) => (this.length * (i + 0.5)) / POSES)
      : [this.time];
    for (const [place, time] of times.entries()) {
      const spot = placeAt(frames, time);
      this.aim(this.strip || this.follow ? spot : null, times.length);
      body.pose(frames, time);
      this.shade.position.set(spot.x, 0.004, spot.z);
      this.floor.position.set(spot.x, 0, spot.z);
      const objects: Object3D[] = this.strip || !this.path ? [this.floor, this.shade] : [this.floor, this.shade, this.path];
      part(this.camera, { left: place / times.length, width: 1 / times.length }, objects);
    }
  }

  /** Puts the camera where the clip's box, or the person at a spot, fills the view. */
  private aim(spot: Vector3 | null, parts: number): void {
    const { low, high } = this.extent as Extent;
    const box = this.element.getBoundingClientRect();
    const aspect = Math.max(0.1, box.width / parts / Math.max(1, box.height));
    const centre = new Vector3().addVectors(low, high).multiplyScalar(0.5);
    if (spot) centre.set(spot.x, centre.y, spot.z);
    const direction = new Vector3(
      Math.sin(this.turn) * Math.cos(this.tilt),
      Math.sin(this.tilt),
      Math.cos(this.turn) * Math.cos(this.tilt),
    );
    const half = Math.tan((FIELD * Math.PI) / 360);
    const reach = spot ? boxAround(centre, high.y, low.y) : { low, high };
    // Far enough that every corner of the box is in the view.
    const up = new Vector3(0, 1, 0);
    const right = new Vector3().crossVectors(up, direction).normalize();
    const above = new Vector3().crossVectors(direction, right);
    let distance = 0;
    for (const corner of corners(reach)) {
      corner.sub(centre);
      const depth = corner.dot(direction);
      const across = Math.abs(corner.dot(right)) / (half * aspect);
      distance = Math.max(distance, depth + across, depth + Math.abs(corner.dot(above)) / half);
    }
    this.camera.aspect = aspect;
    this.camera.position.copy(centre).addScaledVector(direction, (distance * 1.06 + 0.2) * this.distance);
    this.camera.lookAt(centre);
    this.camera.updateProjectionMatrix();
    this.camera.updateMatrixWorld();
  }
}

function corners({ low, high }: Extent): Vector3[] {
  const pick = (bit: number, axis: "x" | "y" | "z"): number => (bit ? high[axis] : low[axis]);
  return Array.from({ length: 8 }, (_, i) => new Vector3(pick(i & 1, "x"), pick(i & 2, "y"), pick(i & 4, "z")));
}

function boxAround(centre: Vector3, top: number, bottom: number): Extent {
  const reach = 0.55;
  return {
    low: new Vector3(centre.x - reach, bottom, centre.z - reach),
    high: new Vector3(centre.x + reach, top, centre.z + reach),
  };
}

function extentOf(frames: Frames): Extent {
  const low = new Vector3(Infinity, 0, Infinity);
  const high = new Vector3(-Infinity, 0, -Infinity);
  const { positions } = frames;
  for (let i = 0; i < positions.length; i += 3) {
    low.set(Math.min(low.x, positions[i]), Math.min(low.y, positions[i + 1]), Math.min(low.z, positions[i + 2]));
    high.set(Math.max(high.x, positions[i]), Math.max(high.y, positions[i + 1]), Math.max(high.z, positions[i + 2]));
  }
  high.y += HEAD_ROOM;
  for (const axis of ["x", "z"] as const) {
    low[axis] -= 0.15;
    high[axis] += 0.15;
  }
  return { low, high };
}

/** Where the pelvis is over the floor. */
function placeAt(frames: Frames, time: number): Vector3 {
  const frame = Math.max(0, Math.min(frames.frames - 1, Math.round(time * frames.fps)));
  const start = frame * frames.joints * 3;
  return new Vector3(frames.positions[start], 0, frames.positions[start + 2]);
}

function pathOf(frames: Frames, colour: (time: number) => string): Line {
  const places: number[] = [];
  const colours: number[] = [];
  for (let frame = 0; frame < frames.frames; frame += 2) {
    const spot = placeAt(frames, frame / frames.fps);
    places.push(spot.x, 0.006, spot.z);
    const { r, g, b } = new Color(colour(frame / frames.fps));
    colours.push(r, g, b);
  }
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new Float32BufferAttribute(places, 3));
  geometry.setAttribute("color", new Float32BufferAttribute(colours, 3));
  const line = new Line(geometry, new LineBasicMaterial({ vertexColors: true }));
  line.frustumCulled = false;
  return line;
}

function floorOf(): Mesh {
  const material = new MeshBasicMaterial({ color: 0x8090a0, transparent: true, opacity: 0.16, depthWrite: false });
  const floor = new Mesh(new CircleGeometry(0.9, 40), material);
  floor.rotation.x = -Math.PI / 2;
  floor.renderOrder = -2;
  return floor;
}

function shadeOf(): Mesh {
  const material = new MeshBasicMaterial({ color: 0x101418, transparent: true, opacity: 0.28, depthWrite: false });
  const shade = new Mesh(new CircleGeometry(0.24, 24), material);
  shade.rotation.x = -Math.PI / 2;
  shade.renderOrder = -1;
  return shade;
}
