"""Both encoders as ONNX, and the example that searches with them."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import jaxtyping
import numpy as np
import pytest
import torch
from tiny_language_models import FAMILIES

from chronomotion.cli.app import launch
from chronomotion.errors import MissingExtraError, ModelError
from chronomotion.model import export
from chronomotion.model.config import ModelConfig
from chronomotion.model.motion_text import MotionTextModel

EXAMPLE = Path(__file__).parents[2] / "examples" / "search_onnx.py"
TEXTS = ["a person nods", "a person lifts the left leg then raises both hands", " ".join(["a person nods"] * 40)]
KINDS = {
    "bert": {"frames_per_token": 4},
    "t5": {"vae": True, "tune_text_model": True},
    "clip": {"text_head": True, "text_head_token": "last"},
}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=KINDS)
def model(request, tmp_path_factory):
    family = next(one for one in FAMILIES if one.name == request.param)
    folder = family.save(tmp_path_factory.mktemp("language-model"))
    sizes = {"motion_dim": 6, "text_dim": 32, "latent_dim": 16, "ff_size": 32, "num_layers": 1, "num_heads": 2}
    torch.manual_seed(0)
    stats = (np.full(6, 0.5), np.full(6, 2.0))
    return MotionTextModel(ModelConfig(**sizes, text_model=str(folder), **KINDS[request.param]), stats=stats).train()


@pytest.fixture(scope="module", autouse=True)
def _sizes_that_are_not_numbers_yet():
    """While a program is made its sizes are symbols, which the checks of shapes in the tests cannot compare."""
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)


@pytest.fixture(scope="module")
def exported(model, tmp_path_factory):
    pytest.importorskip("onnxscript", reason="the extra onnx is not installed")
    return export.export_onnx(model, tmp_path_factory.mktemp("exported"))


@pytest.fixture(scope="module")
def encoders(exported):
    return runpy.run_path(str(EXAMPLE))["Encoders"](exported.files[0].parent)


def motions():
    rng = np.random.default_rng(0)
    return [rng.normal(size=(frames, 6)).astype(np.float32) for frames in (1, 7, 40, 700)]


def test_the_exported_encoders_say_what_the_model_says(model, exported, encoders):
    assert max(exported.motion_difference, exported.text_difference) <= export.AGREEMENT
    found = np.stack([encoders.motion(motion) for motion in motions()])
    assert np.abs(found - model.encode_motion(motions())).max() < 1e-4
    # A model whose language model is elsewhere reads with halves; the export with float32.
    allowed = 1e-4 if model.config.holds_text_model else 1e-2
    together = encoders.text(TEXTS)
    assert np.abs(together - model.encode_text(TEXTS)).max() < allowed
    assert np.abs(together - np.concatenate([encoders.text([text]) for text in TEXTS])).max() < 1e-5


def test_padding_has_no_influence(exported, encoders):
    rows = np.full((2, 50, 6), 1e3, dtype=np.float32)
    rows[0, :7], rows[1, :40] = motions()[1], motions()[2]
    (found,) = encoders.motions.run(None, {"motions": rows, "lengths": np.array([7, 40])})
    assert np.abs(found - np.stack([encoders.motion(one) for one in motions()[1:3]])).max() < 1e-5


def test_the_model_is_left_as_it_was(model, exported):
    assert model.training
    info = json.loads((exported.files[0].parent / "export.json").read_text())
    assert info["format_version"] == 1
    assert info["motion_dim"] == 6
    assert {path.name for path in exported.files} == {path.name for path in exported.files[0].parent.iterdir()}


def test_the_example_finds_what_the_model_finds(model, exported, tmp_path, capsys):
    for i, motion in enumerate(motions()):
        np.save(tmp_path / f"m{i}.npy", motion)
    runpy.run_path(str(EXAMPLE))["main"](str(exported.files[0].parent), str(tmp_path), TEXTS[0])
    printed = [line.split() for line in capsys.readouterr().out.splitlines()]
    scores = dict(zip([f"m{i}" for i in range(4)], model.similarity(TEXTS[:1], motions())[0], strict=True))
    assert sorted(name for _, name in printed) == sorted(scores)
    assert all(abs(float(score) - scores[name]) < 1e-2 for score, name in printed)
    assert [float(score) for score, _ in printed] == sorted((float(score) for score, _ in printed), reverse=True)
    assert len(EXAMPLE.read_text().splitlines()) <= 50


def test_numbers_that_differ_are_an_error_and_leave_no_file(model, tmp_path, monkeypatch):
    monkeypatch.setattr(export, "_difference", lambda *a: 2e-3)
    with pytest.raises(ModelError, match=r"motion_encoder.onnx: onnxruntime is off by 2\.0e-03, more than 0\.0001"):
        export.export_onnx(model, tmp_path)
    assert not list(tmp_path.glob("*.onnx"))


def test_the_command(backbone, tmp_path, capsys):
    sizes = {"motion_dim": 6, "text_dim": 32, "latent_dim": 16, "ff_size": 32, "num_layers": 1, "num_heads": 2}
    MotionTextModel(ModelConfig(**sizes, text_model=str(backbone))).save_pretrained(tmp_path / "model")
    assert launch(["export", str(tmp_path / "model"), str(tmp_path / "exported")]) == 0
    out = capsys.readouterr().out
    assert all(name in out for name in ("motion_encoder.onnx", "text_encoder.onnx", "tokenizer.json", "(0.0001 are"))
    assert launch(["export", str(tmp_path / "nothing"), str(tmp_path / "exported")]) == 1
    assert "does not hold a model of ours" in capsys.readouterr().err


def test_without_the_extra(model, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "onnxscript", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'chronomotion\[onnx\]'"):
        export.export_onnx(model, tmp_path)


def test_a_tokenizer_without_a_json(model, tmp_path, monkeypatch):
    language_model = model.language_model or model.states.backbone.module()
    monkeypatch.setattr(language_model, "tokenizer", object())
    with pytest.raises(ModelError, match="the tokenizer object has no tokenizer.json"):
        export._write_tokenizer(language_model, tmp_path / "tokenizer.json")
