"""Does a model name single actions? Every event of known label and time against the wordings of all labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from chronomotion.corpus.corpus import Corpus
from chronomotion.language.canonical import canonical as reduced
from chronomotion.language.wording import neutral
from chronomotion.model.encoder import MotionTextEncoder, encode_motions, encode_texts, unit

__all__ = ["NamedActions", "name_actions"]

_SHORTEST = 0.2
"""Seconds below which an event is not asked for, as in :mod:`chronomotion.evaluation.questions`."""


@dataclass(frozen=True)
class NamedActions:
    """``top1``: share of ``motions`` in percent whose nearest action, of ``actions``, is their own."""

    motions: int
    actions: int
    top1: float

    @property
    def chance(self) -> float:
        """What a guess gets, in percent."""
        return 100 / self.actions


def name_actions(
    model: MotionTextEncoder, corpus: Corpus, split: str = "test", *, canonical: bool = False
) -> NamedActions | None:
    """Name the events of a split that have labels: each is cut out of its clip and compared with every label.

    A label is the mean vector of the neutral wordings that its events have in the split, reduced to what a motion can
    show with ``canonical``. A clip of one event is taken
    as its caption says, of several where their times are known. None where there are fewer than two labels.
    Raises ModelError when the model's answer cannot be used.
    """
    wordings: dict[str, dict[str, None]] = {}
    names, motions, labels = [], [], []
    for name, motion, label, text in _events(corpus, split):
        names.append(name)
        motions.append(motion)
        labels.append(label)
        wordings.setdefault(label, {})[reduced("", [text]) if canonical else neutral(text)] = None
    if len(wordings) < 2:
        return None
    actions = sorted(wordings)
    vectors = encode_texts(model, [text for action in actions for text in wordings[action]])
    means = unit(np.stack([np.mean([vectors[text] for text in wordings[action]], axis=0) for action in actions]))
    nearest = (encode_motions(model, motions, names) @ means.T).argmax(axis=1)
    right = [actions[place] == label for place, label in zip(nearest, labels, strict=True)]
    return NamedActions(len(motions), len(actions), 100 * float(np.mean(right)))


def _events(corpus: Corpus, split: str) -> Iterator[tuple[str, np.ndarray, str, str]]:
    """Clip, features, label and text of each event that has a label and a time, of the clips' first captions."""
    for name in corpus.split(split):
        for caption in corpus.captions(name)[:1]:
            events = caption.events
            if events is None or events.labels is None:
                continue
            features = corpus.features(name)
            whole = len(features) / corpus.fps
            spans = events.spans
            if spans is None and len(events) == 1:
                spans = ((caption.start, whole if caption.end is None else caption.end),)
            for span, label, text in zip(spans or (), events.labels, events.texts, strict=spans is not None):
                start, end = max(span[0], 0.0), min(span[1], whole)
                if end - start >= _SHORTEST:
                    yield name, np.array(features[round(start * corpus.fps) : round(end * corpus.fps)]), label, text
