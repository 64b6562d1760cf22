"""Two writers at once, a disk without room, folders that cannot be written to, odd paths."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from places import everything, hidden
from verbs import Verb, run

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")]
COMPOSE = ["--train", 3, "--val", 0, "--test", 1]
TRAIN = ["--config", "small.toml", "--judge", "test"]


@pytest.mark.parametrize(
    ("verb", "change"),
    [
        (["compose", "new", *COMPOSE], 6),
        (["train", "corpus", "new", *TRAIN], 60),
    ],
)
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="nothing says whether a process has stopped")
def test_of_two_writers_the_second_says_who_is_at_work(verb, change: int, fresh: Callable[[str], Path]) -> None:
    place = fresh("place")
    first = Verb(*verb, cwd=place, kill_at=change, by=signal.SIGSTOP)  # it holds its lock for as long as is needed
    state = Path(f"/proc/{first.process.pid}/stat")
    until = time.monotonic() + 60
    while state.read_text().rpartition(")")[2].split()[0] != "T" and time.monotonic() < until:
        time.sleep(0.01)
    try:
        second = Verb(*verb, cwd=place, name="second").done()
    finally:
        os.kill(first.process.pid, signal.SIGCONT)
    assert second.status == 1
    (line,) = second.said.splitlines()
    assert f"process {first.process.pid} on" in line
    assert "is at work there" in line
    assert first.done().status == 0
    assert hidden(place) == []


@pytest.mark.parametrize(
    ("verb", "limit", "told"),
    [
        (["import", "takes", "new", "--workers", 1], 20_000, "cannot be written"),
        (["compose", "new", *COMPOSE], 20_000, "File too large): the unfinished corpus was removed"),
        (["train", "corpus", "new", *TRAIN], 20_000, "cannot be written: File too large; no checkpoint"),
        (["decompose", "unsplit", "--out", "new.jsonl"], 500, "new.jsonl: cannot be written: File too large"),
        (["render", "takes/take0.npz", "-o", "new.png"], 2_000, "new.png: cannot be written: File too large"),
    ],
)
def test_a_disk_without_room_is_told_in_one_line_and_the_same_command_goes_on(
    verb, limit: int, told: str, fresh: Callable[[str], Path]
) -> None:
    whole, place = fresh("whole"), fresh("place")
    assert run(*verb, cwd=whole).status == 0
    before = set(everything(place))
    full = run(*verb, cwd=place, limit=limit)
    assert full.status == 1, full.said
    assert "Traceback" not in full.said
    assert told in full.said.splitlines()[-1]
    kept = {name for name in set(everything(place)) - before if not name.startswith(".new.import/")}
    assert kept <= {"new/log.jsonl"}
    assert run(*verb, cwd=place).status == 0
    assert everything(place) == everything(whole)
    assert hidden(place) == []


@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="root may write everywhere")
@pytest.mark.parametrize("verb", [["compose", "shut/new", *COMPOSE], ["train", "corpus", "shut/new", *TRAIN]])
def test_a_folder_that_cannot_be_written_to_is_one_line(verb, fresh: Callable[[str], Path]) -> None:
    place = fresh("place")
    (place / "shut").mkdir(mode=0o555)
    done = run(*verb, cwd=place)
    assert done.status == 1
    assert "Permission denied" in done.said.splitlines()[-1]
    assert list((place / "shut").iterdir()) == []


@pytest.mark.parametrize("name", ["with a space", "Übung ☃", "a" * 200, "[x]*?", "./-dash"])
def test_odd_paths_are_paths(name: str, fresh: Callable[[str], Path]) -> None:
    place = fresh("place")
    for verb in (
        ["compose", name, *COMPOSE],
        ["import", "takes", f"{name}-i", "--workers", 1],
        ["decompose", "unsplit", "--out", f"{name}.jsonl"],
        ["render", "takes/take0.npz", "-o", f"{name}.png"],
    ):
        done = run(*verb, cwd=place)
        assert done.status == 0, done.said
    assert hidden(place) == []
    assert {path.name.removeprefix(Path(name).name) for path in place.iterdir()} >= {"", "-i", ".jsonl", ".png"}
