"""What clients have asked to be made: variants some at a time, on one thread, kept in memory for a while."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Event
from typing import Literal

from chronomotion.errors import ChronomotionError
from chronomotion.motion.motion import Motion
from chronomotion.web.generating.maker import MadeMotion, MotionMaker, MotionPlan, MotionWish
from chronomotion.web.limits import Limits
from chronomotion.web.pool import BoundedPool
from chronomotion.web.problems import ProblemError
from chronomotion.web.transient import Transient

__all__ = ["Generation", "GenerationState", "Generations"]

log = logging.getLogger(__name__)

GenerationState = Literal["waiting", "working", "done", "failed"]

PREFIX = "made-"
_TOGETHER = 4
"""Variants that are made together, but for the first, which is there the sooner alone."""
_UNEXPECTED = "an unexpected error; the server's log has more"


@dataclass(eq=False)
class Generation:
    """Variants of one motion: what was asked, and what is there so far. One thread writes, others read."""

    wishes: tuple[MotionWish, ...]
    plan: MotionPlan
    state: GenerationState = "waiting"
    made: list[MadeMotion] = field(default_factory=list)
    problem: str | None = None
    cancelled: Event = field(default_factory=Event)

    def variant(self, number: int) -> MadeMotion:
        """A variant by its number from 0. Raises ProblemError, status 404, for one that there is not, or not yet."""
        made = list(self.made)
        if not 0 <= number < len(made):
            raise ProblemError(404, f"there is no variant {number}: {len(made)} of {len(self.wishes)} are made")
        return made[number]


class Generations:
    """Makes motions with ``maker``, for one request at a time; as many more wait as ``limits`` has it."""

    def __init__(self, maker: MotionMaker, limits: Limits) -> None:
        self.maker, self.limits = maker, limits
        self._pool = BoundedPool(1, limits.waiting_generations, "generate")
        self._futures: dict[Generation, Future[None]] = {}
        self._kept = Transient[Generation](
            PREFIX, limits.kept_generations, limits.kept_seconds, kind="generated motion", remedy="generate it again"
        )

    @property
    def tasks(self) -> int:
        """How many requests are worked on or wait."""
        return self._pool.tasks

    def begin(self, wishes: Sequence[MotionWish], plan: MotionPlan) -> str:
        """Have motions made as planned; the id under which they are found.

        Raises ProblemError, status 503 with Retry-After, when too many wait already.
        """
        generation, _ = self.run(wishes, plan)
        return self._kept.add(generation)

    def run(self, wishes: Sequence[MotionWish], plan: MotionPlan) -> tuple[Generation, Future[None]]:
        """Have motions made for somebody who waits for them, and nobody else gets them. Errors as in :meth:`begin`."""
        generation = Generation(tuple(wishes), plan)
        future = self._pool.submit(self._work, generation)
        self._futures[generation] = future
        future.add_done_callback(lambda _: self._futures.pop(generation, None))
        return generation, future

    def get(self, name: str) -> Generation:
        """The generation of an id. Raises ProblemError, status 404, when there is none, or none any more."""
        return self._kept.get(name)

    def has_id(self, name: str) -> bool:
        """Whether an id is that of a generation or of a variant."""
        return self._kept.has_id(name)

    def motion(self, name: str) -> Motion:
        """The motion of a variant by its id, ``GENERATION.NUMBER``. Raises ProblemError, status 404."""
        generation, _, digits = name.partition(".")
        if not (digits.isascii() and digits.isdigit() and len(digits) < 4):
            raise ProblemError(404, f"there is no variant {name[:100]!r}")
        return self.get(generation).variant(int(digits)).motion

    def cancel(self, name: str) -> None:
        """Forget a generation; what is not made yet is not going to be. Raises ProblemError, status 404."""
        self.stop(self._kept.remove(name))

    def stop(self, generation: Generation) -> None:
        """Make no further variant of a generation: what is being made is the last."""
        generation.cancelled.set()
        future = self._futures.get(generation)
        if future is not None:
            future.cancel()

    def close(self) -> None:
        """Begin nothing any more. A variant that is being made goes on; :attr:`tasks` says so."""
        for generation in list(self._futures):
            generation.cancelled.set()
        self._pool.close()

    def _work(self, generation: Generation) -> None:
        generation.state = "working"
        try:
            for group in _groups(generation.wishes):
                for made in self.maker.make(group):
                    generation.made.append(made)
                    if generation.cancelled.is_set():
                        return
        except ChronomotionError as error:
            generation.problem, generation.state = " ".join(str(error).split()), "failed"
        except Exception:
            log.exception("a motion could not be made")
            generation.problem, generation.state = _UNEXPECTED, "failed"
        else:
            generation.state = "done"


def _groups(wishes: tuple[MotionWish, ...]) -> Iterator[tuple[MotionWish, ...]]:
    """The first wish, and the others some at a time."""
    yield wishes[:1]
    for first in range(1, len(wishes), _TOGETHER):
        yield wishes[first : first + _TOGETHER]
