"""What is kept in memory for a while, and not too much of it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from chronomotion.motion.motion import Motion
from chronomotion.web.problems import ProblemError

__all__ = ["Transient", "TransientMotions"]

Item = TypeVar("Item")


class Transient(Generic[Item]):
    """At most ``count`` items, each for ``seconds`` after it was used last; the one unused for longest goes first.

    Ids begin with ``prefix`` and cannot be guessed: whoever knows one may use it. ``kind`` and ``remedy`` are for who
    asks for one that there is not.
    """

    def __init__(
        self,
        prefix: str,
        count: int,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
        *,
        kind: str,
        remedy: str,
    ) -> None:
        self.seconds = seconds
        self._prefix, self._count, self._clock = prefix, count, clock
        self._kind, self._remedy = kind, remedy
        self._lock = Lock()
        self._items: dict[str, tuple[float, Item]] = {}

    def __len__(self) -> int:
        with self._lock:
            self._forget()
            return len(self._items)

    def add(self, item: Item) -> str:
        """Keep an item; its id."""
        name = self._prefix + secrets.token_urlsafe(16)
        with self._lock:
            self._items[name] = (self._clock() + self.seconds, item)
            self._forget()
        return name

    def get(self, name: str) -> Item:
        """The item of an id. Raises ProblemError, status 404, when there is none, or none any more."""
        with self._lock:
            item = self._taken(name)
            self._items[name] = (self._clock() + self.seconds, item)  # the newest stands last
        return item

    def remove(self, name: str) -> Item:
        """Forget the item of an id, and give it back. Raises ProblemError as :meth:`get` does."""
        with self._lock:
            return self._taken(name)

    def has_id(self, name: str) -> bool:
        """Whether an id is one of these items, there or not any more."""
        return name.startswith(self._prefix)

    def _taken(self, name: str) -> Item:
        self._forget()
        if name not in self._items:
            raise ProblemError(404, f"there is no {self._kind} {name[:100]!r}, or none any more: {self._remedy}")
        return self._items.pop(name)[1]

    def _forget(self) -> None:
        """Drop what has expired, and the oldest of too many."""
        now = self._clock()
        for name in [name for name, (expires, _) in self._items.items() if expires <= now]:
            del self._items[name]
        while len(self._items) > self._count:
            del self._items[next(iter(self._items))]


class TransientMotions(Transient[Motion]):
    """Motions that were sent to search with."""

    def __init__(self, count: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__("sent-", count, seconds, clock, kind="motion", remedy="send the file again")
