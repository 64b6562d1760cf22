"""The rows of a batch: codes and the texts that they are trained with, drawn for each epoch.

Everything is a pure function of (seed, epoch, clip), so that an interrupted run sees the same rows as one that was not.
"""

from __future__ import annotations

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

__all__ = ["Drawing", "Row"]


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


@dataclass(frozen=True)
class Drawing:
    """How the row of a clip is drawn: ``codes`` is the number of codes, ``prefix`` the number of tokens of a second.

    Texts, orders and cuts depend on ``identity``, which repeats after some epochs; corrupted codes on the epoch too.
    """

    config: PriorTraining
    codes: int
    prefix: int
    identity: tuple[Part, ...]
    epoch: int

    def row(self, clip: CodedClip, *, compared: bool = False, other: Events | None = None) -> Row:
        """A row of a clip. ``compared``: with another order of its events, that of ``other`` or a drawn one; then it
        has its whole text and motion, or no text at all.
        """
        no_text = self._chance("no text") < self.config.text_dropout
        if compared and clip.has_orders and not no_text:
            row = self._compared(clip, other)
        elif self._continues(clip):
            row = self._continuation(clip)
        else:
            prompt = replace(clip.prompt, text=self._told(clip))
            row = Row(clip.name, clip.codes, clip.codes, prompt)
        row = self._shifted(row)
        no_plan = self._chance("no plan") < self.config.plan_dropout
        return replace(row, given=self._corrupted(row.codes), no_text=no_text, no_plan=no_plan)

    def _chance(self, name: str) -> float:
        return share(name, *self.identity)

    def _compared(self, clip: CodedClip, other: Events | None) -> Row:
        events = clip.events
        if other is None:
            other = events.reordered(shuffles(events.keys, 1, "order", *self.identity)[0])
        prompt = replace(clip.prompt, text=self._worded(events))
        wrong = Prompt(self._worded(other), other.texts, clip.prompt.spans)
        return Row(clip.name, clip.codes, clip.codes, prompt, wrong)

    def _worded(self, events: Events) -> str:
        """Events as a text, in neutral wording or told in a style; the same for all orders of one row."""
        style = list(STYLES)[integer("style", *self.identity) % len(STYLES)]
        narrated = self._chance("narrated") < 0.5 and all(". " not in text for text in events.texts)
        return narrate(events.texts, style) if narrated else tell(events.texts)

    def _told(self, clip: CodedClip) -> str:
        """The caption as it is, or its events told. A twin has no caption of its own."""
        retold = self._chance("told") < 2 * self.config.narrated_share and len(clip.events) > 1
        return self._worded(clip.events) if clip.order or retold else clip.prompt.text

    def _continues(self, clip: CodedClip) -> bool:
        spans = clip.prompt.spans
        if spans is None or len(spans) < 2 or self._chance("continuation") >= self.config.continuation_share:
            return False
        return all(after - first >= self.prefix for first, after in spans[:-1])

    def _continuation(self, clip: CodedClip) -> Row:
        """The clip from the last second of an event on, with the text of what comes behind it."""
        spans = clip.prompt.spans
        assert spans is not None
        event = 1 + integer("from event", *self.identity) % (len(spans) - 1)
        start = spans[event][0] - self.prefix
        labels = clip.events.labels
        left = Events(clip.events.texts[event:], labels=None if labels is None else labels[event:])
        moved = tuple((first - start, after - start) for first, after in spans[event:])
        codes = clip.codes[start:]
        return Row(clip.name, codes, codes, Prompt(self._worded(left), left.texts, moved), begin=self.prefix)

    def _shifted(self, row: Row) -> Row:
        """Without the first or the last token, in some rows; as published."""
        if len(row.codes) < 3 or self._chance("shift") >= self.config.shift_share:
            return row
        spans = row.prompt.spans
        if self._chance("side") < 0.5 and not row.begin:
            codes = row.codes[1:]
            moved = None if spans is None else [(max(0, first - 1), after - 1) for first, after in spans]
        else:
            codes = row.codes[:-1]
            moved = None if spans is None else [*spans[:-1], (spans[-1][0], spans[-1][1] - 1)]
        if moved is not None and any(first >= after for first, after in moved):
            return row
        times = None if moved is None else tuple(moved)
        wrong = None if row.wrong is None else replace(row.wrong, spans=times)
        return replace(row, codes=codes, given=codes, prompt=replace(row.prompt, spans=times), wrong=wrong)

    def _corrupted(self, row: Int[np.ndarray, " tokens"]) -> Int[np.ndarray, " tokens"]:
        """The codes with a share of them drawn at random."""
        config, rng = self.config, generator("corruption", *self.identity, self.epoch)
        rate = config.corruption * (rng.random() if config.corruption_kind == "uniform" else 1.0)
        replaced = rng.random(len(row)) < rate
        return np.where(replaced, rng.integers(self.codes, size=len(row)), row)
