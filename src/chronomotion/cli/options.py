"""Options that several verbs share, and what they open."""

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
    "FollowLinks",
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
    "is_library",
    "opened_corpus",
    "source_of",
    "wrong_usage",
]

TO = ["--to", "-o"]
"""Names of the option for an optional output. A required output is the last argument."""

Clips = Annotated[
    Path | None, Parameter(help="Folder of motion files of single actions. Without it: procedural motions.")
]
JointMapFile = Annotated[Path | None, Parameter(help='TOML file of lines OUR_JOINT = "JOINT IN THE FILE".')]
Labels = Annotated[Path | None, Parameter(help="CSV table with the columns file and label, for the folder of clips.")]
Device = Annotated[
    Literal["auto", "cpu", "cuda", "mps"],
    Parameter(help="Where to compute; auto: cuda if available, else mps, else cpu."),
]
FollowLinks = Annotated[
    bool, Parameter(negative="", help="Follow links that lead out of a source. Without it, they are skipped.")
]
Half = Annotated[bool, Parameter(negative="", help="Keep features as float16: half the disk, another fingerprint.")]
Json = Annotated[bool, Parameter(name="--json", negative="", help="Print JSON instead of text.")]


class UsageError(ChronomotionError):
    """The command line is wrong; exit status 2."""


@contextmanager
def wrong_usage(kind: type[ChronomotionError] = ConfigError) -> Iterator[None]:
    """Turn errors of this kind, raised by checks of the command line, into UsageError."""
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
            help="Folder with mean and standard deviation of the features, which published models lack: mean.pt and "
            "std.pt, Mean.npy and Std.npy, or a Chronomotion corpus."
        ),
    ] = None
    text_model: Annotated[
        str | None, Parameter(help="Folder of the language model, where it cannot be downloaded by its name.")
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
    unit: Annotated[str, Parameter(help="Unit: auto, m, dm, cm, mm, inch, cmu, or a number of metres.")] = "auto"
    up: Annotated[str, Parameter(help="Axis that points up: auto, x, y, z, -x, -y, -z (write --up=-y).")] = "auto"
    trim: Annotated[str, Parameter(help="Frames to cut from the start; auto: cut a T-pose lead-in.")] = "auto"
    fps: Annotated[
        float | None, Parameter(help="Frames per second, for files that state no rate or an impossible one.")
    ] = None
    body_model: Annotated[Path | None, Parameter(help="SMPL-H or SMPL-X body model (file or folder), for AMASS.")] = (
        None
    )

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
"""Which verbs work without captions, and how to add captions."""


def is_library(folder: str | Path) -> bool:
    """Whether there is a library in a folder; what it holds is not looked at."""
    return (Path(folder) / "library.json").is_file()


def cache_folder() -> Path:
    """Folder for what is kept between runs: $CHRONOMOTION_CACHE, else the user's cache folder."""
    folder = os.environ.get("CHRONOMOTION_CACHE")
    if folder:
        return Path(folder)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "chronomotion"
