"""T2M-GPT's checkpoints: names, logits, sizes."""

import numpy as np
import published_prior_twin as twin
import pytest
import torch
from toy_priors import ToyTexts

from chronomotion.errors import ModelError
from chronomotion.generation.prior.config import PriorConfig
from chronomotion.generation.prior.network import PriorNetwork
from chronomotion.generation.prior.prompt import Prompt
from chronomotion.generation.published_prior import load_published_prior
from chronomotion.generation.tokenizer.config import TokenizerConfig
from chronomotion.generation.tokenizer.motion_tokenizer import MotionTokenizer


class Clip(ToyTexts):
    vector_dim = 8
    state_dim = 8


def tokenizer(codes=16):
    config = TokenizerConfig(width=8, depth=1, quantiser="vq", codebook_size=codes)
    return MotionTokenizer(config, (np.zeros(263), np.ones(263)))


@pytest.fixture
def checkpoint(tmp_path):
    tensors = twin.random_checkpoint()
    path = tmp_path / "net_best_fid.pth"
    torch.save({"trans": {name: torch.from_numpy(value) for name, value in tensors.items()}}, path)
    return path, tensors


def test_a_checkpoint_gives_the_twins_logits(checkpoint):
    path, tensors = checkpoint
    prior = load_published_prior(path, tokenizer(), texts=Clip(), heads=4)
    codes = np.array([3, 0, 15, 7, 7, 2, 11, 4, 9, 1, 5])
    prompt = Prompt("a person walks", ("a person walks.",))
    expected = twin.logits(tensors, Clip().vectors(["a person walks"])[0], codes, 4)
    with torch.inference_mode():
        logits = prior.logits(prior.read([prompt], 12), torch.from_numpy(codes)[None])[0].numpy()
    assert np.abs(logits - expected).max() < 1e-5
    assert np.abs(expected).max() > 1
    assert (prior.config.layers, prior.config.max_tokens, prior.codes) == (4, 11, 16)


def test_more_than_nine_blocks_keep_their_order(tmp_path):
    tensors = twin.random_checkpoint(width=8, blocks=(11, 10), codes=6, places=5)
    path = tmp_path / "net_last.pth"
    torch.save({"trans": {name: torch.from_numpy(value) for name, value in tensors.items()}}, path)
    prior = load_published_prior(path, tokenizer(6), texts=Clip(), heads=2)
    expected = twin.logits(tensors, Clip().vectors(["x"])[0], [1, 2], 2)
    with torch.inference_mode():
        logits = prior.logits(prior.read([Prompt("x", ("x",))], 3), torch.tensor([[1, 2]]))[0].numpy()
    assert np.abs(logits - expected).max() < 1e-4 * np.abs(expected).max()


def test_sampling_stays_in_the_context(checkpoint):
    prior = load_published_prior(checkpoint[0], tokenizer(), texts=Clip(), heads=4)
    for codes in prior.sample([Prompt("x", ("x",))] * 4, seeds=[0, 1, 2, 3]):
        assert 10 <= len(codes) <= 11
        assert codes.max() < 16


def test_the_published_size_is_228_million():
    config = PriorConfig(
        kind="vector", conditioning="vector", plan=False, layers=18, width=1024, heads=16, max_tokens=50, min_tokens=10
    )
    with torch.device("meta"):
        network = PriorNetwork(config, 512, 512, 512)
    assert sum(weights.numel() for weights in network.parameters()) / 1e6 == pytest.approx(228, abs=0.5)


def test_what_is_no_checkpoint_is_refused(checkpoint, tmp_path):
    path, tensors = checkpoint
    with pytest.raises(ModelError, match="there is no such file"):
        load_published_prior(tmp_path / "none.pth", tokenizer(), texts=Clip())
    (tmp_path / "text.pth").write_text("hello")
    with pytest.raises(ModelError, match=r"text.pth: cannot be read"):
        load_published_prior(tmp_path / "text.pth", tokenizer(), texts=Clip())
    torch.save({"net": {}}, tmp_path / "net.pth")
    with pytest.raises(ModelError, match="lacks the key 'trans'"):
        load_published_prior(tmp_path / "net.pth", tokenizer(), texts=Clip())
    few = {name: torch.from_numpy(value) for name, value in tensors.items() if "mlp.2" not in name}
    torch.save({"trans": few}, tmp_path / "few.pth")
    with pytest.raises(ModelError, match=r"no prior of T2M-GPT, it lacks trans_base.blocks.0.mlp.2.weight"):
        load_published_prior(tmp_path / "few.pth", tokenizer(), texts=Clip(), heads=4)
    with pytest.raises(ModelError, match=r"a prior of 16 codes, the tokenizer has 32"):
        load_published_prior(path, tokenizer(32), texts=Clip(), heads=4)
    with pytest.raises(ModelError, match=r"a prior of text vectors of 8, 'toy texts' gives 12"):
        load_published_prior(path, tokenizer(), texts=ToyTexts(), heads=4)
    moved = tensors | {"trans_base.pos_embed.embed": tensors["trans_base.pos_embed.embed"] + 0.1}
    torch.save({"trans": {name: torch.from_numpy(value) for name, value in moved.items()}}, tmp_path / "moved.pth")
    with pytest.raises(ModelError, match=r"positions are not the fixed sines of T2M-GPT \(they differ by 0.1\)"):
        load_published_prior(tmp_path / "moved.pth", tokenizer(), texts=Clip(), heads=4)
