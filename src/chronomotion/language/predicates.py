"""What a subject does, as a predicate for "a person": a finite verb in front, in the third person."""

from __future__ import annotations

import re
from collections.abc import Callable

from chronomotion.language import lexicon as lx
from chronomotion.language.finite import AUXILIARIES, finite_verb, is_base, is_finite, is_third
from chronomotion.language.participles import is_participle, of_participle
from chronomotion.language.subjects import Sentence, without_then
from chronomotion.language.verbs import gerund, third_person

__all__ = ["acting"]

_COPULAS = frozenset("is was are were ist os it's its".split())
_WHO = frozenset("who that which".split())
_PREPOSITIONS = frozenset("with in on at from without wearing holding carrying facing".split())
_ADVERBS = frozenset(
    "then also now still just again first next almost even slow fast backwards forwards forward backward side".split()
)
_ADJUNCTS = frozenset("while by without after before as with when until since for of".split())
_NOT_COORDINATED = frozenset("back open slow clean close steady still box face land rest end point look".split())


def acting(sentence: Sentence) -> str:
    """The predicate of a sentence, then what was said of the subject, then what was said before it."""
    words = sentence.rest.split()
    words, described = _described(_without_article(words))
    words = _finite(words, plural=sentence.subject == "they")
    states = [state for state in (sentence.state, " ".join(described)) if state]
    main, dot, others = without_then(" ".join(words)).partition(". ")
    for state in states:
        main = f"{main}, {state}" if main else state
    if sentence.front:
        comma = "," if is_participle(sentence.front.split()[0]) or states else ""
        main = f"{main}{comma} {sentence.front}"
    return main + dot + others


def _without_article(words: list[str]) -> list[str]:
    """ "a jump to the left", where nobody says who jumps, is what somebody "does"; "a walks slowly" is a slip."""
    if len(words) < 2 or words[0] not in ("a", "an", "the"):
        return words
    if is_third(words[1]) or (words[1].endswith("ly") and len(words) > 2 and is_third(words[2])):
        return words[1:]
    if words[0] == "the":
        return words
    return ["does", *words] if any(map(is_base, words[1:5])) else words


def _described(words: list[str]) -> tuple[list[str], list[str]]:
    """(what the subject does, how it was described before): "standing still raises ..." -> ("raises ...", "standing
    still").
    """
    if not words:
        return words, []
    if words[0] in _WHO and len(words) > 1:
        return _relative(words[1:])
    if words[0] in _PREPOSITIONS or is_participle(words[0]):
        at = finite_verb(words, over_commas=words[0] in _PREPOSITIONS and not is_participle(words[0]))
        if at is not None:
            return words[at:], _stripped(words[:at])
    return words, []


def _relative(words: list[str]) -> tuple[list[str], list[str]]:
    """A clause after "who", and the verb behind it where there is one."""
    inner = words[1:] if words[0] in _COPULAS and len(words) > 1 else words
    at = finite_verb(inner, over_commas=True)
    if at is None:
        return words, []
    described = _stripped(inner[:at])
    if is_third(described[0]):
        described = gerund(" ".join(described)).split()
    return inner[at:], described


def _stripped(words: list[str]) -> list[str]:
    return [*words[:-1], words[-1].rstrip(",")]


def _finite(words: list[str], *, plural: bool) -> list[str]:
    """The same words with the first verb, and those coordinated with it, in the third person."""
    at = 0
    while at < len(words) - 1 and _is_adverb(words[at]):
        at += 1
    if at >= len(words):
        return words
    verb, behind = words[at], at + 1
    if verb in _COPULAS or (plural and verb in ("are", "were")):
        while behind < len(words) - 1 and _is_adverb(words[behind]):
            behind += 1
        if behind < len(words) and _plain(words[behind]) in ("being", "beeing"):
            return [*words[:at], "is", *words[at + 1 : behind], *words[behind + 1 :]]
        if behind < len(words) and is_participle(_plain(words[behind])):
            return _participles([*words[:at], *words[at + 1 :]], behind - 1)
        return [*words[:at], {"are": "is", "were": "was"}.get(verb, verb) if plural else verb, *words[at + 1 :]]
    if is_participle(_plain(verb)) and (behind >= len(words) or not words[behind].startswith(("motion", "movement"))):
        return _participles(words, at)
    if plural or _is_base(words, at):
        return _bases(words, at)
    return words


def _is_base(words: list[str], at: int) -> bool:
    """True for a verb without its ending, as people mistype it ("person walk forward")."""
    following = _plain(words[at + 1]) if at + 1 < len(words) else ""
    if not is_base(_plain(words[at])) or is_finite(following):
        return False
    if following == "of":
        return False
    return (
        _plain(words[at]) not in lx.NOUN_VERBS
        or not following
        or not words[at][-1].isalpha()
        or (
            following in lx.DIRECTIONS | lx.DETERMINERS | lx.POSSESSIVES | lx.PREPOSITIONS | lx.NUMBERS
            or following in ("it", "them", "and", "then", "something", "turn")
            or following.endswith("ly")
        )
    )


def _participles(words: list[str], at: int) -> list[str]:
    """Finite forms for the participle at a place and for those that "and" or "then" join to it."""
    out = [*words[:at], _changed(words[at], _of_participle)]
    joined = True
    for index in range(at + 1, len(words)):
        word = words[index]
        if words[index - 1].endswith("."):
            return out + words[index:]
        if word in _ADJUNCTS:
            joined = False
        elif is_participle(_plain(word)) and (index + 1 == len(words) or not words[index + 1].startswith("jack")):
            lead = _lead(words, index)
            if lead == "then" or (lead in ("and", "or") and joined):
                word, joined = _changed(word, _of_participle), True
            else:
                joined = False
        out.append(word)
    return out


def _bases(words: list[str], at: int) -> list[str]:
    """Third persons for the base form at a place and for those that are coordinated with it."""
    out = [*words[:at], _changed(words[at], _third)]
    for index in range(at + 1, len(words)):
        word = words[index]
        if word in _ADJUNCTS - {"with", "of", "for", "by"} or word == "they" or words[index - 1].endswith("."):
            return out + words[index:]
        plain, lead = _plain(word), _lead(words, index)
        if is_base(plain) and (lead == "then" or (lead in ("and", ",") and plain not in _NOT_COORDINATED)):
            word = _changed(word, third_person)
        out.append(word)
    return out


def _lead(words: list[str], index: int) -> str:
    """The connective before a word, past adverbs: "and", "then", "," or ""."""
    at = index - 1
    while at > 0 and _is_adverb(words[at]) and words[at] != "then" and not words[at].endswith(","):
        at -= 1
    return "," if words[at].endswith(",") else words[at]


def _is_adverb(word: str) -> bool:
    return word in _ADVERBS or (word.endswith("ly") and word not in ("fly", "only"))


def _plain(word: str) -> str:
    return word.strip(",.;:()")


def _changed(word: str, form: Callable[[str], str]) -> str:
    """A word in another form, its punctuation kept."""
    match = re.match(r"(\W*)([\w'-]+)(.*)", word)
    return word if match is None else match[1] + form(match[2]) + match[3]


def _of_participle(word: str) -> str:
    return third_person(of_participle(word))


def _third(word: str) -> str:
    """The third person of a base form; what is in it already, an auxiliary or a past form, stays."""
    if is_third(word) or word in AUXILIARIES - {"are", "were"} or word.endswith("ed"):
        return {"have": "has", "do": "does"}.get(word, word)
    return third_person(word)
