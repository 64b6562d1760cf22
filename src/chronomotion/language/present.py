"""What a subject does, told in the present: "had just sat down" -> "sits down", "will walk" -> "walks".

A tense tells when an event was, next to the others. Everything here is text in lower case behind its subject.
"""

from __future__ import annotations

from collections.abc import Sequence

from chronomotion.language import lexicon as lx
from chronomotion.language.finite import finite_verb, is_base, verb_form
from chronomotion.language.participles import is_participle
from chronomotion.language.verbs import past_forms, third_of

__all__ = ["present"]

_MODALS = frozenset("will would shall should can could may might must".split())
_HAVE = frozenset("has have had".split())
_WAS = {"was": "is", "were": "is", "wasn't": "isn't", "weren't": "isn't", "did": "does", "didn't": "doesn't",
        "don't": "doesn't", "hadn't": "hasn't", "haven't": "hasn't"}  # fmt: skip
_NOT_YET = {"won't", "wouldn't", "can't", "cannot", "couldn't", "shouldn't", "hasn't"}
_WHEN = frozenset("just already now ever".split())
"""Adverbs that go with the tense."""
_ADVERBS = _WHEN | frozenset("then also still first next almost again".split())
_ADJUNCTS = frozenset("with while by without before after as when until since for of who that".split())
_NO_VERB_BEHIND = lx.BODY_PARTS - {"back"} | {"of"}
_ROUNDS = 4
"""More auxiliaries in a row than there are: "could have been being pushed"."""


def present(rest: str) -> str:
    """The same with its first verb, and those that "and" or "then" join to it, in the present.

    Auxiliaries go: "has been walking" and "is going to walk" are "is walking" and "walks", "was pushed" is "is pushed".
    A negation stays ("did not move" -> "does not move"), and so does what only looks like a tense ("has raised arms").
    """
    words = rest.split()
    for _ in range(_ROUNDS):
        at = _behind_adverbs(words, 0)
        if at >= len(words):
            return rest
        changed = _step(words, at)
        if changed is None or changed == words:
            break
        words = changed
    return " ".join(words)


def _behind_adverbs(words: Sequence[str], at: int) -> int:
    while at < len(words) and (
        words[at] in _ADVERBS or (words[at].endswith("ly") and words[at] not in ("fly", "only"))
    ):
        at += 1
    return at


def _step(words: list[str], at: int) -> list[str] | None:
    """The words with one auxiliary less, None where there is nothing to do."""
    word, behind = words[at], _behind_adverbs(words, at + 1)
    verb = words[behind] if behind < len(words) else ""
    lead = [*words[:at], *(adverb for adverb in words[at + 1 : behind] if adverb not in _WHEN)]
    if word in _NOT_YET or (word in _MODALS | _HAVE and verb == "not"):
        after = behind if word in _NOT_YET else behind + 1
        return _denied(words, at, after)
    if word in _MODALS:
        return _without_modal(lead, words, behind)
    if word in _HAVE:
        return _without_have(lead, words, behind)
    if word in ("is", "are", "was", "were") and words[behind : behind + 2] == ["going", "to"]:
        return _third_at([*lead], words, behind + 2)
    if word == "used" and verb == "to":
        return _third_at([*lead], words, behind + 1)
    if word in _WAS:
        return [*words[:at], _WAS[word], *words[at + 1 :]]
    return _past(words, at)


def _third_at(lead: list[str], words: Sequence[str], at: int) -> list[str] | None:
    """What is in front, and the base form at a place in the third person with what follows."""
    verb = words[at].rstrip(",") if at < len(words) else ""
    if not (is_base(verb) or verb == "be"):
        return None
    return [*lead, third_of(verb) + words[at][len(verb) :], *words[at + 1 :]]


def _without_modal(lead: list[str], words: Sequence[str], behind: int) -> list[str] | None:
    if behind < len(words) and words[behind] == "have":
        return [*lead, "has", *words[behind + 1 :]]
    return _third_at(lead, words, behind)


def _without_have(lead: list[str], words: list[str], behind: int) -> list[str] | None:
    """ "has been ..." is "is ...", "had sat" is "sits"; "had his arms raised" is "has his arms raised"."""
    verb = words[behind].rstrip(",") if behind < len(words) else ""
    after = words[behind + 1] if behind + 1 < len(words) else ""
    if verb == "been":
        return [*lead, "is", *words[behind + 1 :]]
    base = _base_of_past(verb)
    if base is not None and after.rstrip(",") not in _NO_VERB_BEHIND:
        return [*lead, third_of(base) + words[behind][len(verb) :], *words[behind + 1 :]]
    at = next(i for i, word in enumerate(words) if word in _HAVE)
    return [*words[:at], "has", *words[at + 1 :]]


def _base_of_past(word: str) -> str | None:
    """The base form of a past participle, which may be spelt like the base form ("put", "run")."""
    form = verb_form(word)
    if form is None:
        return None
    return form.base if form.kind == "past" or (form.kind == "base" and word in past_forms(form.base)) else None


def _denied(words: list[str], at: int, behind: int) -> list[str] | None:
    """ "could not move", "hasn't moved" -> "does not move"."""
    verb = words[behind].rstrip(",") if behind < len(words) else ""
    base = verb if is_base(verb) else _base_of_past(verb)
    if base is None or base == "be":
        return None
    return [*words[:at], "does", "not", base + words[behind][len(verb) :], *words[behind + 1 :]]


def _past(words: list[str], at: int) -> list[str] | None:
    """ "walked to the door and sat down" -> "walks to the door and sits down"; "bent over picks up" stays."""
    if not _is_past(words, at) or finite_verb(words[at:], over_commas=False) is not None:
        return None
    out = [*words[:at], _third(words[at])]
    for i in range(at + 1, len(words)):
        joined = words[i - 1] in ("and", "then") or words[i - 1].endswith(",")
        if words[i] in _ADJUNCTS or words[i - 1].endswith("."):
            return out + words[i:]
        if joined and words[i] in ("was", "were"):
            out.append(_WAS[words[i]])
        else:
            out.append(_third(words[i]) if joined and _is_past(words, i) else words[i])
    return out


def _is_past(words: Sequence[str], at: int) -> bool:
    form, after = verb_form(words[at].rstrip(",")), words[at + 1] if at + 1 < len(words) else ""
    if form is None or form.kind != "past" or after.rstrip(",") in _NO_VERB_BEHIND:
        return False
    if words[at] == "left":
        return after in lx.DETERMINERS | lx.POSSESSIVES | {"it", "through"}
    return not is_participle(after)


def _third(word: str) -> str:
    plain = word.rstrip(",")
    form = verb_form(plain)
    return word if form is None else third_of(form.base) + word[len(plain) :]
