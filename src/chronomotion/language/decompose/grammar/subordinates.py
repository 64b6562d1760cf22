"""Clauses inside of clauses: "while ...", "as if ...", "who ...", and events that are told behind "when" and "until".

Every function reads what begins at ``i`` and returns the number of words read, 0 if it is not for it.
"""

from __future__ import annotations

from chronomotion.language import lexicon as lx
from chronomotion.language.decompose.grammar.clause import Link
from chronomotion.language.decompose.grammar.cutting import Cutting, Inside

__all__ = ["subordinate"]


def subordinate(cutting: Cutting, i: int) -> int:
    """ "while", "as", "like he ...", "who": what comes is inside of the event. "when he lands, ..." is an event."""
    word, after = cutting.at(i), cutting.at(i + 1)
    if word.tag == "sub" or (word.text == "once" and _has_subject(cutting, i + 1)):
        return _open(cutting, i)
    articled = after.tag == "determiner"
    near = cutting.at(i - 1)
    like = word.text == "like" and (articled or after.tag == "person") and cutting.verb_soon(i + 2 + articled)
    relative = word.tag == "relative" or (
        word.text == "that"
        and near.tag in {"noun", "person", "pronoun"}
        and (cutting.verb_soon(i + 1) or (after.tag == "person" and cutting.verb_soon(i + 2)))
    )
    content = word.text in {"that", "if", "though"} and near.is_verb and after.tag in {"person", "determiner"}
    if not (like or relative or content):
        return 0
    cutting.take(i)
    cutting.inside = Inside.OPENED
    return 1


def _has_subject(cutting: Cutting, i: int) -> bool:
    """Whether a subject begins at ``i``, with its verb: "once a full circle is made"."""
    if cutting.at(i).tag != "determiner":
        return False
    j = i + 1
    while cutting.at(j).tag in {"adjective", "noun"} and j < i + _LONGEST_SUBJECT:
        j += 1
    return cutting.at(j).tag == "person" and cutting.verb_soon(j + 1)


_LONGEST_SUBJECT = 4


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
    link = Link.THEN if _goes_on_there(cutting, i) else _event_behind(cutting, i)
    if link is not None:
        cutting.begin(link, text)
        cutting.level = "third"
        return 1
    cutting.take(i)
    cutting.inside = Inside.OPENED
    cutting.lead_in = starts and text in {"while", "whilst", "as"}
    return 1


def _event_behind(cutting: Cutting, i: int) -> Link | None:
    """How what is told behind "when he ...", "until he ...", "so he ..." hangs on the clause; None: it is no event.

    "sits down when he reaches the chair" tells the second event first; "waves until he sits" and "is pushed, so he
    stumbles" do not, and neither does "walks when he gets shoved". States and what goes on say when, not what.
    """
    text = cutting.at(i).text
    if text not in {"when", "until", "till", "so"} or cutting.clause.head is None:
        return None
    if cutting.inside not in {Inside.NOTHING, Inside.ASPECT}:
        return None
    j = i + 1 + (text == "so" and cutting.at(i + 1).text == "that")
    articled = cutting.at(j).tag == "determiner"
    if cutting.at(j + articled).tag != "person":
        return None  # a place, a part of the body, a time
    at = cutting.skip_adverbs(j + articled + 1)
    verb, passive = _said_verb(cutting, at)
    if not verb or (verb in _WHEN_NOT and not passive) or (text != "when" and verb in _UNTIL_NOT):
        return None
    if text == "when":
        goes_on = cutting.clause.is_doing or (passive and cutting.clause.verb in lx.TRAVEL)
        return Link.FUSED if goes_on else Link.AFTER
    if text == "so":
        return _result(cutting, i, at, verb)
    moved = cutting.at(j).text == "they" and cutting.clause.has(_PLURAL_PARTS)
    return None if moved else Link.BEFORE


def _result(cutting: Cutting, i: int, at: int, verb: str) -> Link | None:
    """ "so he stumbles" is what comes of it; "so that she faces the wall" is what it is done for, or how it ends.

    Behind "so that" only what is done to somebody has a result of its own: "is pushed so that he stumbles".
    """
    if cutting.at(at).text in lx.MODALS or verb in _STANCES:
        return None
    done_to = any(word.text in {"is", "are", "was", "were", "gets", "being"} for word in cutting.clause.words)
    passive = done_to and any(word.tag == "past" for word in cutting.clause.words)
    return Link.AND if passive or cutting.at(i + 1).text != "that" else None


def _goes_on_there(cutting: Cutting, i: int) -> bool:
    """ ", where it stops and groans": what is done at a place that has been reached, not what the place is like."""
    if cutting.at(i).text != "where" or cutting.at(i - 1).tag != "comma" or cutting.clause.head is None:
        return False
    articled = cutting.at(i + 1).tag == "determiner"
    if cutting.at(i + 1 + articled).tag != "person":
        return False
    at = cutting.skip_adverbs(i + 2 + articled)
    at += cutting.at(at).text == "then"
    verb, _ = _said_verb(cutting, at)
    return bool(verb) and cutting.at(at).tag == "third" and verb not in _THERE_NOT


def _said_verb(cutting: Cutting, at: int) -> tuple[str, bool]:
    """(base of the verb, whether it is passive) of a clause whose finite verb stands at ``at``; "" for what goes on."""
    word, after = cutting.at(at), cutting.at(cutting.skip_adverbs(at + 1))
    if word.tag == "auxiliary" and word.base == "be":
        return (after.base, True) if after.tag == "past" or after.base in {"hit", "hurt", "cut"} else ("", False)
    if word.tag == "auxiliary" and word.base == "have":
        return (after.base, False) if after.tag == "past" else ("", False)
    if word.base == "get" and (after.tag == "past" or after.base in {"hit", "hurt", "cut"}):
        return after.base, True
    return (word.base, False) if word.tag in {"third", "base", "past"} else ("", False)


_STANCES = frozenset({"face", "look", "point"})
"""Verbs of how somebody is left by a turn."""
_THERE_NOT = (lx.STATIVE - {"wait"}) | frozenset("start begin come pass".split())
_WHEN_NOT = lx.STATIVE | frozenset("get come finish complete do end begin start go need want cross turn".split())
_UNTIL_NOT = frozenset("reach arrive touch meet get come".split())
_PLURAL_PARTS = frozenset("arms hands legs feet knees elbows fists fingers forearms palms".split())
