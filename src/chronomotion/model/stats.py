"""Mean and standard deviation of features, from the files in which they come."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import load_file

from chronomotion.errors import ModelError

__all__ = ["Stats", "StatsSource", "find_stats", "read_stats"]

Stats = tuple[np.ndarray, np.ndarray]
StatsSource = str | Path | Stats
"""A folder with such files, or the two arrays."""

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
    except Exception as error:  # torch.load raises errors of many kinds for a file that is not its own
        raise ModelError(f"{folder}: mean and standard deviation cannot be read ({error})") from error
    return None


def _read(path: Path) -> np.ndarray:
    if path.suffix == ".npy":
        return np.asarray(np.load(path, allow_pickle=False))
    tensor: Any = torch.load(path, map_location="cpu", weights_only=True)
    return np.asarray(tensor)


def checked(mean: np.ndarray, std: np.ndarray, dim: int, where: str) -> Stats:
    """Both as float32. Raises ModelError for another width, or a standard deviation that cannot be divided by."""
    mean, std = np.asarray(mean, dtype=np.float32), np.asarray(std, dtype=np.float32)
    if mean.shape != (dim,) or std.shape != (dim,):
        raise ModelError(f"{where}: mean and std of shapes {mean.shape} and {std.shape}, the model needs ({dim},)")
    if not (std > 0).all():
        raise ModelError(f"{where}: standard deviation of feature {int(np.argmin(std))} is {std.min()}, not positive")
    return mean, std


def find_stats(given: StatsSource | None, places: Iterable[Path], dim: int, model: str) -> Stats:
    """The statistics that were given, else those of the first place that has some.

    Raises ModelError when there are none: features that are not normalised would give vectors without meaning.
    """
    if isinstance(given, tuple):
        return checked(*given, dim, "stats")
    for place in places if given is None else [Path(given)]:
        found = read_stats(place, dim)
        if found is not None:
            return found
    where = "beside it or in its stats folder" if given is None else f"in {given}"
    raise ModelError(
        f"{model}: no mean.pt and std.pt {where}; give --stats FOLDER, in Python stats=FOLDER (with mean.pt and "
        "std.pt, Mean.npy and Std.npy, or a corpus of ours) or stats=(mean, std)"
    )
