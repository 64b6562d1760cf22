"""The report on sets of generated motions: saved as JSON, shown as tables, and never mixed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from chronomotion.atomic_write import atomic_write
from chronomotion.errors import ConfigError, FormatError
from chronomotion.evaluation.generation.records import GenerationRecord, MatchFigures, Repeated, SetFigures
from chronomotion.evaluation.report_records import Interval
from chronomotion.evaluation.report_table import ReportTable

__all__ = ["GenerationReport", "combined"]

_SAME = ("reference", "evaluator", "judge", "seed", "repeats", "floor")
"""What figures in one table have to share."""


class GenerationReport(GenerationRecord):
    """A report that can be saved, loaded and shown. Its fields are those of
    :class:`~chronomotion.evaluation.generation.records.GenerationRecord`.
    """

    def __str__(self) -> str:
        return self.markdown()

    def markdown(self) -> str:
        """All tables, each under a caption that names who measured, and what was left out."""
        tables = [table.markdown() for table in self.tables()]
        remarks = [f"- {remark}" for remark in self.remarks()]
        return "\n".join([*tables, *(["Left out or to be known:", "", *remarks, ""] if remarks else [])])

    def tables(self) -> list[ReportTable]:
        """Distances (with an evaluator), realised order (with a judge), physics."""
        tables = [] if self.evaluator is None else [self._distances()]
        tables += [] if self.judge is None else [self._order()]
        return [*tables, self._physics()]

    def remarks(self) -> list[str]:
        """What was left out, and why."""
        lines = [f"{name}: {reason}" for name, reason in self.left_out.items()]
        for one in self.sets:
            lines += [f"{one.name}: {one.left_out}"] if one.left_out else []
            match = one.given.match
            if self.evaluator is not None and match is None:
                lines.append(f"{one.name}: no motion has a length that the evaluator reads")
            if match is not None and match.unread:
                lines.append(f"{one.name}: {match.unread} motions are too short or too long for the evaluator")
            lines += [f"{one.name}, {name}: {reason}" for name, reason in (match.left_out if match else {}).items()]
            if self.judge is not None and one.given.order is None:
                lines.append(f"{one.name}: realised order is not known, motions lack labels of the asked actions")
        if len({one.lengths for one in self.sets[1:]}) > 1:
            lines.append("some sets chose the lengths of their motions (own), others were given those of real clips")
        return list(dict.fromkeys(lines))

    def to_json(self) -> str:
        """The report as JSON, lists of numbers on one line each."""
        text = self.model_dump_json(indent=1)
        return re.sub(r"\[[-\d.,e\s]*\]", lambda match: "".join(match[0].split()), text) + "\n"

    def save(self, path: str | Path) -> None:
        """Write JSON and, beside it, Markdown; each whole or not at all. Raises ConfigError for another ending."""
        target = Path(path)
        if target.suffix.lower() != ".json":
            raise ConfigError(f"a report of generated motions goes to a file that ends in .json, not {target}")
        for place, text in ((target, self.to_json()), (target.with_suffix(".md"), self.markdown())):
            with atomic_write(place) as part:
                part.write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, path: str | Path) -> GenerationReport:
        """Read a saved report. Raises FormatError for any other file."""
        try:
            return cls.model_validate(json.loads(Path(path).read_text(encoding="utf-8")))
        except (OSError, ValueError, ValidationError) as error:
            raise FormatError(f"not a report of generated motions ({str(error).splitlines()[0]})", str(path)) from error

    def _distances(self) -> ReportTable:
        assert self.evaluator is not None
        heads = ("motions", "lengths", "n", "FID", "FID, round trip", "top-1", "top-2", "top-3", "top-1, round trip",
                 "MM-distance", "diversity", "multimodality")  # fmt: skip
        rows = [_distance_row(one) for one in self.sets]
        rows += [_floor_row("floor: real train", self.fid_train_motions, self.fid_train, len(heads))]
        rows += [_floor_row("floor: two halves of real", self.fid_halves_motions, self.fid_halves, len(heads))]
        ceiling = next((one.given.match.ceiling for one in self.sets if one.given.match), ())
        if ceiling:
            rows.append(["ceiling: texts in the same words", "", "", "", "", *map(_shown, ceiling), *[""] * 4])
        return ReportTable(
            f"Distances by {self.evaluator.name} ({self.evaluator.fingerprint[:12]}) to real motions of "
            f"{self.reference.name} ({self.reference.fingerprint[:12]}), {self.repeats} repeats, seed {self.seed}",
            heads,
            rows,
        )

    def _order(self) -> ReportTable:
        assert self.judge is not None
        heads = ("motions, events asked", "n", "every event present, %", "asked order best, %", "exact sequence, %",
                 "the same after the round trip")  # fmt: skip
        return ReportTable(
            f"Realised order as {self.judge.name} ({self.judge.fingerprint[:12]}) sees it; its ceiling: real motions",
            heads,
            [row for one in self.sets for row in _order_rows(one)],
        )

    def _physics(self) -> ReportTable:
        heads = ("motions", "n", "skating, %", "toe speed, m/s", "penetration, mm", "floating, mm", "jerk, mm/frame^3",
                 "at joins", "inside", "bones, mm")  # fmt: skip
        rows = []
        for one in self.sets:
            found = one.physical
            rows.append(
                [
                    one.name, str(found.motions), _number(found.skating, 1), _number(found.toe_speed, 3),
                    _number(found.penetration, 1), _number(found.floating, 1), _number(found.jerk, 1, 1000.0),
                    f"{_number(found.jerk_joins, 1, 1000.0)} ({found.joins})", _number(found.jerk_inside, 1, 1000.0),
                    _number(found.bones, 2),
                ]
            )  # fmt: skip
        return ReportTable(f"Physical figures; floor: {self.floor}", heads, rows)


def combined(reports: Sequence[GenerationReport]) -> GenerationReport:
    """One report with the sets of several. Raises ConfigError where their figures cannot stand in one table: another
    evaluator, judge, reference, seed, number of repeats or floor; or where two different sets have one name.
    """
    if not reports:
        raise ConfigError("no report to combine")
    first = reports[0]
    sets: dict[str, SetFigures] = {}
    for report in reports:
        for field in _SAME:
            values = getattr(first, field), getattr(report, field)
            if values[0] != values[1]:
                raise ConfigError(
                    f"figures of two reports cannot stand in one table: {field} is {_told(values[0])} in one, "
                    f"{_told(values[1])} in the other"
                )
        for one in report.sets:
            if sets.setdefault(one.name, one) != one:
                raise ConfigError(f"two reports have different motions under the name {one.name!r}")
    draws = {name: drawn for report in reports for name, drawn in report.draws.items()}
    return first.model_copy(update={"sets": list(sets.values()), "draws": draws})


def _told(value: Any) -> str:
    return f"{value.name} ({value.fingerprint[:12]})" if hasattr(value, "fingerprint") else repr(value)


def _distance_row(one: SetFigures) -> list[str]:
    given = one.given.match or MatchFigures(motions=0, unread=0)
    trip = one.round_trip.match or MatchFigures(motions=0, unread=0)
    top = [_shown(value) for value in given.top] or ["-"] * 3
    return [
        one.name, one.lengths, str(given.motions), _shown(given.fid), _change(given.fid, trip.fid), *top,
        _change(*(match.top[0] if match.top else None for match in (given, trip))),
        _shown(given.matching), _shown(given.diversity), _shown(given.multimodality),
    ]  # fmt: skip


def _floor_row(name: str, motions: int, value: Repeated | None, width: int) -> list[str]:
    return [name, "real", str(motions), _shown(value), *[""] * (width - 4)]


def _order_rows(one: SetFigures) -> Iterator[list[str]]:
    given, trip = one.given.order, one.round_trip.order
    if given is None or trip is None:
        return
    for events, figures in {**given.by_events, "all": given.all}.items():
        after = trip.all if events == "all" else trip.by_events[events]
        count = next((str(share.clips) for share in (figures.present,) if share is not None), "0")
        shares = [(figures.present, after.present), (figures.ordered, after.ordered), (figures.exact, after.exact)]
        changes = " / ".join("-" if b is None else f"{b.value:.1f}" for _, b in shares)
        yield [f"{one.name}, {events}", count, *(_share(a) for a, _ in shares), changes]


def _share(value: Interval | None) -> str:
    return "-" if value is None else str(value)


def _shown(value: Repeated | None) -> str:
    return "-" if value is None else str(value)


def _change(given: Repeated | None, trip: Repeated | None) -> str:
    """The figure after the round trip, and by how much it differs."""
    if given is None or trip is None:
        return "-"
    return f"{trip.value:.3f} ({trip.value - given.value:+.3f})"


def _number(value: float | None, digits: int, factor: float = 1.0) -> str:
    return "-" if value is None else f"{factor * value:.{digits}f}"
