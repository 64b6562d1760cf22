"""What the service asks of a generator: :class:`chronomotion.web.generating.generator_face.GeneratorFace` does it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from chronomotion.motion.motion import Motion

__all__ = ["MadeMotion", "MakerFacts", "MotionMaker", "MotionPlan", "MotionWish"]


@dataclass(frozen=True)
class MakerFacts:
    """What is told of a generator: its name, its fingerprint, how many seconds and events a motion may have, and how
    many frames a second it has.
    """

    name: str
    fingerprint: str
    seconds_limit: float
    events_limit: int
    fps: float


@dataclass(frozen=True)
class MotionPlan:
    """Events in order, and how many seconds each lasts."""

    events: tuple[str, ...]
    seconds: tuple[float, ...]


@dataclass(frozen=True)
class MotionWish:
    """One motion to make: ``events`` in order, for ``seconds`` each (None: as the generator predicts).

    What is None of ``guidance``, ``temperature`` and ``top_p`` is the generator's own. Without ``clean`` the motion is
    what the network said: bones of many lengths, feet that slide.
    """

    text: str
    events: tuple[str, ...]
    seconds: tuple[float, ...] | None = None
    seed: int = 0
    guidance: float | None = None
    temperature: float | None = None
    top_p: float | None = None
    clean: bool = True


@dataclass(frozen=True, eq=False)
class MadeMotion:
    """A motion, when its events were to happen (start, end in seconds), whether each was found in it (None: nobody
    looked), and figures of its quality by name.
    """

    motion: Motion
    spans: tuple[tuple[float, float], ...]
    found: tuple[bool, ...] | None = None
    figures: Mapping[str, float] = field(default_factory=dict)


@runtime_checkable
class MotionMaker(Protocol):
    """A generator. ``split`` and ``plan`` may be called from several threads at a time, ``make`` from one."""

    @property
    def facts(self) -> MakerFacts:
        """Name and limits."""

    def split(self, text: str) -> tuple[str, ...]:
        """The events of a sentence, in order."""

    def plan(self, text: str, events: tuple[str, ...]) -> MotionPlan:
        """How long each event is going to be where nobody says so."""

    def make(self, wishes: Sequence[MotionWish]) -> Sequence[MadeMotion]:
        """A motion for every wish; the same wish gives the same motion, whatever the others are.

        Raises ConfigError for a wish that this generator does not grant.
        """
