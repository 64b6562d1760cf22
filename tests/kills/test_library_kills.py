"""SIGKILL at many moments of an indexing: the library can be read at any time, and the same command ends with the
library that it would have made.
"""

from __future__ import annotations

import shutil
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from places import hidden
from verbs import Done, run

from chronomotion.errors import CorpusError
from chronomotion.motion.formats import write_motion
from chronomotion.search.stored.library import Library
from chronomotion.search.windows import KINDS
from walker import walking

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL"),
]

MODEL = '''
"""A model in a few lines, for an indexing that is killed often."""
import zlib
import numpy as np


class Model:
    def __init__(self, seed):
        self.fingerprint = f"plain-{seed}"
        self.projection = np.random.default_rng(seed).normal(size=(263, 8)).astype(np.float32)

    def encode_text(self, texts):
        return np.stack([np.random.default_rng(zlib.crc32(text.encode())).normal(size=16) for text in texts])

    def encode_motion(self, motions):
        rows = [np.abs(motion) @ self.projection for motion in motions]
        return np.stack([np.concatenate([row.mean(axis=0), row.std(axis=0)]) for row in rows])


first, second = Model(1), Model(2)
'''
INDEX = ["index", "takes", "--to", "lib", "--workers", 1, "--commit-seconds", 0]
FIRST = [*INDEX, "--model", "plain_model:first"]
REBUILD = [*INDEX, "--model", "plain_model:second", "--rebuild"]


def contents(place: Path) -> dict[str, tuple]:
    """Name -> everything that a library says of a clip but its number. Its segments, and what else lies on the disk,
    have to be those of its manifest.
    """
    library = Library.open(place / "lib")
    library.verify()
    assert library.info.finished
    assert {path.name for path in (place / "lib" / "segments").iterdir()} == {
        f"{record.number:06d}" for record in library.info.segments
    }
    assert len(list((place / "lib" / "index").iterdir())) == 1
    assert hidden(place / "lib") == []
    for kind in KINDS:
        assert len(library.index(kind)) == len(library.windows(kind))
    groups, tables = library.groups(), [library.windows(kind) for kind in KINDS]
    return {
        clip.name: (
            replace(clip, number=0),
            library.clips[groups[number]].name,
            library.features(number).tobytes(),
            *(tuple(table.of([number]).spans.ravel().tolist()) for table in tables),
            *(np.round(table.of([number]).vectors.astype(np.float64), 3).tobytes() for table in tables),
        )
        for number, clip in library.clips.items()
    }


def finished(arguments: list, place: Path) -> Done:
    done = run(*arguments, cwd=place)
    assert done.status == 0, done.said
    assert "Traceback" not in done.said
    return done


def check_can_be_read(place: Path) -> None:
    """Whatever moment it was: there is a library, or an error that says to run the command again."""
    if not (place / "lib" / "library.json").exists():
        with pytest.raises(
            CorpusError, match=r"did not finish its first commit: run|there is no such library|no library.json"
        ):
            Library.open(place / "lib")
        return
    library = Library.open(place / "lib")
    for kind in KINDS:
        table = library.windows(kind)
        vector = table.vectors[0].astype(np.float32)
        nearest = library.index(kind).search(vector / np.linalg.norm(vector), 3)
        assert len(nearest.ids) == min(3, len(table))
        assert nearest.scores[0] > 0.99
    assert all(len(library.features(number)) == clip.frames for number, clip in library.clips.items())


def numbers(place: Path) -> list[int]:
    return list(Library.open(place / "lib").clips)


def killed_at_many_moments(
    arguments: list, fresh: Callable[[str], Path], moments: int, *, same_numbers: bool = True
) -> None:
    whole = fresh("whole")
    changes = finished(arguments, whole).changes
    expected = contents(whole)
    for number in sorted({round(1 + (changes - 1) * share / (moments - 1)) for share in range(moments)}):
        place = fresh(f"at-{number}")
        killed = run(*arguments, cwd=place, kill_at=number)
        assert killed.status == -signal.SIGKILL, (number, killed.said)
        check_can_be_read(place)
        again = run(*arguments, cwd=place, kill_at=number // 2 + 1)  # and once more, at another moment
        assert again.status in (-signal.SIGKILL, 0), (number, again.said)
        check_can_be_read(place)
        finished(arguments, place)
        there = contents(place)
        assert there.keys() == expected.keys(), (number, changes)
        assert [clip for clip in there if there[clip] != expected[clip]] == [], (number, changes)
        assert not same_numbers or numbers(place) == numbers(whole), (number, changes)
        shutil.rmtree(place)


@pytest.fixture(scope="session")
def plain_takes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five takes with captions, one of them cannot be read and two are the same, and plain_model.py."""
    place = tmp_path_factory.mktemp("library") / "place"
    (place / "takes").mkdir(parents=True)
    for number in range(4):
        write_motion(walking(frames=30 + 5 * number, speed=0.5 + number / 3), place / "takes" / f"take{number}.npz")
    shutil.copy2(place / "takes" / "take1.npz", place / "takes" / "take9.npz")
    (place / "takes" / "broken.bvh").write_text("nothing\n")
    lines = [f"take{number}.npz,a person walks {number}\n" for number in range(4)]
    (place / "takes" / "captions.csv").write_text("file,caption\n" + "".join(lines))
    (place / "plain_model.py").write_text(MODEL)
    return place


@pytest.fixture
def unindexed(plain_takes: Path, tmp_path: Path) -> Callable[[str], Path]:
    return lambda name: shutil.copytree(plain_takes, tmp_path / name)


@pytest.fixture(scope="session")
def indexed_takes(plain_takes: Path) -> Path:
    """The same with a library, after which takes were added, changed, renamed and removed."""
    place = shutil.copytree(plain_takes, plain_takes.parent / "indexed")
    finished(FIRST, place)
    takes = place / "takes"
    write_motion(walking(frames=44, speed=2.0), takes / "new.npz")
    write_motion(walking(frames=50, speed=0.2), takes / "take2.npz")
    (takes / "take0.npz").rename(takes / "renamed.npz")
    (takes / "take3.npz").unlink()
    (takes / "captions.csv").write_text("file,caption\nnew.npz,somebody runs\ntake1.npz,other words\n")
    return place


@pytest.fixture
def outdated(indexed_takes: Path, tmp_path: Path) -> Callable[[str], Path]:
    return lambda name: shutil.copytree(indexed_takes, tmp_path / name)


def test_a_first_indexing_that_is_killed(unindexed: Callable[[str], Path]) -> None:
    killed_at_many_moments(FIRST, unindexed, 12)


def test_an_update_that_is_killed(outdated: Callable[[str], Path]) -> None:
    killed_at_many_moments(FIRST, outdated, 12)


def test_a_rebuild_that_is_killed(outdated: Callable[[str], Path]) -> None:
    # Killed at its very end, a rebuild is whole already: the same command is another one, which gives other numbers.
    killed_at_many_moments(REBUILD, outdated, 8, same_numbers=False)


def test_removing_a_source_that_is_killed(indexed_takes: Path, tmp_path: Path) -> None:
    def fresh(name: str) -> Path:
        place = shutil.copytree(indexed_takes, tmp_path / name)
        shutil.copytree(place / "takes", place / "more")
        finished(["index", "more", "takes", "--to", "lib", "--workers", 1], place)
        return place

    place = fresh("whole")
    remove = ["index", "--to", "lib", "--remove-source", "takes"]
    changes = finished(remove, place).changes
    expected = contents(place)
    assert {row[0].source for row in expected.values()} == {"more"}
    for number in (1, changes // 2, changes):
        place = fresh(f"at-{number}")
        assert run(*remove, cwd=place, kill_at=number).status == -signal.SIGKILL
        check_can_be_read(place)
        finished(["index", "--to", "lib"] if not _has(place, "takes") else remove, place)
        assert contents(place) == expected


def _has(place: Path, source: str) -> bool:
    return source in {record.name for record in Library.open(place / "lib").info.sources}


def test_a_disk_without_room_is_told_in_one_line_and_the_same_command_goes_on(unindexed: Callable[[str], Path]) -> None:
    whole, place = unindexed("whole"), unindexed("place")
    finished(FIRST, whole)
    full = run(*FIRST, cwd=place, limit=15_000)
    assert full.status == 1, full.said
    assert "Traceback" not in full.said
    assert "cannot be written: File too large" in full.said.splitlines()[-1]
    check_can_be_read(place)
    finished(FIRST, place)
    assert contents(place) == contents(whole)
