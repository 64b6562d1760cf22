"""The records of a report: shares with their intervals, tests, protocols, outcomes of single clips."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from chronomotion.errors import CorpusError

__all__ = [
    "FORMAT_VERSION",
    "HEADLINE",
    "CutTexts",
    "Interval",
    "JoinFigures",
    "JoinGroup",
    "Localised",
    "Margins",
    "OrderTest",
    "Outcomes",
    "Ranks",
    "ReportRecord",
    "Retrieved",
    "Spread",
    "SwapTest",
]

HEADLINE = "events, neutral"
"""The main test: events in the right order against events in a wrong order, in a wording that does not give the order
away."""

FORMAT_VERSION = 2


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())


class Interval(_Record):
    """A share in percent with its 95 % bootstrap interval over clusters of clips; ``ties`` is the share of comparisons
    that were tied. A tie does not count as won."""

    value: float
    low: float
    high: float
    ties: float
    clips: int

    def __str__(self) -> str:
        return f"{self.value:.1f} [{self.low:.1f}, {self.high:.1f}]"


class Margins(_Record):
    """Margins of the right text over its best wrong order: the number of clips between neighbouring ``edges``. Clips
    with a margin of 0 are ``tied`` and in none of the ``counts``."""

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
    """Figures on re-ordered motions, where event times are known."""

    car_motion: Interval
    car_motion_blind: Interval | None
    car_both_ways: Interval
    by_events: dict[str, Interval] = Field(default_factory=dict)
    """``car_both_ways`` by number of events."""
    won_both_ways: Interval


class Spread(_Record):
    """Median and 90th percentile over joins."""

    median: float
    p90: float


class JoinGroup(_Record):
    """Steps at some joins (:class:`chronomotion.motion.join_steps.JoinStep`). ``pose`` in metres, ``inserted`` in
    seconds; shares are of the take's own pace."""

    joins: int
    pose: Spread
    pose_share: Spread
    speed_share: Spread
    acceleration_share: Spread
    inserted: Spread


class JoinFigures(_Record):
    """How far the joins of ``clips`` re-ordered takes are from what the takes themselves do."""

    clips: int
    reordered: JoinGroup
    """Joins of the re-ordered motions between events that are no neighbours in the take: joins that never were."""
    recorded: JoinGroup
    """The same takes cut at the same times and joined in their own order."""
    matched: int
    """Of ``clips``, those whose poses meet at every join."""
    unmatched: int = 0
    """Clips that were left out of the figures both ways because they do not."""


class Retrieved(_Record):
    """Recalls in percent and median ranks of one protocol; a direction that the protocol lacks is None."""

    texts: int
    motions: int
    settings: str
    t2m: dict[str, float] | None
    m2t: dict[str, float] | None


class Localised(_Record):
    """Predicted spans of events against their true spans."""

    clips: int
    events: int
    recall: dict[str, float]
    """IoU -> share of events found with it, in percent."""
    mean_iou: float
    order_accuracy: Interval
    equal_parts_iou: float | None = None
    """Mean IoU of a placer that cuts every motion into equal parts, and looks at nothing."""


class CutTexts(_Record):
    """Texts that are longer than the model reads: their number ``of`` all, and the ``tokens`` that are read of each.

    ``trials`` whose right order differs from a wrong one only behind them are left out of all measures of order.
    """

    texts: int
    of: int
    tokens: int
    trials: int

    def __str__(self) -> str:
        remark = f"{self.texts} of {self.of} texts are longer than {self.tokens} tokens: what stands behind is not read"
        return f"{remark}; {self.trials} clips whose orders differ only there are left out" if self.trials else remark


class Ranks(_Record):
    """Ranks (from 0) of the right candidate; ``places`` are indices of the clips in ``Outcomes.clips``."""

    places: list[int]
    t2m: list[float] | None
    m2t: list[float] | None


class Outcomes(_Record):
    """The outcome of every clip, so that two reports can be compared clip by clip."""

    clips: list[str]
    clusters: list[int]
    trials: list[int]
    """Indices into ``clips`` of the clips that have a wrong order; the lists of ``order`` have the same order."""
    events: list[int]
    """Number of events of each trial."""
    order: dict[str, dict[str, list[int]]]
    """Test -> ``wins`` and ``ties`` of k shuffles, ``all`` (1 where the right order beat every other order)."""
    ranks: dict[str, Ranks]


class ReportRecord(_Record):
    """Everything that an evaluation measured, and the settings that a comparison of reports checks."""

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
    events_from: str = "first caption"
    """Name of the :class:`~chronomotion.evaluation.caption_roles.CaptionRoles`."""
    both_ways: Literal["all", "matched"] = "all"
    tie_rule: str
    clips: int
    order: dict[str, OrderTest]
    """Tests by name, ``POSITIVE, WORDING``; :data:`HEADLINE` is the main test."""
    swapped: SwapTest | None = None
    joins: JoinFigures | None = None
    """Of re-ordered recordings; composed motions have no joins that never were."""
    order_tolerance: dict[str, float]
    protocols: dict[str, Retrieved]
    localisation: Localised | None = None
    left_out: dict[str, str] = Field(default_factory=dict)
    """Measures that were left out -> the reason."""
    outcomes: Outcomes | None = None
    cut_texts: CutTexts | None = None
    """Of models that say what they read."""

    @property
    def headline(self) -> OrderTest:
        """The main test. Raises CorpusError when order was not measured."""
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
        """Share of clips in which the right order beats every other order."""
        return self.headline.car_all

    @property
    def car_by_events(self) -> dict[str, Interval]:
        """CAR by number of events."""
        return self.headline.car_by_events

    @property
    def blind_exchange(self) -> Interval | None:
        """CAR with every motion replaced by the motions of other clips with as many events."""
        return self.headline.blind_exchange

    @property
    def blind_mean(self) -> Interval | None:
        """CAR with every motion replaced by the mean motion."""
        return self.headline.blind_mean

    @property
    def retrieval(self) -> dict[str, dict[str, float]]:
        """Recalls in both directions of the protocol ``story``, in which any motion with the text's story is right.
        Empty where order was not measured."""
        story = self.protocols.get("story")
        ways = () if story is None else (("t2m", story.t2m), ("m2t", story.m2t))
        return {way: recalls for way, recalls in ways if recalls is not None}
