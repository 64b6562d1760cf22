"""Forms of English verbs, as far as sentences about motions need them: "walks", "walk", "walking", "walked"."""

from __future__ import annotations

from functools import cache

__all__ = ["base_form", "gerund", "gerund_of", "past_forms", "third_of", "third_person"]

_THIRD_OF = {"be": "is", "are": "is", "have": "has", "do": "does", "go": "goes"}
_BASE_OF = {"is": "be", "has": "have", "does": "do", "goes": "go", "undergoes": "undergo", "lies": "lie", "ties": "tie",
            "dies": "die", "tiptoes": "tiptoe"}  # fmt: skip
_GERUND_OF = {"be": "being", "lie": "lying", "tie": "tying", "die": "dying", "shadowbox": "shadowboxing"}
_DOUBLES_NOT = frozenset({"lean", "bow", "throw", "rest", "stretch", "fix", "relax", "play", "turn", "row"})
_VOWELS = "aeiou"

_PAST_OF = {
    "be": "was were been", "beat": "beat beaten", "begin": "began begun", "bend": "bent", "bite": "bit bitten",
    "blow": "blew blown",
    "break": "broke broken", "bring": "brought", "build": "built", "catch": "caught", "choose": "chose chosen",
    "come": "came come", "creep": "crept", "cut": "cut", "deal": "dealt", "dig": "dug", "do": "did done",
    "draw": "drew drawn", "drink": "drank drunk", "drive": "drove driven", "eat": "ate eaten", "fall": "fell fallen",
    "feed": "fed", "feel": "felt", "fight": "fought", "find": "found", "flee": "fled", "fly": "flew flown",
    "freeze": "froze frozen",
    "get": "got gotten", "give": "gave given", "go": "went gone", "grind": "ground", "hang": "hung", "have": "had",
    "hear": "heard", "hide": "hid hidden", "hit": "hit", "hold": "held", "hurt": "hurt", "keep": "kept",
    "kneel": "knelt kneeled", "know": "knew known", "lay": "laid", "lead": "led", "lean": "leant leaned",
    "leap": "leapt leaped", "leave": "left", "let": "let", "lie": "lain", "lose": "lost", "make": "made",
    "meet": "met", "put": "put", "read": "read", "ride": "rode ridden", "ring": "rang rung", "rise": "rose risen",
    "run": "ran run", "say": "said", "see": "saw seen", "seek": "sought", "send": "sent", "set": "set",
    "shake": "shook shaken", "shoot": "shot", "show": "showed shown", "shut": "shut", "sing": "sang sung",
    "sink": "sank sunk", "sit": "sat", "sleep": "slept", "slide": "slid", "sling": "slung", "speak": "spoke spoken",
    "spin": "spun", "spit": "spat", "spread": "spread", "spring": "sprang sprung", "stand": "stood",
    "steal": "stole stolen",
    "stick": "stuck", "strike": "struck", "sweep": "swept", "swim": "swam swum", "swing": "swung", "take": "took taken",
    "teach": "taught", "tell": "told", "think": "thought", "throw": "threw thrown", "thrust": "thrust",
    "wake": "woke woken", "wear": "wore worn", "weep": "wept", "wind": "wound",
    "withdraw": "withdrew withdrawn", "write": "wrote written",
}  # fmt: skip
_DOUBLES_TOO = frozenset({"backstep", "begin", "side-step", "sidestep", "transfer", "unwrap", "unzip", "zigzag"})


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


@cache
def third_of(verb: str) -> str:
    """The third person of a base form: "go" -> "goes"."""
    if verb in _THIRD_OF:
        return _THIRD_OF[verb]
    if verb.endswith(("s", "x", "z", "ch", "sh")) or (verb.endswith("o") and not verb.endswith("oo")):
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
    if base in _DOUBLES_TOO:
        return True
    if len(base) < 3 or base in _DOUBLES_NOT or base[-1] in _VOWELS + "wxy":
        return False
    base = base.replace("qu", "kw")
    vowels = sum(letter in _VOWELS for letter in base)
    return vowels == 1 and base[-2] in _VOWELS


@cache
def gerund_of(base: str) -> str:
    """The participle of a base form: "sit" -> "sitting"."""
    if base in _GERUND_OF:
        return _GERUND_OF[base]
    if base.endswith("e") and not base.endswith(("ee", "oe", "ye")):
        return base[:-1] + "ing"
    return base + (base[-1] if _doubles(base) else "") + "ing"


@cache
def past_forms(base: str) -> tuple[str, ...]:
    """Past and past participle of a base form, once each: "throw" -> ("threw", "thrown"), "walk" -> ("walked",)."""
    if base in _PAST_OF:
        return tuple(_PAST_OF[base].split())
    if base.endswith("e"):
        return (base + "d",)
    if base.endswith("y") and base[-2:-1] not in _VOWELS:
        return (base[:-1] + "ied",)
    return (base + (base[-1] if _doubles(base) else "") + "ed",)


def third_person(phrase: str) -> str:
    """A phrase that starts with a base form, in the third person: "walk forward" -> "walks forward"."""
    before, verb, after = _split_verb(phrase)
    return before + third_of(verb) + after


def base_form(phrase: str) -> str:
    """A phrase in the third person, back in its base form: "crouches down" -> "crouch down"."""
    before, verb, after = _split_verb(phrase)
    return before + _base(verb) + after


def gerund(phrase: str) -> str:
    """A phrase in the third person as a participle: "sits down" -> "sitting down"."""
    before, verb, after = _split_verb(phrase)
    return before + gerund_of(_base(verb)) + after
