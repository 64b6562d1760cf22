"""The records of a report on generated motions."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from chronomotion.evaluation.report_records import Interval, OrderTest, SwapTest

__all__ = [
    "GenerationRecord",
    "Identity",
    "LikelihoodOrder",
    "MatchFigures",
    "OrderFigures",
    "PhysicalFigures",
    "RealisedOrder",
    "RepeatDraw",
    "Repeated",
    "SetFigures",
    "ViewFigures",
]


class _Figures(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())


class OrderFigures(_Figures):
    """Shares in percent of motions that show what was asked; None where the question cannot be asked of any."""

    present: Interval | None
    """Every asked event is in the detected sequence."""
    ordered: Interval | None
    """The asked order has the best segmentation of all orders; of events that have another order."""
    exact: Interval | None
    """The detected sequence is exactly the asked one."""


class RealisedOrder(_Figures):
    """Order as a judge sees it in motions, by number of asked events."""

    motions: int
    by_events: dict[str, OrderFigures]
    all: OrderFigures


class PhysicalFigures(_Figures):
    """Physical figures of some motions: means over motions, each counted once, unless said otherwise."""

    motions: int
    floor: str
    """Where the floor was taken to be: ``zero`` (y = 0) or ``estimated`` (from each motion's feet)."""
    skating: float
    """Share of frames, in percent, in which a toe in contact slides faster than .5 m/s."""
    toe_speed: float | None
    """Mean speed of toes on the floor, metres a second, over all frames of all motions in which one is there."""
    toe_speed_highest: float | None
    penetration: float
    """Depth of the lowest joint where it is more than 5 mm below the floor, mm, mean over all frames."""
    floating: float
    """Height of the lowest joint where it is more than 5 mm above the floor, mm, mean over all frames."""
    jerk: float
    """Largest jerk of a joint, metres a frame cubed, L1, mean over all frames."""
    joins: int
    jerk_joins: float | None = None
    """Peak of the mean course of jerk through the joins between events; None where no join is known."""
    jerk_inside: float | None = None
    """The same through the middles of events."""
    bones: float
    """Standard deviation of a bone's length within a motion, mm, mean over bones."""
    bones_worst: float
    """The same of each motion's worst bone."""


class LikelihoodOrder(_Figures):
    """Does a generator's likelihood of a motion's codes prefer the right order of events?"""

    generator: str
    corpus: str
    corpus_fingerprint: str
    split: str
    seed: int
    shuffles: int
    partners: int
    """Motions that replace each motion in the blind controls."""
    planned: bool
    """Whether prompts had the times of events: those of the motion, whatever the order of the texts."""
    clips: int
    """Clips with a wrong order that were asked about."""
    too_long: int
    """Clips with a wrong order that have more tokens than the generator takes, and were left out."""
    wordings: dict[str, OrderTest]
    """By wording. A blind control is the same comparison with the codes of other motions of as many events: 50."""
    swapped: SwapTest | None
    """One text, the motion against itself with its events in another order; where event times are known."""
    swapped_less_prior: SwapTest | None
    """The same with the likelihood without text taken off, so that no motion is ahead for being likely by itself.
    Between texts of one motion the likelihood without text is a constant, and changes nothing."""


class RepeatDraw(_Figures):
    """What one repeat drew: for every clip, in the order in which they are batched, its place in the set, its caption's
    place, and the crop's first frame and number of frames."""

    clips: tuple[int, ...]
    captions: tuple[int, ...]
    starts: tuple[int, ...]
    lengths: tuple[int, ...]


class Repeated(_Figures):
    """The mean of a figure over repeats, and 1.96 times their population standard deviation over the root of their
    number. It is the spread of draws, not of motions."""

    value: float
    spread: float

    def __str__(self) -> str:
        return f"{self.value:.3f} +- {self.spread:.3f}"


class MatchFigures(_Figures):
    """Distances of one set of motions by one evaluator."""

    motions: int
    """That the evaluator reads."""
    unread: int
    """That are too short or too long for it, and left out."""
    top: tuple[Repeated, ...] = ()
    """R-precision 1, 2, 3, shares from 0 to 1; empty where there are too few motions."""
    ceiling: tuple[Repeated, ...] = ()
    """What R-precision could be, with texts in the same words in one batch."""
    matching: Repeated | None = None
    fid: Repeated | None = None
    """Against the reference, in the same repeat; None of the reference itself."""
    diversity: Repeated | None = None
    multimodality: Repeated | None = None
    left_out: dict[str, str] = Field(default_factory=dict)
    """Measures that were left out -> the reason."""


class ViewFigures(_Figures):
    """What depends on features, as they are or after features -> joints -> features."""

    match: MatchFigures | None
    order: RealisedOrder | None


class SetFigures(_Figures):
    """The figures of one set of motions."""

    name: str
    motions: int
    lengths: Literal["own", "real"]
    left_out: str = ""
    physical: PhysicalFigures
    given: ViewFigures
    round_trip: ViewFigures


class Identity(_Figures):
    """Who measures, or what is measured against."""

    name: str
    fingerprint: str


class GenerationRecord(_Figures):
    """Everything that was measured of some sets of motions, and what has to be the same in figures that are compared.
    The first of ``sets`` is the reference, real motions."""

    format_version: Literal[1] = 1
    kind: Literal["generation"] = "generation"
    chronomotion: str
    date: str
    reference: Identity
    evaluator: Identity | None
    judge: Identity | None
    seed: int
    repeats: int
    floor: str
    sets: list[SetFigures]
    fid_train: Repeated | None = None
    """FID of real training motions against the reference: what another sample of real motions gets."""
    fid_train_motions: int = 0
    fid_halves: Repeated | None = None
    """FID of two halves of the reference."""
    fid_halves_motions: int = 0
    """In each half."""
    left_out: dict[str, str] = Field(default_factory=dict)
    draws: dict[str, list[RepeatDraw]] = Field(default_factory=dict)
    """What each repeat drew of each set."""
