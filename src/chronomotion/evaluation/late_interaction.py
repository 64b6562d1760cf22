"""Late interaction as a model that can be measured (:mod:`chronomotion.model.matching`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float

from chronomotion.evaluation.answers import Answers, Rows
from chronomotion.evaluation.models import answers_of, fingerprint_of
from chronomotion.evaluation.questions import Questions
from chronomotion.language.caption import Events
from chronomotion.language.decompose import Decomposer, Described
from chronomotion.language.decompose.rules import RuleDecomposer
from chronomotion.model.encoder import MotionTextEncoder
from chronomotion.model.matching import Matcher, Weights
from chronomotion.model.motion_windows import MotionWindows

__all__ = ["Interaction", "LateAnswers", "LateInteraction", "MaxSimAnswers"]


class LateInteraction:
    """A model whose scores add late interaction to those of another model's vectors.

    ``weights`` say what the vectors, the events and their order count; ``bag`` scores by :meth:`Matcher.max_sim`
    instead. A text's events are those that the corpus knows; where it knows none, or where ``decomposer`` is given,
    which then splits every text, they are found in the words.

    Example::

        report = evaluate(LateInteraction(model, Weights(order=0.3)), corpus)
    """

    def __init__(
        self,
        model: MotionTextEncoder,
        weights: Weights | None = None,
        *,
        bag: bool = False,
        gap_score: float = 0.0,
        decomposer: Decomposer | None = None,
    ) -> None:
        self.model, self.weights, self.bag = model, weights or Weights(), bag
        self.gap_score, self.decomposer = gap_score, decomposer

    @property
    def fingerprint(self) -> str | None:
        """The model's fingerprint and what is added to it; None where the model has none."""
        fingerprint = fingerprint_of(self.model)
        splits = "" if self.decomposer is None else f", events by {self.decomposer.source}"
        terms = "max_sim" if self.bag else f"{self.weights}, gap {self.gap_score:g}"
        return None if fingerprint is None else f"{fingerprint}, {terms}{splits}"

    def answers(self, questions: Questions) -> Answers:
        """Scores for these questions. Raises ModelError when the model's answers cannot be used."""
        interaction = Interaction.of(self.model, questions, gap_score=self.gap_score, decomposer=self.decomposer)
        return MaxSimAnswers(interaction) if self.bag else LateAnswers(interaction, self.weights)


@dataclass(frozen=True, eq=False)
class Interaction:
    """What every score of late interaction needs: a row for each text and each motion of some questions."""

    vectors: Answers
    matcher: Matcher
    events: Sequence[Events]

    @classmethod
    def of(
        cls,
        model: MotionTextEncoder,
        questions: Questions,
        *,
        gap_score: float = 0.0,
        decomposer: Decomposer | None = None,
    ) -> Interaction:
        """Encode texts, motions, their events and their windows, each once."""
        events = _events(questions, decomposer)
        motions = [np.array(questions.features(name)) for name in questions.motions]
        windows = MotionWindows.encode(model, motions, questions.corpus.fps)
        matcher = Matcher(windows, Matcher.event_vectors(model, events), gap_score=gap_score)
        return cls(answers_of(model, questions), matcher, events)

    @cached_property
    def sets(self) -> list[tuple[str, ...]]:
        """A key for each text that all texts of the same events share."""
        return [tuple(sorted(events.texts)) for events in self.events]


def _events(questions: Questions, decomposer: Decomposer | None) -> list[Events]:
    """The events of every text."""
    known = {} if decomposer is not None else questions.events_of
    unknown = [row for row in range(len(questions.texts)) if row not in known]
    split = (decomposer or RuleDecomposer()).decompose(Described(questions.texts[row]) for row in unknown)
    events = {**known, **{row: made.events for row, made in zip(unknown, split, strict=True)}}
    return [events[row] for row in range(len(questions.texts))]


class _ByRows:
    """Pairs of texts and motions by way of blocks: all texts of the same events with all motions that they meet."""

    def __init__(self, interaction: Interaction) -> None:
        self.interaction = interaction

    def scores(self, texts: Rows, motions: Rows) -> Float[np.ndarray, "texts motions"]:
        """The score of each of these texts with each of these motions; equal rows are scored once."""
        text_rows, text_of = np.unique(np.asarray(texts, dtype=np.intp), return_inverse=True)
        motion_rows, motion_of = np.unique(np.asarray(motions, dtype=np.intp), return_inverse=True)
        return self._block(text_rows, motion_rows)[np.ix_(text_of, motion_of)]

    def pairs(self, texts: Rows, motions: Rows) -> Float[np.ndarray, " pairs"]:
        """The score of each text with the motion at the same place of the other list."""
        rows, columns = np.asarray(texts, dtype=np.intp), np.asarray(motions, dtype=np.intp)
        groups: dict[tuple[str, ...], list[int]] = {}
        for place, row in enumerate(rows.tolist()):
            groups.setdefault(self.interaction.sets[row], []).append(place)
        scores = np.empty(len(rows))
        for places in groups.values():
            text_rows, text_of = np.unique(rows[places], return_inverse=True)
            motion_rows, motion_of = np.unique(columns[places], return_inverse=True)
            scores[places] = self._block(text_rows, motion_rows)[text_of, motion_of]
        return scores

    def _block(self, texts: np.ndarray, motions: np.ndarray) -> Float[np.ndarray, "texts motions"]:
        raise NotImplementedError


class LateAnswers(_ByRows):
    """s(q, m): weighted sums of the cosines of the vectors, the events and their order."""

    def __init__(self, interaction: Interaction, weights: Weights) -> None:
        super().__init__(interaction)
        self.weights = weights

    def _block(self, texts: np.ndarray, motions: np.ndarray) -> Float[np.ndarray, "texts motions"]:
        terms = self.interaction.matcher.terms([self.interaction.events[row] for row in texts], motions)
        scores = self.weights.events * terms.events + self.weights.order * terms.order
        if self.weights.vector:
            scores += self.weights.vector * self.interaction.vectors.scores(texts, motions)
        return np.asarray(scores)


class MaxSimAnswers(_ByRows):
    """The mean over events of the best window: equal in every order of the events."""

    def _block(self, texts: np.ndarray, motions: np.ndarray) -> Float[np.ndarray, "texts motions"]:
        return self.interaction.matcher.max_sim([self.interaction.events[row] for row in texts], motions)
