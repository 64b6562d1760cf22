"""The questions of an evaluation: which texts and motions a model encodes, and which pairs of them are scored.

The questions are complete before any model is opened. Each text and each motion is therefore encoded once, whatever
the number of protocols. A file with one row for each of :attr:`Questions.texts` and :attr:`Questions.motions` is a
complete answer.
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
from chronomotion.corpus.mirror_ids import original_id
from chronomotion.errors import ConfigError, CorpusError
from chronomotion.evaluation.caption_roles import CaptionRoles, roles_for
from chronomotion.language.canonical import canonical_caption
from chronomotion.language.caption import Caption, Events
from chronomotion.language.order import Order, count_orders, other_orders, shuffles
from chronomotion.language.wording import as_written, tell
from chronomotion.model.encoder import check_features
from chronomotion.motion.features import motion_of
from chronomotion.motion.join_steps import JoinStep, JoinSteps
from chronomotion.motion.joins import reordered_features
from chronomotion.motion.layout import HUMANML3D_LAYOUT, KITML_LAYOUT

__all__ = ["MEAN_MOTION", "WORDINGS", "BothWays", "Questions", "Trial", "TrialTexts", "Wording"]

Wording = Literal["neutral", "as written"]

BothWays = Literal["all", "matched"]
"""Which motions are cut and joined in another order: all that can be, or those whose poses meet at every join."""

WORDINGS: Mapping[str, Callable[[Iterable[str]], str]] = {"neutral": tell, "as written": as_written}
"""Wording -> the function that makes one text of a sequence of events."""

MEAN_MOTION = "mean motion"
"""The name, among the motions, of the training split's mean frame, repeated for the average length of a clip."""

_SHORTEST = 0.2
"""Shortest event in seconds; a clip with a shorter event is not cut and joined."""


@dataclass(frozen=True)
class TrialTexts:
    """The texts of one trial in one wording, as indices into :attr:`Questions.texts`."""

    right: int
    shuffled: tuple[int, ...]
    """``k`` drawn wrong orders; the first is the shuffle of the published test."""
    others: tuple[int, ...]
    """Every wrong order, or 24 drawn orders where there are more."""


@dataclass(frozen=True)
class Trial:
    """A clip with two or more different events, so that a wrong order exists."""

    place: int
    """Index of the clip in :attr:`Questions.clips` and of its motion in :attr:`Questions.motions`."""
    events: Events
    cluster: int
    """Number of the clip's cluster. A clip and its mirror image, or twins composed of the same clips, share one."""
    first_shuffle: Order
    texts_by_wording: Mapping[str, TrialTexts]
    swapped: tuple[int, int] | None = None
    """Indices in :attr:`Questions.motions` of the clip cut at its event times and joined in its recorded order, and
    joined in the order of the first shuffle; None where event times are not known."""

    @property
    def count(self) -> int:
        """Number of events."""
        return len(self.events)


class Questions:
    """The questions about one split of a corpus. They depend on the arguments alone.

    - ``texts``: every text of every measure, each once.
    - ``motions``: names of motions. First come ``clips``, the clips of the split that have a caption; then, with
      ``made_motions``, the re-joined motions of trials with known event times and the mean motion.
      :meth:`features` returns the features of each.
    - ``captions``: for each clip the index in ``texts`` of the caption that describes it, by the ``roles`` of captions:
      the first; in a corpus of BONES-SEED the first sentence.
    - ``described``: indices of the clips that have such a sentence; of the others, ``captions`` is their timeline.
    - ``clusters``: for each clip the number of its cluster; clips of one cluster are not independent.
    - ``trials``: the clips that have a wrong order.
    - ``unmatched``: number of trials that were not cut, with ``both_ways`` "matched", because poses do not meet
      (:mod:`chronomotion.motion.join_steps`).
    - ``events_of``: the events that a text tells, in their order, by the text's index; only where they are known.

    With ``canonical`` every text is reduced to what a motion can show
    (:func:`chronomotion.language.canonical.canonical`). ``caption`` gives the caption that describes a clip, and
    ``events`` its events, as they are asked.

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
        roles: CaptionRoles | None = None,
        both_ways: BothWays = "all",
        canonical: bool = False,
    ) -> None:
        if k < 1:
            raise ConfigError(f"at least 1 wrong order has to be drawn for each clip, not {k}")
        self.corpus, self.split, self.k, self.seed, self.wordings = corpus, split, k, seed, tuple(wordings)
        self.roles, self.both_ways = roles_for(corpus) if roles is None else roles, both_ways
        self._as_asked = canonical_caption if canonical else _as_it_is
        names = corpus.split(split)
        self.clips = [name for name in names if corpus.captions(name)]
        if not self.clips:
            raise CorpusError(f"none of {len(names)} clips of {corpus.folder}, split {split}, has a caption")
        self.motions = list(self.clips)
        self._made: dict[str, tuple[str, Order]] = {}
        self._texts: dict[str, int] = {}
        self.events_of: dict[int, Events] = {}
        self._caption_of, self._event_caption_of = self._captions_as_asked()
        self.captions = [self._place(self.caption(name).text) for name in self.clips]
        self.described = [place for place, name in enumerate(self.clips) if self.roles.describes(self.caption(name))]
        known, numbers = set(self.clips), dict[object, int]()
        self.clusters = [numbers.setdefault(self._cluster_key(name, known), len(numbers)) for name in self.clips]
        self._joins: dict[int, tuple[list[JoinStep], list[JoinStep]]] = {}
        self.unmatched = 0
        self.trials: list[Trial] = []
        for place, name in enumerate(self.clips):
            in_caption, events = self.caption(name).events, self.events(name)
            if in_caption is not None:
                self.events_of.setdefault(self.captions[place], in_caption)
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
        """Hash of the corpus, the texts and the names of the motions, in their order."""
        digest = hashlib.blake2b(self.corpus.fingerprint.encode(), digest_size=16)
        for name in (*self.texts, "", *self.motions):
            digest.update(name.encode() + b"\0")
        return digest.hexdigest()

    def caption(self, clip: str) -> Caption:
        """The caption that describes one of ``clips``, as it is asked."""
        return self._caption_of[clip]

    def events(self, clip: str) -> Events | None:
        """The events of one of ``clips``, as they are asked; None where they are not known."""
        caption = self._event_caption_of[clip]
        return None if caption is None else caption.events

    def made_of(self, motion: str) -> tuple[str, Order] | None:
        """The clip that a motion was cut from, and the order in which it was joined; None of a recorded motion."""
        return self._made.get(motion)

    def joins(self, trial: Trial) -> tuple[list[JoinStep], list[JoinStep]]:
        """The joins of a trial whose event times are known: in the recorded order, and in that of its first shuffle."""
        return self._joins_of(trial.place, trial.events, trial.first_shuffle)

    def _captions_as_asked(self) -> tuple[dict[str, Caption], dict[str, Caption | None]]:
        """By clip: the caption that describes it, and the one that has its events."""
        descriptions, event_captions = {}, dict[str, Caption | None]()
        for name in self.clips:
            captions = self.corpus.captions(name)
            description, with_events = self.roles.description(captions), self.roles.event_caption(captions)
            asked = descriptions[name] = self._as_asked(description)
            same = with_events is description
            event_captions[name] = asked if same else None if with_events is None else self._as_asked(with_events)
        return descriptions, event_captions

    def features(self, motion: str) -> Float[np.ndarray, "frames dim"]:
        """Features of one of ``motions``. Raises CorpusError for another name, ModelError for features that are not
        finite."""
        if motion == MEAN_MOTION:
            clips = [self.clips[trial.place] for trial in self.trials] or self.clips
            lengths = [len(self._recorded(clip)) for clip in clips]
            return np.repeat(self.corpus.stats[0][None], round(float(np.mean(lengths))), axis=0)
        if motion not in self._made:
            return self._recorded(motion)
        clip, order = self._made[motion]
        events = self.events(clip)
        assert events is not None  # only clips with event times have made motions
        assert events.spans is not None
        return reordered_features(self._features_of(clip), events.spans, order)

    def _recorded(self, clip: str) -> Float[np.ndarray, "frames dim"]:
        """Features of the part of a clip that its caption describes."""
        features, fps = self._features_of(clip), self.corpus.fps
        caption = self.caption(clip)
        end = len(features) if caption.end is None else max(round(caption.end * fps), 1)
        return features[min(round(caption.start * fps), min(end, len(features)) - 1) : end]

    def _features_of(self, clip: str) -> Float[np.ndarray, "frames dim"]:
        features = self.corpus.features(clip)
        check_features(features, f"clip {clip!r} of {self.corpus.folder}")
        return features

    def _place(self, text: str) -> int:
        return self._texts.setdefault(text, len(self._texts))

    def _cluster_key(self, name: str, known: set[str]) -> object:
        """A key that clips of one cluster share.

        Composed twins have the same texts for segments of the same lengths; only the order of the segments differs.
        """
        caption = self.roles.event_caption(self.corpus.captions(name))  # as it is written: words decide
        events = None if caption is None else caption.events
        if "composed" not in self.corpus.info or events is None or events.spans is None:
            return original_id(name, known)
        segments = zip(events.texts, events.spans, strict=True)
        return tuple(sorted((text, round(end - start, 2)) for text, (start, end) in segments))

    def _trial(self, place: int, events: Events, made_motions: bool) -> Trial:
        name = self.clips[place]
        drawn = shuffles(events.keys, self.k, "car", self.seed, name)
        others = other_orders(events.keys, "car-all", self.seed, name)
        texts_by_wording: dict[str, TrialTexts] = {}
        for wording in self.wordings:

            def text_index(order: Order, wording: str = wording) -> int:
                told = events.reordered(order)
                index = self._place(WORDINGS[wording](told.texts))
                self.events_of.setdefault(index, told)
                return index

            texts_by_wording[wording] = TrialTexts(
                text_index(tuple(range(len(events)))), tuple(map(text_index, drawn)), tuple(map(text_index, others))
            )
        cut = made_motions and self._can_be_cut(name, events)
        if cut and self.both_ways == "matched" and not self._meets(place, events, drawn[0]):
            self.unmatched += 1
            cut = False
        swapped = self._swapped(name, place, events, drawn[0]) if cut else None
        return Trial(place, events, self.clusters[place], drawn[0], texts_by_wording, swapped)

    def _can_be_cut(self, name: str, events: Events) -> bool:
        """Whether event times are known, every event lasts long enough, and the features can be joined."""
        if events.spans is None or self.corpus.dim not in (HUMANML3D_LAYOUT.width, KITML_LAYOUT.width):
            return False
        longest = len(self.corpus.features(name)) / self.corpus.fps
        return all(min(end, longest) - max(start, 0.0) >= _SHORTEST for start, end in events.spans)

    def _meets(self, place: int, events: Events, order: Order) -> bool:
        """Whether poses meet at every join of the motions that would be made. A composed motion is its own join."""
        recorded, swapped = self._joins_of(place, events, order)
        return all(join.meets for join in (swapped if "composed" in self.corpus.info else [*recorded, *swapped]))

    def _joins_of(self, place: int, events: Events, order: Order) -> tuple[list[JoinStep], list[JoinStep]]:
        if place not in self._joins:
            assert events.spans is not None  # only clips with event times have joins
            steps = JoinSteps(motion_of(self._features_of(self.clips[place])), events.spans)
            self._joins[place] = steps.of(range(len(events))), steps.of(order)
        return self._joins[place]

    def _swapped(self, name: str, place: int, events: Events, order: Order) -> tuple[int, int]:
        """Indices of the motion joined in its recorded order and joined in another order. A composed motion is the
        recorded order's join already."""
        if "composed" in self.corpus.info:
            return place, self._make(name, order)
        return self._make(name, tuple(range(len(events)))), self._make(name, order)

    def _make(self, clip: str, order: Order) -> int:
        name = f"{clip} joined {'-'.join(str(i + 1) for i in order)}"
        self._made[name] = (clip, order)
        self.motions.append(name)
        return len(self.motions) - 1


def _as_it_is(caption: Caption) -> Caption:
    return caption
