import numpy as np
import pytest
import torch
from golden_runs import read_golden

from chronomotion.errors import ConfigError
from chronomotion.model.config import ModelConfig
from chronomotion.model.decoder import DecoderLayer, MotionDecoder
from chronomotion.model.transformer import SequenceEncoder, padding_mask, sinusoidal_positions


def encoder(**extra):
    torch.manual_seed(0)
    return SequenceEncoder(5, 16, 32, 2, 4, 0.0, **extra).eval()


@pytest.mark.parametrize(("frames_per_token", "movement"), [(1, False), (3, False), (3, True)])
def test_what_lies_beyond_a_sequence_has_no_influence(frames_per_token, movement):
    model = encoder(frames_per_token=frames_per_token, movement=movement)
    rng = np.random.default_rng(0)
    short = torch.tensor(rng.normal(size=(1, 7, 5)), dtype=torch.float32)
    padded = torch.cat([short, torch.full((1, 6, 5), 1e3)], dim=1)
    lengths = torch.tensor([7])
    assert torch.allclose(model(short, lengths), model(padded, lengths), atol=1e-5)


@pytest.mark.parametrize("step", [2, 3, 4])
@pytest.mark.parametrize("frames", [1, 3, 4, 5, 8, 9, 11])
def test_the_last_frame_counts_whatever_is_left_over(step, frames):
    """Frames are put side by side; the last few of a motion are a token, too, alone and in a batch."""
    model = encoder(frames_per_token=step)
    rng = np.random.default_rng(1)
    batch = torch.tensor(rng.normal(size=(2, 13, 5)), dtype=torch.float32)
    lengths = torch.tensor([frames, 13])
    moved = batch.clone()
    moved[0, frames - 1] += 1.0
    for first, second, some in (
        (batch, moved, lengths),
        (batch[:1, :frames], moved[:1, :frames], lengths[:1]),
    ):
        assert not torch.allclose(model(first, some)[0], model(second, some)[0], atol=1e-3)
    # The twin: the whole tokens that it takes, zeros behind the frames, and no mask at all.
    tokens = -(-frames // step) * step
    whole = torch.nn.functional.pad(batch[:1, :frames], (0, 0, 0, tokens - frames))
    assert torch.allclose(model(batch, lengths)[0], model(whole, torch.tensor([tokens]))[0], atol=1e-5)


@pytest.mark.parametrize("frames", [1, 3, 4, 7, 8])
def test_movement_is_the_standard_deviation_of_a_tokens_frames(frames):
    model = encoder(frames_per_token=4, movement=True)
    seen = []
    model.projection.register_forward_hook(lambda module, given, out: seen.append(given[0]))
    sequence = torch.randn(2, 8, 5) * 3
    model(sequence, torch.tensor([frames, 8]))
    tokens = seen[0][0].numpy()
    for place in range(-(-frames // 4)):
        rows = sequence[0, 4 * place : min(4 * place + 4, frames)].numpy()
        np.testing.assert_allclose(tokens[place, :20][: rows.size], rows.ravel())
        np.testing.assert_allclose(tokens[place, 20:], np.sqrt(rows.var(axis=0) + 1e-4), rtol=1e-4)


def test_movement_tells_to_and_fro_from_rest_whatever_the_phase():
    """Two waves of opposite phase are the same movement; their numbers cancel out in a mean."""
    model = encoder(frames_per_token=4, movement=True)
    seen = []
    model.projection.register_forward_hook(lambda module, given, out: seen.append(given[0][0, :, 20:]))
    wave = torch.sin(torch.arange(16) * 1.5)[None, :, None].expand(1, 16, 5)
    for sequence in (wave, -wave, 0 * wave):
        model(sequence, torch.tensor([16]))
    assert torch.allclose(seen[0], seen[1], atol=1e-6)
    assert float(seen[0].min()) > 0.5 > 0.02 > float(seen[2].max())


def test_a_still_token_has_a_finite_slope():
    model = encoder(frames_per_token=4, movement=True)
    sequence = torch.zeros(1, 6, 5, requires_grad=True)
    model(sequence, torch.tensor([6])).sum().backward()
    assert torch.isfinite(sequence.grad).all()


def test_movement_of_single_frames_is_refused():
    with pytest.raises(ConfigError, match="model.movement needs several frames in a token"):
        ModelConfig(movement=True, frames_per_token=1)


@pytest.mark.parametrize("length", [1, 5, 8, 13])
def test_a_decoder_attends_to_the_token_of_the_last_frames(length):
    torch.manual_seed(0)
    decoder = MotionDecoder(6, 16, 32, 2, 4, 0.0, frames_per_token=4).eval()
    latent, tokens = torch.randn(1, 16), -(-length // 4) * 4
    whole = decoder(latent, torch.tensor([tokens]))[:, :length]
    for frames in (length, 20):
        assert torch.allclose(decoder(latent, torch.tensor([length]), frames)[:, :length], whole, atol=1e-5)


def test_order_matters():
    model = encoder()
    sequence = torch.randn(1, 9, 5)
    lengths = torch.tensor([9])
    assert not torch.allclose(model(sequence, lengths), model(sequence.flip(1), lengths), atol=1e-2)


def test_sequences_longer_than_the_table_of_positions():
    model = encoder()
    out = model(torch.randn(1, 1200, 5), torch.tensor([1200]))
    assert torch.isfinite(out).all()
    assert torch.equal(model.positions(512), sinusoidal_positions(512, 16))


@pytest.mark.parametrize("variant", ["vae", "novae"])
def test_published_encoder_with_its_own_weights(golden_files, variant):
    """Outputs of a published encoder: the same architecture, other names."""
    golden = read_golden(golden_files, variant)
    sizes, prefix = golden.settings["motion_encoder"], "motion_encoder."
    weights = {
        name.removeprefix(prefix).replace("seqTransEncoder", "transformer"): one
        for name, one in golden.part("weights").items()
        if name.startswith(prefix)
    }
    given = golden.part("inputs")
    expected = golden.part("outputs")["motion_mu" if variant == "vae" else "motion_latent"]
    model = SequenceEncoder(
        sizes["nfeats"], sizes["latent_dim"], sizes["ff_size"], sizes["num_layers"], sizes["num_heads"],
        sizes["dropout"], tokens=2 if sizes["vae"] else 1,
    )  # fmt: skip
    model.load_state_dict(weights)
    with torch.no_grad():
        found = model.eval()(given["motion"], given["motion_lengths"])[:, 0]
    assert torch.allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("training", [False, True])
def test_a_decoder_layer_says_what_torchs_says(training):
    torch.manual_seed(0)
    ours = DecoderLayer(16, 4, 32, 0.0, "gelu", batch_first=True).train(training)
    torchs = torch.nn.TransformerDecoderLayer(16, 4, 32, 0.0, "gelu", batch_first=True).train(training)
    torchs.load_state_dict(ours.state_dict())
    x, memory = torch.randn(3, 7, 16), torch.randn(3, 16)
    mask = padding_mask(torch.tensor([7, 4, 1]), 7)
    one = ours(x, memory, mask[:, None, None])
    other = torchs(x, memory[:, None], tgt_key_padding_mask=~mask)
    assert torch.allclose(one[mask], other[mask], atol=1e-6)
    for layer, out in ((ours, one), (torchs, other)):
        (out[mask][:, 0] * torch.arange(int(mask.sum()))).sum().backward()
        assert layer.multihead_attn.in_proj_weight.grad is not None
    for name, weight in ours.named_parameters():
        assert torch.allclose(weight.grad, dict(torchs.named_parameters())[name].grad, atol=1e-4), name
