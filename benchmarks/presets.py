"""Recipes on the suites: what `chronomotion evaluate MODEL --suite NAME --to REPORT.json` found, as one table a suite.

python benchmarks/presets.py REPORT.json ...

The models are those that benchmarks/ablation.py leaves in FOLDER/models.
"""

from __future__ import annotations

import sys

from chronomotion.evaluation.report import Report
from machine import machine

HEADS = ("CAR", "all orders", "blind: other motions", "both ways (blind: 50)", "R@1", "R@10", "order tolerance")


def main() -> None:
    """Print the table of every suite, in the order of the reports."""
    reports = [Report.load(path) for path in sys.argv[1:]]
    for suite in dict.fromkeys(report.suite for report in reports):
        print(f"| {suite} | {' | '.join(HEADS)} |\n{'|---' * (len(HEADS) + 1)}|")
        for report in reports:
            if report.suite == suite:
                print(f"| {report.model} | {' | '.join(figures(report))} |")
        fingerprint = next(report.corpus_fingerprint for report in reports if report.suite == suite)
        print(f"\nsuite {suite}, corpus {fingerprint}\n")
    print(machine())


def figures(report: Report) -> list[str]:
    """In the order of :data:`HEADS`; order tolerance is R@10 of shuffled captions."""
    found = report.retrieval["t2m"]
    assert report.blind_exchange is not None
    assert report.swapped is not None
    both = report.swapped.car_both_ways
    intervals = (report.car, report.car_all, report.blind_exchange, both)
    recalls = (found["R@1"], found["R@10"], report.order_tolerance["R@10"])
    return [*(str(one) for one in intervals), *(f"{value:.1f}" for value in recalls)]


if __name__ == "__main__":
    main()
