/**
 * From joint positions to how a body stands.
 *
 * Positions say where a bone points, and nothing of how it is turned about itself. Hips and chest are turned by the line
 * between both hips and both shoulders, the spine between them by a mixture. An arm or a leg that bends is turned by the
 * plane it bends in, since elbows and knees are hinges; a straight one keeps the turn of what it hangs on.
 */

import { Matrix4, Quaternion, Vector3 } from "three";

const PELVIS = 0;
const CHEST = 9;
const HEAD = 15;
const SHOULDERS = [16, 17];
const HIPS = [1, 2];

/** The joint that each bone points to; null where the joint is the last one. */
const CHILD: (number | null)[] = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 12, null, null, 15, 16, 17, null, 18, 19, 20, 21, null, null,
];
const PARENT = [-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19];
/** How much of the turn of the shoulders each joint of the trunk has; the rest is that of the hips. */
const TRUNK = new Map([
  [3, 1 / 3],
  [6, 2 / 3],
  [9, 1],
  [12, 1],
]);
/** Upper bones of hinges, and where the lower one goes when it bends, in the rest pose. */
const HINGES = new Map([
  [16, new Vector3(0, 0, 1)],
  [17, new Vector3(0, 0, 1)],
  [1, new Vector3(0, 0, -1)],
  [2, new Vector3(0, 0, -1)],
]);
const STRAIGHT = 0.1; // sine of the bend below which a limb counts as straight
const BENT = 0.4; // and above which its plane counts fully

export class Poser {
  private readonly now: Vector3[];
  private readonly turns: Quaternion[];
  private readonly restDirections: (Vector3 | null)[];
  private readonly restLengths: number[];
  private readonly restFrames = new Map<number, Quaternion>();

  constructor(private readonly rest: Vector3[]) {
    this.now = rest.map((joint) => joint.clone());
    this.turns = rest.map(() => new Quaternion());
    this.restDirections = CHILD.map((child, joint) =>
      child === null ? null : rest[child].clone().sub(rest[joint]).normalize(),
    );
    this.restLengths = CHILD.map((child, joint) => (child === null ? 0 : rest[child].distanceTo(rest[joint])));
    for (const joint of [PELVIS, ...TRUNK.keys()]) this.restFrames.set(joint, frameOf(joint, rest).invert());
  }

  /** How much larger the person is than the body at rest: by the length of legs and trunk. */
  size(positions: Float32Array, start: number): number {
    this.read(positions, start, positions, start, 0);
    const bones = [1, 2, 4, 5, 3, 6, 9];
    const length = (joints: Vector3[]): number =>
      bones.reduce((sum, joint) => sum + joints[joint].distanceTo(joints[CHILD[joint] ?? joint]), 0);
    return length(this.now) / length(this.rest);
  }

  /**
   * Matrices that take the body from its rest pose to the pose between two frames, a joint each.
   * `a` and `b` are where the frames start in `positions`, `share` is how far it is from a to b.
   */
  pose(positions: Float32Array, a: number, b: number, share: number, size: number, matrices: Matrix4[]): void {
    this.read(positions, a, positions, b, share);
    for (let joint = 0; joint < this.now.length; joint++) {
      this.turn(joint);
      const child = CHILD[joint];
      const along = child === null ? size : this.now[child].distanceTo(this.now[joint]) / this.restLengths[joint];
      moved(matrices[joint], this.now[joint], this.turns[joint], this.restDirections[joint], along, size, this.rest[joint]);
    }
  }

  /** Where a joint is in the last pose. */
  joint(number: number, into: Vector3): void {
    into.copy(this.now[number]);
  }

  private read(a: Float32Array, atA: number, b: Float32Array, atB: number, share: number): void {
    for (let joint = 0; joint < this.now.length; joint++) {
      const i = atA + 3 * joint;
      const k = atB + 3 * joint;
      this.now[joint].set(
        a[i] + share * (b[k] - a[i]),
        a[i + 1] + share * (b[k + 1] - a[i + 1]),
        a[i + 2] + share * (b[k + 2] - a[i + 2]),
      );
    }
  }

  private turn(joint: number): void {
    const turn = this.turns[joint];
    const restFrame = this.restFrames.get(joint);
    if (restFrame) {
      turn.copy(frameOf(joint, this.now)).multiply(restFrame);
      return;
    }
    turn.copy(this.turns[PARENT[joint]]);
    const direction = this.restDirections[joint];
    const child = CHILD[joint];
    if (!direction || child === null || joint === HEAD) return; // hands, toes and the head go with what they hang on
    const from = scratch.a.copy(direction).applyQuaternion(turn);
    const to = scratch.b.copy(this.now[child]).sub(this.now[joint]).normalize();
    turn.premultiply(scratch.q.setFromUnitVectors(from, to));
    const bend = HINGES.get(joint);
    if (bend) this.twist(turn, direction, to, bend, child);
  }

  /** Turns an upper arm or thigh about itself so that its hinge lies in the plane in which the limb bends. */
  private twist(turn: Quaternion, direction: Vector3, to: Vector3, bend: Vector3, middle: number): void {
    const end = CHILD[middle];
    if (end === null) return;
    const lower = scratch.c.copy(this.now[end]).sub(this.now[middle]).normalize();
    const axis = scratch.d.crossVectors(to, lower);
    const sine = axis.length();
    const share = smooth((sine - STRAIGHT) / (BENT - STRAIGHT));
    if (share <= 0) return;
    axis.divideScalar(sine);
    const hinge = scratch.a.crossVectors(direction, bend).normalize().applyQuaternion(turn);
    const angle = Math.atan2(scratch.e.crossVectors(hinge, axis).dot(to), hinge.dot(axis));
    turn.premultiply(scratch.q.setFromAxisAngle(to, share * Math.max(-1.8, Math.min(1.8, angle))));
  }
}

const scratch = {
  a: new Vector3(),
  b: new Vector3(),
  c: new Vector3(),
  d: new Vector3(),
  e: new Vector3(),
  q: new Quaternion(),
  m: new Matrix4(),
};

function smooth(share: number): number {
  const inside = Math.max(0, Math.min(1, share));
  return inside * inside * (3 - 2 * inside);
}

/** How hips, spine, chest or neck are turned: up along the bone, across from right to left. */
function frameOf(joint: number, joints: Vector3[]): Quaternion {
  const child = CHILD[joint] ?? joint;
  const up = new Vector3().subVectors(joints[child], joints[joint]).normalize();
  const share = TRUNK.get(joint) ?? 0;
  const hips = new Vector3().subVectors(joints[HIPS[0]], joints[HIPS[1]]).normalize();
  const shoulders = new Vector3().subVectors(joints[SHOULDERS[0]], joints[SHOULDERS[1]]).normalize();
  const across = joint === CHEST ? shoulders : hips.lerp(shoulders, share);
  const ahead = new Vector3().crossVectors(across, up).normalize();
  across.crossVectors(up, ahead);
  return new Quaternion().setFromRotationMatrix(scratch.m.makeBasis(across, up, ahead));
}

/** place + turn (stretch) (x - rest): `along` stretches in the bone's direction, `size` across it. */
function moved(
  matrix: Matrix4,
  place: Vector3,
  turn: Quaternion,
  direction: Vector3 | null,
  along: number,
  size: number,
  rest: Vector3,
): void {
  const more = direction ? along - size : 0;
  const { x, y, z } = direction ?? rest;
  // prettier-ignore
  matrix.set(
    size + more * x * x, more * x * y, more * x * z, 0,
    more * x * y, size + more * y * y, more * y * z, 0,
    more * x * z, more * y * z, size + more * z * z, 0,
    0, 0, 0, 1,
  );
  matrix.premultiply(scratch.m.makeRotationFromQuaternion(turn));
  const moved = scratch.a.copy(rest).applyMatrix4(matrix); // where the joint itself would go
  matrix.setPosition(place.x - moved.x, place.y - moved.y, place.z - moved.z);
}
