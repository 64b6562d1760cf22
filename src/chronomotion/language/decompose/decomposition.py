"""Input and output of every decomposer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from chronomotion.language.caption import Events

__all__ = ["Decomposer", "Decomposition", "Described"]


@dataclass(frozen=True)
class Described:
    """A caption to split, with the part-of-speech tags that its corpus has for it.

    ``tags`` are (token, universal part of speech) pairs as HumanML3D stores them ("walk", "VERB"): tokens are lemmas,
    punctuation may be missing. None where a corpus has none.
    """

    text: str
    tags: tuple[tuple[str, str], ...] | None = None


@dataclass(frozen=True)
class Decomposition:
    """A caption and its events.

    ``events.source`` says who made the list, with the version ("rules/1", "llm/MODEL/1"). ``why`` says, one line a
    decision, why the caption was split where it was. ``mark`` is empty, or says in one line what is out of the ordinary
    ("fell back to the rules: ..."). ``doubt`` is empty, or says which words of the caption the events lose.
    """

    caption: str
    events: Events
    why: tuple[str, ...] = ()
    mark: str = ""
    doubt: str = ""


@runtime_checkable
class Decomposer(Protocol):
    """Anything that splits captions into events. The same caption always gives the same events."""

    @property
    def source(self) -> str:
        """Name and version of the decomposer; written into every list of events."""

    def decompose(self, captions: Iterable[Described]) -> Iterator[Decomposition]:
        """A decomposition for every caption, in the order of the captions; lazily, so that long work shows progress."""
