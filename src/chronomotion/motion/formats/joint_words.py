"""Words in joint names: parts of the body, things that are not one of the 22 joints, and Japanese and Chinese terms."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["BODY_PARTS", "FINE_PARTS", "PASSED_OVER", "SECOND_CHOICE", "in_english"]

BODY_PARTS = frozenset(
    {
        "hip", "hips", "hipjoint", "thigh", "femur", "upleg", "upperleg", "leg", "lowerleg", "knee", "shin", "uleg",
        "lleg", "calf", "tibia", "ankle", "foot", "feet", "toe", "toes", "toebase", "ball", "buttock", "collar",
        "clavicle", "scapula", "shoulder", "shldr", "humerus", "arm", "uparm", "upperarm", "forearm", "uarm", "farm",
        "lowerarm", "elbow", "radius", "ulna", "wrist", "hand", "palm", "fingers", "thumb", "heel", "metatarsal",
        "metatarsals",
    }
)  # fmt: skip
"""Words that may have a side glued to them, as in ``lfemur``, ``rThigh`` or ``footleft``."""

PASSED_OVER = frozenset(
    {
        "end", "nub", "tip", "top", "site", "twist", "roll", "share", "corrective", "bulge", "muscle", "sec", "adj",
        "bck", "fwd", "inner", "outer",
        "ik", "pole", "ctrl", "ctl", "control", "target", "goal", "effector", "helper", "dummy", "aux", "marker",
        "tweak", "mch", "wgt", "vis", "parent", "cancel", "socket", "attach", "locator",
        "horse", "prop", "props", "weapon", "gun", "sword", "shield", "item", "holster",
        "finger", "fingers", "thumb", "index", "mid", "middle", "ring", "pinky", "little", "metacarpal", "carpal",
        "eye", "eyes", "jaw", "hair", "ponytail", "ear", "brow", "lid", "tongue", "nose", "cheek", "lip", "chin",
        "breast", "bust", "pectoral", "skirt", "sleeve", "tail", "cape", "cloth", "hat",
    }
)  # fmt: skip
"""Words of joints that are no joint of the 22: ends, twist and control bones, props, fingers, faces, clothes."""

FINE_PARTS = frozenset(
    {
        "finger", "fingers", "thumb", "index", "mid", "middle", "ring", "pinky", "little", "metacarpal", "carpal",
        "eye", "eyes", "jaw", "ear", "brow", "lid", "tongue", "nose", "cheek", "lip", "chin",
    }
)  # fmt: skip
"""Words of fingers and faces: among those that are passed over, the ones that many joints have."""

SECOND_CHOICE = frozenset({"fk", "d"})
"""Words of a limb's double: a control for forward kinematics, or MMD's copy (``左足D``) of a bone that IK moves."""

_FOREIGN = {
    "left": "左", "right": "右",
    "head": "頭 头 頭部 头部", "neck": "首 颈 頸 颈部 脖子", "root": "センター グルーブ 全ての親 すべての親 操作中心",
    "upper body": "上半身", "lower body pelvis": "下半身", "pelvis": "骨盤 骨盆 盆骨 腰骨", "waist": "腰 腰部",
    "chest": "胸 胸部", "spine": "背骨 脊椎 脊柱",
    "shoulder": "肩 肩膀", "helper": "肩p 肩c 補助 辅助", "clavicle": "鎖骨 锁骨",
    "arm": "腕", "upper arm": "上腕 上臂 大臂", "forearm": "前腕 前臂 小臂 下臂", "elbow": "ひじ 肘 手肘",
    "wrist": "手首 手腕", "hand": "手", "palm": "掌 手掌",
    "leg": "足 腿", "thigh": "太もも 太腿 大腿 もも", "calf": "小腿 下腿 すね 脛 ふくらはぎ",
    "knee": "ひざ 膝 膝盖", "ankle": "足首 脚踝 脚腕 脚脖子", "foot": "脚",
    "heel": "かかと 踵 脚跟", "toe": "つま先 つまさき 爪先 足先 足の指 足指 脚趾 脚尖 脚掌",
    "finger": "指 親指 人指 人差し指 中指 薬指 小指 拇指 食指 无名指",
    "twist": "捩 捩り 捻 捻り 扭转", "cancel": "キャンセル", "parent": "親", "dummy": "ダミー", "tip": "先",
    "eye": "目 眼 両目 眼睛", "hair": "髪 头发 毛", "ear": "耳", "jaw": "顎 あご 下巴", "tongue": "舌", "breast": "乳",
    "sleeve": "袖", "skirt": "スカート 裙", "tail": "尻尾 しっぽ 尾巴", "cloth": "服", "hat": "帽子",
    "weapon": "武器", "glove": "手袋", "necklace": "首飾り 项链",
}  # fmt: skip
_HIRAGANA = {letter: letter - 0x60 for letter in range(0x30A1, 0x30F7)}
"""Katakana as hiragana: names are written in either."""
_ENGLISH = {word.translate(_HIRAGANA): english for english, words in _FOREIGN.items() for word in words.split()}
_LONGEST_FIRST = re.compile("|".join(sorted(map(re.escape, _ENGLISH), key=len, reverse=True)), re.IGNORECASE)


def in_english(name: str) -> str:
    """A joint's name with full- and half-width letters made plain, accents taken off, and known words in English."""
    if name.isascii():
        return name
    plain = unicodedata.normalize("NFKC", name).translate(_HIRAGANA)
    translated = _LONGEST_FIRST.sub(lambda match: f" {_ENGLISH[match[0].lower()]} ", plain)
    # Only Latin letters lose their marks: a voiced kana is a letter of its own.
    return "".join(
        unicodedata.normalize("NFD", letter)[0] if "\u00c0" <= letter <= "\u024f" else letter for letter in translated
    )
