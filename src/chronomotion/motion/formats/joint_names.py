"""What a joint's name says: its side and its words, whatever the spelling.

``LeftUpLeg``, ``mixamorig:LeftUpLeg``, ``L_UpLeg``, ``UpLeg.L`` and ``Bip01 L UpLeg`` all read: left, up leg.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["JointName", "parse_name"]

_SIDES = {"left": "left", "l": "left", "lft": "left", "lt": "left", "right": "right", "r": "right", "rt": "right"}

_PARTS = frozenset(
    {
        "hip", "hips", "hipjoint", "thigh", "femur", "upleg", "upperleg", "leg", "lowerleg", "knee", "shin",
        "calf", "tibia", "ankle", "foot", "feet", "toe", "toes", "toebase", "ball", "buttock", "collar",
        "clavicle", "scapula", "shoulder", "shldr", "humerus", "arm", "uparm", "upperarm", "forearm",
        "lowerarm", "elbow", "radius", "ulna", "wrist", "hand", "fingers", "thumb",
    }
)  # fmt: skip
"""Words that may have a side glued to their front, as in ``lfemur`` or ``rThigh``."""

_PASSED_OVER = frozenset(
    {
        "end", "nub", "tip", "top", "site", "twist", "roll", "ik", "pole", "ctrl", "control", "target",
        "effector", "helper", "dummy", "aux", "marker", "prop", "weapon", "finger", "fingers", "thumb", "index",
        "mid", "middle", "ring", "pinky", "little", "metacarpal", "carpal", "eye", "eyes", "jaw", "hair", "ear",
        "brow", "lid", "tongue", "breast", "pectoral", "skirt", "sleeve", "tail", "cape",
    }
)  # fmt: skip
"""Words of joints that are no joint of the 22: ends, twist and control bones, fingers, faces, clothes."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_NAMESPACE = re.compile(r"^.*[:|]")
_SMPL_PREFIX = re.compile(r"^[mfn]_avg_", re.IGNORECASE)


@dataclass(frozen=True)
class JointName:
    """A joint's side ("left", "right" or "") and its words in lower case, numbers apart."""

    side: str
    words: tuple[str, ...]
    number: str = ""

    @property
    def passed_over(self) -> bool:
        """True for ends, twist and control bones, fingers, faces and clothes."""
        return not _PASSED_OVER.isdisjoint(self.words)

    @property
    def plain(self) -> str:
        """The name as we would spell it: ``left_hip``, ``spine1``."""
        body = "_".join(self.words) + self.number
        return f"{self.side}_{body}" if self.side else body

    def has(self, *words: str) -> bool:
        """True when the name contains one of the words."""
        return any(word in self.words for word in words)


def parse_name(name: str) -> JointName:
    """Take a joint's name apart; namespaces before ':' or '|' do not count."""
    bare = _SMPL_PREFIX.sub("", _NAMESPACE.sub("", name))
    side, words, number = "", [], ""
    for token in _WORD.findall(bare):
        if token.isdigit():
            number = token.lstrip("0")
            continue
        found, word = _split_side(token.lower())
        side = side or found
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
    for prefix in ("left", "right"):
        if token.startswith(prefix):
            return prefix, token.removeprefix(prefix)
    if token[0] in "lr" and token[1:] in _PARTS:
        return _SIDES[token[0]], token[1:]
    return "", token
