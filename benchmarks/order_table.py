"""The table of the demonstration as Markdown, with the machine and the time it took.

python benchmarks/order_table.py [--clips FOLDER --labels TABLE] [--out FOLDER]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from chronomotion.cli.options import source_of
from chronomotion.demo import COLUMNS, run_demo
from machine import machine


def main() -> None:
    """Run the demonstration from nothing and print its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=Path)
    parser.add_argument("--labels", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        began = time.perf_counter()
        demo = run_demo(source_of(given.clips, given.labels, given.seed), given.out or Path(scratch), seed=given.seed)
        seconds = time.perf_counter() - began
    print(f"| recipe | {' | '.join(f'{test}: {head}' for test, head, _ in COLUMNS)} |")
    print("|---" * (len(COLUMNS) + 1) + "|")
    for row in demo.rows:
        print(f"| {row.recipe} | {' | '.join(f'{getattr(row, field):.1f}' for _, _, field in COLUMNS)} |")
    print(f"\n{seconds:.0f} s, seed {given.seed}; {machine()}")


if __name__ == "__main__":
    main()
