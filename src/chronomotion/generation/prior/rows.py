"""The rows of a batch: codes and the texts that they are trained with, drawn for each epoch.

Everything is a pure function of (seed, epoch, clip), so that an interrupted run sees the same rows as one that was not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Int

from chronomotion.generation.prior.coded import CodedClip
from chronomotion.generation.prior.config import PriorTraining
from chronomotion.generation.prior.prompt import Prompt
from chronomotion.language.caption import Events
from chronomotion.language.narrate import STYLES, narrate
from chronomotion.language.order import shuffles
from chronomotion.language.wording import tell
from chronomotion.seeding import Part, generator, integer, share

__all__ = ["PREFIX_SECONDS", "Row", "row_of"]

PREFIX_SECONDS = 1.0


@dataclass(frozen=True, eq=False)
class Row:
    """A sequence of codes, what the network is given of them, and its text.

    Codes before ``begin`` are a prefix: they are given, and are not predicted. ``wrong`` has the same events in another
    order, and the same times.
    """

    name: str
    codes: Int[np.ndarray, " tokens"]
    given: Int[np.ndarray, " tokens"]
    prompt: Prompt
    wrong: Prompt | None = None
    begin: int = 0
    no_text: bool = False
    no_plan: bool = False


def row_of(
    clip: CodedClip,
    config: PriorTraining,
    codes: int,
    identity: Sequence[Part],
    *,
    compared: bool = False,
    other: Events | None = None,
    prefix: int = 5,
) -> Row:
    """A row of a clip, drawn. ``compared``: with another order of its events, that of ``other`` or a drawn one.

    A row that is compared has its whole text and motion. ``codes`` is the number of codes, ``prefix`` the number of
    tokens of a second.
    """
    no_text = share("no text", *identity) < config.text_dropout
    events = clip.events
    if compared and clip.has_orders and not no_text:
        if other is None:
            other = events.reordered(shuffles(events.keys, 1, "order", *identity)[0])
        told = _told_of(clip, identity, events, config, always=True)
        wrong = Prompt(_worded(other, identity), other.texts, clip.prompt.spans)
        row = Row(clip.name, clip.codes, clip.codes, replace(clip.prompt, text=told), wrong)
    elif _continues(clip, config, identity, prefix):
        row = _continuation(clip, identity, prefix)
    else:
        told = _told_of(clip, identity, events, config)
        row = Row(clip.name, clip.codes, clip.codes, replace(clip.prompt, text=told))
    row = _shifted(row, config, identity)
    return replace(
        row,
        given=_corrupted(row.codes, config, codes, identity),
        no_text=no_text,
        no_plan=share("no plan", *identity) < config.plan_dropout,
    )


def _worded(events: Events, identity: Sequence[Part]) -> str:
    """Events as a text, in neutral wording or told in a style; the same for all orders of one row."""
    style = list(STYLES)[integer("style", *identity) % len(STYLES)]
    narrated = share("narrated", *identity) < 0.5 and all(". " not in text for text in events.texts)
    return narrate(events.texts, style) if narrated else tell(events.texts)


def _told_of(
    clip: CodedClip, identity: Sequence[Part], events: Events, config: PriorTraining, *, always: bool = False
) -> str:
    """The caption as it is, or its events told. A twin has no caption of its own."""
    retold = share("told", *identity) < 2 * config.narrated_share and len(events) > 1
    return _worded(events, identity) if always or clip.order or retold else clip.prompt.text


def _continues(clip: CodedClip, config: PriorTraining, identity: Sequence[Part], prefix: int) -> bool:
    spans = clip.prompt.spans
    if spans is None or len(spans) < 2 or share("continuation", *identity) >= config.continuation_share:
        return False
    return all(after - first >= prefix for first, after in spans[:-1])


def _continuation(clip: CodedClip, identity: Sequence[Part], prefix: int) -> Row:
    """The clip from the last second of an event on, with the text of what comes behind it."""
    spans = clip.prompt.spans
    assert spans is not None
    event = 1 + integer("from event", *identity) % (len(spans) - 1)
    start = spans[event][0] - prefix
    labels = clip.events.labels
    left = Events(clip.events.texts[event:], labels=None if labels is None else labels[event:])
    moved = tuple((first - start, after - start) for first, after in spans[event:])
    codes = clip.codes[start:]
    return Row(clip.name, codes, codes, Prompt(_worded(left, identity), left.texts, moved), begin=prefix)


def _shifted(row: Row, config: PriorTraining, identity: Sequence[Part]) -> Row:
    """Without the first or the last token, in some rows; as published."""
    if len(row.codes) < 3 or share("shift", *identity) >= config.shift_share:
        return row
    spans = row.prompt.spans
    if share("side", *identity) < 0.5 and not row.begin:
        codes = row.codes[1:]
        moved = None if spans is None else [(max(0, first - 1), after - 1) for first, after in spans]
    else:
        codes = row.codes[:-1]
        moved = None if spans is None else [*spans[:-1], (spans[-1][0], spans[-1][1] - 1)]
    if moved is not None and any(first >= after for first, after in moved):
        return row
    times = None if moved is None else tuple(moved)
    wrong = None if row.wrong is None else replace(row.wrong, spans=times)
    return replace(row, codes=codes, prompt=replace(row.prompt, spans=times), wrong=wrong)


def _corrupted(
    row: Int[np.ndarray, " tokens"], config: PriorTraining, codes: int, identity: Sequence[Part]
) -> Int[np.ndarray, " tokens"]:
    """The codes with a share of them drawn at random."""
    rng = generator("corruption", *identity)
    rate = config.corruption * (rng.random() if config.corruption_kind == "uniform" else 1.0)
    replaced = rng.random(len(row)) < rate
    return np.where(replaced, rng.integers(codes, size=len(row)), row)
