"""Words that say the same are told with one of them."""

from __future__ import annotations

from chronomotion.language import lexicon as lx
from chronomotion.language.decompose.grammar.words import Word
from chronomotion.language.participles import of_participle
from chronomotion.language.reduction import lists
from chronomotion.language.reduction.changes import PLURALS, Changes
from chronomotion.language.reduction.phrases import Words, is_boundary, singular

__all__ = ["in_same_verbs", "in_same_words", "without_fillers", "without_helpers"]

_OBJECTS = frozenset("something it them everything someone both all".split())
_NUMBERS = {
    str(number): word for number, word in enumerate("zero one two three four five six seven eight nine ten".split())
}
_OF_THEIRS = lx.BODY_PARTS - frozenset("back side sides face upper lower mouth weight weights body stomach".split())


def without_fillers(words: Words, changes: Changes) -> None:
    """Take out words that say how sure it is ("probably"), "kind of", and colours in front of what they colour."""
    at = 0
    while at < len(words):
        text, after = words[at].text, words[at + 1] if at + 1 < len(words) else None
        if text in lists.HEDGES and after is not None and after.text == "of":
            changes.put("filler", words, at, at + 2)
        elif (text in lists.FILLERS and not _opens_scene(words, at)) or (
            text in lists.COLOURS
            and after is not None
            and after.tag in {"noun", "adjective", "person"}
            and after.text not in lx.BODY_PARTS
        ):
            changes.put("filler", words, at, at + 1)
        else:
            at += 1


def _opens_scene(words: Words, at: int) -> bool:
    """ "just before", "just above": a place or a time is told with it."""
    return words[at].text == "just" and at + 1 < len(words) and words[at + 1].tag in {"preposition", "sub"}


def without_helpers(words: Words, changes: Changes) -> None:
    """ "starts to walk", "keeps walking", "appears to be walking" -> "walks"."""
    for at in range(len(words) - 2, -1, -1):
        helper = words[at]
        if helper.tag not in _HELPING or helper.base not in lists.ASPECT_HELPERS | lists.SEEMING_HELPERS:
            continue
        verb = _verb_behind(words, at)
        if verb:
            kind = "past" if helper.tag == "past" else helper.tag
            main = words[verb]
            between = [word for word in words[at + 1 : verb] if word.tag == "adverb" and word.text != "on"]
            base = of_participle(main.text) if main.tag == "gerund" else main.base
            told = Word(lists.in_form(base, kind), kind, base)
            changes.put("helper", words, at, verb + 1, " ".join([*(word.text for word in between), told.text]))
            words[at : at + len(between) + 1] = [*between, told]


_BETWEEN = frozenset("to be being on off out".split())
_HELPING = frozenset({"third", "gerund", "base"})


def _verb_behind(words: Words, at: int) -> int:
    """Where the verb stands that a helper leads to; 0 where it leads to none."""
    i, led = at + 1, False
    while i < len(words) and (words[i].text in _BETWEEN or words[i].text.endswith("ly")):
        led = led or words[i].text == "to"
        i += 1
    if i >= len(words) or not words[i].is_verb or words[i].base in {"", "be", "have"}:
        return 0
    being = any(word.text in {"be", "being"} for word in words[at + 1 : i])
    if words[at].base in lists.SEEMING_HELPERS and not led:
        return 0
    if words[i].tag == "base":
        return i if led and not being else 0
    return i if words[i].tag == "gerund" and (being or not led) and words[at].base != words[i].base else 0


def in_same_verbs(words: Words, changes: Changes) -> None:
    """Verbs by their published synonym, in the same form; names of acts likewise ("a stroll" -> "a walk")."""
    for at, word in enumerate(words):
        if word.tag == "noun" and word.text in lists.SAME_NOUNS:
            changes.put("verb", words, at, at + 1, lists.SAME_NOUNS[word.text])
            continue
        form = lx.verb_forms().get(word.text)
        acts = word.is_verb or word.text == "does" or (word.tag == "adjective" and form is not None)
        if form is None or not acts:
            continue
        base = _same_verb(words, at, word.base or form.base)
        if base:
            kind = word.tag if word.is_verb else form.kind
            changes.put("verb", words, at, at + 1, lists.in_form(base, kind))
            words[at].tag, words[at].base = word.tag, base


def _same_verb(words: Words, at: int, base: str) -> str:
    if base in lists.SAME_VERBS:
        return lists.SAME_VERBS[base]
    acts_on = _has_object(words, at)
    return (lists.SAME_VERBS_WITH_OBJECT if acts_on else lists.SAME_VERBS_WITHOUT_OBJECT).get(base, "")


def _has_object(words: Words, at: int) -> bool:
    if at + 1 >= len(words):
        return False
    after = words[at + 1]
    if after.is_verb:  # "does dance moves", "does sit ups"; what is a verb behind "does" is none behind "performs"
        behind = words[at + 2] if at + 2 < len(words) else after
        return words[at].text == "does" and (behind.tag == "noun" or behind.text in {"of", "ups", "moves"})
    if after.tag == "number":
        return not (at + 2 < len(words) and words[at + 2].text.startswith("degree"))
    return (
        after.tag in {"determiner", "possessive", "pronoun", "noun", "adjective"}
        or after.text in _OBJECTS
        or after.text in lx.BODY_PARTS - {"back"}
    )


def in_same_words(words: Words, changes: Changes) -> None:
    """Directions, paces, people, numbers and supports by one word each; limbs are "their" limbs."""
    for at in range(len(words) - 2, -1, -1):
        if words[at].text in {"counter", "anti"} and words[at + 1].text == "clockwise":
            changes.put("word", words, at, at + 2, "counterclockwise")
    for at, word in enumerate(words):
        told = lists.SAME_WORDS.get(word.text, "")
        if word.tag == "number" and word.text in _NUMBERS:
            told = _NUMBERS[word.text]
        elif word.text == "fast" and word.tag == "adverb" and is_boundary(words, at + 1):
            told = "quickly"
        elif word.text == "the" and _limb_behind(words, at + 1):
            told = "their"
        elif not told and word.tag == "noun":
            told = _plural(word.text)
        if told and not (word.is_verb and word.text in lists.SAME_WORDS):
            changes.put("word", words, at, at + 1, told)


def _plural(noun: str) -> str:
    """The plural of what the singular is told with; "" where it is told with nothing else, or has none."""
    one = singular(noun)
    told = lists.SAME_WORDS.get(one, "") if one != noun else ""
    return told if told in PLURALS or not told else "" if told == "person" else f"{told}s"


def _limb_behind(words: Words, at: int) -> bool:
    while at < len(words) and words[at].text in {"left", "right", "upper", "lower", "front", "back", "other"}:
        at += 1
    if at >= len(words) or words[at].text not in _OF_THEIRS:
        return False
    return at + 1 >= len(words) or (words[at + 1].text not in {"of", "'s"} and words[at + 1].tag != "noun")
