"""A motion in the place of words: a clip of the library or a motion file, whole or from one second to another."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import pairwise
from pathlib import Path

import numpy as np
from jaxtyping import Float, Int

from chronomotion.errors import ConfigError, CorpusError
from chronomotion.model.encoder import encode_motions, unit
from chronomotion.motion.formats import SUFFIXES
from chronomotion.search.asking.candidates import BestWindow, Probe
from chronomotion.search.asking.searchable import SearchableLibrary
from chronomotion.search.records import LibraryClip, MotionReference
from chronomotion.search.windows import Kind, spans_of

__all__ = ["LikeProbe", "features_of_reference", "likeness", "parse_reference", "reference_probe", "usual_likeness"]

_SPAN = re.compile(r"(?P<path>.+)@(?P<start>\d+(?:\.\d*)?)?-(?P<end>\d+(?:\.\d*)?)?", re.DOTALL)
_SHORT, _LONG = 3.5, 9.0
"""Seconds up to which a motion is compared with windows of single events, and of sentences."""
_PROBES = 8
"""Stretches of a motion with which the indexes are asked; all of them are compared with the clips that these find."""
_SAMPLE = 300
"""Clips by which it is known how near clips usually are."""
_RARE, _QUARTILE = 2.33, 0.674
"""Of a normal distribution, in standard deviations: what one of 100 exceeds, and one of four."""
_NEARLY_SAME = 0.98
"""A cosine from which on motions are alike whatever else the library holds."""


@dataclass(frozen=True, eq=False)
class LikeProbe:
    """A motion to search with: the unit ``vectors`` of its stretches of up to 10 s, the ``kinds`` of windows that they
    are compared with, and the clip that it is, if it is one.
    """

    vectors: Float[np.ndarray, "stretches dim"]
    kinds: tuple[Kind, ...]
    itself: int | None

    @property
    def probes(self) -> list[Probe]:
        """What to ask the indexes: of a long motion, some stretches of it, taken evenly."""
        count = len(self.vectors)
        some = np.linspace(0, count - 1, min(count, _PROBES)).round().astype(np.intp)
        return [Probe(self.vectors[row], self.kinds) for row in some]


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
        vectors = unit(library.windows("whole").of([clip.number]).vectors)
        return LikeProbe(vectors, _kinds(clip.duration), clip.number)
    part, clip = features_of_reference(library, reference)
    vectors = encode_motions(library.model, _stretches(part, library.fps))
    return LikeProbe(vectors, _kinds(len(part) / library.fps), None if clip is None else clip.number)


def features_of_reference(
    library: SearchableLibrary, reference: MotionReference
) -> tuple[Float[np.ndarray, "frames width"], LibraryClip | None]:
    """The features of a motion or of the part of it, and the clip that it is, if it is one. Raises as above."""
    clip = _clip_of(library, reference)
    if clip is not None:
        features = library.features(clip.number)
    elif Path(reference.path).is_file() and Path(reference.path).suffix.lower() in SUFFIXES:
        features = library.features_of_file(Path(reference.path))
        clip = _clip_of_file(library, Path(reference.path))
    else:
        raise CorpusError(
            f"{reference.path!r} is neither a clip of the library nor a motion file: {_why(library, reference)}"
        )
    return _part(features, library.fps, reference), clip


def likeness(library: SearchableLibrary, like: LikeProbe, numbers: Int[np.ndarray, " clips"]) -> BestWindow:
    """How much clips, given by ascending numbers, are like a motion: of each of its stretches the cosine of the best
    window, in the mean; 1 for the motion itself. Spans are those of the best window of all.
    """
    best = np.full((len(numbers), len(like.vectors)), -np.inf, dtype=np.float32)
    spans = np.zeros((*best.shape, 2), dtype=np.int64)
    for kind in like.kinds:
        table = library.windows(kind).of(numbers)
        # As float16 vectors are stored, their lengths differ by more than motions that are nearly the same.
        cosines = unit(table.vectors) @ like.vectors.T
        bounds = np.searchsorted(table.clips, [*numbers.tolist(), np.iinfo(np.int64).max])
        for clip, (start, end) in enumerate(pairwise(bounds.tolist())):
            highest = start + cosines[start:end].argmax(axis=0)
            scores = cosines[highest, np.arange(cosines.shape[1])]
            better = scores > best[clip]
            best[clip, better] = scores[better]
            spans[clip, better] = table.spans[highest[better]]
    return BestWindow(best.mean(axis=1), spans[np.arange(len(numbers)), best.argmax(axis=1)])


def usual_likeness(library: SearchableLibrary, like: LikeProbe) -> float:
    """A cosine that of 100 clips which have nothing to do with a motion about one exceeds.

    Most clips have nothing to do with it: the lower half of the cosines of some clips is theirs, taken as half of a
    normal distribution.
    """
    numbers = np.array(sorted(library.clips))
    some = numbers[np.linspace(0, len(numbers) - 1, min(len(numbers), _SAMPLE)).round().astype(np.intp)]
    median, quartile = np.quantile(likeness(library, like, some).scores, [0.5, 0.25]).tolist()
    return min(float(median + _RARE * (median - quartile) / _QUARTILE), _NEARLY_SAME)


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


def _why(library: SearchableLibrary, reference: MotionReference) -> str:
    """What is known of a name that is neither."""
    path = Path(reference.path)
    if path.is_dir():
        return "it is a folder; `chronomotion index` makes a library of it"
    if path.is_file():
        return f"it is a file, and motion files are {', '.join(SUFFIXES)}"
    names = sorted(clip.name for clip in library.clips.values())
    near = get_close_matches(path.stem, names, n=3, cutoff=0.5) or names[:3]
    return f"there is no such file, and clips are called {', '.join(near)}" if near else "the library has no clips"


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
