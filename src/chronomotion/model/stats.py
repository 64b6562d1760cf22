"""Mean and standard deviation of features: read from files, and exchanged for others for a while."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import load_file
from torch import nn

from chronomotion.errors import ModelError

__all__ = ["Stats", "StatsSource", "find_stats", "read_stats", "restated", "with_stats"]

Stats = tuple[np.ndarray, np.ndarray]
StatsSource = str | Path | Stats
"""A folder with the files, or the two arrays."""

_PAIRS = (("mean.pt", "std.pt"), ("Mean.npy", "Std.npy"))


def read_stats(folder: Path, dim: int) -> Stats | None:
    """Mean and standard deviation in a folder, float32 (dim,); None when it has none.

    Files: mean.pt and std.pt (TMR, ChronAccRet), Mean.npy and Std.npy (HumanML3D), stats.safetensors (our corpora).
    Raises ModelError when they cannot be read or are of another width.
    """
    try:
        for names in _PAIRS:
            if all((folder / name).is_file() for name in names):
                mean, std = (_read(folder / name) for name in names)
                return checked(mean, std, dim, str(folder))
        if (folder / "stats.safetensors").is_file():
            tensors = load_file(folder / "stats.safetensors")
            return checked(tensors["mean"], tensors["std"], dim, str(folder))
    except ModelError:
        raise
    except Exception as error:  # torch.load raises many exception types for a foreign file
        raise ModelError(f"{folder}: mean and standard deviation cannot be read ({error})") from error
    return None


def _read(path: Path) -> np.ndarray:
    if path.suffix == ".npy":
        return np.asarray(np.load(path, allow_pickle=False))
    tensor: Any = torch.load(path, map_location="cpu", weights_only=True)
    return np.asarray(tensor)


def checked(mean: np.ndarray, std: np.ndarray, dim: int, where: str) -> Stats:
    """Both as float32. Raises ModelError for another width, or for a standard deviation that is not positive."""
    mean, std = np.asarray(mean, dtype=np.float32), np.asarray(std, dtype=np.float32)
    if mean.shape != (dim,) or std.shape != (dim,):
        raise ModelError(f"{where}: mean and std of shapes {mean.shape} and {std.shape}, the model needs ({dim},)")
    if not (std > 0).all():
        raise ModelError(f"{where}: standard deviation of feature {int(np.argmin(std))} is {std.min()}, not positive")
    return mean, std


def find_stats(source: StatsSource | None, places: Iterable[Path], dim: int, model: str) -> Stats:
    """The given statistics, else those of the first folder in ``places`` that has some.

    Raises ModelError when there are none: features that are not normalised would give vectors without meaning.
    """
    if isinstance(source, tuple):
        return checked(*source, dim, "stats")
    for place in places if source is None else [Path(source)]:
        stats = read_stats(place, dim)
        if stats is not None:
            return stats
    where = "beside it or in its stats folder" if source is None else f"in {source}"
    raise ModelError(
        f"{model}: no mean.pt and std.pt {where}; give --stats FOLDER, in Python stats=FOLDER (with mean.pt and "
        "std.pt, Mean.npy and Std.npy, or a corpus of ours) or stats=(mean, std)"
    )


def restated(model: nn.Module, stats: Stats) -> nn.Module:
    """A copy that shares all weights with a model (with the buffers ``mean`` and ``std``) and normalises by these."""
    twin = copy(model)
    twin._buffers = dict(model._buffers)
    for name, values in zip(("mean", "std"), stats, strict=True):
        twin._buffers[name] = torch.from_numpy(values).to(model.get_buffer(name))
    return twin


@contextmanager
def with_stats(model: nn.Module, stats: Stats) -> Iterator[None]:
    """While it lasts, a model (with the buffers ``mean`` and ``std``) normalises by these statistics."""
    buffers = [model.get_buffer(name) for name in ("mean", "std")]
    kept = [buffer.clone() for buffer in buffers]
    try:
        for buffer, values in zip(buffers, stats, strict=True):
            buffer.copy_(torch.from_numpy(values))
        yield
    finally:
        for buffer, earlier in zip(buffers, kept, strict=True):
            buffer.copy_(earlier)
