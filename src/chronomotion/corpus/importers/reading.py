"""From a planned clip to features: reading, trimming, cropping, mirroring."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import Float

from chronomotion.corpus.importers.plan import MotionFile, PlannedClip, Remark
from chronomotion.corpus.importers.spans import OutsideError, crop_of, moved, timed
from chronomotion.corpus.importers.values import check_joints
from chronomotion.errors import FormatError
from chronomotion.language.caption import Caption
from chronomotion.motion.features import features_of, motion_of
from chronomotion.motion.formats import JointMap, RecordingReport, read_recording
from chronomotion.motion.formats.archives import as_numbers, read_npy
from chronomotion.motion.formats.bvh import BvhPart
from chronomotion.motion.formats.joint_maps import load_joint_map
from chronomotion.motion.formats.joint_names import parse_name
from chronomotion.motion.formats.limits import MAX_NUMBERS, check_count
from chronomotion.motion.formats.plausible import check_features
from chronomotion.motion.formats.units import UP_AXES, metres_of
from chronomotion.motion.layout import Layout
from chronomotion.motion.motion import Motion

__all__ = ["READ_AS", "MadeClip", "ReadMotion", "Reading", "captioned", "read_features", "telling"]

READ_AS = "read as "
_LONGEST_REASON = 60


@dataclass(frozen=True)
class Reading:
    """How motion files of a folder are read; see :func:`chronomotion.motion.formats.read_motion`."""

    joint_map: JointMap | None = None
    unit: str | float = "auto"
    up: str = "auto"
    trim: int | Literal["auto"] = "auto"
    fps: float | None = None
    body_model: str | PathLike[str] | None = None

    def checked(self) -> Reading:
        """The same settings, the joint map read. Raises FormatError for one that no file could be read with."""
        if self.unit != "auto":
            metres_of(self.unit)
        if self.up not in ("auto", *UP_AXES):
            raise FormatError(f"unknown up axis {self.up!r}: known are auto, {', '.join(UP_AXES)}")
        if self.trim != "auto" and self.trim < 0:
            raise FormatError(f"trim must be auto or a number of frames from 0 on, not {self.trim}")
        if self.fps is not None and not (math.isfinite(self.fps) and self.fps > 0):
            raise FormatError(f"a frame rate of {self.fps} is not possible: give a positive number")
        if self.body_model is not None and not Path(self.body_model).exists():
            raise FormatError("there is no such body model", str(self.body_model))
        return replace(self, joint_map=None if self.joint_map is None else load_joint_map(self.joint_map))


@dataclass(frozen=True, eq=False)
class ReadMotion:
    """Features of a motion file, the seconds that were cut from its start, (reason, detail) of what was noted, and the
    file's own rate where it has one.
    """

    features: Float[np.ndarray, "frames dim"]
    offset: float = 0.0
    notes: tuple[tuple[str, str], ...] = ()
    fps: float = 0.0


@dataclass(frozen=True, eq=False)
class MadeClip:
    """A finished clip: features, captions with times in the clip, and what was noted on the way."""

    name: str
    features: Float[np.ndarray, "frames dim"]
    captions: tuple[Caption, ...]
    notes: tuple[Remark, ...]


@np.errstate(over="ignore", invalid="ignore")  # damaged numbers overflow on the way; what comes out is checked
def read_features(motion: MotionFile, layout: Layout, reading: Reading, raw: bytes | None = None) -> ReadMotion:
    """Features of a motion file, float32 and finite; ``raw`` is its content where it lies inside an archive.

    Raises FormatError, with the file, for whatever is wrong.
    """
    if motion.kind == "features":
        features = _finite(_feature_rows(motion.path, layout), motion.path)
        notes = _doubted(check_features(features, layout, str(motion.path)))
        if motion.mirrored:
            mirrored = motion_of(features, name=str(motion.path)).mirrored()
            features = _finite(features_of(mirrored, retarget=False), motion.path)
        return ReadMotion(features, notes=notes)
    if motion.kind == "joints":
        recording = read_recording(motion.path, unit="m", up="y")
        notes = _doubted((*recording.report.doubts, *check_joints(recording.motion, str(motion.path))))
    else:
        body = None if reading.body_model is None else Path(reading.body_model)
        recording = read_recording(
            motion.path,
            joint_map=reading.joint_map,
            unit=reading.unit,
            up=reading.up,
            trim=reading.trim,
            fps=reading.fps,
            body_model=body,
            beside=raw is None,
            part=BvhPart(layout.fps, _is_of_the_body) if motion.kind == "thinned" else None,
            raw=raw,
        )
        notes = _notes(recording.report)
    read = _resampled(recording.motion, layout, motion.path)
    features = features_of(read.mirrored() if motion.mirrored else read, retarget=motion.kind != "joints")
    offset = recording.report.trimmed / recording.report.fps
    return ReadMotion(_finite(features, motion.path), offset, notes, recording.report.fps)


def captioned(clip: PlannedClip, read: ReadMotion, layout: Layout) -> MadeClip:
    """The finished clip: cropped where planned, with captions in its own seconds.

    Raises FormatError when it has captions and none of them lies in the motion.
    """
    features, offset = read.features, read.offset
    duration = len(features) / layout.fps
    if clip.crop:
        start, end = crop_of(clip.captions)
        first = round(start * layout.fps)
        last = len(features) if end is None else min(len(features), round(end * layout.fps))
        if last <= first:
            span = f"{start:g} s to {'the end' if end is None else f'{end:g} s'}"
            raise FormatError(f"the captions speak of {span}, but it lasts {duration:.2f} s", str(clip.motion.path))
        features, offset = features[first:last], first / layout.fps
        duration = len(features) / layout.fps
    spoken, odd = list(clip.captions), list[tuple[str, str]]()
    if clip.motion.kind == "take" and spoken:
        spoken, odd = timed(spoken, offset + duration, read.fps, in_frames=clip.in_frames)
    captions, outside = moved(spoken, offset, duration, 1 / layout.fps)
    if clip.captions and not captions:
        raise OutsideError(duration, odd, str(clip.motion.path))
    notes = [Remark(clip.name, *note) for note in (*read.notes, *odd)]
    if outside:
        notes.append(Remark(clip.name, "captions outside the motion, left out", f"{outside} of {len(clip.captions)}"))
    return MadeClip(clip.name, features, tuple(captions), tuple(notes))


def _is_of_the_body(joint: str) -> bool:
    """True for a joint that can matter to the 22."""
    return not parse_name(joint).is_fine


def _feature_rows(path: Path, layout: Layout) -> Float[np.ndarray, "frames dim"]:
    """Rows of a feature file, float32."""
    array = as_numbers(read_npy(path), str(path))
    if array.ndim != 2 or array.shape[1] != layout.width or len(array) == 0:
        raise FormatError(f"an array of shape {array.shape}, expected (frames, {layout.width})", str(path))
    check_count(array.size, MAX_NUMBERS, "numbers", str(path))
    return array.astype(np.float32)


def _resampled(motion: Motion, layout: Layout, path: Path) -> Motion:
    """The motion at the rate of the layout, whose skeleton it must be on."""
    if motion.skeleton != layout.skeleton:
        raise FormatError(
            f"a motion on the {motion.skeleton.name} skeleton does not go with motions of {layout.skeleton.name}: "
            f"keep files of the two skeletons apart",
            str(path),
        )
    # A file may announce a frame an hour: count what resampling would make before it is made.
    check_count(int(motion.duration * layout.fps) * layout.width, MAX_NUMBERS, "numbers of features", str(path))
    return motion.resample(layout.fps)


def _finite(features: Float[np.ndarray, "frames dim"], path: Path) -> Float[np.ndarray, "frames dim"]:
    finite = np.isfinite(features).all(axis=1)
    if not finite.all():
        at = int(finite.argmin())
        raise FormatError(f"feature row {at} of {len(features)} holds a number that is not finite", str(path))
    return features


def _doubted(doubts: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple(map(_doubt, doubts))


def _notes(report: RecordingReport) -> tuple[tuple[str, str], ...]:
    """(reason, detail) for everything in a report that a user should know."""
    notes = [(f"{READ_AS}{report.unit}, {report.up} up, {report.fps:g} frames a second", f"rig {report.family}")]
    notes += _doubted(report.doubts)
    if report.trimmed:
        notes.append(("frames cut from the start (T-pose lead-in)", f"{report.trimmed} frames"))
    if report.lead_in:
        notes.append(("a T-pose lead-in was left in", f"{report.lead_in} frames"))
    if report.glitches:
        shown = ", ".join(map(str, report.glitches[:6])) + (" ..." if len(report.glitches) > 6 else "")
        notes.append(("joints jump, left as recorded", shown))
    return tuple(notes)


def _doubt(doubt: str) -> tuple[str, str]:
    """(reason, detail) of a doubt: what stands before its colon is short, and many files share it."""
    reason, colon, detail = doubt.partition(": ")
    return (f"in doubt: {reason}", detail) if colon and len(reason) <= _LONGEST_REASON else ("in doubt", doubt)


def telling(notes: Sequence[Remark]) -> list[Remark]:
    """Notes with the unit, axis and rate of those files only in which they are not as in most."""
    read_as = Counter(note.reason for note in notes if note.reason.startswith(READ_AS))
    usual = min(read_as, key=lambda reason: (-read_as[reason], reason), default="")
    most = f" (most: {usual.removeprefix(READ_AS)})"
    return [
        replace(note, reason=note.reason + most) if note.reason in read_as else note
        for note in notes
        if note.reason != usual
    ]
