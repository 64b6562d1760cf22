"""Files that appear whole: their mode, and nothing left behind."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from chronomotion.corpus import Corpus
from chronomotion.whole_file import whole_file


@pytest.fixture(params=[0o022, 0o002, 0o077], ids=oct)
def umask(request):
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.skipif(sys.platform == "win32", reason="no modes there")
@pytest.mark.parametrize("writer", [lambda p: save_file({"a": np.zeros(3)}, p), lambda p: p.write_text("a")])
def test_the_umask_says_who_may_read_whoever_writes(umask: int, writer, tmp_path: Path):
    with whole_file(tmp_path / "deep" / "file") as part:
        writer(part)
    assert mode(tmp_path / "deep" / "file") == 0o666 & ~umask
    assert mode(tmp_path / "deep") == 0o777 & ~umask
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["file"]


@pytest.mark.skipif(sys.platform == "win32", reason="no modes there")
def test_everything_in_a_corpus_may_be_read_by_those_whom_the_umask_lets(toy_corpus: Corpus, tmp_path: Path):
    from chronomotion.corpus.writer import recaptioned

    before = os.umask(0o027)
    try:
        copy = recaptioned(toy_corpus, tmp_path / "copy", [toy_corpus.captions(name) for name in toy_corpus.names])
    finally:
        os.umask(before)
    modes = {path.name: mode(path) for path in copy.folder.rglob("*")}
    assert modes.pop("splits") == mode(copy.folder) == 0o750
    assert set(modes.values()) == {0o640}
    assert "stats.safetensors" in modes


@pytest.mark.skipif(sys.platform == "win32", reason="no modes there")
def test_everything_in_a_models_folder_may_be_read_by_those_whom_the_umask_lets(backbone: Path, tmp_path: Path):
    from chronomotion.model.backbone import TextBackbone
    from chronomotion.model.config import ModelConfig
    from chronomotion.model.motion_text import MotionTextModel
    from chronomotion.model.text_states import TextStates

    config = ModelConfig(
        text_model=str(backbone), text_dim=32, latent_dim=16, ff_size=16, num_layers=1, own_text_model=True
    )
    states = TextStates(TextBackbone(str(backbone)), tmp_path / "states")
    before = os.umask(0o027)
    try:
        MotionTextModel(config, states=states).save_pretrained(tmp_path / "model")
        states.prepare(["a person raises the left hand"])
    finally:
        os.umask(before)
    files = [path for path in (*(tmp_path / "model").rglob("*"), *states.folder.iterdir()) if path.is_file()]
    assert {"model.safetensors", "config.json"} <= {path.name for path in files}
    assert {mode(path) for path in files} == {0o640}


def test_a_failure_leaves_nothing_and_what_was_there(tmp_path: Path):
    (tmp_path / "file").write_text("old")

    def failing() -> None:
        with whole_file(tmp_path / "file") as part:
            part.write_text("half")
            raise ValueError("in the middle")

    with pytest.raises(ValueError, match="in the middle"):
        failing()
    with pytest.raises(FileNotFoundError), whole_file(tmp_path / "file"):
        pass  # whoever writes nothing does not make an empty file
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "old"
