"""Motion files that are added to a library while it is served."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from asking import Asking, problem
from fake_library import FakeLibrary
from hostile_files import HOSTILE

sys.path.append(str(Path(__file__).parents[1] / "search" / "library"))
from library_toys import NumpyModel, write_take, write_takes

from chronomotion.folder_lock import FolderLock
from chronomotion.motion.formats import read_motion, write_motion
from chronomotion.search.stored.indexing import index
from chronomotion.search.stored.library import Library
from chronomotion.web.app import Access
from chronomotion.web.collection import Collection
from chronomotion.web.library_face import LibraryFace
from chronomotion.web.limits import Limits
from chronomotion.web.service import Service

MODEL = NumpyModel()
SLOW = Limits(upload_seconds=60.0)


def opened(folder, _=None):
    return LibraryFace(Library.open(folder, model=MODEL))


@pytest.fixture(scope="module")
def takes(tmp_path_factory):
    return write_takes(tmp_path_factory.mktemp("takes"), 3)


@pytest.fixture
def folder(takes, tmp_path):
    index(takes, tmp_path / "lib", MODEL, workers=1)
    return tmp_path / "lib"


@pytest.fixture
def real():
    """Makes an application for real libraries."""
    made = []

    def make(*folders, access=None, read_only=False, limits=SLOW):
        service = Service(Collection(list(folders), opened), limits, 2, read_only=read_only)
        made.append(service)
        return Asking(service, access)

    yield make
    for service in made:
        service.close()


def added(asking, path, name=None, **more):
    return asking.post("/api/additions", files={"file": (name or path.name, path.read_bytes())}, **more)


def settled(asking, answer):
    """What has become of it."""
    assert answer.status_code == 202, answer.text
    said, deadline = answer.json(), time.monotonic() + 60
    while said["state"] not in ("done", "failed") and time.monotonic() < deadline:
        time.sleep(0.02)
        said = asking.get(f"/api/additions/{said['id']}").json()
    return said


def left_behind():
    return list(Path(tempfile.gettempdir()).glob(".addition.*"))


def test_a_file_is_served_once_it_is_added(real, folder, tmp_path):
    asking, path = real(folder), write_take(tmp_path / "my walk.bvh", "new")
    assert asking.get("/api/library").json()["extensible"] == ["lib"]
    answer = added(asking, path)
    said = answer.json()
    assert (said["name"], said["library"], said["problem"]) == ("my_walk", "lib", None)
    assert said["reading"]["format"] == "bvh"
    assert said["state"] in ("waiting", "working", "done")
    said = settled(asking, answer)
    assert (said["state"], said["clip"], said["clip_name"], said["is_new"]) == ("done", "4", "my_walk", True)
    assert asking.get("/api/library").json()["clips"] == 4
    clip = asking.get("/api/clips/4").json()
    assert (clip["name"], clip["source"], clip["file"]) == ("my_walk", "added", "my_walk.bvh")
    assert asking.get("/api/clips/4/file").content == path.read_bytes()  # the file as it was sent
    frames = np.frombuffer(asking.get("/api/clips/4/frames").content, "<f2").reshape(-1, 22, 3)
    assert abs(len(frames) - read_motion(path).frames) <= 1
    assert left_behind() == []


def test_the_same_file_again_is_the_clip_that_is_there(real, folder, takes, tmp_path):
    asking, path = real(folder), write_take(tmp_path / "new.npz", "new")
    settled(asking, added(asking, path))
    said = settled(asking, added(asking, path, "other.npz"))
    assert (said["state"], said["clip"], said["clip_name"], said["is_new"]) == ("done", "4", "new", False)
    assert settled(asking, added(asking, takes / "take1.npz"))["clip"] == "2"
    assert asking.get("/api/library").json()["clips"] == 4


def test_a_rate_that_was_told_is_kept_with_the_motion(real, folder, tmp_path):
    fast = read_motion(write_take(tmp_path / "take.npz", "new", frames=60)).resample(60.0)
    write_motion(fast, tmp_path / "fast.npy")
    asking = real(folder)
    said = settled(asking, added(asking, tmp_path / "fast.npy", params={"fps": 60}))
    assert asking.get(f"/api/clips/{said['clip']}").json()["file"] == "fast.npz"
    assert abs(asking.get(f"/api/clips/{said['clip']}").json()["frames"] - fast.duration * 20) <= 1
    assert index([], folder, MODEL, workers=1).is_nothing_new


def test_two_at_once_are_both_added(real, folder, tmp_path):
    asking = real(folder)
    paths = [write_take(tmp_path / str(n) / "new.npz", "new", n) for n in range(3)]

    async def together():
        return await asyncio.gather(
            *(asking.ask("POST", "/api/additions", files={"file": ("new.npz", p.read_bytes())}) for p in paths)
        )

    said = [settled(asking, answer) for answer in asyncio.run(together())]
    assert [each["state"] for each in said] == ["done"] * 3
    assert sorted(each["clip_name"] for each in said) == ["new", "new-2", "new-3"]
    assert {each["clip"] for each in said} == {"4", "5", "6"}
    Library.open(folder, model=MODEL).verify()


@pytest.mark.parametrize("name", ["nothing.bvh", *sorted(HOSTILE)[:4]])
def test_a_broken_file_leaves_nothing(real, folder, tmp_path, name):
    path = tmp_path / "x"
    path.write_bytes(HOSTILE[name]() if name in HOSTILE else b"HIERARCHY\n")
    asking, before = real(folder), (folder / "library.json").read_bytes()
    problem(added(asking, path, name), 422)
    assert (folder / "library.json").read_bytes() == before
    assert not (folder / "added").exists()
    assert left_behind() == []
    assert problem(added(asking, path, "walk.fbx"), 415).startswith("files of the kind '.fbx' are not read")


def test_another_writer_is_waited_for_by_the_reader_not_by_the_server(real, folder, tmp_path):
    asking, path = real(folder), write_take(tmp_path / "new.npz", "new")
    with FolderLock(folder):
        said = settled(asking, added(asking, path))
    assert said["state"] == "failed"
    assert said["problem"] == "another program is changing lib: try again when it has finished"
    assert not (folder / "added").exists()
    assert settled(asking, added(asking, path))["state"] == "done"


def test_a_full_disk_is_told_without_a_path(real, folder, tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("chronomotion.search.stored.adding.shutil.copyfile", refuse)
    asking = real(folder)
    said = settled(asking, added(asking, write_take(tmp_path / "new.npz", "new")))
    assert said["problem"] == "lib cannot be written to: No space left on device"


def test_a_fault_of_ours_is_for_the_log(real, folder, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr("chronomotion.web.library_face.add_file", lambda *_: 1 / 0)
    asking = real(folder)
    said = settled(asking, added(asking, write_take(tmp_path / "new.npz", "new")))
    assert said["problem"] == "an unexpected error; the server's log has more"
    assert "ZeroDivisionError" in caplog.text


def test_several_libraries_need_a_name(real, folder, takes, tmp_path):
    index(takes, tmp_path / "more", MODEL, workers=1)
    asking, path = real(folder, tmp_path / "more"), write_take(tmp_path / "new.npz", "new")
    assert problem(added(asking, path), 422) == "library: say which library: lib, more"
    assert "no library 'else' can be added to" in problem(added(asking, path, params={"library": "else"}), 422)
    said = settled(asking, added(asking, path, params={"library": "more"}))
    assert (said["library"], said["clip"]) == ("more", "more.4")
    assert asking.get("/api/clips/more.4").json()["name"] == "new"


def test_nothing_is_added_where_that_is_not_wanted(real, folder, tmp_path, serving):
    path = write_take(tmp_path / "new.npz", "new")
    for asking in (real(folder, read_only=True), serving(FakeLibrary(tmp_path / "fake"))):
        assert asking.get("/api/library").json()["extensible"] == []
        assert problem(added(asking, path), 403) == "nothing can be added to what is served here"
    assert not (folder / "added").exists()


def test_who_may_add_is_who_may_ask(real, folder, tmp_path):
    asking, path = real(folder, access=Access(token="a" * 20)), write_take(tmp_path / "new.npz", "new")
    problem(added(asking, path), 401)
    right = {"Authorization": "Bearer " + "a" * 20}
    problem(added(asking, path, headers={**right, "Origin": "https://elsewhere.example"}), 403)
    answer = added(asking, path, headers=right)
    assert answer.status_code == 202
    problem(asking.get(f"/api/additions/{answer.json()['id']}"), 401)
    assert problem(asking.get("/api/additions/guess", headers=right), 404) == "nothing is being added under 'guess'"


def test_not_too_many_wait(real, folder, tmp_path, monkeypatch):
    held = threading.Event()
    monkeypatch.setattr(LibraryFace, "add", lambda *_: held.wait(30) and 1 / 0)
    asking, path = real(folder, limits=Limits(upload_seconds=60.0, additions=1)), write_take(tmp_path / "n.npz", "n")
    answers = [added(asking, path) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [202, 202, 503]
    assert "Retry-After" in answers[2].headers
    held.set()
    assert settled(asking, answers[1])["state"] == "failed"
    assert settled(asking, added(asking, path))["state"] == "failed"
    time.sleep(0.1)
    assert left_behind() == []
