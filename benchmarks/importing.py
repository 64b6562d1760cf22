"""How long a folder of motion files takes to become a corpus that is ready to train on.

Run with ``python benchmarks/importing.py SRC [--workers N] [--repeats N] [--json]``. Set OMP_NUM_THREADS=1: numpy's own
threads would only fight with the processes.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from chronomotion.corpus.importers import ImportResult, import_corpus
from machine import machine


def main() -> None:
    """Import a folder into a temporary corpus and print the seconds, the clips and the machine."""
    options = _options()
    results = [_import(options.src, options.workers) for _ in range(options.repeats)]
    seconds = sorted(result.seconds for result in results)
    first = results[0]
    if options.json:
        figures = {"machine": machine(), "workers": options.workers, "seconds": seconds, "clips": first.imported}
        print(json.dumps(figures, indent=1))
        return
    print(first.table())
    print(f"{seconds[0]:.2f} s (best of {len(seconds)}; worst {seconds[-1]:.2f} s), {options.workers or 'all'} workers")
    print(machine())


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("src", type=Path, help="folder to import, of any layout")
    parser.add_argument("--workers", type=int, default=None, help="processes (default: as many as there are cores)")
    parser.add_argument("--repeats", type=int, default=1, help="imports, each into a new folder (default 1)")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    return parser.parse_args()


def _import(src: Path, workers: int | None) -> ImportResult:
    with tempfile.TemporaryDirectory() as folder:
        return import_corpus(src, Path(folder) / "corpus", workers=workers)


if __name__ == "__main__":
    main()
