"""A library whose features are normalised by their own mean and standard deviation: everywhere, and for good."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from library_toys import NumpyModel, write_take
from torch import nn

from chronomotion.corpus.importers.reading import ReadMotion
from chronomotion.errors import ConfigError
from chronomotion.model.encoder import encode_motions
from chronomotion.search.records import MotionReference, Query
from chronomotion.search.stored import clip_encoding
from chronomotion.search.stored.adding import add_file
from chronomotion.search.stored.description import describe_library
from chronomotion.search.stored.indexing import index
from chronomotion.search.stored.library import Library
from chronomotion.web.library_face import LibraryOpener


class Normalising(nn.Module):
    """Motions as the means of the first normalised features, which a mean of zero or one changes altogether."""

    name = "normalising"
    fingerprint = "normalising-0"

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(263))
        self.register_buffer("std", torch.ones(263))
        self.encode_text = NumpyModel().encode_text

    def encode_motion(self, motions: Sequence[np.ndarray]) -> np.ndarray:
        mean, std = self.mean.numpy(), self.std.numpy()
        return np.stack([((motion - mean) / std)[:, 4:20].mean(axis=0) for motion in motions])


normalising = Normalising()
"""As ``test_own_statistics:normalising``."""


@pytest.fixture
def lib(takes: Path, tmp_path: Path) -> Path:
    index(takes, tmp_path / "lib", Normalising(), statistics="own", workers=1)
    return tmp_path / "lib"


def test_they_are_those_of_what_is_indexed_and_what_vectors_are_made_with(lib: Path) -> None:
    library = Library.open(lib, model=Normalising())
    rows = np.concatenate([library.features(number) for number in library.clips])
    kept = library.info.model.statistics
    assert kept is not None
    np.testing.assert_allclose(kept.mean, rows.mean(axis=0), atol=2e-3)
    np.testing.assert_allclose(kept.std, np.maximum(rows.std(axis=0), 1e-3), rtol=0.02, atol=1e-3)
    number = next(iter(library.clips))
    whole = library.windows("whole").of([number]).vectors
    features = library.features(number)
    np.testing.assert_allclose(encode_motions(library.model, [features]), whole, atol=2e-3)
    assert np.abs(encode_motions(Normalising(), [features]) - whole).max() > 0.1
    assert float(library.shared_model.mean.abs().max()) == 0  # type: ignore[attr-defined]
    like = library.search(Query(like=MotionReference(str(library.file(number)))))
    assert number not in [hit.clip.number for hit in like.hits]  # it was taken for the clip that it is
    assert describe_library(library).statistics == "own"


def test_what_comes_later_is_encoded_with_the_same(lib: Path, takes: Path) -> None:
    before = Library.open(lib).info.model
    write_take(takes / "later.npz", "later", 7, frames=60)
    index(takes, lib, Normalising(), workers=1)
    library = Library.open(lib, model=Normalising())
    assert library.info.model == before
    number = library.clip("later").number
    whole = library.windows("whole").of([number]).vectors
    np.testing.assert_allclose(encode_motions(library.model, [library.features(number)]), whole, atol=2e-3)


def test_what_is_added_while_it_is_served_is_encoded_with_the_same(lib: Path, tmp_path: Path) -> None:
    library = Library.open(lib, model=Normalising())
    file = write_take(tmp_path / "sent.npz", "sent", 3, frames=50)
    read = ReadMotion(library.features_of_file(file), fps=20.0)
    number = add_file(lib, file, read, library.shared_model).clip.number
    library = Library.open(lib, model=Normalising())
    whole = library.windows("whole").of([number]).vectors
    np.testing.assert_allclose(encode_motions(library.model, [library.features(number)]), whole, atol=2e-3)


def test_other_statistics_need_a_rebuild(lib: Path, takes: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"with --statistics own, not model: .* --rebuild"):
        index(takes, lib, Normalising(), statistics="model", workers=1)
    index(takes, tmp_path / "plain", Normalising(), workers=1)
    with pytest.raises(ConfigError, match="with --statistics model, not own"):
        index(takes, tmp_path / "plain", Normalising(), statistics="own", workers=1)
    index(takes, lib, Normalising(), rebuild=True, workers=1)
    assert Library.open(lib).info.model.statistics is not None  # a rebuild alone changes nothing else
    index(takes, lib, Normalising(), statistics="model", rebuild=True, workers=1)
    assert Library.open(lib).info.model == Library.open(tmp_path / "plain").info.model


def test_a_manifest_without_them_is_that_of_earlier_versions(takes: Path, tmp_path: Path) -> None:
    index(takes, tmp_path / "plain", Normalising(), workers=1)
    assert "statistics" not in json.loads((tmp_path / "plain" / "library.json").read_text())["model"]


def test_an_interrupted_indexing_goes_on_with_those_that_it_began_with(
    takes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, calls = clip_encoding.encode_clips, []

    def stopped(*arguments: object) -> object:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return work(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(clip_encoding, "encode_clips", stopped)
        with pytest.raises(KeyboardInterrupt):
            index(takes, tmp_path / "lib", Normalising(), statistics="own", workers=1, commit_seconds=0.0)
    first = Library.open(tmp_path / "lib")
    assert len(first.clips) == 1
    index(takes, tmp_path / "lib", Normalising(), statistics="own", workers=1)
    assert Library.open(tmp_path / "lib").info.model.statistics == first.info.model.statistics


def test_a_model_that_keeps_none_is_refused(takes: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="the model numpy keeps no statistics of features"):
        index(takes, tmp_path / "lib", NumpyModel(), statistics="own", workers=1)
    assert not (tmp_path / "lib").exists()


def test_libraries_that_share_a_model_keep_their_own_statistics(takes: Path, tmp_path: Path) -> None:
    for name, statistics in (("one", "own"), ("two", "model")):
        index(takes, tmp_path / name, "test_own_statistics:normalising", statistics=statistics, workers=1)  # type: ignore[arg-type]
    opener = LibraryOpener()
    own, plain = (opener(tmp_path / name).library for name in ("one", "two"))
    assert own.shared_model is plain.shared_model is plain.model
    assert own.model is not own.shared_model
