"""Whoever moves where the lexicon does not know the noun: "the trapeze artist jumps", "a drone lands".

A noun in front of a clause with a finite verb behind it is its subject, whatever it is. Without this its verb reads
as a noun ("the athlete jumps") and is lost.
"""

from __future__ import annotations

from collections.abc import Sequence

from chronomotion.language import lexicon as lx
from chronomotion.language.decompose.grammar.words import Word

__all__ = ["THING", "names_subject", "subject_tag"]

THING = "thing"
"""``base`` of a subject that is no person: it is told by its own name."""

_BEFORE_SUBJECTS = frozenset("then before after when while until as once finally beforehand and but".split())
_OPEN_TAGS = frozenset({"stop", "comma", "and", "sub"})
_AGENT = (
    "er",
    "ers",
    "or",
    "ors",
    "ist",
    "ists",
    "man",
    "men",
    "woman",
    "women",
    "person",
    "keeper",
    "ian",
    "ians",
    "ee",
)
_NO_AGENTS = frozenset(
    "longer faster slower closer farther further lower higher other either neither rather together upper inner outer "
    "better bigger smaller wider number corner center computer later quicker harder water paper ladder "
    "hammer controller".split()
)
_ASIDE = frozenset({",", "who", "with", "that", "in", "whose"})
_SHORTEST = 4
_LONGEST_PHRASE = 4


def subject_tag(words: Sequence[Word], i: int) -> tuple[str, str] | None:
    """(tag, base) of a noun at ``i`` that is the subject of the verb behind it; None where it is none."""
    start = _phrase_start(words, i)
    if start is None:
        return None
    text, first = words[i].text, words[start]
    person = text in lx.PEOPLE or (text.endswith(_AGENT) and len(text) > _SHORTEST and text not in _NO_AGENTS)
    articled = text in {"something", "nothing", "everything"} or (
        first.tag in {"determiner", "number", "possessive"} and start < i
    )
    if text in lx.PEOPLE and articled and i + 1 < len(words) and words[i + 1].text in _ASIDE:
        return "person", ""  # "the gymnast, after a deep breath, runs"
    if not articled and start > 0 and words[start - 1].tag != "stop":
        return None
    kind = _verb_behind(
        words, i, plural=text.endswith("s") or first.text in {"two", "three", "both", "all"} or text in _PLURALS
    )
    if kind == "finite" or (person and kind == "form"):
        return ("person", "") if person else ("person", THING)
    return None


_PLURALS = frozenset("people children men women police twins".split())


def names_subject(words: Sequence[Word], i: int) -> bool:
    """Whether a noun that is a verb as well is a subject: "the whistle blows"; not "after a jump turns"."""
    if not i or words[i - 1].text not in {"the", "a", "an"} or (i > 1 and words[i - 2].text in {"after", "before"}):
        return False
    start = _phrase_start(words, i)
    return start is not None and _verb_behind(words, i, plural=False) == "finite"


def _phrase_start(words: Sequence[Word], i: int) -> int | None:
    """Where the noun phrase that ends at ``i`` begins, if a clause begins there as well."""
    start = i
    while start > 0 and i - start < _LONGEST_PHRASE:
        word = words[start - 1]
        if word.tag in {"determiner", "possessive", "number"}:
            start -= 1
            if word.tag == "number" and start and words[start - 1].tag in {"determiner", "possessive"}:
                start -= 1  # "the two fighters"
            break
        if word.tag not in {"adjective", "noun"} or word.text in lx.BODY_PARTS:
            break
        start -= 1
    if start == 0:
        return 0
    before = words[start - 1]
    return start if before.tag in _OPEN_TAGS or before.text in _BEFORE_SUBJECTS else None


def _verb_behind(words: Sequence[Word], i: int, *, plural: bool) -> str:
    """ "finite" where a finite verb stands behind ``i``, "form" for a participle or a past form, else ""."""
    j = i + 1
    while j < len(words) and (words[j].text.endswith("ly") or words[j].text in _EARLY) and j < i + _LONGEST_PHRASE:
        j += 1
    text = words[j].text if j < len(words) else ""
    if text in {"is", "are", "was", "has", "does", "did"}:
        return "finite"
    form = lx.verb_forms().get(text)
    if form is None or text in lx.BODY_PARTS:
        return ""
    if form.kind in {"gerund", "past"}:
        return "form"
    return "finite" if form.kind == "third" or (plural and form.kind == "base") else ""


_EARLY = frozenset({"then", "now", "also", "first", "both", "just", "still"})
