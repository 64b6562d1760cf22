"""The reports of a suite with several splits: saved side by side, printed as one table."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from cyclopts import CycloptsError

if TYPE_CHECKING:
    from chronomotion.cli.evaluation_options import QuestionOptions, QuestionSettings
    from chronomotion.evaluation.report import Report

__all__ = ["publish_splits", "refuse_several_splits", "splits_to_measure", "warn_of"]

log = logging.getLogger(__name__)


def splits_to_measure(options: QuestionOptions) -> tuple[str, ...]:
    """The splits that a suite measures apart; one where the options name it, none without a suite."""
    from chronomotion.evaluation.suites import SUITES

    if options.suite not in SUITES:
        return ()
    return SUITES[options.suite].splits if options.split is None else (options.split,)


def refuse_several_splits(options: QuestionOptions) -> None:
    """A request and its answer are of one split. Raises CycloptsError for a suite of several when none is named."""
    splits = splits_to_measure(options)
    if len(splits) > 1:
        raise CycloptsError(
            msg=f"--request and --embeddings are of one split: add --split {' or --split '.join(splits)}"
        )


def publish_splits(
    reports: list[Report], settings: QuestionSettings, out: Path | None, picture: Path | None, as_json: bool
) -> None:
    """Save and draw the report of each split as ``NAME-SPLIT``, and print one table of all, or JSON by split."""
    from chronomotion.evaluation.splits_table import splits_table

    for report in reports:
        if settings.suite is not None:
            settings.suite.check(report)
        if out is not None:
            report.save(_beside(out, report.split))
        warn_of(report, f" on split {report.split}")
        if picture is not None:
            from chronomotion.evaluation.picture import draw

            draw(report, _beside(picture, report.split))
    if as_json:
        print(json.dumps({report.split: json.loads(report.to_json()) for report in reports}))
    else:
        print(splits_table(reports).markdown())


def warn_of(report: Report, where: str = "") -> None:
    """Log what a reader of the figures should know. ``where`` names the split, where there are several."""
    if report.cut_texts is not None and report.cut_texts.texts:
        log.warning("%s", report.cut_texts)
    if "order" in report.left_out:
        log.warning("no CAR%s: it %s", where, report.left_out["order"])


def _beside(path: Path, split: str) -> Path:
    return path.with_name(f"{path.stem}-{split}{path.suffix}")
