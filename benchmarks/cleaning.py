"""What cleaning does to motions: skating, floor, bones and time, before and after.

Run with ``python benchmarks/cleaning.py CORPUS [--clips N] [--split test]``. Every clip is cleaned as it is, with white
noise of a centimetre on every joint, with smooth noise of a centimetre (as a decoder's), and gliding along at .25 m/s.
"on the floor" is the motion with bones and floor of the cleaned one and nothing else, for the floor alone changes what
counts as a foot near it. Definitions: GMD's skating ratio (toes below 5 cm in two frames, faster than .5 m/s in the
frame and its mean of five); PhysDiff's penetration and floating (lowest joint, 5 mm either way).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from chronomotion import Corpus, motion_of
from chronomotion.motion.cleaning import clean, contacts_of
from chronomotion.motion.layout import layout_of
from chronomotion.motion.motion import Motion

_COLUMNS = (
    "skating", "toe m/s", "bone mm", "penetration mm", "floating mm", "held", "slowed", "let go", "root cm", "moved cm",
    "again mm", "ms a second",
)  # fmt: skip


def main() -> None:
    """Print one table: every kind of motion before, on the floor, and cleaned with and without contact columns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--clips", type=int, default=60)
    parser.add_argument("--split", default="test")
    options = parser.parse_args()
    corpus = Corpus(options.corpus)
    names = (options.corpus / "splits" / f"{options.split}.txt").read_text(encoding="utf-8").split()[: options.clips]
    rows: dict[tuple[str, str], list[list[float]]] = {}
    for number, name in enumerate(names):
        features = corpus[name].features
        contacts, motion = contacts_of(features), motion_of(features, name=name)
        for kind, change in _KINDS.items():
            seen = change(motion, np.random.default_rng(number))
            rows.setdefault((kind, "before"), []).append(_figures(seen))
            plain = clean(seen, np.zeros_like(contacts)).motion
            rows.setdefault((kind, "on the floor"), []).append(_figures(plain))
            for label, columns in (("cleaned", None), ("cleaned with columns", contacts)):
                rows.setdefault((kind, label), []).append(_cleaned(seen, columns))
    print(f"{len(names)} clips of {options.corpus.name}, {options.split}; means; processor time")
    print(f"| motions | | {' | '.join(_COLUMNS)} |")
    print("|---" * (len(_COLUMNS) + 2) + "|")
    for (kind, label), values in rows.items():
        means = np.mean(values, axis=0)
        cells = [f"{value:.3f}" for value in means[:2]] + [f"{value:.1f}" for value in means[2:]]
        print(f"| {kind} | {label} | {' | '.join(cells + [''] * (len(_COLUMNS) - len(cells)))} |")


def _smooth(motion: Motion, rng: np.random.Generator) -> Motion:
    noise = rng.normal(0, 1, motion.positions.shape)
    for _ in range(6):
        noise = (np.roll(noise, 1, axis=0) + noise + np.roll(noise, -1, axis=0)) / 3
    return replace(motion, positions=motion.positions + 0.01 * noise / noise.std())


def _white(motion: Motion, rng: np.random.Generator) -> Motion:
    return replace(motion, positions=motion.positions + rng.normal(0, 0.01, motion.positions.shape))


def _gliding(motion: Motion, rng: np.random.Generator) -> Motion:
    """Along the floor, in a direction drawn."""
    angle = rng.uniform(0, 2 * np.pi)
    way = np.arange(motion.frames) / motion.fps * 0.25
    along = way[:, None] * np.array([np.cos(angle), 0, np.sin(angle)])
    return replace(motion, positions=motion.positions + along[:, None])


_KINDS: dict[str, Callable[[Motion, np.random.Generator], Motion]] = {
    "as composed": lambda motion, _: motion,
    "white noise": _white,
    "smooth noise": _smooth,
    "gliding": _gliding,
}


def _cleaned(motion: Motion, contacts: np.ndarray | None) -> list[float]:
    """Figures of the cleaned motion, and of the cleaning."""
    begin = time.process_time()
    result = clean(motion, contacts)
    spent = time.process_time() - begin
    again = np.linalg.norm(clean(result.motion, contacts).motion.positions - result.motion.positions, axis=-1)
    return [
        *_figures(result.motion), result.held, result.slowed, result.let_go, 100 * result.root, 100 * result.moved,
        1000 * float(np.percentile(again.max(axis=1), 95)), 1000 * spent / motion.duration,
    ]  # fmt: skip


def _figures(motion: Motion) -> list[float]:
    """Skating ratio, toe speed, spread of bone lengths, penetration, floating."""
    positions = motion.positions.astype(np.float64)
    feet = layout_of(motion.skeleton).feet
    skates, speeds = np.zeros(motion.frames - 1, dtype=bool), []
    for toe in (feet[1], feet[3]):
        speed = np.linalg.norm(np.diff(positions[:, toe, ::2], axis=0), axis=1) * motion.fps
        near = np.maximum(positions[1:, toe, 1], positions[:-1, toe, 1]) < 0.05
        mean = np.convolve(np.pad(speed, 2, mode="edge"), np.full(5, 0.2), mode="valid")
        skates |= near & (speed > 0.5) & (mean > 0.5)
        speeds.append(speed[near])
    bones = np.linalg.norm(positions[:, 1:] - positions[:, list(motion.skeleton.parents[1:])], axis=-1)
    low = positions[..., 1].min(axis=1)
    return [
        float(skates.mean()), float(np.concatenate(speeds).mean()), 1000 * float(bones.std(axis=0).mean()),
        1000 * float(np.maximum(-low - 0.005, 0).mean()), 1000 * float(np.maximum(low - 0.005, 0).mean()),
    ]  # fmt: skip


if __name__ == "__main__":
    main()
