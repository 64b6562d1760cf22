"""Distributions, the decoder, statistics inside the model, and half precision."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from chronomotion.errors import ModelError
from chronomotion.model.config import ModelConfig
from chronomotion.model.decoder import MotionDecoder
from chronomotion.model.latent import Latent
from chronomotion.model.motion_text import MotionTextModel, pad
from chronomotion.model.transformer import EncoderLayer, SequenceEncoder

SIZES = {"motion_dim": 6, "text_dim": 32, "latent_dim": 16, "ff_size": 32, "num_layers": 2, "num_heads": 2}


@pytest.fixture
def model(backbone):
    torch.manual_seed(0)
    config = ModelConfig(**SIZES, text_model=str(backbone), vae=True, decoder=True, dropout=0.0)
    return MotionTextModel(config, stats=(np.full(6, 0.5), np.full(6, 2.0))).eval()


def motions(count=5):
    rng = np.random.default_rng(0)
    return [rng.normal(size=(int(rng.integers(1, 40)), 6)).astype(np.float32) for _ in range(count)]


def test_a_sample_is_the_mean_plus_noise_times_the_standard_deviation():
    latent = Latent(torch.full((50_000, 2), 3.0), torch.full((50_000, 2), 2 * np.log(0.5)))
    drawn = latent.sample(generator=torch.Generator().manual_seed(0))
    assert torch.allclose(drawn.mean(0), torch.tensor(3.0), atol=0.02)
    assert torch.allclose(drawn.std(0), torch.tensor(0.5), atol=0.02)
    assert torch.equal(drawn, latent.sample(generator=torch.Generator().manual_seed(0)))
    noise = torch.ones(50_000, 2)
    assert torch.allclose(latent.sample(noise), torch.tensor(3.5))


def test_a_point_has_nothing_to_draw():
    latent = Latent(torch.randn(3, 4))
    assert latent.sample() is latent.mu
    assert latent[:2].logvar is None


def test_gradients_reach_mean_and_variance_through_a_sample():
    mu, logvar = torch.zeros(2, 3, requires_grad=True), torch.zeros(2, 3, requires_grad=True)
    Latent(mu, logvar)[1:].sample(torch.ones(1, 3)).sum().backward()
    assert mu.grad.tolist() == [[0.0] * 3, [1.0] * 3]
    assert torch.allclose(logvar.grad[1], torch.tensor(0.5))


def test_embeddings_are_the_mean_whatever_the_variance(model):
    padded = pad(motions())
    latent = model.motion_latent(*padded)
    assert latent.logvar.shape == latent.mu.shape == (5, 16)
    assert torch.equal(model.embed_motions(*padded), torch.nn.functional.normalize(latent.mu, dim=-1))


@pytest.mark.parametrize("frames_per_token", [1, 4])
def test_decoded_motions_do_not_depend_on_the_batch_and_end_where_they_end(frames_per_token):
    torch.manual_seed(0)
    decoder = MotionDecoder(6, 16, 32, 2, 4, 0.0, frames_per_token=frames_per_token).eval()
    latent, lengths = torch.randn(3, 16), torch.tensor([5, 13, 1])
    together = decoder(latent, lengths, frames=20)
    assert together.shape == (3, 20, 6)
    for i, length in enumerate(lengths.tolist()):
        alone = decoder(latent[i : i + 1], lengths[i : i + 1])
        assert alone.shape == (1, length, 6)
        assert torch.allclose(alone[0], together[i, :length], atol=1e-5)
        assert (together[i, length:] == 0).all()
        assert (together[i, :length] != 0).any()


def test_decoding_gives_gradients_to_the_latent(model):
    latent = torch.randn(2, 16, requires_grad=True)
    decoded = model.train().decode(latent, torch.tensor([4, 9]))
    decoded[0].sum().backward()
    assert latent.grad[0].abs().sum() > 0
    assert latent.grad[1].abs().sum() == 0


def test_a_model_without_parts_says_so(backbone):
    model = MotionTextModel(ModelConfig(**SIZES, text_model=str(backbone)))
    with pytest.raises(ModelError, match="no decoder"):
        model.decode(torch.randn(1, 16), torch.tensor([4]))
    with pytest.raises(ModelError, match="holds no language model"):
        model.token_latent(torch.ones(1, 3, dtype=torch.long), torch.tensor([3]))


def test_there_and_back_through_the_statistics(model):
    features = torch.randn(2, 7, 6)
    normal = model.normalise(features)
    assert torch.allclose(normal, (features - 0.5) / 2)
    assert torch.allclose(model.denormalise(normal), features, atol=1e-6)


@settings(max_examples=25, deadline=None)
@given(
    lengths=st.lists(st.integers(1, 30), min_size=1, max_size=5),
    tokens=st.integers(1, 2),
    step=st.integers(1, 5),
    padding=st.integers(0, 9),
)
def test_layers_compute_what_torchs_own_compute(lengths, tokens, step, padding):
    """In evaluation, both with gradients and in torch's single kernel without, which treat masks differently."""
    torch.manual_seed(0)
    encoder = SequenceEncoder(5, 16, 32, 2, 4, 0.3, tokens=tokens, frames_per_token=step).eval()
    rows, sizes = torch.randn(len(lengths), max(lengths) + padding, 5) * 10, torch.tensor(lengths)
    ours = encoder(rows, sizes)
    layer = torch.nn.TransformerEncoderLayer(16, 4, 32, 0.3, "gelu", batch_first=True)
    torchs = torch.nn.TransformerEncoder(layer, 2, enable_nested_tensor=False).eval()
    torchs.load_state_dict(encoder.transformer.state_dict())
    for gradients in (True, False):
        with torch.set_grad_enabled(gradients):
            assert torch.allclose(through(torchs, encoder, rows, sizes), ours, atol=1e-5)


def through(torchs, encoder, rows, sizes):
    """The encoder with torch's own layers in place of ours."""

    class Torchs(torch.nn.Module):
        def forward(self, x, mask):
            return torchs(x, src_key_padding_mask=~mask[:, 0, 0])

    own, encoder.transformer.layers = encoder.transformer.layers, torch.nn.ModuleList([Torchs()])
    try:
        return encoder(rows, sizes)
    finally:
        encoder.transformer.layers = own


def test_the_first_weights_of_a_seed_are_torchs():
    torch.manual_seed(3)
    ours = EncoderLayer(16, 4, 32, 0.0, "gelu", batch_first=True).state_dict()
    torch.manual_seed(3)
    torchs = torch.nn.TransformerEncoderLayer(16, 4, 32, 0.0, "gelu", batch_first=True).state_dict()
    assert list(ours) == list(torchs)
    assert all(torch.equal(ours[name], torchs[name]) for name in ours)


def test_dropout_is_in_attention_too_and_only_in_training():
    torch.manual_seed(0)
    layer = EncoderLayer(16, 4, 32, 0.0, "gelu", batch_first=True)
    layer.self_attn.dropout = 0.5
    x, mask = torch.randn(1, 6, 16), torch.ones(1, 1, 1, 6, dtype=torch.bool)
    assert not torch.equal(layer(x, mask), layer(x, mask))
    layer.eval()
    assert torch.equal(layer(x, mask), layer(x, mask))


@pytest.mark.parametrize("vae", [False, True])
def test_half_precision_moves_cosines_little(backbone, vae):
    """At published sizes, where six layers could add their errors up."""
    torch.manual_seed(0)
    config = ModelConfig(text_model=str(backbone), text_dim=32, vae=vae, tune_text_model=True)
    model = MotionTextModel(config).eval()
    rng = np.random.default_rng(0)
    moved = [rng.normal(size=(frames, 263)).astype(np.float32) for frames in (12, 90, 200)]
    texts = ["a person nods", "a person lifts the left leg then raises both hands", "nods"]
    exact = model.encode_motion(moved), model.encode_text(texts)
    with torch.autocast("cpu", torch.bfloat16):
        half = model.encode_motion(moved), model.encode_text(texts)
    assert half[0].dtype == np.float32
    assert not np.array_equal(half[0], exact[0])
    everything = [np.concatenate(both) for both in (exact, half)]
    assert np.abs(everything[0] @ everything[0].T - everything[1] @ everything[1].T).max() < 1e-2
