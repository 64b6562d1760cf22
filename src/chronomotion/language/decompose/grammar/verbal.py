"""Is this form of a verb a verb here, or a noun or an adjective? What stands beside it decides.

"walks 3 quick steps", "steps back"; "does knee bends", "bends the knees"; "a waving hand", "waving a hand".
"""

from __future__ import annotations

from collections.abc import Sequence

from chronomotion.language import lexicon as lx
from chronomotion.language.decompose.grammar.words import Word

__all__ = ["FUSED_VERBS", "PHRASE_ENDS", "after_goes_on", "expects_verb", "is_measured", "is_verb_here"]

_START = Word("", "start")
_KEPT_ADVERBS = frozenset({"then", "up", "down", "in", "out", "off", "over"})
_THEN = frozenset({"then", "later", "finally", "next", "afterwards", "afterward"})
_VERB_SIGNS = frozenset({"then", "is", "are", "was", "before", "after", "while", "by"})
_PARTICLES = frozenset(
    "up down around about over off out along across through back past under near inside outside behind".split()
)
"""Prepositions that may end a phrase, so that a verb can follow: "falls down rolls"."""

PHRASE_ENDS = frozenset(
    "forward forwards backward backwards around back down up over left right ahead straight".split()
)
FUSED_VERBS = (lx.TRAVEL - {"back", "head", "step"}) | {"turn", "spin", "sit", "stand"}
"""Bare verbs that may follow a direction without a sign: "walk forward turn left"."""
_SIDE = 3
_TOWARDS = frozenset({"to", "towards", "toward", "from"})
_FARTHEST = 12
"""Words back that what stands before a word is looked for."""
_COUNTS_BEFORE = frozenset({"once", "twice", "thrice"})
_ORDINALS = frozenset({"both", "more", "other", "first", "second", "third", "last"})
_SOME = lx.QUANTIFIERS | frozenset({"these", "those", "all", "his", "her", "their"})
"""Words in front of a noun in the plural: "does some recovery stops"."""
_SURE_OBJECTS = frozenset("the his her their it them".split())
_ALL_TIME = frozenset("whole entire same time".split())
_SIDES = frozenset({"left", "right", "forward", "backward", "side"})
_LOOSE = frozenset({"all", "each", "other", "one", "both", "once", "twice", "first"})
_MOVEMENT = frozenset("jack jacks motion motions movement movements speed position pose distance".split())
_QUICK = frozenset({"fast", "quick", "slow", "further", "sideways", "hard", "low", "high"})
_SAID_ALONE = frozenset("he she it they we i you someone somebody anyone one people body dog it".split())
_OBJECTS = frozenset({"to", "on", "in", "into", "onto", "at", "them", "it", "both", "something", "someone", "somebody"})


def is_verb_here(words: Sequence[Word], i: int, form: lx.VerbForm) -> bool:
    """Whether the word at ``i``, a form of a verb, is a verb there. The words before it are tagged."""
    if form.kind in {"gerund", "past"}:
        return not _is_adjective(words, i)
    if form.kind == "third":
        return form.base not in lx.NOUN_VERBS or _is_third(words, i, form.base)
    return _is_base(words, i, nominal=form.base in lx.NOUN_VERBS)


def expects_verb(words: Sequence[Word], i: int) -> bool:
    """Whether a verb may well stand here: behind whoever moves, behind "and" and "then", at the start."""
    before = _before(words, i)
    return before.text in _VERB_SIGNS or before.tag in {"person", "start", "stop", "and", "comma", "auxiliary"}


def _near(words: Sequence[Word], i: int) -> Word:
    return words[i - 1] if i > 0 else _START


def _text(words: Sequence[Word], i: int) -> str:
    return words[i].text if 0 <= i < len(words) else ""


def _before(words: Sequence[Word], i: int) -> Word:
    """The word before, adverbs skipped."""
    i, first = i - 1, i - _FARTHEST
    while i >= max(0, first) and words[i].tag == "adverb" and words[i].text not in _KEPT_ADVERBS:
        i -= 1
    return words[i] if i >= 0 else _START


def _is_adjective(words: Sequence[Word], i: int) -> bool:
    """A participle before a noun that it describes: "a waving motion", "jumping jacks", "the standing person"."""
    near, after = _near(words, i), _text(words, i + 1)
    if near.tag in {"start", "stop"} and after in lx.PERSONS - _SAID_ALONE:
        return True  # "standing person raises ..."
    if near.tag in {"determiner", "possessive", "adjective", "number"}:
        return near.text not in _LOOSE or after in lx.MOTION_NOUNS
    if near.tag == "preposition" and near.text not in {"before", "after"} and after in lx.MOTION_NOUNS:
        return True
    if near.tag == "comma" and words[0].tag == "base" and _names_act_of_row(words, i):
        return True  # "bow, jumping kick"
    if after in {"moves", "move", "steps", "kicks"} and near.base in {"do", "make", "perform", "practice", "execute"}:
        return True  # "does fighting moves"
    return after in _MOVEMENT and near.tag not in {"and", "auxiliary", "person", "start", "stop"}


def _names_act_of_row(words: Sequence[Word], i: int) -> bool:
    """Whether the noun of an act, and the end of the item, follow in a row of commands."""
    after, end = _text(words, i + 1), _text(words, i + 2)
    act = after in lx.NOUN_VERBS and after not in lx.BODY_PARTS | lx.DIRECTIONS
    return act and end in {"", ",", ".", "and", "then"} and not any(word.tag == "person" for word in words[:i])


# -- forms in -s -----------------------------------------------------------------------------------------------------


def _is_third(words: Sequence[Word], i: int, base: str) -> bool:
    """A form in -s that may be a plural noun: "turns", "two steps"."""
    near, before = _near(words, i), _before(words, i)
    if near.tag == "to" or near.text == "in" or (base == "end" and _text(words, i + 1) == "of"):
        return False  # "to opposite ends of the room"
    if near.text == "before":
        return True
    if near.text in {"that", "this"} and _text(words, i - 2) == "after":
        return True
    if near.text in {"left", "right"} and i > _SIDE and words[i - 2].text == "the" and words[i - 3].text in _TOWARDS:
        return True  # "walks to the right turns around"
    if near.text in {"degrees", "degree"} and base in lx.TRAVEL - {"step"}:
        return True  # "turns 180 degrees walks back"
    if near.text == "does" and _text(words, i + 1) in _SURE_OBJECTS and _text(words, i + 2) not in _ALL_TIME:
        return True  # "does sweeps the floor", a slip
    if near.tag in {"determiner", "possessive", "number", "adjective"} and not _counts_what_was(words, i):
        return False
    if near.tag == "past" and _text(words, i - 2) in {"in", "with"}:
        return False  # "in elongated strokes"
    if near.tag == "noun" and near.base in {"hand", "side", "kick"} and base in {"kick", "step", "swing"} and i > 1:
        return words[i - 2].tag not in {"determiner", "number", "adjective"}  # "two side kicks"
    if _is_described(words, i):
        return False
    if (near.is_verb or near.tag == "auxiliary") and near.base in lx.LIGHT | {"use", "practise"}:
        return near.base in {"start", "continue", "finish", "get"} and base not in {"step", "jump"}
    if near.text == "after":
        return i > 1 and words[i - 2].tag == "and"  # "and after kicks", for "afterwards"
    if near.tag == "preposition":
        return near.text in _PARTICLES or (near.text in {"by", "on"} and i > 1 and words[i - 2].is_verb)
    if before.tag in {"determiner", "possessive"} or (before is not near and before.text == "in"):
        return False
    return before.text not in {"of", "some", "with"}


def _counts_what_was(words: Sequence[Word], i: int) -> bool:
    """A count that belongs to what stands before it, not to this word: "jumps twice turns"."""
    near = words[i - 1].text
    if near in _COUNTS_BEFORE:
        return True
    return near in _ORDINALS - {"both", "more", "third"} and i > 1 and words[i - 2].tag == "person"


def _is_described(words: Sequence[Word], i: int) -> bool:
    """A plural noun behind words that describe it: "3 quick steps", "does arm circles", "in wavy motions"."""
    near = _near(words, i)
    if i > 1 and words[i - 2].tag in {"number", "determiner"}:
        comparative = near.text.endswith("er") and near.tag in {"noun", "adverb"} and not near.base
        if near.text in _QUICK or comparative:
            return True
        if near.text in _SIDES and words[i - 2].text in lx.QUANTIFIERS | lx.NUMBERS:
            return True
    return _names_what_is_done(words, i) or _behind_adjectives(words, i)


def _names_what_is_done(words: Sequence[Word], i: int) -> bool:
    """ "does arm circles", "doing knee bends": behind "do" and one or two nouns."""
    for j in range(i - 1, max(-1, i - 5), -1):
        if words[j].base in {"do", "perform", "practice"}:
            return j < i - 1
        if words[j].text in _SOME and words[j - 1].base in {"do", "perform", "practice"}:
            return True
        article = (
            words[j].tag == "determiner" and words[i].text in {"motions", "moves", "movements", "steps"} and j < i - 1
        )
        if words[j].tag not in {"noun", "adjective"} and not article:
            return False
    return False


def _behind_adjectives(words: Sequence[Word], i: int) -> bool:
    """ "small rapid motions", "four leisurely steps": words that describe, back to a count, a light verb or "in"."""
    j = i - 1
    while j >= max(0, i - _FARTHEST) and (words[j].tag == "adjective" or _may_describe(words[j])):
        j -= 1
    if j < 0 or j == i - 1:
        return False
    counted = words[j].tag == "number" and words[j].text not in _COUNTS_BEFORE
    light = words[j].base in {"make", "do", "perform", "take"}
    nearest = words[i - 1]
    wavy = nearest.tag == "adjective" or (nearest.text.endswith("y") and not nearest.text.endswith(("ty", "cy", "ry")))
    wavy = wavy or nearest.text.endswith("ed")
    return counted or light or (words[j].text in {"in", "with"} and j == i - 2 and wavy)


def _may_describe(word: Word) -> bool:
    """An unknown word, or one that ends as adverbs do; no body part, no direction."""
    if word.base or word.text in lx.BODY_PARTS | lx.DIRECTIONS | lx.COUNTED:
        return False
    return word.tag == "noun" or (word.tag == "adverb" and word.text.endswith("ly"))


# -- base forms ------------------------------------------------------------------------------------------------------


def _is_base(words: Sequence[Word], i: int, *, nominal: bool) -> bool:
    """A base form: behind "to", a modal or a plural, or a verb that has lost its -s ("then turn around").

    ``nominal``: it is a noun as well.
    """
    near, before = _near(words, i), _before(words, i)
    if near.text == "both" and i > 1 and words[i - 2].tag == "person":
        return True  # "we both jump"
    if near.tag in {"determiner", "possessive", "adjective"} or (near.tag == "number" and near.text != "both"):
        return False
    if before.tag == "to":
        return not (nominal and _text(words, i + 1) in {"position", "stance"})
    if before.text in {"they", "we", "i", "you", "people", "both"}:
        return True
    if before.tag == "auxiliary":
        return before.base in lx.MODALS or not nominal
    starts = before.tag in {"person", "start", "stop", "and"} or before.text in {"then", "before"}
    if not nominal:
        return starts or near.tag == "comma" or before.tag in {"noun", "adverb"}
    ends = near.text in PHRASE_ENDS or is_measured(words, i)
    if ends and words[i].text in FUSED_VERBS and after_goes_on(words, i):
        return True
    if _behind_extent(words, i) and _may_end_clause(words, i):
        return True
    if near.tag == "comma" and _in_finite_row(words, i, ends=_text(words, i + 1) in {"", "."}):
        return True
    if near.text in _BEFORE_NOUNS and before.tag in {"start", "stop", "comma", "and"}:
        return False
    if near.tag in {"comma", "and"} and _in_row(words, i) and (_may_end_clause(words, i) or _has_bare_object(words, i)):
        return True
    if near.text in _THEN and (
        _text(words, i + 1) in _BEHIND_VERB or (_in_row(words, i) and _may_end_clause(words, i))
    ):
        return True
    return (starts or near.tag == "comma") and _looks_verbal(words, i, before)


def _looks_verbal(words: Sequence[Word], i: int, before: Word) -> bool:
    """A noun, or a verb without its -s, where a verb may stand: what follows decides."""
    after = _text(words, i + 1)
    if words[i].text in lx.ASPECT and (after.endswith("ing") or after == "to"):
        return True
    if before.tag in {"start", "stop"} and after != "of":
        return True
    if before.text == "then" and any(word.tag == "person" for word in words[max(0, i - 3) : i]):
        return True
    if before.tag == "person":
        return True
    if after in {"of", "with", "from"}:
        return False
    if after[:1].isdigit() or after.endswith("ly"):
        return True
    return any(
        after in words
        for words in (_OBJECTS, lx.POSSESSIVES, lx.DETERMINERS, lx.NUMBERS, lx.PREPOSITIONS, lx.ADVERBS, lx.DIRECTIONS)
    )


_BEFORE_NOUNS = frozenset(
    "low high front rear reverse double quick fast slow side short long spinning flying triple left".split()
)
"""Words that stand before the noun of an act at the front of a clause: "low block, front kick"."""
_ROW = 16
"""Words that a row of bare verbs is looked for in, back from one of its verbs."""
_BEHIND_VERB = frozenset(
    {"", ",", ".", ";", "!", "?", ":", "and", "then", "or", "again", "together", "in", "while", "before", "after"}
)


def _in_row(words: Sequence[Word], i: int) -> bool:
    """A bare verb leads the clause before the joint: "wave, nod, shrug", "they spin and bow"."""
    for j in range(i - 1, max(-1, i - _ROW), -1):
        word = words[j]
        if word.tag == "stop" or word.tag in {"third", "gerund", "past"}:
            return False
        if word.tag == "base":
            lead = _before(words, j)
            return lead.tag in {"start", "stop", "comma", "and", "person", "auxiliary"} or lead.text in _VERB_SIGNS | {
                "both"
            }
    return False


def _has_bare_object(words: Sequence[Word], i: int) -> bool:
    """ "slide, draw pistol, fire": a noun that is no verb, and the end of the clause, behind a bare verb."""
    after, end = _text(words, i + 1), _text(words, i + 2)
    return after.isalpha() and after not in lx.verb_forms() and end in _BEHIND_VERB - {"of"}


def after_goes_on(words: Sequence[Word], i: int) -> bool:
    """Whether a place or a direction follows: "walks forward turn around"."""
    return _text(words, i + 1) in lx.DIRECTIONS | {"around", "to", "towards", "up", "down", "back"}


def is_measured(words: Sequence[Word], i: int) -> bool:
    """Whether a counted distance ends in front of ``i``: "walks some steps turn left"."""
    if _text(words, i - 1) not in lx.COUNTED or _text(words, i - 1) == "while":
        return False
    return any(word.tag == "number" or word.text in lx.QUANTIFIERS for word in words[max(0, i - 4) : i - 1])


def _behind_extent(words: Sequence[Word], i: int) -> bool:
    """ "after a few steps turn": behind the noun that measures the event before."""
    return _near(words, i).text in lx.COUNTED and any(word.text == "after" for word in words[max(0, i - 5) : i])


def _in_finite_row(words: Sequence[Word], i: int, *, ends: bool) -> bool:
    """ "turns around, walk back", "wipes it with a cloth, stop.": the verb of the clause before the comma is finite."""
    if not ends and words[i].text not in lx.TRAVEL:
        return False
    for j in range(i - 2, max(-1, i - _ROW), -1):
        if (
            words[j].tag in {"stop", "comma"}
            or words[j].text in {"while", "by"}
            or (words[j].text == "with" and not ends)
        ):
            return False
        if words[j].tag == "third":
            return words[j].base not in lx.LIGHT
    return False


def _may_end_clause(words: Sequence[Word], i: int) -> bool:
    """What follows goes with a verb: an end, a joint, an object, a place."""
    after = _text(words, i + 1)
    if after in _BEHIND_VERB or after in lx.BODY_PARTS or after.endswith("ly") or after[:1].isdigit():
        return True
    return (
        after in _OBJECTS | lx.POSSESSIVES | lx.DETERMINERS | lx.NUMBERS | lx.PREPOSITIONS | lx.ADVERBS | lx.DIRECTIONS
    )
