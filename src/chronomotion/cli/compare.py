"""``chronomotion compare``: reports side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from chronomotion.cli.options import Json, UsageError, existing

__all__ = ["run"]


def run(
    *reports: Path,
    style: Annotated[
        Literal["markdown", "latex"], Parameter(name="--format", help="How the table is written; LaTeX needs booktabs.")
    ] = "markdown",
    as_json: Json = False,
) -> None:
    """Put reports of one test side by side, with paired differences to the first one.

    Reports of different corpora, splits, settings or protocols are refused.

    Example: chronomotion compare reports/none.json reports/shuffled.json reports/counterfactual.json

    Parameters
    ----------
    reports
        Reports, as written by chronomotion evaluate --to.
    """
    from chronomotion.evaluation.compare import compare
    from chronomotion.evaluation.report import Report

    if len(reports) < 2:
        raise UsageError(f"{len(reports)} report to compare: give two or more")
    found = compare([Report.load(existing(path)) for path in reports], [str(path) for path in reports])
    if as_json:
        print(found.model_dump_json(indent=1))
    else:
        print(found.table().latex() if style == "latex" else found.table().markdown())
