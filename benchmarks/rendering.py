"""Frames a second drawn at 640 x 480 on one core, and what encoding adds: ``python benchmarks/rendering.py``.

The motion is a walk of ten seconds made here, or the file given as the only argument (anything ``read_motion`` reads).
"""

from __future__ import annotations

import os

# One core, whatever numpy's linear algebra would like; it has to be said before numpy is loaded.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from chronomotion.motion.motion import Motion
from chronomotion.motion.render import EventSpan, contact_sheet, film, film_frames, film_strip
from chronomotion.motion.skeleton import HUMANML3D

_STANDING = {
    "pelvis": (0.0, 0.94, 0.0), "left_hip": (0.07, 0.86, 0.0), "right_hip": (-0.07, 0.86, 0.0),
    "spine1": (0.0, 1.05, 0.0), "left_knee": (0.1, 0.49, 0.02), "right_knee": (-0.1, 0.49, 0.02),
    "spine2": (0.0, 1.18, 0.0), "left_ankle": (0.1, 0.08, 0.0), "right_ankle": (-0.1, 0.08, 0.0),
    "spine3": (0.0, 1.24, 0.01), "left_foot": (0.1, 0.02, 0.13), "right_foot": (-0.1, 0.02, 0.13),
    "neck": (0.0, 1.45, 0.0), "left_collar": (0.08, 1.36, 0.0), "right_collar": (-0.08, 1.36, 0.0),
    "head": (0.0, 1.54, 0.03), "left_shoulder": (0.18, 1.38, 0.0), "right_shoulder": (-0.18, 1.38, 0.0),
    "left_elbow": (0.21, 1.13, -0.02), "right_elbow": (-0.21, 1.13, -0.02),
    "left_wrist": (0.22, 0.89, 0.05), "right_wrist": (-0.22, 0.89, 0.05),
}  # fmt: skip


def walk(seconds: float = 10.0, fps: float = 20.0) -> Motion:
    """A walk in a wide bow: legs and arms swing about hips and shoulders by simple sines."""
    time_axis = np.arange(round(seconds * fps)) / fps
    standing = np.array([_STANDING[name] for name in HUMANML3D.joints])
    bodies = np.repeat(standing[None], len(time_axis), axis=0)
    for joint, name in enumerate(HUMANML3D.joints):
        side = -1.0 if name.startswith("right") else 1.0
        limb = name.partition("_")[2]
        swing = 0.5 * side * np.sin(2 * np.pi * 0.9 * time_axis)
        if limb in {"knee", "ankle", "foot"}:
            bodies[:, joint, 2] += swing * (0.86 - standing[joint, 1])
        if limb in {"elbow", "wrist"}:
            bodies[:, joint, 2] -= swing * (1.38 - standing[joint, 1])
    heading = 0.25 * time_axis
    cosine, sine = np.cos(heading)[:, None], np.sin(heading)[:, None]
    turned = bodies.copy()
    turned[..., 0] = cosine * bodies[..., 0] + sine * bodies[..., 2]
    turned[..., 2] = cosine * bodies[..., 2] - sine * bodies[..., 0]
    way = np.cumsum(np.concatenate([sine, cosine], axis=1) * 1.1 / fps, axis=0)
    turned[..., 0] += way[:, :1]
    turned[..., 2] += way[:, 1:]
    return Motion(turned, fps, name="walk")


def seconds_of(work: Callable[[], object]) -> float:
    """The best of three runs, as other programs on the machine only ever add time."""
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def measure(motion: Motion, folder: Path) -> None:
    """Print one line for each kind of picture."""
    third = motion.duration / 3
    events: list[EventSpan] = [(n * third, (n + 1) * third, words) for n, words in enumerate(("walks", "turns", "on"))]
    frames = sum(1 for _ in film_frames(motion))
    drawing = seconds_of(lambda: sum(1 for _ in film_frames(motion, events=events, titles="walk")))
    print(f"{'drawing 640 x 480':24} {frames / drawing:8.0f} frames a second")
    for suffix in ("gif", "mp4"):
        whole = seconds_of(partial(film, motion, folder / f"film.{suffix}", events=events, titles="walk", fps=20.0))
        added = f"encoding adds {1000 * (whole - drawing) / frames:.1f} ms a frame"
        print(f"{'film, ' + suffix:24} {frames / whole:8.0f} frames a second ({added})")
    strip = seconds_of(partial(film_strip, motion, folder / "strip.png", events=events, title="walk"))
    print(f"{'film strip 1600 wide':24} {1000 * strip:8.0f} ms")
    sheet = seconds_of(partial(contact_sheet, [motion] * 20, folder / "sheet.png"))
    print(f"{'contact sheet of 20':24} {1000 * sheet:8.0f} ms")


def main() -> None:
    """Measure the walk, or the motion of a file."""
    motion = walk()
    if len(sys.argv) > 1:
        from chronomotion.motion.formats import read_motion

        motion = read_motion(sys.argv[1]).resample(20.0)
    with tempfile.TemporaryDirectory() as folder:
        measure(motion, Path(folder))


if __name__ == "__main__":
    main()
