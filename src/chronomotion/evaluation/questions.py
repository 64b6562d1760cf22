"""Everything that an evaluation asks, known before any model is: which texts and motions have to be encoded, and which
of them are held against which.

So each text and each motion is encoded once, whatever the number of protocols, and a file with one row for each of
:attr:`Questions.texts` and :attr:`Questions.motions` is all that a foreign model has to give.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from jaxtyping import Float

from chronomotion.corpus.corpus import Corpus
from chronomotion.corpus.mirror_ids import plain_id
from chronomotion.errors import ConfigError, CorpusError
from chronomotion.language.caption import Events
from chronomotion.language.order import Order, count_orders, other_orders, shuffles
from chronomotion.language.wording import as_written, tell
from chronomotion.model.encoder import check_features
from chronomotion.motion.joins import reordered_features
from chronomotion.motion.layout import HUMANML3D_LAYOUT, KITML_LAYOUT

__all__ = ["MEAN_MOTION", "WORDINGS", "Questions", "Telling", "Trial", "Wording"]

Wording = Literal["neutral", "as written"]

WORDINGS: Mapping[str, Callable[[Iterable[str]], str]] = {"neutral": tell, "as written": as_written}
"""How a sequence of events becomes one text."""

MEAN_MOTION = "mean motion"
"""Name, among the motions, of the mean of the training split held for as long as a clip lasts on average."""

_SHORTEST = 0.2
"""Seconds of an event below which its clip is not cut and joined."""


@dataclass(frozen=True)
class Telling:
    """One clip's texts in one wording, as places in :attr:`Questions.texts`."""

    right: int
    shuffled: tuple[int, ...]
    """``k`` drawn wrong orders; the first is the one of the published test."""
    others: tuple[int, ...]
    """Every wrong order, or 24 drawn ones where there are more."""


@dataclass(frozen=True)
class Trial:
    """A clip whose first caption has two different events or more, so that it has a wrong order."""

    place: int
    """Of the clip in :attr:`Questions.clips`, which is also that of its motion in :attr:`Questions.motions`."""
    events: Events
    cluster: int
    """The clip's: a clip and its mirror image, or twins composed of the same clips, share it."""
    first_shuffle: Order
    tellings: Mapping[str, Telling]
    swapped: tuple[int, int] | None = None
    """Places in :attr:`Questions.motions` of the clip cut at its event times and joined as it was, and joined in the
    order that the first shuffle tells; None where times are not known."""

    @property
    def count(self) -> int:
        """Number of events."""
        return len(self.events)


class Questions:
    """What is asked about a split of a corpus. A function of the arguments alone.

    - ``texts``: every text of every measure, each once.
    - ``motions``: names of motions; first ``clips``, the clips of the split that have a caption, then, with
      ``made_motions``, the mean motion and the re-joined motions of trials with known event times.
      :meth:`features` gives the numbers of each.
    - ``captions``: for each clip the place in ``texts`` of its first caption.
    - ``clusters``: for each clip the number of its cluster; clips of one cluster are not independent.
    - ``trials``: the clips that have a wrong order.

    Raises CorpusError for an unknown split, or when no clip of it has a caption, ConfigError for ``k`` below 1.
    """

    def __init__(
        self,
        corpus: Corpus,
        split: str = "test",
        *,
        k: int = 5,
        seed: int = 0,
        wordings: Sequence[Wording] = ("neutral", "as written"),
        made_motions: bool = True,
    ) -> None:
        if k < 1:
            raise ConfigError(f"at least 1 wrong order has to be drawn for each clip, not {k}")
        self.corpus, self.split, self.k, self.seed, self.wordings = corpus, split, k, seed, tuple(wordings)
        names = corpus.split(split)
        self.clips = [name for name in names if corpus.captions(name)]
        if not self.clips:
            raise CorpusError(f"none of {len(names)} clips of {corpus.folder}, split {split}, has a caption")
        self.motions = list(self.clips)
        self._made: dict[str, tuple[str, Order]] = {}
        self._texts: dict[str, int] = {}
        self.captions = [self._place(corpus.captions(name)[0].text) for name in self.clips]
        known, numbers = set(self.clips), dict[object, int]()
        self.clusters = [numbers.setdefault(self._kin(name, known), len(numbers)) for name in self.clips]
        self.trials: list[Trial] = []
        for place, name in enumerate(self.clips):
            events = corpus.captions(name)[0].events
            if events is not None and count_orders(events.keys) > 1:
                self.trials.append(self._trial(place, events, made_motions))
        self.mean_motion: int | None = None
        if made_motions:
            self.mean_motion = len(self.motions)
            self.motions.append(MEAN_MOTION)

    @cached_property
    def texts(self) -> list[str]:
        """Every text to be encoded, each once."""
        return list(self._texts)

    @cached_property
    def fingerprint(self) -> str:
        """The same for the same texts and motions, in the same order, of the same corpus."""
        digest = hashlib.blake2b(self.corpus.fingerprint.encode(), digest_size=16)
        for name in (*self.texts, "", *self.motions):
            digest.update(name.encode() + b"\0")
        return digest.hexdigest()

    def features(self, motion: str) -> Float[np.ndarray, "frames dim"]:
        """Features of one of ``motions``. Raises CorpusError for another name, ModelError for features that are not
        finite."""
        if motion == MEAN_MOTION:
            asked = [self.clips[trial.place] for trial in self.trials] or self.clips
            lengths = [len(self._recorded(clip)) for clip in asked]
            return np.repeat(self.corpus.stats[0][None], round(float(np.mean(lengths))), axis=0)
        if motion not in self._made:
            return self._recorded(motion)
        clip, order = self._made[motion]
        events = self.corpus.captions(clip)[0].events
        assert events is not None  # only clips with event times have made motions
        assert events.spans is not None
        return reordered_features(self._features_of(clip), events.spans, order)

    def _recorded(self, clip: str) -> Float[np.ndarray, "frames dim"]:
        """The part of a clip that its first caption speaks of."""
        features, fps = self._features_of(clip), self.corpus.fps
        caption = self.corpus.captions(clip)[0]
        end = len(features) if caption.end is None else max(round(caption.end * fps), 1)
        return features[min(round(caption.start * fps), min(end, len(features)) - 1) : end]

    def _features_of(self, clip: str) -> Float[np.ndarray, "frames dim"]:
        features = self.corpus.features(clip)
        check_features(features, f"clip {clip!r} of {self.corpus.folder}")
        return features

    def _place(self, text: str) -> int:
        return self._texts.setdefault(text, len(self._texts))

    def _kin(self, name: str, known: set[str]) -> object:
        """What clips that are not independent have in common.

        Composed twins tell the same words of segments of the same lengths, only their order differs.
        """
        events = self.corpus.captions(name)[0].events
        if "composed" not in self.corpus.info or events is None or events.spans is None:
            return plain_id(name, known)
        segments = zip(events.texts, events.spans, strict=True)
        return tuple(sorted((text, round(end - start, 2)) for text, (start, end) in segments))

    def _trial(self, place: int, events: Events, made_motions: bool) -> Trial:
        name = self.clips[place]
        drawn = shuffles(events.keys, self.k, "car", self.seed, name)
        others = other_orders(events.keys, "car-all", self.seed, name)
        tellings: dict[str, Telling] = {}
        for wording in self.wordings:

            def told(order: Order, wording: str = wording) -> int:
                return self._place(WORDINGS[wording](events.reordered(order).texts))

            tellings[wording] = Telling(
                told(tuple(range(len(events)))), tuple(map(told, drawn)), tuple(map(told, others))
            )
        cut = made_motions and self._can_be_cut(name, events)
        swapped = self._swapped(name, place, events, drawn[0]) if cut else None
        return Trial(place, events, self.clusters[place], drawn[0], tellings, swapped)

    def _can_be_cut(self, name: str, events: Events) -> bool:
        """Whether the event times are known, leave something of each event, and the features can be joined."""
        if events.spans is None or self.corpus.dim not in (HUMANML3D_LAYOUT.width, KITML_LAYOUT.width):
            return False
        longest = len(self.corpus.features(name)) / self.corpus.fps
        return all(min(end, longest) - max(start, 0.0) >= _SHORTEST for start, end in events.spans)

    def _swapped(self, name: str, place: int, events: Events, order: Order) -> tuple[int, int]:
        """Names for the motion joined as it was and joined in another order. A composed motion has been joined as it is
        already."""
        if "composed" in self.corpus.info:
            return place, self._make(name, order)
        return self._make(name, tuple(range(len(events)))), self._make(name, order)

    def _make(self, clip: str, order: Order) -> int:
        name = f"{clip} joined {'-'.join(str(i + 1) for i in order)}"
        self._made[name] = (clip, order)
        self.motions.append(name)
        return len(self.motions) - 1
