"""Four ways to rank the clips of a library: by events, by a motion, by a name, and all of them in a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Int

from chronomotion.language.caption import Events
from chronomotion.search.asking.asked import AskedEvents
from chronomotion.search.asking.candidates import Probe, best_windows, candidates
from chronomotion.search.asking.grouping import RankedClips
from chronomotion.search.asking.like import likeness, reference_probe, usual_likeness
from chronomotion.search.asking.prepared import Allowed, PreparedLibrary
from chronomotion.search.asking.words import WordMatches
from chronomotion.search.calibration import share_below
from chronomotion.search.records import MotionReference, Query

__all__ = ["GradedClips", "by_events", "by_motion", "by_name", "in_order", "listed", "pushed_down"]

_ALL_WORDS = 0.999
"""Share of the words of a query from which on a clip is what was typed."""


@dataclass(frozen=True, eq=False)
class GradedClips:
    """Clips, best first.

    - ``good``: whether each is a good match; ``pushed``: whether it shows what it should not;
    - ``spans``: (start, end) in frames of its best moment; ``missing``: events that none of the clips shows;
    - ``doubtful``: those whose best clip stands out no more than the best of as many does by chance, where no clip is
      called so;
    - ``called``: events that none of the clips shows, and that a clip is called.
    """

    numbers: Int[np.ndarray, " clips"]
    scores: Float[np.ndarray, " clips"]
    good: Bool[np.ndarray, " clips"]
    pushed: Bool[np.ndarray, " clips"]
    spans: Int[np.ndarray, "clips 2"]
    missing: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()
    called: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        numbers: Int[np.ndarray, " clips"],
        scores: Float[np.ndarray, " clips"],
        good: Bool[np.ndarray, " clips"],
        spans: Int[np.ndarray, "clips 2"],
        *absent: tuple[str, ...],
    ) -> GradedClips:
        """Clips in their order, none of them pushed down. ``absent``: missing, doubtful, called."""
        pushed = np.zeros(len(numbers), bool)
        return cls(numbers, np.asarray(scores, dtype=np.float64), good, pushed, spans, *absent)

    def by_grade(self) -> GradedClips:
        """Good matches before the others, and what shows what it should not last; else in the same order."""
        return self.taken(np.lexsort((np.arange(len(self.numbers)), ~self.good, self.pushed)))

    def taken(self, order: Int[np.ndarray, " chosen"]) -> GradedClips:
        """These of the clips, in this order."""
        return replace(
            self,
            numbers=self.numbers[order],
            scores=self.scores[order],
            good=self.good[order],
            pushed=self.pushed[order],
            spans=self.spans[order],
        )


def by_events(
    prepared: PreparedLibrary, query: Query, asked: AskedEvents, events: Events, allowed: Allowed, count: int
) -> GradedClips:
    """At least ``count`` clips, where there are so many: the best ``query.rerank`` candidates by late interaction,
    behind them others by fused rank.

    A clip is good when it shows every event, from a strength of one half on in the order told, and the library as a
    whole shows them; or when its name, labels and captions have every word.
    """
    library = prepared.library
    vector = prepared.dial.vector(events.texts, query.order, sentence=asked.sentence)
    whole = Probe(vector, ("whole", "long"))
    singles = [Probe(one, ("short",)) for _, one in sorted(prepared.event_vectors(events.texts).items())]
    words = prepared.words.search(asked.words, in_one=len(events) == 1).only(allowed.numbers)

    def nearest(most: int) -> RankedClips:
        return candidates([prepared.probed(probe, most, allowed) for probe in (whole, *singles)], words, most)

    first = nearest(query.rerank).numbers if query.rerank else np.zeros(0, dtype=np.int64)
    later = nearest(count).without(first) if count > len(first) else RankedClips.none()
    ascending = np.sort(np.concatenate([first, later.numbers]))
    best = best_windows(library, whole, ascending)
    shares = words.shares_of(ascending)
    seen = _looked_at(prepared, events, ascending, best.scores, shares >= _ALL_WORDS, query.order)
    rows = np.searchsorted(ascending, first)
    late = _with_words(seen.scores[rows], shares[rows])
    order = np.lexsort((first, -late))
    below = late.min() - later.scores.max(initial=0.0) if len(late) else 0.0
    numbers = np.concatenate([first[order], later.numbers])
    rows = np.searchsorted(ascending, numbers)
    scale = library.calibration
    stands_out = scale.library_presence(seen.z.max(axis=1)) >= scale.threshold
    in_some_clip = share_below(seen.z).max(axis=1) >= scale.threshold
    missing = _texts(events, ~stands_out & ~in_some_clip)
    named = shares >= _ALL_WORDS
    doubtful = () if named.any() else _texts(events, ~stands_out & in_some_clip)
    called = {text for text in (*missing, *doubtful) if _is_called(prepared, text, allowed)}
    # One clip in twenty looks as if it showed an event that the library does not have.
    good = seen.good & (stands_out.all() | named)
    return GradedClips.of(
        numbers,
        np.concatenate([late[order], below + later.scores]),
        good[rows],
        best.spans[rows],
        tuple(text for text in missing if text not in called),
        tuple(text for text in doubtful if text not in called),
        tuple(text for text in missing if text in called),
    )


def _is_called(prepared: PreparedLibrary, event: str, allowed: Allowed) -> bool:
    """Whether the name, labels and captions of a clip have all words of an event."""
    shares = prepared.words.search(event, in_one=True).only(allowed.numbers).shares
    return bool((shares >= _ALL_WORDS).any())


def _texts(events: Events, chosen: Bool[np.ndarray, " events"]) -> tuple[str, ...]:
    """The chosen events, each once."""
    return tuple(dict.fromkeys(text for text, is_chosen in zip(events.texts, chosen, strict=True) if is_chosen))


@dataclass(frozen=True, eq=False)
class _Seen:
    """What a closer look at clips shows: late scores, how far each event stands out, which are good matches."""

    scores: Float[np.ndarray, " clips"]
    z: Float[np.ndarray, "events clips"]
    good: Bool[np.ndarray, " clips"]


def _looked_at(
    prepared: PreparedLibrary,
    events: Events,
    numbers: Int[np.ndarray, " clips"],
    cosines: Float[np.ndarray, " clips"],
    named: Bool[np.ndarray, " clips"],
    strength: float,
) -> _Seen:
    """Look at clips, given by ascending numbers, some at a time. Those that are ``named`` as asked are good anyway."""
    parts = []
    for part in prepared.parts(numbers):
        moments = prepared.moments(numbers[part], events.texts)
        z = moments.standing_out(events.texts)
        good = named[part] | (share_below(z) >= moments.scale.threshold).all(axis=0)
        if len(events) > 1:
            for row in np.flatnonzero(good & ~named[part]):
                number = int(numbers[part][row])
                good[row] = prepared.matches(number, events.texts, in_order=in_order(strength)).all_found
        parts.append(_Seen(moments.late_scores(events, cosines[part], strength), z, good))
    return _Seen(
        np.concatenate([part.scores for part in parts]),
        np.concatenate([part.z for part in parts], axis=1),
        np.concatenate([part.good for part in parts]),
    )


def in_order(strength: float) -> bool:
    """Whether events have to happen in the order told, at this strength of the dial."""
    return strength >= 0.5


def by_motion(prepared: PreparedLibrary, reference: MotionReference, allowed: Allowed, count: int) -> GradedClips:
    """``count`` clips by how much they are like a motion, without the one that it is.

    A clip is good when it stands out from how near the clips of this library usually are to the motion.
    """
    like = reference_probe(prepared.library, reference)
    probed = [prepared.probed(probe, count + 1, allowed) for probe in like.probes]
    numbers = candidates(probed, WordMatches.none(), count + 1).numbers
    numbers = np.sort(numbers[numbers != like.itself] if like.itself is not None else numbers)
    best = likeness(prepared.library, like, numbers)
    order = np.lexsort((numbers, -best.scores))
    usual = usual_likeness(prepared.library, like)
    return GradedClips.of(numbers[order], best.scores[order], best.scores[order] > usual, best.spans[order])


def by_name(prepared: PreparedLibrary, words: str, allowed: Allowed) -> GradedClips:
    """Clips that are called so; good are those with every word. The score is the share of the words."""
    matches = prepared.words.search(words, in_one=True).only(allowed.numbers)
    numbers = matches.ranked.numbers
    return GradedClips.of(numbers, matches.shares, matches.shares >= _ALL_WORDS, _whole_spans(prepared, numbers))


def listed(prepared: PreparedLibrary, allowed: Allowed) -> GradedClips:
    """All clips that the filter leaves, by name."""
    clips = prepared.library.clips
    numbers = np.array(sorted(allowed.numbers.tolist(), key=lambda number: clips[number].name), dtype=np.int64)
    count = len(numbers)
    return GradedClips.of(numbers, np.zeros(count), np.ones(count, bool), _whole_spans(prepared, numbers))


def pushed_down(prepared: PreparedLibrary, ranking: GradedClips, without: Sequence[str]) -> GradedClips:
    """The same clips; those that show one of these sentences stand last."""
    ascending = np.sort(ranking.numbers)
    presence = share_below(_standing_out(prepared, ascending, without).max(axis=0))
    pushed = presence >= prepared.library.calibration.threshold
    return replace(ranking, pushed=pushed[np.searchsorted(ascending, ranking.numbers)])


def _with_words(scores: Float[np.ndarray, " clips"], shares: Float[np.ndarray, " clips"]) -> np.ndarray:
    """Scores with what words add: a clip with all of them comes before every clip with none, a tenth of them is little.

    Late scores are sums of cosines; their range in this list is the unit in which words are added.
    """
    room = np.ptp(scores) if len(scores) else 0.0
    return np.asarray(scores + np.square(shares) * (room + 0.1))


def _standing_out(
    prepared: PreparedLibrary, numbers: Int[np.ndarray, " clips"], texts: Sequence[str]
) -> Float[np.ndarray, "texts clips"]:
    """How far each event stands out in each clip, given by ascending numbers, from what the clip does not show."""
    parts = [prepared.moments(numbers[part], texts).standing_out(texts) for part in prepared.parts(numbers)]
    return np.concatenate(parts, axis=1)


def _whole_spans(prepared: PreparedLibrary, numbers: Int[np.ndarray, " clips"]) -> Int[np.ndarray, "clips 2"]:
    clips = prepared.library.clips
    ends = [clips[number].frames for number in numbers.tolist()]
    return np.column_stack([np.zeros(len(ends), dtype=np.int64), np.array(ends, dtype=np.int64)])
