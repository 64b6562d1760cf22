"""What an import is going to do: which clips, from which files, with which captions, and what is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from chronomotion.language.caption import Caption
from chronomotion.motion.layout import Layout

__all__ = ["NO_CAPTIONS", "NO_MOTION", "ImportPlan", "MotionFile", "PlannedClip", "Remark"]

NO_MOTION = "no motion file"
NO_CAPTIONS = "no captions"


@dataclass(frozen=True)
class Remark:
    """Something that was left out or mended: of which clip, why in a few words that many share, and exactly what."""

    clip: str
    reason: str
    detail: str = ""


@dataclass(frozen=True)
class MotionFile:
    """Where the motion of a clip comes from.

    ``kind``: "features" (rows of a published feature file, taken as they are), "joints" (the published joints, on the
    reference body already), "take" (a motion file of any format, to be put on the reference body) or "thinned" (the
    same, but fingers, faces and frames that resampling would not use are not read). ``mirrored`` says that the clip is
    the mirror image of what the file holds. ``archive`` is the archive inside which the file lies at ``path``.
    """

    path: Path
    kind: Literal["features", "joints", "take", "thinned"]
    mirrored: bool = False
    archive: Path | None = None

    @property
    def is_ready(self) -> bool:
        """True when the file only has to be read, so that keeping its features would save nothing."""
        return self.kind == "features" and not self.mirrored


@dataclass(frozen=True)
class PlannedClip:
    """A clip to be made. Times of captions are seconds of the motion file; with ``crop`` the clip is only the part that
    its captions speak of; with ``in_frames`` the times are frames of the file.
    """

    name: str
    motion: MotionFile
    captions: tuple[Caption, ...]
    crop: bool = False
    in_frames: bool = False


@dataclass(frozen=True)
class ImportPlan:
    """Everything that the tables of a source say, before any motion is read.

    ``splits`` may name clips that do not come in; without any, clips are split by a hash of their names.
    """

    features: Layout
    clips: Sequence[PlannedClip]
    splits: Mapping[str, list[str]] = field(default_factory=dict)
    skipped: list[Remark] = field(default_factory=list)
    notes: list[Remark] = field(default_factory=list)
