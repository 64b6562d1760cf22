"""Published checkpoints: a twin in plain numpy, written from the description, gives the same codes and features."""

import numpy as np
import pytest
import torch
from published_twin import PublishedTwin, random_net

from chronomotion.errors import ModelError
from chronomotion.generation.published_tokenizer import load_published_tokenizer
from chronomotion.generation.settings import read_generator_recipe
from chronomotion.generation.tokenizer.motion_tokenizer import MotionTokenizer
from chronomotion.generation.tokenizer.network import ConvDecoder, ConvEncoder

WIDTH, CODES = 12, 40
PUBLISHED = read_generator_recipe(preset="t2m-gpt", environment={}).settings.tokenizer.model


@pytest.fixture(params=[(263, 2, 3), (251, 3, 2)], ids=["humanml3d", "kit"])
def checkpoint(request, tmp_path):
    dim, down, depth = request.param
    net = random_net(dim, WIDTH, CODES, down, depth, seed=dim)
    (tmp_path / "VQVAE").mkdir()
    torch.save({"net": {k: torch.from_numpy(v) for k, v in net.items()}}, tmp_path / "VQVAE" / "net_last.pth")
    rng = np.random.default_rng(1)
    stats = rng.normal(size=dim).astype(np.float32), rng.uniform(0.5, 2.0, dim).astype(np.float32)
    return tmp_path, PublishedTwin(net, down, depth), stats, dim, 2**down


def test_codes_and_features_are_those_of_the_twin(checkpoint):
    folder, twin, (mean, std), dim, frames = checkpoint
    tokenizer = load_published_tokenizer(folder, stats=(mean, std))
    assert (tokenizer.codes, tokenizer.frames_per_token, tokenizer.dim) == (CODES, frames, dim)
    assert tokenizer.fps == (20.0 if dim == 263 else 12.5)
    motion = np.random.default_rng(2).normal(size=(10 * frames + 1, dim)).astype(np.float32) * std + mean
    codes = tokenizer.encode(motion)
    whole = (motion[: 10 * frames].astype(np.float64) - mean) / std
    assert np.array_equal(codes, twin.codes(whole))
    assert len(set(codes.tolist())) > 3
    np.testing.assert_allclose((tokenizer.decode(codes) - mean) / std, twin.decoded(codes), atol=1e-5)


def test_statistics_lie_beside_it_or_are_asked_for(checkpoint):
    folder, _, (mean, std), _, _ = checkpoint
    with pytest.raises(ModelError, match=r"net_last\.pth: no mean\.pt and std\.pt beside it.*--stats"):
        load_published_tokenizer(folder)
    np.save(folder / "Mean.npy", mean)
    np.save(folder / "Std.npy", std)
    file = folder / "VQVAE" / "net_last.pth"
    assert load_published_tokenizer(file).fingerprint == load_published_tokenizer(folder).fingerprint
    with pytest.raises(ModelError, match=r"mean and std of shapes \(7,\) and \(7,\), the model needs"):
        load_published_tokenizer(folder, stats=(mean[:7], std[:7]))


def test_it_is_saved_and_trained_on_as_one_of_ours(checkpoint, tmp_path):
    folder, _, stats, _, _ = checkpoint
    tokenizer = load_published_tokenizer(folder, stats=stats)
    tokenizer.save_pretrained(tmp_path / "ours")
    again = MotionTokenizer.from_pretrained(tmp_path / "ours")
    assert again.fingerprint == tokenizer.fingerprint
    assert torch.equal(again.quantizer.sums, again.quantizer.codebook)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"no checkpoint", "cannot be read"),
        ({"trans": {}}, "not a checkpoint of T2M-GPT's tokenizer .it has no key 'net'."),
        ({"net": {}}, "not a tokenizer of T2M-GPT .'encoder.model.0.weight'."),
        ({"net": "short"}, "not a tokenizer of T2M-GPT .*encoder.model.3.0"),
    ],
)
def test_other_files_are_one_line(content, message, tmp_path):
    path = tmp_path / "net_last.pth"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        if content.get("net") == "short":
            net = random_net(263, WIDTH, CODES, 2, 3, seed=0)
            content = {"net": {k: torch.from_numpy(v) for k, v in net.items() if k != "vqvae.encoder.model.3.0.bias"}}
        torch.save(content, path)
    with pytest.raises(ModelError, match=message) as raised:
        load_published_tokenizer(path, stats=(np.zeros(263), np.ones(263)))
    assert "\n" not in str(raised.value)


def test_a_place_without_one(tmp_path):
    with pytest.raises(ModelError, match=r"no checkpoint of T2M-GPT's tokenizer \(net_last\.pth"):
        load_published_tokenizer(tmp_path)


def test_the_published_size():
    """19.4 million weights. A residual block has 3 x 512 x 512 + 512 x 512 and two biases, and so on."""
    block, conv = 4 * 512**2 + 2 * 512, 3 * 512**2 + 512
    encoder = 3 * 263 * 512 + 512 + 2 * (4 * 512**2 + 512 + 3 * block) + conv
    decoder = conv + 2 * (3 * block + conv) + conv + 3 * 512 * 263 + 263
    with torch.device("meta"):
        counts = [
            sum(weights.numel() for weights in part(PUBLISHED).parameters()) for part in (ConvEncoder, ConvDecoder)
        ]
    assert counts == [encoder, decoder]
    assert round(sum(counts) / 1e6, 1) == 19.4
