"""Motions that were sent to search with: in memory, for a while, and not too many."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from threading import Lock

from chronomotion.motion.motion import Motion
from chronomotion.web.problems import ProblemError

__all__ = ["TransientMotions"]

PREFIX = "sent-"


class TransientMotions:
    """At most ``count`` motions, each for ``seconds`` after it was used last; the one unused for longest goes first.

    Whoever knows an id may use it: ids cannot be guessed.
    """

    def __init__(self, count: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._count, self._clock = count, clock
        self._lock = Lock()
        self._motions: dict[str, tuple[float, Motion]] = {}

    def __len__(self) -> int:
        with self._lock:
            self._forget()
            return len(self._motions)

    def add(self, motion: Motion) -> str:
        """Keep a motion; its id."""
        name = PREFIX + secrets.token_urlsafe(16)
        with self._lock:
            self._motions[name] = (self._clock() + self.seconds, motion)
            self._forget()
        return name

    def get(self, name: str) -> Motion:
        """The motion of an id. Raises ProblemError, status 404, when there is none, or none any more."""
        with self._lock:
            self._forget()
            kept = self._motions.pop(name, None)
            if kept is None:
                raise ProblemError(404, f"there is no motion {name[:100]!r}, or none any more: send the file again")
            self._motions[name] = (self._clock() + self.seconds, kept[1])  # the newest stands last
            return kept[1]

    @staticmethod
    def has_id(name: str) -> bool:
        """Whether an id is one of a sent motion, not of a clip."""
        return name.startswith(PREFIX)

    def _forget(self) -> None:
        """Drop what has expired, and the oldest of too many."""
        now = self._clock()
        for name in [name for name, (expires, _) in self._motions.items() if expires <= now]:
            del self._motions[name]
        while len(self._motions) > self._count:
            del self._motions[next(iter(self._motions))]
