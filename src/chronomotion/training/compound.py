"""Compound pairs: captioned clips without event times, joined one after the other.

The captions become the events of the whole. Their times are known because the clips are joined here, and the clips can
be joined in any other order. So a model can learn order from a corpus in which nobody has marked events.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chronomotion.corpus.corpus import Corpus
from chronomotion.language.caption import Events
from chronomotion.language.order import Order, count_orders, shuffles
from chronomotion.seeding import integer
from chronomotion.training.config import TrainingConfig
from chronomotion.training.spans import Piece, drawn_caption, piece_of

__all__ = ["Compound", "compound_of"]

_TRIES = 8


@dataclass(frozen=True)
class Compound:
    """Two or three captioned clips and their order: ``first`` in the pair, ``second`` in its twin (None: no twin)."""

    pieces: tuple[Piece, ...]
    events: tuple[Events, ...]
    first: Order
    second: Order | None

    def in_order(self, order: Order) -> tuple[Events, list[Piece]]:
        """Events and pieces of the whole in this order of the clips. The events of a clip keep their order."""
        parts = [self.events[i] for i in order]
        texts = tuple(text for part in parts for text in part.texts)
        named = [part.labels for part in parts]
        labels = tuple(label for part in named if part is not None for label in part) if None not in named else None
        return Events(texts, labels=labels), [self.pieces[i] for i in order]


def compound_of(corpus: Corpus, name: str, names: Sequence[str], config: TrainingConfig, epoch: int) -> Compound:
    """The clip with one or two others of ``names``, drawn, in an order drawn uniformly from all of them.

    A clip with the same events as one that is chosen already is drawn again, a few times.
    """
    identity = ("compound", config.seed, epoch, name)
    chosen = [_part(corpus, name, config, epoch)]
    wanted = 2 + integer("parts", *identity) % 2
    for i in range(_TRIES):
        if len(chosen) == wanted:
            break
        other = names[integer("other", *identity, i) % len(names)]
        part = _part(corpus, other, config, epoch)
        if part[1].keys not in {events.keys for _, events in chosen}:
            chosen.append(part)
    pieces, events = zip(*chosen, strict=True)
    stories = [part.keys for part in events]
    first = _any_order(stories, *identity)
    ordered = [stories[i] for i in first]
    twins = shuffles(ordered, 1, "twin", *identity)
    second = tuple(first[i] for i in twins[0]) if twins else None
    return Compound(tuple(pieces), tuple(events), first, second)


def _any_order(stories: Sequence[tuple[str, ...]], *identity: str | int) -> Order:
    """An order drawn from all orders, the given one included."""
    everything = [tuple(range(len(stories))), *shuffles(stories, count_orders(stories) - 1, "order", *identity)]
    return everything[integer("which order", *identity) % len(everything)]


def _part(corpus: Corpus, name: str, config: TrainingConfig, epoch: int) -> tuple[Piece, Events]:
    _, caption = drawn_caption(corpus, name, config, epoch)
    events = Events((caption.text,)) if caption.events is None else caption.events
    return piece_of(corpus, name, caption), events
