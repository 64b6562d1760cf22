"""Who acts: the subject of a sentence about a motion, and the sentence without it.

Everything here is text in lower case with single spaces and no full stop at the end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from chronomotion.language import lexicon as lx
from chronomotion.language.finite import is_base, is_doubtful, is_finite, is_third
from chronomotion.language.participles import is_participle

__all__ = ["Sentence", "sentence_of", "without_then"]

_NOUNS = (
    "persons?|man|woman|male|female|boy|girl|guy|lady|gentleman|dude|fellow|child|kid|baby|adult|figure|human being|"
    "humans?|individual|subject|character|somebody|someone|some one|sim|avatar|actor|actress|dancer|player|boxer|"
    "golfer|athlete|driver|goalie|referee|soldier|user|being|skeleton|model|toon|robot|mannequin|dummy|stickman|"
    "stick[ -]man|stick[ -]?figure|stick[ -]person|human figure|body|"
    # As people mistype them, beyond one letter.
    r"some one|somone|somene|soemone|sombody|someones|somesone|some(?=\s+(?:is|was|[a-z]+s)\b)|per son|"
    r"per(?=\s+who)|fogure|man/woman|persond?s?|personal|perso"
)
_SEVERAL = frozenset(
    "another other second third different next new few two three many of to and in on with at by from".split()
)
_PLAIN = frozenset(
    "same single lone human male female young old tall short small big little large fat thin skinny heavy slim "
    "animated virtual digital computer blue red green white black yellow grey gray simple generic i".split()
)
"""Adjectives that say who acts, not what happens: they go with the subject. Others are kept."""
_ARTICLE = r"(?:a|an|the|this|that|one|rhe|teh|th|tha)"
_SUBJECT = re.compile(
    rf"(?:{_ARTICLE}\s+(?P<said>(?:[a-z][a-z-]*\s+){{0,3}}?)|(?P<bare>(?:[a-z-]+\s+)??))"
    rf"(?P<noun>{_NOUNS})(?P<owns>'s|s'|')?(?:,?\s+(?P<rest>\S.*)|$)"
)
_PRONOUN = re.compile(r"(?P<noun>he|she|they|it|one|i(?=\s+person))(?P<short>'s|'re|'ll|'d)?(?:\s+(?P<rest>\S.*)|$)")
_LEAD_IN = re.compile(
    r"(?:then|and|but|next(?!\s+to\b)|finally|afterwards?|after that|after this|lastly|later|subsequently|eventually|"
    r"firstly|secondly|thirdly|meanwhile|also|in the end|at the end|at first|to begin(?: with)?|to start|"
    r"first(?=,|\s+(?:a|the|he|she|they|someone|somebody|person|man|human)\b))(?:,\s*|\s+)"
)
_THERE = re.compile(
    rf"(?:there(?:'s|\s+is|\s+was)|it(?:'s|\s+is|\s+was)|this\s+is(?:\s+an?\s+animation\s+of)?|here\s+is|we\s+see)\s+(?=(?:{_ARTICLE}\s+)?(?:\S+\s+)?(?:{_NOUNS})\b)"
)
_AFTER_SUBJECT = re.compile(
    r"(?:then|next(?!\s+to\b)|finally|afterwards|lastly|subsequently|firstly|first(?!\s+(?:position|step)\b)),?\s+(?=\S)"
)
_SIDE = r"(?:left|right|both|two|upper|lower|bent|raised)"
_PART = r"(?:arm|hand|leg|foot|feet|knee|elbow|shoulder|head|torso|hip|wrist|finger|fist|chest|waist|ankle|palm|neck)s?"
_LIMB = re.compile(
    rf"(?:(?:the|his|her|their|its)\s+(?:{_SIDE}\s+)*(?:{_PART}|(?:upper|lower)\s+body)|(?:{_SIDE}\s+)+{_PART}|"
    rf"(?:arms|legs|feet|fists|hands(?!\s+(?:something|a|an|the|it|over|out|him|her|them)\b)))\s+\S"
)
_CLAUSES = frozenset("while when after before once as during if".split())
_FRONT = frozenset(
    "with from in on at by for starting beginning slowly quickly suddenly carefully "
    "multiple several without using".split()
)
_INNER = re.compile(
    rf"(?P<comma>,)?\s+(?=(?:{_ARTICLE}\s+(?:[a-z-]+\s+)?(?:{_NOUNS})|someone|somebody|he|she|they)\s+(?P<verb>\S+))"
)


@dataclass(frozen=True)
class Sentence:
    """A sentence taken apart.

    ``subject`` is its noun or pronoun, "" where it has none; ``state`` what else is said of the subject ("kneeling");
    ``front`` what was said before the subject ("while holding a box"); ``rest`` what the subject does. With ``owns``
    it is not the person who acts but a part of the body, and ``rest`` begins with it ("arms swing").
    """

    subject: str
    rest: str
    state: str = ""
    front: str = ""
    owns: bool = False


def sentence_of(text: str) -> Sentence:
    """The sentence taken apart; connectives that lead it in ("then", "after that,") are left out."""
    text = _without_lead_in(text)
    limb = _LIMB.match(text)
    if limb:
        return Sentence("", re.sub(r"^(?:the|his|her|their|its)\s+", "", text), owns=True)
    sentence = _subject(text) or _behind_front(text) or Sentence("", text)
    while sentence.rest and not sentence.owns and (again := _subject(sentence.rest, bare=True)) is not None:
        # "person person"
        sentence = replace(again, state=again.state or sentence.state, front=sentence.front)
    return sentence


def _without_lead_in(text: str) -> str:
    while (lead_in := _LEAD_IN.match(text)) is not None and lead_in.end() < len(text):
        text = text[lead_in.end() :]
    return _THERE.sub("", text, count=1) if _THERE.match(text) else text


def _subject(text: str, *, bare: bool = False) -> Sentence | None:
    """The sentence without the subject at its front; None where it has none. A ``bare`` subject has no adjectives."""
    match = _SUBJECT.match(_spelt(text))
    if match is not None and bare and (match["said"] or match["bare"]):
        return None
    if match is None:
        match = _PRONOUN.match(text)
        return None if match is None else _of_pronoun(match)
    adjectives = (match["said"] or match["bare"] or "").split()
    if not all(map(_describes, adjectives)) or (adjectives and match["noun"].startswith("some")):
        return None
    rest = match["rest"] or ""
    state = " ".join(word for word in adjectives if word not in _PLAIN)
    if match["owns"] and not _is_verb_after(rest):
        return Sentence(match["noun"], rest, owns=True)
    return Sentence(match["noun"], without_then(rest), state)


def _spelt(text: str) -> str:
    """The text with its second word put right where it is one slip away from "person" or "human" ("a peron walks")."""
    words = text.split(" ", 2)
    if len(words) == 3 and words[0] in ("a", "the", "this") and words[1] not in ("person", "human"):
        for right in ("person", "human"):
            if len(words[1]) > 3 and (_shortened(words[1]) | {words[1]}) & (_shortened(right) | {right}):
                return f"{words[0]} {right} {words[2]}"
    return text


def _shortened(word: str) -> set[str]:
    return {word[:i] + word[i + 1 :] for i in range(len(word))}


def _describes(word: str) -> bool:
    """True for an adjective that may stand before whoever acts."""
    return not (
        word in _SEVERAL
        or is_finite(word)
        or is_base(word)
        or word in lx.PREPOSITIONS
        or word in lx.DETERMINERS
        or word in lx.POSSESSIVES
    )


def _of_pronoun(match: re.Match[str]) -> Sentence:
    rest = match["rest"] or ""
    if match["short"] in ("'ll", "'d"):
        rest = f"{'will' if match['short'] == chr(39) + 'll' else 'would'} {rest}"
    return Sentence(match["noun"], without_then(rest))


def _is_verb_after(rest: str) -> bool:
    """True where "the person's" is short for "the person is"."""
    words = [word for word in rest.split()[:3] if not word.endswith("ly")]
    return bool(words) and is_participle(words[0].strip(","))


def without_then(rest: str) -> str:
    """A predicate without the "then" or "finally" in front of it, which would give the place of the event away."""
    while (opening := _AFTER_SUBJECT.match(rest)) is not None:
        rest = rest[opening.end() :]
    return rest


def _behind_front(text: str) -> Sentence | None:
    """ "while holding a box, a person walks": the subject behind a phrase that could as well stand at the end."""
    first = text.split(" ", 1)[0].rstrip(",")
    opening = text.partition(". ")[0]
    places = [place for place in _INNER.finditer(opening) if place.start() >= len(first) and _acts(place["verb"])]
    place = next((place for place in places if place["comma"]), places[0] if places else None)
    if place is None or not _stands_in_front(text[: place.start()].strip(" ,").split(), bool(place["comma"])):
        return None
    sentence = _subject(text[place.end() :])
    if sentence is None or not sentence.rest or sentence.owns:
        return None
    return Sentence(sentence.subject, sentence.rest, sentence.state, text[: place.start()].strip(" ,"))


def _stands_in_front(words: list[str], comma: bool) -> bool:
    """True for words that are no event of their own: "while walking", "with arms down", "knees bent" and a comma."""
    first = words[0].rstrip(",")
    if first in _CLAUSES:
        return len(words) > 1
    if any(is_third(word.rstrip(",")) and not is_doubtful(word.rstrip(",")) for word in words) or (
        is_finite(first) and first not in lx.BODY_PARTS
    ):
        return False
    if first in _FRONT or is_participle(first):
        return len(words) > 1 or first.endswith(("ly", "ing"))
    return comma and not is_base(first)


def _acts(word: str) -> bool:
    word = word.rstrip(",")
    return is_finite(word) or word.endswith("ly")
