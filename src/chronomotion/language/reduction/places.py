"""Where it happens: a skeleton stands nowhere."""

from __future__ import annotations

from chronomotion.language.reduction import lists
from chronomotion.language.reduction.changes import Changes
from chronomotion.language.reduction.phrases import Words, is_boundary, noun_phrase, singular

__all__ = ["without_places"]


def without_places(words: Words, changes: Changes) -> None:
    """Take out "in the kitchen", "across the middle of the stage", "outdoors"; of "around the room" leave "around"."""
    at = 0
    while at < len(words):
        text = words[at].text
        end = _phrase_end(words, at) if text in lists.PLACE_PREPOSITIONS else 0
        if end:
            changes.put("place", words, at, end, text if text in lists.DIRECTIONS_LEFT else "")
        elif text in lists.PLACE_ADVERBS and is_boundary(words, at + 1):
            changes.put("place", words, at, at + 1)
        else:
            at += 1
            continue
        at += text in lists.DIRECTIONS_LEFT


def _phrase_end(words: Words, at: int) -> int:
    """The end of the phrase about a place that a preposition opens; 0 where it is about something else, where it is all
    that is said ("is in a room"), and where it tells a side ("to the left side of the room").
    """
    start = at + 1
    if at and words[at - 1].base == "be":
        return 0
    if start < len(words) and words[start].text == "of" and words[at].text in {"out", "inside", "outside", "off"}:
        start += 1
    phrase = noun_phrase(words, start)
    while phrase is not None and singular(phrase.noun) in lists.PLACE_PARTS and words[phrase.end : phrase.end + 1]:
        if words[phrase.end].text != "of" or not _SIDES.isdisjoint(phrase.described):
            return 0
        phrase = noun_phrase(words, phrase.end + 1)
    if phrase is None or singular(phrase.noun) not in lists.PLACES or not _ends(words, phrase.end):
        return 0
    return phrase.end if phrase.opening or words[at].text != "to" else 0


_SIDES = frozenset({"left", "right"})


def _ends(words: Words, at: int) -> bool:
    return at >= len(words) or words[at].text not in {"of", "'s"}
