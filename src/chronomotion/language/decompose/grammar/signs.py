"""Words that say how events follow one another: "then", "before", "after", "having", "when", "while", full stops.

Every function reads what begins at ``i`` and returns the number of words read, 0 if it is not for it.
"""

from __future__ import annotations

from collections.abc import Sequence

from chronomotion.language import lexicon as lx
from chronomotion.language.decompose.grammar.clause import Link
from chronomotion.language.decompose.grammar.cutting import THEN_WORDS, Cutting, Inside
from chronomotion.language.decompose.grammar.words import Word

__all__ = ["before_or_after", "loose_phrase", "stop", "subordinate", "then"]

_POINTS = frozenset("that this which it".split())
_CHASES = frozenset("look run go chase reach come walk sprint".split())
"""Verbs with which "after" is a particle: "looks after it"."""


def stop(cutting: Cutting, i: int) -> int:
    """A full stop. Semicolons and colons are read as commas: captions use them so."""
    word = cutting.at(i)
    if word.tag != "stop":
        return 0
    if word.text in ";:":
        word.tag = "comma"
        return 0
    cutting.begin(Link.SENTENCE, word.text)
    cutting.level = ""
    return 1


def then(cutting: Cutting, i: int) -> int:
    """ "then", "and then", "after that", "finally", "followed by": a cut, unless the subject of the clause has just
    been said ("the person then sits").
    """
    count = _then_length(cutting, i)
    if not count:
        return 0
    clause, sign = cutting.clause, " ".join(word.text for word in cutting.words[i : i + count])
    if clause.head is None and not clause.words:
        clause.link = Link.THEN if clause.link in {Link.AND, Link.COMMA} else clause.link
        clause.sign = clause.sign or sign
    elif clause.head is None and not cutting.is_elliptic and cutting.inside is Inside.NOTHING:
        if cutting.clauses:
            clause.link, clause.sign = Link.THEN, sign
    else:
        if clause.words and clause.words[-1].text in {"to", "just"}:
            clause.words.pop()
        cutting.begin(Link.THEN, sign)
    return count


def _then_length(cutting: Cutting, i: int) -> int:
    """How many words say "then" here."""
    word, after, later = cutting.at(i), cutting.at(i + 1), cutting.at(i + 2)
    if word.text in THEN_WORDS:
        if word.text == "next" and (after.text == "to" or cutting.at(i - 1).tag in {"determiner", "possessive"}):
            return 0
        if word.text == "later" and cutting.at(i - 1).tag in {"noun", "number"}:
            return 0
        if after.text in THEN_WORDS or (after.text == "after" and later.text in _POINTS):
            return 1 + _then_length(cutting, i + 1)
        return 2 if after.text == "also" or after.tag == "comma" else 1
    if word.text == "after" and after.text in _POINTS and later.tag != "noun":
        near = cutting.at(i - 1)
        if near.is_verb and near.base in _CHASES and after.text == "it":
            return 0
        return 3 if later.tag == "comma" else 2
    if word.text == "followed" and after.text == "by" and _what_follows(cutting, i + 2, "before"):
        return 2
    return int(word.text == "than" and _than_is_then(cutting, i))


def _than_is_then(cutting: Cutting, i: int) -> bool:
    """ "than" is a slip for "then" unless it compares."""
    near, after = cutting.at(i - 1), cutting.at(i + 1)
    if after.text in {"the", "that"} or (after.tag == "person" and after.text not in {"he", "she"}):
        return False
    return not (near.text.endswith("er") or near.text in {"more", "less", "rather", "other", "further"})


def before_or_after(cutting: Cutting, i: int) -> int:
    """ "before" and "after" with a participle, a clause, or the noun of a verb; "having" with a participle."""
    word = cutting.at(i)
    if word.text == "having":
        return _having(cutting, i)
    if word.text not in {"before", "after"}:
        return 0
    if word.text == "before" and cutting.at(i - 1).text == "just":
        cutting.take(i)  # "sits down just before reaching the wall" says where
        cutting.inside = Inside.GERUND
        return 1
    after = i + 1 + (cutting.at(i + 1).text in THEN_WORDS)  # "before finally bowing"
    follows = _what_follows(cutting, cutting.skip_adverbs(after), word.text)
    if not follows:
        return _afterwards(cutting, i)
    if follows == "extent":
        return _extent(cutting, i)
    near = cutting.at(i - 1)
    if word.text == "after" and follows == "noun" and near.is_verb and near.base in _CHASES:
        return 0
    opening = cutting.clause.head is None and cutting.is_empty
    cutting.begin(Link.BEFORE if word.text == "before" else Link.AFTER, word.text, first=opening)
    cutting.level = cutting.level or "third"
    return 1


def _what_follows(cutting: Cutting, i: int, sign: str) -> str:
    """What stands behind "before" or "after": gerund, clause, noun (of a verb), extent, or "" for nothing of these."""
    word = cutting.at(i)
    if word.tag == "gerund" or (word.tag in {"base", "third"} and sign == "before"):
        return "gerund"
    if word.text in {"being", "beeing", "having"} and cutting.verb_soon(i + 1):
        return "gerund"
    articled = word.tag in {"determiner", "possessive"}
    if (word.tag == "person" or (articled and cutting.at(i + 1).tag in {"person", "noun"})) and cutting.verb_soon(
        i + 1 + articled
    ):
        return "clause"
    phrase = loose_phrase(cutting, i)
    nouns = [one for one in phrase if one.tag in {"noun", "adjective"}]
    if sign == "after" and any(noun.text in lx.COUNTED for noun in nouns) and not _is_act(phrase):
        return "extent"
    counted = bool(phrase) and phrase[0].tag in {"determiner", "number", "possessive"}
    return "noun" if counted and nouns and nouns[-1].base in lx.NOUN_VERBS else ""


def loose_phrase(cutting: Cutting, i: int) -> list[Word]:
    """The noun phrase that begins at ``i``, adverbs in it included ("two steps forward")."""
    end = i
    inside = {"determiner", "possessive", "number", "adjective", "noun", "adverb"}
    while cutting.at(end).tag in inside or (cutting.at(end).text == "of" and end > i):
        end += 1
    while end > i and cutting.at(end - 1).tag in {"determiner", "possessive"}:
        end -= 1  # "after a few steps | a person turns"
    return cutting.words[i:end]


def _is_act(phrase: Sequence[Word]) -> bool:
    """ "a hop" is something done; "a few steps" are a distance."""
    texts = {word.text for word in phrase}
    if not texts & {"a", "one", "his", "their", "another"} or texts & {"while", "few", "couple"}:
        return False
    return any(word.base in lx.NOUN_VERBS - {"step", "pace"} and word.text == word.base for word in phrase)


def _extent(cutting: Cutting, i: int) -> int:
    """ "after a few steps" measures the event before; it is marked, and put there later."""
    count = 1 + len(loose_phrase(cutting, i + 1))
    for j in range(i, i + count):
        cutting.words[j].tag = "extent"
        cutting.take(j)
    return count


def _afterwards(cutting: Cutting, i: int) -> int:
    """ "sits down after.", "and after kicks": the word alone, for "afterwards"."""
    after = cutting.at(i + 1)
    alone = after.tag in {"end", "stop", "third"} or (after.tag == "past" and cutting.at(i - 1).tag == "and")
    if cutting.at(i).text != "after" or not alone:
        return 0
    if after.is_verb and cutting.clause.head is not None:
        cutting.begin(Link.THEN, "after")
    return 1


def _having(cutting: Cutting, i: int) -> int:
    """ "having first sat down": what happened before the clause it stands beside."""
    j = cutting.skip_adverbs(i + 1)
    j += cutting.at(j).text in {"first", "just", "already"}
    form = lx.verb_forms().get(cutting.at(j).text)
    if form is None or form.kind != "past":
        return 0
    cutting.begin(Link.AFTER, "having", first=cutting.clause.head is None and not cutting.clause.words)
    cutting.words[j].tag, cutting.words[j].base = "past", form.base
    cutting.take(j, head=True)
    cutting.level = cutting.level or "third"
    return j - i + 1


def subordinate(cutting: Cutting, i: int) -> int:
    """ "while", "as", "like he ...", "who": what comes is inside of the event. "when he lands, ..." is an event."""
    word, after = cutting.at(i), cutting.at(i + 1)
    if word.tag == "sub":
        return _open(cutting, i)
    articled = after.tag == "determiner"
    near = cutting.at(i - 1)
    like = word.text == "like" and (articled or after.tag == "person") and cutting.verb_soon(i + 2 + articled)
    relative = word.tag == "relative" or (
        word.text == "that" and near.tag in {"noun", "person", "pronoun"} and cutting.verb_soon(i + 1)
    )
    content = word.text in {"that", "if", "though"} and near.is_verb and after.tag in {"person", "determiner"}
    if not (like or relative or content):
        return 0
    cutting.take(i)
    cutting.inside = Inside.OPENED
    return 1


def _open(cutting: Cutting, i: int) -> int:
    text = cutting.at(i).text
    starts = cutting.clause.head is None and cutting.is_empty
    joined = cutting.at(i - 1).tag in {"and", "comma"}
    clausal = cutting.at(i + 1).tag in {"person", "determiner", "gerund", "possessive"}
    if text in {"when", "once"} and (starts or joined) and clausal:
        if cutting.clause.head is not None:
            cutting.begin(Link.WHEN, text)
        else:
            cutting.clause.link, cutting.clause.sign = Link.WHEN, text
            cutting.clause.words.clear()
        cutting.clause.first = True
        return 1
    cutting.take(i)
    cutting.inside = Inside.OPENED
    cutting.lead_in = starts and text in {"while", "whilst", "as"}
    return 1
