"""A minute of motion from twenty events: the highest jerk where events meet, against the highest inside them.

    python benchmarks/generation_streaming.py GENERATOR [--runs 4]

Jerk is the third difference of joint positions per frame, metres; within 15 frames of a border counts as a join.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from chronomotion.evaluation.generation.physical import joint_jerk
from chronomotion.generation.generator import Generator
from chronomotion.generation.prior.config import Sampling
from chronomotion.generation.requests import GenerationRequest

_EVENTS = (
    "a person walks forward.", "a person waves with both arms.", "a person runs forward.",
    "a person raises the right hand.", "a person walks around a corner to the left.",
    "a person waves with the left arm.", "a person raises both hands.",
)  # fmt: skip
_COUNT, _SECONDS, _AROUND = 20, 60.0, 15


def main() -> None:
    """Print a line for each run, raw and clean."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("generator", type=Path)
    parser.add_argument("--runs", type=int, default=4)
    wishes = parser.parse_args()
    generator = Generator.from_pretrained(wishes.generator)
    for seed in range(wishes.runs):
        events = tuple(_EVENTS[(i * (seed + 2) + i // 7) % 7] for i in range(_COUNT))
        request = GenerationRequest("", events, seconds=_SECONDS, seed=seed)
        (made,) = generator.generate([request], sampling=Sampling(guidance=1.5))
        for name, motion in (("raw", made.raw), ("clean", made.motion)):
            jerk = joint_jerk(motion.positions.astype(np.float64))
            borders = np.array([round(end * motion.fps) for _, end in made.spans[:-1]])
            join = (np.abs(np.arange(len(jerk))[:, None] - borders) < _AROUND).any(axis=1)
            peak, inside = jerk[join].max(), jerk[~join].max()
            shares = f"{peak:.3f} at joins, {inside:.3f} inside, {peak / inside:.2f} times"
            print(f"{seed} {name}: {made.seconds:g} s in {made.stretches} parts, {shares}")


if __name__ == "__main__":
    main()
