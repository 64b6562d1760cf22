"""A caption as words, each with its part of speech, as far as finding events needs them.

A small tagger of our own: a lexicon of motion verbs and closed classes, and rules that look one or two words to either
side. It knows what the general taggers get wrong here ("takes two steps", "turns left", "jumping jacks", imperatives and
bare participles without a subject), and it is fast. Tags from elsewhere (spaCy, HumanML3D's) help with words that
the lexicon does not have.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from chronomotion.language.decompose import lexicon as lx
from chronomotion.language.decompose.spelling import corrected

__all__ = ["Word", "read_words"]

_TOKEN = re.compile(r"\d+(?:[.,]\d+)?(?:st|nd|rd|th|°|º|⁰)?|[a-z]+(?:['’`-][a-z]+)*|['’]s|[.;!?,:&/()\"–—-]")
_STOPS = frozenset(".;!?:")
_VERBAL = frozenset({"VERB", "AUX"})


@dataclass
class Word:
    """One word. ``tag`` is one of: third, gerund, past, base (forms of a verb, then ``base`` is its base form); noun,
    determiner, possessive, number, adjective, adverb, preposition, pronoun, person, auxiliary, to, and, sub(ordinator),
    relative, stop, comma, other.
    """

    text: str
    tag: str = "other"
    base: str = ""

    @property
    def is_verb(self) -> bool:
        """A verb in any form."""
        return self.tag in _FORMS

    def __repr__(self) -> str:
        return f"{self.text}/{self.tag}"


_FORMS = frozenset({"third", "gerund", "past", "base"})


def read_words(caption: str, tags: Sequence[tuple[str, str]] | None = None) -> list[Word]:
    """The words of a caption in lower case, tagged. ``tags`` are (word or lemma, universal part of speech) pairs."""
    text = caption.lower().replace("’", "'").replace("`", "'")
    words = [Word(token) for token in _TOKEN.findall(text)]
    _read_the_as_then(words)
    hints = _hints(words, tags)
    for i, word in enumerate(words):
        _tag(words, i, word, hints[i] if hints else "")
    return words


def _read_the_as_then(words: Sequence[Word]) -> None:
    """ "and the raises them": a slip for "then"."""
    for i in range(1, len(words) - 1):
        if words[i].text in {"the", "they"} and words[i - 1].text in {"and", ","}:
            form = lx.verb_forms().get(words[i + 1].text)
            follows = words[i + 2].text if i + 2 < len(words) else ""
            if form and form.kind == "third" and (form.base not in lx.NOUN_VERBS or follows in _OPENERS) and words[i].text == "the":
                words[i].text = "then"


_OPENERS = frozenset({"to", "a", "an", "the", "his", "her", "their", "it", "them", "both", "back", "forward", "around", "up", "down", "left", "right"})


def _hints(words: Sequence[Word], tags: Sequence[tuple[str, str]] | None) -> list[str]:
    """The given tag of every word, "" where there is none: both sequences are walked side by side."""
    if not tags:
        return []
    found = [""] * len(words)
    at = 0
    for token, tag in tags:
        head = token.lower()[:2]
        for ahead in range(at, min(at + 4, len(words))):
            if words[ahead].text[:2] == head:
                found[ahead] = tag
                at = ahead + 1
                break
    return found


@cache
def _closed() -> dict[str, str]:
    """Words that have one part of speech here, whatever stands beside them."""
    table: dict[str, str] = {}
    for tag, words in (
        ("adverb", lx.ADVERBS),
        ("preposition", lx.PREPOSITIONS),
        ("noun", lx.BODY_PARTS),
        ("sub", lx.SUBORDINATORS),
        ("number", lx.NUMBERS | lx.QUANTIFIERS),
        ("determiner", lx.DETERMINERS),
        ("possessive", lx.POSSESSIVES),
        ("person", lx.PERSONS),
        ("auxiliary", lx.AUXILIARIES),
    ):
        table |= dict.fromkeys(words, tag)
    table |= dict.fromkeys(("him", "them", "himself", "herself", "itself", "themselves", "themself", "those", "these", "each"), "pronoun")
    table |= dict.fromkeys(("and", "&", "or", "plus", "but", "nor", "adn", "an d", "ad"), "and")
    table |= {"to": "to", "who": "relative", "which": "relative", "whose": "relative", "like": "preposition", "back": "adverb",
              "before": "preposition", "after": "preposition", "one": "number", "no": "determiner"}  # fmt: skip
    return table


def _tag(words: list[Word], i: int, word: Word, hint: str) -> None:
    text = word.text
    if text in _STOPS:
        word.tag = "stop"
    elif text in ",()-–—\"/":
        word.tag = "comma"
    elif text[0].isdigit():
        word.tag = "number"
    elif text in _closed() and not (text in _ALSO_VERBS and _verb_here(words, i, "base")):
        word.tag = _closed()[text]
        if word.tag == "auxiliary":
            form = lx.verb_forms().get(text)
            word.base = form.base if form else text
    else:
        _tag_open(words, i, word, hint)


_ALSO_VERBS = frozenset({"still", "near", "head", "heads"})


def _tag_open(words: list[Word], i: int, word: Word, hint: str) -> None:
    """A word of an open class: a verb where the lexicon has it and its neighbours allow it."""
    form = lx.verb_forms().get(word.text)
    if form is None and word.text not in lx.NOUN_ADJECTIVES:
        form = corrected(word.text, expected=_expects_verb(words, i), hint=hint)
        if form is not None:
            word.text = form.spelling
    if form is None:
        word.tag = _unknown(word.text, hint)
        return
    if _verb_here(words, i, form.kind, form.base):
        word.tag, word.base = form.kind, form.base
    elif form.kind == "gerund" or (form.kind == "past" and form.base not in lx.NOUN_VERBS):
        word.tag, word.base = "adjective", form.base
    else:
        word.tag, word.base = "noun", form.base


def _unknown(text: str, hint: str) -> str:
    if text in lx.NOUN_ADJECTIVES or hint == "ADJ":
        return "adjective"
    if text.endswith(_ADJECTIVE_ENDINGS):
        return "adjective"
    if text.endswith("ly") or text.endswith("wise") or text.endswith("wards") or hint == "ADV":
        return "adverb"
    return "noun"


_ADJECTIVE_ENDINGS = ("al", "ive", "ous", "ful", "less", "ic", "ete", "ular", "ish", "able", "ible", "most")


def _text(words: Sequence[Word], i: int) -> str:
    return words[i].text if 0 <= i < len(words) else ""


_KEPT_ADVERBS = frozenset({"then", "up", "down", "in", "out", "off", "over"})


def _before(words: Sequence[Word], i: int) -> Word:
    """The word before, adverbs skipped."""
    i -= 1
    while i > 0 and words[i].tag == "adverb" and words[i].text not in _KEPT_ADVERBS:
        i -= 1
    return words[i] if i >= 0 else Word("", "start")


def _expects_verb(words: Sequence[Word], i: int) -> bool:
    """Whether a verb may well stand here: behind whoever moves, behind "and" and "then", at the start."""
    before = _before(words, i)
    if before.text in {"then", "is", "are", "was", "before", "after", "while", "by"}:
        return True
    if before.tag in {"person", "start", "stop"}:
        return True
    return before.tag in {"and", "comma", "auxiliary"}


def _verb_here(words: list[Word], i: int, kind: str, base: str = "") -> bool:
    """Whether the word at ``i``, a form of a verb, is one here."""
    if kind == "gerund":
        return not _adjectival(words, i)
    if kind == "past":
        return not _adjectival(words, i)
    nominal = base in lx.NOUN_VERBS or not base
    return _third_here(words, i, base) if kind == "third" and nominal else kind == "third" or _base_here(words, i, nominal)


def _adjectival(words: Sequence[Word], i: int) -> bool:
    """A participle before a noun that it describes: "a waving motion", "jumping jacks", "the standing person"."""
    before, after = words[i - 1] if i else Word("", "start"), _text(words, i + 1)
    if before.tag in {"determiner", "possessive", "adjective", "number"} or (before.tag == "preposition" and after in lx.MOTION_NOUNS):
        return not (before.text in {"all", "each", "other", "one", "both", "once", "twice"} and after not in lx.MOTION_NOUNS)
    return after in {"jack", "jacks", "motion", "motions", "movement", "movements", "speed", "position", "pose", "distance"} and before.tag not in {
        "and", "auxiliary", "person", "start", "stop"
    }


def _third_here(words: Sequence[Word], i: int, base: str) -> bool:
    """A form in -s that may be a plural noun: "turns", "two steps"."""
    near, before = words[i - 1] if i else Word("", "start"), _before(words, i)
    if near.tag == "to" or (near.tag in {"determiner", "possessive", "number", "adjective"} and not _bare_number(words, i)):
        return False
    if near.tag == "noun" and near.base and near.base in {"hand", "side", "kick"} and base in {"kick", "step", "swing"} and i > 1:
        return words[i - 2].tag not in {"determiner", "number", "adjective"}
    if _describes(words, i - 1) or _act_of_light_verb(words, i):
        return False
    if near.text in {"left", "right", "forward", "backward", "side"} and _text(words, i - 2) in lx.QUANTIFIERS | lx.NUMBERS:
        return False
    if near.is_verb and near.base in lx.LIGHT | {"use", "do", "practise", "throw", "receive"} and near.tag != "noun":
        return near.base in {"start", "continue", "finish", "get"} and base not in {"step", "jump"}
    if near.tag == "preposition" and near.text not in {"up", "down", "around", "about", "over", "off", "in", "out", "by", "along", "across", "through", "on", "back", "past", "under", "near", "inside", "outside", "behind"}:
        return False
    if near.tag == "preposition" and near.text in {"in", "by", "on"}:
        return words[i - 2].is_verb if i > 1 else False
    if before.tag in {"determiner", "possessive"} or (before is not near and before.text in {"in", "with", "of"}):
        return False
    return before.text not in {"of", "some", "with"}


def _describes(words: Sequence[Word], i: int) -> bool:
    """A word between a count or an article and a noun: "3 quick steps", "two weaker kicks"."""
    word = words[i] if i > 0 else Word("", "start")
    return words[i - 1].tag in {"number", "determiner"} and i > 0 and (
        word.text in {"fast", "quick", "slow", "further", "sideways", "hard", "low", "high"} or (word.text.endswith("er") and word.tag in {"noun", "adverb"} and not word.base)
    )


def _act_of_light_verb(words: Sequence[Word], i: int) -> bool:
    """ "does arm circles", "doing knee bends": a noun that names what is done, behind at most two other nouns."""
    for j in range(i - 1, max(-1, i - 4), -1):
        if words[j].base in {"do", "perform", "practice"}:
            return j < i - 1
        if words[j].tag not in {"noun", "adjective"}:
            return False
    return False


def _bare_number(words: Sequence[Word], i: int) -> bool:
    """A count that belongs to what stands before it, not to this word: "jumps twice turns", "turns 90 degrees walks"."""
    near = words[i - 1].text
    if near in {"once", "twice", "thrice", "both", "more", "other", "first", "second", "third", "last"}:
        return near in {"once", "twice", "thrice"} or (near in {"first", "other", "second", "last"} and words[i - 2].tag == "person")
    return near == "one" and _text(words, i - 2) not in {"with", "takes", "does"} and words[i - 1].tag == "person"


def _base_here(words: Sequence[Word], i: int, nominal: bool) -> bool:
    """A base form: behind "to", a modal or a plural, or a verb without its -s ("then turn around")."""
    near, before = words[i - 1] if i else Word("", "start"), _before(words, i)
    if near.tag in {"determiner", "possessive", "adjective"} or (near.tag == "number" and near.text not in {"both"}):
        return False
    if before.tag == "to" or (before.tag == "auxiliary" and before.base in _MODALS):
        return not (before.tag == "to" and near.tag == "to" and nominal and _text(words, i + 1) in {"position", "stance"})
    if before.text in {"they", "we", "i", "you", "people", "both"}:
        return True
    if before.tag == "auxiliary":
        return not nominal
    follows = before.tag in {"person", "start", "stop", "and"} or before.text in {"then", "before"} or near.tag == "comma"
    if not nominal:
        return follows or before.tag in {"noun", "adverb"}
    return follows and _looks_verbal(words, i, before)


_MODALS = frozenset({"do", "does", "did", "can", "could", "will", "would", "may", "might", "must", "should", "shall"})


def _looks_verbal(words: Sequence[Word], i: int, before: Word) -> bool:
    """A noun or a verb without its -s, behind "and", "then", the subject or at the start: what follows decides."""
    after = _text(words, i + 1)
    if before.text == "then" and any(word.tag == "person" for word in words[max(0, i - 3) : i]):
        return True
    if after in {"of", "with", "from"} and before.tag != "person":
        return False
    if after in lx.DIRECTIONS or after in lx.POSSESSIVES or after in lx.DETERMINERS or after in {"to", "on", "in", "into", "onto", "at", "them", "it", "both"}:
        return True
    return bool(after[:1].isdigit()) or after.endswith("ly") or after in lx.NUMBERS or before.tag == "person" or after in lx.PREPOSITIONS or after in lx.ADVERBS
