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
} from "three";
import type { Frames } from "./api";
import type { Body, Dress } from "./body";
import { FIELD, Framing, placeAt } from "./camera";

const POSES = { small: 4, large: 6 }; // of a film strip

export type DrawPart = (
  camera: PerspectiveCamera,
  place: { left: number; width: number },
  objects: Object3D[],
) => void;

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
  private framing: Framing | null = null;
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
    this.framing = new Framing(frames);
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
    if (!frames || !this.framing) return;
    body.wear(this.dress);
    body.showBones(this.bones);
    const count = this.large ? POSES.large : POSES.small;
    const times = this.strip ? Array.from({ length: count }, (_, i) => (this.length * (i + 0.5)) / count) : [this.time];
    for (const [place, time] of times.entries()) {
      const spot = placeAt(frames, time);
      this.look(this.framing, time, times.length);
      body.pose(frames, time);
      this.shade.position.set(spot.x, 0.004, spot.z);
      this.floor.position.set(spot.x, 0, spot.z);
      const objects: Object3D[] = this.strip || !this.path ? [this.floor, this.shade] : [this.floor, this.shade, this.path];
      part(this.camera, { left: place / times.length, width: 1 / times.length }, objects);
    }
  }

  /** Whether the person would be small if the camera stood still. */
  goesFar(): boolean {
    return this.framing?.isFar(this.aim(1)) ?? false;
  }

  private aim(parts: number): { turn: number; tilt: number; aspect: number } {
    const { width, height } = this.element.getBoundingClientRect();
    return { turn: this.turn, tilt: this.tilt, aspect: Math.max(0.1, width / parts / Math.max(1, height)) };
  }

  private look(framing: Framing, time: number, parts: number): void {
    const aim = this.aim(parts);
    const follows = this.strip || (this.large ? this.follow : framing.isFar(aim));
    if (follows) framing.showPerson(this.camera, aim, time, this.distance);
    else framing.showAll(this.camera, aim, this.distance);
  }
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
