"""BONES-SEED, whole and in order: what comes in as what."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from seed_folders import imported, packed, reasons, seed_folder, seed_takes

from chronomotion.corpus import Corpus
from chronomotion.corpus.importers import Reading, import_corpus
from chronomotion.corpus.importers.plan import MotionFile
from chronomotion.corpus.importers.reading import read_features
from chronomotion.corpus.importers.seed.scripts import ScriptGroups, script_of, take_name
from chronomotion.corpus.importers.seed.takes import READING
from chronomotion.corpus.mirror_ids import original_id
from chronomotion.corpus.verify import verify
from chronomotion.evaluation.questions import Questions
from chronomotion.motion.features import motion_of
from chronomotion.motion.layout import HUMANML3D_LAYOUT
from synthetic_seed import write_split_files


def corpus_of(result) -> Corpus:
    assert result.corpus is not None
    return result.corpus


def test_a_folder_comes_in_whole(tmp_path: Path) -> None:
    takes = seed_takes()
    result = import_corpus(seed_folder(tmp_path / "seed"), tmp_path / "corpus", workers=1)
    corpus = corpus_of(result)
    assert (result.layout, result.skipped, result.passed) == ("seed", (), ())
    assert result.notes == ()
    assert corpus.names == sorted(take.name for take in takes)
    assert corpus.fps == 20.0
    for take in takes:
        *sentences, timeline = corpus.captions(take.name)
        written = [text for text in take.sentences.values() if text]
        assert [caption.text for caption in sentences] == list(dict.fromkeys(written))
        assert all(caption.events is None and (caption.start, caption.end) == (0, None) for caption in sentences)
        assert timeline.events is not None
        assert timeline.events.source == "timeline"
        assert list(timeline.events.texts) == [event["description"] for event in take.events]
        assert timeline.text == " ".join(timeline.events.texts)
        assert timeline.events.spans is not None
        duration = len(corpus.features(take.name)) / 20
        assert [span[0] for span in timeline.events.spans] == [event["start_time"] for event in take.events]
        assert timeline.events.spans[-1][1] == min(take.events[-1]["end_time"], duration)
    verify(corpus)


def test_features_are_those_of_the_general_reader(tmp_path: Path) -> None:
    folder = seed_folder(tmp_path / "seed")
    corpus = corpus_of(import_corpus(folder, tmp_path / "corpus", workers=1))
    for path in (folder / "soma_uniform").rglob("*.bvh"):
        whole = read_features(MotionFile(path, "take"), HUMANML3D_LAYOUT, Reading(trim=0)).features
        assert np.array_equal(corpus.features(path.stem), whole)
        ours, theirs = motion_of(corpus.features(path.stem)), motion_of(whole)
        assert np.abs(ours.positions - theirs.positions).max() <= 1e-4
    heights = [float(motion_of(corpus.features(name)).positions[..., 1].max()) for name in corpus.names]
    assert 1.2 < min(heights) < max(heights) < 2.3


@pytest.mark.parametrize("tables", ["beside", "within", "within, last", "plain tar"])
@pytest.mark.parametrize("workers", [1, 2])
def test_an_archive_gives_the_same_corpus(tables: str, workers: int, tmp_path: Path) -> None:
    whole = corpus_of(import_corpus(seed_folder(tmp_path / "seed"), tmp_path / "corpus", workers=1))
    folder = seed_folder(tmp_path / "other" / "seed")
    name = "soma_uniform.tar" if tables == "plain tar" else "soma_uniform.tar.gz"
    archive = packed(folder, tables="within" in tables, tables_last="last" in tables, name=name)
    before = sorted(path.name for path in folder.rglob("*"))
    one = import_corpus(folder, tmp_path / "of folder", workers=workers)
    two = import_corpus(archive, tmp_path / "of archive", workers=workers)
    assert corpus_of(one).fingerprint == corpus_of(two).fingerprint == whole.fingerprint
    assert one.skipped == two.skipped == one.notes == two.notes == ()
    assert sorted(path.name for path in folder.rglob("*")) == before
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
    again = import_corpus(archive, tmp_path / "of archive")
    assert again.there_already


def test_limit_and_filters_hold_for_archives_with_tables_within(tmp_path: Path) -> None:
    for place, last in (("first", False), ("last", True)):
        archive = packed(seed_folder(tmp_path / place), tables=True, tables_last=last)
        result = imported(archive, tmp_path / f"corpus-{place}", mirror=False, packages=("gestures",), limit=4)
        wanted = [take.name for take in seed_takes() if take.package == "Gestures" and not take.mirrored][:4]
        assert corpus_of(result).names == sorted(wanted)
        assert result.skipped == ()


def test_tables_in_the_middle_of_an_archive(tmp_path: Path) -> None:
    """Takes before them come in where they are wanted, and do not count where they are not."""
    folder = seed_folder(tmp_path / "seed")
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    tables, takes = [p for p in files if "metadata" in p.parts], [p for p in files if p.suffix == ".bvh"]
    with tarfile.open(tmp_path / "x.tgz", "w:gz") as tar:
        for path in [*takes[:15], *tables, *takes[15:]]:
            tar.add(path, path.relative_to(folder).as_posix())
    result = imported(tmp_path / "x.tgz", tmp_path / "corpus", mirror=False)
    assert corpus_of(result).names == sorted(take.name for take in seed_takes() if not take.mirrored)
    assert result.skipped == ()


@pytest.mark.parametrize("version", [2, 3, 4])
@pytest.mark.parametrize("table", ["parquet", "csv"])
def test_every_version_in_either_format(version: int, table: str, tmp_path: Path) -> None:
    folder = seed_folder(tmp_path / "seed", version=version, table=table, scripts=2)
    result = import_corpus(folder, tmp_path / "corpus", workers=1)
    corpus = corpus_of(result)
    assert len(corpus) == 12
    captions = [caption.text for name in corpus.names for caption in corpus.captions(name)]
    assert any(text.startswith("Somebody") for text in captions)
    missing = reasons(result).get("column that these metadata do not have", [])
    assert missing == (["content_name", "content_short_description_2"] if version == 2 else [])
    assert "version" not in result.table()


def test_columns_by_other_names_and_types(tmp_path: Path) -> None:
    folder = seed_folder(tmp_path / "seed", scripts=1)
    path = folder / "metadata" / "seed_metadata_v004.parquet"
    table = pa.parquet.read_table(path)
    names = {"filename": "File_Name", "is_mirror": "IS_MIRRORED", "content_natural_desc_1": "natural_description_1"}
    rows = pa.table({names.get(name, name): table.column(name) for name in table.column_names if name != "move_name"})
    rows = rows.set_column(0, "File_Name", pa.array([f"{name}.bvh" for name in rows.column("File_Name").to_pylist()]))
    flags = pa.array([1.0 if flag else 0.0 for flag in rows.column("IS_MIRRORED").to_pylist()])
    rows = rows.set_column(rows.column_names.index("IS_MIRRORED"), "IS_MIRRORED", flags)
    pa.parquet.write_table(rows, path)
    corpus = corpus_of(imported(folder, tmp_path / "corpus", mirror=False))
    assert corpus.names == sorted(take.name for take in seed_takes(scripts=1) if not take.mirrored)
    assert corpus.captions(corpus.names[0])[0].text == seed_takes(scripts=1)[0].sentences["content_natural_desc_1"]


def test_timelines_that_were_carried_over_are_marked_and_can_be_left_out(tmp_path: Path) -> None:
    folder = seed_folder(tmp_path / "seed", labels="timelines", scripts=2)
    marked = corpus_of(import_corpus(folder, tmp_path / "marked", workers=1))
    independent = {take.name for take in seed_takes(labels="timelines", scripts=2) if take.propagated is None}
    sources = {name: [c.events.source for c in marked.captions(name) if c.events] for name in marked.names}
    assert sources == {name: ["timeline" if name in independent else "timeline (propagated)"] for name in marked.names}
    alone = corpus_of(imported(folder, tmp_path / "alone", propagated=False))
    assert alone.names == marked.names
    assert {name for name in alone.names if any(c.events for c in alone.captions(name))} == independent
    assert all(alone.captions(name) for name in alone.names)


def test_the_overview_is_one_sentence_more(tmp_path: Path) -> None:
    folder = seed_folder(tmp_path / "seed", labels="timelines", scripts=1)
    path = folder / "metadata" / "timelines.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    lines[0]["overview_description"] = "A person  is seen."
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    corpus = corpus_of(import_corpus(folder, tmp_path / "corpus", workers=1))
    texts = [caption.text for caption in corpus.captions(lines[0]["filename"])]
    assert texts[-2] == "A person is seen."
    same = [caption.text for caption in corpus.captions(lines[1]["filename"])]
    assert len(same) == len(texts) - 1


def test_sentences_alone(tmp_path: Path) -> None:
    folder = seed_folder(tmp_path / "seed", labels=None, scripts=1)
    corpus = corpus_of(imported(folder, tmp_path / "corpus", timeline=False))
    assert not [c for name in corpus.names for c in corpus.captions(name) if c.events]


def test_each_actors_own_skeleton(tmp_path: Path) -> None:
    folder = seed_folder(tmp_path / "seed", scripts=1, skeletons=("proportional", "uniform"))
    uniform = corpus_of(import_corpus(folder, tmp_path / "uniform", workers=1))
    own = corpus_of(imported(folder, tmp_path / "own", skeleton="proportional"))
    assert own.names == uniform.names
    assert own.fingerprint != uniform.fingerprint
    assert own.info["imported"]["skeleton"] == "proportional"
    archive = packed(folder, name="both.tar.gz")
    of_archive = corpus_of(imported(archive, tmp_path / "of archive", skeleton="proportional"))
    assert of_archive.fingerprint == own.fingerprint


def split_of(corpus: Corpus) -> dict[str, str]:
    return {name: split for split in corpus.splits for name in corpus.split(split)}


def test_takes_of_one_script_never_straddle_splits(tmp_path: Path) -> None:
    folder = seed_folder(tmp_path / "seed", scripts=12, actors=2, seconds=0.3)
    corpus = corpus_of(import_corpus(folder, tmp_path / "corpus", workers=1))
    places = split_of(corpus)
    assert len(places) == len(corpus)
    by_script: dict[str, set[str]] = {}
    for name in corpus.names:
        by_script.setdefault(script_of(name), set()).add(places[name])
    assert len(by_script) == 12
    assert all(len(splits) == 1 for splits in by_script.values())
    assert len(corpus.splits) > 1
    few = corpus_of(imported(folder, tmp_path / "few", mirror=False, packages=("Locomotion",)))
    assert all(places[name] == split for name, split in split_of(few).items())


def test_official_splits(tmp_path: Path) -> None:
    takes = seed_takes(scripts=12, actors=2, seconds=0.3)
    folder = seed_folder(tmp_path / "seed", scripts=12, actors=2, seconds=0.3)
    content = takes[0].script
    write_split_files(tmp_path / "benchmark" / "splits", takes, content=content, repetition="A101")
    corpus = corpus_of(imported(folder, tmp_path / "corpus", split_files=tmp_path / "benchmark"))
    expected_content = {take.name for take in takes if take.script == content}
    expected_repetition = {take.name for take in takes if "A101" in take.name} - expected_content
    assert set(corpus.split("test_content")) == expected_content
    assert set(corpus.split("test_repetition")) == expected_repetition
    assert set(corpus.split("test")) == expected_content | expected_repetition
    train, val = (set(corpus.split(split)) if split in corpus.splits else set() for split in ("train", "val"))
    assert train | val == set(corpus.names) - expected_content - expected_repetition
    assert not {script_of(name) for name in train} & {script_of(name) for name in val}


def test_validation_is_a_share_of_the_scripts() -> None:
    from chronomotion.corpus.importers.seed.official_splits import _with_val

    names = [f"script{number}_00{take}__A1" for number in range(2000) for take in (1, 2)]
    splits = _with_val({"train": names, "test_content": ["x_001__A1"]}, ScriptGroups((n, "") for n in names).of)
    assert 0.04 < len(splits["val"]) / len(names) < 0.06
    assert not {script_of(n) for n in splits["val"]} & {script_of(n) for n in splits["train"]}
    assert splits["test"] == splits["test_content"] == ["x_001__A1"]


def test_mirror_images_are_one_cluster_with_their_originals(tmp_path: Path) -> None:
    corpus = corpus_of(import_corpus(seed_folder(tmp_path / "seed"), tmp_path / "corpus", workers=1))
    questions = Questions(corpus, "train", made_motions=False)
    cluster = dict(zip(questions.clips, questions.clusters, strict=True))
    originals = [name for name in questions.clips if not name.endswith("_M")]
    assert all(cluster[f"{name}_M"] == cluster[name] for name in originals)
    assert len({cluster[name] for name in originals}) == len(originals)


def test_either_spelling_of_a_mirror_image() -> None:
    known = {"000001", "M000001", "walk__A1", "walk__A1_M", "alone_M", "Max"}
    originals = {name: original_id(name, known) for name in known}
    assert {name for name, original in originals.items() if name != original} == {"M000001", "walk__A1_M"}
    assert (originals["M000001"], originals["walk__A1_M"]) == ("000001", "walk__A1")


@pytest.mark.parametrize(
    ("name", "script"),
    [
        ("neutral_walk_ff_180_R_002__A535", "neutral_walk_ff_180_R"),
        ("neutral_walk_ff_180_R_002__A535_M", "neutral_walk_ff_180_R"),
        ("neutral_walk_ff_180_R_017__A001", "neutral_walk_ff_180_R"),
        ("dancing_routine_2_004__A081_M", "dancing_routine_2"),
        ("body_stretch_v001_001__A359", "body_stretch_v001"),
        ("jump__A1", "jump"),
        ("jump", "jump"),
        ("_M", "_M"),
    ],
)
def test_the_script_of_a_take(name: str, script: str) -> None:
    assert script_of(name) == script


def test_groups_join_scripts_of_one_content() -> None:
    contents = {"a_001__A1": "walk", "b_001__A1": "walk", "c_001__A1": "", "b_002__A2": "run", "d_001__A1": "run"}
    takes = list(contents.items())
    for order in (takes, takes[::-1]):
        groups = ScriptGroups(order)
        assert len({groups.of(name) for name, _ in takes}) == 2
        assert groups.of("c_009__A7_M") == "script c"
        assert groups.of("d_001__A1") == groups.of("a_001__A1") == "content run"


def test_names_of_takes_in_paths() -> None:
    for path in ("soma_uniform/bvh/221121/x.y_001__A1.bvh", "221121/x.y_001__A1", "221121\\x.y_001__A1.CSV"):
        assert take_name(path) == "x.y_001__A1"


def test_half(tmp_path: Path) -> None:
    folder = seed_folder(tmp_path / "seed", scripts=1)
    full, half = (imported(folder, tmp_path / str(half), half=half) for half in (False, True))
    names = corpus_of(full).names
    assert corpus_of(half).is_half
    assert np.abs(corpus_of(full).features(names[0]) - corpus_of(half).features(names[0])).max() < 2e-3


def test_the_command(tmp_path: Path) -> None:
    folder = seed_folder(tmp_path / "seed")
    write_split_files(tmp_path / "splits", seed_takes(), content=seed_takes()[0].script, repetition="A101")
    packed(folder)
    options = ["--package", "Locomotion", "Gestures", "--limit", "6", "--no-mirror", "--no-propagated", "--half"]
    command = [sys.executable, "-m", "chronomotion", "import", str(folder), str(tmp_path / "corpus"), *options]
    command += ["--split-files", str(tmp_path / "splits"), "--skeleton", "uniform", "--workers", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("imported")
    corpus = Corpus(tmp_path / "corpus")
    assert len(corpus) == 6
    assert corpus.is_half
    assert "test_content" in corpus.splits


def test_memory_of_streaming_does_not_hold_members(tmp_path: Path) -> None:
    """What a stream of an archive keeps is one member, however many there are."""
    import tracemalloc

    from chronomotion.corpus.importers.seed.archive import members

    archive = packed(seed_folder(tmp_path / "seed", scripts=12, actors=2, seconds=0.3))
    sizes, largest = [], 0
    for member in members(archive):
        if not tracemalloc.is_tracing():
            tracemalloc.start()
        largest = max(largest, len(member.read()))
        sizes.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert len(sizes) == 48
    assert max(sizes[24:]) <= max(sizes[:24]) + largest


def test_the_reading_is_fixed(tmp_path: Path) -> None:
    assert (READING.unit, READING.up, READING.trim) == ("cm", "y", 0)
