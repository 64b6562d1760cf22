"""Order told in many words, told in few: "as soon as he" is "when he", "prior to" is "before".

The grammar knows "then", "when", "before", "after" and "beforehand". What says the same in other words is exchanged for
one of them before the caption is read, so that no rule has to know two ways of saying one thing.
"""

from __future__ import annotations

import re

from chronomotion.language.decompose.grammar.plain_sentences import exchange

__all__ = ["in_few_words"]

_WHO = (
    r"(?:s?he|they|it|i|you|we|someone|somebody|(?:the|a|an|this|that) (?:person|man|woman|human|figure|character|"
    r"robot|guy|girl|boy|kid|player|athlete|dancer|subject|individual))"
)
_STARTS = r"(?P<start>^|[.!?;:,]\s*|\b(?:and|but|then)\s+)"
_TIME = r"(?:(?:a|one|two|three|four|five|ten|\d+|a few|several|some|a couple(?: of)?|half a)\s+)"
_MOMENTS = r"(?:seconds?|moments?|minutes?|beats?|instants?|while)"
_ACT = r"(?:(?:an?|the|one|another|his|her|their|\d+) (?:[a-z-]+ ){0,3}?[a-z-]+|[a-z-]+ing\b[^,.;]{0,60}?)"
_DOES = r"(?:does|do|did)"
_WHAT = r"(?P<what>[^,.;]{0,80}?)"
_A, _B = r"(?P<a>[a-z]+ing\b[^,]{0,60}?)", r"(?P<b>[a-z]+ing\b[^,]{0,60}?)"
_EVENT = r"(?P<z>[^,.]{1,80}?)"
_ENDED = "landing|arriving|reaching|getting|standing|finishing|completing|returning|rising|waking|falling|sitting"
_LIMB_OR_WITH = r"(?:with|foot|leg|hand|arm|head|feet|side|left|right|knee|heel|toe)"
_FIRST = (
    r"(?:first|firstly|first of all|first off|to (?:begin|start)(?: with| off)?|at first|in the beginning|initially)"
)
_LATER = r"(?:second|third|fourth|fifth|sixth|next|last|final|second of all|last of all)"
_LATERLY = r"(?:secondly|thirdly|fourthly|fifthly)"


_WHEN_AND_THEN = (
    exchange(
        rf"\b(?:as soon as|(?:at |from )?the (?:very )?(?:moment|instant|second)(?: that| when)?|once)(?= {_WHO}\b)",
        "when",
    ),
    exchange(r"\bas soon as\b", "when"),
    exchange(r"\b(?:prior|previous) to\b|\bahead of(?= [a-z]+ing\b)", "before"),
    exchange(rf"\bsubsequent(?:ly)? to\b|\b(?:up)?on(?= (?:{_ENDED})\b)", "after"),
    exchange(r"\b(?:after|upon|following|at) which(?: point)?\b|\b(?:whereupon|thereupon)\b", "then"),
    exchange(r"\bfrom there(?= (?:s?he|they|it|[a-z]+s)\b|,)|\bat (?:this|that) point\b,?", "then"),
    exchange(
        r"(?:,\s*|\s+)(?:which|that|this) (?:is|was|are|gets) (?:(?:then|immediately|quickly|soon|directly) )?"
        r"followed (?:up )?(?:by|with)\b",
        " followed by",
    ),
    exchange(r"\bfollowed up (?:by|with)\b|\bfollowed with\b", "followed by"),
    exchange(r",?\s*\b(?:(?:which|that) (?:is|was) )?preceded by\b", " after"),
    exchange(r"\b(?:(?:but|and),? )?only (?:immediately |just )?after\b", "after"),
    exchange(r"\b(?:immediately|shortly|soon|just|instantly) after\b(?! of)", "after"),
    exchange(r",?\s*\bduring (?:that|this),?(?= [a-z])(?! time| moment| period| motion| movement)", " then"),
    exchange(r",?\s*\bbut not before\b", " after"),
    exchange(r"\b(?:immediately|shortly|directly) before\b", "before"),
    exchange(rf"{_STARTS}{_TIME}{_MOMENTS} (?P<sign>after|before)\b", r"\g<start>\g<sign>"),
    exchange(r"\b(?P<a>step|side|one|inch|bit) by (?P=a)\b", r"\g<a>-by-\g<a>"),
    exchange(rf"\b(?P<does>{_DOES})(?: not|n't|nt) {_WHAT},? until (?:after )?(?=\S)", r"\g<does> \g<what> after "),
    exchange(r"\bduring (?=(?!the\b)[a-z]{2,}ing (?!of\b))", "while "),
    exchange(
        rf"{_STARTS}not (?:until|before) {_WHAT},? {_DOES} (?P<who>(?:(?:the|a|an) )?[a-z]+) ",
        r"\g<start>after \g<what>, \g<who> does ",
    ),
)
_BEFOREHAND = (
    exchange(r"\bbefore (?:that|this|doing so|doing that|doing this|which)\b(?! [a-z]+s\b)(?!'s),?", "beforehand"),
    exchange(r"(?<!the )(?<!an )\b(?:earlier|previously)(?: on)?\b,?(?! than)", "beforehand"),
    exchange(r"\bhaving (?:first|just|already|previously) ", "having "),
    exchange(r"(?P<what>\bhaving [^,.;]{1,60}?) first(?=[.!,;]|$)", r"\g<what>"),
    exchange(
        rf",\s*(?P<what>[a-z]+ing\b(?:(?! {_LIMB_OR_WITH}\b)[^,.;]){{0,60}}?) first(?=[.!;]|$)", r" after \g<what>"
    ),
    exchange(
        rf"^the (?:last|final) thing (?:that )?{_WHO} {_DOES} (?:is|was) (?:to )?(?P<b>[^.;,]{{1,80}}?)[;,.] "
        r"(?:but )?first(?:ly)?,? (?P<a>.{1,200}?)[.!]*$",
        r"\g<a>, then \g<b>",
    ),
    exchange(r"\bbut (?P<who>(?:s?he|they|you|i|we) )?first(?:ly)?\b,?", r"but \g<who>beforehand"),
)
_PLACES_IN_A_ROW = (
    exchange(
        rf"{_STARTS}the (?P<nth>first|last|next|second|third|final) thing (?:that )?{_WHO} {_DOES} (?:is|was) (?:to )?",
        r"\g<start>\g<nth> thing, ",
    ),
    exchange(rf"{_STARTS}{_FIRST}(?: thing)?(?:,|(?= {_WHO}\b))\s*", r"\g<start>"),
    exchange(rf"{_STARTS}(?:{_LATER}(?: thing)?|{_LATERLY})(?:,|(?= {_WHO}\b))\s*", r"\g<start>then "),
    exchange(
        rf"{_STARTS}(?:{_LATERLY}|in the end|at last|ultimately|to finish(?: with| up| off)?|to end(?: with)?|"
        r"to conclude)\b,?\s*",
        r"\g<start>then ",
    ),
)
_BETWEEN_AND_AROUND = (
    exchange(rf"^(?:in )?between {_A} and {_B}, (?P<z>.{{1,200}}?)[.!]*$", r"after \g<a>, \g<z> before \g<b>"),
    exchange(rf"^{_EVENT},? (?:in )?between {_A} and {_B}[.!]*$", r"after \g<a>, \g<z> before \g<b>"),
    exchange(
        rf"^(?P<z>{_WHO} [^,.]{{1,60}}?) (?:both )?before and after (?P<a>[^,.]{{1,80}}?)[.!]*$",
        r"\g<z> before \g<a>. \g<z>",
    ),
    exchange(
        rf"^{_EVENT},? with (?P<a>{_ACT}) before(?:hand)?(?:,? and (?P<b>{_ACT}) after(?:wards?)?)[.!]*$",
        r"after \g<a>, \g<z>, then \g<b>",
    ),
    exchange(rf"^{_EVENT},? with (?P<a>{_ACT}) before(?:hand)?[.!]*$", r"after \g<a>, \g<z>"),
)
_EXCHANGES = _WHEN_AND_THEN + _BEFOREHAND + _PLACES_IN_A_ROW + _BETWEEN_AND_AROUND
_MAY_TELL_ORDER = re.compile(
    r"soon as|having|the (?:very )?(?:moment|instant|second|first|last|next|third|final)|once |"
    r"(?:prior|ous|subsequent(?:ly)?) to|ahead of| by |during |on [a-z]+ing|which|that |whereupon|thereupon|"
    r"from there|this point|followed (?:up|with)|preceded|after|before|until|earlier|previously|first|initially|"
    r"second|third|fourth|fifth|next,|last|to (?:begin|start|finish|end|conclude)|in the|ultimately|final|between"
)
"""Most captions have none of these, and are read as they are."""


def in_few_words(text: str) -> str:
    """A text in lower case, its order told by the words that the grammar knows."""
    if _MAY_TELL_ORDER.search(text):
        for pattern, replacement in _EXCHANGES:
            text = pattern.sub(replacement, text)
    return text
