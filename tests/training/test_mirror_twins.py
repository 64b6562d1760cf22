"""Twins that are mirror images: left against right, in motion and words at once."""

from __future__ import annotations

import numpy as np
import pytest

from chronomotion.corpus.compose.compose import compose
from chronomotion.corpus.compose.sources import ProceduralClips
from chronomotion.corpus.corpus import Corpus
from chronomotion.errors import ConfigError
from chronomotion.language.mirror import mirrored
from chronomotion.motion.features import motion_of
from chronomotion.motion.skeleton import HUMANML3D
from chronomotion.training.config import TrainingConfig
from chronomotion.training.motions import frames_of, pair_motion
from chronomotion.training.pairs import pairs_of

ALWAYS = TrainingConfig(mirror_share=1.0)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    folder = tmp_path_factory.mktemp("mirror") / "corpus"
    return compose(ProceduralClips(0), folder, {"train": 24}, order="uniform", events=(1, 2), seed=1)


def _labels(corpus: Corpus, name: str) -> tuple[str, ...]:
    events = corpus.captions(name)[0].events
    assert events is not None
    assert events.labels is not None
    return events.labels


def test_a_clip_that_names_a_side_has_its_mirror_image_as_twin(corpus: Corpus) -> None:
    sided = [name for name in corpus.split("train") if any("left" in label for label in _labels(corpus, name))]
    assert len(sided) > 3
    for name in sided:
        first, second = pairs_of(corpus, name, ALWAYS, 0)
        assert second.keys == tuple(mirrored(label) for label in first.keys) != first.keys
        assert "right" in second.text
        assert first.text != second.text
        assert frames_of(corpus, first) == frames_of(corpus, second)
        seen, image = (motion_of(pair_motion(corpus, pair)).positions for pair in (first, second))
        assert seen.shape == image.shape
        across = image[:, list(HUMANML3D.mirror_order)] * [-1, 1, 1]
        np.testing.assert_allclose(across[:, :, 1], seen[:, :, 1], atol=1e-3)
        np.testing.assert_allclose(across - across[:, :1], seen - seen[:, :1], atol=0.02)


def test_without_a_side_the_twin_is_another_order(corpus: Corpus) -> None:
    names = [
        name for name in corpus.split("train") if not any("left" in x or "right" in x for x in _labels(corpus, name))
    ]
    several = [name for name in names if len(_labels(corpus, name)) > 1]
    assert several
    for name in several:
        first, second = pairs_of(corpus, name, ALWAYS, 0)
        assert sorted(first.keys) == sorted(second.keys)
        assert first.keys != second.keys
    for name in set(names) - set(several):
        assert len(pairs_of(corpus, name, ALWAYS, 0)) == 1


def test_the_share_is_met_and_drawn_by_identity(corpus: Corpus) -> None:
    half = TrainingConfig(mirror_share=0.5)
    name = next(
        name for name in corpus.split("train") if len(_labels(corpus, name)) == 2 and "left" in _labels(corpus, name)[0]
    )
    drawn = [any(piece.mirrored for piece in pairs_of(corpus, name, half, epoch)[1].pieces) for epoch in range(400)]
    assert 140 < sum(drawn) < 260
    assert drawn == [
        any(piece.mirrored for piece in pairs_of(corpus, name, half, epoch)[1].pieces) for epoch in range(400)
    ]


def test_mirror_twins_need_twins() -> None:
    with pytest.raises(ConfigError, match="mirror_share needs counterfactual twins, not negatives = 'shuffled'"):
        TrainingConfig(negatives="shuffled", mirror_share=0.5)
