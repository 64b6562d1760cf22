"""The state of one pass over a caption: the clause that is being read, and what it is inside of."""

from __future__ import annotations

from enum import Enum, auto

from chronomotion.language import lexicon as lx
from chronomotion.language.decompose.grammar.clause import Clause, Link
from chronomotion.language.decompose.grammar.words import Word

__all__ = ["THEN_WORDS", "Cutting", "Inside"]

THEN_WORDS = frozenset("then next afterwards afterward finally lastly subsequently later thereafter".split())

_END = Word("", "end")
_JOINTS = {"and": Link.AND, "comma": Link.COMMA}
_LONGEST_RUN = 12
"""Adverbs in a row, or joints, that are looked past: a bound keeps the work linear in the length of a caption."""
_LONGEST_ELLIPSIS = 60
_LEADING = frozenset(
    "still also again slowly first almost just now never not always therefore thus hence only even soon".split()
)
"""Adverbs that go with the verb behind them when they stand between a comma and that verb."""


class Inside(Enum):
    """What the words being read are inside of; verbs there are no heads."""

    NOTHING = auto()
    OPENED = auto()  # behind "while", "as", "who": its verb is still to come
    FINITE = auto()  # behind "as he walks"
    GERUND = auto()  # behind "while walking", "by walking"
    WITH = auto()  # behind "with ..."
    ADJUNCT = auto()  # behind a participle that describes: "walks forward swinging ..."
    INFINITIVE = auto()  # behind "to ..." that says what for
    ASPECT = auto()  # behind "starts to ...", "keeps ..."


class Cutting:
    """Words, the clauses found so far, and the one that is being read.

    ``level`` is the form that heads are in here (third, gerund, base, past): "walking forward, pausing, grabbing" is a
    row of heads, "walks forward, pausing" is not. ``lead_in`` is true inside a "while ..." ahead of its main clause.
    """

    def __init__(self, words: list[Word]) -> None:
        self.words = words
        self.clauses: list[Clause] = []
        self.clause = Clause(Link.START)
        self.level = ""
        self.inside = Inside.NOTHING
        self.lead_in = False

    def at(self, i: int) -> Word:
        """The word at ``i``; beyond both ends an empty one with the tag "end"."""
        return self.words[i] if 0 <= i < len(self.words) else _END

    def skip_adverbs(self, i: int) -> int:
        """Where the next word that is no adverb stands; "slowly and carefully" is skipped whole."""
        last = i + _LONGEST_RUN
        while i < last and self._is_adverb(i):
            both = self.at(i).text.endswith("ly") and self.at(i + 1).tag == "and" and self.at(i + 2).tag == "adverb"
            i += 2 if both else 1
        return i

    def _is_adverb(self, i: int) -> bool:
        word = self.at(i)
        if word.text == "first":
            return self.at(i + 1).is_verb
        return word.tag == "adverb" and word.text not in THEN_WORDS

    def verb_soon(self, i: int) -> bool:
        """Whether a verb stands at ``i`` or behind adverbs there."""
        word = self.at(self.skip_adverbs(i))
        return word.is_verb or word.tag == "auxiliary"

    def near(self, i: int) -> Word:
        """The word before ``i``, adverbs skipped, but not a direction that ends a phrase: "walks forward | spins"."""
        j, first = i - 1, max(0, i - _LONGEST_RUN)
        while j >= first and self.at(j).tag == "adverb" and self.at(j).text != "then" and not self._ends_phrase(j):
            j -= 1
        return self.at(j)

    def _ends_phrase(self, j: int) -> bool:
        word = self.at(j)
        return word.text in lx.DIRECTIONS and not word.text.endswith("ly") and self.at(j - 1).tag not in _JOINTS

    def joint(self, i: int) -> Link | None:
        """AND or COMMA where one of them stands before ``i``, else None."""
        return _JOINTS.get(self.near(i).tag)

    @property
    def is_empty(self) -> bool:
        """Whether nothing of the clause has been read but "and" and commas."""
        words = self.clause.words
        return len(words) < _LONGEST_RUN and not any(word.tag not in _JOINTS for word in words)

    @property
    def is_elliptic(self) -> bool:
        """Whether the clause says where or how much, with its verb unsaid: "(then) to the left"."""
        if self.clause.head is not None or not self.clauses or len(self.clause.words) > _LONGEST_ELLIPSIS:
            return False
        words = [word for word in self.clause.words if word.tag not in _JOINTS]
        if not words:
            return False
        if any(word.tag in {"person", "relative", "sub"} for word in words) or all(
            w.text.endswith("ly") for w in words
        ):
            return False
        return not (words[-1].text in lx.BODY_PARTS and words[0].tag in {"possessive", "determiner", "noun"})

    @property
    def goes_on_inside(self) -> bool:
        """Whether the clause that is inside of this one is progressive: "as if he is lifting ..."."""
        words = self.clause.words
        gerunds = (j for j in range(len(words) - 1, max(0, len(words) - _LONGEST_RUN), -1) if words[j].tag == "gerund")
        at = next(gerunds, 0)
        return at > 0 and words[at - 1].base == "be"

    @property
    def opens_with_place(self) -> bool:
        """Whether a sentence has begun with a place or a time: "At the bottom, turns around"."""
        clause = self.clause
        return clause.link is Link.SENTENCE and clause.words[0].text in {
            "at",
            "on",
            "in",
            "from",
            "during",
            "upon",
            "with",
        }

    def take(self, i: int, *, head: bool = False) -> None:
        """Read the word at ``i`` into the clause."""
        if head:
            self.clause.head = len(self.clause.words)
        self.clause.words.append(self.words[i])

    def close(self) -> None:
        """End the clause; one without words is forgotten."""
        words = self.clause.words
        while words and (words[-1].tag in {"and", "comma", "stop"} or words[-1].text == "just"):
            words.pop()
        if self.clause.head is not None and self.clause.head >= len(words):
            self.clause.head = None
        if words:
            self.clauses.append(self.clause)

    def begin(self, link: Link, sign: str, *, first: bool = False) -> None:
        """Close the clause and begin another one, with the adverbs that were read for it already."""
        early: list[Word] = []
        words = self.clause.words
        while link is not Link.SENTENCE and len(words) > 1 and _leads(words[-1]) and words[-2].tag in _JOINTS:
            early.insert(0, words.pop())
        self.close()
        self.clause = Clause(link, early, first=first, sign=sign)
        self.inside, self.lead_in = Inside.NOTHING, False

    def begin_at_head(self, i: int, link: Link, sign: str, level: str) -> None:
        """Begin a clause with its head, the verb at ``i``."""
        carried = self._front_phrase() if link is Link.FUSED else []
        if carried:
            del self.clause.words[-len(carried) :]
            link = Link.AND
        self.begin(link, sign)
        self.clause.words += carried
        self.take(i, head=True)
        self.level = level

    def _front_phrase(self) -> list[Word]:
        """ "... and with the right hand does": the phrase between "and" and the verb goes with the verb."""
        words = self.clause.words
        joint = max((j for j, word in enumerate(words) if word.tag in _JOINTS), default=len(words))
        phrase = words[joint + 1 :]
        return phrase if phrase and phrase[0].text in {"with", "on", "in", "at", "from"} else []


def _leads(word: Word) -> bool:
    return word.tag == "adverb" and (word.text.endswith("ly") or word.text in _LEADING)
