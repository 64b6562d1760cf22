"""``chronomotion compare``: put reports side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from chronomotion.cli.options import Json, UsageError, existing

__all__ = ["run"]


def run(
    *reports: Path,
    style: Annotated[
        Literal["markdown", "latex"], Parameter(name="--format", help="Format of the table; LaTeX needs booktabs.")
    ] = "markdown",
    as_json: Json = False,
) -> None:
    """Put reports side by side in one table, with paired differences to the first report.

    All reports must have the same corpus, split, settings and protocols.

    Example: chronomotion compare reports/none.json reports/shuffled.json reports/counterfactual.json

    Parameters
    ----------
    reports
        Two or more JSON reports, as chronomotion evaluate --to writes them.
    """
    from chronomotion.evaluation.compare import compare
    from chronomotion.evaluation.report import Report

    if len(reports) < 2:
        raise UsageError(f"{len(reports)} report to compare: give two or more")
    comparison = compare([Report.load(existing(path)) for path in reports], [str(path) for path in reports])
    if as_json:
        print(comparison.model_dump_json(indent=1))
    else:
        print(comparison.table().latex() if style == "latex" else comparison.table().markdown())
