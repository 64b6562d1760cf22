"""BONES-SEED with every mistake: one line each where nothing can come in, else counted, and the rest comes in."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest
from seed_folders import imported, packed, reasons, seed_folder, seed_takes

from chronomotion.corpus import Corpus
from chronomotion.corpus.importers import ImportResult, import_corpus
from chronomotion.corpus.importers.importing import work_folder
from chronomotion.corpus.importers.result import counts
from chronomotion.corpus.importers.seed import streaming
from chronomotion.corpus.importers.seed.archive import members
from chronomotion.errors import ChronomotionError, CorpusError, FormatError
from synthetic_seed import MISTAKES, write_split_files

TOLD = {
    "missing take": "no motion file",
    "empty description": "event without a description, left out",
    "overlap": "events that overlap, the earlier one ends where the next begins",
    "past the end": "event that runs past the end of the take, cut",
    "zero length": "event of no length, left out",
    "not in order": "events not in order, sorted by their start",
    "no times": "event without times that can be read, left out",
    "nan": "motion that cannot be read",
    "unknown filename": "labels of a take that the metadata do not have",
    "stray take": "take that the metadata do not have, not imported",
    "num_events": "another number of events than num_events says",
    "label twice": "second line of a take in the labels, left out",
    "row twice": "second row of a take in the metadata, left out",
    "cut take": "motion that cannot be read",
    "no sentences": "",
    "all events empty": "timeline without an event that can be used, left out",
    "other length": "another length than the metadata say",
    "bad name": "not a name that is allowed",
}
OUT = ("missing take", "nan", "cut take", "bad name")
"""Mistakes with which a take cannot come in."""
OTHERS = {"unknown filename": "nobody_001__A999", "stray take": "stray_001__A998"}
"""Names of takes that are none."""


def all_mistakes(folder: Path) -> Path:
    return seed_folder(folder, mistakes=MISTAKES)


def take_with(mistake: str) -> str:
    return seed_takes(mistakes=MISTAKES)[MISTAKES.index(mistake)].name


@pytest.fixture(scope="module")
def mended(tmp_path_factory: pytest.TempPathFactory) -> ImportResult:
    folder = tmp_path_factory.mktemp("mended")
    return import_corpus(all_mistakes(folder / "seed"), folder / "corpus", workers=1)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_each_mistake_is_counted(mistake: str, mended: ImportResult) -> None:
    told, reason = reasons(mended), TOLD[mistake]
    name = OTHERS.get(mistake, take_with(mistake))
    assert mended.corpus is not None
    if reason and mistake != "bad name":
        assert name in told[reason]
        lines = [line for line in mended.table().split("\n") if reason in line]
        assert len(lines) == 1
        assert f" {counts((*mended.skipped, *mended.notes))[reason]} " in lines[0]
    if mistake == "bad name":
        # What leads out of a folder is taken by its last part, which no take of ours has.
        assert "escape" in told["no motion file"]
        assert told["no timeline in the labels"] == ["escape"]
    assert (name in mended.corpus) == (mistake not in (*OUT, *OTHERS))


def test_what_is_not_touched_by_a_mistake_stays_as_it_is(mended: ImportResult, tmp_path: Path) -> None:
    whole = import_corpus(seed_folder(tmp_path / "seed"), tmp_path / "corpus", workers=1).corpus
    assert whole is not None
    assert mended.corpus is not None
    assert set(mended.corpus.names) == set(whole.names) - {take_with(mistake) for mistake in OUT}
    spoken_otherwise = {take_with(m) for m in MISTAKES if "event" in TOLD[m]} | {take_with("no sentences")}
    for name in mended.corpus.names:
        assert (mended.corpus.features(name) == whole.features(name)).all()
        if name not in spoken_otherwise - {take_with("num_events")}:
            assert mended.corpus.captions(name) == whole.captions(name)
        for caption in mended.corpus.captions(name):
            if caption.events is not None and caption.events.spans is not None:
                spans = caption.events.spans
                assert all(start < end for start, end in spans)
                assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))
                assert spans[-1][1] <= len(mended.corpus.features(name)) / 20


def test_the_same_from_an_archive(mended: ImportResult, tmp_path: Path) -> None:
    folder = all_mistakes(tmp_path / "seed")
    packed(folder)
    result = import_corpus(folder, tmp_path / "corpus", workers=2)
    assert result.corpus is not None
    assert mended.corpus is not None
    assert result.corpus.fingerprint == mended.corpus.fingerprint
    stray = TOLD["stray take"]
    assert {r: sorted(c) for r, c in reasons(result).items()} == {
        r: sorted(c) for r, c in reasons(mended).items() if r != stray
    }


def test_a_number_of_events_that_is_right_is_not_noted(mended: ImportResult) -> None:
    assert reasons(mended)[TOLD["num_events"]] == [take_with("num_events")]


def test_a_nan_is_named_with_its_line(mended: ImportResult) -> None:
    (remark,) = [remark for remark in mended.skipped if remark.clip == take_with("nan")]
    assert ".bvh:" in remark.detail
    assert "expected a finite number, found 'nan'" in remark.detail


def refused(folder: Path, dest: Path, words: str, kind: type[ChronomotionError] = CorpusError, **options) -> None:
    """One line, and nothing written."""
    before = sorted(folder.parent.iterdir())
    with pytest.raises(kind) as error:
        imported(folder, dest, **options)
    assert words in str(error.value)
    assert "\n" not in str(error.value)
    assert sorted(folder.parent.iterdir()) == before


def without(folder: Path, pattern: str) -> Path:
    for path in folder.rglob(pattern):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return folder


@pytest.mark.parametrize("archive", [False, True])
def test_parts_that_are_not_there(archive: bool, tmp_path: Path) -> None:
    def folder(name: str, pattern: str) -> Path:
        made = without(seed_folder(tmp_path / name, scripts=1), pattern)
        if archive and (made / "soma_uniform").is_dir():
            packed(made)
        return made

    dest = tmp_path / "corpus"
    refused(folder("a", "*.jsonl"), dest, "metadata without labels: looked for metadata/seed_metadata_v00N_temporal")
    nowhere = "takes without metadata: looked for metadata/seed_metadata_v00N.parquet"
    if archive:  # only its end says so; what was read until then is kept
        with pytest.raises(CorpusError, match=nowhere):
            import_corpus(folder("b", "*.parquet"), tmp_path / "b corpus", workers=1)
        assert not (tmp_path / "b corpus").exists()
    else:
        refused(folder("b", "*.parquet"), dest, nowhere)
        refused(folder("c", "soma_uniform"), dest, "labels without takes: looked for soma_uniform/ and soma_uniform.ta")
        refused(folder("d", "*.bvh"), dest, "labels without takes: none of the takes")
    refused(folder("e", "nothing"), dest, "labels without takes: looked for soma_prop", skeleton="proportional")


def test_the_other_skeleton_is_pointed_out(tmp_path: Path) -> None:
    refused(
        seed_folder(tmp_path / "seed", scripts=1), tmp_path / "c",
        "; those of --skeleton uniform are there", skeleton="proportional",
    )  # fmt: skip


def test_of_two_versions_the_newer_is_read_and_named(tmp_path: Path) -> None:
    folder = seed_folder(tmp_path / "seed", scripts=1)
    old = seed_folder(tmp_path / "old", scripts=1, version=2) / "metadata" / "seed_metadata_v002.parquet"
    shutil.copy(old, folder / "metadata")
    (folder / "metadata" / "seed_metadata_v004.csv").write_text("filename\n")
    result = import_corpus(folder, tmp_path / "corpus", workers=1)
    assert result.imported == 6
    told = reasons(result)
    assert told["metadata of another version, not read"] == ["metadata/seed_metadata_v002.parquet"]
    assert told["the same metadata in another format, not read"] == ["metadata/seed_metadata_v004.csv"]
    assert any(remark.detail == "metadata/seed_metadata_v004.parquet is read" for remark in result.notes)


def test_of_two_files_of_timelines_the_one_that_tells_more_is_read(tmp_path: Path) -> None:
    folder = seed_folder(tmp_path / "seed", scripts=1)
    more = seed_folder(tmp_path / "more", scripts=1, labels="timelines") / "metadata" / "timelines.jsonl"
    shutil.copy(more, folder)
    result = import_corpus(folder, tmp_path / "corpus", workers=1)
    assert len(reasons(result)["labels that are not read"]) == 1
    assert result.corpus is not None
    sources = {c.events.source for name in result.corpus.names for c in result.corpus.captions(name) if c.events}
    assert "timeline (propagated)" in sources
    shutil.copy(more, folder / "metadata" / "seed_timelines.jsonl")
    refused(folder, tmp_path / "other", "keep the one to be read in the folder")


def test_labels_of_other_data(tmp_path: Path) -> None:
    folder = seed_folder(tmp_path / "seed", scripts=1)
    (labels,) = folder.rglob("*.jsonl")
    labels.write_text('{"filename": "x_001__A1", "num_events": 0, "events": []}\n')
    refused(folder, tmp_path / "c", "none of its 1 takes is in")


@pytest.mark.parametrize(
    ("line", "words"),
    [("{\"filename\": \"a", "not a line of JSON: is the file cut?"), ("[1]", "expected an object with a filename"),
     ("{\"filename\": 3}", "expected an object with a filename")],
)  # fmt: skip
def test_a_line_that_is_no_label(line: str, words: str, tmp_path: Path) -> None:
    folder = seed_folder(tmp_path / "seed", scripts=1)
    (labels,) = folder.rglob("*.jsonl")
    labels.write_text(f"{labels.read_text()}{line}")
    refused(folder, tmp_path / "c", f"{labels.name}:7: {words}", FormatError)


def test_metadata_that_are_none(tmp_path: Path) -> None:
    folder = seed_folder(tmp_path / "seed", scripts=1)
    path = folder / "metadata" / "seed_metadata_v004.parquet"
    pa.parquet.write_table(pa.table({"a": [1], "b": ["x"]}), path)
    refused(folder, tmp_path / "c", "no column 'filename' with names of takes; it has a, b", FormatError)
    path.write_bytes(path.read_bytes()[:-20])
    refused(folder, tmp_path / "c", "metadata that cannot be read", FormatError)
    path.rename(path.with_suffix(".csv"))
    refused(folder, tmp_path / "c", "seed_metadata_v004.csv", FormatError)


def test_options_with_which_nothing_comes_in(tmp_path: Path) -> None:
    folder, dest = seed_folder(tmp_path / "seed"), tmp_path / "c"
    refused(
        folder, dest, "there is no package 'Sports'; there are Gestures (12), Locomotion (12)", packages=("Sports",)
    )
    refused(folder, dest, "--limit must be a whole number from 1 on, not 0", limit=0)
    refused(folder, dest, "no such folder of split files", split_files=tmp_path / "nowhere")


def test_split_files_of_another_version(tmp_path: Path) -> None:
    folder, dest, lists = seed_folder(tmp_path / "in" / "seed"), tmp_path / "in" / "c", tmp_path / "splits"
    takes = seed_takes()
    write_split_files(lists, takes, content=takes[0].script, repetition="A101")
    train = lists / "train_split_paths.txt"
    right = train.read_text()
    train.write_text("".join(f"200101/other_{number:03d}__A1\n" for number in range(50)) + right)
    refused(folder, dest, "the split files are of another version of the data", split_files=lists)
    train.write_text(right + "200101/other_001__A1\n")
    told = reasons(imported(folder, dest, split_files=lists))
    assert told["path of a split file that the metadata do not have"] == ["other_001__A1"]
    shutil.rmtree(dest)
    train.write_text("".join(line for line in right.splitlines(keepends=True)[1:]))
    told = reasons(imported(folder, dest, split_files=lists))
    assert len(told["take in none of the split files"]) == 1
    shutil.rmtree(dest)
    train.write_text(right + (lists / "test_content_split_paths.txt").read_text().splitlines()[0])
    told = reasons(imported(folder, dest, split_files=lists))
    assert told["take in two split files, left in the first"] == [takes[0].name]
    train.unlink()
    shutil.rmtree(dest)
    refused(folder, dest, "train_split_paths.txt is not there", split_files=lists)


@pytest.mark.parametrize("share", [0.3, 0.9, 0.99])
@pytest.mark.parametrize("name", ["soma_uniform.tar.gz", "soma_uniform.tar"])
def test_an_archive_that_is_cut_off(share: float, name: str, tmp_path: Path) -> None:
    folder = seed_folder(tmp_path / "seed", scripts=1)
    archive = packed(folder, name=name)
    content = archive.read_bytes()
    archive.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(CorpusError) as error:
        import_corpus(folder, tmp_path / "corpus", workers=2)
    assert str(error.value).startswith(f"{archive}: the archive is cut off or damaged at ")
    assert "\n" not in str(error.value)
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left in (["seed"], [".corpus.import", "seed"])
    archive.write_bytes(content)
    result = import_corpus(folder, tmp_path / "corpus", workers=1)
    assert result.imported == 6
    assert sorted(path.name for path in tmp_path.iterdir()) == ["corpus", "seed"]


def test_an_archive_that_is_none(tmp_path: Path) -> None:
    folder = seed_folder(tmp_path / "seed", scripts=1)
    archive = packed(folder)
    archive.write_bytes(b"no archive at all" * 100)
    refused(folder, tmp_path / "c", "the archive is cut off or damaged at its beginning")


class Interrupted:
    """Unpacks ``after`` takes of an archive, then the user presses Ctrl-C; counts what was unpacked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, after: int = 10**9) -> None:
        self.read = 0

        def counted(archive: Path):
            for member in members(archive):
                yield type(member)(member.name, self._counting(member.read, after))

        monkeypatch.setattr(streaming, "members", counted)

    def _counting(self, read: Callable[[], bytes], after: int) -> Callable[[], bytes]:
        def counting() -> bytes:
            if self.read == after:
                raise KeyboardInterrupt
            self.read += 1
            return read()

        return counting


@pytest.mark.parametrize("tables", [False, True])
def test_an_interrupted_archive_goes_on_where_it_stopped(
    tables: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = seed_folder(tmp_path / "seed", scripts=1)
    archive, dest = packed(folder, tables=tables), tmp_path / "corpus"
    of_tables = 2 if tables else 0
    Interrupted(monkeypatch, after=4 + of_tables)
    with pytest.raises(KeyboardInterrupt):
        import_corpus(archive, dest, workers=1)
    assert len(list(work_folder(dest).iterdir())) == 4
    rest = Interrupted(monkeypatch)
    import_corpus(archive, dest, workers=1)
    assert rest.read == 2 + of_tables
    assert sorted(path.name for path in tmp_path.iterdir()) == ["corpus", "seed"]
    monkeypatch.undo()
    whole = import_corpus(archive, tmp_path / "whole", workers=2).corpus
    assert whole is not None
    assert Corpus(dest).fingerprint == whole.fingerprint


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("archive", [False, True])
def test_killed_at_many_moments_the_same_command_ends_with_the_same_corpus(archive: bool, tmp_path: Path) -> None:
    folder = seed_folder(tmp_path / "seed", scripts=6, seconds=2.0)
    if archive:
        packed(folder)
    whole = import_corpus(folder, tmp_path / "whole", workers=1).corpus
    assert whole is not None
    dest = tmp_path / "corpus"
    command = [sys.executable, "-m", "chronomotion", "import", str(folder), str(dest), "--workers", "2"]
    for after in (1.2, 1.6, 2.0, 2.5, 3.2):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(after)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        assert not dest.exists() or Corpus(dest).fingerprint == whole.fingerprint
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert Corpus(dest).fingerprint == whole.fingerprint
    assert sorted(path.name for path in tmp_path.iterdir()) == ["corpus", "seed", "whole"]


def test_another_call_into_the_same_place_is_refused(tmp_path: Path) -> None:
    folder, dest = seed_folder(tmp_path / "seed", scripts=1), tmp_path / "corpus"
    imported(folder, dest)
    assert imported(folder, dest).there_already
    for options in ({"mirror": False}, {"limit": 2}, {"half": True}, {"packages": ("Locomotion",)}):
        with pytest.raises(CorpusError, match="holds another corpus"):
            imported(folder, dest, **options)
    (labels,) = folder.rglob("*.jsonl")
    lines = [json.loads(line) for line in labels.read_text().splitlines()]
    lines[0]["events"][0]["description"] = "A person sings."
    labels.write_text("".join(json.dumps(line) + "\n" for line in lines))
    with pytest.raises(CorpusError, match="imported.sources.labels.digest"):
        imported(folder, dest)


def test_options_of_other_layouts_are_refused(tmp_path: Path) -> None:
    from chronomotion.corpus.importers import Reading
    from chronomotion.corpus.importers.seed.options import SeedOptions

    folder = seed_folder(tmp_path / "seed", scripts=1)
    with pytest.raises(CorpusError, match="a way of reading motion files goes with other layouts"):
        import_corpus(folder, tmp_path / "c", reading=Reading(unit="m"))
    with pytest.raises(CorpusError, match="choosing takes and skeletons goes with the layout seed"):
        import_corpus(folder / "soma_uniform", tmp_path / "c", seed=SeedOptions(limit=2))
