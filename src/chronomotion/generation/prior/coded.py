"""A corpus as codes: every caption with the codes of what it is about and, where event times are known, its twin.

A twin is the same motion, cut at the times of its events and joined in another order, with its caption.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Int

from chronomotion.corpus.corpus import Corpus
from chronomotion.errors import TrainingError
from chronomotion.generation.prior.code_store import CodeStore, Cut, can_be_cut
from chronomotion.generation.prior.config import CodeSpace, PriorConfig
from chronomotion.generation.prior.prompt import Prompt, contiguous_spans
from chronomotion.generation.tokenizer.motion_tokenizer import MotionTokenizer
from chronomotion.language.caption import Caption, Events
from chronomotion.language.order import Order, count_orders, shuffles
from chronomotion.language.wording import tell

__all__ = ["CodedClip", "CodedCorpus", "check_fits", "coded_corpus", "pretended_corpus", "space_of"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class CodedClip:
    """Codes of what a caption is about; ``prompt`` has the caption as it is, ``events`` are its events."""

    name: str
    codes: Int[np.ndarray, " tokens"]
    prompt: Prompt
    events: Events
    order: Order = ()
    """Of a twin: the order of the events of the clip that it is made of."""

    @property
    def has_orders(self) -> bool:
        """Whether its events could come in another order."""
        return count_orders(self.events.keys) > 1


@dataclass(frozen=True)
class CodedCorpus:
    """The clips of a split. ``clips`` has the captions of each clip that can be trained on, ``twins`` those of them
    that have one, by clip and number in that list. ``left_out`` is the number of captions of longer motions."""

    clips: dict[str, tuple[CodedClip, ...]]
    twins: dict[tuple[str, int], CodedClip]
    left_out: int


def space_of(tokenizer: MotionTokenizer) -> CodeSpace:
    """What a prior has to know of its tokenizer."""
    return CodeSpace(tokenizer.codes, tokenizer.fingerprint, tokenizer.frames_per_token, tokenizer.fps)


def coded_corpus(
    corpus: Corpus,
    tokenizer: MotionTokenizer,
    config: PriorConfig,
    split: str = "train",
    *,
    twins: bool = False,
    cache: Path | None = None,
) -> CodedCorpus:
    """The split as codes, which are kept in the folder ``cache``. What is longer than the prior's limit is left out,
    and a warning says how much.

    Raises TrainingError for a corpus of another width or frame rate than the tokenizer's, or without any motion that
    is short enough.
    """
    check_fits(corpus, tokenizer)
    names = corpus.split(split)
    store = CodeStore(tokenizer, f"{corpus.fingerprint} {split}", cache)
    rate = space_of(tokenizer).tokens_per_second
    clips, too_long = _clips(corpus, names, store.whole(corpus, names), config, rate)
    _tell_of(too_long, sum(len(corpus.captions(name)) for name in names), corpus, split, config.max_tokens / rate)
    if not clips:
        raise TrainingError(
            f"{corpus.folder}: no motion of split {split!r} has from {config.min_tokens / rate:g} to "
            f"{config.max_tokens / rate:g} seconds: set prior.model.max_tokens to seconds x {rate:g}"
        )
    return CodedCorpus(clips, _twins(corpus, clips, store, config, rate) if twins else {}, too_long)


def pretended_corpus(corpus: Corpus, space: CodeSpace, config: PriorConfig, split: str) -> CodedCorpus:
    """The split with codes of nothing but the right lengths, and twins as long: enough to say what a run will take."""
    names = corpus.split(split)
    codes = [np.zeros(len(corpus.features(name)) // space.frames_per_token, dtype=np.int64) for name in names]
    clips, too_long = _clips(corpus, names, codes, config, space.tokens_per_second)
    twins = {
        (name, number): part
        for name, parts in clips.items()
        for number, part in enumerate(parts)
        if part.has_orders and part.prompt.spans is not None
    }
    return CodedCorpus(clips, twins, too_long)


def _clips(
    corpus: Corpus, names: Sequence[str], codes: Sequence[np.ndarray], config: PriorConfig, rate: float
) -> tuple[dict[str, tuple[CodedClip, ...]], int]:
    """The captions of each clip that can be trained on, and how many are about motions that are too long."""
    clips: dict[str, tuple[CodedClip, ...]] = {}
    too_long = 0
    for name, whole in zip(names, codes, strict=True):
        parts = [_part(name, whole, caption, rate) for caption in corpus.captions(name)]
        fitting = [part for part in parts if len(part.codes) <= config.max_tokens]
        too_long += len(parts) - len(fitting)
        long_enough = tuple(part for part in fitting if len(part.codes) >= config.min_tokens)
        if long_enough:
            clips[name] = long_enough
    return clips, too_long


def check_fits(corpus: Corpus, tokenizer: MotionTokenizer) -> None:
    """Raises TrainingError when a corpus has features of another width or frame rate than a tokenizer reads."""
    if corpus.dim != tokenizer.dim:
        raise TrainingError(
            f"{corpus.folder} has {corpus.dim} features a frame, the tokenizer reads {tokenizer.dim}: train one on it"
        )
    if abs(corpus.fps - tokenizer.fps) > 0.01:
        raise TrainingError(
            f"{corpus.folder} has {corpus.fps:g} frames a second, the tokenizer reads {tokenizer.fps:g}: train one on "
            "it, or convert the corpus"
        )


def _tell_of(too_long: int, captions: int, corpus: Corpus, split: str, limit: float) -> None:
    if too_long:
        log.warning(
            "%d of %d captions of %s, split %s, are left out: their motions are longer than %g seconds "
            "(prior.model.max_tokens sets the limit)",
            too_long, captions, corpus.folder, split, limit,
        )  # fmt: skip


def _part(name: str, codes: Int[np.ndarray, " tokens"], caption: Caption, rate: float) -> CodedClip:
    """The codes that a caption is about. A span of its own cuts the codes, not the motion, as published."""
    first = round(caption.start * rate)
    after = len(codes) if caption.end is None else min(len(codes), round(caption.end * rate))
    part = codes[first:after]
    events = caption.events or Events(Prompt.of_caption(caption).events)
    prompt = Prompt(caption.text, events.texts, _spans(events, caption.start, rate, len(part)))
    return CodedClip(name, part, prompt, events)


def _spans(events: Events, start: float, rate: float, tokens: int) -> tuple[tuple[int, int], ...] | None:
    if events.spans is None or not tokens:
        return None
    return contiguous_spans([(first - start, end - start) for first, end in events.spans], rate, tokens)


def _twins(
    corpus: Corpus, clips: dict[str, tuple[CodedClip, ...]], store: CodeStore, config: PriorConfig, rate: float
) -> dict[tuple[str, int], CodedClip]:
    """The twin of every caption whose event times are known; a twin that is too long or too short is none."""
    wanted = [
        Cut(name, part.events, shuffles(part.events.keys, 1, "twin of codes", name, number)[0], number)
        for name, parts in clips.items()
        for number, part in enumerate(parts)
        if part.has_orders and part.prompt.spans is not None and can_be_cut(part.events)
    ]
    twins: dict[tuple[str, int], CodedClip] = {}
    for cut, (codes, times) in zip(wanted, store.joined(corpus, wanted), strict=True):
        spans = contiguous_spans(times, rate, len(codes))
        if config.min_tokens <= len(codes) <= config.max_tokens and spans is not None:
            events = cut.events.reordered(cut.order)
            prompt = Prompt(tell(events.texts), events.texts, spans)
            twins[cut.clip, cut.number] = CodedClip(cut.clip, codes, prompt, events, cut.order)
    return twins
