"""The motions of pairs: a clip as it was recorded, a part of it, or pieces joined in another order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float

from chronomotion.corpus.corpus import Corpus
from chronomotion.motion.features import features_of, motion_of
from chronomotion.motion.joins import join
from chronomotion.motion.motion import Motion
from chronomotion.training.pairs import Pair
from chronomotion.training.spans import Piece, seconds_of

__all__ = ["Motions", "frames_of", "motion_maker", "pair_motion"]

_KEEP = 2 << 30
"""Bytes of joined motions that are kept: orders repeat after some epochs (``repeat_after_epochs``)."""


def frames_of(corpus: Corpus, pair: Pair) -> int:
    """Frames of the pair's motion, transitions between pieces not counted."""
    return round(sum(seconds_of(corpus, piece) for piece in pair.pieces) * corpus.fps)


def pair_motion(corpus: Corpus, pair: Pair) -> Float[np.ndarray, "frames dim"]:
    """Features of the pair's motion: a view of the corpus for one piece, joined with transitions for several."""
    if len(pair.pieces) == 1:
        return _cut(corpus, pair.pieces[0])
    whole: dict[str, Motion] = {}
    for piece in pair.pieces:
        if piece.clip not in whole:
            whole[piece.clip] = motion_of(corpus.features(piece.clip))
    parts = [whole[piece.clip] for piece in pair.pieces]
    ends = [part.duration if piece.end is None else piece.end for part, piece in zip(parts, pair.pieces, strict=True)]
    motion, _ = join([part.slice(piece.start, end) for part, piece, end in zip(parts, pair.pieces, ends, strict=True)])
    return features_of(motion, retarget=False)


def _cut(corpus: Corpus, piece: Piece) -> Float[np.ndarray, "frames dim"]:
    """Rows of a part of a clip. Each row is relative to its own frame, so these are the features of that part."""
    features = corpus.features(piece.clip)
    end = len(features) if piece.end is None else round(piece.end * corpus.fps)
    start = min(round(piece.start * corpus.fps), len(features) - 1)
    return features[start : max(end, start + 1)]


class Motions:
    """Motions of pairs of some corpora. Joined motions are kept in memory, up to a limit."""

    def __init__(self, corpora: Sequence[Corpus]) -> None:
        self._corpora = corpora
        self._kept: dict[tuple[int, tuple[Piece, ...]], np.ndarray] = {}
        self._room = _KEEP

    def of(self, pair: Pair) -> Float[np.ndarray, "frames dim"]:
        """Features of the pair's motion."""
        corpus = self._corpora[pair.corpus]
        if len(pair.pieces) == 1:
            return pair_motion(corpus, pair)
        place = pair.corpus, pair.pieces  # clips of two corpora may have one name
        features = self._kept.get(place)
        if features is None:
            features = pair_motion(corpus, pair)
            if features.nbytes <= self._room:
                self._room -= features.nbytes
                self._kept[place] = features
        return features


def motion_maker(folders: Sequence[Path]) -> Callable[[Sequence[Pair]], list[np.ndarray]]:
    """For a worker process: a function that makes the motions of pairs from the corpora in these folders."""
    # Once freed, malloc keeps blocks of this size: features are then made in half the time.
    np.empty(30 << 20, np.uint8)
    motions = Motions([Corpus(folder) for folder in folders])
    return lambda pairs: [motions.of(pair) for pair in pairs]
