"""What a model makes of recordings that it never saw: Bandai-Namco's, and CMU trials.

python benchmarks/starter_figures.py DATA CACHE MODEL ... [--asked 07,13] [--only cmu] [--picture OUT.png]

DATA has the folders ``bandai`` and ``cmu``, and ``cmu_more.npz``. MODEL is a folder or ``starter``. With ``--asked``
only sentences about these CMU subjects count, for a model that was trained without them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from chronomotion.corpus.compose.sources import VariedClips
from chronomotion.evaluation.report_table import ReportTable
from chronomotion.model.motion_text import MotionTextModel
from chronomotion.motion.motion import Motion
from machine import load, machine
from starter.bandai_test import Confusions, composed_bandai, name_takes, order_figures
from starter.cmu_test import median_rank, timed_trials
from starter.hands_test import hand_movements, waves_above_raises
from starter.recordings import bandai_clips, cmu_takes


def main() -> None:
    """Print the tables of each model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("cache", type=Path)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--asked", default="")
    parser.add_argument("--only", choices=("bandai", "cmu", "hands"), help="one of the tests")
    parser.add_argument("--picture", type=Path, help="draw the confusions of the last model")
    given = parser.parse_args()
    asked = [subject for subject in given.asked.split(",") if subject]
    for name in given.models:
        model = MotionTextModel.from_pretrained(name)
        print(f"\n{name}")
        if given.only in (None, "bandai"):
            named = on_bandai(model, given.data, given.cache)
            if given.picture and name == given.models[-1]:
                draw(named, given.picture)
        if given.only in (None, "cmu"):
            on_cmu(model, given.data, given.cache, asked)
        if given.only in (None, "hands"):
            on_hands(model, bandai_clips(given.data, given.cache))
    print(f"\n{machine()}; {load()}", file=sys.stderr)


def on_bandai(model: MotionTextModel, data: Path, cache: Path) -> Confusions:
    """Print what is named and what is found; return the confusions."""
    named = name_takes(model, bandai_clips(data, cache))
    print(f"takes named {named.top1[0]:.1f} %, calibrated {named.top1[1]:.1f} %")
    figures = order_figures(model, composed_bandai(data, cache))
    heads = list(next(iter(figures.values())))
    rows = [[score, *(f"{row[head]:.1f}" for head in heads)] for score, row in figures.items()]
    print(ReportTable("Composed Bandai, all orders alike", ["score", *heads], rows).markdown())
    print(confusions(named))
    return named


def on_cmu(model: MotionTextModel, data: Path, cache: Path, asked: Sequence[str]) -> None:
    """Print where sentences rank the trials of the subjects ``asked``, and how well timed events are placed."""
    takes = cmu_takes(data, cache)
    rank, sentences, spans = median_rank(model, data, takes, asked)
    print(f"CMU: median rank {rank:g} of {spans} for {sentences} sentences")
    for trial, (mean, equal) in timed_trials(model, data, takes).items():
        print(f"CMU {trial}: mean overlap of events {mean:.2f}, of equal parts {equal:.2f}")


def on_hands(model: MotionTextModel, clips: Mapping[str, Sequence[Motion]]) -> None:
    """Print whether waves are told from raised hands, and how recorded and procedural waves move."""
    for side, (recorded, made) in waves_above_raises(model, clips).items():
        print(f"{side}: wave above raise {recorded:.0f} % recorded, {made:.0f} % procedural (chance 50)")
    source = VariedClips(1)
    made_waves = [source.clip("wave-left-hand", "test", i) for i in range(50)]
    for kind, takes in (("recorded", clips["wave-left-hand"]), ("procedural", made_waves)):
        figures = hand_movements(takes, "left").items()
        print(f"{kind} waves, percentiles 10, 50, 90: " + "; ".join(f"{name} {np.round(v, 2)}" for name, v in figures))


def confusions(named: Confusions) -> str:
    """Counts as text; columns in the order of the rows."""
    width = max(map(len, named.labels))
    lines = zip(named.labels, named.calibrated, strict=True)
    return "\n".join(f"{label:{width}} {' '.join(f'{count:3}' for count in row)}" for label, row in lines)


def draw(named: Confusions, path: Path) -> None:
    """Both tables of confusions side by side, as shares of a row."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13, 6), layout="constrained")
    for axes, table, title in zip(
        figure.subplots(1, 2), (named.counts, named.calibrated), ("by cosine", "calibrated"), strict=True
    ):
        shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        axes.set_title(f"{title}: {100 * np.trace(table) / table.sum():.0f} % right")
        axes.set_xticks(range(len(named.labels)), named.labels, rotation=45, ha="right")
        axes.set_yticks(range(len(named.labels)), named.labels)
        axes.set_xlabel("named")
        for row, column in np.argwhere(table > 0):
            colour = "white" if shares[row, column] > 0.6 else "black"
            axes.text(column, row, str(table[row, column]), ha="center", va="center", color=colour)
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    main()
