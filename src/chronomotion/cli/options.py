"""Options that several verbs share, and what they stand for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from chronomotion.errors import ChronomotionError, ConfigError, CorpusError, FormatError

if TYPE_CHECKING:
    from chronomotion.corpus import Corpus
    from chronomotion.corpus.compose.sources import Source

__all__ = [
    "NO_CAPTIONS",
    "TO",
    "Clips",
    "Device",
    "Half",
    "JointMapFile",
    "Json",
    "Labels",
    "LoadingOptions",
    "ReadingOptions",
    "UsageError",
    "cache_folder",
    "device_of",
    "existing",
    "opened_corpus",
    "source_of",
    "wrong_usage",
]

TO = ["--to", "-o"]
"""Names of the option for what a verb may write besides printing; what it must make is its last argument."""

Clips = Annotated[
    Path | None, Parameter(help="Folder of recorded single-action motion files; without it, procedural motions.")
]
JointMapFile = Annotated[Path | None, Parameter(help="TOML file: our joint name = the file's joint name.")]
Labels = Annotated[Path | None, Parameter(help="CSV table with the columns file,label for the folder of clips.")]
Device = Annotated[
    Literal["auto", "cpu", "cuda", "mps"],
    Parameter(help="Where to compute; auto: cuda where there is one, else mps, else cpu."),
]
Half = Annotated[bool, Parameter(negative="", help="Keep features as float16: half the disk, other fingerprints.")]
Json = Annotated[bool, Parameter(name="--json", negative="", help="Print JSON instead of a table.")]


class UsageError(ChronomotionError):
    """The command line asks for what cannot be; exit status 2."""


@contextmanager
def wrong_usage(kind: type[ChronomotionError] = ConfigError) -> Iterator[None]:
    """Around what checks settings of the command line: errors of the kind are wrong usage."""
    try:
        yield
    except kind as error:
        raise UsageError(str(error)) from error


@Parameter(name="*")
@dataclass(frozen=True)
class LoadingOptions:
    """How a model is loaded: where it computes, and what its files lack."""

    device: Device = "auto"
    stats: Annotated[
        Path | None,
        Parameter(
            help="Folder with mean and standard deviation of the features, which published models do not bring: "
            "mean.pt and std.pt, Mean.npy and Std.npy, or a corpus of ours."
        ),
    ] = None
    text_model: Annotated[
        str | None, Parameter(help="Folder of the model's language model, where its name cannot be had, as offline.")
    ] = None

    def arguments(self) -> dict[str, Any]:
        """As :meth:`chronomotion.model.motion_text.MotionTextModel.from_pretrained` takes them.

        Raises ConfigError when the device is not there.
        """
        return {"device": device_of(self.device), "stats": self.stats, "text_model": self.text_model}


def device_of(name: str) -> str:
    """The device that ``auto`` or a name stands for. Raises ConfigError when it is not there."""
    from chronomotion.model.device import best_device, usable_device

    return usable_device(best_device() if name == "auto" else name)


@Parameter(name="*")
@dataclass(frozen=True)
class ReadingOptions:
    """How motion files are read, where the rules for names, units and axes are not enough."""

    joint_map: JointMapFile = None
    unit: Annotated[str, Parameter(help="Unit: auto, m, dm, cm, mm, inch, cmu, or metres as a number.")] = "auto"
    up: Annotated[str, Parameter(help="Axis that points up: auto, x, y, z, -x, -y, -z (as --up=-y).")] = "auto"
    trim: Annotated[str, Parameter(help="Frames to cut from the start, or auto to cut a T-pose lead-in.")] = "auto"
    fps: Annotated[float | None, Parameter(help="Frames a second where a file states none, or 0 or 1 s a frame.")] = (
        None
    )
    body_model: Annotated[Path | None, Parameter(help="SMPL-H or SMPL-X model (file or folder), for AMASS.")] = None

    def arguments(self) -> dict[str, Any]:
        """As :func:`chronomotion.motion.formats.read_motion` takes them.

        Raises UsageError for a unit, axis, rate or trim that cannot be.
        """
        if self.trim != "auto" and not self.trim.isdecimal():
            raise UsageError(f"--trim must be auto or a number of frames from 0 on, not {self.trim!r}")
        trim: int | Literal["auto"] = "auto" if self.trim == "auto" else int(self.trim)
        unit = _number(self.unit)
        from chronomotion.corpus.importers import Reading

        with wrong_usage(FormatError):
            Reading(unit=unit, up=self.up, trim=trim, fps=self.fps).checked()
        return {**vars(self), "unit": unit, "trim": trim}


def _number(unit: str) -> str | float:
    """A unit's name, or its length in metres."""
    try:
        return float(unit)
    except ValueError:
        return unit


def source_of(clips: Path | None, labels: Path | None, seed: int, joint_map: Path | None = None) -> Source:
    """Procedural motions, or a folder of labelled clips. Raises UsageError when one of folder and table is missing."""
    if clips is None and labels is None:
        from chronomotion.corpus.compose.sources import ProceduralClips

        return ProceduralClips(seed)
    if clips is None or labels is None:
        raise UsageError("--clips FOLDER and --labels TABLE go together: give both, or neither for procedural motions")
    from chronomotion.corpus.compose.labelled import LabelledClips

    return LabelledClips(clips, labels, seed=seed, joint_map=joint_map)


def existing(path: Path) -> Path:
    """The path of a file or folder. Raises FormatError when there is none."""
    if not path.exists():
        raise FormatError("no such file or folder", str(path))
    return path


def opened_corpus(folder: Path, *, captions: bool = True) -> Corpus:
    """A corpus whose files are what was written: it is verified once, and remembered by its files' sizes and times.

    Raises CorpusError when it is not, and where ``captions`` are needed and there are none.
    """
    from chronomotion.corpus import Corpus
    from chronomotion.corpus.verify import verify_once

    corpus = Corpus(folder)
    verify_once(corpus, cache_folder() / "verified")
    if captions and not any(corpus.captions(name) for name in corpus.names):
        raise CorpusError(f"{folder} has no captions: {NO_CAPTIONS}")
    return corpus


NO_CAPTIONS = (
    "info, search and render work without; train, evaluate, decompose and event-times need captions.csv "
    "(file,start,end,caption) or labels.csv (file,label) beside the motion files, then chronomotion import again"
)
"""What a corpus without captions is good for, and where captions come from."""


def cache_folder() -> Path:
    """Where token states are kept between runs: $CHRONOMOTION_CACHE, else the user's cache folder."""
    own = os.environ.get("CHRONOMOTION_CACHE")
    if own:
        return Path(own)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "chronomotion"
