"""A file that is added to a library from outside: whole or not at all, whatever happens on the way."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from library_toys import NumpyModel, write_take

from chronomotion.corpus.importers.plan import MotionFile
from chronomotion.corpus.importers.reading import Reading, ReadMotion, read_features
from chronomotion.errors import BusyError, CorpusError, FormatError, ModelError
from chronomotion.folder_lock import FolderLock
from chronomotion.motion.layout import HUMANML3D_LAYOUT
from chronomotion.search.stored.adding import add_file
from chronomotion.search.stored.folder import read_info
from chronomotion.search.stored.indexing import index
from chronomotion.search.stored.library import Library


@pytest.fixture
def folder(takes: Path, tmp_path: Path) -> Path:
    index(takes, tmp_path / "lib", NumpyModel(), workers=1)
    return tmp_path / "lib"


def motion_of(path: Path) -> ReadMotion:
    return read_features(MotionFile(path, "take"), HUMANML3D_LAYOUT, Reading())


def add(folder: Path, path: Path, model: NumpyModel | None = None):
    return add_file(folder, path, motion_of(path), model or NumpyModel())


def names(folder: Path) -> list[str]:
    return [clip.name for clip in Library.open(folder).clips.values()]


def test_a_file_becomes_a_clip_as_if_its_folder_had_been_indexed(folder: Path, tmp_path: Path) -> None:
    path = write_take(tmp_path / "sent" / "mine.npz", "new")
    added = add(folder, path)
    assert added.is_new
    assert (added.clip.name, added.clip.source, added.clip.file) == ("mine", "added", "mine.npz")
    assert (folder / "added" / "mine.npz").read_bytes() == path.read_bytes()
    library = Library.open(folder, model=NumpyModel())
    library.verify()
    assert library.info.finished
    assert library.file(added.clip.number) == folder / "added" / "mine.npz"
    np.testing.assert_array_equal(library.features(added.clip.number), motion_of(path).features.astype(np.float16))
    before = (folder / "library.json").read_bytes()
    assert index([], folder, NumpyModel(), workers=1).is_nothing_new
    assert (folder / "library.json").read_bytes() == before
    assert not list(folder.glob(".*"))


def test_it_stays_where_the_library_is_moved(folder: Path, tmp_path: Path) -> None:
    add(folder, write_take(tmp_path / "sent" / "mine.npz", "new"))
    moved = tmp_path / "elsewhere" / "lib"
    shutil.copytree(folder, moved)
    shutil.rmtree(folder)
    add(moved, write_take(tmp_path / "sent" / "more.npz", "more"))
    assert names(moved)[-2:] == ["mine", "more"]
    assert [each.name for each in read_info(moved).sources] == ["takes", "added"]


def test_a_name_that_is_taken_gets_a_number(folder: Path, tmp_path: Path) -> None:
    first = add(folder, write_take(tmp_path / "a" / "take0.npz", "a"))
    second = add(folder, write_take(tmp_path / "b" / "take0.npz", "b"))
    third = add(folder, write_take(tmp_path / "c" / "TAKE0.bvh", "c"))
    assert [each.clip.file for each in (first, second, third)] == ["take0.npz", "take0-2.npz", "TAKE0-3.bvh"]
    assert [each.clip.name for each in (first, second, third)] == ["added__take0", "take0-2", "TAKE0-3"]


def test_the_same_file_again_is_the_clip_that_is_there(folder: Path, takes: Path, tmp_path: Path) -> None:
    path = write_take(tmp_path / "sent" / "mine.npz", "new")
    first = add(folder, path)
    before = (folder / "library.json").read_bytes()
    again = add(folder, Path(shutil.copy(path, tmp_path / "other.npz")))
    assert (again.clip, again.is_new) == (first.clip, False)
    assert add(folder, takes / "take1.npz").clip.name == "take1"
    assert (folder / "library.json").read_bytes() == before
    assert [path.name for path in (folder / "added").iterdir()] == ["mine.npz"]


def test_nothing_stays_of_a_motion_that_cannot_be_encoded(folder: Path, tmp_path: Path) -> None:
    before = names(folder)
    path = write_take(tmp_path / "sent" / "mine.npz", "new")
    huge = ReadMotion(np.full((30, 263), 1e30, np.float32))
    with pytest.raises(FormatError, match="too large for float16"):
        add_file(folder, path, huge, NumpyModel())
    assert names(folder) == before
    assert not (folder / "added").exists()
    assert [each.name for each in read_info(folder).sources] == ["takes"]
    assert read_info(folder).unreadable == []
    assert index([], folder, NumpyModel(), workers=1).clips == 4
    add(folder, path)
    with pytest.raises(FormatError, match="too large"):
        add_file(folder, write_take(tmp_path / "sent" / "bad.npz", "bad"), huge, NumpyModel())
    assert [path.name for path in (folder / "added").iterdir()] == ["mine.npz"]
    assert read_info(folder).unreadable == []
    assert names(folder) == [*before, "mine"]


def test_another_writer_and_another_model_are_refused(folder: Path, tmp_path: Path) -> None:
    path = write_take(tmp_path / "sent" / "mine.npz", "new")
    before = (folder / "library.json").read_bytes()
    with FolderLock(folder), pytest.raises(BusyError, match="at work"):
        add(folder, path)
    with pytest.raises(ModelError, match="indexed with the model"):
        add(folder, path, NumpyModel(seed=1))
    assert (folder / "library.json").read_bytes() == before
    assert not (folder / "added").exists()
    with pytest.raises(CorpusError, match="no such library"):
        add(tmp_path / "nothing", path)
    assert not (tmp_path / "nothing").exists()


def test_a_disk_that_refuses_leaves_the_library_as_it_was(folder: Path, tmp_path: Path, monkeypatch) -> None:
    path = write_take(tmp_path / "sent" / "mine.npz", "new")

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    before = names(folder)
    with monkeypatch.context() as patch:
        patch.setattr("chronomotion.search.stored.writer.write_segment", refuse)
        with pytest.raises(OSError, match="No space"):
            add(folder, path)
    assert names(folder) == before
    assert not (folder / "added").exists()
    assert read_info(folder).finished
    assert add(folder, path).is_new


KILLED = """
import sys, time
from pathlib import Path
sys.path[:0] = {path!r}
from chronomotion.search.stored import {module} as module
from test_adding import add
original = module.{function}
def stop(*given, **named):
    {after}Path(sys.argv[3]).touch(); time.sleep(60)
module.{function} = stop
add(Path(sys.argv[1]), Path(sys.argv[2]))
"""
MOMENTS = {
    "the file lies there": ("adding", "plan_index", ""),
    "before the segment": ("writer", "write_segment", ""),
    "the segment is written": ("writer", "write_segment", "original(*given, **named); "),
    "before the manifest": ("writer", "write_info", ""),
    "the clip is committed": ("writer", "write_info", "original(*given, **named); "),
    "before the end": ("indexing", "near_duplicates", ""),
}


@pytest.mark.slow
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_library_can_be_read_whenever_the_server_is_killed(folder: Path, tmp_path: Path, moment: str) -> None:
    module, function, after = MOMENTS[moment]
    path = write_take(tmp_path / "sent" / "mine.npz", "new")
    code = KILLED.format(path=[str(Path(__file__).parent), *sys.path], module=module, function=function, after=after)
    mark = tmp_path / "reached"
    process = subprocess.Popen([sys.executable, "-c", code, str(folder), str(path), str(mark)])
    deadline = time.monotonic() + 100
    while not mark.exists() and time.monotonic() < deadline:
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    Library.open(folder, model=NumpyModel()).verify()
    assert names(folder)[:4] == ["take0", "take1", "take2", "take3"]
    add(folder, path)  # what was left behind is finished, and is not there twice
    library = Library.open(folder, model=NumpyModel())
    library.verify()
    assert len({each.digest for each in library.info.stored(library._segments).values()}) == len(library)
