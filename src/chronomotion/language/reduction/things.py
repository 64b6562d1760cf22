"""Things: what the hands hold is "something", unless the verb says nothing without it."""

from __future__ import annotations

from dataclasses import replace

from chronomotion.language import lexicon as lx
from chronomotion.language.decompose.grammar.words import Word
from chronomotion.language.reduction import lists
from chronomotion.language.reduction.changes import Changes
from chronomotion.language.reduction.phrases import NounPhrase, Words, noun_phrase, singular

__all__ = ["with_particles_last", "without_things"]

_ONE = frozenset("a an the their this that these those some any one another each every 1".split())
_SIDES = frozenset({"left", "right"})
_LIKENESS = frozenset({"like", "as", "if"})
_SOMETHING = "something"
_NOT_BEHIND = frozenset({"determiner", "possessive", "adjective", "number", "noun"})


def without_things(words: Words, changes: Changes) -> None:
    """ "picks up a red box" -> "picks up something", "drinks a cup of tea" -> "drinks something"."""
    at = 0
    while at < len(words):
        phrase = noun_phrase(words, at) if not at or words[at - 1].tag not in _NOT_BEHIND else None
        if phrase is None:
            at += 1
            continue
        whole = _of_what(words, phrase)
        if _is_thing(whole, words[at - 1] if at else None) and not _needed(words, at):
            changes.put("object", words, at, _end(words, whole), _told(whole))
            at = _merged(words, at, changes)
        else:
            at = phrase.end


def _of_what(words: Words, phrase: NounPhrase) -> NounPhrase:
    """ "a variety of objects": the objects, with what opens the whole."""
    if phrase.noun in lists.AMOUNTS and phrase.end < len(words) and words[phrase.end].text == "of":
        inner = noun_phrase(words, phrase.end + 1)
        if inner is not None and singular(inner.noun) in lists.THINGS:
            return replace(inner, start=phrase.start, opening=phrase.opening)
    return phrase


def _is_thing(phrase: NounPhrase, before: Word | None) -> bool:
    """Not where a verb may hide in the phrase ("grab objects"), nor water that somebody is in, nor what bears something
    ("on a ball"), nor the act of drinking ("takes a drink").
    """
    lead = "" if before is None else before.text
    if (lead in _BEAR and singular(phrase.noun) not in lists.ANYTHING) or _is_drinking(phrase, before):
        return False
    noun = singular(phrase.noun)
    if noun not in lists.THINGS or not lists.SPORTS.isdisjoint(phrase.described) or "same" in phrase.described:
        return False
    if noun in lists.ANYTHING and any(word in lx.NOUN_VERBS for word in phrase.described):
        return False  # "a crawl thing"
    if not phrase.opening and any(word in lx.verb_forms() for word in phrase.described):
        return False
    return noun != "water" or lead not in lx.PREPOSITIONS


def _is_drinking(phrase: NounPhrase, before: Word | None) -> bool:
    return phrase.noun == "drink" and before is not None and before.base in {"take", "have"}


def _end(words: Words, phrase: NounPhrase) -> int:
    """Behind "of coffee", where the noun is a measure of something."""
    if singular(phrase.noun) in lists.MEASURES and words[phrase.end : phrase.end + 1]:
        more = noun_phrase(words, phrase.end + 1) if words[phrase.end].text == "of" else None
        if more is not None:
            return more.end
    return phrase.end


def _told(phrase: NounPhrase) -> str:
    if phrase.noun == "food" and not _SIDES.isdisjoint(phrase.described):
        return " ".join([phrase.opening, *phrase.described, "foot"])  # a slip
    sizes = [word for word in phrase.described if word in lists.SHOWN_SIZES]
    if phrase.opening and phrase.opening not in _ONE and phrase.opening in _COUNTS:
        return " ".join([phrase.opening, *sizes, "things"])
    return " ".join([_SOMETHING, *sizes])


_BEAR = frozenset("on onto upon atop".split())
_COUNTS = frozenset("both two three four five six seven eight nine ten several multiple many few 2 3 4 5 6".split())


def _needed(words: Words, at: int) -> bool:
    """Whether the verb in front says nothing without its object, or the thing is what somebody is like."""
    i = at - 1
    while i >= 0 and words[i].tag == "adverb":
        i -= 1
    if i < 0 or words[i].text in _LIKENESS:
        return True
    return words[i].base in lists.NEED_OBJECT


def _merged(words: Words, at: int, changes: Changes) -> int:
    """The place to read on from; "something and something" is one."""
    if at > 1 and words[at - 1].tag in {"and", "comma"} and words[at - 2].text == _SOMETHING and _is_alone(words, at):
        changes.put("object", words, at - 1, at + 1)
        return at - 1
    return at + 1


def _is_alone(words: Words, at: int) -> bool:
    return words[at].text == _SOMETHING and not (at + 1 < len(words) and words[at + 1].text in lists.SHOWN_SIZES)


def with_particles_last(words: Words, _: Changes) -> None:
    """ "picks up something" -> "picks something up"."""
    for at in range(len(words) - 2):
        verb, particle, thing = words[at : at + 3]
        if (
            verb.base in lists.PARTICLE_VERBS
            and particle.text in lists.PARTICLES
            and thing.text in {_SOMETHING, "it", "them"}
            and not _is_described(words, at + 3)
        ):
            words[at + 1], words[at + 2] = Word(thing.text, thing.tag), Word(particle.text, particle.tag)


def _is_described(words: Words, at: int) -> bool:
    return at < len(words) and words[at].text in lists.SHOWN_SIZES
