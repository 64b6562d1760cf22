"""What a window costs to encode, to keep and to search; worked out from these, 100 million windows.

    python benchmarks/window_cost.py [--model starter] [--clips 40] [--rows 500000]

Clips are procedural, 10 seconds each, encoded as indexing does, on one thread. Times are processor time.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from chronomotion.evaluation.models import open_model
from chronomotion.model.encoder import MotionTextEncoder
from chronomotion.search.engine.tables import TableClip, VectorTables
from chronomotion.search.index.opening import create_index
from chronomotion.search.stored.encoding import ClipVectors, encode_clips, window_count
from chronomotion.search.windows import KINDS

FPS, SECONDS = 20.0, 10.0
MANY = 100_000_000


def clips(count: int, width: int = 263) -> list[np.ndarray]:
    """Smooth noise in the place of features: what is encoded costs the same whatever it shows."""
    rng = np.random.default_rng(0)
    frames = int(FPS * SECONDS)
    return [np.cumsum(rng.normal(0, 0.05, (frames, width)), axis=0).astype(np.float32) for _ in range(count)]


def size_of(folder: Path) -> int:
    """Bytes of all files below."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def kept(vectors: list[ClipVectors], scratch: Path) -> dict[str, float]:
    """Bytes a window, as it is kept in each kind of file."""
    tables = VectorTables(str(scratch / "tables"), "model", "fingerprint")
    count = tables.add([TableClip("clips", str(i), int(FPS * SECONDS), FPS) for i in range(len(vectors))], vectors)
    rows = np.concatenate([each.vectors[kind] for each in vectors for kind in KINDS]).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    sizes = {"lancedb table (float16)": size_of(scratch / "tables") / count}
    index = create_index(scratch / "cells", rows.shape[1], "cells")
    index.add(np.arange(len(rows), dtype=np.int64), rows)
    index.compact()
    sizes["cells (int8)"] = size_of(scratch / "cells") / len(rows)
    return sizes


def query_cost(vectors: list[ClipVectors], count: int, folder: Path) -> float:
    """Milliseconds of processor time of a query to ``count`` rows in cells: the windows, each with some noise."""
    rng = np.random.default_rng(1)
    windows = np.concatenate([each.vectors["short"] for each in vectors]).astype(np.float32)
    rows = windows[rng.integers(len(windows), size=count)]
    rows += rng.normal(0, 0.3 / np.sqrt(rows.shape[1]), rows.shape).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    index = create_index(folder, rows.shape[1], "cells")
    index.add(np.arange(count, dtype=np.int64), rows)
    index.compact()
    queries = rows[rng.integers(count, size=100)]
    index.search(queries[0], 100)
    began = time.process_time()
    for query in queries:
        index.search(query, 100)
    return 1000 * (time.process_time() - began) / len(queries)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--model", default="starter")
    parser.add_argument("--clips", type=int, default=40)
    parser.add_argument("--rows", type=int, default=500_000)
    arguments = parser.parse_args()
    import torch

    torch.set_num_threads(1)
    model = open_model(arguments.model)
    assert isinstance(model, MotionTextEncoder)
    motions = clips(arguments.clips)
    names = [str(i) for i in range(len(motions))]
    encode_clips(model, motions[:4], names[:4], FPS)  # what is loaded at the first call
    began, clock = time.process_time(), time.perf_counter()
    vectors = encode_clips(model, motions, names, FPS)
    used, passed = time.process_time() - began, time.perf_counter() - clock
    windows = sum(window_count(len(motion), FPS) for motion in motions)
    load = os.getloadavg()[0]
    print(f"{windows} windows of {len(motions)} clips of {SECONDS:g} s, one thread, load average {load:.1f}")
    cost, clock_cost = 1000 * used / windows, 1000 * passed / windows
    print(f"encoding: {cost:.3f} ms of processor time a window ({clock_cost:.3f} by the clock)")
    print(f"windows a second of motion: {windows / (len(motions) * SECONDS):.1f}")
    with tempfile.TemporaryDirectory() as folder:
        sizes = kept(vectors, Path(folder))
        query = query_cost(vectors, arguments.rows, Path(folder) / "query")
    for name, size in sizes.items():
        print(f"{name}: {size:.0f} bytes a window, {size * MANY / 1e9:.1f} GB for 100 million")
    print(f"a query to {arguments.rows:,} rows in cells: {query:.2f} ms of processor time")
    hours = MANY * len(motions) * SECONDS / windows / 3600
    print(f"100 million windows: {cost * MANY / 3.6e6:.1f} core-hours, {hours:.0f} hours of motion")


if __name__ == "__main__":
    main()
