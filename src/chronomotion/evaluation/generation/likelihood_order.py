"""Order by likelihood: is a motion more likely under the right order of its events than under a wrong one?

The published test of generators (arXiv 2407.15408) is CAR with log p(codes | text) as the score of a text and a motion.
The questions, the orders, the blind controls and the intervals are those of :mod:`chronomotion.evaluation.chronology`,
so the figures can be put beside those of motion-text models. A likelihood is far easier to get right than a motion:
put :mod:`chronomotion.evaluation.generation.realised_order` beside it.

With a plan, prompts hold the times of the events. Only the TEXTS change places; the times stay where they are, because
times that change places tell where the motion's borders lie, and a generator that reads nothing else wins.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float

from chronomotion.corpus.corpus import Corpus
from chronomotion.errors import CorpusError, ModelError
from chronomotion.evaluation.answers import Rows
from chronomotion.evaluation.chronology import ChronologyTest, ExchangedMotions, OrderQuestion
from chronomotion.evaluation.chronology_blind import disjoint_partners, exchanged_partners
from chronomotion.evaluation.chronology_motion import swap_test
from chronomotion.evaluation.generation.physical import Spans
from chronomotion.evaluation.generation.records import LikelihoodOrder
from chronomotion.evaluation.intervals import Resampling
from chronomotion.evaluation.questions import WORDINGS, Questions, Wording
from chronomotion.language.order import Order
from chronomotion.language.wording import neutral
from chronomotion.motion.features import motion_of
from chronomotion.motion.joins import reordered

__all__ = ["Encode", "Likelihood", "LikelihoodAnswers", "PromptMaker", "likelihood_order"]

_AT_ONCE = 512
"""Prompts that a generator is given at a time, of motions of about one length."""


@runtime_checkable
class Likelihood(Protocol):
    """A generator of motion codes that knows how likely they are."""

    def log_likelihoods(
        self, prompts: Sequence[Any], codes: Sequence[np.ndarray], *, without_text: bool = False
    ) -> Float[np.ndarray, " prompts"]:
        """Mean log p of a token of each sequence of codes, given the prompt at the same place, or no text at all."""


@runtime_checkable
class PromptMaker(Protocol):
    """Makes a generator's prompt of a text, of its events in that order, and of the events' (start, end) in seconds
    where there is a plan."""

    def __call__(self, text: str, events: tuple[str, ...], spans: Spans | None) -> Any:
        """The prompt."""


Encode = Callable[[Sequence[np.ndarray]], Sequence[np.ndarray]]
"""Features of motions -> their codes, as a tokenizer's ``encode``."""


def likelihood_order(
    generator: Likelihood,
    corpus: Corpus,
    *,
    encode: Encode,
    prompt: PromptMaker,
    split: str = "test",
    name: str = "generator",
    planned: bool = False,
    longest: int | None = None,
    wordings: Sequence[Wording] = ("neutral", "as written"),
    shuffles: int = 5,
    partners: int = 3,
    seed: int = 0,
) -> LikelihoodOrder:
    """Measure the order that a generator's likelihood prefers, on a split of a corpus.

    ``longest`` is the number of tokens that it takes: clips with more are left out and counted. ``planned`` gives the
    events' times to the prompts, and asks of the clips that have them.

    Raises CorpusError when no clip with a wrong order is left, ModelError when the likelihoods cannot be used.
    """
    questions = Questions(corpus, split, k=shuffles, seed=seed, wordings=wordings)
    questions.mean_motion = None  # no motion has the mean frame's codes
    answers = LikelihoodAnswers(questions, generator, encode, prompt, planned)
    asked = len(questions.trials)
    if planned:
        questions.trials = [trial for trial in questions.trials if trial.events.spans is not None]
        asked = len(questions.trials)
    if longest is not None:
        answers.leave_out_longer_than(longest)
    if not questions.trials:
        raise CorpusError(
            f"{corpus.folder}, split {split}: no clip has a wrong order"
            f"{' and event times' if planned else ''}{f' and at most {longest} tokens' if longest else ''}"
        )
    shared = ExchangedMotions(
        exchanged_partners(questions.trials, seed, partners),
        disjoint_partners(questions.trials, seed, partners),
        Resampling([trial.cluster for trial in questions.trials], seed),
    )
    return LikelihoodOrder(
        generator=name,
        corpus=corpus.folder.name,
        corpus_fingerprint=corpus.fingerprint,
        split=split,
        seed=seed,
        shuffles=shuffles,
        partners=partners,
        planned=planned,
        clips=len(questions.trials),
        too_long=asked - len(questions.trials),
        wordings={
            wording: ChronologyTest(questions, answers, OrderQuestion("events", wording), shared).result()
            for wording in wordings
        },
        swapped=swap_test(questions, answers) if "neutral" in wordings else None,
        swapped_less_prior=swap_test(questions, answers.less_prior()) if "neutral" in wordings else None,
    )


@dataclass(eq=False)
class LikelihoodAnswers:
    """The answers of a generator (:class:`~chronomotion.evaluation.answers.Answers`): log p(codes | text).

    Every pair of a text and a motion is asked about once.
    """

    questions: Questions
    generator: Likelihood
    encode: Encode
    prompt: PromptMaker
    planned: bool
    without_prior: bool = False
    _codes: dict[int, np.ndarray] = field(default_factory=dict)
    _scores: dict[tuple[int, int], float] = field(default_factory=dict)
    _priors: dict[int, float] = field(default_factory=dict)
    _times: dict[int, Spans | None] = field(default_factory=dict)

    def less_prior(self) -> LikelihoodAnswers:
        """The same answers, log p(codes | text) - log p(codes)."""
        return replace(self, without_prior=True)

    def scores(self, texts: Rows, motions: Rows) -> Float[np.ndarray, "texts motions"]:
        """Every text with every motion."""
        rows, columns = np.meshgrid(np.asarray(texts), np.asarray(motions), indexing="ij")
        return self.pairs(rows.ravel(), columns.ravel()).reshape(rows.shape)

    def pairs(self, texts: Rows, motions: Rows) -> Float[np.ndarray, " pairs"]:
        """Each text with the motion at the same place. Raises ModelError where the likelihoods cannot be used."""
        pairs = list(zip(np.asarray(texts).tolist(), np.asarray(motions).tolist(), strict=True))
        new = [pair for pair in dict.fromkeys(pairs) if pair not in self._scores]
        codes = self.codes_of([motion for _, motion in new])
        prompts = [self._prompt(text, motion) for text, motion in new]
        self._scores |= dict(zip(new, self._asked(prompts, codes), strict=True))
        scores = np.array([self._scores[pair] for pair in pairs])
        if not self.without_prior:
            return scores
        self._ask_priors([motion for _, motion in pairs])
        return np.asarray(scores - [self._priors[motion] for _, motion in pairs])

    def codes_of(self, motions: Sequence[int]) -> list[np.ndarray]:
        """The codes of motions, by their rows, each encoded once."""
        new = [row for row in dict.fromkeys(motions) if row not in self._codes]
        if new:
            features = [np.array(self.questions.features(self.questions.motions[row])) for row in new]
            self._codes |= dict(zip(new, self.encode(features), strict=True))
        return [self._codes[row] for row in motions]

    def leave_out_longer_than(self, longest: int) -> None:
        """Leave out trials whose motions have more tokens; where only the re-ordered motion has, only that one."""
        trials = []
        for trial in self.questions.trials:
            if len(self.codes_of([trial.place])[0]) > longest:
                continue
            swapped = trial.swapped
            too_long = swapped and any(len(codes) > longest for codes in self.codes_of(swapped))
            trials.append(replace(trial, swapped=None) if too_long else trial)
        self.questions.trials = trials

    def _prompt(self, text: int, motion: int) -> Any:
        told = self.questions.events_of[text].texts
        words = self.questions.texts[text]
        is_neutral = words == WORDINGS["neutral"](told) and words != WORDINGS["as written"](told)
        events = tuple(neutral(event) for event in told) if is_neutral else told
        spans = self._spans(motion) if self.planned else None
        if spans is not None and len(spans) != len(events):
            spans = None  # no partner has as many events: a stand-in, whose score is left out of every figure
        return self.prompt(words, events, spans)

    def _spans(self, motion: int) -> Spans | None:
        """When the events of a motion happen; of a re-ordered one, where they lie then. Every motion is joined once."""
        if motion not in self._times:
            self._times[motion] = self._found_spans(motion)
        return self._times[motion]

    def _found_spans(self, motion: int) -> Spans | None:
        clip, order = self._source(motion)
        events = self.questions.events(clip)
        if events is None or events.spans is None or order is None:
            return None if events is None else events.spans
        return reordered(motion_of(self.questions.corpus.features(clip)), events.spans, order)[1]

    def _source(self, motion: int) -> tuple[str, Order | None]:
        """The clip that a motion is, or is made of, and the order in which it was joined."""
        name = self.questions.motions[motion]
        return self.questions.made_of(name) or (name, None)

    def _ask_priors(self, motions: Sequence[int]) -> None:
        new = [row for row in dict.fromkeys(motions) if row not in self._priors]
        prompts = []
        for row in new:
            events = self.questions.events(self._source(row)[0])
            told = () if events is None else tuple(map(neutral, events.texts))  # as many as the plan has
            prompts.append(self.prompt(" ".join(told), told, self._spans(row) if self.planned else None))
        self._priors |= dict(zip(new, self._asked(prompts, self.codes_of(new), without_text=True), strict=True))

    def _asked(
        self, prompts: Sequence[Any], codes: Sequence[np.ndarray], *, without_text: bool = False
    ) -> Float[np.ndarray, " prompts"]:
        order = np.argsort([len(one) for one in codes], kind="stable")
        results = np.empty(len(prompts))
        for start in range(0, len(order), _AT_ONCE):
            rows = order[start : start + _AT_ONCE].tolist()
            values = np.asarray(
                self.generator.log_likelihoods(
                    [prompts[row] for row in rows], [codes[row] for row in rows], without_text=without_text
                ),
                dtype=np.float64,
            )
            if values.shape != (len(rows),) or not np.isfinite(values).all():
                raise ModelError(
                    f"log_likelihoods gave an array of shape {values.shape} for {len(rows)} prompts"
                    f"{'' if np.isfinite(values).all() else ', with numbers that are not finite'}; "
                    "expected one finite number for each"
                )
            results[rows] = values
        return results
