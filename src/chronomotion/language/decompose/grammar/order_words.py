"""Order told in many words, told in few: "as soon as he" is "when he", "prior to" is "before", "1. ... 2. ..." are sentences.

The grammar knows "then", "when", "before", "after" and "beforehand". What says the same in other words is exchanged for one
of them before the caption is read, so that no rule has to know two ways of saying one thing.
"""

from __future__ import annotations

import re

__all__ = ["in_few_words"]

_WHO = (
    r"(?:s?he|they|it|i|you|we|someone|somebody|(?:the|a|an|this|that) (?:person|man|woman|human|figure|character|"
    r"robot|guy|girl|boy|kid|player|athlete|dancer|subject|individual))"
)
_STARTS = r"(?:^|[.!?;:,]\s*|\b(?:and|but|then)\s+)"
_TIME = r"(?:(?:a|one|two|three|four|five|ten|\d+|a few|several|some|a couple(?: of)?|half a)\s+)"
_MOMENTS = r"(?:seconds?|moments?|minutes?|beats?|instants?|while)"
_LIMB = r"(?:arms?|hands?|legs?|feet|foot|knees?|head|body|back|elbows?)\b"
_ACT = r"(?:(?:an?|the|one|another|his|her|their|\d+) (?:[a-z-]+ ){0,3}?[a-z-]+|[a-z-]+ing\b[^,.;]{0,60}?)"


def _rule(pattern: str, replacement: str) -> tuple[re.Pattern[str], str]:
    return re.compile(pattern), replacement


_ORDER = (
    # A sign of order in more words than one.
    _rule(rf"\b(?:as soon as|(?:at |from )?the (?:very )?(?:moment|instant|second)(?: that| when)?|once)(?= {_WHO}\b)", "when"),
    _rule(r"\bas soon as\b", "when"),
    _rule(r"\b(?:prior|previous) to\b|\bahead of(?= [a-z]+ing\b)", "before"),
    _rule(r"\bsubsequent(?:ly)? to\b|\b(?:up)?on(?= (?:landing|arriving|reaching|getting|standing|finishing|completing|returning|rising|waking|falling|sitting)\b)", "after"),
    _rule(r"\b(?:after|upon|following|at) which(?: point)?\b|\b(?:whereupon|thereupon)\b|\bfrom there(?= (?:s?he|they|it|[a-z]+s)\b|,)|\bat (?:this|that) point\b,?", "then"),
    _rule(r"(?:,\s*|\s+)(?:which|that|this) (?:is|was|are|gets) (?:(?:then|immediately|quickly|soon|directly) )?followed (?:up )?(?:by|with)\b", " followed by"),
    _rule(r"\bfollowed up (?:by|with)\b|\bfollowed with\b", "followed by"),
    _rule(r",?\s*\b(?:(?:which|that) (?:is|was) )?preceded by\b", " after"),
    _rule(r"\b(?:(?:but|and),? )?only (?:immediately |just )?after\b", "after"),
    _rule(r"\b(?:immediately|shortly|soon|just|instantly) after\b(?! of)", "after"),
    _rule(r",?\s*\bduring (?:that|this),?(?= [a-z])(?! time| moment| period| motion| movement)", " then"),
    _rule(rf"\bwho's(?= (?:left |right |both )?{_LIMB})", "whose"),
    _rule(r",?\s*\bbut not before\b", " after"),
    _rule(r"\b(?:immediately|shortly|directly) before\b", "before"),
    _rule(rf"(?P<start>{_STARTS}){_TIME}{_MOMENTS} (?P<sign>after|before)\b", r"\g<start>\g<sign>"),
    _rule(r"\b(?P<a>step|side|one|inch|bit) by (?P=a)\b", r"\g<a>-by-\g<a>"),
    _rule(r"\b(?:does|do|did)(?: not|n't|nt) (?P<what>[^,.;]{0,80}?),? until (?:after )?(?=\S)", r"\g<what> after "),
    _rule(rf"(?P<start>{_STARTS})not until (?P<what>[^,.;]{{0,80}}?),? (?:does|do|did) (?P<who>(?:(?:the|a|an) )?[a-z]+) ", r"\g<start>after \g<what>, \g<who> does "),
    _rule(rf"(?P<start>{_STARTS})not before (?P<what>[^,.;]{{0,80}}?),? (?:does|do|did) (?P<who>(?:(?:the|a|an) )?[a-z]+) ", r"\g<start>after \g<what>, \g<who> does "),
    # What was before.
    _rule(r"\bbefore (?:that|this|doing so|doing that|doing this|which)\b(?! [a-z]+s\b)(?!'s),?", "beforehand"),
    _rule(r"(?<!the )(?<!an )\b(?:earlier|previously)(?: on)?\b,?(?! than)", "beforehand"),
    _rule(r"\bhaving (?:first|just|already|previously) ", "having "),
    _rule(r"(?P<what>\bhaving [^,.;]{1,60}?) first(?=[.!,;]|$)", r"\g<what>"),
    _rule(r",\s*(?P<what>[a-z]+ing\b(?:(?! (?:with|foot|leg|hand|arm|head|feet|side|left|right|knee|heel|toe)\b)[^,.;]){0,60}?) first(?=[.!;]|$)", r" after \g<what>"),
    _rule(rf"^the (?:last|final) thing (?:that )?{_WHO} (?:does|did) (?:is|was) (?:to )?(?P<b>[^.;,]{{1,80}}?)[;,.] (?:but )?first(?:ly)?,? (?P<a>.{{1,200}}?)[.!]*$", r"\g<a>, then \g<b>"),
    _rule(r"\bbut (?P<who>(?:s?he|they|you|i|we) )?first(?:ly)?\b,?", r"but \g<who>beforehand"),
    # Places in a row.
    _rule(rf"(?P<start>{_STARTS})(?:the (?P<nth>first|last|next|second|third|final) thing (?:that )?{_WHO} (?:does|do|did) (?:is|was) (?:to )?)", r"\g<start>\g<nth> thing, "),
    _rule(rf"(?P<start>{_STARTS})(?:(?:first|firstly|first of all|first off|to (?:begin|start)(?: with| off)?|at first|in the beginning|initially)(?: thing)?(?:,|(?= {_WHO}\b)))\s*", r"\g<start>"),
    _rule(rf"(?P<start>{_STARTS})(?:(?:second|third|fourth|fifth|sixth|next|last|final|second of all|last of all)(?: thing)?|(?:secondly|thirdly|fourthly|fifthly))(?:,|(?= {_WHO}\b))\s*", r"\g<start>then "),
    _rule(rf"(?P<start>{_STARTS})(?:secondly|thirdly|fourthly|fifthly|in the end|at last|ultimately|to finish(?: with| up| off)?|to end(?: with)?|to conclude)\b,?\s*", r"\g<start>then "),
    # One event between, or around, others.
    _rule(rf"^(?:in )?between (?P<a>[a-z]+ing\b[^,]{{0,60}}?) and (?P<b>[a-z]+ing\b[^,]{{0,60}}?), (?P<z>.{{1,200}}?)[.!]*$", r"after \g<a>, \g<z> before \g<b>"),
    _rule(rf"^(?P<z>[^,.]{{1,80}}?),? (?:in )?between (?P<a>[a-z]+ing\b[^,]{{0,60}}?) and (?P<b>[a-z]+ing\b[^,]{{0,60}}?)[.!]*$", r"after \g<a>, \g<z> before \g<b>"),
    _rule(rf"^(?P<z>{_WHO} [^,.]{{1,60}}?) (?:both )?before and after (?P<a>[^,.]{{1,80}}?)[.!]*$", r"\g<z> before \g<a>. \g<z>"),
    _rule(rf"^(?P<z>[^,.]{{1,80}}?),? with (?P<a>{_ACT}) before(?:hand)?(?:,? and (?P<b>{_ACT}) after(?:wards?)?)[.!]*$", r"after \g<a>, \g<z>, then \g<b>"),
    _rule(rf"^(?P<z>[^,.]{{1,80}}?),? with (?P<a>{_ACT}) before(?:hand)?[.!]*$", r"after \g<a>, \g<z>"),
)  # fmt: skip
_MAY_TELL_ORDER = re.compile(
    r"soon as|the (?:very )?(?:moment|instant|second|first|last|next|third|final)|once |(?:prior|ous|subsequent(?:ly)?) to|"
    r"ahead of| by |during th|who's |on [a-z]+ing|which|that |whereupon|thereupon|from there|this point|followed (?:up|with)|preceded|after|before|"
    r"until|earlier|previously|first|at first|initially|second|third|fourth|fifth|next,|last|to (?:begin|start|finish|end|"
    r"conclude)|in the|ultimately|final|between"
)
"""Nine in ten captions have none of these, and are read as they are."""

_POLITE = re.compile(
    r"(?:^|(?<=[.!?;,:]))\s*(?:(?:please|kindly|ok|okay|so|alright|now)\b,?\s*)*(?:(?:can|could|would|will) (?:(?:you|he|she|they)"
    r"\s+|(?=(?:the|a) [a-z]+ [a-z]+ ))(?=(?:please\s+)?(?:[a-z]+ly\s+)?[a-z]+\b)|(?:i (?:want|need|would like|'d like) you to|you (?:should|must|need to|have to)"
    r"|let(?:'s| us| me)|let (?:him|her|them)|make (?:him|her|them|the (?:person|character|robot|figure))|have (?:him|her|"
    r"them|the (?:person|character|robot|figure))|remember to)\s+(?=[a-z]))?(?:please,?\s+)?"
)
_QUESTION = re.compile(
    r"^\s*(?:(?:why|when|where|how|who) )?(?P<verb>does|do|did|is|are|was|were) (?P<who>(?:the |an? |this |that )?[a-z]+)(?= )"
)
_PLEASE = re.compile(r",?\s*\bplease\b,?")
_MAY_ASK = re.compile(r"^\s*(?:please|kindly|now|ok|okay|alright|can|could|would|will|i|you|let|have|make|remember)\b|please")

_STICK = re.compile(r"\bstick (?=(?:figure|man|person)s?\b)")
_SHORT = (
    _rule(r"\b(?P<who>i|you|he|she|they|we|it)'ll\b", r"\g<who> will"),
    _rule(r"\b(?P<who>you|they|we)'re\b", r"\g<who> are"),
    _rule(r"\b(?P<who>i|you|they|we)'ve\b", r"\g<who> have"),
    _rule(r"\bi'm\b", "i am"),
    _rule(r"\bcan't\b", "can not"),
    _rule(r"\bwon't\b", "will not"),
    _rule(r"\b(?P<verb>is|are|was|were|do|does|did|has|have|had|could|would|should)n't\b", r"\g<verb> not"),
)
_BULLET = re.compile(r"(?:^|\n)\s*(?:[-*+\u2022\u2023\u25aa\u25cf\u2013]\s+|\(?(?:\d{1,2}|[a-z])[.):]\s*)(?=[^\W\d])", re.IGNORECASE)
_NUMBERED = re.compile(r"^\s*(?:steps?\s*)?\(?(?:1|a|i)[.):]\s*(?=[^\W\d])", re.IGNORECASE)
_NUMBER = re.compile(r"(?:(?<=\s)|^|(?<=[.,;]))(?:steps?\s*)?\(?(?:\d{1,2}|[a-h]|i{1,3}|iv|vi{0,3})[.):]\s*(?=[^\W\d])", re.IGNORECASE)
_ITEM = re.compile(r"^\d{1,2}[.)]\s+(?=[^\W\d])")
_LISTED = re.compile(r"[\u2022\u2023\u25aa\u25cf]")
_ARROW = re.compile(r"\s*(?:-+>|=+>|\u2192|\u21d2|>+|\u27a1\ufe0f?)\s*")
_DOTS = re.compile(r"\.{2,}|\u2026")
_PLUS = re.compile(r"\s\+\s")
_LINES = re.compile(r"\s*[\r\n]+\s*")


def in_few_words(caption: str) -> str:
    """A caption in lower case, with lists as sentences, wishes as commands, and order told by the words that the grammar knows."""
    text = _without_marks(caption).lower()
    if "?" in text:
        text = _QUESTION.sub(r"\g<who> \g<verb>", text)
    if _MAY_ASK.search(text):
        text = _PLEASE.sub("", _POLITE.sub(" ", text, count=1)).strip()
    if "stick " in text:
        text = _STICK.sub("stick-", text)
    if "some one" in text or "some body" in text:
        text = text.replace("some one ", "someone ").replace("some body ", "somebody ")
    if "'" in text:
        for pattern, replacement in _SHORT:
            text = pattern.sub(replacement, text)
    if _MAY_TELL_ORDER.search(text):
        for pattern, replacement in _ORDER:
            text = pattern.sub(replacement, text)
    return text


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
