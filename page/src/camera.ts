/** Where a camera stands so that a whole motion, or the person in it, fills a view. */

import { PerspectiveCamera, Vector3 } from "three";
import type { Frames } from "./api";

export const FIELD = 30; // degrees
const HALF = Math.tan((FIELD * Math.PI) / 360);
const HEAD = 15;
const HEAD_ROOM = 0.14; // metres above the head joint
const AROUND = 0.16; // metres of body around a joint
const SAMPLES = 40; // frames that are looked at
const NEAR = 0.8; // share of the view that a person fills who is followed
const FAR = 0.6; // least share that the person may fill when the whole motion is in the view
const WIDTH = 0.85; // metres that a person needs from side to side
const CALM = 0.6; // seconds before and after over which the place of a person who is followed is averaged

export interface Aim {
  turn: number;
  tilt: number;
  aspect: number;
}

interface Fit {
  centre: Vector3;
  distance: number;
}

/** Looks at one motion. */
export class Framing {
  private readonly points: Float32Array;
  private readonly height: number;
  private kept: { key: string; fit: Fit } | null = null;

  constructor(private readonly frames: Frames) {
    this.points = pointsOf(frames);
    let top = 0;
    for (let i = 1; i < this.points.length; i += 3) top = Math.max(top, this.points[i]);
    this.height = Math.max(0.6, top);
  }

  /** Whether the person would be small with the whole way in the view. */
  isFar(aim: Aim): boolean {
    return this.whole(aim).distance > this.distanceFor(FAR, aim.aspect);
  }

  /** Puts the camera where the whole motion is in the view, `zoom` times as far away. */
  showAll(camera: PerspectiveCamera, aim: Aim, zoom: number): void {
    const { centre, distance } = this.whole(aim);
    place(camera, aim, centre, distance * zoom);
  }

  /** Puts the camera where it sees the person at a time. */
  showPerson(camera: PerspectiveCamera, aim: Aim, time: number, zoom: number): void {
    const centre = calmPlace(this.frames, time);
    centre.y = this.height / 2;
    place(camera, aim, centre, this.distanceFor(NEAR, aim.aspect) * zoom);
  }

  private distanceFor(share: number, aspect: number): number {
    return Math.max(this.height / share, WIDTH / (share * aspect)) / (2 * HALF);
  }

  private whole(aim: Aim): Fit {
    const key = `${aim.turn} ${aim.tilt} ${aim.aspect.toFixed(3)}`;
    if (this.kept?.key !== key) this.kept = { key, fit: fit(this.points, aim) };
    return this.kept.fit;
  }
}

/** The nearest camera that has all points in its view, with `AROUND` around each. */
export function fit(points: Float32Array, aim: Aim): Fit {
  const { direction, right, above } = axesOf(aim);
  const across = HALF * aim.aspect;
  // Each side of the view is a plane: which point is the farthest out of it?
  const most = [-Infinity, -Infinity, -Infinity, -Infinity];
  const point = new Vector3();
  for (let i = 0; i < points.length; i += 3) {
    point.fromArray(points, i);
    const [depth, x, y] = [point.dot(direction), point.dot(right), point.dot(above)];
    most[0] = Math.max(most[0], x + across * depth);
    most[1] = Math.max(most[1], -x + across * depth);
    most[2] = Math.max(most[2], y + HALF * depth);
    most[3] = Math.max(most[3], -y + HALF * depth);
  }
  const [wide, high] = [AROUND * Math.hypot(1, across), AROUND * Math.hypot(1, HALF)];
  const depth = Math.max((most[0] + most[1] + 2 * wide) / (2 * across), (most[2] + most[3] + 2 * high) / (2 * HALF));
  const x = (most[0] - most[1]) / 2;
  const y = (most[2] - most[3]) / 2;
  // The point that is looked at lies in the middle of the depths.
  let [low, top] = [Infinity, -Infinity];
  for (let i = 0; i < points.length; i += 3) {
    const value = point.fromArray(points, i).dot(direction);
    low = Math.min(low, value);
    top = Math.max(top, value);
  }
  const middle = (low + top) / 2;
  const centre = right.multiplyScalar(x).addScaledVector(above, y).addScaledVector(direction, middle);
  return { centre, distance: depth - middle };
}

function place(camera: PerspectiveCamera, aim: Aim, centre: Vector3, distance: number): void {
  camera.aspect = aim.aspect;
  camera.position.copy(centre).addScaledVector(axesOf(aim).direction, distance);
  camera.lookAt(centre);
  camera.updateProjectionMatrix();
  camera.updateMatrixWorld();
}

function axesOf({ turn, tilt }: Aim): { direction: Vector3; right: Vector3; above: Vector3 } {
  const direction = new Vector3(Math.sin(turn) * Math.cos(tilt), Math.sin(tilt), Math.cos(turn) * Math.cos(tilt));
  const right = new Vector3(Math.cos(turn), 0, -Math.sin(turn));
  return { direction, right, above: new Vector3().crossVectors(direction, right) };
}

function pointsOf(frames: Frames): Float32Array {
  const step = Math.max(1, Math.floor(frames.frames / SAMPLES));
  const points: number[] = [];
  const width = frames.joints * 3;
  for (let frame = 0; frame < frames.frames; frame += step) {
    const start = frame * width;
    points.push(...frames.positions.subarray(start, start + width));
    const head = start + 3 * HEAD;
    points.push(frames.positions[head], frames.positions[head + 1] + HEAD_ROOM, frames.positions[head + 2]);
    points.push(frames.positions[start], 0, frames.positions[start + 2]);
  }
  return Float32Array.from(points);
}

/** Where the pelvis is over the floor. */
export function placeAt(frames: Frames, time: number): Vector3 {
  const frame = Math.max(0, Math.min(frames.frames - 1, Math.round(time * frames.fps)));
  const start = frame * frames.joints * 3;
  return new Vector3(frames.positions[start], 0, frames.positions[start + 2]);
}

function calmPlace(frames: Frames, time: number): Vector3 {
  const sum = new Vector3();
  const steps = 6;
  for (let step = -steps; step <= steps; step++) sum.add(placeAt(frames, time + (CALM * step) / steps));
  return sum.divideScalar(2 * steps + 1);
}
