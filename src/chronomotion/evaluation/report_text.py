"""A report as text: the same tables in Markdown and in LaTeX."""

from __future__ import annotations

from collections.abc import Callable

from chronomotion.evaluation.caption_roles import FIRST_CAPTION
from chronomotion.evaluation.report_records import (
    HEADLINE,
    Interval,
    JoinFigures,
    Localised,
    OrderTest,
    ReportRecord,
    Retrieved,
)
from chronomotion.evaluation.report_table import ReportTable

__all__ = ["joins_table", "latex", "markdown", "report_tables"]

_ORDER: dict[str, Callable[[OrderTest], Interval | None]] = {
    "CAR": lambda test: test.car,
    "CAR, all orders": lambda test: test.car_all,
    "CAR, one shuffle (published)": lambda test: test.car_single,
    "blind: other motions": lambda test: test.blind_exchange,
    "blind: motions of other events": lambda test: test.blind_disjoint,
    "blind: mean motion": lambda test: test.blind_mean,
}

_SWAPPED = {
    "car_motion": "right text: motion against itself re-ordered",
    "car_motion_blind": "the same with another clip's text (blind)",
    "car_both_ways": "right order told, of motion and re-ordered motion (blind: 50)",
    "won_both_ways": "both of them right (blind: 0)",
}

_JOINS = {
    "pose": ("farthest joint between the poses that meet (cm)", 100, 1),
    "pose_share": ("the same against the take's own in that time", 1, 2),
    "speed_share": ("fastest joint against the take's own", 1, 2),
    "acceleration_share": ("largest acceleration against the take's own", 1, 2),
    "inserted": ("inserted transition (s)", 1, 2),
}
"""Figure of a group of joins -> words, factor, decimals."""

_RECALLS = ("R@1", "R@2", "R@3", "R@5", "R@10", "MedR")

_WAYS = {"t2m": "text to motion", "m2t": "motion to text"}


def markdown(report: ReportRecord) -> str:
    """All tables, and below them the corpus and the settings."""
    tables = "\n".join(table.markdown() for table in report_tables(report))
    left_out = "".join(f"- {name} was left out: it {why}\n" for name, why in report.left_out.items())
    if report.cut_texts is not None and report.cut_texts.texts:
        left_out += f"- {report.cut_texts}\n"
    return f"# {_title(report)}\n\n{tables}\n{left_out}{chr(10) if left_out else ''}{_measured_on(report)}\n"


def latex(report: ReportRecord) -> str:
    """All tables for a document that loads booktabs."""
    note = _measured_on(report).replace("\n", " ")
    return f"% {_title(report)}\n% {note}\n\n" + "\n".join(table.latex() for table in report_tables(report))


def report_tables(report: ReportRecord) -> list[ReportTable]:
    """The tables of a report; a measure that was not taken has no table."""
    tables = []
    if report.order:
        tables += [_order_table(report), _events_table(report.headline)]
    if report.swapped is not None:
        rows = [[words, _figure(getattr(report.swapped, name))] for name, words in _SWAPPED.items()]
        tables.append(ReportTable("Re-ordered motions, percent [95 % interval]", ["figure", "percent"], rows))
    if report.joins is not None:
        tables.append(joins_table(report.joins))
    tables.append(_retrieval_table(report))
    if report.order_tolerance and "t2m" in report.retrieval:
        tables.append(_tolerance_table(report))
    if report.localisation is not None:
        localised = report.localisation
        rows = [
            *([f"R@1, IoU {overlap}", f"{share:.1f}"] for overlap, share in localised.recall.items()),
            ["mean IoU", f"{localised.mean_iou:.3f}"],
            *_equal_parts(localised),
            ["order of placed events right", _figure(localised.order_accuracy)],
        ]
        tables.append(
            ReportTable(f"Where {localised.events} events of {localised.clips} clips are", ["figure", "value"], rows)
        )
    return tables


def _equal_parts(localised: Localised) -> list[list[str]]:
    """The row of the placer that looks at nothing; older reports have none."""
    if localised.equal_parts_iou is None:
        return []
    return [["mean IoU of equal parts (blind)", f"{localised.equal_parts_iou:.3f}"]]


def joins_table(joins: JoinFigures) -> ReportTable:
    """How far joins are from real ones, beside those of the same takes in their own order."""
    rows = [
        [words, *(f"{factor * value:.{decimals}f}" for value in _spreads(joins, name))]
        for name, (words, factor, decimals) in _JOINS.items()
    ]
    heads = ["figure", *(f"{group}, {at}" for group in ("re-ordered", "as recorded") for at in ("median", "90 %"))]
    left_out = f"; {joins.unmatched} more were left out" if joins.unmatched else ""
    caption = (
        f"Joins of {joins.clips} cut motions: {joins.reordered.joins} that never were, {joins.recorded.joins} between "
        f"neighbours; of {joins.matched} motions the poses meet at all joins{left_out}"
    )
    return ReportTable(caption, heads, rows)


def _spreads(joins: JoinFigures, name: str) -> list[float]:
    spreads = [getattr(group, name) for group in (joins.reordered, joins.recorded)]
    return [value for spread in spreads for value in (spread.median, spread.p90)]


def _title(report: ReportRecord) -> str:
    return f"{report.model or 'A model'} on {report.corpus}, split {report.split}"


def _figure(interval: Interval | None) -> str:
    return "-" if interval is None else str(interval)


def _order_table(report: ReportRecord) -> ReportTable:
    rows = [
        [words, *(_figure(figure(test)) for test in report.order.values())]
        for words, figure in _ORDER.items()
        if any(figure(test) is not None for test in report.order.values())
    ]
    rows.append(["tied comparisons, none won", *(f"{test.car.ties:.1f}" for test in report.order.values())])
    margins = [test.margins for test in report.order.values()]
    rows.append(["median margin (score)", *("-" if margin is None else f"{margin.median:.3f}" for margin in margins)])
    return ReportTable("Order, percent [95 % interval]; by right text and wording", ["figure", *report.order], rows)


def _events_table(test: OrderTest) -> ReportTable:
    rows = [
        [count, str(interval.clips), str(interval), _figure(test.blind_by_events.get(count))]
        for count, interval in test.car_by_events.items()
    ]
    return ReportTable(
        f"CAR ({HEADLINE}) by number of events", ["events", "clips", "CAR", "blind: other motions"], rows
    )


def _retrieval_table(report: ReportRecord) -> ReportTable:
    rows = [
        [f"{name}, {words}", f"{retrieved.texts} / {retrieved.motions}", *(f"{figures[at]:.2f}" for at in _RECALLS)]
        for name, retrieved in report.protocols.items()
        for words, figures in _both_ways(retrieved)
    ]
    heads = ["protocol", "texts / motions", *_RECALLS]
    return ReportTable("Retrieval, percent; figures of different protocols cannot be compared", heads, rows)


def _both_ways(retrieved: Retrieved) -> list[tuple[str, dict[str, float]]]:
    ways = [(words, getattr(retrieved, way)) for way, words in _WAYS.items()]
    return [(words, figures) for words, figures in ways if figures is not None]


def _tolerance_table(report: ReportRecord) -> ReportTable:
    right = report.retrieval["t2m"]
    rows = [
        [words, *(f"{figures[at]:.2f}" for at in _RECALLS)]
        for words, figures in (("right captions", right), ("shuffled captions", report.order_tolerance))
    ]
    return ReportTable("Order tolerance: the motion of the original order is found by", ["texts", *_RECALLS], rows)


def _measured_on(report: ReportRecord) -> str:
    settings = "; ".join(
        f"{name}: {retrieved.settings}" for name, retrieved in report.protocols.items() if retrieved.settings
    )
    suite = f"suite {report.suite}; " if report.suite else ""
    if report.events_from != FIRST_CAPTION.name:
        suite += f"events of the {report.events_from}; "
    if report.both_ways != "all":
        suite += f"both ways: {report.both_ways} cuts; "
    model = f"model {report.model_fingerprint}; " if report.model_fingerprint else ""
    return (
        f"{report.clips} clips with two different events or more; {report.shuffles} shuffles a clip; seed "
        f"{report.seed}; {report.tie_rule}. {suite}corpus {report.corpus_fingerprint}; {model}chronomotion "
        f"{report.chronomotion}; {report.date}.\n\nProtocols: {settings}."
    )
