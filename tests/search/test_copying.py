from __future__ import annotations

import pytest
from toy_library import ToyLibrary

from chronomotion.errors import WriteError
from chronomotion.search.asking.copying import copy_files


@pytest.fixture
def library(tmp_path):
    library = ToyLibrary({"walk": [("walk", 1)], "other": [("walk", 1)], "lost": [("walk", 1)], "shot": [("walk", 1)]})
    for number, (name, text) in enumerate([("a/walk.bvh", "one"), ("b/walk.bvh", "two"), ("c/07_01.amc", "three")]):
        file = tmp_path / name
        file.parent.mkdir()
        file.write_text(text)
        library._files[{0: 1, 1: 2, 2: 4}[number]] = file
    (tmp_path / "c" / "07.asf").write_text("bones")
    return library


def test_copies_never_overwrite(library, tmp_path):
    out = tmp_path / "out" / "new"
    clips = list(library.clips.values())
    copies, gone = copy_files(library, clips, out)
    assert [clip.name for clip in gone] == ["lost"]
    assert {path.name: path.read_text() for path in out.iterdir()} == {
        "walk.bvh": "one", "walk-2.bvh": "two", "07_01.amc": "three", "07.asf": "bones",
    }  # fmt: skip
    assert [path.name for path in copies] == ["walk.bvh", "walk-2.bvh", "07_01.amc"]
    (out / "walk.bvh").write_text("edited by hand")
    again, _ = copy_files(library, clips, out)
    assert [path.name for path in again] == ["walk-3.bvh", "walk-2.bvh", "07_01.amc"]
    assert (out / "walk.bvh").read_text() == "edited by hand"
    assert copy_files(library, clips, out)[0] == again  # the third time nothing is new


def test_a_file_in_the_place_of_the_folder(library, tmp_path):
    (tmp_path / "out").write_text("")
    with pytest.raises(WriteError, match="it is a file"):
        copy_files(library, list(library.clips.values()), tmp_path / "out")


def test_nothing_to_copy(tmp_path):
    library = ToyLibrary({"lost": [("walk", 1)]})
    assert copy_files(library, list(library.clips.values()), tmp_path / "out") == ([], [library.clips[1]])
    assert not (tmp_path / "out").exists()
