"""What callers may give to a model, and from where: strings and lists, motions and files, threads."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from chronomotion import features_of, write_motion
from chronomotion.errors import FormatError, ModelError
from chronomotion.model.config import ModelConfig
from chronomotion.model.motion_text import MotionTextModel
from chronomotion.motion.motion import Motion
from chronomotion.motion.skeleton import KITML
from walker import walking as walk

TEXTS = [f"a person {verb}s {how}." for verb in ("walk", "jump", "sit", "turn") for how in ("fast", "slowly", "twice")]
SIZES = {"text_dim": 32, "latent_dim": 16, "ff_size": 32, "num_layers": 2, "num_heads": 2, "dropout": 0.5}


@pytest.fixture
def walking():
    return walk(60, fps=30.0)


@pytest.fixture
def model(backbone):
    torch.manual_seed(0)
    return MotionTextModel(ModelConfig(text_model=str(backbone), **SIZES), stats=(np.zeros(263), np.ones(263))).eval()


def test_a_string_is_one_text(model):
    vector = model.encode_text(TEXTS[0])
    assert vector.shape == (16,)
    assert np.allclose(vector, model.encode_text([TEXTS[0]])[0], atol=1e-6)
    assert model.encode_text(tuple(TEXTS[:3])).shape == (3, 16)
    assert model.encode_text([]).shape == (0, 16)


def test_a_motion_is_features_or_a_motion_or_a_file(model, walking, tmp_path):
    """The same motion in four ways; a BVH keeps bones of one length, so it agrees less."""
    features = features_of(walking.resample(20.0))
    write_motion(walking, tmp_path / "walk.npz")
    vector = model.encode_motion(features)
    assert vector.shape == (16,)
    assert np.allclose(model.encode_motion(walking), vector, atol=1e-5)
    assert np.allclose(model.encode_motion(str(tmp_path / "walk.npz")), vector, atol=1e-5)
    several = model.encode_motion([features, walking, tmp_path / "walk.npz"])
    assert np.allclose(several, np.tile(vector, (3, 1)), atol=1e-5)
    assert model.encode_motion(np.stack([features, features])).shape == (2, 16)
    assert model.encode_motion([]).shape == (0, 16)


def test_similarity_takes_one_or_several(model, walking):
    alone = model.similarity(TEXTS[0], walking)
    assert alone.shape == (1, 1)
    both = model.similarity(TEXTS, [walking, walking.mirrored()])
    assert both.shape == (len(TEXTS), 2)
    assert both[0, 0] == pytest.approx(alone[0, 0], abs=1e-5)


def test_motions_that_cannot_be_encoded(model, walking, tmp_path):
    broken = np.zeros((9, 263), np.float32)
    broken[4, 7] = np.nan
    with pytest.raises(ModelError, match="motion 1: feature 7 of frame 4 is nan"):
        model.encode_motion([np.zeros((9, 263), np.float32), broken])
    kit = Motion(np.zeros((9, 21, 3), np.float32), 12.5, KITML)
    with pytest.raises(ModelError, match="skeleton kitml gives 251 features a frame, the model takes 263"):
        model.encode_motion(kit)
    with pytest.raises(FormatError, match=r"nowhere\.bvh"):
        model.encode_motion(tmp_path / "nowhere.bvh")


@pytest.mark.parametrize("training", [False, True])
def test_four_threads_encode_as_one(model, walking, training):
    """Dropout of one half would change every vector; a mode that one thread restores under another would let it."""
    model.train(training)
    motions = [walking.slice(0.0, seconds) for seconds in np.linspace(0.5, walking.duration, 6)]
    texts, vectors = model.encode_text(TEXTS), model.encode_motion(motions)
    fresh = [f"{text} round {i}." for i in range(8) for text in TEXTS]
    with ThreadPoolExecutor(4) as pool:
        as_texts = [pool.submit(model.encode_text, TEXTS + fresh[i * 12 : i * 12 + 12]) for i in range(8)]
        as_motions = [pool.submit(model.encode_motion, motions) for _ in range(8)]
        assert all(np.allclose(job.result()[: len(TEXTS)], texts, atol=1e-5) for job in as_texts)
        assert all(np.allclose(job.result(), vectors, atol=1e-5) for job in as_motions)
    assert model.training is training


def test_encoding_leaves_every_part_in_its_mode(model):
    """A part that its owner has put into evaluation mode stays there while the rest trains."""
    model.train()
    model.motion_encoder.eval()
    before = [part.training for part in model.modules()]
    model.encode_text(TEXTS[0])
    assert [part.training for part in model.modules()] == before
    with pytest.raises(ModelError):
        model.encode_motion([np.zeros((2, 5), np.float32)])
    assert [part.training for part in model.modules()] == before


def test_the_language_model_goes_along(model):
    """`meta` stands in for a device that this machine may not have."""
    model.encode_text(TEXTS[0])
    reader = model.states.backbone._model
    assert next(reader.parameters()).device.type == "cpu"
    model.to("meta")
    assert model.device.type == "meta"
    assert next(reader.parameters()).device.type == "meta"
    assert model.states.backbone.device == "meta"


def test_a_model_is_loaded_on_a_device(model, tmp_path):
    model.save_pretrained(tmp_path)
    assert MotionTextModel.from_pretrained(tmp_path, device="meta").device.type == "meta"


def test_progress_is_shown_when_asked(model, capsys, monkeypatch):
    labels = []
    monkeypatch.setattr(
        "chronomotion.model.motion_text.progress", lambda items, label, **_: labels.append(label) or items
    )
    model.encode_text(TEXTS)
    model.encode_text(TEXTS, show_progress=True)
    model.encode_motion([np.zeros((3, 263), np.float32)], show_progress=True)
    assert labels == ["encoding texts", "encoding motions"]
