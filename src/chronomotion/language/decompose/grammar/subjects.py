"""New subjects, and acts that are told without their verb."""

from __future__ import annotations

from collections.abc import Sequence

from chronomotion.language import lexicon as lx
from chronomotion.language.decompose.grammar.clause import Link
from chronomotion.language.decompose.grammar.cutting import THEN_WORDS, Cutting, Inside
from chronomotion.language.decompose.grammar.signs import loose_phrase
from chronomotion.language.decompose.grammar.words import Word

__all__ = ["direction_row", "elided_act", "new_subject"]

_PLACES = frozenset(
    "direction place position spot point track way item object thing things spots area path line".split()
)
"""Nouns behind which "he ..." describes the noun: "the place he stood"."""
_CAUSES = frozenset({"let", "make", "help", "watch", "see", "have"})
"""Verbs whose object does something: "lets the dog stand up"."""
_HE = frozenset({"he", "she", "it", "they"})
_SUBJECT_SIDES = frozenset({"left", "right", "both"})


def new_subject(cutting: Cutting, i: int) -> int:
    """A subject with its verb begins a clause, unless "while", "as" or "who" was waiting for it."""
    length = _subject_length(cutting, i)
    clause = cutting.clause
    if not length or cutting.inside is Inside.OPENED or cutting.at(i - 1).text in {"or", "nor"}:
        return 0
    if clause.head is not None and cutting.at(i - 1).text in _PLACES and cutting.at(i).text in _HE:
        cutting.inside = Inside.OPENED
        return 0
    if cutting.lead_in and clause.head is None:
        cutting.inside, cutting.lead_in = Inside.NOTHING, False
        return 0
    if (clause.head is None and not clause.noun_act) or (clause.verb in _CAUSES and _is_bare(clause.tail)):
        return 0
    if cutting.lead_in or (clause.first and clause.link in {Link.BEFORE, Link.AFTER, Link.WHEN}):
        cutting.begin(Link.MAIN, cutting.at(i).text)
    else:
        near = cutting.at(i - 1)
        link = {"and": Link.AND, "comma": Link.COMMA}.get(near.tag)
        cutting.begin(link or Link.FUSED, near.text if link else cutting.at(i).text)
    cutting.level = ""
    for j in range(i, i + length):
        cutting.take(j)
    return length


def _is_bare(words: Sequence[Word]) -> bool:
    return all(word.tag in {"determiner", "possessive", "adjective"} for word in words)


def _subject_length(cutting: Cutting, i: int) -> int:
    """Words of a subject that begins at ``i`` and is followed by a finite verb; 0 if there is none."""
    word, near = cutting.at(i), cutting.at(i - 1)
    if word.text == "it" and near.is_verb and cutting.clause.head is not None:
        return 0  # "inspects it, then puts it back"
    j = i + (word.tag in {"determiner", "possessive"} and word.text != "that")
    while cutting.at(j).tag == "adjective" or cutting.at(j).text in _SUBJECT_SIDES:
        j += 1
    noun = cutting.at(j)
    joined = near.tag in {"and", "comma", "end"} or near.text in THEN_WORDS
    if noun.tag == "person":
        if (j > i and cutting.at(j - 1).text in _SUBJECT_SIDES) or (
            near.tag == "preposition" and cutting.inside is not Inside.NOTHING
        ):
            return 0
    elif not (joined and noun.tag == "noun" and noun.text in lx.BODY_PARTS):
        return 0
    verb_at = cutting.skip_adverbs(j + 1)
    while cutting.at(verb_at).text == "then":
        verb_at = cutting.skip_adverbs(verb_at + 1)
    tag = cutting.at(verb_at).tag
    finite = tag in {"third", "auxiliary"} or (tag in {"base", "past"} and noun.tag == "person")
    return j - i + 1 if finite else 0


def elided_act(cutting: Cutting, i: int) -> int:
    """ "takes two steps forward, two steps back": a further count, or another act, behind "and" or a comma."""
    follows_act = cutting.clause.head is not None or cutting.is_elliptic or _names_acts_only(cutting)
    closed = cutting.inside in {Inside.WITH, Inside.GERUND, Inside.OPENED, Inside.FINITE}
    if cutting.at(i).tag not in {"and", "comma"}:
        return 0
    start = i + 1 + (cutting.at(i + 1).tag == "and")
    phrase = loose_phrase(cutting, start)
    if (closed or not follows_act) and not (cutting.inside is Inside.WITH and _same_act(cutting, phrase)):
        return 0
    end = cutting.at(start + len(phrase))
    if not phrase or end.tag in {"third", "auxiliary", "gerund"} or not _is_act(cutting, phrase, end):
        return 0
    sign = cutting.at(start - 1)
    cutting.begin(Link.AND if sign.tag == "and" else Link.COMMA, sign.text)
    cutting.clause.noun_act = phrase[-1].tag == "noun" and not phrase[-1].base
    for j in range(start, start + len(phrase)):
        cutting.take(j)
    return start - i + len(phrase)


_WAYS = frozenset(word for word in lx.DIRECTIONS if not word.endswith("ly"))


def _same_act(cutting: Cutting, phrase: Sequence[Word]) -> bool:
    """ "takes a step back with the left foot, a step back with the right foot"."""
    acts = {word.base for word in phrase if word.tag == "noun" and word.base in lx.NOUN_VERBS - {"hand"}}
    counted = bool(phrase) and phrase[0].tag in {"determiner", "number"}
    clause_words = cutting.clause.words if cutting.clause.head is None else cutting.clause.tail
    before = {word.base for word in clause_words[:4] if word.tag == "noun"}
    return counted and bool(acts & before)


def direction_row(cutting: Cutting, i: int) -> int:
    """ "forward left, arms up, back right": a row of directions and limbs, with no verb in all of the caption."""
    if cutting.at(i).tag != "comma":
        return 0
    end = i + 1
    while _is_direction(cutting.at(end)) and end < i + _LONGEST_NAME:
        end += 1
    if end == i + 1 or not (_goes_direction_by_direction(cutting, i, end) or _is_verbless_row(cutting, end)):
        return 0
    cutting.clause.noun_act = True
    cutting.begin(Link.COMMA, ",")
    cutting.clause.noun_act = True
    for j in range(i + 1, end):
        cutting.take(j)
    return end - i


def _is_verbless_row(cutting: Cutting, end: int) -> bool:
    said = [word for word in cutting.clause.words if word.tag != "comma"]
    if not said or not all(map(_is_direction, said)) or cutting.at(end).tag not in _ENDS:
        return False
    return all(clause.head is None for clause in (*cutting.clauses, cutting.clause))


def _goes_direction_by_direction(cutting: Cutting, i: int, end: int) -> bool:
    """ "dodges left, right, then left again": directions behind the verb's own, the last of them behind "then"."""
    directions = all(word.text in lx.DIRECTIONS for word in cutting.words[i + 1 : end])
    if cutting.clause.head is None and not cutting.clause.noun_act:
        return False
    if not directions or cutting.at(i - 1).text not in lx.DIRECTIONS or cutting.inside is not Inside.NOTHING:
        return False
    at = end
    while (cutting.at(at).tag == "comma" or cutting.at(at).text in lx.DIRECTIONS) and at < end + _LONGEST_NAME:
        at += 1
    at += cutting.at(at).tag == "and"
    return cutting.at(at).text in THEN_WORDS and cutting.at(at + 1).text in lx.DIRECTIONS


def _is_direction(word: Word) -> bool:
    return not word.is_verb and (word.text in lx.DIRECTIONS or word.text in lx.BODY_PARTS)


def _names_acts_only(cutting: Cutting) -> bool:
    """ "low block, front kick, ...": a caption that begins with the noun of an act, and no verb."""
    words = cutting.clause.words
    if cutting.clauses or not 0 < len(words) <= _LONGEST_NAME or any(w.tag not in _IN_NAME for w in words):
        return False
    return words[-1].base in lx.NOUN_VERBS or (len(words) > 1 and words[-2].base in lx.NOUN_VERBS)


_LONGEST_NAME = 6
_IN_NAME = frozenset({"noun", "adjective", "adverb", "number", "determiner"})


def _is_act(cutting: Cutting, phrase: Sequence[Word], end: Word) -> bool:
    """Whether a phrase names an act as the clause before it does."""
    if len(phrase) > 1 and end.tag in _ENDS and _names_its_act(phrase) and _is_command_row(cutting):
        return True  # "bow, high block, side kick"
    if phrase[0].tag not in {"number", "determiner", "adjective", "noun"}:
        return False
    only_count = phrase[0].tag == "number" and all(word.tag in {"number", "adverb"} for word in phrase)
    if only_count and phrase[0].text not in {"once", "twice"} and (end.tag == "to" or phrase[-1].text in lx.DIRECTIONS):
        return _tells_act(cutting)
    verb = cutting.clause.verb or (cutting.clauses[-1].verb if cutting.clauses else "")
    if verb in {"do", "perform", "execute"} and phrase[0].text in {"a", "an", "another"} and phrase[-1].tag == "noun":
        return phrase[-1].text not in lx.BODY_PARTS  # "does a split, a bridge and a handstand"
    nouns = [word for word in phrase if word.tag == "noun" and word.base in lx.NOUN_VERBS]
    if not nouns or nouns[-1].text in lx.BODY_PARTS:
        return False
    if phrase[0].tag == "number" and nouns[-1].base == "step" and phrase[-1].text in lx.DIRECTIONS:
        turned = cutting.clause.has(_WAYS) and not cutting.clause.has({phrase[-1].text})
        return (turned and cutting.clause.verb in lx.TRAVEL) or _tells_act(cutting)  # "walks forwards, one step back"
    curve = nouns[-1].base in {"circle", "curve", "loop", "bend"} and cutting.clause.verb in lx.TRAVEL
    return curve or _tells_act(cutting)


_ENDS = frozenset({"comma", "and", "stop", "end"})


def _names_its_act(phrase: Sequence[Word]) -> bool:
    """ "left hook", "triple step left": the noun of an act behind what it is like, without an article."""
    nouns = [word for word in phrase if word.tag == "noun"]
    act = bool(nouns) and nouns[-1].base in lx.NOUN_VERBS and nouns[-1].text not in lx.BODY_PARTS
    return act and phrase[0].tag != "determiner" and not _is_limbs(phrase[0]) and phrase[0] is not nouns[-1]


def _is_limbs(word: Word) -> bool:
    """ "arms", not "side" and "knee" as in "side shuffle" and "knee strike"."""
    return word.text in lx.BODY_PARTS and word.text.endswith("s")


def _is_command_row(cutting: Cutting) -> bool:
    """Whether nobody is said to move: every clause begins with a bare verb, or names its act."""
    for clause in (*cutting.clauses, cutting.clause):
        words = [word for word in clause.words if word.tag not in {"comma", "and"}]
        if not words or (clause.head is not None and (words[0].tag != "base" or clause.head > 1)):
            return False
        if any(word.tag == "person" for word in words):
            return False
    return True


def _act_of(word: Word) -> str:
    """The verb that a noun is of: "steps" -> step, "t-pose" -> pose."""
    return word.base or word.text.rpartition("-")[2]


def _tells_act(cutting: Cutting) -> bool:
    """Whether the clause tells an act by a noun: "takes two steps"."""
    clause = cutting.clause
    if clause.head is None and clause.words and clause.words[0].tag == "number" and cutting.clauses:
        clause = cutting.clauses[-1]  # "takes one step forward, two to the right | and two back"
    words = clause.words if clause.head is None else clause.tail
    named = any(word.tag == "noun" and _act_of(word) in lx.NOUN_VERBS for word in words)
    return named and (clause.head is None or clause.verb in lx.LIGHT | {"step", "walk", "move", "go"})
