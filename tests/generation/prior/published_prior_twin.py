"""T2M-GPT's prior once more, in numpy and one sequence at a time, from the description; it shares no code with ours."""

import math

import numpy as np


def random_checkpoint(width=32, blocks=(2, 2), codes=16, places=12, clip=8, seed=0):
    """Tensors by the published names, float32; positions are the published sines."""
    rng = np.random.default_rng(seed)

    def some(*shape):
        return (rng.normal(size=shape) * 0.3).astype(np.float32)

    tensors = {
        "trans_base.tok_emb.weight": some(codes + 2, width),
        "trans_base.cond_emb.weight": some(width, clip),
        "trans_base.cond_emb.bias": some(width),
        "trans_base.pos_embedding.weight": some(places, width),
        "trans_base.pos_embed.embed": positions(places, width)[:, None].astype(np.float32),
        "trans_head.ln_f.weight": some(width),
        "trans_head.ln_f.bias": some(width),
        "trans_head.head.weight": some(codes + 1, width),
    }
    for half, count in zip(("base", "head"), blocks, strict=True):
        for number in range(count):
            start = f"trans_{half}.blocks.{number}."
            tensors[start + "attn.mask"] = np.tril(np.ones((1, 1, places, places), np.float32))
            for name in ("ln1", "ln2"):
                tensors |= {f"{start}{name}.weight": some(width), f"{start}{name}.bias": some(width)}
            for name in ("key", "query", "value", "proj"):
                tensors |= {f"{start}attn.{name}.weight": some(width, width), f"{start}attn.{name}.bias": some(width)}
            tensors |= {f"{start}mlp.0.weight": some(4 * width, width), f"{start}mlp.0.bias": some(4 * width)}
            tensors |= {f"{start}mlp.2.weight": some(width, 4 * width), f"{start}mlp.2.bias": some(width)}
    return tensors


def positions(places, width):
    table = np.zeros((places, width))
    for place in range(places):
        for pair in range(width // 2):
            angle = place * math.exp(-math.log(10000.0) * 2 * pair / width)
            table[place, 2 * pair], table[place, 2 * pair + 1] = math.sin(angle), math.cos(angle)
    return table


def logits(tensors, vector, codes, heads):
    """(1 + codes, outputs) for one text vector and one sequence of codes."""
    t = {name: value.astype(np.float64) for name, value in tensors.items()}
    first = t["trans_base.cond_emb.weight"] @ vector + t["trans_base.cond_emb.bias"]
    x = np.stack([first, *(t["trans_base.tok_emb.weight"][code] for code in codes)])
    x = x + t["trans_base.pos_embed.embed"][: len(x), 0]
    for half in ("base", "head"):
        number = 0
        while f"trans_{half}.blocks.{number}.ln1.weight" in t:
            start = f"trans_{half}.blocks.{number}."
            part = {name[len(start) :]: value for name, value in t.items() if name.startswith(start)}
            x = x + attention(part, norm(x, part["ln1.weight"], part["ln1.bias"]), heads)
            inner = norm(x, part["ln2.weight"], part["ln2.bias"]) @ part["mlp.0.weight"].T + part["mlp.0.bias"]
            x = x + gelu(inner) @ part["mlp.2.weight"].T + part["mlp.2.bias"]
            number += 1
    return norm(x, t["trans_head.ln_f.weight"], t["trans_head.ln_f.bias"]) @ t["trans_head.head.weight"].T


def attention(part, x, heads):
    size = x.shape[1] // heads
    queries, keys, values = (
        x @ part[f"attn.{name}.weight"].T + part[f"attn.{name}.bias"] for name in ("query", "key", "value")
    )
    out = np.zeros_like(x)
    for head in range(heads):
        columns = slice(head * size, (head + 1) * size)
        for place in range(len(x)):
            scores = keys[: place + 1, columns] @ queries[place, columns] / math.sqrt(size)
            weights = np.exp(scores - scores.max())
            out[place, columns] = weights / weights.sum() @ values[: place + 1, columns]
    return out @ part["attn.proj.weight"].T + part["attn.proj.bias"]


def norm(x, weight, bias):
    centred = x - x.mean(axis=1, keepdims=True)
    return centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-5) * weight + bias


def gelu(x):
    return x * 0.5 * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))
