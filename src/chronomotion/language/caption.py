"""Captions and their events."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chronomotion.language.wording import neutral

__all__ = ["Caption", "Events"]


@dataclass(frozen=True)
class Events:
    """What happens, one sentence an event, in the order in which the events HAPPEN (not of mention).

    ``spans`` are (start, end) in seconds from the start of the motion, where known; ``labels`` are names of actions,
    where known (two events with one label are the same action in other words); ``source`` says who made the list.

    Raises ValueError when the lengths differ or there is no event.
    """

    texts: tuple[str, ...]
    spans: tuple[tuple[float, float], ...] | None = None
    labels: tuple[str, ...] | None = None
    source: str = ""

    def __post_init__(self) -> None:
        if not self.texts:
            raise ValueError("a list of events needs at least one event")
        for name, values in (("spans", self.spans), ("labels", self.labels)):
            if values is not None and len(values) != len(self.texts):
                raise ValueError(f"{len(self.texts)} events but {len(values)} {name}")

    def __len__(self) -> int:
        return len(self.texts)

    def __iter__(self) -> Iterator[str]:
        return iter(self.texts)

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys that distinguish events: the label where known, else the neutral wording. Equal keys are equal events.

        Events in the same words are equal whatever their labels: no sentence could tell them apart.
        """
        wordings = tuple(neutral(text) for text in self.texts)
        if self.labels is None or len(set(wordings)) == len(wordings):
            return wordings if self.labels is None else self.labels
        keys = list(self.labels)
        for i, text in enumerate(wordings):
            other, same = keys[i], keys[wordings.index(text)]
            keys = [same if key == other else key for key in keys]
        return tuple(keys)

    def reordered(self, order: Sequence[int]) -> Events:
        """The same events in another order (a permutation of indices). Their times are no longer known."""
        if sorted(order) != list(range(len(self))):
            raise ValueError(f"{list(order)} is not a permutation of {len(self)} events")
        labels = None if self.labels is None else tuple(self.labels[i] for i in order)
        return Events(tuple(self.texts[i] for i in order), labels=labels, source=self.source)


@dataclass(frozen=True)
class Caption:
    """A sentence about a motion, or about a part of it.

    ``start`` and ``end`` are seconds; ``end`` None means to the end of the motion. ``events`` is None where nobody has
    split the caption yet. ``tags`` are (token, universal part of speech) pairs, tokens being lemmas, as HumanML3D
    brings them; None where a corpus has none.
    """

    text: str
    start: float = 0.0
    end: float | None = None
    events: Events | None = None
    tags: tuple[tuple[str, str], ...] | None = None
