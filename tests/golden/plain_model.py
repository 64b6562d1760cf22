"""The published architecture and its losses written straight from their description, in numpy and float64.

The twin that our models must equal. It shares no code with them, and neither with torch nor with transformers: weights
go by the published names, and every sum is written out. Sources: TMR (Petrovich 2023) and ACTOR (Petrovich 2021) for
the encoders and the decoder, DistilBERT (Sanh 2019) for the language model, CAR (arXiv 2407.15408) for the losses.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

Weights = Mapping[str, np.ndarray]

_erf = np.vectorize(math.erf, otypes=[np.float64])


def encoded(weights: Weights, part: str, sequence: np.ndarray, heads: int) -> np.ndarray:
    """Outputs at the learned tokens for ONE sequence (frames, dim) without padding: (tokens, latent)."""
    w = below(weights, part)
    tokens = w["tokens"]
    x = np.concatenate([tokens, linear(w, "projection", sequence)])
    x = x + positions(len(x), x.shape[1])
    for layer in range(count_layers(w, "seqTransEncoder.layers.")):
        name = f"seqTransEncoder.layers.{layer}"
        x = norm(w, f"{name}.norm1", x + attention(below(w, f"{name}.self_attn"), x, x, heads))
        x = norm(w, f"{name}.norm2", x + feed_forward(w, name, x))
    return x[: len(tokens)]


def decoded(weights: Weights, latent: np.ndarray, frames: int, heads: int) -> np.ndarray:
    """The motion (frames, dim) of ONE latent vector."""
    w = below(weights, "motion_decoder")
    x = positions(frames, len(latent))  # queries of zero, and positions
    for layer in range(count_layers(w, "seqTransDecoder.layers.")):
        name = f"seqTransDecoder.layers.{layer}"
        x = norm(w, f"{name}.norm1", x + attention(below(w, f"{name}.self_attn"), x, x, heads))
        x = norm(w, f"{name}.norm2", x + attention(below(w, f"{name}.multihead_attn"), x, latent[None], heads))
        x = norm(w, f"{name}.norm3", x + feed_forward(w, name, x))
    return linear(w, "final_layer", x)


def projected(weights: Weights, states: np.ndarray) -> np.ndarray:
    """The projection head without VAE: the first token's state (tokens, dim) -> (latent,)."""
    w = below(weights, "text_encoder")
    first = linear(w, "projection", states[0])
    return norm(w, "layer_norm", linear(w, "fc", gelu(first)) + first)


def distilbert(weights: Weights, ids: np.ndarray, heads: int) -> np.ndarray:
    """States (tokens, dim) of ONE text's token ids without padding."""
    w = below(weights, "text_model.text_model")
    x = w["embeddings.word_embeddings.weight"][ids] + w["embeddings.position_embeddings.weight"][: len(ids)]
    x = norm(w, "embeddings.LayerNorm", x, 1e-12)
    for layer in range(count_layers(w, "transformer.layer.")):
        name = f"transformer.layer.{layer}"
        q, k, v = (linear(w, f"{name}.attention.{one}_lin", x) for one in "qkv")
        seen = linear(w, f"{name}.attention.out_lin", looked_up(q, k, v, heads))
        x = norm(w, f"{name}.sa_layer_norm", x + seen, 1e-12)
        spread = linear(w, f"{name}.ffn.lin2", gelu(linear(w, f"{name}.ffn.lin1", x)))
        x = norm(w, f"{name}.output_layer_norm", x + spread, 1e-12)
    return x


def attention(w: Weights, asking: np.ndarray, memory: np.ndarray, heads: int) -> np.ndarray:
    """Multi-head attention with the three projections in one matrix, as torch keeps them."""
    dim = asking.shape[1]
    q, k, v = (
        source @ w["in_proj_weight"][i * dim : (i + 1) * dim].T + w["in_proj_bias"][i * dim : (i + 1) * dim]
        for i, source in enumerate((asking, memory, memory))
    )
    return linear(w, "out_proj", looked_up(q, k, v, heads))


def looked_up(q: np.ndarray, k: np.ndarray, v: np.ndarray, heads: int) -> np.ndarray:
    """softmax(Q K^T / sqrt(size)) V of each head, side by side."""
    size = q.shape[1] // heads
    outputs = []
    for head in range(heads):
        part = slice(head * size, (head + 1) * size)
        scores = np.exp(q[:, part] @ k[:, part].T / math.sqrt(size))
        outputs.append(scores / scores.sum(axis=1, keepdims=True) @ v[:, part])
    return np.concatenate(outputs, axis=1)


def feed_forward(w: Weights, name: str, x: np.ndarray) -> np.ndarray:
    return linear(w, f"{name}.linear2", gelu(linear(w, f"{name}.linear1", x)))


def linear(w: Weights, name: str, x: np.ndarray) -> np.ndarray:
    return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]


def norm(w: Weights, name: str, x: np.ndarray, epsilon: float = 1e-5) -> np.ndarray:
    centred = x - x.mean(axis=-1, keepdims=True)
    spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + epsilon)
    return centred / spread * w[f"{name}.weight"] + w[f"{name}.bias"]


def gelu(x: np.ndarray) -> np.ndarray:
    return x * (1 + _erf(x / math.sqrt(2))) / 2


def positions(length: int, dim: int) -> np.ndarray:
    """Sine in column 2i and cosine in column 2i + 1 of place / 10000 ** (2i / dim)."""
    table = np.zeros((length, dim))
    for place in range(length):
        for i in range(0, dim, 2):
            angle = place / 10000 ** (i / dim)
            table[place, i], table[place, i + 1] = math.sin(angle), math.cos(angle)
    return table


def below(weights: Weights, prefix: str) -> dict[str, np.ndarray]:
    """The weights under a prefix, by the rest of their names."""
    return {n.removeprefix(f"{prefix}."): one for n, one in weights.items() if n.startswith(f"{prefix}.")}


def count_layers(weights: Weights, prefix: str) -> int:
    return len({n.removeprefix(prefix).partition(".")[0] for n in weights if n.startswith(prefix)})


def smooth_l1(one: np.ndarray, other: np.ndarray) -> float:
    """Mean over all numbers of x^2 / 2 where |x| < 1, and |x| - 1/2 beyond."""
    x = np.abs(one - other)
    return float(np.where(x < 1, x**2 / 2, x - 0.5).mean())


def kullback_leibler(mu: np.ndarray, logvar: np.ndarray, to_mu: np.ndarray, to_logvar: np.ndarray) -> float:
    """KL of diagonal normal distributions, mean over all numbers."""
    variance, to_variance = np.exp(logvar), np.exp(to_logvar)
    each = np.log(to_variance / variance) + (variance + (mu - to_mu) ** 2) / to_variance - 1
    return float(each.mean() / 2)


def contrast(texts: np.ndarray, motions: np.ndarray, sentences: np.ndarray | None, temperature: float) -> float:
    """The published contrast, mean of both ways, one query at a time.

    ``texts`` are N captions, then shuffled ones. With ``sentences``, captions i and j with (cosine + 1) / 2 above 0.80
    are no negatives of each other; shuffled ones are negatives of every motion.
    """
    count = len(motions)
    texts = texts / np.linalg.norm(texts, axis=1, keepdims=True)
    motions = motions / np.linalg.norm(motions, axis=1, keepdims=True)

    def left_out(text: int, motion: int) -> bool:
        if sentences is None or text == motion or text >= count:
            return False
        return bool((sentences[text] @ sentences[motion] + 1) / 2 > 0.80)

    def score(text: int, motion: int) -> float:
        return 0.0 if left_out(text, motion) else math.exp(texts[text] @ motions[motion] / temperature)

    to_motion = [-math.log(score(i, i) / sum(score(i, j) for j in range(count))) for i in range(count)]
    to_text = [-math.log(score(i, i) / sum(score(j, i) for j in range(len(texts)))) for i in range(count)]
    return (sum(to_motion) + sum(to_text)) / count / 2
