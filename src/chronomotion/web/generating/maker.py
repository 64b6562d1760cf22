"""What the service asks of a generator: :class:`chronomotion.web.generating.generator_face.GeneratorFace` does it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from chronomotion.motion.motion import Motion

__all__ = ["MadeMotion", "MakerFacts", "MotionMaker", "MotionPlan", "MotionWish"]


@dataclass(frozen=True)
class MakerFacts:
    """What is told of a generator: its name, its fingerprint, how many seconds and events a motion may have, and how
    many frames a second it has.

    Motions are made in steps of ``step`` seconds, and up to ``stretch`` seconds in one go; ``temperature`` and
    ``top_p`` are its own.
    """

    name: str
    fingerprint: str
    seconds_limit: float
    events_limit: int
    fps: float
    stretch: float
    step: float = 0.2
    temperature: float = 1.0
    top_p: float = 0.95


@dataclass(frozen=True)
class MotionPlan:
    """Events in order, and how many seconds each lasts; None where the generator finds its end as it goes."""

    events: tuple[str, ...]
    seconds: tuple[float, ...] | None


@dataclass(frozen=True)
class MotionWish:
    """One motion to make: a sentence, or ``events`` in order (None: those of the sentence), for ``seconds`` each, or in
    all where that is one number (None: as the generator predicts).

    What is None of ``guidance``, ``temperature`` and ``top_p`` is the generator's own. Without ``clean`` the motion is
    what the network said: bones of many lengths, feet that slide.
    """

    text: str
    events: tuple[str, ...] | None = None
    seconds: tuple[float, ...] | float | None = None
    seed: int = 0
    guidance: float | None = None
    temperature: float | None = None
    top_p: float | None = None
    clean: bool = True


@dataclass(frozen=True, eq=False)
class MadeMotion:
    """A motion, when its events were to happen (start, end in seconds; none where there was no plan), whether each was
    found in it (None: nobody looked), and figures of its quality by name.
    """

    motion: Motion
    spans: tuple[tuple[float, float], ...]
    found: tuple[bool, ...] | None = None
    figures: Mapping[str, float] = field(default_factory=dict)


@runtime_checkable
class MotionMaker(Protocol):
    """A generator. ``plan`` may be called from several threads at a time, ``make`` from one."""

    @property
    def facts(self) -> MakerFacts:
        """Name and limits."""

    def plan(self, wish: MotionWish) -> MotionPlan:
        """The events of a wish, and how long each is going to be.

        Raises ConfigError for a wish that this generator does not grant.
        """

    def make(self, wishes: Sequence[MotionWish]) -> Iterator[MadeMotion]:
        """A motion for every wish, in their order; the same wish gives the same motion, whatever the others are.

        Raises as :meth:`plan` does.
        """
