"""What is written around a description and is no part of it: requests for clips, labels, and acts that are not done.

"show me clips in which a person stumbles" is "a person stumbles", "drill: squat, jump" is "squat, jump", "does not jump
but kneels" is "kneels".
"""

from __future__ import annotations

import re

from chronomotion.language import lexicon as lx
from chronomotion.language.verbs import third_of

__all__ = ["unframed", "without_request"]

_CLIPS = (
    r"(?:clips?|videos?|motions?|animations?|sequences?|recordings?|captures?|examples?|footage|scenes?|gifs?|"
    r"takes?|movies?|instances?|results?)"
)
_SOME = r"(?:(?:all|some|any|every|each|me|us|the|an?|more|other|several|of|those|\d+|one|two|three|five|ten) )*"
_IN_WHICH = (
    r"(?:(?:in|on|during) which|where|when|that (?:shows?|depicts?|contains?)|showing|depicting|containing|featuring|"
    r"with|of|for)"
)
_SEEKS = (
    r"(?:show|find|give|get|fetch|retrieve|search(?: for)?|look(?:ing)? for|play|list|display|return|pull up|"
    r"i(?:'m| am) (?:looking|searching) for|i (?:want|need|would like)(?: to see)?|(?:do you have|are there|is there)|"
    r"i am after)"
)
_ASKS = r"(?:(?:can|could|would|will) you )?(?:please )?"
_WHO = r"(?:an?|the|some|two|three|one|someone|somebody|people)\b"
_ANYONE = "|".join(sorted(lx.PEOPLE - {"i", "you", "it", "body"}))
_PERSON = rf"(?:(?:an?|some|two|three) (?:[a-z-]+ ){{0,2}}?)?(?:{_ANYONE})\b"
_RELATIVE = re.compile(
    rf"^(?P<who>(?:an? |the |some )?(?:[a-z]+ )?(?:{_ANYONE})) (?:who|that) (?:(?:is|are) (?=[a-z]+ing\b))?"
)
_REQUEST = re.compile(
    rf"^\s*{_ASKS}(?:{_SEEKS} )?{_SOME}(?:[a-z]+ )?{_CLIPS} {_IN_WHICH} (?={_WHO})"
    rf"|^\s*{_ASKS}(?:show|find) (?:me |us )?(?:how )?(?={_PERSON})"
)
_MAY_REQUEST = re.compile(rf"{_CLIPS} |^\s*{_ASKS}(?:show|find) ")
_SOMEONE = re.compile(r"^(?:someone|somebody)\b")
_LABEL = re.compile(r"^\s*(?P<label>[a-z][a-z-]*(?: [a-z0-9-]+){0,2}) ?: +(?=[a-z][^:]*,)")
_FORBIDDEN = re.compile(
    r"(?:(?<=[.!?;])|^)\s*(?:and )?(?:do not|never) (?!mind\b)[a-z]+(?: [a-z'-]+){0,6}? ?[,;.!] ?"
    r"(?:but |just |instead )?(?=(?P<verb>[a-z]+)\b)"
)
_FORBIDDEN_LAST = re.compile(
    r"^\s*(?P<told>(?P<verb>[a-z]+) [^.;!]{1,200}?)(?:[,;.] ?| )(?:and |but )?(?:do not|never) [a-z]+[^,.;!]*[.!]?\s*$"
)
_DENIED = re.compile(
    r"\b(?:(?:does|do|did) (?:not|never)|never|(?P<be>is|are|was|were) not)(?: [a-z'-]+){1,8}?,? but "
    r"(?!then\b|still\b|only\b|not\b|never\b|after|before|when\b|at\b|in\b|on\b)"
    r"(?:instead |rather |just )?(?:(?:he|she|it|they) )?(?=(?P<verb>[a-z]+)\b)"
)


_STATES = "idle|stand|sit|walk|run|jog|sprint|crouch|kneel|crawl|lie|swim|climb|fly|strafe|prone"
_TRANSITION = re.compile(
    rf"^\s*(?P<a>{_STATES}) to (?P<b>{_STATES}|jump|fall|roll|turn|stop)(?P<part> start)?(?: transition)?\s*$"
)
_BEGINS_BY = re.compile(
    r"\b(?P<verb>starts?|begins?|started|began|ends?|finish(?:es)?|ended|finished|concludes?)"
    r"(?: off| up| out)? (?:by|with) (?P<act>[a-z]+ing)\b"
    r"(?! (?:(?:and|or) [a-z]+ing|(?:motion|movement|position|stance|pose|exercise)s?)\b)"
)


def unframed(text: str) -> str:
    """A text in lower case without what frames its description."""
    if " by " in text or " with " in text:
        text = _BEGINS_BY.sub(_only_act, text)
    if " to " in text and _TRANSITION.match(text):
        text = _TRANSITION.sub(_as_row, text)
    if ":" in text:
        text = _LABEL.sub(_without_label, text)
    if "not " in text or "never " in text:
        text = _FORBIDDEN.sub(_without_forbidden, text)
        text = _FORBIDDEN_LAST.sub(_without_last, text)
        text = _DENIED.sub(_without_denied, text) if " but " in text else text
    return text


def _only_act(by: re.Match[str]) -> str:
    """ "starts by waving" is "waves", "ends by sitting" is "then sits"."""
    form = lx.verb_forms().get(by["act"])
    if form is None:
        return by[0]
    act = form.base if by["verb"] in {"start", "begin", "end", "finish"} else third_of(form.base)
    return act if by["verb"][0] in "sb" else f"then {act}"


def _as_row(name: re.Match[str]) -> str:
    """ "idle to run start", the name of a transition, as a row of two acts."""
    return f"{name['a']}, {'start to ' if name['part'] else ''}{name['b']}"


def without_request(text: str) -> str:
    """ "show me clips in which a person stumbles" in lower case as "a person stumbles"."""
    request = _REQUEST.match(text) if _MAY_REQUEST.search(text) else None
    if request is None:
        return text
    described = _SOMEONE.sub("a person", text[request.end() :])
    return _RELATIVE.sub(r"\g<who> ", described).rstrip(" ?")


def _without_label(label: re.Match[str]) -> str:
    """Nothing for a name of what follows ("kata: ..."); whoever moves, a verb's own clause and an order word stay."""
    words = label["label"].split()
    if words[-1] in lx.PEOPLE:
        return f"{label['label']} "
    if any(word in lx.PEOPLE or word in lx.ADVERBS for word in words):
        return label[0]
    forms = [lx.verb_forms().get(word) for word in words]
    return label[0] if any(form is not None and form.kind == "third" for form in forms) else ""


def _without_forbidden(forbidden: re.Match[str]) -> str:
    """ "don't run, walk": a command that says what not to do; what is told to be done stays."""
    form = lx.verb_forms().get(forbidden["verb"])
    return " " if form is not None and form.kind == "base" else forbidden[0]


def _without_last(forbidden: re.Match[str]) -> str:
    """ "walk to the door, don't open it"."""
    form = lx.verb_forms().get(forbidden["verb"])
    return forbidden["told"] if form is not None and form.kind == "base" else forbidden[0]


def _without_denied(denied: re.Match[str]) -> str:
    """ "does not jump but kneels", "is not walking but running": what is done instead stays."""
    form = lx.verb_forms().get(denied["verb"])
    if form is None or (denied["be"] and form.kind != "gerund"):
        return denied[0]
    return f"{denied['be']} " if denied["be"] else ""
