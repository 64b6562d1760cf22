"""Inputs of a model: one or several texts or motions; a motion is features, a Motion, or a file."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import TypeAlias

import numpy as np
from jaxtyping import Float

from chronomotion.errors import ModelError
from chronomotion.model.encoder import check_features
from chronomotion.motion.features import features_of
from chronomotion.motion.formats import read_motion
from chronomotion.motion.layout import layout_of
from chronomotion.motion.motion import Motion

__all__ = ["MotionInput", "features_list", "text_list"]

MotionInput: TypeAlias = np.ndarray | Motion | str | PathLike[str]
"""Features (frames, dim) as a corpus holds them; a Motion; or the path of a motion file in any supported format."""


def text_list(texts: str | Sequence[str]) -> tuple[list[str], bool]:
    """The texts as a list, and whether the input was a single string."""
    return ([texts], True) if isinstance(texts, str) else (list(texts), False)


def features_list(
    motions: MotionInput | Sequence[MotionInput], dim: int, fps: float, names: Sequence[str] | None = None
) -> tuple[list[Float[np.ndarray, "_ dim"]], bool]:
    """Features of the motions as a list, and whether the input was a single motion.

    An array of two axes is one motion, an array of three axes is a batch. Motions and files are resampled to ``fps``
    frames a second. Errors call the motions by their ``names``, else by file or number.

    Raises ModelError for features of another width or with numbers that are not finite, and for a motion of a skeleton
    whose features have another width; FormatError for a file that cannot be read.
    """
    single = isinstance(motions, Motion | str | PathLike) or (isinstance(motions, np.ndarray) and motions.ndim == 2)
    several = [motions] if single else list(motions)  # type: ignore[arg-type]
    titles = [_title(motion, number) for number, motion in enumerate(several)] if names is None else names
    return [_features(motion, title, dim, fps) for motion, title in zip(several, titles, strict=True)], single  # type: ignore[arg-type]


def _title(motion: object, number: int) -> str:
    return str(motion) if isinstance(motion, str | PathLike) else f"motion {number}"


def _features(motion: MotionInput, name: str, dim: int, fps: float) -> Float[np.ndarray, "_ dim"]:
    if isinstance(motion, str | PathLike):
        motion = read_motion(Path(motion))
    if isinstance(motion, Motion):
        layout = layout_of(motion.skeleton)
        if layout.width != dim:
            raise ModelError(
                f"{name}: skeleton {motion.skeleton.name} gives {layout.width} features a frame, the model takes {dim}"
            )
        motion = features_of(motion.resample(fps))
    features = np.asarray(motion)
    if features.ndim != 2 or features.shape[1] != dim or len(features) == 0:
        raise ModelError(f"{name}: features of shape {features.shape}, expected (frames, {dim})")
    check_features(features, name)
    return features
