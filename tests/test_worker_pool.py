"""Workers: results and errors, cheap imports, and an end that follows every end of their parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from chronomotion.worker_pool import WorkerDiedError, WorkerPool


def runs(pid: int) -> bool:
    """Whether a process is there and more than an entry that nobody has asked about (as orphans in a container are)."""
    try:
        return "(zombie)" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def halving(_: str):
    return half


def half(number: int) -> float:
    sys.stdout.write("what a library prints\n")
    if number == 13:
        os._exit(7)
    if number < 0:
        raise ValueError(f"{number} is negative")
    return number / 2


def modules_of_a_worker(_: str):
    return lambda _: sorted({"torch", "transformers", "pydantic"} & set(sys.modules))


def unpicklable(_: str):
    return lambda _: lambda: None


def test_results_come_in_the_order_of_the_tasks_and_errors_to_the_one_who_asked():
    with WorkerPool(2, halving, "") as pool:
        futures = [pool.submit(number) for number in range(8)]
        assert [future.result(60) for future in futures] == [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5]
        with pytest.raises(ValueError, match="-1 is negative"):
            pool.submit(-1).result(60)
        assert pool.submit(4).result(60) == 2, "a worker survives an error"


def test_a_worker_that_dies_says_how():
    with WorkerPool(1, halving, "") as pool, pytest.raises(WorkerDiedError, match="has ended with status 7"):
        pool.submit(13).result(60)


def test_what_cannot_travel_is_an_error_and_no_silence():
    with WorkerPool(1, unpicklable, "") as pool:
        with pytest.raises(RuntimeError, match="pickle"):
            pool.submit(0).result(60)
        with pytest.raises(Exception, match="pickle"):
            pool.submit(lambda: None).result(60)


def test_the_end_of_the_pool_waits_for_nothing_and_leaves_nothing():
    with WorkerPool(2, sleeping, "") as pool:
        futures = [pool.submit(60) for _ in range(5)]
        time.sleep(1)
        began = time.monotonic()
        pids = [worker.pid for worker in pool._workers]
    assert time.monotonic() - began < 8
    assert not any(map(runs, pids))
    assert sum(future.cancelled() for future in futures) >= 3


def sleeping(_: str):
    return time.sleep


def test_a_worker_that_joins_motions_imports_no_framework(toy_corpus):
    code = "import sys, chronomotion.training.motions; print(sorted({'torch', 'transformers'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    with WorkerPool(1, modules_of_a_worker, "") as pool:
        # This test's own module is imported there, with pytest and what it needs, but no framework either.
        assert pool.submit(0).result(60) == []


PARENT = """
import sys, time
from chronomotion.worker_pool import WorkerPool
with WorkerPool(2, __import__("test_worker_pool").sleeping, "") as pool:
    futures = [pool.submit(600) for _ in range(2)]
    print(*[worker.pid for worker in pool._workers], flush=True)
    time.sleep(600)
"""
"""Without a guard for its main script, as scripts of users are."""


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_workers_end_with_their_parent_even_in_the_middle_of_a_task(number: int, tmp_path: Path):
    script = tmp_path / "parent.py"
    script.write_text(f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n{PARENT}")
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(pids) == 2
        time.sleep(1)
        parent.send_signal(number)
        began = time.monotonic()
        parent.stdout.read()  # ends when nobody holds the pipe any more
        assert parent.stderr is not None
        parent.stderr.read()
        while any(map(runs, pids)) and time.monotonic() - began < 15:
            time.sleep(0.05)  # files are closed a moment before a process has ended
    assert not any(map(runs, pids))
