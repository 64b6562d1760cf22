"""From a motion to sentences: what clips like it are called, and which phrases of a bundled bank describe it.

A sentence is compared with the motion by its cosine, less its mean cosine with windows of the library, in standard
deviations of these: some sentences are near to every motion. ``presence`` is that of an event in a clip.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float, Int

from chronomotion.language.wording import neutral
from chronomotion.model.encoder import encode_motions
from chronomotion.search.asking.candidates import Probe, candidates, probed_clips
from chronomotion.search.asking.like import features_of_reference
from chronomotion.search.asking.prepared import PreparedLibrary
from chronomotion.search.asking.words import WordMatches
from chronomotion.search.calibration import share_below
from chronomotion.search.records import MotionReference
from chronomotion.search.windows import LONGEST, spans_of

__all__ = ["CaptionMatch", "MotionCaptions", "describe"]

_ALIKE = 30
"""Clips near to a motion whose captions are compared with it: those of the others say something else."""
_PART = 4.0
"""Seconds of a part, where a motion is too long for one sentence."""
_NO_SPREAD = 1e-6

Source = Literal["library", "phrases"]


@dataclass(frozen=True)
class CaptionMatch:
    """A sentence that describes a motion.

    - ``source``: a caption or label of the ``library``, or one of the bundled ``phrases``;
    - ``score``: by which sentences are ranked, in standard deviations above any motion of the library;
    - ``presence``, ``found``: how sure it is that the motion shows it, as of an event of a query.
    """

    text: str
    source: Source
    score: float
    presence: float
    found: bool


@dataclass(frozen=True)
class MotionCaptions:
    """Sentences for a motion or for a part of it, (start, end) in seconds, the best first."""

    span: tuple[float, float]
    captions: tuple[CaptionMatch, ...]


def describe(
    prepared: PreparedLibrary, reference: MotionReference, phrases: Sequence[str], top: int = 5
) -> tuple[MotionCaptions, ...]:
    """The ``top`` sentences for a motion; of one above 10 s, for every 4 s of it.

    Sentences are ``phrases``, those of the library's bank, and the captions and labels of the clips that are most like
    the motion, without its own. Raises as :func:`~chronomotion.search.asking.like.features_of_reference` does.
    """
    library = prepared.library
    features, itself = features_of_reference(library, reference)
    spans = _parts(len(features), library.fps)
    vectors = encode_motions(library.model, [features[start:end] for start, end in spans])
    told = _captions_alike(prepared, vectors, None if itself is None else itself.number)
    known = prepared.text_vectors(told.values()) if told else {}
    known = dict(zip(phrases, library.calibration.bank.vectors, strict=True)) | known
    texts: dict[str, tuple[str, Source]] = {phrase: (phrase, "phrases") for phrase in phrases}
    texts |= {read: (text, "library") for text, read in told.items()}
    stacked = np.stack([known[read] for read in texts])
    usual = stacked @ prepared.sample.T
    spread = np.maximum(usual.std(axis=1), _NO_SPREAD)
    begin = 0.0 if reference.start is None else reference.start
    return tuple(
        MotionCaptions(
            (begin + int(start) / library.fps, begin + int(end) / library.fps),
            _best(
                prepared,
                list(texts.values()),
                stacked,
                (stacked @ vector - usual.mean(axis=1)) / spread,
                features[start:end],
                top,
            ),
        )
        for (start, end), vector in zip(spans, vectors, strict=True)
    )


def _best(
    prepared: PreparedLibrary,
    texts: Sequence[tuple[str, Source]],
    vectors: Float[np.ndarray, "texts dim"],
    scores: Float[np.ndarray, " texts"],
    features: Float[np.ndarray, "frames _"],
    top: int,
) -> tuple[CaptionMatch, ...]:
    """The best sentences; presence is looked up for these alone."""
    library, scale = prepared.library, prepared.library.calibration
    spans = spans_of("short", len(features), library.fps)
    windows = encode_motions(library.model, [features[start:end] for start, end in spans])
    matches = []
    for row in np.argsort(-scores, kind="stable")[:top]:
        text, source = texts[row]
        (presence,) = share_below(scale.z(vectors[row : row + 1], windows, spans)).tolist()
        matches.append(CaptionMatch(text, source, float(scores[row]), presence, presence >= scale.threshold))
    return tuple(matches)


def _parts(frames: int, fps: float) -> Int[np.ndarray, "parts 2"]:
    """The motion as a whole, or equal parts of about 4 s."""
    parts = 1 if frames <= LONGEST * fps else round(frames / (_PART * fps))
    cuts = np.linspace(0, frames, parts + 1).round().astype(np.int64)
    return np.stack([cuts[:-1], cuts[1:]], axis=1)


def _captions_alike(
    prepared: PreparedLibrary, vectors: Float[np.ndarray, "parts dim"], itself: int | None
) -> Mapping[str, str]:
    """Captions and labels of the clips that are most like a motion, and the text that the model reads of each."""
    clips = prepared.library.clips
    probes = [Probe(vector, ("whole", "long")) for vector in vectors]
    numbers = candidates(
        [probed_clips(prepared.library, probe, _ALIKE + 1) for probe in probes], WordMatches.none(), _ALIKE + 1
    ).numbers
    near = [clips[number] for number in numbers.tolist() if number != itself]
    told = {caption: caption for clip in near for caption in clip.captions}
    named = {label: neutral(re.sub(r"[-_]+", " ", label)) for clip in near for label in clip.labels}
    return named | told
