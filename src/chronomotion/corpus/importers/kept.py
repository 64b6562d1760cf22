"""Features that are finished, kept beside the new corpus until it is whole: an interrupted import loses nothing."""

from __future__ import annotations

import hashlib
import json
from dataclasses import astuple
from pathlib import Path
from typing import Any

from chronomotion.corpus.importers.plan import MotionFile
from chronomotion.corpus.importers.reading import Reading, ReadMotion
from chronomotion.errors import FormatError
from chronomotion.motion.formats.acclaim import find_skeleton
from chronomotion.motion.layout import Layout
from chronomotion.version import __version__
from chronomotion.whole_file import whole_file

__all__ = ["KeptFeatures"]


class KeptFeatures:
    """A folder with one file for every motion file that is done.

    A file's name is a hash of all that its content depends on: our version, the feature layout, how the motion is read,
    and path, size and time of change of the motion file (and of its body model or Acclaim skeleton). Whatever
    has changed since is simply not found and made again.
    """

    def __init__(self, folder: Path, layout: Layout, reading: Reading) -> None:
        self.folder = folder
        self._layout = layout
        models = [] if reading.body_model is None else _files(Path(reading.body_model))
        self._settings = repr((__version__, layout.skeleton.name, astuple(reading), [_stamp(path) for path in models]))

    def find(self, motion: MotionFile) -> ReadMotion | None:
        """What is kept of a motion file, if anything."""
        import numpy as np
        from safetensors import SafetensorError, safe_open

        path = self._path(motion)
        try:
            with safe_open(path, framework="numpy") as file:
                features = file.get_tensor("features")
                about: dict[str, Any] = json.loads((file.metadata() or {})["about"])
        except (OSError, SafetensorError, ValueError, KeyError):
            return None
        if features.ndim != 2 or features.shape[1] != self._layout.width or features.dtype != np.float32:
            return None
        return ReadMotion(features, float(about["offset"]), tuple((str(a), str(b)) for a, b in about["notes"]))

    def keep(self, motion: MotionFile, read: ReadMotion) -> None:
        """Write what was made of a motion file; what is there is whole."""
        from numpy import ascontiguousarray
        from safetensors.numpy import save_file

        about = json.dumps({"offset": read.offset, "notes": read.notes})
        with whole_file(self._path(motion)) as part:
            save_file({"features": ascontiguousarray(read.features)}, part, metadata={"about": about})

    def _path(self, motion: MotionFile) -> Path:
        stamps = [_stamp(motion.path)]
        if motion.path.suffix.lower() == ".amc":
            stamps.append(_stamp(find_skeleton(motion.path)))
        identity = repr((self._settings, motion.kind, motion.mirrored, stamps))
        return self.folder / f"{hashlib.blake2b(identity.encode(), digest_size=16).hexdigest()}.safetensors"


def _files(path: Path) -> list[Path]:
    return sorted(path.glob("*.npz")) if path.is_dir() else [path]


def _stamp(path: Path) -> tuple[str, int, int]:
    """Path, size and time of change."""
    try:
        about = path.stat()
    except OSError as error:
        raise FormatError(f"cannot be read: {error.strerror or error}", str(path)) from error
    return str(path.resolve()), about.st_size, about.st_mtime_ns
