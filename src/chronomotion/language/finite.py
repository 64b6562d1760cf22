"""Where the finite verb of a clause stands, and which words can be one."""

from __future__ import annotations

from collections.abc import Sequence

from chronomotion.language import lexicon as lx

__all__ = ["AUXILIARIES", "finite_verb", "is_base", "is_doubtful", "is_finite", "is_third", "verb_form"]

AUXILIARIES = frozenset("is was are were has had does did can could will would may might must ist".split())
_BOUNDARIES = frozenset("then or but while as before after until when because so that who which if how".split())
_OPENS_NOUN = frozenset("big small large wide quick slow jumping front low high full".split())
_STATES = frozenset(
    "standing sitting kneeling lying laying walking running jogging crawling squatting crouching".split()
)
_LIGHT = frozenset("doing performing making taking throwing practicing practising executing giving completing".split())


def verb_form(word: str) -> lx.VerbForm | None:
    """The form of a verb that a word can be; None where the lexicon has no such verb."""
    return lx.verb_forms().get(word)


def is_third(word: str) -> bool:
    """True for a verb in the third person ("walks"), which may be a noun in the plural as well ("steps")."""
    form = verb_form(word)
    return form is not None and form.kind == "third" and word != "are"


def is_doubtful(word: str) -> bool:
    """True for a third person that is a noun as well ("three steps", "jumping jacks and kicks")."""
    form = verb_form(word)
    return form is not None and form.base in lx.NOUN_VERBS


def is_base(word: str) -> bool:
    """True for a verb in its base form that is no part of the body."""
    form = verb_form(word)
    return form is not None and form.kind == "base" and word not in lx.BODY_PARTS


def is_finite(word: str) -> bool:
    """True for an auxiliary or a verb in the third person."""
    return word in AUXILIARIES or is_third(word)


def finite_verb(words: Sequence[str], *, over_commas: bool) -> int | None:
    """Where the finite verb of a clause stands that describes its subject first ("standing with arms out raises": 4).

    None where a boundary of the clause comes first, or no verb is sure enough. ``over_commas`` looks on after a comma.
    """
    for at in range(len(words)):
        before = words[at - 1] if at else ""
        plain = words[at].rstrip(",")
        if plain in _BOUNDARIES or before.endswith(".") or (before.endswith(",") and not over_commas):
            return None
        if plain == "and":
            if at + 1 < len(words) and (is_finite(words[at + 1]) or words[at + 1] == "then"):
                return None
        elif at and is_finite(plain) and before != "and" and _verb_here(words, at):
            return at
    return None


def _verb_here(words: Sequence[str], at: int) -> bool:
    """Whether a word in the third person is the verb, not a noun in the plural."""
    before = words[at - 1].rstrip(",")
    if words[at] in AUXILIARIES:
        return True
    if before in _OPENS_NOUN or _opens_noun(before) or words[at].rstrip(",") in lx.BODY_PARTS:
        return False
    doubtful = is_doubtful(words[at].rstrip(","))
    if before in _STATES or (doubtful and words[at - 1].endswith(",")):
        return True
    if before.endswith("ing"):
        return False
    return not doubtful or (words[0] not in _LIGHT and _goes_on(words, at))


def _opens_noun(word: str) -> bool:
    return (
        word in lx.DETERMINERS
        or word in lx.POSSESSIVES
        or word in lx.QUANTIFIERS
        or (word in lx.NUMBERS and word not in ("once", "twice", "thrice"))
        or (word in lx.PREPOSITIONS and word not in ("up", "down", "out", "off", "over", "around", "about"))
        or word.isdecimal()
    )


def _goes_on(words: Sequence[str], at: int) -> bool:
    """Whether what follows a word speaks for a verb: "turns left", "steps forward", "holds the ball"."""
    if at + 1 >= len(words) or words[at].endswith(","):
        return words[at - 1] in lx.DIRECTIONS
    following = words[at + 1].rstrip(",")
    return (
        following in lx.DIRECTIONS
        or following in lx.DETERMINERS
        or following in lx.POSSESSIVES
        or following in lx.PREPOSITIONS
        or following in lx.NUMBERS
        or following in ("it", "them", "something", "and", "then")
        or following.endswith("ly")
    )
