"""Both encoders as ONNX, and the example that searches with them."""

from __future__ import annotations

import io
import json
import runpy
import sys
from contextlib import redirect_stdout
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
    "bert": {"frames_per_token": 4, "movement": True},
    "t5": {"vae": True, "tune_text_model": True},
    "clip": {"text_head": True, "text_head_token": "last", "frames_per_token": 4},
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
    """By the command, and what it printed."""
    pytest.importorskip("onnxscript", reason="the extra onnx is not installed")
    folder = tmp_path_factory.mktemp("exported")
    model.save_pretrained(folder / "model")
    with redirect_stdout(io.StringIO()) as out:
        assert launch(["export", str(folder / "model"), str(folder / "onnx"), "--json"]) == 0
    return folder / "onnx", json.loads(out.getvalue())


@pytest.fixture(scope="module")
def encoders(exported):
    return runpy.run_path(str(EXAMPLE))["Encoders"](exported[0])


def motions():
    rng = np.random.default_rng(0)
    return [rng.normal(size=(frames, 6)).astype(np.float32) for frames in (1, 7, 40, 700)]


def test_the_exported_encoders_say_what_the_model_says(model, exported, encoders):
    assert max(exported[1]["differences"].values()) <= export.AGREEMENT
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


def test_the_files(exported):
    folder, printed = exported
    info = json.loads((folder / "export.json").read_text())
    assert (info["format_version"], info["motion_dim"]) == (1, 6)
    assert {Path(path) for path in printed["files"]} == set(folder.iterdir())


def test_the_example_finds_what_the_model_finds(model, exported, tmp_path, capsys):
    for i, motion in enumerate(motions()):
        np.save(tmp_path / f"m{i}.npy", motion)
    runpy.run_path(str(EXAMPLE))["main"](str(exported[0]), str(tmp_path), TEXTS[0])
    printed = [line.split() for line in capsys.readouterr().out.splitlines()]
    scores = dict(zip([f"m{i}" for i in range(4)], model.similarity(TEXTS[:1], motions())[0], strict=True))
    assert sorted(name for _, name in printed) == sorted(scores)
    assert all(abs(float(score) - scores[name]) < 1e-2 for score, name in printed)
    assert [float(score) for score, _ in printed] == sorted((float(score) for score, _ in printed), reverse=True)
    assert len(EXAMPLE.read_text().splitlines()) <= 50


def test_numbers_that_differ_are_an_error_and_leave_no_file(model, tmp_path, monkeypatch):
    class Program:
        def save(self, path):
            Path(path).write_bytes(b"wrong")

    monkeypatch.setattr(export, "_program", lambda *a: Program())
    monkeypatch.setattr(export, "_difference", lambda *a: 2e-3)
    with pytest.raises(ModelError, match=r"motion_encoder.onnx: onnxruntime is off by 2\.0e-03, more than 0\.0001"):
        export.export_onnx(model, tmp_path)
    assert not list(tmp_path.glob("*.onnx"))
    assert model.training


def test_the_command_prints_sizes_and_agreement(backbone, tmp_path, monkeypatch, capsys):
    def fake(model, folder):
        (folder / "motion_encoder.onnx").write_bytes(b"0" * 20_000)
        return export.Exported((folder / "motion_encoder.onnx",), 1e-7, 3e-6)

    monkeypatch.setattr(export, "export_onnx", fake)
    MotionTextModel(ModelConfig(motion_dim=6, text_dim=32, text_model=str(backbone))).save_pretrained(tmp_path)
    assert launch(["export", str(tmp_path), str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "0.02 MB  " in out
    assert "onnxruntime differs by at most 3.0e-06 (0.0001 is allowed)" in out
    assert launch(["export", str(tmp_path / "nothing"), str(tmp_path / "exported")]) == 1
    assert "does not hold a model of ours" in capsys.readouterr().err


def test_without_the_extra(model, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'chronomotion\[onnx\]'"):
        export.export_onnx(model, tmp_path)


def test_a_tokenizer_without_a_json(model, tmp_path, monkeypatch):
    language_model = model.language_model or model.states.backbone.module()
    monkeypatch.setattr(language_model, "tokenizer", object())
    with pytest.raises(ModelError, match="the tokenizer object has no tokenizer.json"):
        export._write_tokenizer(language_model, tmp_path / "tokenizer.json")
