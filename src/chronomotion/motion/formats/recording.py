"""From any motion file to a Motion on the 22 joints, with a report of what was found and done on the way."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import Float

from chronomotion.errors import FormatError
from chronomotion.motion.formats.bvh import read_bvh
from chronomotion.motion.formats.joint_maps import JointMap, load_joint_map
from chronomotion.motion.formats.rigs import place_joints
from chronomotion.motion.formats.take import Take
from chronomotion.motion.formats.units import metres_of, standing_height, tell_unit, tell_up, to_y_up
from chronomotion.motion.motion import Motion
from chronomotion.motion.skeleton import HUMANML3D

__all__ = ["READERS", "Recording", "Report", "read_recording"]

_LOG = logging.getLogger(__name__)

READERS: dict[str, Callable[[Path], Take]] = {".bvh": read_bvh}

_FARTHEST = 1e5
"""Metres from the origin at which a recording is not believed."""
_HUMAN = (0.8, 2.2)
"""Metres from ankle to head joint of a standing figure outside which a forced unit is warned about."""


@dataclass(frozen=True)
class Report:
    """What a file was found to be, and what was done with it."""

    path: Path
    format: str
    family: str
    """Family of the rig, such as "bandai-namco" or "mixamo"."""
    sources: dict[str, str]
    """For each of our joints the joints of the file that it comes from."""
    unit: str
    unit_from: Literal["file", "skeleton", "caller"]
    """Whether the format says the unit, the skeleton's height tells it, or the caller forced it."""
    metres_per_unit: float
    up: str
    up_from: Literal["file", "body", "caller"]
    fps: float
    frames: int
    """Frames that are left after trimming."""
    trimmed: int
    """Frames cut from the start."""
    height: float
    """Metres from the ankles to the head joint of the standing figure."""
    warnings: tuple[str, ...] = ()
    """What a user should know, one sentence each."""

    def __str__(self) -> str:
        """The report in one line."""
        text = (
            f"{self.path.name}: {self.format}, {self.family} rig, {self.frames} frames at {self.fps:g} a second, "
            f"unit {self.unit} (from the {self.unit_from}), {self.up} up (from the {self.up_from}), "
            f"{self.height:.2f} m from ankle to head"
        )
        return text + (f", {self.trimmed} frames cut from the start" if self.trimmed else "")


@dataclass(frozen=True, eq=False)
class Recording:
    """A motion and the report on the file that it came from."""

    motion: Motion
    report: Report


def read_recording(
    path: Path,
    *,
    joint_map: JointMap | None = None,
    unit: str | float = "auto",
    up: str = "auto",
    trim: int | Literal["auto"] = 0,
) -> Recording:
    """Read a motion file with a report; see :func:`chronomotion.motion.formats.read_motion` for the arguments."""
    take = _reader_of(path)(path)
    placement = place_joints(take, load_joint_map(joint_map))
    placed = placement.positions(take)
    placed, trimmed = _trimmed(placed, trim, take)
    _check_finite(placed, path)
    unit_name, unit_from, metres = _unit(take, placed, unit)
    up_axis, up_from, doubt = _up(take, placed, up)
    positions = to_y_up(placed * metres, up_axis)
    _check_near(positions, path)
    report = Report(
        path=path,
        format=take.format,
        family=placement.family,
        sources=placement.sources,
        unit=unit_name,
        unit_from=unit_from,
        metres_per_unit=metres,
        up=up_axis,
        up_from=up_from,
        fps=take.fps,
        frames=len(positions),
        trimmed=trimmed,
        height=standing_height(positions),
        warnings=(*take.warnings, *placement.warnings, *filter(None, [doubt])),
    )
    _log(report)
    return Recording(Motion(positions.astype(np.float32), take.fps, HUMANML3D, path.stem), report)


def _reader_of(path: Path) -> Callable[[Path], Take]:
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise FormatError(
            f"unknown kind of motion file {path.suffix or '(no suffix)'!r}: known are {', '.join(sorted(READERS))}",
            str(path),
        )
    return reader


def _trimmed(
    placed: Float[np.ndarray, "frames joints 3"], trim: int | Literal["auto"], take: Take
) -> tuple[Float[np.ndarray, "kept joints 3"], int]:
    """The frames after the lead-in, and how many were cut."""
    count = 0 if trim == "auto" else trim
    if count < 0:
        raise FormatError(f"trim must be auto or a number of frames from 0 on, not {trim!r}", str(take.path))
    if count >= len(placed):
        raise FormatError(f"trimming {count} frames leaves nothing: the file has {len(placed)}", str(take.path))
    return placed[count:], count


def _check_finite(placed: Float[np.ndarray, "frames joints 3"], path: Path) -> None:
    """Raise FormatError naming the first frame and joint that is nowhere."""
    bad = np.argwhere(~np.isfinite(placed).all(axis=-1))
    if len(bad):
        frame, joint = bad[0].tolist()
        raise FormatError(
            f"joint {HUMANML3D.joints[joint]} has no finite position in frame {frame} "
            f"({len(np.unique(bad[:, 0]))} of {len(placed)} frames are so): cut or mend them",
            str(path),
        )


def _unit(
    take: Take, placed: Float[np.ndarray, "frames joints 3"], unit: str | float
) -> tuple[str, Literal["file", "skeleton", "caller"], float]:
    """(name, who says so, metres in one)."""
    if unit != "auto":
        return str(unit), "caller", metres_of(unit)
    if take.metres_per_unit is not None:
        return f"{take.metres_per_unit:.6g} m", "file", take.metres_per_unit
    name, metres = tell_unit(standing_height(placed), str(take.path))
    return name, "skeleton", metres


def _up(
    take: Take, placed: Float[np.ndarray, "frames joints 3"], up: str
) -> tuple[str, Literal["file", "body", "caller"], str]:
    """(axis, who says so, doubt)."""
    if up != "auto":
        return up, "caller", ""
    if take.up is not None:
        return take.up, "file", ""
    axis, doubt = tell_up(placed)
    return axis, "body", doubt


def _check_near(positions: Float[np.ndarray, "frames joints 3"], path: Path) -> None:
    """Raise FormatError when a joint is absurdly far away."""
    farthest = float(np.abs(positions).max())
    if not math.isfinite(farthest) or farthest > _FARTHEST:
        raise FormatError(f"a joint is {farthest:.3g} m away from the origin: the numbers are damaged", str(path))


def _log(report: Report) -> None:
    _LOG.info("%s", report)
    for warning in report.warnings:
        _LOG.warning("%s: %s", report.path.name, warning)
