"""How fast BONES-SEED comes in: takes a second from a folder and from an archive, against a slow twin, and memory.

Run with ``python benchmarks/seed_import.py [--takes N] [--seconds S] [--workers N] [--hours]``. The data set is a
synthetic one in a temporary folder. Processor seconds are those of this process and all that it starts, so that they
mean something on a busy machine, too. Set OMP_NUM_THREADS=1.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from chronomotion.corpus.importers import Reading, import_corpus
from chronomotion.corpus.importers.plan import MotionFile
from chronomotion.corpus.importers.reading import read_features
from chronomotion.corpus.importers.seed.takes import READING
from chronomotion.motion.layout import HUMANML3D_LAYOUT
from machine import machine
from synthetic_seed import pack, write_labels, write_metadata, write_seed

ALL_TAKES = 142_220
_PEAK = """
import re, sys, threading, time
from chronomotion.corpus.importers import import_corpus

peak = 0

def watch():
    global peak
    while True:
        peak = max(peak, int(re.search(r"RssAnon:\\s+(\\d+)", open("/proc/self/status").read())[1]))
        time.sleep(0.02)

threading.Thread(target=watch, daemon=True).start()
import_corpus(sys.argv[1], sys.argv[2], workers=int(sys.argv[3]))
print(peak)
"""
"""Memory of its own that a process has at most: pages of a mapped file, which can be given back, do not count."""


@dataclass
class Spent:
    """Of a piece of work: seconds by the clock, and of all processors."""

    clock: float = 0.0
    processor: float = 0.0


def main() -> None:
    """Print the table."""
    options = _options()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "seed"
        _data_set(folder, options.takes, options.seconds)
        print(f"{options.takes} takes of {options.seconds:g} s, {options.workers} workers; {machine()}")
        _reading(folder)
        with _measured() as spent:
            result = import_corpus(folder, Path(scratch) / "of folder", workers=options.workers)
        _print("folder", spent, result.imported)
        if Path("/proc/self/status").exists():
            fewer, more = (_peak(folder, Path(scratch) / f"peak{share}", options.workers, share) for share in (4, 1))
            a_take = (more - fewer) / (0.75 * options.takes) * 1024
            print(f"memory: {fewer:.0f} MB with a quarter of the takes, {more:.0f} MB with all: {a_take:.1f} KB a take")
        archive = pack(folder, folder / "soma_uniform.tar.gz")
        packed = archive.stat().st_size / options.takes / 1024
        print(f"archive: {packed:.0f} KB a take (that of the published one: 318)")
        with _measured() as spent:
            result = import_corpus(archive, Path(scratch) / "of archive", workers=options.workers)
        _print("archive", spent, result.imported)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--takes", type=int, default=400, help="takes (default 400)")
    parser.add_argument("--seconds", type=float, default=7.3, help="seconds of a take (default 7.3, the mean)")
    parser.add_argument("--workers", type=int, default=2, help="processes (default 2)")
    return parser.parse_args()


def _data_set(folder: Path, count: int, seconds: float) -> None:
    """A few takes of their own, and copies of them under other names: writing numbers is slow."""
    takes = write_seed(folder, scripts=10, actors=2, seconds=seconds, mirror=False, noise=0.01)
    files = {path.stem: path for path in folder.rglob("*.bvh")}
    whole = []
    for number in range(count):
        take = takes[number % len(takes)]
        name = f"{take.script}_{number:05d}_001__A100"
        shutil.copyfile(files[take.name], files[take.name].with_name(f"{name}.bvh"))
        whole.append(type(take)(**{**vars(take), "name": name}))
    for path in files.values():
        path.unlink()
    write_metadata(folder / "metadata" / "seed_metadata_v004.parquet", whole)
    write_labels(folder / "metadata" / "seed_metadata_v002_temporal_labels.jsonl", whole)


def _reading(folder: Path) -> None:
    """Features of one take, by the general reader and by the one that leaves out what nobody needs."""
    paths = sorted(folder.rglob("*.bvh"))[:8]
    slow = _seconds(lambda path: MotionFile(path, "take"), paths, Reading(unit="cm", up="y", trim=0))
    fast = _seconds(lambda path: MotionFile(path, "thinned"), paths, READING)
    worst = max(
        float(
            np.abs(
                read_features(MotionFile(path, "take"), HUMANML3D_LAYOUT, READING).features
                - read_features(MotionFile(path, "thinned"), HUMANML3D_LAYOUT, READING).features
            ).max()
        )
        for path in paths
    )
    print(
        f"features of a take: every number {slow * 1e3:.1f} ms, only what is needed {fast * 1e3:.1f} ms "
        f"({slow / fast:.1f} times as fast); they differ by {worst:g}"
    )


def _seconds(motion: Callable[[Path], MotionFile], paths: list[Path], reading: Reading) -> float:
    """Processor seconds for a take: the median over takes, the best of three."""
    times = []
    for path in paths:
        best = float("inf")
        for _ in range(3):
            began = time.process_time()
            read_features(motion(path), HUMANML3D_LAYOUT, reading)
            best = min(best, time.process_time() - began)
        times.append(best)
    return statistics.median(times)


@contextmanager
def _measured() -> Iterator[Spent]:
    spent = Spent()
    clock, processor = time.perf_counter(), _processor()
    yield spent
    spent.clock, spent.processor = time.perf_counter() - clock, _processor() - processor


def _processor() -> float:
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in usage)


def _print(source: str, spent: Spent, takes: int) -> None:
    each = spent.processor / takes
    print(
        f"{source}: {takes} takes, {takes / spent.clock:.1f} a second by the clock ({spent.clock:.1f} s), "
        f"{each * 1e3:.1f} ms of processor a take; all {ALL_TAKES} takes: "
        f"{ALL_TAKES * each / 3600:.1f} processor hours"
    )


def _peak(folder: Path, dest: Path, workers: int, share: int) -> float:
    """MB that the importing process needs at most, for one of ``share`` parts of the takes."""
    part = folder
    if share > 1:
        part = dest.with_name(f"{dest.name} of")
        shutil.copytree(folder / "metadata", part / "metadata")
        for path in sorted(folder.rglob("*.bvh"))[::share]:
            to = part / path.relative_to(folder)
            to.parent.mkdir(parents=True, exist_ok=True)
            to.hardlink_to(path)
    command = [sys.executable, "-c", _PEAK, str(part), str(dest), str(workers)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(done.stdout) / 1024


if __name__ == "__main__":
    main()
