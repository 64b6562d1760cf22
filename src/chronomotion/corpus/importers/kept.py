"""Features that are finished, kept beside the new corpus until it is whole: an interrupted import loses nothing."""

from __future__ import annotations

import hashlib
from dataclasses import astuple
from pathlib import Path

from chronomotion.cache import ArrayCache
from chronomotion.corpus.importers.plan import MotionFile
from chronomotion.corpus.importers.reading import Reading, ReadMotion
from chronomotion.errors import FormatError
from chronomotion.motion.formats.acclaim import find_skeleton
from chronomotion.motion.layout import Layout
from chronomotion.version import __version__

__all__ = ["KeptFeatures"]


class KeptFeatures:
    """A folder with one file for every motion file that is done.

    A file's name is a hash of all that its content depends on: our version, the feature layout, how the motion is read,
    and path, size and time of change of the motion file (and of its body model or Acclaim skeleton). Whatever
    has changed since is simply not found and made again.
    """

    def __init__(self, folder: Path, layout: Layout, reading: Reading) -> None:
        self._cache = ArrayCache(folder)
        self._layout = layout
        models = [] if reading.body_model is None else _files(Path(reading.body_model))
        self._settings = repr((__version__, layout.skeleton.name, astuple(reading), [_stamp(path) for path in models]))

    def __contains__(self, motion: MotionFile) -> bool:
        return self._key(motion) in self._cache

    def find(self, motion: MotionFile) -> ReadMotion | None:
        """What is kept of a motion file, if anything."""
        entry = self._cache.get(self._key(motion))
        features = None if entry is None else entry.arrays.get("features")
        if entry is None or features is None or features.ndim != 2 or features.shape[1] != self._layout.width:
            return None
        about = entry.about
        notes = tuple((str(reason), str(detail)) for reason, detail in about["notes"])
        return ReadMotion(features, float(about["offset"]), notes, float(about["fps"]))

    def keep(self, motion: MotionFile, read: ReadMotion) -> None:
        """Keep what was read. Raises WriteError when the disk is full."""
        about = {"offset": read.offset, "notes": read.notes, "fps": read.fps}
        self._cache.add(self._key(motion), {"features": read.features}, about)

    def _key(self, motion: MotionFile) -> str:
        stamps = [_stamp(motion.archive or motion.path)]
        if motion.path.suffix.lower() == ".amc":
            stamps.append(_stamp(find_skeleton(motion.path)))
        inside = "" if motion.archive is None else motion.path.as_posix()
        identity = repr((self._settings, motion.kind, motion.mirrored, inside, stamps))
        return hashlib.blake2b(identity.encode(), digest_size=16).hexdigest()


def _files(path: Path) -> list[Path]:
    return sorted(path.glob("*.npz")) if path.is_dir() else [path]


def _stamp(path: Path) -> tuple[str, int, int]:
    """Path, size and time of change."""
    try:
        about = path.stat()
    except OSError as error:
        raise FormatError(f"cannot be read: {error.strerror or error}", str(path)) from error
    return str(path.resolve()), about.st_size, about.st_mtime_ns
