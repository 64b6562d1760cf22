"""``chronomotion convert`` into a folder that is there: the same work is done already, other work is refused."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from test_cli import run

sys.path.insert(0, str(Path(__file__).parents[1] / "importers"))

from wild_folders import everything_below, takes, text

from chronomotion.corpus import humanml3d_folder
from chronomotion.corpus.conversion import Form, convert
from chronomotion.corpus.humanml3d_folder import write_published
from chronomotion.corpus.importers import Reading
from chronomotion.errors import BusyError, ConfigError, WriteError
from chronomotion.folder_lock import FolderLock
from chronomotion.motion.layout import HUMANML3D_LAYOUT

PLAIN, PUBLISHED = ["--format", "npz"], ["--format", "humanml3d"]


@pytest.fixture
def workplace(tmp_path: Path) -> Path:
    takes(tmp_path / "takes")
    (tmp_path / "takes" / "deep").mkdir()
    (tmp_path / "takes" / "take1.bvh").rename(tmp_path / "takes" / "deep" / "take1.bvh")
    (tmp_path / "takes" / "broken.bvh").write_text("no BVH")
    return tmp_path


@pytest.mark.parametrize("options", [PLAIN, PUBLISHED], ids=["plain", "published"])
def test_the_same_work_is_done_already(options: list[str], workplace: Path) -> None:
    first = run("convert", "takes", "new", *options, "--json", cwd=workplace)
    before = everything_below(workplace)
    stamps = {path: path.stat().st_mtime_ns for path in workplace.rglob("*")}
    again = run("convert", "takes", "new", *options, cwd=workplace)
    assert again.stdout.splitlines()[0].split(maxsplit=2) == [
        "converted", "3", "new, by the same command before: nothing to do",
    ]  # fmt: skip
    assert again.stdout.splitlines()[1].split() == ["failed", "1", "broken.bvh"]
    assert everything_below(workplace) == before
    assert stamps == {path: path.stat().st_mtime_ns for path in workplace.rglob("*")}
    told = json.loads(run("convert", "takes", "new", *options, "--json", cwd=workplace).stdout)
    made = json.loads(first.stdout)
    assert (made.pop("there_already"), told.pop("there_already")) == (False, True)
    assert told == made


@pytest.mark.parametrize("options", [PLAIN, PUBLISHED], ids=["plain", "published"])
@pytest.mark.parametrize(
    ("change", "more", "difference"),
    [
        (lambda src: (src / "take2.bvh").unlink(), [], "files is 4 there and 3 here"),
        (lambda src: text(src / "broken.bvh", "no BVH either"), [], "bytes is"),
        (lambda src: (src / "take2.bvh").rename(src / "take3.bvh"), [], "digest is"),
        (lambda src: None, ["--trim", 3], "reading.trim is 'auto' there and '3' here"),
        (lambda src: None, ["--fps", 50], "reading.fps is None there and '50.0' here"),
    ],
    ids=["a file less", "another size", "another name", "trim", "fps"],
)
def test_other_work_is_refused_with_the_difference(
    options: list[str], change: Callable[[Path], None], more: list[object], difference: str, workplace: Path
) -> None:
    run("convert", "takes", "new", *options, cwd=workplace)
    change(workplace / "takes")
    before = everything_below(workplace)
    failed = run("convert", "takes", "new", *options, *more, cwd=workplace, check=False)
    assert failed.returncode == 1
    (line,) = failed.stderr.splitlines()
    assert "new holds another conversion (" in line
    assert difference in line
    assert line.endswith("choose another folder, or overwrite with --force")
    assert everything_below(workplace) == before
    run("convert", "takes", "new", *options, *more, "--force", cwd=workplace)
    run("convert", "takes", "direct", *options, *more, cwd=workplace)
    assert everything_below(workplace / "new").items() >= everything_below(workplace / "direct").items()


@pytest.mark.parametrize(
    ("first", "second", "difference"),
    [
        (["--format", "npy"], ["--format", "bvh"], "written.suffix is '.npy' there and '.bvh' here"),
        (["--format", "npy"], ["--format", "features"], "written.features is False there and True here"),
        (["--format", "npy"], ["--format", "npy", "--resample", 10], "written.fps is None there and 10.0 here"),
        (["--format", "npy"], ["--format", "npy", "--skeleton", "kitml"], "written.skeleton is None there and 'kitml'"),
        (["--format", "npy"], PUBLISHED, "written.suffix is '.npy' there and None here"),
        (PUBLISHED, ["--format", "kitml"], "written.layout is 'humanml3d' there and 'kitml' here"),
        (PUBLISHED, [*PUBLISHED, "--table", "t.csv"], "sources.table.files is None there and 1 here"),
    ],
)
def test_another_form_is_other_work(
    first: list[object], second: list[object], difference: str, workplace: Path
) -> None:
    text(workplace / "t.csv", "file,caption", "take0.bvh,a person walks")
    run("convert", "takes", "new", *first, cwd=workplace)
    before = everything_below(workplace)
    failed = run("convert", "takes", "new", *second, cwd=workplace, check=False)
    assert failed.returncode == 1
    assert difference in failed.stderr
    assert everything_below(workplace) == before


def test_captions_of_a_data_set_are_part_of_the_work(workplace: Path) -> None:
    text(workplace / "takes" / "captions.csv", "file,caption", "take0.bvh,a person walks")
    run("convert", "takes", "new", *PUBLISHED, cwd=workplace)
    text(workplace / "takes" / "captions.csv", "file,caption", "take0.bvh,a person jumps")
    failed = run("convert", "takes", "new", *PUBLISHED, cwd=workplace, check=False)
    assert "sources.folder.digest is" in failed.stderr


def test_a_file_that_is_there_is_the_same_or_in_the_way(workplace: Path) -> None:
    run("convert", "takes/take0.bvh", "new.npz", cwd=workplace)
    before = everything_below(workplace)
    again = run("convert", "takes/take0.bvh", "new.npz", cwd=workplace)
    assert "nothing to do" in again.stdout
    failed = run("convert", "takes/take0.bvh", "new.npz", "--resample", 10, cwd=workplace, check=False)
    assert failed.stderr == "chronomotion: new.npz exist already: choose another place, or overwrite with --force\n"
    assert failed.returncode == 1
    assert everything_below(workplace) == before


def test_a_finished_folder_that_lost_a_file_is_made_whole(workplace: Path) -> None:
    run("convert", "takes", "new", *PLAIN, cwd=workplace)
    before = everything_below(workplace)
    (workplace / "new" / "deep" / "take1.npz").unlink()
    assert "nothing to do" not in run("convert", "takes", "new", *PLAIN, cwd=workplace).stdout
    assert everything_below(workplace) == before


def test_in_place_what_was_written_is_no_source(workplace: Path) -> None:
    run("convert", "takes", "takes", "--format", "npy", cwd=workplace)
    assert "nothing to do" in run("convert", "takes", "takes", "--format", "npy", cwd=workplace).stdout


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"format": "chronomotion conversion"}', '{"format": "x"}'])
def test_a_file_with_the_name_of_the_record_is_left_alone(content: str, workplace: Path) -> None:
    text(workplace / "new" / "conversion.json", content)
    before = everything_below(workplace)
    for options in (PLAIN, PUBLISHED):
        failed = run("convert", "takes", "new", *options, cwd=workplace, check=False)
        (line,) = failed.stderr.splitlines()
        assert "conversion.json" in line
        assert "choose another folder" in line
    assert everything_below(workplace) == before


def test_what_the_disk_refused_is_not_called_done(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    src, dest = workplace / "takes", workplace / "new"
    replace = Path.replace

    def full(part: Path, target: Path) -> Path:
        if target.name == "take2.npz":
            raise OSError(28, os.strerror(28))
        return replace(part, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", full)
        done = convert(src, dest, Form(".npz"), Reading())
    assert [failure.source.name for failure in done.failed] == ["broken.bvh", "take2.bvh"]
    again = convert(src, dest, Form(".npz"), Reading())
    assert not again.there_already
    assert len(again.converted) == 3
    assert convert(src, dest, Form(".npz"), Reading()).there_already


def test_an_interrupt_leaves_whole_files_and_the_same_call_ends_the_work(
    workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    src, dest = workplace / "takes", workplace / "new"
    whole = convert(src, workplace / "whole", Form(".npz"), Reading())
    replace = Path.replace

    def interrupted(part: Path, target: Path) -> Path:
        if target.name == "take2.npz":
            raise KeyboardInterrupt
        return replace(part, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", interrupted)
        with pytest.raises(KeyboardInterrupt):
            convert(src, dest, Form(".npz"), Reading())
    with pytest.raises(ConfigError, match="new holds another conversion"):
        convert(src, dest, Form(".bvh"), Reading())
    assert len(convert(src, dest, Form(".npz"), Reading()).converted) == len(whole.converted)
    assert everything_below(dest) == everything_below(workplace / "whole")


def test_two_writers_of_one_folder(workplace: Path) -> None:
    src, dest = workplace / "takes", workplace / "new"
    with FolderLock(dest), pytest.raises(BusyError, match=f"process {os.getpid()} on"):
        convert(src, dest, Form(".npz"), Reading())
    with FolderLock(workplace / ".data.partial") as lock:
        text(lock.folder / "new_joints" / "half", "of the first")
        with pytest.raises(BusyError, match=f"process {os.getpid()} on"):
            write_published(src, workplace / "data", HUMANML3D_LAYOUT, Reading())
        assert (lock.folder / "new_joints" / "half").is_file(), "the first one's work is not touched"


def test_of_a_killed_replacement_the_old_data_set_comes_back(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    src, dest = workplace / "takes", workplace / "data"
    write_published(src, dest, HUMANML3D_LAYOUT, Reading())
    before = everything_below(dest)
    dest.rename(workplace / ".data.old")  # a kill between the two renames
    assert write_published(src, dest, HUMANML3D_LAYOUT, Reading()).there_already
    assert everything_below(dest) == before
    monkeypatch.setattr(humanml3d_folder.shutil, "rmtree", lambda *_, **__: None)
    write_published(src, dest, HUMANML3D_LAYOUT, Reading(), force=True)
    monkeypatch.undo()
    assert (workplace / ".data.old").is_dir()  # a kill before the old one is removed
    (src / "take2.bvh").unlink()
    write_published(src, dest, HUMANML3D_LAYOUT, Reading(), force=True)
    assert sorted(path.name for path in workplace.iterdir()) == ["data", "takes"]


def test_nothing_stays_where_nothing_can_be_written(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(part: Path, target: Path) -> Path:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(WriteError, match=r"conversion\.json: cannot be written: No space left"):
        convert(workplace / "takes", workplace / "deep" / "new", Form(".npz"), Reading())
    assert sorted(path.name for path in workplace.iterdir()) == ["takes"]
