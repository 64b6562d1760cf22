"""What a library is made of: clips, windows, model, sources, indexes, bytes, calibration, examples."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from chronomotion.errors import FormatError
from chronomotion.search.index.manifest import read_header
from chronomotion.search.stored.folder import index_folder, present_place, ranges_of
from chronomotion.search.stored.library import Library
from chronomotion.search.windows import KINDS

__all__ = ["LibraryDescription", "SourceDescription", "describe_library"]

_SCANNED = "none"


@dataclass(frozen=True)
class SourceDescription:
    """What was indexed, where it is, whether it is there now, and how many clips it gave."""

    name: str
    kind: str
    path: str
    is_there: bool
    clips: int


@dataclass(frozen=True)
class LibraryDescription:
    """A library in figures."""

    clips: int
    hours: float
    windows: dict[str, int]
    """By kind."""
    near_duplicates: int
    """Clips that fold under another one."""
    unreadable: int
    """Files that gave no clip."""
    model: str
    model_fingerprint: str
    statistics: str
    """By whose mean and standard deviation features are normalised: "model" or "own"."""
    fps: float
    width: int
    """Numbers of a feature row."""
    dim: int
    """Numbers of a vector."""
    sources: tuple[SourceDescription, ...]
    index: dict[str, str]
    """Kind of windows -> kind of index; "none" where windows are scanned: it is not made yet, or cannot be read."""
    bytes: int
    calibration: dict[str, Any] | None
    """With the number of ``levels`` in their place; None where it is not made yet."""
    examples: tuple[str, ...]
    finished: bool
    """False where an indexing was interrupted."""

    def to_dict(self) -> dict[str, Any]:
        """The figures for JSON."""
        return asdict(self)

    def table(self) -> str:
        """The figures as lines of two columns."""
        scale = self.calibration
        calibrated = "not made yet"
        if scale is not None:
            of_clips = scale["of_clips"]
            calibrated = f"{scale['levels']} phrases; not shown: {of_clips['centre']:.3f} (+-{of_clips['spread']:.3f})"
        rows = [
            ("clips", f"{self.clips}, {self.near_duplicates} of them nearly as another one"),
            ("hours", f"{self.hours:.2f}"),
            ("windows", ", ".join(f"{kind} {count}" for kind, count in self.windows.items())),
            ("model", f"{self.model}, fingerprint {self.model_fingerprint}"),
            ("features", f"{self.width} numbers, {self.fps:g} frames a second; vectors of {self.dim}"),
            ("statistics", {"own": "the library's own", "model": "the model's"}[self.statistics]),
            *(("source", _of_source(source)) for source in self.sources),
            ("unreadable", f"{self.unreadable} files"),
            ("index", ", ".join(f"{kind} {base}" for kind, base in self.index.items())),
            ("size", f"{self.bytes / 1e6:.1f} MB"),
            ("calibration", calibrated),
            *(("example", example) for example in self.examples),
            ("state", "complete" if self.finished else "interrupted: `chronomotion index` goes on"),
        ]
        return "\n".join(f"{name:<16}  {value}" for name, value in rows)


def describe_library(library: Library) -> LibraryDescription:
    """The figures of a library; its model is not loaded."""
    info, folder = library.info, library.folder
    clips = library.clips.values()
    by_source = Counter(clip.source for clip in clips)
    sources = []
    for source in info.sources:
        path = present_place(source.place, folder, info.place)
        sources.append(SourceDescription(source.name, source.kind, str(path), path.exists(), by_source[source.name]))
    scale = info.calibration
    if isinstance(scale, dict):
        scale = {**scale, "levels": len(scale.get("levels", ()))}
    return LibraryDescription(
        clips=len(clips),
        hours=round(sum(clip.duration for clip in clips) / 3600, 4),
        windows={kind: len(library.windows(kind)) for kind in KINDS},
        near_duplicates=sum(number in library.clips for number in info.groups),
        unreadable=len(info.unreadable),
        model=info.model.name,
        model_fingerprint=info.model.fingerprint,
        statistics="model" if info.model.statistics is None else "own",
        fps=info.model.fps,
        width=info.model.width,
        dim=info.model.dim,
        sources=tuple(sources),
        index={kind: _index_of(library, kind) for kind in KINDS},
        bytes=sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()),
        calibration=scale,
        examples=tuple(info.examples),
        finished=info.finished,
    )


def _index_of(library: Library, kind: str) -> str:
    record = library.info.index
    if record is None or record.clips != ranges_of(library.clips):
        return _SCANNED
    try:
        header = read_header(index_folder(library.folder, record.number) / kind)
    except FormatError:
        return _SCANNED
    return str(header.get("base") or header.get("kind"))


def _of_source(source: SourceDescription) -> str:
    there = "" if source.is_there else ", not there now"
    return f"{source.name} ({source.kind}, {source.clips} clips): {source.path}{there}"
