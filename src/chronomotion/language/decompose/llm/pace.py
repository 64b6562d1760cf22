"""When a request may go, and when it is tried again."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from threading import Lock

from chronomotion.seeding import share

__all__ = ["Clock", "Pace", "back_off", "retry_after"]

_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 60.0


@dataclass(frozen=True)
class Clock:
    """The time in seconds, and how to wait; tests bring one that does not."""

    now: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep


class Pace:
    """Spaces requests of all threads evenly, ``per_minute`` of them (None: no limit), and lets all of them rest when a
    server asks for it.
    """

    def __init__(self, per_minute: float | None, clock: Clock) -> None:
        self._gap = 60.0 / per_minute if per_minute else 0.0
        self._clock = clock
        self._next = clock.now()
        self._lock = Lock()

    def wait(self) -> None:
        """Return when the next request may go."""
        while True:
            with self._lock:
                now = self._clock.now()
                pause = self._next - now
                if pause <= 0:
                    self._next = now + self._gap
                    return
            self._clock.sleep(pause)  # and look again: the server may have asked for a rest in the meantime

    def rest(self, seconds: float) -> None:
        """No request for so many seconds."""
        with self._lock:
            self._next = max(self._next, self._clock.now() + seconds)


def back_off(attempt: int, seed: int, identity: str) -> float:
    """Seconds to wait after the failed attempt with this number (from 0).

    Doubled each time, up to a minute, times 0.5 to 1.5 by chance, so that many clients do not come back together. The
    same for the same seed and identity.
    """
    pause = min(_FIRST_PAUSE * 2.0**attempt, _LONGEST_PAUSE)
    return pause * (0.5 + share("llm back-off", seed, identity, attempt))


def retry_after(value: str | None, wall: float) -> float | None:
    """Seconds that a Retry-After header asks for, which gives seconds or an HTTP date (RFC 9110, 10.2.3).

    None without one, or when it cannot be read. ``wall`` is the time of day in seconds since 1970.
    """
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - wall
        except ValueError:
            return None
    return max(seconds, 0.0) if seconds < float("inf") else None
