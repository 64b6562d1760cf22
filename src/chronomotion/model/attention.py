"""Attention within a sequence, and to a single vector."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from chronomotion.model.dropout import dropped

__all__ = ["self_attended", "vector_attended"]


def self_attended(
    attention: nn.MultiheadAttention, x: Float[Tensor, "batch places dim"], mask: Bool[Tensor, "batch one one places"]
) -> Float[Tensor, "batch places dim"]:
    """The output of torch's self-attention; ``mask`` is True at the places that are attended to.

    It calls torch's scaled_dot_product_attention, except in training on a CPU, where torch spends most of the time in
    dropout.
    """
    batch, places, dim = x.shape
    projected = nn.functional.linear(x, attention.in_proj_weight, attention.in_proj_bias)
    heads = projected.view(batch, places, 3, attention.num_heads, dim // attention.num_heads).permute(2, 0, 3, 1, 4)
    dropout = attention.dropout if attention.training else 0.0
    if dropout and x.device.type == "cpu":
        attended = _dropped_attention(heads, mask, dropout)
    else:
        queries, keys, values = heads.unbind(0)
        attended = nn.functional.scaled_dot_product_attention(queries, keys, values, attn_mask=mask, dropout_p=dropout)
    out: Tensor = attention.out_proj(attended.transpose(1, 2).reshape(batch, places, dim))
    return out


def _dropped_attention(
    projected: Float[Tensor, "three batch heads places size"],
    mask: Bool[Tensor, "batch one one places"],
    dropout: float,
) -> Float[Tensor, "batch heads places size"]:
    """softmax(Q K^T / sqrt(size) + mask) V with dropout of the weights (Vaswani 2017, equation 1)."""
    _, batch, heads, places, size = projected.shape
    queries, keys, values = projected.reshape(3, batch * heads, places, size).unbind(0)
    # Half of the lowest number, because -inf would make rows of nothing but padding nan.
    hidden = torch.zeros(mask.shape, dtype=queries.dtype).masked_fill_(~mask, torch.finfo(queries.dtype).min / 2)
    hidden = hidden.expand(batch, heads, 1, places).reshape(batch * heads, 1, places)
    scores = torch.baddbmm(hidden, queries, keys.transpose(1, 2), alpha=size**-0.5)
    weights = dropped(scores.softmax(dim=-1), dropout)
    return torch.bmm(weights, values).view(batch, heads, places, size)


def vector_attended(
    attention: nn.MultiheadAttention, vector: Float[Tensor, "batch dim"], places: int
) -> Float[Tensor, "batch places dim"]:
    """The output of torch's attention at ``places`` places that attend to ONE vector; (batch, 1, dim) where it is the
    same at all places.

    With a single key the softmax is 1, so the output is the value of that key for every query, and no queries and keys
    are computed. In training, dropout draws each weight for each place and head, as torch does. The values of the heads
    are projected before, once for all places.
    """
    batch, dim = vector.shape
    values = nn.functional.linear(vector, attention.in_proj_weight[2 * dim :], attention.in_proj_bias[2 * dim :])
    if not (attention.training and attention.dropout > 0):
        equal: Tensor = attention.out_proj(values)[:, None]
        return equal
    split = values.view(batch, attention.num_heads, -1)
    # out_proj of the concatenated heads is the sum of its projections of the single heads.
    slices = attention.out_proj.weight.view(dim, attention.num_heads, -1)
    projected = torch.einsum("bhs,ohs->bho", split, slices)
    weights = dropped(split.new_ones(batch, places, attention.num_heads), attention.dropout)
    return torch.matmul(weights, projected) + attention.out_proj.bias
