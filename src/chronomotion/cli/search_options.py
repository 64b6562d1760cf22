"""Options of a search in a library: what is asked, and what is made of the answer."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from chronomotion.cli.options import wrong_usage

if TYPE_CHECKING:
    from chronomotion.search.records import Query

__all__ = ["QueryOptions", "ResultOptions"]


def _given(options: Any, names: dict[str, str]) -> list[str]:
    """Names of the options that are not at their defaults."""
    return [
        names.get(each.name, f"--{each.name.replace('_', '-')}")
        for each in fields(options)
        if getattr(options, each.name) != each.default
    ]


@Parameter(name="*")
@dataclass(frozen=True)
class QueryOptions:
    """What is asked of a library beside the sentence."""

    events: Annotated[
        tuple[str, ...],
        Parameter(negative="", consume_multiple=True, help="In the place of a sentence: its events, in order."),
    ] = ()
    like: Annotated[
        str | None,
        Parameter(
            help="In the place of a sentence: a motion file or a clip, or a part of it: take.bvh@2.0-4.5 (seconds)."
        ),
    ] = None
    order: Annotated[
        float,
        Parameter(help="How much the order of events counts: 0 not at all, 1 as the model has it, 2 most."),
    ] = 1.0
    where: Annotated[
        str,
        Parameter(
            help="Filter: 'duration < 8 and label = \"walk\"'. Fields: name, source, file, duration, frames, date, "
            "label, caption; operators: = != < <= > >= ~ (contains) in, and, or, not."
        ),
    ] = ""
    without: Annotated[
        tuple[str, ...],
        Parameter(
            name="--not", negative="", consume_multiple=True, help="Sentences: motions that show one of them come last."
        ),
    ] = ()
    sort: Annotated[
        Literal["score", "name", "date", "duration"],
        Parameter(help="Order of the good matches: best, by name, newest or shortest first."),
    ] = "score"
    rerank: Annotated[int, Parameter(help="How many of the best are ranked again by when each event happens.")] = 100
    offset: Annotated[int, Parameter(help="Leave out so many of the best.")] = 0
    unfold: Annotated[bool, Parameter(negative="", help="List near-duplicates one by one.")] = False

    def query(self, text: str, top: int) -> Query:
        """The query. Raises UsageError, in one line, for one that cannot be."""
        from chronomotion.search.asking.asked import asked_events, check_query
        from chronomotion.search.asking.like import parse_reference
        from chronomotion.search.asking.where import parse_filter
        from chronomotion.search.records import Query

        with wrong_usage():
            query = Query(
                text=text,
                events=self.events,
                like=None if self.like is None else parse_reference(self.like),
                order=self.order,
                where=self.where,
                sort=self.sort,
                without=self.without,
                rerank=self.rerank,
                top=top,
                offset=self.offset,
                fold=not self.unfold,
            )
            check_query(query)
            asked_events(query)
            parse_filter(self.where)
        return query

    def given(self) -> list[str]:
        """Names of the options that were given."""
        return _given(self, {"without": "--not"})


@Parameter(name="*")
@dataclass(frozen=True)
class ResultOptions:
    """What is made of the clips of a library that were found."""

    strip: Annotated[
        Path | None, Parameter(help="PNG with a film strip of each listed motion, its events coloured.")
    ] = None
    copy_to: Annotated[
        Path | None, Parameter(help="Folder to copy the files of the listed motions to; nothing is overwritten.")
    ] = None
    captions: Annotated[
        bool,
        Parameter(negative="", help="With --like: sentences that describe the motion, in the place of other motions."),
    ] = False

    def given(self) -> list[str]:
        """Names of the options that were given."""
        return _given(self, {})
