"""Captions of the mirror image of a motion: left for right, clockwise for counterclockwise, where a side is meant.

"right" and "left" are not always sides: "a right angle", "stands right in front", "someone left the room". Published
mirrored captions exchange them anyway, even inside words ("a person stands upleft"). Here the words around decide, by a
few rules that treat both words alike: that is why mirroring twice gives the caption back.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from chronomotion.language.caption import Caption, Events

__all__ = ["mirrored", "mirrored_caption", "mirrored_events"]

_WORD = re.compile(r"[a-z0-9']+|[.,;:!?]", re.IGNORECASE)
_OTHER = {"left": "right", "right": "left"}
_SIDE = re.compile(r"[a-z]*(?:left|right)[a-z]*", re.IGNORECASE)
_INNER = re.compile(r"left|right", re.IGNORECASE)
_NO_SIDES = re.compile(
    r"(?:up|down|out|forth|copy|birth|al|a|b|f|af|play|w|c)(?:left|right)[a-z]*|"
    r"(?:left|right)(?:s|ed|ing|eous|eousness|ful|fully|ly|overs?|ists?)"
)
"""Words that hold "left" or "right" and name no side; "upleft" is what others made of "upright"."""

_TURN = re.compile(
    r"(?P<article>\ban?\s+)?(?:(?P<against>(?:co?u?nter|contra|anti?)[\s-]*)?(?P<clock>clock(?P<gap>[\s-]?)wa?ise)|"
    r"\b(?P<short_against>a?c)?cw\b)",
    re.IGNORECASE,
)

_OWNERS = frozenset(
    "the a an his her its it's their thier your my our one's both each other to from with and of by or".split()
)
_DIRECTED = frozenset(
    "turn turns turning turned veer veers veering step steps stepping move moves moving moved walk walks walking "
    "walked run runs running look looks looking lean leans leaning sway sways swaying shift shifts shifting go goes "
    "going slide slides shuffle shuffles shuffling sidestep sidesteps strafe strafes swing swings swinging rotate "
    "rotates rotating spin spins spinning bend bends bending pivot pivots pivoting jump jumps jumping hop hops "
    "hopping twist twists degree degrees circle curve around diagonally slightly then sharp hard far".split()
)
"""After these a lone side says where to."""
_FAR = frozenset(
    "walk walks walked walking run runs ran running go goes went going jump jumps jumped jumping hop hops hopping "
    "spin spins spinning jog jogs jogging march marches marching come comes came coming crawl crawls crawling get gets "
    "got getting dive dives diving leap leaps leaping fall falls fell falling crash crashes bump bumps bumping rush "
    "rushes stroll strolls fly flies drive drives charge charges climb climbs sprint sprints skip skips dance dances "
    "starts start head heads".split()
)
"""Going somewhere: "walks right past the chair" takes no side, "steps right past it" does."""
_AIMED = frozenset(
    "look looks looked looking stare stares staring gaze gazes point points pointing pointed aim aims kick kicks "
    "punch punches throw throws shoot shoots swing swings face faces".split()
)
_BE = frozenset("is are was were be been being".split())
_STANDING = frozenset(
    "stand stands standing stood stop stops stopping stopped sit sits sitting sat land lands landing landed kneel "
    "kneels kneeling stay stays remain remains".split()
)
_STATIC = _BE | _STANDING | frozenset("end ends ending held placed up down hands arms fists".split())
_AT_A_PLACE = frozenset("in on at next behind beside above below under over before after where there here out".split())
_WHO = frozenset("someone somebody he she they who that person man woman human figure guy people".split())
_THINGS = frozenset("the a an something it him them this that everything".split())
_LEFT_PLACES = frozenset(
    "room stage scene building house area frame screen floor ground spot place party field door chair table seat "
    "kitchen gym store car ball box object platform track mat court".split()
)
_LEFT_OVER = frozenset(
    "nothing anything everything something what's whats any much many energy time strength room breath space power "
    "water food money force".split()
)
_STANDS_STILL = frozenset(
    "standing lying hanging sitting kneeling alone open empty unattended untouched there here with without by".split()
)
_PROPER = frozenset(
    "way place time moment thing track amount answer spot order height size distance speed rhythm tempo number tool "
    "choice word note".split()
)
_GETS_BACK = frozenset(
    "get gets getting stand stands standing sit sits sitting come comes coming jump jumps fall falls pop pops bounce "
    "bounces rise rises forwards walk walks go goes run runs bend bends it them".split()
)
_SIDES_OF = frozenset("left right the his her their its".split())


def mirrored(text: str) -> str:
    """The text for the mirror image: sides and senses of rotation exchanged, capitals kept.

    Mirroring twice gives the text back, but for the spelling of "counterclockwise": "anti-clockwise" comes back so, and
    "counter clockwise", unless the same text has another one to take the spelling from.
    """
    spelt = next((match["against"].lower() for match in _TURN.finditer(text) if match["against"]), None)
    text = _TURN.sub(lambda match: _turn(match, spelt), text)
    tokens = list(_WORD.finditer(text))
    words = ["", "", *(token[0].lower() for token in tokens), "", ""]
    places = {token.start(): place for place, token in enumerate(tokens, start=2)}
    return _SIDE.sub(lambda match: _side(match, words, places.get(match.start())), text)


def mirrored_events(events: Events) -> Events:
    """The events of the mirror image: texts and labels mirrored, times and source as they are."""
    labels = None if events.labels is None else tuple(map(mirrored, events.labels))
    return replace(events, texts=tuple(map(mirrored, events.texts)), labels=labels)


def mirrored_caption(caption: Caption) -> Caption:
    """The caption of the mirror image, with its events and tags."""
    events = None if caption.events is None else mirrored_events(caption.events)
    tags = None if caption.tags is None else tuple((mirrored(token), tag) for token, tag in caption.tags)
    return replace(caption, text=mirrored(caption.text), events=events, tags=tags)


def _turn(match: re.Match[str], spelt: str | None) -> str:
    """The other sense of rotation, its article too ("an anticlockwise"). ``spelt``: how the text says "counter"."""
    article = match["article"] or ""
    sense = match[0][len(article) :]
    if match["clock"] is None:
        other = _like(sense, "cw" if match["short_against"] else "ccw")
    elif match["against"]:
        other = _like(sense, match["clock"].lower())
    else:
        other = _like(sense, (spelt or f"counter{match['gap']}") + sense.lower())
    if article:
        article = article[0] + ("n" if other[0] in "aA" else "") + article[1:].lstrip("nN")
    return article + other


def _like(model: str, word: str) -> str:
    """The word with the capitals of the model."""
    if model.isupper():
        return word.upper()
    return word[0].upper() + word[1:] if model[0].isupper() else word


def _side(match: re.Match[str], words: list[str], place: int | None) -> str:
    """A word that holds a side, for the mirror image; ``place`` is where it stands among the words."""
    word = match[0]
    if _NO_SIDES.fullmatch(word.lower()):
        return word
    if word.lower() in _OTHER and place is not None:
        before, after = (words[place - 1], words[place - 2]), (words[place + 1], words[place + 2])
        if any(rule(before, after) for rule in _RULES):
            return word
    return _INNER.sub(lambda side: _like(side[0], _OTHER[side[0].lower()]), word)


# The rules say where a lone "left" or "right" is no side. Each looks at two words before it, the nearer one first, and
# at two words after it, and never at which of the two it is.
_Words = tuple[str, str]


def _angle(before: _Words, after: _Words) -> bool:
    """ "a right angle", but "a slight right angle" bends to the right."""
    return after[0] in ("angle", "angles", "angled") and before[0] not in ("slight", "slightly")


def _at_once(before: _Words, after: _Words) -> bool:
    """ "right away", "right now", "all right"; but "turns right away from the wall"."""
    return after[0] == "now" or (after[0] == "away" and after[1] != "from") or before[0] == "all"


def _back(before: _Words, after: _Words) -> bool:
    """ "gets right back up", "puts it right back"."""
    return after[0] == "back" and before[0] in _GETS_BACK


def _place(before: _Words, after: _Words) -> bool:
    """ "stops right in front", "is left on the floor", "falls over right after being hit"."""
    if after in (("in", "front"), ("next", "to")):
        return before[0] not in _OWNERS | _DIRECTED
    if after[0] == "in" and before[0] not in _BE | _STANDING:
        return False
    if before[0] in _STATIC and after[0] in _AT_A_PLACE:
        return True
    if before[0] in ("it", "them"):
        return after[0] in ("next", "behind", "beside", "above", "below") or after[1] in ("top", "front")
    if not before[0].isalpha() or before[0] in ("in", "on", "left", "right"):
        return False
    return after[0] in ("before", "after") and before[0] not in _OWNERS | (_DIRECTED - _FAR)


def _straight(before: _Words, after: _Words) -> bool:
    """ "walks right up to the table", "runs right past it", "looks right at the wall", "right there"."""
    if after[0] in ("there", "here", "where"):
        return before[0] not in _OWNERS | {"in", "on", "at"}
    if before[0] in _FAR and after[0] == "up":
        return after[1] in ("to", "against", "behind", "beside", "close", "next", "in", "on")
    if before[0] in _FAR and after[1] not in _OTHER:
        return after[0] in ("past", "through", "into", "off", "beside", "behind", "alongside", "onto")
    return before[0] in _AIMED and after[0] == "at"


def _meanwhile(before: _Words, after: _Words) -> bool:
    """ "claps right as he lands", "right when it stops"; but "turns right as he walks"."""
    return after[0] in ("as", "when") and before[0].isalpha() and before[0] not in _OWNERS | _DIRECTED | set(_OTHER)


def _departs(before: _Words, after: _Words) -> bool:
    """ "someone left the room", "and left the stage", "has left it", "where he left off", "they left."."""
    gone = before[0] in ("has", "have", "had", "having") and (after[0] in _THINGS or not after[0].isalnum())
    if gone or before[0] == "who" or (before[0] in _WHO and (after[0] in _THINGS or after[0] == "off")):
        return True
    if before[0] in ("he", "she", "they", "someone", "somebody", "who") and before[1] not in ("to", "on", "at", "from"):
        return after[0] in ("for", "to", "through", "without", "early", "quickly", "again") or not after[0].isalnum()
    return (
        after[0] in ("the", "his", "her", "their") and after[1] in _LEFT_PLACES and before[0] not in _OWNERS - {"and"}
    )


def _remains(before: _Words, after: _Words) -> bool:
    """ "nothing left", "what is left", "is left over", "no energy left to go on"; but "moves something left"."""
    if before[0] in _BE and (before[1] in _LEFT_OVER | {"what", "that", "one", "there"} or after[0] == "over"):
        return after[0] not in ("of", "foot", "hand", "arm", "leg", "side", "handed")
    if before[0] == "something":
        return after[0] == "to" or before[1] in ("is", "has", "have", "there's")
    return before[0] in _LEFT_OVER


def _stays(before: _Words, after: _Words) -> bool:
    """ "is left alone", "the object left behind"; but "puts the right foot, left behind right"."""
    if after[0] == "alone" or (before[0] in _BE and after[0] in _STANDS_STILL):
        return True
    return after[0] == "behind" and after[1] not in _SIDES_OF and before[0] not in _OWNERS | _DIRECTED


def _proper(before: _Words, after: _Words) -> bool:
    """ "goes back to the right place", "stands up right", "does it right", "right side up"."""
    upright = before[0] == "up" and re.match(r"stand|stood|sit|straight|sat", before[1]) is not None
    if upright and after[0] not in ("hand", "arm", "leg", "foot"):
        return True
    well = before[0] in ("it", "this", "that") and before[1] in (
        "do",
        "does",
        "did",
        "doing",
        "done",
        "get",
        "gets",
        "got",
    )
    return after[0] in _PROPER or well or before[0] in ("feels", "seems", "sounds") or after == ("side", "up")


_RULES: tuple[Callable[[_Words, _Words], bool], ...] = (
    _angle, _at_once, _back, _place, _straight, _meanwhile, _departs, _remains, _stays, _proper,
)  # fmt: skip
