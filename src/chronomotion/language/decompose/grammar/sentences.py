"""From a clause to a sentence: subject, verb in the third person, and the rest as it was written."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chronomotion.language import lexicon as lx
from chronomotion.language.decompose.grammar.actors import THING
from chronomotion.language.decompose.grammar.clause import Clause
from chronomotion.language.decompose.grammar.words import Word
from chronomotion.language.verbs import third_of

__all__ = ["sentences"]

_SPACES = (
    (re.compile(r"\s+([,;.!?)])"), r"\1"),
    (re.compile(r"\(\s+"), "("),
    (re.compile(r"\s*/\s*"), "/"),
    (re.compile(r"\s+('s)\b"), r"\1"),
    (re.compile(r"^[\s,;:&/)-]+|[\s,;:&/(-]+$"), ""),
    (re.compile(r"\s{2,}"), " "),
    (re.compile(r"\bstick-(?=figure|person)"), "stick "),
)
_DROPPED = frozenset({"who", "that", "which"})
_PRONOUNS = frozenset({"he", "she", "it", "they"})
_SAYS_MUCH = frozenset({"noun", "third", "gerund", "past", "base", "number", "adjective"})
_NAMELESS = _PRONOUNS | {"one", "i", "you", "we", "people", "persons", "humans"}
_LIMBS = frozenset("arms hands legs feet knees elbows shoulders hips fists palms fingers".split())


def _subject_of(clauses: Sequence[Clause]) -> str:
    """Whoever moves, as the caption says first ("a man"); "a person" where it does not say."""
    for clause in clauses:
        for i, word in enumerate(clause.words[: clause.head]):
            if word.tag == "person" and word.text in lx.PERSONS and word.text not in _NAMELESS:
                noun = (
                    f"{clause.words[i - 1].text} {word.text}"
                    if i and clause.words[i - 1].text in {"stick", "human"}
                    else word.text
                )
                at = i - len(noun.split())
                article = clause.words[at].text if at >= 0 and _is_article(clause.words[at]) else ""
                return f"{article or _article(noun)} {noun}".strip()
    return "a person"


def _is_article(word: Word) -> bool:
    return word.tag == "determiner" or word.text in {"those", "these"}


def _article(noun: str) -> str:
    if noun in {"someone", "somebody", "people", "persons", "humans", "anyone", "men", "women"}:
        return ""
    return "an" if noun[0] in "aeiou" else "a"


def sentences(clauses: Sequence[Clause]) -> tuple[str, ...]:
    """Each event as a sentence with its subject: "a man walks forward."."""
    subject = current = _subject_of(clauses)
    texts = []
    for clause in clauses:
        subject_words = [] if clause.head is None else _predicate_start(clause)[1]
        if subject_words and _is_thing(clause):
            current = " ".join(subject_words)  # "the ball bounces, then stops"
        elif subject_words and subject_words[-1] in lx.BODY_PARTS and subject_words[0] not in _PRONOUNS:
            current = " ".join(subject_words)  # "the right hand drops, then goes up"
        elif _says_subject(clause):
            current = subject
        texts.append(_sentence(clause, current))
    return tuple(texts)


def _is_thing(clause: Clause) -> bool:
    return any(word.base == THING for word in clause.words[: clause.head] if word.tag == "person")


def _says_subject(clause: Clause) -> bool:
    return any(word.tag == "person" for word in clause.words[: clause.head or 0])


def _sentence(clause: Clause, subject: str) -> str:
    if clause.head is None and any(word.tag == "person" for word in clause.words):
        return _written([word.text for word in clause.words])
    if clause.head is None:
        return _written([subject, *_prefixed(clause.words)])
    start, described = _predicate_start(clause)
    subject_words = described or subject.split(" ")
    if subject_words[0] in _PRONOUNS and described:  # "he side steps": what stands between him and the verb stays there
        subject_words = [*subject.split(" "), *described[1:]]
    verb = _verb_group(clause, start, plural=_plural(subject_words))
    rest = [word.text for word in clause.tail]
    lead, trail = _lead(clause, start)
    return _written([*subject_words, *lead, *verb, *rest, *trail])


def _prefixed(words: Sequence[Word]) -> list[str]:
    nouns = next((i for i, word in enumerate(words) if word.tag not in {"adverb", "adjective", "number"}), 0)
    acts = nouns > 0 and words[nouns].tag == "noun" and words[nouns].text not in lx.BODY_PARTS
    moves = bool(words) and (words[0].tag == "adverb" or (words[0].text in lx.BODY_PARTS and len(words) > 1))
    verb = "does" if acts or not moves else "moves"
    return [verb, *(word.text for word in words)]


def _predicate_start(clause: Clause) -> tuple[int, list[str]]:
    """(index where the predicate begins, own words of the subject where it is described or not a person)."""
    at = _subject_end(clause.words, clause.head or 0)
    subject = clause.words[:at]
    persons = [word for word in subject if word.tag == "person"]
    if not subject or (subject[0].tag == "preposition" and not persons):
        return 0, []  # "with the weight on the left foot turns"
    if persons and persons[-1].base == THING:
        return at, [word.text for word in subject if word.tag not in {"and", "comma"}]
    while subject[0].tag == "adverb" and subject[0].text.endswith("ly") and persons and persons[-1].text in _NAMELESS:
        subject = subject[1:]  # "suddenly we freeze"
    plain = subject[-1].tag == "person" and all(word.tag in {"determiner", "person"} for word in subject)
    sided = any(word.text in lx.BODY_PARTS or word.text in {"left", "right"} for word in subject)
    if plain or (persons and subject[0].text in _PRONOUNS and not sided):
        return at, []
    return at, [word.text for word in subject]


def _subject_end(words: Sequence[Word], head: int) -> int:
    """Index behind the subject, which has a person or a body part in it; 0 where there is none."""
    start = _group_start(words, head)
    subject = words[:start]
    if subject and subject[0].tag == "gerund":
        return 0  # "using both hands lifts": how, not who
    return start if any(word.tag == "person" or word.text in lx.BODY_PARTS for word in subject) else 0


def _lead(clause: Clause, start: int) -> tuple[list[str], list[str]]:
    """Words before the verb: adverbs stay before it, a "while ..." in front goes behind."""
    head = clause.head or 0
    group = _group_start(clause.words, head)
    early = [
        word for word in clause.words[start:group] if word.text not in _DROPPED and word.tag not in {"person", "and"}
    ]
    between = [word for word in clause.words[group:head] if word.tag == "adverb" and word.text != "not"]
    if any(word.tag == "sub" for word in early) or (early and early[0].tag in {"preposition", "to", "gerund"}):
        return [word.text for word in between], [word.text for word in early if word.tag != "comma"]
    fronted = [] if _predicate_start(clause)[1] else [w for w in clause.words[:start] if w.text.endswith("ly")]
    before = [word.text for word in (*fronted, *early, *between) if word.tag == "adverb"]
    said = [word for word in early if word.tag not in {"adverb", "comma", "auxiliary"}]
    return before, [word.text for word in said] if any(word.tag in _SAYS_MUCH for word in said) else []


def _group_start(words: Sequence[Word], head: int) -> int:
    """Index where the auxiliaries and adverbs begin that stand right before the head."""
    start = head
    while start > 0 and (words[start - 1].tag in {"auxiliary", "adverb"} or words[start - 1].base == "be"):
        start -= 1
    return start


def _plural(subject: Sequence[str]) -> bool:
    """ "both arms" move, "the left arm" moves."""
    return subject[-1] in _LIMBS | {"people", "men", "women", "children"}


def _verb_group(clause: Clause, start: int, *, plural: bool) -> list[str]:
    """The verb in the third person: "is walking", "walked" and "walk" become "walks"; passives stay passive."""
    head = clause.head or 0
    word = clause.words[head]
    group = clause.words[max(start, _group_start(clause.words, head)) : head]
    before = [w for w in group if w.tag != "adverb"]
    negated = ["not"] if any(w.text == "not" for w in group) else []
    if any(w.base == "be" or w.text in {"being", "been", "beeing"} for w in before) and word.tag == "past":
        return ["are" if plural else "is", *negated, word.text]
    modal = [w.text for w in before if w.text in {"can", "could", "does", "do", "did", "n't", "not"}]
    if not negated and "not" not in modal and "n't" not in modal:
        modal = [text for text in modal if text in {"can", "could"}]  # "does sit" is "sits"
    if modal and word.tag == "base":
        return [*modal, *negated, word.text]
    if negated and word.base:
        return ["do" if plural else "does", "not", word.base]  # "is not walking", "has not walked"
    if word.base in {"can", "could", "will", "would"} or not word.base:
        return [word.text]
    if plural:
        return ["are" if word.base == "be" else word.base]
    return [third_of(word.base)]


def _written(parts: Sequence[str]) -> str:
    text = " ".join(part for part in parts if part)
    for pattern, replacement in _SPACES:
        text = pattern.sub(replacement, text)
    return f"{text.strip()}."
