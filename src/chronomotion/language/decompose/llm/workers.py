"""A few threads that work through questions, and do not keep the program from ending."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Thread
from typing import TypeVar

__all__ = ["workers"]

Question = TypeVar("Question")
Answer = TypeVar("Answer")


@contextmanager
def workers(
    count: int, work: Callable[[Question], Answer]
) -> Iterator[Callable[[Question], Future[Answer]]]:  # fmt: skip
    """``submit(question)`` hands a question to one of ``count`` threads. At the end no further question is begun.

    Not concurrent.futures' own pool: at the end of the program that waits for its threads, so that an interrupt would
    take as long as the slowest request in flight.
    """
    queue: SimpleQueue[tuple[Question, Future[Answer]] | None] = SimpleQueue()
    waiting: set[Future[Answer]] = set()

    def submit(question: Question) -> Future[Answer]:
        future: Future[Answer] = Future()
        waiting.add(future)
        future.add_done_callback(waiting.discard)
        queue.put((question, future))
        return future

    def run() -> None:
        while (item := queue.get()) is not None:
            question, future = item
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(work(question))
                except BaseException as error:  # whatever it was, the caller has to learn of it
                    future.set_exception(error)

    for number in range(count):
        Thread(target=run, name=f"language model {number}", daemon=True).start()
    try:
        yield submit
    finally:
        for future in list(waiting):
            future.cancel()
        for _ in range(count):
            queue.put(None)
