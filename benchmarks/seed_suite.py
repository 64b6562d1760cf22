"""BONES-SEED from archive to report in one script, on a synthetic data set: what who has the real one would do.

Run with ``python benchmarks/seed_suite.py [FOLDER] [--scripts N] [--actors N] [--seconds S] [--epochs N]``.
It writes an archive with metadata, labels and official lists, imports it, trains a small model, runs the suite ``seed``
on it and prints the commands, the tables, and the seconds of all processors that each step took. Set OMP_NUM_THREADS=1.
"""

from __future__ import annotations

import argparse
import resource
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from chronomotion.evaluation.report import Report
from chronomotion.evaluation.report_table import ReportTable
from chronomotion.evaluation.report_text import joins_table
from machine import machine
from synthetic_seed import Take, pack, write_seed
from synthetic_soma import ACTIONS, Angles

SPLITS = ("test_content", "test_repetition")
REPETITION = "A101"
"""The actor whose takes of seen scripts are the test of repetition."""


def _raised(at: np.ndarray, _: float, size: float) -> tuple[Angles, np.ndarray]:
    """An arm that goes up and stays: what comes after does not meet what came before."""
    lifted = size * np.clip(2 * at, 0, 1) ** 2 * (3 - 2 * np.clip(2 * at, 0, 1))
    return {"RightArm": (2, -130 * lifted)}, np.zeros((len(at), 3))


def main() -> None:
    """Write, import, train, evaluate; print."""
    options = _options()
    if options.folder is not None:
        _run(options.folder, options)
        return
    with tempfile.TemporaryDirectory() as scratch:
        _run(Path(scratch), options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", help="where to leave everything (default: nowhere)")
    parser.add_argument("--scripts", type=int, default=24, help="scripts (default 24)")
    parser.add_argument("--actors", type=int, default=4, help="actors of each script (default 4)")
    parser.add_argument("--seconds", type=float, default=4.0, help="seconds of a take (default 4)")
    parser.add_argument("--epochs", type=int, default=30, help="epochs of the small model (default 30)")
    return parser.parse_args()


def _run(folder: Path, options: argparse.Namespace) -> None:
    ACTIONS["raise_R"] = (_raised, "A person raises the right hand and keeps it up.")
    seed = folder / "seed"
    takes = write_seed(seed, scripts=options.scripts, actors=options.actors, seconds=options.seconds)
    _write_lists(folder / "benchmark" / "splits", takes, content=sorted({take.script for take in takes})[::4])
    archive = pack(seed, seed / "soma_uniform.tar.gz")
    size = archive.stat().st_size / 2**20
    print(f"{len(takes)} takes of {options.seconds:g} s, archive of {size:.0f} MB; {machine()}\n")
    _chronomotion(folder, "import", "seed", "corpus", "--split-files", "benchmark")
    _chronomotion(folder, "train", "corpus", "model", "--preset", "small", "--epochs", str(options.epochs))
    for model in ("random", "model"):
        _chronomotion(folder, "evaluate", model, "corpus", "--suite", "seed", "--to", f"reports/{model}.json")
    matched = ("--both-ways", "matched", "--to", "reports/matched.json")
    _chronomotion(folder, "evaluate", "model", "corpus", "--suite", "seed", *matched, shown=False)
    for split in SPLITS:
        every, meeting = (Report.load(folder / "reports" / f"{name}-{split}.json") for name in ("model", "matched"))
        assert every.joins is not None
        print(f"{split}\n\n{joins_table(every.joins).markdown()}")
        print(_both_ways_table(every, meeting).markdown())


def _write_lists(folder: Path, takes: list[Take], content: list[str]) -> None:
    """Official lists: whole scripts for content; of the other scripts, the takes of one actor for repetition."""
    folder.mkdir(parents=True, exist_ok=True)
    lists: dict[str, list[str]] = {"train": [], "test_content": [], "test_repetition": []}
    for take in takes:
        repeated = f"__{REPETITION}" in take.name
        split = "test_content" if take.script in content else "test_repetition" if repeated else "train"
        lists[split].append(take.path)
    for split, paths in lists.items():
        (folder / f"{split}_split_paths.txt").write_text("".join(f"{path}\n" for path in paths), encoding="utf-8")


def _chronomotion(folder: Path, *arguments: str, shown: bool = True) -> None:
    """Run a command in the folder; print it, what it says, and what it took."""
    command = ["chronomotion", *arguments]
    before = _processor()
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, check=True, text=True, stdout=subprocess.PIPE
    )  # errors go to the terminal
    print(f"$ {shlex.join(command)}\n{done.stdout if shown else ''}[{_processor() - before:.1f} s of all processors]\n")


def _processor() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _both_ways_table(every: Report, matched: Report) -> ReportTable:
    """The test both ways with all cuts and with those whose poses meet."""
    rows = []
    for words, report in (("all", every), ("matched", matched)):
        swapped = report.swapped
        figures = ["0", "-", "-"]
        if swapped is not None:
            figures = [str(swapped.car_both_ways.clips), str(swapped.car_both_ways), str(swapped.won_both_ways)]
        rows.append([words, *figures])
    heads = ["cuts", "motions", "both ways (blind: 50)", "won both ways (blind: 0)"]
    return ReportTable("Re-ordered motions, percent [95 % interval]", heads, rows)


if __name__ == "__main__":
    main()
