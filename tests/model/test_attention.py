import pytest
import torch
from torch import nn

from chronomotion.model import attention
from chronomotion.model.attention import self_attended, vector_attended
from chronomotion.model.transformer import padding_mask

DIM, HEADS = 16, 4


def torchs(dropout=0.0):
    torch.manual_seed(0)
    own = nn.MultiheadAttention(DIM, HEADS, dropout=dropout, batch_first=True)
    nn.init.normal_(own.in_proj_bias)
    nn.init.normal_(own.out_proj.bias)
    return own


@pytest.fixture
def nothing_dropped(monkeypatch):
    """The way with dropout, dropping nothing."""
    monkeypatch.setattr(attention, "dropped", lambda x, p: x)


@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_attention_within_a_sequence_says_what_torchs_says(nothing_dropped, dropout):
    own, plain = torchs(dropout), torchs()
    mask = padding_mask(torch.tensor([7, 4, 1]), 7)
    x = torch.randn(3, 7, DIM, requires_grad=True)
    found = []
    for out in (
        self_attended(own, x, mask[:, None, None]),
        plain(x, x, x, key_padding_mask=~mask, need_weights=False)[0],
    ):
        (gradient,) = torch.autograd.grad((out[mask] * torch.arange(DIM)).sum(), x)
        found.append((out[mask], gradient))
    assert torch.allclose(found[0][0], found[1][0], atol=1e-6)
    assert torch.allclose(found[0][1], found[1][1], atol=1e-5)


def test_a_row_of_nothing_but_padding_has_numbers(nothing_dropped):
    own = torchs(0.1)
    x = torch.randn(2, 5, DIM, requires_grad=True)
    self_attended(own, x, padding_mask(torch.tensor([5, 0]), 5)[:, None, None]).sum().backward()
    assert torch.isfinite(x.grad).all()


def test_weights_are_dropped_at_their_rate_and_keep_their_mean():
    own = torchs(0.25)
    with torch.no_grad():  # values, and what is made of them, are ones; all places are looked at alike
        own.in_proj_weight.zero_()
        own.in_proj_bias.fill_(1.0)
        own.out_proj.weight.copy_(torch.eye(DIM))
        own.out_proj.bias.zero_()
    seen = self_attended(own, torch.ones(2, 200, DIM), torch.ones(2, 1, 1, 200, dtype=torch.bool))
    heads = seen.view(2, 200, HEADS, -1)
    assert (heads == heads[..., :1]).all()
    # A head's output is kept / (200 * 0.75), kept binomial: standard deviation sqrt(200 * .25 * .75) / 150.
    assert heads.mean().item() == pytest.approx(1.0, abs=0.01)
    assert heads[..., 0].std().item() == pytest.approx(0.0408, rel=0.1)


def test_attention_to_one_vector_says_what_torchs_says():
    own = torchs().eval()
    x, vector = torch.randn(3, 7, DIM), torch.randn(3, DIM)
    expected = own(x, vector[:, None], vector[:, None], need_weights=False)[0]
    assert torch.allclose(vector_attended(own, vector, 7).expand_as(expected), expected, atol=1e-6)


def test_attention_to_one_vector_drops_whole_heads_of_places(monkeypatch):
    own = torchs(0.25)
    vector = torch.randn(3, DIM)
    drawn = torch.bernoulli(torch.full((3, 7, HEADS), 0.75)) / 0.75
    monkeypatch.setattr(attention, "dropped", lambda ones, p: ones * drawn)
    values = nn.functional.linear(vector, own.in_proj_weight[2 * DIM :], own.in_proj_bias[2 * DIM :])
    kept = drawn[..., None] * values.view(3, 1, HEADS, -1)
    assert torch.allclose(vector_attended(own, vector, 7), own.out_proj(kept.flatten(2)), atol=1e-6)


def test_attention_to_one_vector_drops_at_its_rate():
    own = torchs(0.25)
    with torch.no_grad():
        own.out_proj.weight.copy_(torch.eye(DIM))
        own.out_proj.bias.zero_()
    seen = vector_attended(own, torch.randn(2, DIM), 500).view(2, 500, HEADS, -1)
    assert 0.2 < (seen == 0).float().mean() < 0.3
