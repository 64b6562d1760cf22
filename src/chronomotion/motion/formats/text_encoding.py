"""Text of motion files: UTF-8, or what programs wrote before it (Japanese, Chinese, Western European)."""

from __future__ import annotations

import re

__all__ = ["decode_names"]

_ASIAN = ("utf-8", "cp932", "gb18030")
"""utf-8 among them, for a file that a few damaged bytes keep from being valid."""
_BODY = frozenset("左右上下足首腕手肩頭头颈腰胸脚腿膝肘骨臂指掌半身先全親大小前目髪")
"""Letters that names of joints are made of, in Japanese and Chinese."""
_KANA = re.compile("[\u3041-\u30ff]")
_WESTERN = re.compile("(?<![^\\W_])[A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff\u0152-\u017e]+(?![^\\W_])")


def decode_names(raw: bytes) -> str:
    """The text of a file whose only letters are in names of joints.

    What is no UTF-8 is Japanese (cp932) or Chinese (gb18030) where that reads as names of joints, else Western European
    (cp1252, a superset of latin-1 but for control characters).
    """
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode(_encoding(raw[: _length_of_names(raw)]), errors="replace")


def _length_of_names(raw: bytes) -> int:
    """Bytes up to the numbers of a BVH: what follows is ASCII, and long."""
    at = raw.find(b"MOTION")
    return at if at >= 0 else len(raw)


def _encoding(raw: bytes) -> str:
    """The encoding in which the letters beyond ASCII are most like those in names of joints."""
    texts = {encoding: _decoded(raw, encoding) for encoding in _ASIAN}
    scores = {encoding: _likeness(text) for encoding, text in texts.items()}
    best = max(scores, key=scores.__getitem__)
    western = raw.decode("cp1252", errors="replace")
    if scores[best] < 0.5 and _is_western(western):
        return "cp1252"
    return best if scores[best] > 0 else "cp1252"


def _decoded(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding, errors="replace" if encoding == "utf-8" else "strict")
    except UnicodeDecodeError:
        return ""


def _likeness(text: str) -> float:
    """Share of the letters beyond ASCII that are kana or stand for parts of the body; half-width kana do not count."""
    letters = [letter for letter in text if not letter.isascii()]
    return sum(letter in _BODY or bool(_KANA.match(letter)) for letter in letters) / max(1, len(letters))


def _is_western(text: str) -> bool:
    """True where every word with an accent has plain letters, too, at least as many: as in ``Hüfte``."""
    accented = [word for word in re.findall(r"[^\s\d_.:|\-]+", text) if not word.isascii()]
    return all(
        _WESTERN.fullmatch(word) is not None and 2 * sum(map(str.isascii, word)) >= len(word) for word in accented
    )
