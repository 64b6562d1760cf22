import assert from "node:assert/strict";
import { test } from "node:test";
import { PerspectiveCamera, Vector3 } from "three";
import { FIELD, Framing } from "../src/camera";
import type { Frames } from "../src/api";

const JOINTS = 22;

/** A person of 1.7 m as points, who walks some metres along x. */
function walk(metres: number, frames = 60): Frames {
  const positions = new Float32Array(frames * JOINTS * 3);
  for (let frame = 0; frame < frames; frame++) {
    for (let joint = 0; joint < JOINTS; joint++) {
      const height = joint === 0 ? 0.95 : (1.56 * joint) / (JOINTS - 1);
      positions.set([(metres * frame) / frames, height, 0], (frame * JOINTS + joint) * 3);
    }
  }
  return { positions, frames, joints: JOINTS, fps: 20 };
}

/** Where points are in the picture: both from -1 to 1 inside it. */
function seen(frames: Frames, camera: PerspectiveCamera, frame: number): Vector3[] {
  const at = (joint: number): number => (frame * JOINTS + joint) * 3;
  return Array.from({ length: JOINTS }, (_, joint) => new Vector3().fromArray(frames.positions, at(joint)).project(camera));
}

test("the whole way is in the picture, and fills it", () => {
  for (const metres of [0, 1, 4, 30]) {
    for (const aim of [{ turn: 0.6, tilt: 0.25, aspect: 1.4 }, { turn: 2, tilt: 1, aspect: 0.5 }]) {
      const frames = walk(metres);
      const camera = new PerspectiveCamera(FIELD, aim.aspect, 0.1, 200);
      new Framing(frames).showAll(camera, aim, 1);
      const points = Array.from({ length: frames.frames }, (_, frame) => seen(frames, camera, frame)).flat();
      const most = Math.max(...points.flatMap(({ x, y }) => [Math.abs(x), Math.abs(y)]));
      assert.ok(most < 1 && most > 0.7, `${metres} m: ${most}`);
    }
  }
});

test("who goes far is followed and stays in the picture", () => {
  const frames = walk(30, 300);
  const framing = new Framing(frames);
  const aim = { turn: 0.6, tilt: 0.25, aspect: 1.4 };
  assert.equal(framing.isFar(aim), true);
  assert.equal(new Framing(walk(0.5)).isFar(aim), false);
  const camera = new PerspectiveCamera(FIELD, 1.4, 0.1, 200);
  for (const frame of [0, 150, 299]) {
    framing.showPerson(camera, aim, frame / 20, 1);
    const heights = seen(frames, camera, frame).map(({ y }) => y);
    assert.ok(Math.max(...heights) < 1 && Math.min(...heights) > -1);
    assert.ok(Math.max(...heights) - Math.min(...heights) > 1);
  }
});
