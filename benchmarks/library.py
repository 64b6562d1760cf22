"""From a folder of motion files to the first answer: how long each step takes.

Run with ``python benchmarks/library.py SRC [--workers N] [--model NAME] [--json]``; SRC is a folder of motion files, of
which ten are added last. The folder is copied first, so that nothing is written beside it. Set OMP_NUM_THREADS=1 where
other programs are at work. Seconds are those of the clock, and processor time of this process and of those that it
started.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from chronomotion.motion.formats import SUFFIXES
from chronomotion.search.stored.index_report import IndexReport
from chronomotion.search.stored.indexing import index
from chronomotion.search.stored.library import Library
from chronomotion.threads import cores
from machine import machine

_ADDED = 10


@dataclass
class Clock:
    """Steps, and what they took: (seconds of the clock, of processors)."""

    steps: dict[str, tuple[float, float]] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time what happens inside."""
        clock, processors = time.perf_counter(), _processors()
        yield
        self.steps[name] = time.perf_counter() - clock, _processors() - processors


def main() -> None:
    """Index, search, index again, add ten files; print the times and the machine."""
    options = _options()
    load = os.getloadavg()[0]
    clock = Clock()
    with tempfile.TemporaryDirectory() as place:
        takes, later = _copied(options.src, Path(place))
        library = Path(place) / "library"

        def run() -> IndexReport:
            return index(takes, library, options.model, workers=options.workers)

        first = _measured(clock, library, run, options.query)
        with clock.step("the same command again"):
            again = run()
        for path in later:
            shutil.copy2(path, takes / path.relative_to(options.src))
        with clock.step(f"{len(later)} files added"):
            added = run()
        size = sum(path.stat().st_size for path in library.rglob("*") if path.is_file())
    if not again.is_nothing_new or added.added != len(later):
        sys.exit(f"expected nothing new and {len(later)} added: {again.to_dict()}, {added.to_dict()}")
    figures = {
        "machine": machine(),
        "cores": cores(),
        "load": (round(load, 2), round(os.getloadavg()[0], 2)),
        "clips": first.clips,
        "hours": round(first.hours, 3),
        "windows": first.windows,
        "encoding_seconds": round(first.encoding, 2),
        "finishing_seconds": round(first.finishing, 2),
        "unreadable": len(first.unreadable),
        "megabytes": round(size / 1e6, 1),
        "steps": {name: [round(value, 3) for value in times] for name, times in clock.steps.items()},
    }
    print(json.dumps(figures, indent=1) if options.json else _table(figures, clock))


def _measured(clock: Clock, library: Path, run: Callable[[], IndexReport], query: str) -> IndexReport:
    """From nothing to the first answer."""
    with clock.step("index from nothing"):
        first = run()
    with clock.step("open"):
        opened = Library.open(library)
    with clock.step("first answer (loads the model)"):
        opened.search(query)
    with clock.step("second answer, another query"):
        opened.search(f"{query}, then stands still")
    return first


def _table(figures: dict[str, object], clock: Clock) -> str:
    lines = [f"{name:<34} {seconds:>8.2f} s {busy:>8.2f} s processor" for name, (seconds, busy) in clock.steps.items()]
    lines += [f"{name:<34} {value}" for name, value in figures.items() if name != "steps"]
    return "\n".join(lines)


def _processors() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _copied(src: Path, place: Path) -> tuple[Path, list[Path]]:
    """A copy of the folder without its last ten motion files, and these."""
    later = sorted(path for path in src.rglob("*") if path.suffix.lower() in SUFFIXES)[-_ADDED:]
    names = {path.name for path in later}
    takes = place / src.name
    shutil.copytree(src, takes, ignore=lambda _, there: sorted(names & set(there)))
    return takes, later


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("src", type=Path, help="folder of motion files")
    parser.add_argument("--model", default="starter", help="model (default: starter)")
    parser.add_argument("--workers", type=int, default=None, help="processes that read (default: one per core)")
    parser.add_argument("--query", default="a person walks, then waves with the left hand", help="what is searched")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    return parser.parse_args()


if __name__ == "__main__":
    main()
