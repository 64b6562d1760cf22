"""Parts of speech, as far as finding events needs them.

A small tagger of our own: a lexicon of motion verbs and closed classes, and rules that look one or two words to either
side (verbal.py). It knows what the general taggers get wrong here ("takes two steps", "turns left", "jumping jacks",
imperatives and bare participles without a subject), and it is fast. Tags from elsewhere (spaCy, HumanML3D's) help with
words that the lexicon does not have.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from chronomotion.language import lexicon as lx
from chronomotion.language.decompose.grammar.actors import THING, names_subject, subject_tag
from chronomotion.language.decompose.grammar.spelling import corrected
from chronomotion.language.decompose.grammar.verbal import expects_verb, is_verb_here
from chronomotion.language.decompose.grammar.words import Word, split_words
from chronomotion.language.verbs import past_forms

__all__ = ["tagged_words"]

_BOTH = frozenset({"knees", "heads", "hands", "backs", "elbows", "shoulders"})
"""Body parts that are also what a person does, right behind the person: "a person knees on the floor"."""

_NAMES = frozenset({"determiner", "possessive", "number", "adjective", "preposition", "to", "third", "gerund"})
_SELDOM_ACTORS = frozenset({"body", "dog"})
_BEGINNINGS = frozenset({"stop", "comma", "and", "sub"})
_OPENERS = frozenset(
    {"then", "before", "after", "let", "lets", "letting", "makes", "help", "helps", "if", "like", "as"}
)
_LEADS = frozenset({"stop", "comma", "and", "adverb", "person"})
_TAKEN = frozenset({"it", "them", "the", "both", "a", "left", "right", "forward"})

_ADJECTIVE_ENDINGS = ("al", "ive", "ous", "ful", "less", "ic", "ete", "ular", "ish", "able", "ible", "most")
_ADVERB_ENDINGS = ("ly", "wise", "wards")


def tagged_words(caption: str, tags: Sequence[tuple[str, str]] | None = None) -> list[Word]:
    """The words of a caption, tagged. ``tags`` are (word or lemma, universal part of speech) pairs from elsewhere."""
    words = split_words(caption)
    hints = _aligned(words, tags) if tags else [""] * len(words)
    for i, hint in enumerate(hints):
        _tag(words, i, hint)
    return words


def _aligned(words: Sequence[Word], tags: Sequence[tuple[str, str]]) -> list[str]:
    """The given tag of every word, "" where there is none: both sequences are walked side by side.

    Tokens may be lemmas, and punctuation may be missing: two words belong together when they begin alike.
    """
    aligned = [""] * len(words)
    at = 0
    for token, tag in tags:
        head = token.lower()[:2]
        for ahead in range(at, min(at + 4, len(words))):
            if words[ahead].text[:2] == head:
                aligned[ahead] = tag
                at = ahead + 1
                break
    return aligned


@cache
def _closed() -> dict[str, str]:
    """Words that have one part of speech here, whatever stands beside them; later lines win."""
    table: dict[str, str] = {}
    for tag, words in (
        ("adverb", lx.ADVERBS),
        ("preposition", lx.PREPOSITIONS | {"like", "before", "after"}),
        ("noun", lx.BODY_PARTS),
        ("sub", lx.SUBORDINATORS),
        ("number", lx.NUMBERS | lx.QUANTIFIERS),
        ("determiner", lx.DETERMINERS),
        ("possessive", lx.POSSESSIVES),
        ("person", lx.PERSONS),
        ("auxiliary", lx.AUXILIARIES),
        (
            "pronoun",
            {"him", "them", "himself", "herself", "itself", "themselves", "themself", "those", "these", "each"},
        ),
        ("and", {"and", "&", "or", "plus", "but", "nor"}),
        ("relative", {"who", "which", "whose"}),
        ("adverb", {"back"}),
        ("number", {"one"}),
        ("determiner", {"no"}),
        ("to", {"to"}),
        ("stop", set(".;!?:")),
        ("comma", set(",()-/")),
    ):
        table |= dict.fromkeys(words, tag)
    return table


def _tag(words: list[Word], i: int, hint: str) -> None:
    word = words[i]
    known = _closed().get(word.text)
    behind = words[i - 1].tag if i else ""
    if word.text[0].isdigit():
        word.tag = "number"
    elif known is None or (word.text in _BOTH and behind == "person") or _commands(words, i):
        _tag_open(words, i, hint)
    elif known == "auxiliary" and word.text in lx.MODALS and behind in {"determiner", "possessive"}:
        word.tag = "noun"  # "a can"
    elif word.text in _SELDOM_ACTORS and not _begins_clause(words, i):
        word.tag = "noun"  # "upper body stretches", "a dog brush"
    elif word.text == "while" and behind == "determiner":
        word.tag = "noun"  # "a while"
    elif word.text == "side" and behind not in _NAMES and _steps_aside(words, i):
        word.tag = "adverb"  # "side steps", as a verb
    else:
        word.tag = known
        if known == "auxiliary":
            form = lx.verb_forms().get(word.text)
            word.base = form.base if form else word.text


def _begins_clause(words: Sequence[Word], i: int) -> bool:
    """Whether a noun, with its article, stands where a clause begins."""
    start = i - 1 if i and words[i - 1].tag == "determiner" else i
    while start and words[start - 1].tag in {"adjective", "adverb"} and start < i:
        start -= 1
    return not start or words[start - 1].tag in _BEGINNINGS or words[start - 1].text in _OPENERS


def _steps_aside(words: Sequence[Word], i: int) -> bool:
    form = lx.verb_forms().get(words[i + 1].text) if i + 1 < len(words) else None
    if form is None or (form.kind == "base" and words[i - 1].tag != "person"):
        return False
    return form.base in {"step", "kick", "shuffle", "hop", "jump", "lunge", "skip"}


def _commands(words: Sequence[Word], i: int) -> bool:
    """ "lower the arm", "then face the wall": an adjective or a body part that is told to be done."""
    if words[i].text not in {"lower", "face"} or (i and words[i - 1].tag not in _LEADS and words[i - 1].text != "then"):
        return False
    after = words[i + 1].text if i + 1 < len(words) else ""
    return after in _TAKEN or (words[i].text == "lower" and after in lx.POSSESSIVES)


def _tag_open(words: list[Word], i: int, hint: str) -> None:
    """A word of an open class: a verb where the lexicon has it and its neighbours allow it."""
    word = words[i]
    form = lx.verb_forms().get(word.text)
    if form is None and word.text.isalpha() and not word.text.endswith(_ADVERB_ENDINGS):
        subject = subject_tag(words, i)
        if subject is not None:
            word.tag, word.base = subject
            return
    if form is None and word.text not in lx.NOUN_ADJECTIVES | lx.MOTION_NOUNS:
        slip = corrected(word.text, expected=expects_verb(words, i), hint=hint, sure=_must_be_verb(words, i))
        if slip is not None:
            word.text, form = slip.spelling, lx.VerbForm(slip.base, slip.kind)
        else:
            form = _guessed(words, i, hint)
    if form is None:
        word.tag = _by_ending(word.text, hint)
        return
    if form.kind == "base" and names_subject(words, i):
        word.tag, word.base = "person", THING
        return
    if form.kind == "base" and i and words[i - 1].base in {"be", "get"} and word.text in past_forms(form.base):
        form = lx.VerbForm(form.base, "past")  # "is hit", "gets hurt"
    word.base = form.base
    if is_verb_here(words, i, form):
        word.tag = form.kind
    elif form.kind == "gerund" or (form.kind == "past" and form.base not in lx.NOUN_VERBS):
        word.tag = "adjective"
    else:
        word.tag = "noun"


def _must_be_verb(words: Sequence[Word], i: int) -> bool:
    """Whether nothing but a verb can stand here: "person trow it", "and pikc up the ball"."""
    near = words[i - 1] if i else Word("", "start")
    after = words[i + 1].text if i + 1 < len(words) else ""
    return (near.tag in {"person", "and"} or near.text == "then") and after in _BEHIND_VERBS


_BEHIND_VERBS = (lx.DETERMINERS | lx.POSSESSIVES | lx.DIRECTIONS | frozenset({"it", "them", "up", "down", "to"})) - {
    "no",
    "that",
}


def _guessed(words: Sequence[Word], i: int, hint: str) -> lx.VerbForm | None:
    """A verb that the lexicon lacks: one that a tagger found, or that stands where only a verb can."""
    text, near = words[i].text, words[i - 1] if i else Word("", "start")
    after = words[i + 1].text if i + 1 < len(words) else ""
    first, hyphen, last = text.rpartition("-")
    if hyphen and last in lx.verb_forms():
        form = lx.verb_forms()[last]
        return lx.VerbForm(first + hyphen + form.base, form.kind)
    if text.startswith("re") and text[2:] in lx.verb_forms() and len(text) > 5:
        form = lx.verb_forms()[text[2:]]
        return lx.VerbForm("re" + form.base, form.kind)  # "reloads", "refills"
    if text.endswith("ing") and len(text) > 5 and (hint == "VERB" or (near.base == "be" and not hint)):
        return lx.VerbForm(text[:-3], "gerund")
    if not text.endswith("s") or text.endswith(("ss", "us", "is")) or len(text) < 4:
        return None
    has_object = _closed().get(after) in {"determiner", "possessive"}
    placed = near.tag == "person" or near.text == "then" or (has_object and near.tag in {"and", "comma"})
    if (hint == "VERB" and expects_verb(words, i)) or (not hint and placed):
        return lx.VerbForm(text[:-1], "third")
    return None


def _by_ending(text: str, hint: str) -> str:
    if text in lx.NOUN_ADJECTIVES or hint == "ADJ" or text.endswith(_ADJECTIVE_ENDINGS):
        return "adjective"
    return "adverb" if text.endswith(_ADVERB_ENDINGS) or hint == "ADV" else "noun"
