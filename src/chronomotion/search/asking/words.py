"""Words that clips are called by: BM25 over names, files, labels and captions.

Names of takes are words run together: "walk_fwd_01", "TurnLeft90", "take_0421". They are parted at signs, between
letters and digits, and before capitals. Each part is a word, and so are every two neighbours and all parts together:
"moonwalk" finds moon_walk_01, and "take 421" finds take_0421. A word counts in its base form ("walking" is "walk").

Own code in place of a kept library: rank-bm25 scores every clip in a Python loop, and bm25s brings scipy for what is
one table of postings here. Both want texts that somebody else has parted into words, which is most of the work.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from jaxtyping import Float, Int

from chronomotion.language.lexicon import verb_forms
from chronomotion.language.reduction.phrases import singular
from chronomotion.search.asking.grouping import RankedClips
from chronomotion.search.records import LibraryClip

__all__ = ["WordIndex", "WordMatches"]

_SATURATION, _LENGTH_SHARE = 1.2, 0.5
"""BM25's k1 and b. A clip with many captions is no worse for it, so that length counts less than in prose (.75)."""

_CHUNKS = re.compile(r"[^\s/\\,;:.!?()\"]+")
_PARTS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=\d)(?=[^\W\d])|(?<=[^\W\d])(?=\d)|[\W_]+")
_SAY_NOTHING = frozenset(
    "a an the of to in on at with by from into and or but then after before while as first next finally later again "
    "he she it they his her its their him them is are was were be been being this that there who someone somebody "
    "person people bvh fbx glb gltf amc c3d npy npz csv".split()
)
"""Words that tell no clip from another, and suffixes of files."""


@dataclass(frozen=True)
class WordMatches:
    """Clips that have some of the words, ranked by BM25.

    ``shares``: how much of the text each covers, from 0 to 1 (every word). Rare words count more, and a word that no
    clip has as much as the rarest.
    """

    ranked: RankedClips
    shares: Float[np.ndarray, " clips"]

    @classmethod
    def none(cls) -> WordMatches:
        """No clip at all."""
        return cls(RankedClips.none(), np.zeros(0))

    def only(self, allowed: Int[np.ndarray, " clips"]) -> WordMatches:
        """Those of them that are among some clips."""
        kept = np.isin(self.ranked.numbers, allowed)
        return WordMatches(RankedClips(self.ranked.numbers[kept], self.ranked.scores[kept]), self.shares[kept])

    def shares_of(self, numbers: Int[np.ndarray, " clips"]) -> Float[np.ndarray, " clips"]:
        """The share that each of some clips covers, 0 where it has none of the words."""
        order = np.argsort(self.ranked.numbers)
        places = np.searchsorted(self.ranked.numbers, numbers, sorter=order)
        there = np.append(order, 0)[places]
        known = (places < len(order)) & (np.append(self.ranked.numbers, 0)[there] == numbers)
        return np.where(known, np.append(self.shares, 0.0)[there], 0.0)


class WordIndex:
    """The words of clips, read once; a search touches only the clips that have one of its words."""

    def __init__(self, clips: Sequence[LibraryClip]) -> None:
        self._numbers = np.array([clip.number for clip in clips], dtype=np.int64)
        self._lengths = np.zeros(len(clips))
        postings: dict[str, dict[int, int]] = {}
        for place, clip in enumerate(clips):
            for word in _words_of_clip(clip):
                counts = postings.setdefault(word, {})
                counts[place] = counts.get(place, 0) + 1
                self._lengths[place] += 1
        self._postings = {
            word: np.array([list(counts), list(counts.values())], dtype=np.int32) for word, counts in postings.items()
        }

    def search(self, text: str, *, in_one: bool = False) -> WordMatches:
        """Clips by the words of a text. The order of the words makes no difference.

        ``in_one``: two words also match where they are written as one ("moon walk" and moonwalk); then order counts.
        Clips that are equally good are in the order of their numbers.
        """
        sets = _asked(text, in_one)
        scores, covered = np.zeros(len(self._numbers)), np.zeros((len(sets.words), len(self._numbers)), dtype=bool)
        for spelling in sorted(sets.spellings):
            rows = self._postings.get(spelling)
            if rows is not None:
                scores[rows[0]] += self._rarity(spelling) * self._weight(rows)
                for word in sets.spellings[spelling]:
                    covered[sets.words.index(word), rows[0]] = True
        places = np.flatnonzero(scores > 0)
        ranked = RankedClips.sorted(self._numbers[places], scores[places])
        places = places[np.lexsort((self._numbers[places], -scores[places]))]
        rarity = np.array([self._rarity(word) for word in sets.words])
        shares = rarity @ covered[:, places] / max(float(rarity.sum()), 1e-9)
        return WordMatches(ranked, np.asarray(shares, dtype=np.float64))

    def _rarity(self, word: str) -> float:
        rows = self._postings.get(word)
        have = 0 if rows is None else rows.shape[1]
        return float(np.log1p((len(self._numbers) - have + 0.5) / (have + 0.5)))

    def _weight(self, rows: Int[np.ndarray, "2 clips"]) -> Float[np.ndarray, " clips"]:
        count, length = rows[1].astype(np.float64), self._lengths[rows[0]] / max(float(self._lengths.mean()), 1e-9)
        room = _SATURATION * (1 - _LENGTH_SHARE + _LENGTH_SHARE * length)
        return np.asarray(count * (_SATURATION + 1) / (count + room))


@dataclass(frozen=True)
class _AskedWords:
    """The words of a text, sorted, and the spellings that stand for one or several of them."""

    words: tuple[str, ...]
    spellings: dict[str, set[str]]


def _asked(text: str, in_one: bool) -> _AskedWords:
    """The words of a query."""
    spellings: dict[str, set[str]] = {}
    chunks = [_parts(chunk) for chunk in _CHUNKS.findall(text)]
    groups = [*chunks, *([[part for parts in chunks for part in parts]] if in_one else [])]
    for parts in groups:
        for joined in (*([part] for part in parts), *_runs(parts)):
            words = {_base(part) for part in joined if part not in _SAY_NOTHING}
            if words:
                spellings.setdefault(_joined(joined), set()).update(words)
    return _AskedWords(tuple(sorted(set().union(*spellings.values()))), spellings)


def _words_of_clip(clip: LibraryClip) -> Iterator[str]:
    """The words of its name and file, joined ones included, and of its labels and captions."""
    for chunk in dict.fromkeys(
        chunk for text in (clip.name, clip.file, *clip.labels) for chunk in _CHUNKS.findall(text)
    ):
        parts = _parts(chunk)
        yield from _known(parts)
        yield from (_joined(parts) for parts in _runs(parts))
    for caption in clip.captions:
        yield from _caption_words(caption)


@lru_cache(maxsize=10_000)
def _caption_words(caption: str) -> tuple[str, ...]:
    return tuple(word for chunk in _CHUNKS.findall(caption) for word in _known(_parts(chunk)))


def _known(parts: Iterable[str]) -> Iterator[str]:
    return (_base(part) for part in parts if part not in _SAY_NOTHING)


def _runs(parts: Sequence[str]) -> Iterator[Sequence[str]]:
    """Parts that may be written as one word: every two neighbours, and all of them."""
    yield from (parts[i : i + 2] for i in range(len(parts) - 1))
    if len(parts) > 2:
        yield parts


def _parts(chunk: str) -> list[str]:
    """ "walkFwd_01" -> ["walk", "fwd", "1"]."""
    return [part.casefold().lstrip("0") or "0" for part in _PARTS.split(chunk) if part]


def _joined(parts: Sequence[str]) -> str:
    return _base(parts[0]) if len(parts) == 1 else _base("".join(parts))


@lru_cache(maxsize=100_000)
def _base(word: str) -> str:
    form = verb_forms().get(word)
    return singular(word) if form is None else form.base
