"""Corpora that keep features as float16."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from chronomotion.corpus import Clip, Corpus, CorpusWriter
from chronomotion.corpus.compose.compose import compose
from chronomotion.corpus.info import describe_corpus
from chronomotion.corpus.verify import verify
from chronomotion.corpus.writer import recaptioned
from chronomotion.errors import CorpusError
from chronomotion.language.caption import Caption
from toys import ToyClips

EXACT = np.arange(60, dtype=np.float32).reshape(12, 5) / 8
"""Numbers that float16 holds exactly."""


def written(folder: Path, features: np.ndarray, *, half: bool) -> Corpus:
    with CorpusWriter(folder, dim=5, fps=20.0, description={}, half=half) as writer:
        writer.add(Clip("a", features, (Caption("x"),)))
        return writer.finish({"train": ["a"]})


def test_features_come_back_as_float32(tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(size=(40, 5)).astype(np.float32)
    half, full = written(tmp_path / "half", values, half=True), written(tmp_path / "full", values, half=False)
    assert half.features("a").dtype == np.float32
    assert not half.features("a").flags.writeable
    assert np.array_equal(half.features("a"), values.astype(np.float16).astype(np.float32))
    assert np.array_equal(full.features("a"), values)
    sizes = [(folder / "motions.arrow").stat().st_size for folder in (half.folder, full.folder)]
    assert sizes[1] - sizes[0] >= 40 * 5 * 2


def test_statistics_are_those_of_what_is_kept(tmp_path: Path) -> None:
    values = np.random.default_rng(1).normal(size=(40, 5)).astype(np.float32) * 100
    mean, _ = written(tmp_path / "c", values, half=True).stats
    assert np.allclose(mean, values.astype(np.float16).astype(np.float64).mean(axis=0), atol=1e-5)


def test_the_fingerprint_differs_even_where_no_number_does(tmp_path: Path) -> None:
    half, full = written(tmp_path / "half", EXACT, half=True), written(tmp_path / "full", EXACT, half=False)
    assert np.array_equal(half.features("a"), full.features("a"))
    assert half.fingerprint != full.fingerprint
    assert "dtype" not in json.loads((full.folder / "corpus.json").read_text())
    assert "kept as float16" in describe_corpus(half).table()
    assert "kept as" not in describe_corpus(full).table()
    assert [describe_corpus(corpus).to_dict()["kept_as"] for corpus in (half, full)] == ["float16", "float32"]
    verify(half)
    verify(full)


def test_damage_is_noticed(tmp_path: Path) -> None:
    corpus = written(tmp_path / "c", EXACT, half=True)
    path = corpus.folder / "motions.arrow"
    content = path.read_bytes()
    kept = EXACT.astype(np.float16).tobytes()
    assert kept in content
    path.write_bytes(content.replace(kept, b"\0" * len(kept)))
    with pytest.raises(CorpusError, match="a file was changed or damaged"):
        verify(Corpus(corpus.folder))


def test_numbers_that_float16_does_not_hold_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="clip 'a': features hold numbers that are not finite or too large"):
        written(tmp_path / "c", EXACT * 10_000, half=True)
    assert list(tmp_path.iterdir()) == []


def test_other_captions_keep_the_numbers(tmp_path: Path) -> None:
    corpus = written(tmp_path / "half", EXACT, half=True)
    other = recaptioned(corpus, tmp_path / "other", [[Caption("y")]])
    assert other.is_half
    assert np.array_equal(other.features("a"), corpus.features("a"))
    verify(other)


def test_composed(tmp_path: Path) -> None:
    counts = {"train": 3}
    full = compose(ToyClips(), tmp_path / "full", counts, order="uniform")
    half = compose(ToyClips(), tmp_path / "half", counts, order="uniform", half=True)
    name = full.names[0]
    assert np.array_equal(half.features(name), full.features(name).astype(np.float16).astype(np.float32))
    assert compose(ToyClips(), tmp_path / "half", counts, order="uniform", half=True).fingerprint == half.fingerprint
    with pytest.raises(CorpusError, match="dtype is 'float16' there and None here"):
        compose(ToyClips(), tmp_path / "half", counts, order="uniform")
    with pytest.raises(CorpusError, match="dtype is None there and 'float16' here"):
        compose(ToyClips(), tmp_path / "full", counts, order="uniform", half=True)
