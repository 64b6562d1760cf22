"""What was used last, kept up to a number of entries or bytes, for threads to share."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

__all__ = ["Recent"]

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Recent(Generic[Key, Value]):
    """At most so many entries, or so much of what ``size`` says of each; what was not used for longest gives way."""

    def __init__(self, most: int, size: Callable[[Value], int] = lambda _: 1) -> None:
        self._most, self._size = most, size
        self._total = 0
        self._entries: OrderedDict[Key, Value] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Key) -> Value | None:
        """The entry, which counts as used now; None where there is none."""
        with self._lock:
            if key in self._entries:
                self._entries.move_to_end(key)
            return self._entries.get(key)

    def put(self, key: Key, value: Value) -> Value:
        """Keep an entry. Returns the entry that is kept: an earlier one, where another thread made it first."""
        with self._lock:
            if key not in self._entries:
                self._entries[key] = value
                self._total += self._size(value)
            value = self._entries[key]
            self._entries.move_to_end(key)
            while self._total > self._most:
                self._total -= self._size(self._entries.popitem(last=False)[1])
            return value
