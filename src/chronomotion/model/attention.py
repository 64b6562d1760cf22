"""Attention within a sequence, and to a single vector."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from chronomotion.model.dropout import dropped

__all__ = ["self_attended", "vector_attended"]


def self_attended(
    own: nn.MultiheadAttention, x: Float[Tensor, "batch places dim"], mask: Bool[Tensor, "batch one one places"]
) -> Float[Tensor, "batch places dim"]:
    """What a self-attention of torch's gives; ``mask`` is True where a place may be looked at.

    By torch's scaled_dot_product_attention, but for training on a processor: there its dropout is most of its time.
    """
    batch, places, dim = x.shape
    together = nn.functional.linear(x, own.in_proj_weight, own.in_proj_bias)
    heads = together.view(batch, places, 3, own.num_heads, dim // own.num_heads).permute(2, 0, 3, 1, 4)
    dropout = own.dropout if own.training else 0.0
    if dropout and x.device.type == "cpu":
        seen = _dropped_attention(heads, mask, dropout)
    else:
        queries, keys, values = heads.unbind(0)
        seen = nn.functional.scaled_dot_product_attention(queries, keys, values, attn_mask=mask, dropout_p=dropout)
    out: Tensor = own.out_proj(seen.transpose(1, 2).reshape(batch, places, dim))
    return out


def _dropped_attention(
    together: Float[Tensor, "three batch heads places size"], mask: Bool[Tensor, "batch one one places"], dropout: float
) -> Float[Tensor, "batch heads places size"]:
    """softmax(Q K^T / sqrt(size) + mask) V with dropout of the weights (Vaswani 2017, equation 1)."""
    _, batch, heads, places, size = together.shape
    queries, keys, values = together.reshape(3, batch * heads, places, size).unbind(0)
    # Half of the least number: no row of nothing but padding is without a number, as it would be with -inf.
    hidden = torch.zeros(mask.shape, dtype=queries.dtype).masked_fill_(~mask, torch.finfo(queries.dtype).min / 2)
    hidden = hidden.expand(batch, heads, 1, places).reshape(batch * heads, 1, places)
    scores = torch.baddbmm(hidden, queries, keys.transpose(1, 2), alpha=size**-0.5)
    weights = dropped(scores.softmax(dim=-1), dropout)
    return torch.bmm(weights, values).view(batch, heads, places, size)


def vector_attended(
    own: nn.MultiheadAttention, vector: Float[Tensor, "batch dim"], places: int
) -> Float[Tensor, "batch places dim"]:
    """What an attention of torch's gives to ``places`` places that look at nothing but ONE vector, or one place
    (batch, 1, dim) where all get the same.

    Attention to a single place gives that place's value whatever is asked, softmax being 1: no queries and keys are
    computed. While training, dropout of the weights is a draw for each place and head, as in torch's own; it chooses
    among the heads' values, which are projected before, once for all places.
    """
    batch, dim = vector.shape
    values = nn.functional.linear(vector, own.in_proj_weight[2 * dim :], own.in_proj_bias[2 * dim :])
    if not (own.training and own.dropout > 0):
        alike: Tensor = own.out_proj(values)[:, None]
        return alike
    split = values.view(batch, own.num_heads, -1)
    # out_proj of the heads side by side is the sum of what it makes of each head.
    slices = own.out_proj.weight.view(dim, own.num_heads, -1)
    projected = torch.einsum("bhs,ohs->bho", split, slices)
    weights = dropped(split.new_ones(batch, places, own.num_heads), own.dropout)
    return torch.matmul(weights, projected) + own.out_proj.bias
