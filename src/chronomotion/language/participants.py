"""Whose event it is: one person, another one, or several. Everything here is text in lower case."""

from __future__ import annotations

import re
from typing import NamedTuple

from chronomotion.language import lexicon as lx
from chronomotion.language.finite import is_base, is_finite, verb_form
from chronomotion.language.participles import is_participle

__all__ = ["ANOTHER_PERSON", "A_PERSON", "Participants", "participants_of"]

A_PERSON, ANOTHER_PERSON = "a person", "another person"

_MANY = (
    "people|persons|men|women|guys|girls|boys|kids|children|humans|figures|stick figures|characters|dancers|players|"
    "boxers|fighters|individuals|adults|actors|ladies|gentlemen|friends|subjects|sims|skeletons|mannequins|avatars|males|"
    "females|students|soldiers|athletes|partners|strangers|performers"
)
_COUNT = "two|three|four|five|six|seven|eight|nine|ten|[2-9]|both"
_SEVERAL = re.compile(
    rf"(?:the\s+|these\s+|those\s+)?(?:(?P<other>other)\s+)?(?:(?:a\s+)?(?P<pair>couple|pair)\s+of\s+|"
    rf"a\s+(?:group|crowd|few)\s+(?:of\s+)?|(?P<count>{_COUNT})(?:\s+of\s+the)?\s+|(?:some|several|many|multiple|few)\s+)?"
    rf"(?:the\s+)?(?:(?!(?:the|an?|one|this|that|another|each|every)\b)[a-z-]+\s+)?(?P<noun>{_MANY})\s+(?P<rest>\S.*)"
)
_TWO = re.compile(r"(?:the\s+couple|a\s+couple(?!\s+of)|the\s+pair|they\s+both|we\s+both|both)\s+(?P<rest>\S.*)")
_SINGULAR = (
    "person|man|woman|male|female|boy|girl|guy|lady|gentleman|dude|child|kid|adult|figure|human|individual|subject|"
    "character|one|actor|dancer|player|boxer|sim|avatar|skeleton|robot|mannequin|stickman|stick figure|friend|partner"
)
_AND = re.compile(
    rf"(?:the|an?|one)\s+(?:{_SINGULAR})\s+and\s+(?:the|an?|another|one)\s+(?:other\s+)?(?:{_SINGULAR})\s+(?P<rest>\S.*)"
)
_WE = re.compile(r"we(?P<short>'re|'ve|'ll)?\s+(?P<rest>\S.*)")
_OTHER = re.compile(
    rf"(?:(?:the|an?|some)\s+)?(?P<which>other|another|second|third|different|new)\s+(?:(?:young|old|tall|small)\s+)?"
    rf"(?:{_SINGULAR})(?='s\b|,?\s|$)"
)
_THE_OTHER = re.compile(r"the other\s+(?P<verb>[a-z]+)\b")
_FIRST = re.compile(rf"(?:the|a)\s+first\s+(?:{_SINGULAR})(?='s\b|,?\s|$)")
_ADDRESS = re.compile(r"(?:please,?\s+|let(?:'s|\s+us|\s+me)\s+(?!go\b)|now,?\s+(?=you\b))+")
_SPEAKER = re.compile(r"(?:i|you)(?P<short>'m|'re|'ve|'ll|'d)?\s+(?!person\b)(?=\S)")
_SHORT = {"'m": "are ", "'re": "are ", "'ve": "have ", "'ll": "will ", "'d": "would "}
_POSSESSIVE = re.compile(r"(?:my|your|our)\s+(?=\S)")
_SHORT_HAVE = re.compile(r"(he|she|they|it)'ve\s+")
_NUMBERS = {"2": "two", "3": "three", "4": "four", "5": "five", "6": "six", "7": "seven", "8": "eight", "9": "nine",
            "both": "two"}  # fmt: skip


class Participants(NamedTuple):
    """``who`` as neutral wording says it, the ``text`` as if a person or "they" acted, and whether ``several`` do."""

    who: str
    text: str
    several: bool = False


def participants_of(text: str) -> Participants:
    """Who acts. The speaker and whoever is spoken to are one person; another participant stays another one.

    "i walk" and "you walk" are "they walk" of one person, "the other man bows" is of "another person", "two men bow"
    and "both bow" are of "two people", "some dancers bow" and "we bow" of "people".
    """
    text = _SHORT_HAVE.sub(r"\1 have ", _ADDRESS.sub("", text, count=1) if _ADDRESS.match(text) else text, count=1)
    several = _several(text)
    if several is not None:
        return several
    other = _OTHER.match(text)
    if other is not None:
        return Participants(ANOTHER_PERSON, A_PERSON + text[other.end() :])
    bare = _THE_OTHER.match(text)
    if bare is not None and is_finite(bare["verb"]) and bare["verb"] not in lx.BODY_PARTS:
        return Participants(ANOTHER_PERSON, f"{A_PERSON} {text[bare.start('verb') :]}")
    text = _FIRST.sub(A_PERSON, text, count=1) if _FIRST.match(text) else text
    speaker = _SPEAKER.match(text)
    if speaker is not None:
        text = f"they {_SHORT.get(speaker['short'] or '', '')}{text[speaker.end() :]}".replace(
            "they am ", "they are ", 1
        )
    possessive = _POSSESSIVE.match(text)
    return Participants(A_PERSON, f"their {text[possessive.end() :]}" if possessive else text)


def _several(text: str) -> Participants | None:
    """Several participants, where a verb follows that they can be the subject of."""
    we = _WE.match(text)
    if we is not None:
        return Participants("people", f"they {_SHORT.get(we['short'] or '', '')}{we['rest']}", several=True)
    two = _TWO.match(text) or _AND.match(text)
    if two is not None and _is_verb(two["rest"]):
        return Participants("two people", f"they {two['rest']}", several=True)
    match = _SEVERAL.match(text)
    if match is None or not _is_verb(match["rest"]):
        return None
    count = "two" if match["pair"] else _NUMBERS.get(match["count"] or "", match["count"] or "")
    if match["noun"] == "persons" and not count and is_finite(match["rest"].split()[0]):
        return None  # "the persons walks": a slip
    who = " ".join(word for word in (count, match["other"] or "", "people") if word)
    return Participants(who, f"they {match['rest']}", several=True)


def _is_verb(rest: str) -> bool:
    """Whether a verb begins here, adverbs and "who" skipped."""
    words = [word.strip(",") for word in rest.split()[:4]]
    while len(words) > 1 and (
        words[0].endswith("ly") or words[0] in ("who", "that", "then", "both", "also", "all", "each")
    ):
        words.pop(0)
    form = verb_form(words[0])
    if words[0] in lx.BODY_PARTS:
        return False
    return (
        is_finite(words[0])
        or is_base(words[0])
        or is_participle(words[0])
        or (form is not None and form.kind == "past")
    )
