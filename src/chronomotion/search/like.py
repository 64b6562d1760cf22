"""A motion in the place of words: a clip of the library or a motion file, whole or from one second to another."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float

from chronomotion.errors import ConfigError, CorpusError
from chronomotion.model.encoder import encode_motions, unit
from chronomotion.model.inputs import features_list
from chronomotion.search.candidates import Probe, best_windows
from chronomotion.search.records import LibraryClip, MotionReference
from chronomotion.search.searchable import SearchableLibrary
from chronomotion.search.windows import Kind, spans_of
from chronomotion.seeding import generator

__all__ = ["LikeProbe", "features_of_reference", "parse_reference", "reference_probe", "usual_likeness"]

_SPAN = re.compile(r"(?P<path>.+)@(?P<start>\d+(?:\.\d*)?)?-(?P<end>\d+(?:\.\d*)?)?", re.DOTALL)
_SHORT, _LONG = 3.5, 9.0
"""Seconds up to which a motion is compared with windows of single events, and of sentences."""
_PAIRS, _USUAL = 2000, 0.95
"""Pairs of clips that are drawn, and the share of them that are less alike than what counts as a good match."""


@dataclass(frozen=True, eq=False)
class LikeProbe:
    """The vector of a motion with the kinds of windows to compare it with, and the clip that it is, if it is one."""

    probe: Probe
    itself: int | None


def parse_reference(text: str) -> MotionReference:
    """``take.bvh``, ``take.bvh@2.0-4.5``, ``NAME@3-`` (to the end) or ``NAME@-3``.

    Raises ConfigError where there is no name, or the part ends before it begins.
    """
    match = _SPAN.fullmatch(text.strip())
    if match is None or (match["start"] is None and match["end"] is None):
        reference = MotionReference(text.strip())
    else:
        start, end = (None if match[side] is None else float(match[side]) for side in ("start", "end"))
        reference = MotionReference(match["path"], start, end)
    if not reference.path:
        raise ConfigError("the motion to search with has no name: give a file or a clip, such as take.bvh@2.0-4.5")
    if reference.start is not None and reference.end is not None and reference.start >= reference.end:
        raise ConfigError(
            f"{text}: the part ends at {reference.end:g} s, not behind its start at {reference.start:g} s"
        )
    return reference


def reference_probe(library: SearchableLibrary, reference: MotionReference) -> LikeProbe:
    """What to search with. A whole clip of the library is not encoded: its vectors are there.

    A name of a clip goes before a file of that name. Raises CorpusError where there is neither, ConfigError for a part
    outside of the motion, FormatError for a file that cannot be read.
    """
    clip = _clip_of(library, reference)
    if clip is not None and reference.start is None and reference.end is None:
        rows = library.windows("whole").of([clip.number]).vectors.astype(np.float64)
        return LikeProbe(Probe(_unit_mean(rows), _kinds(clip.duration)), clip.number)
    part, clip = features_of_reference(library, reference)
    vector = _unit_mean(encode_motions(library.model, _stretches(part, library.fps)).astype(np.float64))
    return LikeProbe(Probe(vector, _kinds(len(part) / library.fps)), None if clip is None else clip.number)


def features_of_reference(
    library: SearchableLibrary, reference: MotionReference
) -> tuple[Float[np.ndarray, "frames width"], LibraryClip | None]:
    """The features of a motion or of the part of it, and the clip that it is, if it is one. Raises as above."""
    clip = _clip_of(library, reference)
    if clip is not None:
        features = library.features(clip.number)
    elif Path(reference.path).is_file():
        width = library.features(next(iter(library.clips))).shape[1]
        (features,), _ = features_list([reference.path], width, library.fps)
        clip = _clip_of_file(library, Path(reference.path))
    else:
        raise CorpusError(f"{reference.path!r} is neither a clip of the library nor a motion file")
    return _part(features, library.fps, reference), clip


def usual_likeness(library: SearchableLibrary, kinds: tuple[Kind, ...]) -> float:
    """How alike two clips are that have nothing to do with one another: the cosine that 95 % of drawn pairs are below.

    Compared as a search does: a clip's vector with the best window of another one.
    """
    numbers = np.array(sorted(library.clips))
    if len(numbers) < 3:
        return 1.0
    rng = generator("usual likeness", len(numbers), int(numbers[-1]), *kinds)
    askers = rng.choice(numbers, size=min(len(numbers), 40), replace=False)
    cosines = []
    for asker in askers:
        others = np.unique(rng.choice(numbers[numbers != asker], size=_PAIRS // len(askers)))
        rows = library.windows("whole").of([int(asker)]).vectors.astype(np.float64)
        cosines.append(best_windows(library, Probe(_unit_mean(rows), kinds), others).scores)
    return float(np.quantile(np.concatenate(cosines), _USUAL))


def _kinds(seconds: float) -> tuple[Kind, ...]:
    """What a motion of a length is compared with: whole clips, and windows about as long as it is."""
    if seconds <= _SHORT:
        return ("whole", "short")
    return ("whole", "long") if seconds <= _LONG else ("whole",)


def _clip_of(library: SearchableLibrary, reference: MotionReference) -> LibraryClip | None:
    try:
        return library.clip(reference.path)
    except CorpusError:
        return None


def _clip_of_file(library: SearchableLibrary, path: Path) -> LibraryClip | None:
    """The clip that was made of a file."""
    wanted = path.resolve()
    for clip in library.clips.values():
        if Path(clip.file).name == wanted.name:
            file = library.file(clip.number)
            if file is not None and file.resolve() == wanted:
                return clip
    return None


def _part(features: Float[np.ndarray, "_ width"], fps: float, reference: MotionReference) -> np.ndarray:
    start = round((reference.start or 0.0) * fps)
    end = len(features) if reference.end is None else round(reference.end * fps)
    if start >= len(features):
        raise ConfigError(
            f"{reference.path} has {len(features) / fps:.2f} s, the part to search with begins at {start / fps:g} s"
        )
    return features[start : max(min(end, len(features)), start + 1)]


def _stretches(features: Float[np.ndarray, "_ width"], fps: float) -> list[np.ndarray]:
    """A motion in stretches that a model can read at once, as :func:`~chronomotion.search.windows.spans_of` cuts it."""
    return [features[start:end] for start, end in spans_of("whole", len(features), fps)]


def _unit_mean(vectors: Float[np.ndarray, "rows dim"]) -> Float[np.ndarray, " dim"]:
    """One direction for several stretches of a motion."""
    return np.asarray(unit(vectors.mean(axis=0, keepdims=True))[0], dtype=np.float32)
