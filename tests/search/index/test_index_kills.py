"""kill -9 at any moment: the index is as it was before the change or as it is after it, and goes on."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from index_twin import OURS, Twin, new_index, unit_rows
from index_work import ALL, DIM, STEPS, do, endless, states, work, work_on

from chronomotion.search.index import open_index

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")]

context = multiprocessing.get_context("forkserver")
context.set_forkserver_preload(["index_work", "pytest"])

MOMENTS = 25


def ids_in(folder: Path) -> set[int]:
    """All that is found, each with its own vector."""
    index = open_index(folder)
    ids = set(index.search(ALL[0], 10_000).ids.tolist())
    twin = Twin()
    twin.add(np.array(sorted(ids), np.int64), ALL[sorted(ids)])
    for query in unit_rows(3, DIM, 9):
        twin.check(index, query, 5)
    return ids


def ended(target, *arguments) -> int:
    process = context.Process(target=target, args=arguments)
    process.start()
    process.join(120)
    return process.exitcode


@pytest.mark.parametrize("kind", OURS)
def test_killed_before_any_change_of_the_disk(kind: str, tmp_path: Path) -> None:
    expected = states(STEPS)
    counted = tmp_path / "counted"
    new_index(tmp_path / "whole", DIM, kind)
    assert ended(work, tmp_path / "whole", STEPS, 0, counted) == 0
    files = {path.name for path in (tmp_path / "whole").rglob("*") if path.is_file()}
    changes = int(counted.read_text())
    assert changes > 60
    for number in sorted({round(moment) for moment in np.linspace(1, changes, MOMENTS)}):
        folder = tmp_path / str(number)
        new_index(folder, DIM, kind)
        assert ended(work, folder, STEPS, number, counted) == -signal.SIGKILL
        ids = ids_in(folder)
        assert ids in expected, number
        for step in STEPS[expected.index(ids) :]:
            do(open_index(folder), step)
        assert ids_in(folder) == expected[-1]
        open_index(folder).compact()
        assert {path.name for path in folder.rglob("*") if path.is_file()} == files, number
        assert len(list(folder.glob("generation-*"))) == 1


@pytest.mark.parametrize("kind", [*OURS, "lancedb"])
def test_killed_at_a_random_moment(kind: str, tmp_path: Path) -> None:
    folder, journal = tmp_path / "index", tmp_path / "journal"
    new_index(folder, DIM, kind)
    draw = np.random.default_rng(0)
    spawned = multiprocessing.get_context("spawn") if kind == "lancedb" else context  # LanceDB's threads do not fork
    first = kills = 0
    for _ in range(5 if kind == "lancedb" else 20):
        journal.write_text("")
        process = spawned.Process(target=work_on, args=(folder, first, journal))
        process.start()
        until = time.monotonic() + 60
        while not journal.read_text() and process.is_alive() and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(draw.uniform(0, 0.3))
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        assert process.exitcode == -signal.SIGKILL
        kills += 1
        done = int(journal.read_text().split()[-1])
        before = states([endless(number) for number in range(done + 1)])[-1]
        after = states([endless(number) for number in range(done + 2)])[-1]
        ids = ids_in(folder)
        assert ids in (before, after), (kills, done)
        first = done + 2 if ids == after else done + 1
    assert kills >= 5


@pytest.mark.parametrize("kind", OURS)
def test_readers_open_it_while_others_compact(kind: str, tmp_path: Path) -> None:
    folder, journal = tmp_path / "index", tmp_path / "journal"
    journal.touch()
    new_index(folder, DIM, kind)
    process = context.Process(target=work_on, args=(folder, 0, journal))
    process.start()
    try:
        until = time.monotonic() + 5
        opened = 0
        while time.monotonic() < until:
            index = open_index(folder)
            assert len(index.search(ALL[0], 10_000).ids) == len(index)
            opened += 1
        assert opened > 10
        assert process.is_alive()
    finally:
        process.kill()
        process.join()
    assert len(journal.read_text().split()) > 10
