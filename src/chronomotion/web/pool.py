"""Searches on threads of their own, as many at a time as there are cores, with a queue that ends somewhere.

On the event loop a search would hold up every other request, health checks included.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Any, TypeVar

from chronomotion.web.problems import ProblemError

__all__ = ["BoundedPool"]

Result = TypeVar("Result")

_SMOOTHING = 0.1
"""Weight of the newest task in the mean of how long tasks take."""


class BoundedPool:
    """At most ``threads`` tasks run and ``waiting`` more wait; what comes on top is refused.

    A task counts until its thread is done with it, also where nobody waits for its result any more.
    """

    def __init__(self, threads: int, waiting: int, name: str) -> None:
        self.threads, self.name = threads, name
        self._room = threads + waiting
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._lock = Lock()
        self._tasks = 0
        self._seconds = 0.0

    @property
    def tasks(self) -> int:
        """How many tasks run or wait."""
        with self._lock:
            return self._tasks

    async def run(self, function: Callable[..., Result], *arguments: Any) -> Result:
        """The function's result, from one of the threads. Raises ProblemError as :meth:`submit` does."""
        return await asyncio.wrap_future(self.submit(function, *arguments))

    def submit(self, function: Callable[..., Result], *arguments: Any) -> Future[Result]:
        """Have a function called on one of the threads.

        Raises ProblemError, status 503 with Retry-After, when there is no room.
        """
        with self._lock:
            if self._tasks >= self._room:
                raise self._refusal()
            self._tasks += 1
        try:
            future = self._executor.submit(self._timed, function, *arguments)
        except RuntimeError:  # closed: the server is ending
            self._done(None)
            raise ProblemError(503, "the server is ending", {"Retry-After": "5"}) from None
        future.add_done_callback(self._done)
        return future

    def close(self) -> None:
        """Begin no task any more. Those that run go on; :attr:`tasks` says how many."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _timed(self, function: Callable[..., Result], *arguments: Any) -> Result:
        began = time.monotonic()
        try:
            return function(*arguments)
        finally:
            seconds = time.monotonic() - began
            with self._lock:
                self._seconds += _SMOOTHING * (seconds - self._seconds)

    def _done(self, _: Future[Any] | None) -> None:
        with self._lock:
            self._tasks -= 1

    def _refusal(self) -> ProblemError:
        seconds = max(1, math.ceil(self._tasks * self._seconds / self.threads))
        return ProblemError(
            503, f"{self._tasks} requests wait already: ask again in {seconds} s", {"Retry-After": str(seconds)}
        )
