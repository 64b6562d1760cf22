"""Feelings and personality: nobody sees them in a skeleton. What a state looks like stays ("unsteadily")."""

from __future__ import annotations

from collections.abc import Sequence

from chronomotion.language.decompose.grammar.words import Word
from chronomotion.language.reduction import lists
from chronomotion.language.reduction.changes import Changes
from chronomotion.language.reduction.phrases import Words, is_boundary

__all__ = ["without_feelings"]

_LIKE = frozenset("as like because since".split())
_MORE = frozenset("if though".split())
_WHO = frozenset("they he she it someone somebody".split())
_DEGREES = frozenset(
    "a bit extremely fairly feeling little pretty quite rather really slightly so somewhat too very".split()
)
_PACES = frozenset({"pace", "speed"})
_OPENINGS = frozenset("a an the their great much some pure sheer".split())


def without_feelings(words: Words, changes: Changes) -> None:
    """Take out clauses ("as if they are angry"), phrases ("with joy", "in a sad mood") and words ("happily")."""
    at = 0
    while at < len(words):
        end = _clause_end(words, at) or _phrase_end(words, at) or _state_end(words, at)
        if end:
            changes.put("feeling", words, at, end, _shown(words[at:end]))
        elif not _manner(words, at, changes):
            _word(words, at, changes)
        at += 1


def _is_feeling(word: Word) -> bool:
    return word.text in lists.FEELING_ADJECTIVES or word.text in lists.SHOWN


def _shown(words: Sequence[Word]) -> str:
    return next((lists.SHOWN[word.text] for word in words if word.text in lists.SHOWN), "")


def _clause_end(words: Words, at: int) -> int:
    """The end of "as if they are very angry" and its like; 0 where none begins."""
    if words[at].text not in _LIKE:
        return 0
    i = at + 1
    while i < len(words) and words[i].text in _MORE:
        i += 1
    if i < len(words) and (words[i].text in _WHO or words[i].text == "a"):
        i += 1 + (words[i].text == "a")
    i += i < len(words) and words[i].base in lists.FEELING_VERBS
    return _feelings_end(words, i)


def _feelings_end(words: Words, i: int) -> int:
    """Behind "very sad and angry", where nothing hangs on it; 0 where it is not there."""
    while i < len(words) and words[i].text in _DEGREES:
        i += 1
    if i >= len(words) or not _is_feeling(words[i]):
        return 0
    i += 1
    while i + 1 < len(words) and words[i].tag == "and" and _is_feeling(words[i + 1]):
        i += 2
    if i >= len(words) or words[i].tag == "comma" or words[i].text == "while":
        return i
    return i if words[i].tag == "and" and i + 1 < len(words) and words[i + 1].tag in {"third", "base"} else 0


def _state_end(words: Words, at: int) -> int:
    """The end of ", very sad" and ", feeling sad" behind what is done; 0 where none is."""
    if not at or words[at - 1].tag != "comma":
        return 0
    feels = words[at].base in lists.FEELING_VERBS and words[at].text.endswith("ing")
    return _feelings_end(words, at + feels)


def _phrase_end(words: Words, at: int) -> int:
    """The end of "with great joy", "out of fear"; 0 where none begins."""
    if words[at].text not in lists.FEELING_PREPOSITIONS:
        return 0
    i = at + 1
    led = {"out": "of", "because": "of", "due": "to"}.get(words[at].text, "")
    if led and words[i : i + 1] and words[i].text == led:
        i += 1
    elif led:
        return 0
    while i < len(words) and words[i].text in _OPENINGS:
        i += 1
    if i >= len(words) or words[i].text not in lists.FEELING_NOUNS:
        return 0
    i += 1
    while i + 1 < len(words) and words[i].tag == "and" and words[i + 1].text in lists.FEELING_NOUNS:
        i += 2
    return i if is_boundary(words, i) and not (i < len(words) and words[i].text == "of") else 0


def _manner(words: Words, at: int, changes: Changes) -> bool:
    """ "in a sad, slow manner" keeps "slow"; "in a sad manner" goes; "at a slow pace" is "slowly"."""
    if words[at].text not in {"in", "with", "at"}:
        return False
    i = at + 1
    if i < len(words) and words[i].text in {"a", "an", "their"}:
        i += 1
    first = i
    while i < len(words) and (words[i].tag in {"comma", "and"} or _describes(words[i])) and i - first < 5:
        i += 1
    if i == first or i >= len(words) or not (words[i].text in lists.MANNERS or words[i].text in _PACES):
        return False
    said = [word.text for word in words[first:i] if word.tag not in {"comma", "and"} and word.text not in _DEGREES]
    left = [text for text in said if text not in lists.FEELING_ADJECTIVES]
    if not left:
        changes.put("feeling", words, at, i + 1)
        return True
    if len(left) == 1 and left[0] in lists.PACES:
        very = "very " if any(word.text == "very" for word in words[first:i]) else ""
        changes.put("word", words, at, i + 1, very + lists.PACES[left[0]])
        return True
    return False


def _describes(word: Word) -> bool:
    return word.tag in {"adjective", "noun", "adverb", "past", "unread"} and word.text not in lists.MANNERS | {
        "pace",
        "speed",
    }


def _word(words: Words, at: int, changes: Changes) -> None:
    """An adverb of feeling, or an adjective in front of its noun."""
    text = words[at].text
    before, after = words[at - 1] if at else None, words[at + 1] if at + 1 < len(words) else None
    adverb = text in lists.FEELING_ADVERBS or (text in lists.SHOWN and text.endswith("ly"))
    attribute = (
        _is_feeling(words[at])
        and after is not None
        and after.tag in {"noun", "adjective", "person"}
        and before is not None
        and (before.tag in {"determiner", "possessive", "adjective"} or before.is_verb)
    )
    if not adverb and not attribute:
        return
    start = at - 1 if before is not None and adverb and before.text in {"very", "so", "quite", "rather"} else at
    changes.put("feeling", words, start, at + 1, (lists.SHOWN if adverb else lists.SHOWN_BEFORE_NOUNS).get(text, ""))
