import json
import re

import numpy as np
import pytest

import chronomotion.corpus.writer
from chronomotion.corpus import Clip, Corpus, CorpusWriter
from chronomotion.corpus.batches import bucketed_batches
from chronomotion.corpus.verify import verify, verify_once
from chronomotion.corpus.writer import recaptioned
from chronomotion.errors import BusyError, CorpusError
from chronomotion.language.caption import Caption, Events


def clips():
    rng = np.random.default_rng(0)
    events = Events(("a person walks.", "a person sits."), ((0.0, 1.0), (1.2, 2.0)), ("walk", "sit"), "test 1")
    for i in range(4):
        features = rng.normal(size=(10 + i, 5)).astype(np.float32)
        yield Clip(f"clip-{i}", features, (Caption("A person walks, then sits.", 0.0, 2.0, events), Caption("Äh.")))


def write(folder, **description):
    with CorpusWriter(folder, dim=5, fps=20.0, description={"licence": "CC0-1.0", **description}) as writer:
        for clip in clips():
            writer.add(clip)
        return writer.finish({"train": ["clip-0", "clip-1"], "test": ["clip-2", "clip-3"]})


def test_what_was_written_is_read(tmp_path):
    write(tmp_path / "corpus")
    corpus = Corpus(tmp_path / "corpus")
    for clip in clips():
        read = corpus.clip(clip.name)
        assert np.array_equal(read.features, clip.features)
        assert read.captions == clip.captions
    assert corpus.names == ["clip-0", "clip-1", "clip-2", "clip-3"]
    assert corpus.split("test") == ["clip-2", "clip-3"]
    assert (corpus.fps, corpus.dim, corpus.info["captions"]) == (20.0, 5, 8)


def test_tags_are_kept_and_change_nothing_where_there_are_none(tmp_path):
    """An optional key: corpora without tags keep their bytes, so their fingerprints."""
    tags = (("a", "DET"), ("and/or", "CCONJ"))
    with CorpusWriter(tmp_path / "c", dim=5, fps=20.0, description={}) as writer:
        writer.add(Clip("x", np.zeros((2, 5), np.float32), (Caption("a and/or", tags=tags), Caption("b"))))
        corpus = writer.finish({})
    assert [caption.tags for caption in corpus.captions("x")] == [tags, None]
    first, second = (tmp_path / "c" / "captions.jsonl").read_text().splitlines()
    assert json.loads(first)["tags"] == "a/DET and/or/CCONJ"
    assert second == '{"clip": "x", "text": "b", "start": 0.0, "end": null}'
    (tmp_path / "c" / "captions.jsonl").write_text(first.replace("a/DET", "a") + "\n")
    with pytest.raises(CorpusError, match=r"captions\.jsonl:1: not a caption"):
        Corpus(tmp_path / "c")


def test_features_are_views_of_the_file(tmp_path):
    features = write(tmp_path / "corpus").features("clip-1")
    assert not features.flags.owndata
    assert not features.flags.writeable


def test_statistics_are_those_of_the_training_split(tmp_path):
    corpus = write(tmp_path / "corpus")
    rows = np.concatenate([corpus.features(name) for name in corpus.split("train")])
    mean, std = corpus.stats
    assert np.allclose(mean, rows.mean(0), atol=1e-6)
    assert np.allclose(std, rows.std(0), atol=1e-6)


def test_fingerprint_depends_on_content_alone(tmp_path):
    first, second = write(tmp_path / "a", source="x"), write(tmp_path / "b", source="y")
    assert first.fingerprint == second.fingerprint
    with CorpusWriter(tmp_path / "c", dim=5, fps=20.0, description={}) as writer:
        for clip in clips():
            writer.add(clip)
        third = writer.finish({"train": ["clip-0"]})
    assert third.fingerprint != first.fingerprint


def test_nothing_stays_behind_when_writing_fails(tmp_path):
    class OutOfDiskError(Exception):
        pass

    def failing():
        yield next(clips())
        raise OutOfDiskError

    def write_all():
        with CorpusWriter(tmp_path / "c", dim=5, fps=20.0, description={}) as writer:
            for clip in failing():
                writer.add(clip)

    with pytest.raises(OutOfDiskError):
        write_all()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("clip", "message"),
    [
        (Clip("clip-0", np.zeros((3, 5), np.float32), ()), "two clips are named 'clip-0'"),
        (Clip("new", np.zeros((3, 4), np.float32), ()), r"features of shape \(3, 4\), expected \(frames, 5\)"),
        (Clip("new", np.full((3, 5), np.nan, np.float32), ()), "not finite"),
    ],
)
def test_clips_that_do_not_fit_are_refused(tmp_path, clip, message):
    with CorpusWriter(tmp_path / "c", dim=5, fps=20.0, description={}) as writer:
        writer.add(next(clips()))
        with pytest.raises(CorpusError, match=message):
            writer.add(clip)


def test_errors_say_what_and_where(tmp_path):
    with pytest.raises(CorpusError, match=r"is not a corpus: it has no corpus\.json"):
        Corpus(tmp_path)
    (tmp_path / "file").write_text("text")
    with pytest.raises(CorpusError, match=r"file is not a corpus: it has no corpus\.json"):
        Corpus(tmp_path / "file")
    corpus = write(tmp_path / "c")
    with pytest.raises(CorpusError, match="has no split 'val'; it has test, train"):
        corpus.split("val")
    with pytest.raises(CorpusError, match="has no clip 'nobody'"):
        corpus.features("nobody")
    with pytest.raises(CorpusError, match="exists and is not empty"):
        CorpusWriter(tmp_path / "c", dim=5, fps=20.0, description={})
    path = tmp_path / "c" / "captions.jsonl"
    path.write_text(path.read_text() + '{"clip": "clip-0"}\n')
    with pytest.raises(CorpusError, match=r"captions\.jsonl:9: not a caption"):
        Corpus(tmp_path / "c")
    info = json.loads((tmp_path / "c" / "corpus.json").read_text())
    (tmp_path / "c" / "corpus.json").write_text(json.dumps(info | {"format_version": 99}))
    with pytest.raises(CorpusError, match="format_version is 99, this version of chronomotion reads 1"):
        Corpus(tmp_path / "c")


def test_batches_hold_every_clip_and_clips_of_similar_length():
    lengths = np.random.default_rng(0).integers(20, 200, 500).tolist()
    batches = bucketed_batches(lengths, 32, 0, 1)
    assert all(len(batch) == 32 for batch in batches)
    assert {i for batch in batches for i in batch} == set(range(500))
    spread = np.mean([max(lengths[i] for i in batch) - min(lengths[i] for i in batch) for batch in batches])
    assert spread < 60  # a random batch of 32 spans about 170
    assert batches == bucketed_batches(lengths, 32, 0, 1)
    assert batches != bucketed_batches(lengths, 32, 0, 2)


def test_a_corpus_is_a_collection_of_clips(tmp_path):
    corpus = write(tmp_path / "corpus")
    assert [clip.name for clip in corpus] == corpus.names
    assert corpus["clip-2"].captions == corpus.captions("clip-2")
    assert len(corpus) == 4
    assert "clip-3" in corpus
    assert "clip-9" not in corpus
    assert len(repr(corpus)) < 200
    assert "4 clips" in repr(corpus)


def other_captions(corpus):
    return [[Caption(f"A person does {name}.")] for name in corpus.names]


def test_a_copy_with_other_captions_shares_its_motions(tmp_path):
    corpus = write(tmp_path / "corpus")
    copy = recaptioned(corpus, tmp_path / "copy", other_captions(corpus), note="new")
    assert (tmp_path / "copy" / "motions.arrow").samefile(tmp_path / "corpus" / "motions.arrow")
    assert copy.captions("clip-1") == (Caption("A person does clip-1."),)
    assert np.array_equal(copy.features("clip-1"), corpus.features("clip-1"))
    assert (copy.info["note"], copy.info["hours"], copy.info["clips"]) == ("new", corpus.info["hours"], 4)
    verify(copy)


def test_a_copy_is_the_corpus_that_would_have_been_written(tmp_path):
    """Sharing motions is a matter of disk alone: fingerprint and statistics are those of writing everything."""
    corpus = write(tmp_path / "corpus")
    with CorpusWriter(tmp_path / "whole", dim=5, fps=20.0, description={}) as writer:
        for name, captions in zip(corpus.names, other_captions(corpus), strict=True):
            writer.add(Clip(name, corpus.features(name), tuple(captions)))
        whole = writer.finish({split: corpus.split(split) for split in corpus.splits})
    copy = recaptioned(corpus, tmp_path / "copy", other_captions(corpus))
    assert copy.fingerprint == whole.fingerprint
    for name in ("motions.arrow", "captions.jsonl", "stats.safetensors", "splits/train.txt"):
        assert (copy.folder / name).read_bytes() == (whole.folder / name).read_bytes(), name


def test_without_links_motions_are_copied(tmp_path, monkeypatch):
    def no_links(*_):
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr("os.link", no_links)
    corpus = write(tmp_path / "corpus")
    copy = recaptioned(corpus, tmp_path / "copy", other_captions(corpus))
    assert not (copy.folder / "motions.arrow").samefile(corpus.folder / "motions.arrow")
    verify(copy)


def test_one_flipped_bit_is_noticed(tmp_path):
    corpus = write(tmp_path / "corpus")
    verify(corpus)
    path = tmp_path / "corpus" / "motions.arrow"
    damaged = bytearray(path.read_bytes())
    where = damaged.find(corpus.features("clip-2").tobytes()[:20])
    damaged[where + 3] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(CorpusError, match=rf"fingerprint is {corpus.fingerprint}, but its files give [0-9a-f]{{32}}:"):
        verify(Corpus(tmp_path / "corpus"))


@pytest.mark.parametrize("name", ["captions.jsonl", "splits/test.txt"])
def test_changed_captions_and_splits_are_noticed(tmp_path, name):
    corpus = write(tmp_path / "corpus")
    path = corpus.folder / name
    path.write_text(path.read_text().replace("Äh.", "Ah.").replace("clip-3\n", ""))
    with pytest.raises(CorpusError, match="its files give"):
        verify(Corpus(corpus.folder))


def test_what_was_verified_once_is_not_read_again_until_it_changes(tmp_path, monkeypatch):
    corpus, read = write(tmp_path / "corpus"), []
    monkeypatch.setattr("chronomotion.corpus.verify.verify", lambda one: read.append(one.folder))
    verify_once(corpus, tmp_path / "memory")
    verify_once(Corpus(corpus.folder), tmp_path / "memory")
    assert len(read) == 1
    (corpus.folder / "motions.arrow").touch()
    verify_once(Corpus(corpus.folder), tmp_path / "memory")
    assert len(read) == 2


def test_two_writers_of_one_folder(tmp_path):
    with CorpusWriter(tmp_path / "c", dim=5, fps=20.0, description={}) as writer:
        with pytest.raises(BusyError, match=r"c\.partial: process \d+ on .* is at work there"):
            CorpusWriter(tmp_path / "c", dim=5, fps=20.0, description={})
        writer.add(next(clips()))
        assert writer.finish({}).names == ["clip-0"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c"]
    assert not (tmp_path / "c" / ".lock").exists()


def test_what_a_killed_writer_left_is_removed(tmp_path):
    (tmp_path / ".c.partial" / "splits").mkdir(parents=True)
    for name in ("motions.arrow", ".lock", "splits/train.txt"):
        (tmp_path / ".c.partial" / name).write_text("half a file")
    assert write(tmp_path / "c").splits == ["test", "train"]
    assert [path.name for path in tmp_path.iterdir()] == ["c"]


def test_a_full_disk_says_which_corpus_and_leaves_nothing(tmp_path, monkeypatch):
    """Every write goes through the operating system; here the third batch finds no room."""
    batches = []

    def record(name, features):
        batches.append(name)
        if len(batches) == 3:
            raise OSError(28, "No space left on device")
        return real(name, features)

    real = chronomotion.corpus.writer._record
    monkeypatch.setattr("chronomotion.corpus.writer._record", record)
    with pytest.raises(CorpusError, match=r"c: cannot be written \(No space left on device\): the unfinished corpus"):
        write(tmp_path / "c")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["a.bvh"], r"it holds motion files: `chronomotion import .* CORPUS`"),
        (["model.safetensors", "config.json"], "it is a model"),
        ([], "`chronomotion compose`"),
    ],
)
def test_what_is_no_corpus_names_the_next_step(tmp_path, names, message):
    for name in names:
        (tmp_path / name).touch()
    with pytest.raises(CorpusError, match=message):
        Corpus(tmp_path)
    with pytest.raises(CorpusError, match="there is no such folder"):
        Corpus(tmp_path / "nowhere")


def test_the_same_captions_again_are_there_already_and_others_are_refused(toy_corpus, tmp_path):
    captions = [toy_corpus.captions(name) for name in toy_corpus.names]
    copy = recaptioned(toy_corpus, tmp_path / "copy", captions)
    asked: list[int] = []

    def other():
        for number, spoken in enumerate(captions):
            asked.append(number)
            yield [Caption("another one")] if number == 1 else spoken

    assert recaptioned(toy_corpus, tmp_path / "copy", captions).fingerprint == copy.fingerprint
    name = re.escape(toy_corpus.names[1])
    with pytest.raises(CorpusError, match=f"copy holds another corpus .* of {name} is .* there and .* here"):
        recaptioned(toy_corpus, tmp_path / "copy", other())
    assert asked == [0, 1]  # a language model is not asked for the rest
    with pytest.raises(CorpusError, match="is not empty"):
        recaptioned(toy_corpus, toy_corpus.folder, captions)
