"""Joint names: their side and their words, in any spelling.

``LeftUpLeg``, ``mixamorig:LeftUpLeg``, ``L_UpLeg``, ``UpLeg.L`` and ``Bip01 L UpLeg`` all read: left, up leg; ``LUArm``
reads left, upper arm; ``左足首`` reads left, ankle.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

from chronomotion.motion.formats.joint_words import BODY_PARTS, FINE_PARTS, PASSED_OVER, SECOND_CHOICE, in_english

__all__ = ["JointName", "parse_name"]

_SIDES = {
    "left": "left", "l": "left", "lft": "left", "lt": "left",
    "right": "right", "r": "right", "rt": "right", "rgt": "right",
}  # fmt: skip
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_a-zA-Z]+")
_NAMESPACE = re.compile(r"^.*[:|]")
_PREFIX = re.compile(r"^(?:[mfn]_avg_|(?:DEF|ORG)[-_])", re.IGNORECASE)
"""SMPL's and Rigify's: both say what kind of rig it is, not which joint."""
_GLUED = re.compile(r"(?<![A-Za-z])([LR])([UFL])(?=(?:Arm|Leg)(?![a-z]))")
"""OptiTrack's ``LUArm`` and ``LFArm``, whose capitals run together."""
_GLUED_WORDS = {"U": "Upper", "F": "Fore", "L": "Lower"}
_TWISTS = ("twist", "roll", "nub", "helper")
"""Endings of words, as in ``thightwist``."""
_COUNTERS = frozenset({"a", "b", "c", "x", "bone", "joint", "jnt"})


@dataclass(frozen=True)
class JointName:
    """A joint's side ("left", "right" or "") and its words in lower case, numbers apart."""

    side: str
    words: tuple[str, ...]
    number: str = ""

    @cached_property
    def passed_over(self) -> bool:
        """True for ends, twist and control bones, props, fingers, faces and clothes."""
        marks = {word for word in self.words if word in PASSED_OVER or word.endswith(_TWISTS)}
        if self.is_neck and marks == {"twist"}:
            # Character Creator's neck bones are called NeckTwist, and there are no others.
            return False
        return bool(marks) or self.words in (("shoulder", "p"), ("shoulder", "c"))

    @property
    def is_fine(self) -> bool:
        """True for fingers and parts of the face."""
        return not FINE_PARTS.isdisjoint(self.words)

    @property
    def second_choice(self) -> bool:
        """True for the double of a joint, which counts only where the joint itself is missing."""
        return not SECOND_CHOICE.isdisjoint(self.words)

    @property
    def is_neck(self) -> bool:
        """True for a neck of any name, on neither side."""
        return not self.side and any(word.endswith("neck") or word == "necktwist" for word in self.words)

    @property
    def is_toe(self) -> bool:
        """True for toes and the ball of the foot."""
        return any(word.startswith("toe") or word.endswith(("toe", "toes")) or word == "ball" for word in self.words)

    @property
    def stem(self) -> tuple[str, ...]:
        """The words that parts of one bone share: no numbers, and no letters that count."""
        return tuple(word for word in self.words if word not in _COUNTERS) or self.words

    @property
    def plain(self) -> str:
        """The name as we would spell it: ``left_hip``, ``spine1``."""
        body = "_".join(self.words) + self.number
        return f"{self.side}_{body}" if self.side else body

    def has(self, *words: str) -> bool:
        """True when the name contains one of the words."""
        return any(word in self.words for word in words)

    def speaks_of(self, *parts: str) -> bool:
        """True when the name contains one of the parts, in one word or several: ``fore arm`` is a ``forearm``."""
        return any(part in "".join(self.words) for part in parts)


@lru_cache(maxsize=8192)
def parse_name(name: str) -> JointName:
    """Take a joint's name apart; namespaces before ':' or '|' do not count."""
    bare = _PREFIX.sub("", _NAMESPACE.sub("", in_english(name)))
    bare = _GLUED.sub(lambda match: f"{match[1]} {_GLUED_WORDS[match[2]]} ", bare)
    side, words, number = "", [], ""
    for token in _WORD.findall(bare):
        if token.isdigit():
            number = token.lstrip("0")
            continue
        token_side, word = _split_side(token.lower())
        side = side or token_side
        if word:
            words.append(word)
    if not words:
        # Xsens names its vertebrae L5, L3, T12: not the left of anything.
        return JointName("", (bare.lower(),))
    return JointName(side, tuple(words), number)


def _split_side(token: str) -> tuple[str, str]:
    """(side, rest) of one word in lower case."""
    if token in _SIDES:
        return _SIDES[token], ""
    for side in ("left", "right"):
        if token.startswith(side):
            return side, token.removeprefix(side)
        if token.endswith(side) and token.removesuffix(side) in BODY_PARTS:
            return side, token.removesuffix(side)
    if token[0] in "lr" and token[1:] in BODY_PARTS:
        return _SIDES[token[0]], token[1:]
    return "", token
