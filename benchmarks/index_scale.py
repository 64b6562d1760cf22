"""What each kind of index costs and finds at a million rows.

python benchmarks/index_scale.py --out FOLDER [--rows N] [--kinds a,b] [--queries N] [--real PLACE]

Rows are made as index_rows.py says; their spectrum is printed beside that of real windows (``--real``: an .npy of
(takes, windows, dim), a folder of .npy files, one a take, or ``starter``, which the packaged model encodes). The truth
is exact and in float32. Each kind is built in one process and asked in another, which opens it anew. Times are of one
thread: set OMP_NUM_THREADS=1. Rows and truth that are in the folder already are not made again.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from chronomotion.search.index import Index, create_index, open_index
from chronomotion.seeding import generator
from index_rows import WINDOWS, MadeWindows, Spectrum, real_takes
from machine import machine

TOP = 10
BATCH = 50_000
QUERIES = ("sentences", "motions")
FILTERS = {"all": 1.0, "5 %": 0.051, ".1 %": 0.00145}
"""Shares of the takes that a filter leaves."""
HEADS = (
    "kind", "build s (proc.)", "bytes %", "reopen + first ms", "p50 / p99 ms", "proc. ms", "recall",
    "5 %: recall, proc. ms", ".1 %: recall, proc. ms", "k = 1000: recall, proc. ms", "add 1,000 ms",
    "remove 1,000 ms", "compact s (proc.)", "RSS MB",
)  # fmt: skip


def main() -> None:
    """Make what is missing, then a line of the table a kind."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--kinds", default="exact,cells,faiss,lancedb")
    parser.add_argument("--queries", type=int, default=500, help="of each sort")
    parser.add_argument("--real")
    parser.add_argument("--phase", choices=["build", "ask"], help=argparse.SUPPRESS)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    if given.phase:
        print(json.dumps((build if given.phase == "build" else ask)(given.out, given.kinds)))
        return
    prepare(given.out, given.rows, given.queries, given.real)
    print(f"\n| {' | '.join(HEADS)} |\n{'|---' * len(HEADS)}|")
    for kind in given.kinds.split(","):
        built, asked = (in_process(given.out, kind, phase) for phase in ("build", "ask"))
        print(f"| {' | '.join((kind, *built, *asked))} |", flush=True)
    print(f"\n{given.rows:,} rows; {machine()}; load average {os.getloadavg()[0]:.1f}")


def in_process(out: Path, kind: str, phase: str) -> list[str]:
    """The cells of a phase, of a process of its own."""
    command = [sys.executable, __file__, "--out", str(out), "--kinds", kind, "--phase", phase]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    cells: list[str] = json.loads(done.stdout.splitlines()[-1])
    return cells


def prepare(out: Path, count: int, queries: int, real: str | None) -> None:
    """Rows, queries, filters and what is right, as .npy files; prints the spectra."""
    made = MadeWindows()
    if real is not None:
        takes = real_takes(real)
        print(f"real: {len(takes)} takes, {sum(map(len, takes))} windows of {takes[0].shape[1]}: {Spectrum.of(takes)}")
        few = max(1, int(np.mean([len(take) for take in takes])))
        print(f"made, as many: {Spectrum.of(list(made.all_takes(len(takes), few).reshape(len(takes), few, -1)))}")
    if (out / "rows.npy").exists() and len(np.load(out / "rows.npy", mmap_mode="r")) == count:
        return
    rows = made.all_takes(count // WINDOWS)
    asked = np.concatenate([made.sentences(rows, queries), made.motions(rows, queries)])
    for name, share in FILTERS.items():
        takes_left = generator("filter", name).permutation(len(rows) // WINDOWS)[: round(share * len(rows) / WINDOWS)]
        where = (np.sort(takes_left)[:, None] * WINDOWS + np.arange(WINDOWS)).ravel()
        np.save(out / f"where {name}.npy", where)
        np.save(out / f"right {name}.npy", where[truth(rows[where], asked, TOP)])
    np.save(out / "right 1000.npy", truth(rows, asked[:: max(1, len(asked) // 100)], 1000))
    np.save(out / "queries.npy", asked)
    np.save(out / "rows.npy", rows)


def truth(rows: np.ndarray, queries: np.ndarray, top: int) -> np.ndarray:
    """The numbers of the best rows of each query, exactly, in float32."""
    best = np.empty((len(queries), top), np.int64)
    for start in range(0, len(queries), 20):
        scores = queries[start : start + 20] @ rows.T
        best[start : start + 20] = np.argpartition(-scores, top - 1, axis=1)[:, :top]
    return best


def build(out: Path, kind: str) -> list[str]:
    """Seconds, processor seconds, and bytes of what they give."""
    rows = np.load(out / "rows.npy", mmap_mode="r")
    shutil.rmtree(out / kind, ignore_errors=True)
    clock = Clock()
    index = create_index(out / kind, rows.shape[1], kind)  # type: ignore[arg-type]
    for start in range(0, len(rows), BATCH):
        index.add(np.arange(start, min(start + BATCH, len(rows))), np.asarray(rows[start : start + BATCH]))
    index.compact()
    return [str(clock), f"{100 * size_of(out / kind) / rows.nbytes:.1f}"]


def ask(out: Path, kind: str) -> list[str]:
    """Every other cell."""
    queries = np.load(out / "queries.npy")
    clock = Clock()
    index = open_index(out / kind)
    index.search(queries[0], TOP)
    cells = [f"{clock.wall() * 1000:.0f}"]
    for name in FILTERS:
        where = None if name == "all" else np.load(out / f"where {name}.npy")
        walls, processor, recalls = searched(index, queries, np.load(out / f"right {name}.npy"), where)
        if name == "all":
            p50, p99 = np.percentile(walls, [50, 99])
            cells += [f"{p50:.1f} / {p99:.1f}", f"{processor:.2f}", recalls]
        else:
            cells += [f"{recalls}, {processor:.2f}"]
    some = queries[:: max(1, len(queries) // 100)]
    _, processor, recalls = searched(index, some, np.load(out / "right 1000.npy"), None)
    cells += [f"{recalls}, {processor:.1f}"]
    memory = peak_megabytes()
    return [*cells, *changed(index), memory]


def searched(
    index: Index, queries: np.ndarray, right: np.ndarray, where: np.ndarray | None
) -> tuple[list[float], float, str]:
    """(milliseconds of each query, of the processor on the average, recall of sentences / of motions)."""
    walls, recalls = [], []
    began = time.process_time()
    for query, ids in zip(queries, right, strict=True):
        clock = Clock()
        hit = index.search(query, right.shape[1], where)
        walls.append(1000 * clock.wall())
        recalls.append(len(np.intersect1d(hit.ids, ids)) / len(ids))
    processor = 1000 * (time.process_time() - began) / len(queries)
    half = len(queries) // 2
    return walls, processor, f"{np.mean(recalls[:half]):.3f} / {np.mean(recalls[half:]):.3f}"


def changed(index: Index) -> list[str]:
    """What a change costs: 1,000 rows added, 1,000 others removed, all folded."""
    new = generator("added rows").standard_normal((1000, index.dim)).astype(np.float32)
    new /= np.linalg.norm(new, axis=1, keepdims=True)
    clock = Clock()
    index.add(10**9 + np.arange(1000), new)
    adding = 1000 * clock.wall()
    clock = Clock()
    index.remove(np.arange(0, 50_000, 50))
    removing = 1000 * clock.wall()
    clock = Clock()
    index.compact()
    if index.search(new[0], 1).ids[0] != 10**9:
        raise SystemExit("an added row was not found")
    return [f"{adding:.0f}", f"{removing:.0f}", str(clock)]


class Clock:
    """Seconds since it was made, of the wall and of the processor."""

    def __init__(self) -> None:
        self._began = time.perf_counter(), time.process_time()

    def wall(self) -> float:
        """Seconds by the clock on the wall."""
        return time.perf_counter() - self._began[0]

    def __str__(self) -> str:
        return f"{self.wall():.1f} ({time.process_time() - self._began[1]:.1f})"


def peak_megabytes() -> str:
    """The most memory that this process has had, mapped files that it has read included, where the system tells it."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    peaks = [int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")]
    return f"{peaks[0]:.0f}" if peaks else "-"


def size_of(folder: Path) -> int:
    """Bytes of all files."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    main()
