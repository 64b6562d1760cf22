"""Forms of English verbs, as far as sentences about motions need them: "walks" <-> "walk" <-> "walking"."""

from __future__ import annotations

__all__ = ["base_form", "gerund", "third_person"]

_THIRD_OF = {"be": "is", "are": "is", "have": "has", "do": "does", "go": "goes"}
_BASE_OF = {"is": "be", "has": "have", "does": "do", "goes": "go", "undergoes": "undergo", "lies": "lie", "ties": "tie",
            "dies": "die"}  # fmt: skip
_GERUND_OF = {"be": "being", "lie": "lying", "tie": "tying", "die": "dying"}
_DOUBLES_NOT = frozenset({"lean", "bow", "throw", "rest", "stretch", "fix", "relax", "play", "turn", "row"})
_VOWELS = "aeiou"


def _split_verb(phrase: str) -> tuple[str, str, str]:
    """(adverbs before the verb, verb, rest), each with its own spaces: "slowly walks home" -> ("slowly ", "walks", "
    home").
    """
    words = phrase.split(" ")
    at = 0
    while at < len(words) - 1 and words[at].endswith("ly"):
        at += 1
    before = "".join(word + " " for word in words[:at])
    after = "".join(" " + word for word in words[at + 1 :])
    return before, words[at], after


def _third(verb: str) -> str:
    if verb in _THIRD_OF:
        return _THIRD_OF[verb]
    if verb.endswith(("s", "x", "z", "ch", "sh", "o")):
        return verb + "es"
    if verb.endswith("y") and verb[-2:-1] not in _VOWELS:
        return verb[:-1] + "ies"
    return verb + "s"


def _base(verb: str) -> str:
    if verb in _BASE_OF:
        return _BASE_OF[verb]
    if verb.endswith("ies"):
        return verb[:-3] + "y"
    if verb.endswith(("sses", "xes", "zzes", "ches", "shes")):
        return verb[:-2]
    return verb[:-1] if verb.endswith("s") and not verb.endswith("ss") else verb


def _doubles(base: str) -> bool:
    """One syllable, consonant vowel consonant: "sit" -> "sitting"."""
    if len(base) < 3 or base in _DOUBLES_NOT or base[-1] in _VOWELS + "wxy":
        return False
    vowels = sum(letter in _VOWELS for letter in base)
    return vowels == 1 and base[-2] in _VOWELS


def _ing(base: str) -> str:
    if base in _GERUND_OF:
        return _GERUND_OF[base]
    if base.endswith("e") and not base.endswith(("ee", "oe", "ye")):
        return base[:-1] + "ing"
    return base + (base[-1] if _doubles(base) else "") + "ing"


def third_person(phrase: str) -> str:
    """A phrase that starts with a base form, in the third person: "walk forward" -> "walks forward"."""
    before, verb, after = _split_verb(phrase)
    return before + _third(verb) + after


def base_form(phrase: str) -> str:
    """A phrase in the third person, back in its base form: "crouches down" -> "crouch down"."""
    before, verb, after = _split_verb(phrase)
    return before + _base(verb) + after


def gerund(phrase: str) -> str:
    """A phrase in the third person as a participle: "sits down" -> "sitting down"."""
    before, verb, after = _split_verb(phrase)
    return before + _ing(_base(verb)) + after
