"""Reports side by side: one table of figures, with the gain of each model over the first model.

Only reports of the same test are compared. Differences are paired: both models are measured on the same drawn clusters
of clips, so a clip that is hard for both does not widen the interval.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from pydantic import BaseModel, ConfigDict

from chronomotion.errors import ConfigError
from chronomotion.evaluation.intervals import Resampling
from chronomotion.evaluation.report import Report
from chronomotion.evaluation.report_records import Outcomes
from chronomotion.evaluation.report_table import ReportTable

__all__ = ["ComparedFigure", "Comparison", "Gain", "compare"]

_ALIKE = (
    "corpus_fingerprint", "split", "split_fingerprint", "suite", "shuffles", "seed", "events_from", "both_ways",
    "tie_rule",
)  # fmt: skip
"""Fields of a report that have to be equal. An empty text means that an older format did not record the field."""

_RECALLS = {"R@1": 1, "R@5": 5, "R@10": 10}


class _ComparisonRecord(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Gain(_ComparisonRecord):
    """A model's figure less that of the first model, in points, with the paired 95 % bootstrap interval over clusters
    of clips. The ends are None where a report has no outcomes of single clips."""

    value: float
    low: float | None = None
    high: float | None = None

    def __str__(self) -> str:
        if self.low is None or self.high is None:
            return f"{self.value:+.1f}"
        return f"{self.value:+.1f} [{self.low:+.1f}, {self.high:+.1f}]"


class ComparedFigure(_ComparisonRecord):
    """One line of a comparison: a value for each model, and the gains of all but the first."""

    name: str
    values: list[float]
    gains: list[Gain]


class Comparison(_ComparisonRecord):
    """Reports of one test, side by side."""

    models: list[str]
    corpus: str
    corpus_fingerprint: str
    split: str
    figures: list[ComparedFigure]

    def table(self) -> ReportTable:
        """The figures; gains stand beside the values."""
        heads = ["figure", self.models[0]]
        for name in self.models[1:]:
            heads += [name, "gain"]
        rows = []
        for figure in self.figures:
            row = [figure.name, f"{figure.values[0]:.1f}"]
            for value, gain in zip(figure.values[1:], figure.gains, strict=True):
                row += [f"{value:.1f}", str(gain)]
            rows.append(row)
        gains = f"gains on {self.models[0]} in points [paired 95 % interval]"
        return ReportTable(f"{self.corpus}, split {self.split}: percent; {gains}", heads, rows)


def compare(reports: Sequence[Report], names: Sequence[str]) -> Comparison:
    """A table of all figures that every report has. ``names`` are the sources of the reports; messages use them, and
    models without a name.

    Raises ConfigError, which names the field and both values, when reports are of different corpora, splits, settings
    or protocols, or when there are fewer than two.
    """
    if len(reports) < 2:
        raise ConfigError(f"{len(reports)} report to compare: give two or more")
    first = reports[0]
    for other, name in zip(reports[1:], names[1:], strict=True):
        _require_alike(first, other, (names[0], name))
    figures = [_figure(name, parts) for name, parts in _shared(reports)]
    return Comparison(
        models=_model_names(reports, names),
        corpus=first.corpus,
        corpus_fingerprint=first.corpus_fingerprint,
        split=first.split,
        figures=figures,
    )


def _model_names(reports: Sequence[Report], names: Sequence[str]) -> list[str]:
    """Names of the models; the source of the report is added where two models share a name."""
    models = [report.model or name for report, name in zip(reports, names, strict=True)]
    return [
        f"{model} ({name})" if models.count(model) > 1 else model for model, name in zip(models, names, strict=True)
    ]


def _require_alike(first: Report, other: Report, names: tuple[str, str]) -> None:
    def require(field: str, here: object, there: object) -> None:
        if here != there and "" not in (here, there):
            raise ConfigError(
                f"{field} is {here!r} in {names[0]} and {there!r} in {names[1]}: these reports cannot be compared; "
                "evaluate both models on one corpus with the same settings"
            )

    for field in _ALIKE:
        require(field, getattr(first, field), getattr(other, field))
    shared = [name for name in first.protocols if name in other.protocols]
    for name in shared:
        for field in ("texts", "motions", "settings"):
            require(
                f"{field} of protocol {name}", *(getattr(report.protocols[name], field) for report in (first, other))
            )
    if not shared and not set(first.order) & set(other.order):
        raise ConfigError(f"{names[0]} and {names[1]} have no test in common: these reports cannot be compared")


@dataclass(frozen=True, eq=False)
class _Part:
    """The figure of one report: its value, and the outcomes of single clips (percent; nan where there is none)."""

    report: Report
    value: float
    single: Float[np.ndarray, " clips"] | None = None


def _shared(reports: Sequence[Report]) -> Iterator[tuple[str, list[_Part]]]:
    """(name, one part for each report) of all figures that all of the reports have."""
    parts_by_name = [dict(_parts(report)) for report in reports]
    for name in parts_by_name[0]:
        if all(name in parts for parts in parts_by_name):
            yield name, [parts[name] for parts in parts_by_name]


def _parts(report: Report) -> Iterator[tuple[str, _Part]]:
    for test, order in report.order.items():
        yield f"CAR, {test}", _Part(report, order.car.value, _of_trials(report, test, "wins", report.shuffles))
        yield f"CAR, all orders, {test}", _Part(report, order.car_all.value, _of_trials(report, test, "all", 1))
        for name, blind in (("other motions", order.blind_exchange), ("mean motion", order.blind_mean)):
            if blind is not None:
                yield f"blind: {name}, {test}", _Part(report, blind.value)
    if report.swapped is not None:
        yield "re-ordered motions: both ways right", _Part(report, report.swapped.won_both_ways.value)
    for protocol, retrieved in report.protocols.items():
        for way, figures in (("t2m", retrieved.t2m), ("m2t", retrieved.m2t)):
            for at, places in _RECALLS.items():
                if figures is not None:
                    single = _of_queries(report, protocol, way, places)
                    yield f"{protocol}, {way} {at}", _Part(report, figures[at], single)
    if report.order_tolerance:
        yield "order tolerance, R@10", _Part(report, report.order_tolerance["R@10"])
    if report.localisation is not None:
        yield "localisation, R@1 IoU 0.5", _Part(report, report.localisation.recall["0.5"])


def _of_trials(report: Report, test: str, kind: str, most: int) -> Float[np.ndarray, " clips"] | None:
    outcomes = report.outcomes
    return None if outcomes is None else _spread(outcomes, outcomes.trials, outcomes.order[test][kind], most)


def _of_queries(report: Report, protocol: str, way: str, places: int) -> Float[np.ndarray, " clips"] | None:
    if report.outcomes is None:
        return None
    ranks = report.outcomes.ranks[protocol]
    side = getattr(ranks, way)
    return _spread(report.outcomes, ranks.places, [rank < places for rank in side], 1)


def _spread(outcomes: Outcomes, places: Sequence[int], values: Sequence[Any], most: int) -> Float[np.ndarray, " clips"]:
    """Values of some clips in percent of ``most``, at their places among all clips; nan at the others."""
    single = np.full(len(outcomes.clips), np.nan)
    single[np.asarray(places, dtype=np.intp)] = 100 * np.asarray(values, dtype=np.float64) / most
    return single


def _figure(name: str, parts: Sequence[_Part]) -> ComparedFigure:
    return ComparedFigure(
        name=name, values=[part.value for part in parts], gains=[_gain(parts[0], part) for part in parts[1:]]
    )


def _gain(first: _Part, other: _Part) -> Gain:
    gain = other.value - first.value
    outcomes = first.report.outcomes
    if first.single is None or other.single is None or outcomes is None:
        return Gain(value=gain)
    low, high = Resampling(outcomes.clusters, first.report.seed).interval(other.single - first.single)
    return Gain(value=gain, low=low, high=high)
