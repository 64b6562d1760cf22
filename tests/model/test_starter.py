"""The model that comes with the package: there, small, and good for what its card says."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from chronomotion import MotionTextModel
from chronomotion.corpus.compose.compose import compose
from chronomotion.corpus.compose.sources import VariedClips
from chronomotion.corpus.compose.wordings import wordings
from chronomotion.corpus.corpus import Corpus
from chronomotion.errors import ModelError
from chronomotion.evaluation.action_names import name_actions
from chronomotion.evaluation.evaluate import evaluate
from chronomotion.model.boundary_head import BoundaryHead
from chronomotion.model.packaged import PACKAGED_MODELS, packaged_model
from chronomotion.search.calibration import Calibration
from chronomotion.search.phrase_bank import PhraseBank

_MOST_BYTES = 8_000_000


@pytest.fixture(scope="module")
def starter() -> MotionTextModel:
    return MotionTextModel.from_pretrained("starter")


@pytest.fixture(scope="module")
def takes(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Procedural takes of seeds that are not those of its training."""
    folder = tmp_path_factory.mktemp("starter") / "takes"
    return compose(VariedClips(77), folder, {"test": 80}, order="uniform", events=(2, 3), seed=78)


def test_it_is_small_and_its_card_says_what_it_does_not_know() -> None:
    for name in PACKAGED_MODELS:
        folder = packaged_model(name)
        assert folder is not None
        assert sum(path.stat().st_size for path in folder.iterdir()) <= _MOST_BYTES
        card = (folder / "README.md").read_text(encoding="utf-8")
        assert "It does not know" in card
        assert "CMU" in json.loads((folder / "config.json").read_text(encoding="utf-8"))["card"]["data"]


def test_a_folder_of_that_name_is_meant_only_where_a_path_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    packaged = packaged_model("starter")
    assert packaged is not None
    (tmp_path / "starter").mkdir()
    assert packaged_model("starter") == packaged
    assert MotionTextModel.from_pretrained("starter").card is not None
    for path in ("./starter", "starter/", str(tmp_path / "starter")):
        assert packaged_model(path) is None
        with pytest.raises(ModelError, match="starter does not hold a model"):
            MotionTextModel.from_pretrained(path)
    assert packaged_model("another") is None


def test_libraries_made_with_it_stay_good(starter: MotionTextModel) -> None:
    """Its fingerprint is what every library compares: another one means that all of them are made again."""
    assert starter.fingerprint == "7982fdb82e11443ead96bd2f1dfa80a4"


def test_what_lies_beside_it_was_fitted_on_it(starter: MotionTextModel, caplog: pytest.LogCaptureFixture) -> None:
    bank = PhraseBank.encode(starter)
    assert BoundaryHead.beside("starter", starter.fingerprint) is not None
    assert Calibration.beside("starter", bank) is not None
    assert not caplog.messages


def test_weights_kept_as_float16_are_computed_with_as_float32(starter: MotionTextModel) -> None:
    assert all(weights.dtype.is_floating_point and weights.element_size() == 4 for weights in starter.parameters())
    vectors = starter.encode_text(["a person walks.", "a person sits down."])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_it_names_actions_and_knows_their_order(starter: MotionTextModel, takes: Corpus) -> None:
    named = name_actions(starter, takes)
    assert named is not None
    assert named.top1 > 60, f"{named.actions} actions"
    report = evaluate(starter, takes)
    assert report.car.value > 90
    assert abs(report.blind_mean.value - 50) < 12 if report.blind_mean else False


def test_it_tells_left_from_right(starter: MotionTextModel) -> None:
    clips = VariedClips(79)
    for action in ("raise-{}-hand", "walk-turn-{}", "turn-{}"):
        right = 0
        for side, other in (("left", "right"), ("right", "left")):
            texts = [f"a person {wordings(action.format(one))[0]}." for one in (side, other)]
            for number in range(8):
                scores = starter.similarity(texts, clips.clip(action.format(side), "test", number))
                right += bool(scores[0, 0] > scores[1, 0])
        assert right >= 13, f"{action}: {right} of 16"
