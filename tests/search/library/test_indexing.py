"""What an indexing does with new, changed, moved and removed files, and with files that cannot be read."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from library_toys import NumpyModel, write_captions, write_take, write_takes

from chronomotion.corpus.compose.compose import compose
from chronomotion.corpus.importers import Reading
from chronomotion.errors import BusyError, ConfigError, CorpusError, FormatError, ModelError
from chronomotion.folder_lock import FolderLock
from chronomotion.model.encoder import encode_motions
from chronomotion.search.stored.encoding import window_count
from chronomotion.search.stored.folder import read_info
from chronomotion.search.stored.indexing import index
from chronomotion.search.stored.library import Library
from chronomotion.search.windows import KINDS
from toys import ToyClips


def contents(folder: Path) -> dict[str, tuple]:
    """Name -> what a library knows of a clip, its vectors rounded."""
    library = Library.open(folder)
    tables = {kind: library.windows(kind) for kind in KINDS}
    return {
        clip.name: (
            clip.source,
            clip.file,
            clip.frames,
            clip.captions,
            clip.labels,
            library.features(number).tobytes(),
            *(np.round(tables[kind].of([number]).vectors.astype(np.float64), 2).tolist() for kind in KINDS),
        )
        for number, clip in library.clips.items()
    }


def numbers(folder: Path) -> dict[str, int]:
    return {clip.name: number for number, clip in Library.open(folder).clips.items()}


def run(sources: Path | list[Path], folder: Path, model: NumpyModel | None = None, **options):
    return index(sources, folder, model or NumpyModel(), workers=1, **options)


def test_a_library_of_a_folder_holds_every_take_with_its_captions_and_vectors(takes: Path, tmp_path: Path) -> None:
    model = NumpyModel()
    report = run(takes, tmp_path / "lib", model)
    assert (report.added, report.clips, report.unreadable) == (4, 4, ())
    library = Library.open(tmp_path / "lib", model=model)
    assert [clip.name for clip in library.clips.values()] == ["take0", "take1", "take2", "take3"]
    clip = library.clip("take2")
    assert clip == library.clip(clip.number)
    assert (clip.captions, clip.file, clip.source, clip.fps) == (("a person moves 2",), "take2.npz", "takes", 20.0)
    assert clip.date == (takes / "take2.npz").stat().st_mtime
    assert library.file(clip.number) == takes / "take2.npz"
    assert library.motion(clip.number).frames == clip.frames == len(library.features(clip.number))
    for kind in KINDS:
        table = library.windows(kind)
        assert set(table.clips.tolist()) == set(library.clips)
        for clip_number in library.clips:
            rows = table.of([clip_number])
            windows = [library.features(clip_number)[start:end] for start, end in rows.spans]
            assert np.allclose(rows.vectors, encode_motions(model, windows), atol=1e-3)
    library.verify()


def test_the_index_finds_what_the_windows_hold(takes: Path, tmp_path: Path) -> None:
    run(takes, tmp_path / "lib")
    library = Library.open(tmp_path / "lib")
    for kind in KINDS:
        table = library.windows(kind)
        assert len(library.index(kind)) == len(table)
        for row in (0, len(table) - 1):
            vector = table.vectors[row].astype(np.float32)
            found = library.index(kind).search(vector / np.linalg.norm(vector), 1)
            assert table.vectors[table.rows(found.ids)[0]].astype(np.float32) @ vector > 0.999


def test_the_same_command_again_finds_nothing_new_and_encodes_nothing(takes: Path, tmp_path: Path) -> None:
    run(takes, tmp_path / "lib")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "lib").rglob("*") if path.is_file()}
    model = NumpyModel()
    report = run(takes, tmp_path / "lib", model)
    assert report.is_nothing_new
    assert "nothing is new" in report.table()
    assert model.encoded == 0
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "lib").rglob("*") if path.is_file()} == before


def test_changes_are_what_is_encoded_and_the_rest_stays(takes: Path, tmp_path: Path) -> None:
    run(takes, tmp_path / "lib")
    before = numbers(tmp_path / "lib")
    write_take(takes / "take1.npz", "another motion")
    write_take(takes / "sub" / "new.npz", "new")
    (takes / "take3.npz").unlink()
    model = NumpyModel()
    report = run(takes, tmp_path / "lib", model)
    assert (report.added, report.changed, report.removed, report.moved, report.kept) == (1, 1, 1, 0, 2)
    now = numbers(tmp_path / "lib")
    assert {name: now[name] for name in ("take0", "take2")} == {name: before[name] for name in ("take0", "take2")}
    assert sorted(now) == ["sub__new", "take0", "take1", "take2"]
    assert min(now["take1"], now["sub__new"]) > max(before.values())
    whole = tmp_path / "whole"
    run(takes, whole)
    assert contents(whole) == contents(tmp_path / "lib")
    assert model.encoded == 2 * window_count(29, 20.0)
    library = Library.open(tmp_path / "lib")
    assert all(len(library.index(kind)) == len(library.windows(kind)) for kind in KINDS)
    assert sorted(p.name for p in (tmp_path / "lib" / "segments").iterdir()) == [
        f"{record.number:06d}" for record in library.info.segments
    ]


def test_renamed_and_moved_files_stay_the_clips_that_they_are(takes: Path, tmp_path: Path) -> None:
    run(takes, tmp_path / "lib")
    before = numbers(tmp_path / "lib")
    (takes / "deep").mkdir()
    (takes / "take0.npz").rename(takes / "deep" / "first.npz")
    one, two = (takes / "take1.npz").read_bytes(), (takes / "take2.npz").read_bytes()
    (takes / "take1.npz").write_bytes(two)  # two files change places
    (takes / "take2.npz").write_bytes(one)
    model = NumpyModel()
    report = run(takes, tmp_path / "lib", model)
    assert model.encoded == 0
    assert (report.added, report.changed, report.removed, report.moved) == (0, 0, 0, 3)
    now = numbers(tmp_path / "lib")
    assert now == {
        "deep__first": before["take0"],
        "take1": before["take2"],
        "take2": before["take1"],
        "take3": before["take3"],
    }
    assert Library.open(tmp_path / "lib").file(before["take0"]) == takes / "deep" / "first.npz"
    assert run(takes, tmp_path / "lib").is_nothing_new


def test_a_touched_file_is_hashed_and_not_encoded(takes: Path, tmp_path: Path) -> None:
    run(takes, tmp_path / "lib")
    os.utime(takes / "take0.npz", (1e9, 1e9))
    model = NumpyModel()
    report = run(takes, tmp_path / "lib", model)
    assert report.is_nothing_new
    assert model.encoded == 0
    assert Library.open(tmp_path / "lib").clip("take0").date == 1e9


def test_captions_that_change_are_read_again_without_encoding(takes: Path, tmp_path: Path) -> None:
    run(takes, tmp_path / "lib")
    write_captions(takes, {"take0.npz": "someone dances", "take1.npz": "a person moves 1"})
    model = NumpyModel()
    run(takes, tmp_path / "lib", model)
    assert model.encoded == 0
    library = Library.open(tmp_path / "lib")
    assert [library.clip(f"take{i}").captions for i in range(3)] == [("someone dances",), ("a person moves 1",), ()]


def test_captions_that_speak_of_no_part_of_a_motion_leave_it_a_clip(takes: Path, tmp_path: Path) -> None:
    (takes / "captions.csv").write_text("file,start,end,caption\ntake0.npz,50,60,too late\n")
    assert run(takes, tmp_path / "lib").clips == 4
    assert Library.open(tmp_path / "lib").clip("take0").captions == ()


def test_labels_become_labels(takes: Path, tmp_path: Path) -> None:
    (takes / "captions.csv").unlink()
    (takes / "labels.csv").write_text("file,label\ntake0.npz,walk-left\n")
    run(takes, tmp_path / "lib")
    assert Library.open(tmp_path / "lib").clip("take0").labels == ("walk-left",)


def test_files_that_cannot_be_read_are_listed_and_tried_again_when_they_change(takes: Path, tmp_path: Path) -> None:
    (takes / "bad.bvh").write_text("no BVH file")
    report = run(takes, tmp_path / "lib")
    (bad,) = report.unreadable
    assert (report.added, report.refused, bad.file) == (4, 1, "bad.bvh")
    assert "bad.bvh" in report.table()
    again = run(takes, tmp_path / "lib")
    assert again.is_nothing_new
    assert again.unreadable == report.unreadable
    (takes / "bad.bvh").unlink()
    write_take(takes / "bad.npz", "good")
    assert run(takes, tmp_path / "lib").unreadable == ()
    write_take(takes / "take0.npz", "x")
    (takes / "take0.npz").write_bytes(b"broken")
    report = run(takes, tmp_path / "lib")
    assert [each.file for each in report.unreadable] == ["take0.npz"]
    assert sorted(numbers(tmp_path / "lib")) == ["bad", "take1", "take2", "take3"]


def test_several_sources_share_a_library_and_names_stay_unique(takes: Path, tmp_path: Path) -> None:
    other = write_takes(tmp_path / "more" / "takes", count=2, frames=40)
    run([takes, other], tmp_path / "lib")
    assert sorted(numbers(tmp_path / "lib")) == [
        "take0", "take1", "take2", "take3", "takes-2__take0", "takes-2__take1",
    ]  # fmt: skip
    (other / "take1.npz").unlink()
    report = run(other, tmp_path / "lib")
    assert (report.removed, report.clips) == (1, 5)
    (takes / "take0.npz").unlink()
    assert run([], tmp_path / "lib").removed == 1
    report = run([], tmp_path / "lib", remove=["takes"])
    assert list(numbers(tmp_path / "lib")) == ["takes-2__take0"]
    assert [source.name for source in read_info(tmp_path / "lib").sources] == ["takes-2"]
    with pytest.raises(ConfigError, match="no source 'takes'; it has takes-2"):
        run([], tmp_path / "lib", remove=["takes"])


def test_a_corpus_is_a_source(tmp_path: Path) -> None:
    corpus = compose(ToyClips(), tmp_path / "corpus", {"train": 5}, order="uniform", events=(2, 3))
    report = run(tmp_path / "corpus", tmp_path / "lib")
    assert report.added == len(corpus) == 5
    library = Library.open(tmp_path / "lib")
    name = corpus.names[0]
    assert library.clip(name).captions == tuple(caption.text for caption in corpus.captions(name))
    assert np.allclose(library.features(library.clip(name).number), corpus.features(name), atol=2e-3)
    assert library.file(library.clip(name).number) is None
    assert run(tmp_path / "corpus", tmp_path / "lib").is_nothing_new


def test_a_source_that_is_not_there_keeps_its_clips_and_an_empty_one_is_refused(takes: Path, tmp_path: Path) -> None:
    run(takes, tmp_path / "lib")
    takes.rename(tmp_path / "away")
    report = run([], tmp_path / "lib")
    assert report.is_nothing_new
    assert [note.reason for note in report.notes] == ["source that is not there, its clips stay"]
    assert Library.open(tmp_path / "lib").file(1) is None
    takes.mkdir()
    with pytest.raises(CorpusError, match="the library has 4 clips of it: --remove-source takes removes them"):
        run([], tmp_path / "lib")


def test_a_rebuild_never_loses_the_clips_of_a_source_that_is_not_there(takes: Path, tmp_path: Path) -> None:
    other = write_takes(tmp_path / "other", count=1)
    run([takes, other], tmp_path / "lib")
    shutil.rmtree(other)
    with pytest.raises(CorpusError, match="the source other is not there.*--remove-source other gives them up"):
        run([], tmp_path / "lib", rebuild=True)
    assert len(Library.open(tmp_path / "lib")) == 5
    assert run([], tmp_path / "lib", rebuild=True, remove=["other"]).clips == 4


def test_what_is_passed_over_is_noted(takes: Path, tmp_path: Path) -> None:
    (takes / "out.npz").symlink_to(write_take(tmp_path / "elsewhere.npz", 9))
    report = run(takes, tmp_path / "lib")
    assert [(note.clip, note.reason) for note in report.notes] == [
        ("out.npz", "passed over: link that leads out of the folder (--follow-links reads it)")
    ]
    assert run(takes, tmp_path / "lib", follow_links=True).added == 1
    assert run([], tmp_path / "lib").is_nothing_new  # it is remembered


def test_a_tree_that_is_moved_finds_its_files(takes: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(takes, home / "takes")
    run(home / "takes", home / "lib")
    home.rename(tmp_path / "elsewhere")
    library = Library.open(tmp_path / "elsewhere" / "lib")
    assert library.file(1) == tmp_path / "elsewhere" / "takes" / "take0.npz"
    model = NumpyModel()
    assert run([], tmp_path / "elsewhere" / "lib", model).is_nothing_new
    assert run(tmp_path / "elsewhere" / "takes", tmp_path / "elsewhere" / "lib", model).is_nothing_new
    assert model.encoded == 0
    shutil.copytree(tmp_path / "elsewhere" / "lib", tmp_path / "copied" / "lib")
    assert Library.open(tmp_path / "copied" / "lib").file(1) == tmp_path / "elsewhere" / "takes" / "take0.npz"


def test_a_library_inside_its_source_does_not_index_itself(takes: Path) -> None:
    run(takes, takes / "lib")
    assert run(takes, takes / "lib").is_nothing_new
    assert run(takes, takes / "lib2").added == 4


def test_another_model_is_refused_by_the_names_of_both_and_rebuild_is_the_fix(takes: Path, tmp_path: Path) -> None:
    run(takes, tmp_path / "lib")
    other = NumpyModel(seed=1)
    other.name = "other"
    with pytest.raises(ModelError, match=r"model numpy \(numpy-0\), this one is other \(numpy-1\).*--rebuild"):
        run(takes, tmp_path / "lib", other)
    with pytest.raises(ModelError, match="numpy-1"):
        Library.open(tmp_path / "lib", model=other)
    report = run(takes, tmp_path / "lib", other, rebuild=True)
    assert (report.added, report.kept) == (4, 0)
    assert read_info(tmp_path / "lib").model.name == "other"
    Library.open(tmp_path / "lib", model=other).verify()
    assert run(takes, tmp_path / "lib", other).is_nothing_new


def test_how_files_are_read_is_remembered_and_a_change_of_it_reads_them_again(takes: Path, tmp_path: Path) -> None:
    run(takes, tmp_path / "lib", reading=Reading(fps=10.0))
    assert run([], tmp_path / "lib").is_nothing_new
    assert run(takes, tmp_path / "lib", reading=Reading(up="y")).changed == 4


def test_a_dry_run_says_what_would_be_done_and_writes_nothing(takes: Path, tmp_path: Path) -> None:
    report = run(takes, tmp_path / "lib", dry_run=True)
    assert (report.added, report.dry_run) == (4, True)
    assert not (tmp_path / "lib").exists()


def test_where_no_motion_can_be_read_no_library_is_left(tmp_path: Path) -> None:
    (tmp_path / "takes").mkdir()
    (tmp_path / "takes" / "bad.bvh").write_text("no BVH file")
    with pytest.raises(CorpusError, match="no motion could be read, so no library was made: .*bad.bvh"):
        run(tmp_path / "takes", tmp_path / "lib")
    assert not (tmp_path / "lib").exists()


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda place: place / "missing", FormatError, "no such folder"),
        (lambda place: place / "takes" / "take0.npz", FormatError, "a file: index the folder that it lies in"),
        (
            lambda place: (place / "empty").mkdir() or place / "empty",
            CorpusError,
            r"empty: no motion files to index: looked for .*\.bvh",
        ),
        (lambda place: [], ConfigError, "nothing to index into .*lib: name a folder"),
    ],
)
def test_what_is_no_source_is_refused_in_one_line(make, error, message: str, takes: Path, tmp_path: Path) -> None:
    with pytest.raises(error, match=message):
        run(make(tmp_path), tmp_path / "lib")
    assert not (tmp_path / "lib").exists()


def test_a_folder_that_is_something_else_is_never_written_to(takes: Path, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="takes is not a library: it has no library.json"):
        run(takes, takes)


def test_two_writers_at_once_the_second_hears_who_is_at_work(takes: Path, tmp_path: Path) -> None:
    with FolderLock(tmp_path / "lib"), pytest.raises(BusyError, match=f"process {os.getpid()}"):
        run(takes, tmp_path / "lib")


@pytest.mark.parametrize("damage", [lambda file: file.write_bytes(file.read_bytes()[:90]), Path.unlink])
def test_what_a_damaged_library_is_told_to_do_mends_it(damage, takes: Path, tmp_path: Path) -> None:
    before = run(takes, tmp_path / "lib")
    damage(next((tmp_path / "lib" / "segments").glob("*/vectors-short.npy")))
    with pytest.raises(CorpusError, match="index again with --rebuild"):
        run(takes, tmp_path / "lib")
    assert run(takes, tmp_path / "lib", rebuild=True).clips == before.clips
    Library.open(tmp_path / "lib").verify()


def test_indexes_that_are_gone_are_made_again(takes: Path, tmp_path: Path) -> None:
    run(takes, tmp_path / "lib")
    shutil.rmtree(tmp_path / "lib" / "index")
    run(takes, tmp_path / "lib")
    library = Library.open(tmp_path / "lib")
    table = library.windows("short").of(list(library.clips)[:1])
    assert library.index("short").search(table.vectors[0], 1).ids[0] in table.ids


def test_a_model_without_a_fingerprint_is_refused(takes: Path, tmp_path: Path) -> None:
    model = NumpyModel()
    model.fingerprint = None  # type: ignore[assignment]
    with pytest.raises(ModelError, match="no fingerprint"):
        run(takes, tmp_path / "lib", model)


def test_everything_removed_leaves_an_empty_library_that_grows_again(takes: Path, tmp_path: Path) -> None:
    run(takes, tmp_path / "lib")
    spare = tmp_path / "spare"
    shutil.copytree(takes, spare)
    assert run([], tmp_path / "lib", remove=["takes"]).clips == 0
    library = Library.open(tmp_path / "lib")
    assert len(library.windows("short")) == 0
    assert run(spare, tmp_path / "lib").clips == 4
    assert min(numbers(tmp_path / "lib").values()) > 4
