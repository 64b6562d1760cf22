"""Words that tell the place of an event among the others: "bows, second", "sits down at last"."""

from __future__ import annotations

import re

from chronomotion.language import lexicon as lx

__all__ = ["without_rank"]

_PHRASES = (
    r"finally|lastly|firstly|secondly|thirdly|subsequently|eventually|afterwards?|thereafter|at last|in the end|"
    r"at (?:the (?:very )?(?:end|beginning|start)|first)|to (?:begin|start)(?: off)? with|"
    r"(?:after|before) (?:that|this|which)|"
    r"for (?:his|her|their|the) (?:first|second|third|last|final) (?:event|act|action|move)"
)
_PHRASE = re.compile(
    rf",?\s*\b(?:{_PHRASES})\b(?!\s+(?:of|the|a|an|his|her|their|it|he|she|they|\w+ing)\b)(?:,(?=\s))?"
)
_LAST = re.compile(r"(?:,?\s+(?:and\s+)?(?:then|next|later|now))+$")
_COUNT = re.compile(r"(?:,?\s+)(?:first|second|third|fourth|fifth|last)(?=$|,|\s)")
_LED = re.compile(r"^(?:now|later|eventually|at last|in the end)\s*,?\s+(?=\S)")
_NOW = re.compile(r"\s+now\s+(?=[a-z]+s\b)")
_OPENS_NOUN = lx.DETERMINERS | lx.POSSESSIVES | lx.NUMBERS | lx.QUANTIFIERS | {"one", "and", "or"}
_LEADS = frozenset("with on by leading starting landing using".split())
_GOES_ON = lx.PREPOSITIONS | lx.DIRECTIONS | {"and", "to", "then", "while", "before", "after"}


def without_rank(text: str) -> str:
    """An event without the words that only say where it stands: "bows, second" -> "bows".

    What is counted stays ("the second step", "for a second", "with the right foot first"), and so does what tells of
    repetition ("again", "a second time"). A sentence that would be left empty stays as it is.
    """
    short = _NOW.sub(" ", _LED.sub("", text))
    short = _COUNT.sub(lambda word: "" if _ranks(word) else word[0], _PHRASE.sub(_gap, short))
    short = _LAST.sub("", short).strip(" ,")
    return short if " " in short or " " not in text else text


def _gap(match: re.Match[str]) -> str:
    """Nothing at the end, one comma where two stood around it."""
    alone = match[0].startswith(",") and match[0].endswith(",")
    return "," if alone and match.end() < len(match.string) else ""


def _ranks(match: re.Match[str]) -> bool:
    """Whether an ordinal is an adverb: nothing before it that opens a noun, no noun behind it."""
    words = match.string[: match.start()].split()
    before = words[-1:]
    after = match.string[match.end() :].strip(" ,").split()[:1]
    if (
        not before
        or before[0].isdecimal()
        or before[0] in _OPENS_NOUN
        or before[0] in lx.PREPOSITIONS - {"up", "down", "over", "off", "around"}
    ):
        return False
    if before[0] in lx.BODY_PARTS and (not _LEADS.isdisjoint(words[-4:]) or any("," in word for word in words[-4:])):
        return False  # "with the right foot first", "steps down, left foot first"
    return not after or match.string[match.end()] == "," or after[0] in _GOES_ON or after[0].endswith("ly")
