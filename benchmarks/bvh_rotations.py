"""How rotations written to BVH and GLB turn from frame to frame: the smallest rotations alone, and as they are written.

Run with ``python benchmarks/bvh_rotations.py FOLDER [--every N] [--noise METRES]``: a folder of takes in any format
that is read. Every take is counted as it is, and with smooth noise (as a decoder's), cleaned. A joint jumps where it
turns by more than 60 degrees from one frame to the next against the joint above; it does so by itself where its bones,
and those of the joint above, turn by less than half as much.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from unittest.mock import patch

import numpy as np

from chronomotion.errors import FormatError
from chronomotion.motion.cleaning import cleaned
from chronomotion.motion.formats import SUFFIXES, read_motion
from chronomotion.motion.motion import Motion
from chronomotion.motion.posing import PosedSkeleton, pose_skeleton

_JUMP = 60.0


@dataclass
class _Count:
    steps: int = 0
    jumps: int = 0
    by_itself: int = 0
    worst: float = 0.0
    seconds: float = 0.0
    joints: Counter[str] = field(default_factory=Counter)

    def add(self, motion: Motion) -> None:
        """Count the jumps of one motion."""
        begin = time.process_time()
        posed = pose_skeleton(motion)
        self.seconds += time.process_time() - begin
        self.steps += motion.frames - 1
        for at, node in enumerate(posed.nodes):
            turns, bones = _turns(posed.local(at)), _bone_turns(posed, at)
            if node.parent >= 0:
                bones = bones + _bone_turns(posed, node.parent)
            self.jumps += int((turns > _JUMP).sum())
            itself = int(((turns > _JUMP) & (bones < turns / 2)).sum())
            self.by_itself += itself
            self.worst = max(self.worst, float(turns.max(initial=0)))
            self.joints[node.name] += itself


def main() -> None:
    """Print one row for each kind of motion and each way of turning."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", type=int, default=1, help="every N-th take")
    parser.add_argument("--noise", type=float, default=0.01, help="metres")
    options = parser.parse_args()
    files = sorted(path for path in options.folder.rglob("*") if path.suffix.lower() in SUFFIXES)[:: options.every]
    counts: dict[tuple[str, str], _Count] = {}
    for number, file in enumerate(files):
        try:
            motion = read_motion(file)
        except FormatError as error:
            print(f"left out: {error}")
            continue
        for kind, seen in (("as recorded", motion), ("noisy, cleaned", cleaned(_noisy(motion, number, options.noise)))):
            for way, context in _WAYS.items():
                with context():
                    counts.setdefault((kind, way), _Count()).add(seen)
    print(f"{len(files)} takes of {options.folder.name}, noise {options.noise} m")
    print("| motions | rotations | steps | jumps | by itself | largest, degrees | ms a 1,000 frames | where |")
    print("|---|---|---|---|---|---|---|---|")
    for (kind, way), count in counts.items():
        where = ", ".join(f"{joint} {times}" for joint, times in count.joints.most_common(4) if times) or "-"
        print(
            f"| {kind} | {way} | {count.steps} | {count.jumps} | {count.by_itself} | {count.worst:.0f} | "
            f"{count.seconds / count.steps * 1e6:.0f} | {where} |"
        )


def _alone(above: np.ndarray, *_: object) -> np.ndarray:
    """No angle about any bone."""
    return np.zeros(len(above))


_WAYS: dict[str, Callable[[], AbstractContextManager[object]]] = {
    "smallest rotations alone": lambda: patch("chronomotion.motion.posing.pose.turn_angles", _alone),
    "as written": nullcontext,
}


def _noisy(motion: Motion, seed: int, size: float) -> Motion:
    """Smooth noise of so many metres on every joint."""
    noise = np.random.default_rng(seed).normal(0, 1, motion.positions.shape)
    for _ in range(4):
        noise = (np.roll(noise, 1, axis=0) + noise + np.roll(noise, -1, axis=0)) / 3
    return replace(motion, positions=motion.positions + size * noise / noise.std())


def _turns(rotations: np.ndarray) -> np.ndarray:
    """Degrees from frame to frame."""
    trace = np.einsum("fab,fab->f", rotations[1:], rotations[:-1])
    return np.asarray(np.degrees(np.arccos(np.clip((trace - 1) / 2, -1, 1))))


def _bone_turns(posed: PosedSkeleton, at: int) -> np.ndarray:
    """Degrees by which the bones of a node turn from frame to frame, the most of them."""
    rotations = posed.nodes[at].rotations
    most = np.zeros(len(rotations) - 1)
    for node in posed.nodes:
        if node.parent == at and node.offset.any():
            seen = rotations @ (node.offset / np.linalg.norm(node.offset))
            cosine = np.einsum("fi,fi->f", seen[1:], seen[:-1])
            most = np.maximum(most, np.degrees(np.arccos(np.clip(cosine, -1, 1))))
    return most


if __name__ == "__main__":
    main()
