"""The published tokenizer of T2M-GPT: ``VQVAE/net_last.pth``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from chronomotion.errors import ConfigError, FormatError, ModelError
from chronomotion.generation.tokenizer.config import TokenizerConfig
from chronomotion.generation.tokenizer.motion_tokenizer import MotionTokenizer
from chronomotion.model.stats import StatsSource, find_stats
from chronomotion.motion.layout import layout_of_width

__all__ = ["load_published_tokenizer"]

_FILES = ("net_last.pth", "net_best_fid.pth", "VQVAE/net_last.pth", "VQVAE/net_best_fid.pth")
_PREFIX = "vqvae."


def load_published_tokenizer(
    place: str | Path, *, stats: StatsSource | None = None, device: str = "cpu"
) -> MotionTokenizer:
    """The tokenizer in a checkpoint of T2M-GPT: a file, or a folder with ``net_last.pth`` or ``VQVAE/net_last.pth``.

    Sizes are read off the weights; the dilations grow by 3, which the weights do not say. The checkpoint has no
    statistics: ``stats`` are those of its training (the evaluator's mean.npy and std.npy, saved as Mean.npy and
    Std.npy, where the standard deviations of root and contacts are divided by 25), else they are looked for beside the
    file. It has no averages of the codes either; training would go on from the codebook as it is.

    Raises ModelError when there is no such checkpoint, its weights do not go together, or there are no statistics.
    """
    path = _file(Path(place))
    weights = _weights(path)
    config = _config(weights, path)
    tokenizer = MotionTokenizer(config, find_stats(stats, (path.parent, path.parents[1]), config.dim, str(path)))
    codebook = weights["quantizer.codebook"]
    averages = {"quantizer.sums": codebook, "quantizer.counts": torch.ones(len(codebook))}
    statistics = {"mean": tokenizer.mean, "std": tokenizer.std}
    try:
        tokenizer.load_state_dict({**weights, **averages, **statistics})
    except RuntimeError as error:
        raise ModelError(f"{path}: not a tokenizer of T2M-GPT ({' '.join(str(error).split())[:300]})") from error
    return tokenizer.to(device).eval()


def _file(place: Path) -> Path:
    if place.is_file():
        return place
    for name in _FILES:
        if (place / name).is_file():
            return place / name
    raise ModelError(f"{place}: no checkpoint of T2M-GPT's tokenizer ({', '.join(_FILES)})")


def _weights(path: Path) -> dict[str, Tensor]:
    """Tensors by our names, which are the published ones without their beginning."""
    try:
        saved: Any = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch.load raises many exception types for a foreign file
        raise ModelError(f"{path}: cannot be read ({str(error).splitlines()[0]})") from error
    net = saved.get("net") if isinstance(saved, Mapping) else None
    if not isinstance(net, Mapping):
        raise ModelError(f"{path}: not a checkpoint of T2M-GPT's tokenizer (it has no key 'net')")
    return {
        name.removeprefix(_PREFIX): tensor.float()
        for name, tensor in net.items()
        if name.startswith(_PREFIX) and isinstance(tensor, Tensor)
    }


def _config(weights: Mapping[str, Tensor], path: Path) -> TokenizerConfig:
    """Sizes, from the shapes and names of weights."""
    try:
        width, dim, _ = weights["encoder.model.0.weight"].shape
        codes, _ = weights["quantizer.codebook"].shape
        down = len({name.split(".")[2] for name in weights if re.match(r"encoder\.model\.\d+\.0\.weight", name)})
        depth = len({name for name in weights if re.match(r"encoder\.model\.2\.1\.model\.\d+\.conv1\.weight", name)})
        fps = layout_of_width(dim).fps
        return TokenizerConfig(
            dim=dim, fps=fps, width=width, down=down, depth=depth, quantiser="vq", codebook_size=codes
        )
    except (KeyError, ValueError, FormatError, ConfigError) as error:
        raise ModelError(f"{path}: not a tokenizer of T2M-GPT ({error})") from error
