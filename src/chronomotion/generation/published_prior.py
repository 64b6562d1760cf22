"""The published prior of T2M-GPT: a checkpoint's tensors, by their names, as a prior of the kind ``vector``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from chronomotion.errors import ModelError
from chronomotion.generation.prior.coded import space_of
from chronomotion.generation.prior.config import PriorConfig
from chronomotion.generation.prior.motion_prior import MotionPrior
from chronomotion.generation.prior.texts import TextSource, texts_of
from chronomotion.generation.tokenizer.motion_tokenizer import MotionTokenizer
from chronomotion.model.transformer import sinusoidal_positions

__all__ = ["PUBLISHED_CLIP", "load_published_prior"]

PUBLISHED_CLIP = "clip:openai/clip-vit-base-patch32"
_HEADS = 16
_LEAST_TOKENS = 10
"""Of 40 frames: shorter clips were left out."""
_TOLERANCE = 1e-4

_FIXED = {
    "trans_base.tok_emb.weight": "codes.weight",
    "trans_base.cond_emb.weight": "sentence.weight",
    "trans_base.cond_emb.bias": "sentence.bias",
    "trans_head.ln_f.weight": "transformer.norm.weight",
    "trans_head.ln_f.bias": "transformer.norm.bias",
    "trans_head.head.weight": "transformer.head.weight",
}
_PARTS = {
    "ln1": "before_attention",
    "ln2": "before_inner",
    "attn.query": "attention.query",
    "attn.proj": "attention.out",
    "mlp.0": "inner.0",
    "mlp.2": "inner.2",
}
_BLOCK = re.compile(r"trans_(base|head)\.blocks\.(\d+)\.")


def load_published_prior(
    path: str | Path, tokenizer: MotionTokenizer, *, texts: TextSource | None = None, heads: int = _HEADS
) -> MotionPrior:
    """The prior of a checkpoint (``net_best_fid.pth``, its key ``trans``) for the published tokenizer, ready to sample.

    ``texts`` is CLIP unless given. The number of heads is not in the tensors; published are 16.
    Raises ModelError when the file cannot be read, is no such checkpoint, or does not go with the tokenizer or texts.
    """
    path = Path(path)
    tensors = _tensors(path)
    try:
        config = _config(tensors, heads, PUBLISHED_CLIP if texts is None else texts.name)
        weights = _weights(tensors)
    except (KeyError, IndexError) as error:
        raise ModelError(f"{path}: no prior of T2M-GPT, it lacks {error.args[0]}") from error
    texts = texts_of(config.text_model) if texts is None else texts
    codes, width = len(tensors["trans_base.tok_emb.weight"]) - 2, tensors["trans_base.cond_emb.weight"].shape[1]
    if codes != tokenizer.codes:
        raise ModelError(f"{path}: a prior of {codes} codes, the tokenizer has {tokenizer.codes}")
    if width != texts.vector_dim:
        raise ModelError(f"{path}: a prior of text vectors of {width}, {texts.name!r} gives {texts.vector_dim}")
    _check_positions(path, tensors["trans_base.pos_embed.embed"][:, 0])
    with torch.random.fork_rng(devices=[]):
        prior = MotionPrior(config, space_of(tokenizer), texts)
    try:
        prior.network.load_state_dict(weights)
    except RuntimeError as error:
        raise ModelError(f"{path}: no prior of T2M-GPT ({' '.join(str(error).split())[:200]})") from error
    return prior.eval()


def _tensors(path: Path) -> Mapping[str, Tensor]:
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise ModelError(f"{path}: there is no such file") from None
    except Exception as error:  # torch.load raises many exception types for a foreign file
        raise ModelError(f"{path}: cannot be read ({str(error).splitlines()[0]})") from error
    tensors = content.get("trans") if isinstance(content, dict) else None
    if not isinstance(tensors, Mapping):
        raise ModelError(f"{path}: no prior of T2M-GPT, it lacks the key 'trans'")
    return {name.removeprefix("module."): tensor for name, tensor in tensors.items()}


def _config(tensors: Mapping[str, Tensor], heads: int, text_model: str) -> PriorConfig:
    places, _, width = tensors["trans_base.pos_embed.embed"].shape
    blocks = {match.group(0) for match in map(_BLOCK.match, tensors) if match}
    return PriorConfig(
        kind="vector",
        conditioning="vector",
        plan=False,
        layers=len(blocks),
        width=width,
        heads=heads,
        max_tokens=places - 1,
        min_tokens=min(_LEAST_TOKENS, places - 1),
        text_model=text_model,
    )


def _weights(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors by our names: "base" and "head" are one row of blocks."""
    weights = {ours: tensors[theirs] for theirs, ours in _FIXED.items()}
    numbers = [(match.group(1), int(match.group(2))) for match in map(_BLOCK.match, tensors) if match]
    for number, (half, block) in enumerate(sorted(set(numbers))):  # "base" comes before "head"
        theirs, ours = f"trans_{half}.blocks.{block}.", f"transformer.blocks.{number}."
        for kind in ("weight", "bias"):
            for name, part in _PARTS.items():
                weights[f"{ours}{part}.{kind}"] = tensors[f"{theirs}{name}.{kind}"]
            both = [tensors[f"{theirs}attn.{name}.{kind}"] for name in ("key", "value")]
            weights[f"{ours}attention.key_value.{kind}"] = torch.cat(both)
    return weights


def _check_positions(path: Path, positions: Tensor) -> None:
    """Raises ModelError where the positions are not the fixed sines of the published network."""
    difference = float((positions - sinusoidal_positions(*positions.shape)).abs().max())
    if not difference < _TOLERANCE:
        raise ModelError(f"{path}: its positions are not the fixed sines of T2M-GPT (they differ by {difference:.3g})")
