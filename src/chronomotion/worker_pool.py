"""Other processes that work for this one: fresh interpreters, with one thread each, that end when this one does.

Not multiprocessing: its ``fork`` copies a process whose threads hold locks (torch's, once it has computed), and its
other ways of starting run the caller's main script again, so that a script without ``if __name__ == "__main__"`` would
start itself. A worker of ours reads what it has to do from a pipe. The pipe ends with the process that holds its other
end, however that ended, SIGKILL included, and then the worker ends too.
"""

from __future__ import annotations

import multiprocessing.spawn
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Thread
from typing import IO, Any, Generic, TypeVar

__all__ = ["WorkerDiedError", "WorkerPool", "serve"]

Task = TypeVar("Task")
Result = TypeVar("Result")

_START = "import pickle, sys; sys.path[:] = pickle.load(sys.stdin.buffer); from {module} import serve; serve()"
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
_PATIENCE = 10.0
"""Seconds that a worker has to end after its pipe was closed."""


class WorkerDiedError(RuntimeError):
    """A worker ended before its task was done, as it does when memory runs out."""


class WorkerPool(Generic[Task, Result]):
    """``count`` workers, each with a function that ``make(*arguments)`` gives it once.

    ``make``, its arguments, tasks and results are pickled; what is imported to unpickle them is all that a worker
    imports. Use as a context manager: at its end no task is begun or waited for any more.
    """

    def __init__(self, count: int, make: Callable[..., Callable[[Task], Result]], *arguments: Any) -> None:
        self._queue: SimpleQueue[tuple[Task, Future[Result]] | None] = SimpleQueue()
        self._waiting: set[Future[Result]] = set()
        begin = pickle.dumps((make, arguments))
        self._workers = [_start(begin) for _ in range(count)]
        for worker in self._workers:
            Thread(target=self._feed, args=(worker,), name=f"worker {worker.pid}", daemon=True).start()

    def submit(self, task: Task) -> Future[Result]:
        """Hand a task to the next worker that is free. The future raises what the worker's function raised, or
        WorkerDiedError.
        """
        future: Future[Result] = Future()
        self._waiting.add(future)
        future.add_done_callback(self._waiting.discard)
        self._queue.put((task, future))
        return future

    def __enter__(self) -> WorkerPool[Task, Result]:
        return self

    def __exit__(self, *_: object) -> None:
        for future in list(self._waiting):
            future.cancel()
        for worker in self._workers:
            self._queue.put(None)
            _end(worker)

    def _feed(self, worker: subprocess.Popen[bytes]) -> None:
        """In a thread for each worker: hand it tasks, one at a time, and take its results."""
        assert worker.stdin is not None
        assert worker.stdout is not None
        while (item := self._queue.get()) is not None:
            task, future = item
            if not future.set_running_or_notify_cancel():
                continue
            try:
                pickle.dump(task, worker.stdin, pickle.HIGHEST_PROTOCOL)
                worker.stdin.flush()
                done, value = pickle.load(worker.stdout)
            except Exception as error:  # a pipe that ended, or what cannot be pickled
                future.set_exception(_reason(worker, error))
                continue
            if done:
                future.set_result(value)
            else:
                future.set_exception(value)


def _reason(worker: subprocess.Popen[bytes], error: Exception) -> Exception:
    """Why a worker gave no result: it is dead, or the task was at fault."""
    if not isinstance(error, EOFError | OSError | ValueError):
        return error
    try:
        status = worker.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        return error
    return WorkerDiedError(f"process {worker.pid} has ended with status {status}")


def _start(begin: bytes) -> subprocess.Popen[bytes]:
    command = [multiprocessing.spawn.get_executable() or sys.executable, "-c", _START.format(module=__name__)]
    with _deaf():
        worker = subprocess.Popen(
            [os.fsdecode(part) for part in command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **_ONE_THREAD},
        )
    assert worker.stdin is not None
    with suppress(BrokenPipeError):  # whoever submits a task will hear of it
        worker.stdin.write(pickle.dumps(sys.path) + begin)
        worker.stdin.flush()
    return worker


@contextmanager
def _deaf() -> Iterator[None]:
    """Who is started here never hears of SIGINT and SIGTERM: a terminal sends them to all, and this process decides
    what becomes of its workers.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end(worker: subprocess.Popen[bytes]) -> None:
    """Close a worker's pipe, which ends it, and wait for that."""
    with suppress(OSError, ValueError):
        assert worker.stdin is not None
        worker.stdin.close()
    try:
        worker.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()
    with suppress(OSError, ValueError):
        assert worker.stdout is not None
        worker.stdout.close()


@dataclass
class _Tasks:
    """What comes through the pipe, read by a thread: its end is noticed in the middle of a task, too."""

    stream: IO[bytes]
    queue: SimpleQueue[Any] = field(default_factory=SimpleQueue)

    def read(self) -> None:
        """Until the pipe ends; then the process ends, whatever it is doing."""
        try:
            while True:
                self.queue.put(pickle.load(self.stream))
        finally:
            os._exit(0)


def serve() -> None:
    """In a worker: make the function, then call it with task after task, until the pipe ends."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not end up among the answers
    make, arguments = pickle.load(sys.stdin.buffer)
    function = make(*arguments)
    tasks = _Tasks(sys.stdin.buffer)
    Thread(target=tasks.read, daemon=True).start()
    while True:
        answer: tuple[bool, Any]
        try:
            answer = True, function(tasks.queue.get())
        except Exception as error:
            answer = False, error
        try:
            message = pickle.dumps(answer, pickle.HIGHEST_PROTOCOL)
        except Exception as error:  # an exception that holds what cannot be pickled
            message = pickle.dumps((False, RuntimeError(f"{answer[1]!r} ({error})")))
        try:
            answers.write(message)
            answers.flush()
        except OSError:  # nobody listens any more
            os._exit(0)
