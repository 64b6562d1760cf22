"""The report of an evaluation: what was measured, on what, and what came out for every clip.

Format 2. Files of format 1 are read, too; they know nothing of single clips, and only one wording.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chronomotion.errors import CorpusError, FormatError
from chronomotion.whole_file import whole_file

__all__ = [
    "HEADLINE",
    "Interval",
    "Localised",
    "Margins",
    "OrderTest",
    "Outcomes",
    "Ranks",
    "Report",
    "Retrieved",
    "SwapTest",
]

HEADLINE = "events, neutral"
"""The test that counts: events told in the right order against events told in a wrong one, with nothing in the words
that gives the order away."""

FORMAT_VERSION = 2


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())


class Interval(_Record):
    """A share in percent with its 95 % bootstrap interval over clusters of clips; ``ties`` is the share of comparisons
    that were tied, none of which counts as won."""

    value: float
    low: float
    high: float
    ties: float
    clips: int

    def __str__(self) -> str:
        return f"{self.value:.1f} [{self.low:.1f}, {self.high:.1f}]"


class Margins(_Record):
    """By how much the right text beats its best wrong order: how many clips lie between neighbouring ``edges``; those
    that are just as good as it are ``tied`` and in none of the ``counts``."""

    edges: list[float]
    counts: list[int]
    tied: int = 0
    median: float


class OrderTest(_Record):
    """CAR with one kind of positive in one wording, with its blind controls."""

    car: Interval
    car_all: Interval
    car_by_events: dict[str, Interval]
    car_single: Interval | None = None
    """One shuffle a clip, as published."""
    blind_exchange: Interval | None
    blind_disjoint: Interval | None = None
    blind_mean: Interval | None
    blind_by_events: dict[str, Interval] = Field(default_factory=dict)
    margins: Margins | None = None


class SwapTest(_Record):
    """What re-ordered motions tell, where event times are known."""

    car_motion: Interval
    car_motion_blind: Interval | None
    car_both_ways: Interval
    by_events: dict[str, Interval] = Field(default_factory=dict)
    """``car_both_ways`` by number of events."""
    won_both_ways: Interval


class Retrieved(_Record):
    """Recalls in percent and median ranks of one protocol; a direction that it has not is None."""

    texts: int
    motions: int
    settings: str
    t2m: dict[str, float] | None
    m2t: dict[str, float] | None


class Localised(_Record):
    """Where a model places events, against where they are."""

    clips: int
    events: int
    recall: dict[str, float]
    """IoU -> share of events found with it, in percent."""
    mean_iou: float
    order_accuracy: Interval


class Ranks(_Record):
    """Ranks (from 0) of the right answer; ``places`` are those of the clips in ``Outcomes.clips``."""

    places: list[int]
    t2m: list[float] | None
    m2t: list[float] | None


class Outcomes(_Record):
    """What came out for every clip, so that two reports can be compared clip by clip."""

    clips: list[str]
    clusters: list[int]
    trials: list[int]
    """Places in ``clips`` of those that have a wrong order; the lists of ``order`` follow it."""
    events: list[int]
    """Number of events of each trial."""
    order: dict[str, dict[str, list[int]]]
    """Test -> ``wins`` and ``ties`` of k shuffles, ``all`` (1 where every order was beaten)."""
    ranks: dict[str, Ranks]


class Report(_Record):
    """Everything that an evaluation found, and what is needed to compare it with another one."""

    format_version: Literal[2] = 2
    chronomotion: str
    versions: dict[str, str] = Field(default_factory=dict)
    date: str
    model: str
    model_fingerprint: str = ""
    corpus: str
    corpus_fingerprint: str
    suite: str = ""
    split: str
    split_fingerprint: str = ""
    wordings: list[str]
    shuffles: int
    seed: int
    tie_rule: str
    clips: int
    order: dict[str, OrderTest]
    """Tests by name, ``POSITIVE, WORDING``; :data:`HEADLINE` is the one that counts."""
    swapped: SwapTest | None = None
    order_tolerance: dict[str, float]
    protocols: dict[str, Retrieved]
    localisation: Localised | None = None
    left_out: dict[str, str] = Field(default_factory=dict)
    """Measures that could not be taken, and why."""
    outcomes: Outcomes | None = None

    @property
    def headline(self) -> OrderTest:
        """The test that counts. Raises CorpusError when order was not measured."""
        if HEADLINE not in self.order:
            raise CorpusError(
                f"{self.corpus}, split {self.split}: CAR was not measured, it {self.left_out.get('order')}"
            )
        return self.order[HEADLINE]

    @property
    def car(self) -> Interval:
        """Share of shuffles that the right order beats."""
        return self.headline.car

    @property
    def car_all(self) -> Interval:
        """Share of clips in which the right order beats every other one."""
        return self.headline.car_all

    @property
    def car_by_events(self) -> dict[str, Interval]:
        """CAR by number of events."""
        return self.headline.car_by_events

    @property
    def blind_exchange(self) -> Interval | None:
        """CAR with other clips of as many events in the motions' places."""
        return self.headline.blind_exchange

    @property
    def blind_mean(self) -> Interval | None:
        """CAR with the mean motion in every motion's place."""
        return self.headline.blind_mean

    @property
    def retrieval(self) -> dict[str, dict[str, float]]:
        """Recalls both ways of the protocol ``story``: any motion that shows what is told counts as right. Empty where
        order was not measured."""
        story = self.protocols.get("story")
        ways = () if story is None else (("t2m", story.t2m), ("m2t", story.m2t))
        return {way: found for way, found in ways if found is not None}

    def to_json(self) -> str:
        """The report as JSON, lists of numbers on one line each."""
        return (
            re.sub(r"\[[-\d.,e\s]*\]", lambda found: "".join(found[0].split()), self.model_dump_json(indent=1)) + "\n"
        )

    def save(self, path: str | Path) -> None:
        """Write JSON to ``path``, Markdown and LaTeX beside it, each whole or not at all."""
        from chronomotion.evaluation.report_text import latex, markdown

        path = Path(path)
        texts = {path: self.to_json(), path.with_suffix(".md"): markdown(self), path.with_suffix(".tex"): latex(self)}
        for target, text in texts.items():
            with whole_file(target) as part:
                part.write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, path: str | Path) -> Report:
        """Read a saved report, of format 1 or 2. Raises FormatError when it is not one."""
        try:
            found = json.loads(Path(path).read_text(encoding="utf-8"))
            version = found.get("format_version")
            if version not in (1, FORMAT_VERSION):
                raise FormatError(f"format_version {version}, this version reads 1 and {FORMAT_VERSION}", str(path))
            return cls.model_validate(found if version == FORMAT_VERSION else _from_format_1(found))
        except (OSError, ValueError, ValidationError, AttributeError, KeyError, TypeError) as error:
            raise FormatError(f"not a report of ours ({str(error).splitlines()[0]})", str(path)) from error


_OF_THE_TEST = ("car", "car_all", "car_by_events", "blind_exchange", "blind_mean")


def _from_format_1(found: Mapping[str, Any]) -> dict[str, Any]:
    """What format 1 held, where format 2 has it: one test, one protocol, no single clips."""
    report = {key: value for key, value in found.items() if key not in (*_OF_THE_TEST, "wording", "retrieval")}
    test = {key: found[key] for key in _OF_THE_TEST}
    test["margins"] = {"edges": [], "counts": [], "median": report.pop("margin_median")}
    return {
        **report,
        "format_version": FORMAT_VERSION,
        "wordings": [found["wording"]],
        "order": {HEADLINE: test},
        "protocols": {
            "story": {
                "texts": found["clips"],
                "motions": found["clips"],
                "settings": "any motion of the told story is right",
                **found["retrieval"],
            }
        },
    }
