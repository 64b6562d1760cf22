"""The reports of one model on several splits of a corpus, as one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from chronomotion.evaluation.report_records import HEADLINE, Interval, JoinFigures, ReportRecord, SwapTest
from chronomotion.evaluation.report_table import ReportTable

__all__ = ["splits_table"]

_MISSING = "-"
_WORDINGS = (HEADLINE, "events, as written")
_ORDER = ("car", "car_all", "blind_exchange", "blind_disjoint", "blind_mean")
_WORDS = {
    "car": "CAR",
    "car_all": "CAR, all orders",
    "blind_exchange": "blind: other motions",
    "blind_disjoint": "blind: motions of other events",
    "blind_mean": "blind: mean motion",
}
_SENTENCES = {"all": "only the own take is right", "identical": "takes of the same sentence are right"}


def splits_table(reports: Sequence[ReportRecord]) -> ReportTable:
    """A row for each figure, a column for each split. What was not measured is a dash.

    Retrieval is that of people's sentences, text to motion.
    """
    rows = [[words, *(figure(report) for report in reports)] for words, figure in _figures().items()]
    first = reports[0]
    suite = f"suite {first.suite}, " if first.suite else ""
    settings = f"events of the {first.events_from}, {first.shuffles} shuffles, seed {first.seed}"
    caption = f"{first.model or 'A model'} on {first.corpus}: percent; {suite}{settings}, {first.both_ways} cuts"
    return ReportTable(caption, ["figure", *(report.split for report in reports)], rows)


def _figures() -> Mapping[str, Callable[[ReportRecord], str]]:
    figures: dict[str, Callable[[ReportRecord], str]] = {
        "clips": lambda report: _MISSING if report.outcomes is None else str(len(report.outcomes.clips)),
        "clips with an order": lambda report: str(report.clips),
    }
    for test in _WORDINGS:
        for field in _ORDER:
            figures[f"{_WORDS[field]} ({test})"] = _order(test, field)
    figures |= {
        "re-ordered motions": lambda report: _swapped(report, lambda test: str(test.car_both_ways.clips)),
        "both ways (blind: 50)": lambda report: _swapped(report, lambda test: str(test.car_both_ways)),
        "won both ways (blind: 0)": lambda report: _swapped(report, lambda test: str(test.won_both_ways)),
        "of them, poses meet at all joins": lambda report: _joins(report, lambda joins: str(joins.matched)),
        "joins that never were: pose against the take's own": lambda report: _joins(report, _pose),
        "joins that never were: acceleration against its own": lambda report: _joins(report, _acceleration),
    }
    for protocol, right in _SENTENCES.items():
        for at in ("R@1", "R@10", "MedR"):
            figures[f"sentences, {right}: {at}"] = _recall(protocol, at)
    figures |= {
        "events in time: R@1, IoU 0.5": lambda report: (
            _MISSING if report.localisation is None else f"{report.localisation.recall['0.5']:.1f}"
        ),
        "events in time: mean IoU (equal parts)": _iou,
    }
    return figures


def _order(test: str, field: str) -> Callable[[ReportRecord], str]:
    def figure(report: ReportRecord) -> str:
        interval: Interval | None = getattr(report.order[test], field) if test in report.order else None
        return _MISSING if interval is None else str(interval)

    return figure


def _swapped(report: ReportRecord, figure: Callable[[SwapTest], str]) -> str:
    return _MISSING if report.swapped is None else figure(report.swapped)


def _joins(report: ReportRecord, figure: Callable[[JoinFigures], str]) -> str:
    return _MISSING if report.joins is None else figure(report.joins)


def _pose(joins: JoinFigures) -> str:
    share = joins.reordered.pose_share
    return f"{share.median:.2f} (90 %: {share.p90:.2f})"


def _acceleration(joins: JoinFigures) -> str:
    share = joins.reordered.acceleration_share
    return f"{share.median:.2f} (90 %: {share.p90:.2f})"


def _recall(protocol: str, at: str) -> Callable[[ReportRecord], str]:
    def figure(report: ReportRecord) -> str:
        retrieved = report.protocols.get(protocol)
        return _MISSING if retrieved is None or retrieved.t2m is None else f"{retrieved.t2m[at]:.1f}"

    return figure


def _iou(report: ReportRecord) -> str:
    localised = report.localisation
    if localised is None or localised.equal_parts_iou is None:
        return _MISSING
    return f"{localised.mean_iou:.3f} ({localised.equal_parts_iou:.3f})"
