"""Lists, commands, questions and short forms, told as plain sentences.

"1. squat 2. jump" is two sentences, "could you please bow?" is "bow", "I'll sit" is "I will sit": what a caption looks
like is put right before its words are read.
"""

from __future__ import annotations

import re

from chronomotion.language.decompose.grammar.framing import unframed, without_request

__all__ = ["exchange", "in_plain_sentences"]

_ROBOT = "(?:person|character|robot|figure)"
_ASKS = (
    r"(?:can|could|would|will) (?:(?:you|he|she|they)\s+|(?=(?:the|a) [a-z]+ [a-z]+ ))"
    r"(?=(?:please\s+)?(?:[a-z]+ly\s+)?[a-z]+\b)"
)
_WISHES = (
    r"(?:i (?:want|need|would like|'d like) you to|you (?:should|must|need to|have to)|let(?:'s| us| me)|"
    rf"let (?:him|her|them)|(?:make|have) (?:him|her|them|the {_ROBOT})|remember to)\s+(?=[a-z])"
)
_POLITE = re.compile(
    r"(?:^|(?<=[.!?;,:]))\s*(?:(?:please|kindly|ok|okay|so|alright|now)\b,?\s*)*"
    rf"(?:{_ASKS}|{_WISHES})?(?:please,?\s+)?"
)
_QUESTION = re.compile(
    r"^\s*(?:(?:why|when|where|how|who) )?(?P<verb>does|do|did|is|are|was|were) "
    r"(?P<who>(?:the |an? |this |that )?[a-z]+)(?= )"
)
_PLEASE = re.compile(r",?\s*\bplease\b,?")
_MAY_ASK = re.compile(
    r"^\s*(?:please|kindly|now|ok|okay|alright|can|could|would|will|i|you|let|have|make|remember)\b|please"
)


def exchange(pattern: str, replacement: str) -> tuple[re.Pattern[str], str]:
    """A pattern, compiled, and what its matches are exchanged for."""
    return re.compile(pattern), replacement


_LIMB = r"(?:arms?|hands?|legs?|feet|foot|knees?|head|body|back|elbows?)\b"
_STICK = re.compile(r"\bstick (?=(?:figure|man|person)s?\b)")
_EITHER = re.compile(r"\b(?:he or she|she or he|he/she|she/he|s/he)\b")
_SHORT = (
    exchange(r"\b(?P<who>i|you|he|she|they|we|it)'ll\b", r"\g<who> will"),
    exchange(r"\b(?P<who>you|they|we)'re\b", r"\g<who> are"),
    exchange(r"\b(?P<who>i|you|they|we)'ve\b", r"\g<who> have"),
    exchange(r"\bi'm\b", "i am"),
    exchange(r"\b(?P<who>he|she|who)'s (?=(?:[a-z]+ly )?[a-z]+ing\b)", r"\g<who> is "),
    exchange(r"(?<!to )(?<!of )(?<![io]n )(?<!from )(?<!with )\bit's (?=(?:[a-z]+ly )?[a-z]+ing\b)", "it is "),
    exchange(rf"\bwho's(?= (?:left |right |both )?{_LIMB})", "whose"),
    exchange(r"\bcan'?t\b", "can not"),
    exchange(r"\bwon't\b", "will not"),
    exchange(r"\b(?P<verb>is|are|was|were|do|does|did|has|have|had|could|would|should)n'?t\b", r"\g<verb> not"),
)
_BULLET = re.compile(
    r"(?:^|\n)\s*(?:[-*+\u2022\u2023\u25aa\u25cf\u2013]\s+|\(?(?:\d{1,2}|[a-z])[.):]\s*)(?=[^\W\d])", re.IGNORECASE
)
_NUMBERED = re.compile(r"^\s*(?:steps?\s*)?\(?(?:1|a|i)[.):]\s*(?=[^\W\d])", re.IGNORECASE)
_NUMBER = re.compile(
    r"(?:(?<=\s)|^|(?<=[.,;]))(?:steps?\s*)?\(?(?:\d{1,2}|[a-h]|i{1,3}|iv|vi{0,3})[.):]\s*(?=[^\W\d])", re.IGNORECASE
)
_ITEM = re.compile(r"^\d{1,2}[.)]\s+(?=[^\W\d])")
_LISTED = re.compile(r"[\u2022\u2023\u25aa\u25cf]")
_ARROW = re.compile(r"\s*(?:-+>|=+>|\u2192|\u21d2|>+|\u27a1\ufe0f?)\s*")
_DOTS = re.compile(r"\.{2,}|\u2026")
_PLUS = re.compile(r"\s\+\s")
_LINES = re.compile(r"\s*[\r\n]+\s*")


def in_plain_sentences(caption: str) -> str:
    """A caption in lower case, with its items as sentences, its wishes as commands, and its short forms written out."""
    text = without_request(_without_marks(caption).lower())
    if "?" in text:
        text = _QUESTION.sub(r"\g<who> \g<verb>", text)
    if _MAY_ASK.search(text):
        text = _PLEASE.sub("", _POLITE.sub(" ", text, count=1)).strip()
    if "stick " in text:
        text = _STICK.sub("stick-", text)
    if "some one" in text or "some body" in text:
        text = text.replace("some one ", "someone ").replace("some body ", "somebody ")
    if " or s" in text or " or h" in text or "/" in text:
        text = _EITHER.sub("he", text)
    if "'" in text or "nt" in text:
        for pattern, replacement in _SHORT:
            text = pattern.sub(replacement, text)
    return unframed(text)


def _without_marks(caption: str) -> str:
    """Numbers, bullets and arrows of a list as the stops between its items."""
    text = caption
    if _NUMBERED.match(text):
        text = _NUMBER.sub(". ", text)
    elif text[:1].isdigit():
        text = _ITEM.sub("", text)
    if "\n" in text or "\r" in text:
        text = _LINES.sub(". ", _BULLET.sub("\n", text).strip())
    if _LISTED.search(text):
        text = _LISTED.sub(". ", text)
    if ">" in text or "\u2192" in text or "\u21d2" in text or "\u27a1" in text:
        text = _ARROW.sub(" then ", text)
    if "..." in text or ".." in text or "\u2026" in text:
        text = _DOTS.sub(". ", text)
    return _PLUS.sub(" , ", text) if " + " in text else text
