import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Matrix4, Quaternion, Vector3 } from "three";
import { Poser } from "../src/pose";

/** The joints of the body at rest, from the file that the page reads. */
function rest(): Vector3[] {
  const file = readFileSync("public/body.bin");
  const places = new Float32Array(file.buffer.slice(file.byteOffset + 20, file.byteOffset + 20 + 22 * 12));
  return Array.from({ length: 22 }, (_, i) => new Vector3().fromArray(places, 3 * i));
}

function posed(joints: Vector3[]): Matrix4[] {
  const positions = Float32Array.from(joints.flatMap((joint) => joint.toArray()));
  const matrices = joints.map(() => new Matrix4());
  new Poser(rest()).pose(positions, 0, 0, 0, 1, matrices);
  return matrices;
}

const near = (a: Vector3, b: Vector3, within = 1e-4): void => assert.ok(a.distanceTo(b) < within, `${a.toArray()} and ${b.toArray()}`);

test("at rest nothing moves", () => {
  const joints = rest();
  for (const [joint, matrix] of posed(joints).entries()) near(joints[joint].clone().applyMatrix4(matrix), joints[joint]);
});

test("every joint comes where the motion has it, the next one too", () => {
  const joints = rest();
  const turn = new Quaternion().setFromAxisAngle(new Vector3(0, 1, 0), 2).normalize();
  const moved = joints.map((joint) => joint.clone().applyQuaternion(turn).add(new Vector3(3, 0, -2)));
  const elbow = moved[18].clone();
  moved[20] = elbow.clone().add(new Vector3(0, moved[20].distanceTo(elbow), 0)); // the left forearm up
  const matrices = posed(moved);
  for (const [joint, matrix] of matrices.entries()) near(joints[joint].clone().applyMatrix4(matrix), moved[joint]);
  near(joints[20].clone().applyMatrix4(matrices[18]), moved[20], 1e-3);
  near(joints[4].clone().applyMatrix4(matrices[1]), moved[4], 1e-3);
});

test("turning the whole person turns everything", () => {
  const joints = rest();
  const turn = new Quaternion().setFromAxisAngle(new Vector3(0, 1, 0), -1.3);
  const before = posed(joints);
  const after = posed(joints.map((joint) => joint.clone().applyQuaternion(turn)));
  const nose = new Vector3(0, 0, 1);
  for (const [joint, matrix] of before.entries()) {
    const ahead = nose.clone().transformDirection(matrix);
    assert.ok(ahead.z > 0.9, `joint ${joint} at rest`);
    near(nose.clone().transformDirection(after[joint]), ahead.applyQuaternion(turn));
  }
});
