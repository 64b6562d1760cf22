"""A clause: a stretch of a caption around one verb."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from chronomotion.language.decompose.grammar.words import Word

__all__ = ["Clause", "Link"]


class Link(Enum):
    """How a clause hangs on the one before it."""

    START = "start"
    SENTENCE = "a new sentence"
    THEN = "then"
    AND = "and"
    COMMA = "a comma"
    PARTICIPLE = "a participle behind a comma"
    FUSED = "a second verb without a sign"
    BEFORE = "before"
    AFTER = "after"
    WHEN = "when"
    MAIN = "the main clause"


@dataclass
class Clause:
    """Words around one head; ``head`` is its index in ``words``, None where the verb is left unsaid.

    ``first`` says that "before", "after" or "when" stood ahead of the main clause; ``sign`` is the word that cut.
    ``inserted`` says that it did so in the middle of a row ("walks and, before sitting, waves").
    ``noun_act`` says that its act is told by a noun ("after a jump"): it has no head, and waits for none.
    ``joined`` says that another clause has been put behind it.
    """

    link: Link
    words: list[Word] = field(default_factory=list)
    head: int | None = None
    first: bool = False
    sign: str = ""
    inserted: bool = False
    noun_act: bool = False
    joined: bool = False

    @property
    def verb(self) -> str:
        """Base form of the head, "" without one."""
        return "" if self.head is None else self.words[self.head].base

    @property
    def tail(self) -> list[Word]:
        """The words behind the head."""
        return [] if self.head is None else self.words[self.head + 1 :]

    @property
    def is_participle(self) -> bool:
        """Whether the head is a form in -ing."""
        return self.head is not None and self.words[self.head].tag == "gerund"

    @property
    def is_doing(self) -> bool:
        """Whether the head is progressive: "is walking"."""
        return self.is_participle and any(word.base == "be" for word in self.words[: self.head])

    @property
    def text(self) -> str:
        """The words, for explanations."""
        return " ".join(word.text for word in self.words)

    def has(self, words: frozenset[str] | set[str]) -> bool:
        """Whether any of these words is in the clause."""
        return any(word.text in words for word in self.words)
