"""What reading a motion file found and did."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from chronomotion.motion.formats.defects import Glitch
from chronomotion.motion.motion import Motion

__all__ = ["Recording", "RecordingReport"]

_LOG = logging.getLogger(__name__)

_SHOWN = 6
"""Glitches that a warning names before it only counts them."""


@dataclass(frozen=True)
class RecordingReport:
    """What a file was found to be, and what was done with it. Frames are counted from 0, as in the file."""

    path: Path
    format: str
    family: str
    """Family of the rig, such as "bandai-namco" or "mixamo"; the skeleton's name where the file is on one of ours."""
    sources: dict[str, str]
    """For each of our joints the joints of the file that it comes from."""
    unit: str
    metres_per_unit: float
    unit_from: Literal["file", "skeleton", "caller", "folder"]
    """Whether the format says the unit, the skeleton's height tells it, the caller forced it, or it is that of the
    takes beside it."""
    up: str
    up_from: Literal["file", "body", "caller", "folder"]
    fps: float
    fps_from: Literal["file", "format", "caller"]
    """Whether the file says the rate, files of its format usually have it, or the caller gave it."""
    frames: int
    """Frames that are left after trimming."""
    trimmed: int
    """Frames cut from the start."""
    lead_in: int
    """Frames of T-pose lead-in that are left at the start; 0 when ``trim`` was "auto"."""
    glitches: tuple[Glitch, ...]
    """Joints that jump, and when. They are left as recorded."""
    height: float
    """Metres from the ankles to the head joint of the standing figure."""
    doubts: tuple[str, ...]
    """What else a user should know, one sentence each."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """Doubts, a lead-in that was left and glitches, one sentence each."""
        lines = list(self.doubts)
        if self.lead_in:
            lines.append(f"the first {self.lead_in} frames blend in from a T-pose: trim='auto' cuts them")
        if self.glitches:
            shown = ", ".join(map(str, self.glitches[:_SHOWN]))
            more = f" and {len(self.glitches) - _SHOWN} more" if len(self.glitches) > _SHOWN else ""
            lines.append(f"joints jump ({shown}{more}); they are left as recorded")
        return tuple(lines)

    def log(self) -> None:
        """Log the report at INFO and its warnings at WARNING."""
        _LOG.info("%s", self)
        for warning in self.warnings:
            _LOG.warning("%s: %s", self.path.name, warning)

    def __str__(self) -> str:
        """The report in one line."""
        text = (
            f"{self.path.name}: {self.format}, rig {self.family}, {self.frames} frames at {self.fps:g} a second "
            f"(from the {self.fps_from}), unit {self.unit} (from the {self.unit_from}), {self.up} up "
            f"(from the {self.up_from}), {self.height:.2f} m from ankle to head"
        )
        return text + (f", {self.trimmed} frames cut from the start" if self.trimmed else "")


@dataclass(frozen=True, eq=False)
class Recording:
    """A motion and the report on the file that it came from."""

    motion: Motion
    report: RecordingReport
