"""The report on a motion file: what it holds, and how it was read."""

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
"""Number of glitches that a warning names; the others are counted."""


@dataclass(frozen=True)
class RecordingReport:
    """What a file holds, and how it was read. Frames are counted from 0, as in the file."""

    path: Path
    format: str
    family: str
    """Family of the rig, such as "bandai-namco" or "mixamo"; the skeleton's name where the file is on one of ours."""
    sources: dict[str, str]
    """For each of our joints the joints of the file that it comes from."""
    unit: str
    metres_per_unit: float
    unit_from: Literal["file", "skeleton", "caller", "folder"]
    """Source of the unit: the format, the skeleton's height, the caller, or the takes beside the file."""
    up: str
    up_from: Literal["file", "body", "caller", "folder"]
    fps: float
    fps_from: Literal["file", "format", "caller"]
    """Source of the rate: the file, the usual rate of its format, or the caller."""
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
    """Further warnings, one sentence each."""

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
