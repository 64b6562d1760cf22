"""What the composed suites give to the reference models, and to the numpy example, fitted on the suite's own training
split.

python benchmarks/reference_models.py [--clips FOLDER --labels TABLE]
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

from chronomotion.evaluation.evaluate import evaluate
from chronomotion.evaluation.models import open_model
from chronomotion.evaluation.report import Report
from chronomotion.evaluation.report_records import Interval
from chronomotion.evaluation.suites import SuiteData, open_suite
from machine import machine

EXAMPLES = Path(__file__).parents[1] / "examples"


def main() -> None:
    """Make the suite's corpus, measure three models, print a row for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=Path, help="recordings of single actions, for the suite composed")
    parser.add_argument("--labels", type=Path, help="their table")
    given = parser.parse_args()
    began = time.perf_counter()
    sys.path.insert(0, str(EXAMPLES))
    with tempfile.TemporaryDirectory() as scratch:
        data = SuiteData(Path(scratch), clips=given.clips, labels=given.labels)
        suite, corpus = open_suite("composed" if given.clips else "procedural", data)
        made = time.perf_counter() - began
        os.environ["TRAIN"] = str(corpus.folder)
        models = {name: open_model(name) for name in ("random", "bag-of-events")}
        models["numpy_model:Ridge"] = import_module("numpy_model").Ridge()
        reports = {name: evaluate(model, corpus, k=suite.k, seed=suite.seed) for name, model in models.items()}
        statement = suite.statement(corpus)
    print("| model | CAR | tied | all orders | blind: other motions | motion re-ordered | R@1 | R@10 | MedR |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, report in reports.items():
        print(f"| `{name}` | {' | '.join(_figures(report))} |")
    print(f"\n{statement}; made in {made:.0f} s, all in {time.perf_counter() - began:.0f} s on {machine()}")


def _figures(report: Report) -> list[str]:
    motion: Interval | str = "-" if report.swapped is None else report.swapped.car_motion
    found = report.retrieval["t2m"]
    tied = f"{report.car.ties:.0f}"
    recalls = [f"{found[name]:.1f}" for name in ("R@1", "R@10", "MedR")]
    return [str(report.car), tied, str(report.car_all), str(report.blind_exchange), str(motion), *recalls]


if __name__ == "__main__":
    main()
