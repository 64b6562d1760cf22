"""Opening a library: what is unfinished, damaged, of another version, or being changed by another process."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from library_toys import NumpyModel, write_take

from chronomotion.errors import CorpusError, ModelError, WriteError
from chronomotion.search.stored import clip_encoding
from chronomotion.search.stored import folder as library_folder
from chronomotion.search.stored.folder import index_folder, ranges_of, segment_folder
from chronomotion.search.stored.indexing import index
from chronomotion.search.stored.library import Library
from chronomotion.search.stored.window_scan import WindowScan


@pytest.fixture
def lib(takes: Path, tmp_path: Path) -> Path:
    index(takes, tmp_path / "lib", NumpyModel(), workers=1)
    return tmp_path / "lib"


def test_a_folder_that_is_no_library_says_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="there is no such library; `chronomotion index SOURCE --to"):
        Library.open(tmp_path / "missing")
    (tmp_path / "takes").mkdir()
    (tmp_path / "takes" / "walk.bvh").touch()
    with pytest.raises(CorpusError, match="takes is not a library: it has no library.json"):
        Library.open(tmp_path / "takes")
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "corpus.json").touch()
    with pytest.raises(CorpusError, match="corpus is a corpus, not a library"):
        Library.open(tmp_path / "corpus")


def test_a_library_without_its_first_commit_is_not_opened_and_can_be_indexed(takes: Path, tmp_path: Path) -> None:
    (tmp_path / "lib" / "segments" / "000001").mkdir(parents=True)
    (tmp_path / "lib" / "segments" / "000001" / "clips.jsonl").write_text("half a li")
    with pytest.raises(CorpusError, match="did not finish its first commit: run `chronomotion index .*` again"):
        Library.open(tmp_path / "lib")
    assert index(takes, tmp_path / "lib", NumpyModel(), workers=1).clips == 4
    Library.open(tmp_path / "lib").verify()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda raw: raw | {"format_version": 2}, "format_version is 2, this version of chronomotion reads 1"),
        (lambda raw: raw | {"next_clip": "many"}, "library.json: next_clip: "),
        (lambda raw: [1], "not the manifest of a library .*: remove .* and index its sources again"),
    ],
)
def test_a_manifest_that_cannot_be_used_is_one_line(lib: Path, change, message: str) -> None:
    manifest = lib / "library.json"
    manifest.write_text(json.dumps(change(json.loads(manifest.read_text()))))
    with pytest.raises(CorpusError, match=message) as raised:
        Library.open(lib)
    assert len(str(raised.value).splitlines()) == 1


@pytest.mark.parametrize(
    "name", ["clips.jsonl", "features.npy", "vectors-short.npy", "windows-long.npy", "mirrored.npy"]
)
@pytest.mark.parametrize("damage", ["missing", "cut", "other"])
def test_a_damaged_segment_is_one_line_that_names_the_file(lib: Path, name: str, damage: str) -> None:
    path = segment_folder(lib, 1) / name
    raw = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(raw[: len(raw) // 2] if damage == "cut" else b"something else\n")
    with pytest.raises(CorpusError) as raised:
        Library.open(lib)
    assert "000001" in str(raised.value)
    assert len(str(raised.value).splitlines()) == 1


def test_verify_finds_a_changed_number(lib: Path) -> None:
    path = segment_folder(lib, 1) / "vectors-short.npy"
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(raw)
    with pytest.raises(CorpusError, match="its files have the hash [0-9a-f]{32}, but were written with [0-9a-f]{32}"):
        Library.open(lib).verify()


def test_an_open_library_stays_as_it_is_while_it_is_changed(lib: Path, takes: Path) -> None:
    library = Library.open(lib)
    features, vectors = library.features(3).copy(), np.array(library.windows("short").vectors)
    write_take(takes / "take9.npz", "new")
    (takes / "take0.npz").unlink()
    (takes / "take1.npz").unlink()
    index(takes, lib, NumpyModel(), workers=1)
    assert not segment_folder(lib, 1).exists()  # merged with the new one
    assert len(library) == 4
    assert np.array_equal(library.features(3), features)
    assert np.array_equal(library.windows("short").vectors, vectors)
    assert len(library.index("long")) == len(library.windows("long"))  # its index has gone: the windows are scanned
    assert list(Library.open(lib).clips) == [3, 4, 5]


def test_a_reader_that_meets_a_writer_opens_what_the_writer_has_made(lib: Path, takes: Path, monkeypatch) -> None:
    for number in (2, 9):
        write_take(takes / f"take{number}.npz", "new", number)  # enough for the first segment to be written again
    read = library_folder.read_info

    def read_and_be_overtaken(folder: Path):
        info = read(folder)
        monkeypatch.setattr(library_folder, "read_info", read)
        index(takes, lib, NumpyModel(), workers=1)
        return info

    monkeypatch.setattr(library_folder, "read_info", read_and_be_overtaken)
    assert len(Library.open(lib)) == 5


def test_without_an_index_the_windows_are_scanned_with_the_same_answer(lib: Path) -> None:
    library = Library.open(lib)
    vector = library.windows("short").vectors[5].astype(np.float32)
    vector /= np.linalg.norm(vector)
    where = library.windows("short").ids[3:9]
    expected = library.index("short").search(vector, 4, where)
    shutil.rmtree(index_folder(lib, 1))
    scan = Library.open(lib).index("short")
    assert isinstance(scan, WindowScan)
    found = scan.search(vector, 4, where)
    assert found.ids.tolist() == expected.ids.tolist()
    assert np.allclose(found.scores, expected.scores, atol=0.01)


def test_an_index_that_cannot_be_read_is_made_again(lib: Path, takes: Path, caplog) -> None:
    (index_folder(lib, 1) / "long" / "index.json").write_text("damaged")
    library = Library.open(lib)
    assert isinstance(library.index("long"), WindowScan)
    assert "the windows are scanned" in caplog.text
    model = NumpyModel()
    assert index(takes, lib, model, workers=1).is_nothing_new
    assert model.encoded == 0
    again = Library.open(lib).index("long")
    assert not isinstance(again, WindowScan)
    assert len(again) == len(library.windows("long"))


def test_what_was_encoded_before_an_interrupt_is_kept(takes: Path, tmp_path: Path, monkeypatch, caplog) -> None:
    monkeypatch.setattr(clip_encoding, "_AT_ONCE", 1)
    taken = clip_encoding.ClipEncoding._take

    def interrupted(self, new, read) -> None:
        if new.item.name == "take2":
            raise KeyboardInterrupt
        taken(self, new, read)

    with monkeypatch.context() as patched:
        patched.setattr(clip_encoding.ClipEncoding, "_take", interrupted)
        with pytest.raises(KeyboardInterrupt):
            index(takes, tmp_path / "lib", NumpyModel(), workers=1)
    assert "2 clips are indexed, 2 are left: the same command goes on" in caplog.text
    half = Library.open(tmp_path / "lib")
    assert [clip.name for clip in half.clips.values()] == ["take0", "take1"]
    assert isinstance(half.index("short"), WindowScan)
    report = index(takes, tmp_path / "lib", NumpyModel(), workers=1)
    assert (report.added, report.kept) == (2, 2)
    whole = Library.open(tmp_path / "lib")
    assert whole.info.finished
    assert not isinstance(whole.index("short"), WindowScan)


def test_every_commit_is_a_library(takes: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(clip_encoding, "_AT_ONCE", 1)
    sizes = []
    write = library_folder.write_info

    def written(folder: Path, info) -> None:
        write(folder, info)
        sizes.append(len(Library.open(folder)))

    monkeypatch.setattr("chronomotion.search.stored.writer.write_info", written)
    index(takes, tmp_path / "lib", NumpyModel(), workers=1, commit_seconds=0.0)
    assert sizes == [1, 2, 3, 4, 4]
    assert len(list((tmp_path / "lib" / "segments").iterdir())) == 2


def test_a_rebuild_that_was_stopped_goes_on(lib: Path, takes: Path, monkeypatch) -> None:
    other = NumpyModel(seed=1)
    monkeypatch.setattr(clip_encoding, "_AT_ONCE", 1)
    encode = clip_encoding.encode_clips
    with monkeypatch.context() as patched:

        def stop(model, clips, names, fps):
            if names == ["take3.npz"]:
                raise KeyboardInterrupt
            return encode(model, clips, names, fps)

        patched.setattr(clip_encoding, "encode_clips", stop)
        with pytest.raises(KeyboardInterrupt):
            index(takes, lib, other, rebuild=True, workers=1)
    with pytest.raises(ModelError, match="numpy-0"):
        index(takes, lib, NumpyModel(), workers=1)
    report = index(takes, lib, other, rebuild=True, workers=1)
    assert (report.added, report.kept) == (1, 3)
    assert not Library.open(lib).info.rebuilding


def test_a_full_disk_is_one_line_and_leaves_the_library_as_it_was(lib: Path, takes: Path, monkeypatch) -> None:
    before = Library.open(lib).info
    write_take(takes / "take9.npz", "new")
    with monkeypatch.context() as patched:

        def refuse(*_):
            raise OSError(28, "No space left on device", "features.npy")

        patched.setattr("chronomotion.search.stored.segments._write_rows", refuse)
        with pytest.raises(WriteError, match="cannot be written: No space left on device"):
            index(takes, lib, NumpyModel(), workers=1)
    assert Library.open(lib).info == before
    assert index(takes, lib, NumpyModel(), workers=1).clips == 5
    assert sorted(int(path.name) for path in (lib / "segments").iterdir()) == [
        record.number for record in Library.open(lib).info.segments
    ]


def test_ranges_of_numbers() -> None:
    assert ranges_of([1, 2, 3, 7, 9, 10]) == [(1, 3), (7, 7), (9, 10)]
    assert ranges_of([]) == []
