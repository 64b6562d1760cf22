"""The protocols of retrieval as data: which pairs of a text and a motion, cut into which galleries, and what is right.

``all``, ``threshold``, ``dissimilar`` and ``small_batches`` are TMR's (arXiv 2305.00976), ``identical`` is that of
MotionPatches. Figures of different protocols cannot be compared: the same weights score 5.68 and 8.92 under the
first and the last.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float, Int

from chronomotion.evaluation.questions import Questions, Wording
from chronomotion.evaluation.ranking import EqualLabels, PairedOnly, Right, SimilarCaptions, Ties

__all__ = ["PROTOCOLS", "Pairs", "Protocol", "ProtocolInputs", "Unavailable", "no_trial", "stories"]

Places = Int[np.ndarray, " _"]

_THRESHOLD = 0.95
_BATCH = 32


class Unavailable(Exception):  # noqa: N818  a protocol without its inputs is left out, which is no error
    """A protocol cannot be run; the message says what it needs."""


@dataclass(frozen=True, eq=False)
class ProtocolInputs:
    """Optional inputs of the protocols, beside the questions.

    ``sentences``: unit sentence embeddings of the clips' first captions, one row for each of ``Questions.clips``;
    ``dissimilar``: ids of the protocol of that name, by default those of the corpus' split ``nsim_test``.
    """

    sentences: Float[np.ndarray, "clips dim"] | None = None
    dissimilar: Sequence[str] | None = None


@dataclass(frozen=True, eq=False)
class Pairs:
    """Texts and motions as indices into ``Questions``; text i and motion i belong together.

    ``clips``: indices of the clips. Texts beyond the last motion are distractors. ``text_stories`` and ``stories``:
    the number of the story that each text tells and each motion shows; equal numbers are equal stories.
    """

    texts: Places
    motions: Places
    clips: Places
    text_stories: Int[np.ndarray, " texts"]
    stories: Int[np.ndarray, " motions"]


@dataclass(frozen=True)
class Protocol:
    """One way to measure retrieval."""

    name: str
    settings: str
    pairs: Callable[[Questions], Pairs]
    galleries: Callable[[Questions, Pairs, ProtocolInputs], list[Places]]
    """Indices into the pairs. Each gallery is ranked on its own, and the figures are averaged."""
    right: Callable[[Questions, Pairs, Places, ProtocolInputs], Right]
    ties: Ties = "all"
    ways: tuple[Literal["t2m", "m2t"], ...] = ("t2m", "m2t")


def no_trial(questions: Questions) -> str:
    """What it takes to measure order."""
    place = "first caption" if questions.roles.sources is None else "timeline"
    return f"needs clips whose {place} has two different events or more"


def _numbered(values: Sequence[Hashable]) -> Int[np.ndarray, " values"]:
    """Equal values get equal numbers."""
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(value, len(numbers)) for value in values], dtype=np.intp)


# Which pairs ---------------------------------------------------------------------------------------------------------


def _captions(questions: Questions) -> Pairs:
    if not questions.described:
        raise Unavailable("needs clips with a sentence about the whole")
    clips = np.array(questions.described, dtype=np.intp)
    texts = np.array(questions.captions)[clips]
    labels = _numbered(texts.tolist())
    return Pairs(texts, clips, clips, labels, labels)


def stories(questions: Questions) -> Pairs:
    """The trials as pairs: the text has the events in the right order and neutral wording."""
    _require_trials(questions, "neutral")
    clips = np.array([trial.place for trial in questions.trials])
    texts = np.array([trial.texts_by_wording["neutral"].right for trial in questions.trials])
    labels = _numbered([trial.events.keys for trial in questions.trials])
    return Pairs(texts, clips, clips, labels, labels)


def _require_trials(questions: Questions, wording: Wording) -> None:
    """Raise Unavailable without trials, or where nobody tells them in this wording."""
    if not questions.trials:
        raise Unavailable(no_trial(questions))
    if wording not in questions.wordings:
        raise Unavailable(f"needs the events in the wording {wording!r}, which was not asked for")


def _with_shuffles(pairs: Pairs, questions: Questions, wording: Wording) -> Pairs:
    """The pairs plus the first shuffle of every trial, as a text that belongs to no motion."""
    _require_trials(questions, wording)
    shuffles = [trial.texts_by_wording[wording].shuffled[0] for trial in questions.trials]
    unmatched = pairs.text_stories.max(initial=-1) + 1 + np.arange(len(shuffles))
    return Pairs(
        np.concatenate([pairs.texts, shuffles]),
        pairs.motions,
        pairs.clips,
        np.concatenate([pairs.text_stories, unmatched]),
        pairs.stories,
    )


def _captions_and_shuffles(questions: Questions) -> Pairs:
    return _with_shuffles(_captions(questions), questions, "as written")


def _stories_and_shuffles(questions: Questions) -> Pairs:
    """A shuffle whose story some motion shows is right for that motion, like every other text of the story."""
    plain, trials = stories(questions), questions.trials
    shuffled = [trial.events.reordered(trial.first_shuffle).keys for trial in trials]
    labels = _numbered([*(trial.events.keys for trial in trials), *shuffled])
    shuffled_texts = [trial.texts_by_wording["neutral"].shuffled[0] for trial in trials]
    return Pairs(
        np.concatenate([plain.texts, shuffled_texts]), plain.motions, plain.clips, labels, labels[: len(trials)]
    )


# Which galleries -----------------------------------------------------------------------------------------------------


def _whole(questions: Questions, pairs: Pairs, inputs: ProtocolInputs) -> list[Places]:  # noqa: ARG001
    return [np.arange(len(pairs.texts))]


def _listed(questions: Questions, pairs: Pairs, inputs: ProtocolInputs) -> list[Places]:
    listed = inputs.dissimilar
    if listed is None and "nsim_test" in questions.corpus.splits:
        listed = questions.corpus.split("nsim_test")
    if listed is None:
        raise Unavailable("needs a list of dissimilar ids: the corpus has no split nsim_test and none was given")
    place = {questions.clips[clip]: i for i, clip in enumerate(pairs.clips.tolist())}
    missing = [name for name in listed if name not in place]
    if missing:
        raise Unavailable(
            f"{len(missing)} of {len(listed)} dissimilar ids are not in split {questions.split} (first: {missing[0]!r})"
        )
    return [np.array([place[name] for name in listed])]


def _small_batches(questions: Questions, pairs: Pairs, inputs: ProtocolInputs) -> list[Places]:  # noqa: ARG001
    by_name = np.array(sorted(range(len(pairs.motions)), key=lambda i: questions.clips[pairs.clips[i]]), dtype=np.intp)
    if len(by_name) < _BATCH:
        raise Unavailable(f"needs {_BATCH} clips, split {questions.split} has {len(by_name)}")
    order = np.arange(len(by_name))
    np.random.RandomState(0).shuffle(order)  # the published batches are those of the legacy generator
    return [by_name[order[i : i + _BATCH]] for i in range(0, len(order) - _BATCH + 1, _BATCH)]


# What is right -------------------------------------------------------------------------------------------------------


def _paired(questions: Questions, pairs: Pairs, chosen: Places, inputs: ProtocolInputs) -> Right:  # noqa: ARG001
    return PairedOnly(int((chosen < len(pairs.motions)).sum()))


def _similar_caption(questions: Questions, pairs: Pairs, chosen: Places, inputs: ProtocolInputs) -> Right:  # noqa: ARG001
    if inputs.sentences is None:
        raise Unavailable("needs sentence embeddings of the captions")
    return SimilarCaptions(inputs.sentences[pairs.clips[chosen]], _THRESHOLD)


def _same_story(questions: Questions, pairs: Pairs, chosen: Places, inputs: ProtocolInputs) -> Right:  # noqa: ARG001
    return EqualLabels(pairs.text_stories[chosen], pairs.stories[chosen[chosen < len(pairs.motions)]])


PROTOCOLS = (
    Protocol(
        "story",
        "events in neutral wording; any motion that shows the told events in the told order is right",
        stories,
        _whole,
        _same_story,
        ties="wrong",
    ),
    Protocol(
        "story_distractors",
        "as story, one shuffle of every clip's events added to the texts",
        _stories_and_shuffles,
        _whole,
        _same_story,
        ties="wrong",
        ways=("m2t",),
    ),
    Protocol("all", "first captions, the whole split, only the own pair is right", _captions, _whole, _paired),
    Protocol(
        "threshold",
        f"as all; captions with (cosine + 1) / 2 of sentence embeddings above {_THRESHOLD} count as right",
        _captions,
        _whole,
        _similar_caption,
    ),
    Protocol("dissimilar", "as all, among a list of dissimilar captions", _captions, _listed, _paired),
    Protocol(
        "small_batches",
        f"as all, in batches of {_BATCH} drawn as published, figures averaged",
        _captions,
        _small_batches,
        _paired,
    ),
    Protocol(
        "identical", "as all; motions with the very same caption are right, too", _captions, _whole, _same_story,
        ties="wrong",
    ),
    Protocol(
        "distractors",
        "as all, one shuffle of every clip's events, as written, added to the texts",
        _captions_and_shuffles,
        _whole,
        _paired,
        ways=("m2t",),
    ),
)  # fmt: skip
