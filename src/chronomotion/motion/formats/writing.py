"""Motions to files, by suffix, each written whole or not at all."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np

from chronomotion.atomic_write import atomic_write
from chronomotion.errors import FormatError
from chronomotion.motion.features import features_of
from chronomotion.motion.formats.arrays import FORMAT_VERSION
from chronomotion.motion.formats.bvh_write import bvh_bytes
from chronomotion.motion.formats.glb_write import glb_bytes
from chronomotion.motion.motion import Motion

__all__ = ["WRITTEN_SUFFIXES", "motion_bytes", "write", "write_features"]


def write(motion: Motion, path: Path) -> None:
    """Write a motion in the format of the suffix; see :func:`chronomotion.motion.formats.write_motion`."""
    encode = _ENCODERS.get(path.suffix.lower())
    if encode is None:
        kind = repr(path.suffix) if path.suffix else "without a suffix"
        raise FormatError(f"cannot write a motion file {kind}: known are {', '.join(WRITTEN_SUFFIXES)}", str(path))
    if not np.isfinite(motion.positions).all():
        raise FormatError("the motion holds positions that are not finite: nothing is written", str(path))
    _replace(path, encode(motion))


def motion_bytes(motion: Motion, suffix: str) -> bytes:
    """What a file with one of ``WRITTEN_SUFFIXES`` holds. Raises KeyError for another suffix."""
    return _ENCODERS[suffix](motion)


def write_features(motion: Motion, path: Path) -> None:
    """Write the published features of a motion as .npy; errors as in ``features_of``, and of a place that cannot be."""
    stream = io.BytesIO()
    np.save(stream, features_of(motion), allow_pickle=False)
    _replace(path, stream.getvalue())


def _npy(motion: Motion) -> bytes:
    """The positions alone: the frame rate is lost."""
    stream = io.BytesIO()
    np.save(stream, motion.positions, allow_pickle=False)
    return stream.getvalue()


def _npz(motion: Motion) -> bytes:
    """Positions, frame rate and skeleton."""
    stream = io.BytesIO()
    np.savez(
        stream,
        allow_pickle=False,
        format_version=np.array(FORMAT_VERSION),
        positions=motion.positions,
        fps=np.array(motion.fps),
        skeleton=np.array(motion.skeleton.name),
        joints=np.array(motion.skeleton.joints),
    )
    return stream.getvalue()


_ENCODERS: dict[str, Callable[[Motion], bytes]] = {".bvh": bvh_bytes, ".glb": glb_bytes, ".npy": _npy, ".npz": _npz}
WRITTEN_SUFFIXES = tuple(_ENCODERS)
"""Suffixes of the files that are written."""


def _replace(path: Path, content: bytes) -> None:
    """A reader never sees half a file, not even after a crash. A missing folder is an error: it may be a typo."""
    try:
        with atomic_write(path, make_folder=False) as part:
            part.write_bytes(content)
    except OSError as error:
        raise FormatError(f"cannot be written: {error.strerror or error}", str(path)) from error
