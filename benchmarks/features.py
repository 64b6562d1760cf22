"""How long features take: the fast code and its naive twin, in one run, on one clip.

Run with ``python benchmarks/features.py [--frames N] [--repeats N] [--json]``. Set OMP_NUM_THREADS=1 for one core.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from chronomotion.motion.features import features_of, motion_of
from chronomotion.motion.layout import HUMANML3D_LAYOUT
from machine import machine

TESTS = Path(__file__).parents[1] / "tests" / "motion"


def main() -> None:
    """Time features there and back, with and without retargeting, and print milliseconds per clip."""
    options = _options()
    # The twin and the made-up people live with the tests, which need them more.
    sys.path.insert(0, str(TESTS))
    twin, people = import_module("naive_features"), import_module("random_motions")

    motion = people.random_motion(0, frames=options.frames)
    features = features_of(motion)
    frames, lengths = motion.positions.tolist(), list(HUMANML3D_LAYOUT.bone_lengths or ())
    times = {
        "features": _milliseconds(lambda: features_of(motion), options.repeats),
        "features, bones as they are": _milliseconds(lambda: features_of(motion, retarget=False), options.repeats),
        "back to joints": _milliseconds(lambda: motion_of(features), options.repeats),
        "naive features": _milliseconds(lambda: twin.naive_features(frames, twin.HUMANML3D_BODY, lengths), 3),
    }
    if options.json:
        print(json.dumps({"machine": machine(), "frames": options.frames, "milliseconds": times}, indent=1))
        return
    print(f"one clip of {options.frames} frames on {machine()}; median of {options.repeats} runs (naive: 3)")
    for name, milliseconds in times.items():
        print(f"{name:<28} {milliseconds:9.2f} ms")
    print(f"{'naive / fast':<28} {times['naive features'] / times['features']:9.0f} x")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=170, help="frames of the clip (default 170)")
    parser.add_argument("--repeats", type=int, default=200, help="timed runs of the fast code (default 200)")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    return parser.parse_args()


def _milliseconds(function: Callable[[], object], repeats: int) -> float:
    """Median time of one call, after one call that is not counted."""
    function()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


if __name__ == "__main__":
    main()
