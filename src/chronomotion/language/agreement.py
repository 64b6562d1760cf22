"""What has to agree with the neutral subject: pronouns that mean it, and the verbs of those pronouns."""

from __future__ import annotations

import re

from chronomotion.language.finite import is_doubtful, is_third
from chronomotion.language.verbs import base_form

__all__ = ["follow", "of_several", "plural_verb"]

_EITHER = [
    (re.compile(r"\bhis\s*(?:/|or)\s*her\b|\bher\s*(?:/|or)\s*his\b"), "their"),
    (re.compile(r"\bhim\s*(?:/|or)\s*her\b|\bher\s*(?:/|or)\s*him\b"), "them"),
    (re.compile(r"\bs?he\s*(?:/|or)\s*s?he\b|\bs/he\b"), "he"),
    (re.compile(r"\b(?:him|her|it|them|my|your|our)\s?sel(?:f|ves)\b|\b(?:his|their) sel(?:f|ves)\b"), "themselves"),
    (re.compile(r"\b(?:this|that|the) (?:person|man|woman|human|figure|guy)'s?\b(?= \w)"), "their"),
    (re.compile(r"\bhers\b|\bhis\b(?=\s*(?:$|[.,;!?]))"), "theirs"),
]
_WORDS = {"his": "their", "its": "their", "him": "them", "my": "their", "your": "their", "our": "their", "me": "them",
          "us": "them"}  # fmt: skip
_WORD = re.compile(rf"\b({'|'.join(_WORDS)})\b")
_SPEAKER = re.compile(r"\b(and|as|while|then|when|before|after|until|but|so|if) (?:i|we)(?:'m| am)?(?= [a-z])")
_NOT_A_THING = (
    "a an the and or but then to in on at of by with from for into onto over under up down out off away back around "
    "across through along toward towards while as before after again forward forwards backward backwards so if when "
    "until because is was something some"
)
_HER_OBJECT = re.compile(
    rf"\bher\b(?=\s*(?:$|[.,;!?])|\s+(?:{'|'.join(_NOT_A_THING.split())})\b)(?!\s+(?:back|forward|out)\s+\w)"
)
_HER = re.compile(r"\bher\b")
_ADVERBS = r"(?:(?:then|also|now|still|just|first|next|almost|again|even|only|never|always|\w+ly)\s+)*"
_HE = re.compile(rf"(?P<he>\b(?:he|she)\b)(?P<short>'s|'d|'ll)?(?:(?P<between>\s+{_ADVERBS})(?P<verb>[a-z]+(?:'t)?))?")
_ITS = re.compile(
    r"\bit's(?= (?:left|right|own|two|both|starting|original|initial|arms?|hands?|legs?|knees?|sides?|head|body|foot|"
    r"feet)\b)"
)
_IT = re.compile(
    rf"\b(if|though|like|as|while|because|when)\s+it(?:\s+(?:is|was)|'?s)(?=\s+{_ADVERBS}(?!some|any|no|every)[a-z]{{2,}}ing\b)"
)
_PLURAL = {
    "is": "are", "was": "were", "has": "have", "does": "do", "isn't": "aren't", "wasn't": "weren't", "goes": "go",
    "doesn't": "don't", "hasn't": "haven't", "ist": "are", "this": "this", "as": "as", "his": "his", "its": "its",
}  # fmt: skip
_ALSO = re.compile(rf"((?:,|\band|\bor|\bthen|\bbut)\s+(?:(?:and|then)\s+)*{_ADVERBS})([a-z]+)\b(?!')")


def plural_verb(word: str) -> str:
    """The form of a verb in the third person that goes with "they": "is" -> "are", "walks" -> "walk"."""
    if word in _PLURAL:
        return _PLURAL[word]
    return base_form(word) if word.endswith("s") and not word.endswith("ss") else word


def follow(text: str) -> str:
    """A predicate in lower case whose pronouns mean the neutral subject, "a person".

    "his left leg" -> "their left leg", "picks her up" -> "picks them up", "as if he is drunk" -> "as if they are
    drunk". "it" stays, being a thing nearly always, except where it does something ("as if it is balancing").
    """
    for pattern, word in _EITHER:
        text = pattern.sub(word, text)
    text = _IT.sub(r"\1 they are", text)
    text = _ITS.sub("their", text)
    text = _HER_OBJECT.sub("them", text)
    text = _HER.sub("their", text)
    text = _SPEAKER.sub(_spoken, text)
    text = _WORD.sub(lambda word: _WORDS[word[0]], text)
    return ". ".join(_subjects_follow(sentence) for sentence in text.split(". "))


def of_several(text: str) -> str:
    """The predicate of one as that of several: "walks and waves" -> "walk and wave", "is pushed" -> "are pushed"."""
    return _subjects_follow(f"he {text}").removeprefix("they ")


def _spoken(match: re.Match[str]) -> str:
    return f"{match[1]} they" + (" are" if match[0].endswith("m") else "")


def _subjects_follow(sentence: str) -> str:
    """ "he walks" -> "they walk", with every verb that "he" may still be the subject of."""
    first = _HE.search(sentence)
    if first is None:
        return sentence
    before, after = sentence[: first.start()], sentence[first.start() :]
    return before + _ALSO.sub(_also, _HE.sub(_they, after))


def _they(match: re.Match[str]) -> str:
    verb, between = match["verb"], match["between"] or ""
    short = match["short"] or ""
    if short == "'s":
        short = " have" if verb and verb.endswith("ed") else " are"
    elif verb and not short:
        verb = plural_verb(verb)
    return "they" + short + between + (verb or "")


def _also(match: re.Match[str]) -> str:
    """A coordinated verb; a noun that looks like one stays where it is in doubt."""
    lead, word = match[1], match[2]
    sure = is_third(word) and (not is_doubtful(word) or lead.split()[-1] in ("then", "and"))
    return lead + (plural_verb(word) if sure else word)
