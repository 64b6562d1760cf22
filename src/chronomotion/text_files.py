"""Text, JSON and lists of names from strangers: sizes checked before memory is taken, errors with file and line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from chronomotion.errors import FormatError

__all__ = ["MAX_CAPTION", "MAX_TEXT", "clean_text", "read_json", "read_lines", "read_text", "text_of"]

MAX_TEXT = 2**30
"""Bytes of a table; all of HumanML3D's annotations are 20 MB."""
MAX_CAPTION = 10_000
"""Characters of a caption; published ones have a few hundred at most."""
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_PROBED = 200
"""Bytes in which UTF-16 shows: every other byte of Latin text is 0."""


def read_text(path: Path, limit: int = MAX_TEXT) -> str:
    """All of a text file; raises FormatError when it is missing, above ``limit`` bytes, or not text."""
    try:
        with path.open("rb") as stream:
            raw = stream.read(limit + 1)
    except OSError as error:
        raise FormatError(f"cannot be read: {error.strerror or error}", str(path)) from error
    return text_of(raw, str(path), limit)


def text_of(raw: bytes, name: str, limit: int = MAX_TEXT) -> str:
    """The text in the bytes of a file called ``name``: UTF-8, or UTF-16 that starts with its mark.

    Errors as in :func:`read_text`. Other encodings cannot be told apart, so they are refused rather than guessed.
    """
    if len(raw) > limit:
        raise FormatError(f"more than {limit} bytes, which is the most that is read of such a file", name)
    if raw.startswith(_UTF_16):
        return _utf_16(raw, name)
    if raw[:_PROBED].count(0) > len(raw[:_PROBED]) // 4:
        raise FormatError("not UTF-8 text but UTF-16 without its mark, or no text: save the file as UTF-8", name)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        byte = f"byte 0x{raw[error.start]:02x}"
        raise FormatError(f"not UTF-8 text ({byte}): save the file as UTF-8", f"{name}:{line}") from error


def _utf_16(raw: bytes, name: str) -> str:
    """What spreadsheets and Notepad call Unicode text."""
    try:
        return raw.decode("utf-16")
    except UnicodeDecodeError as error:
        raise FormatError("starts as UTF-16 and does not go on as such: save the file as UTF-8", name) from error


def read_lines(path: Path, limit: int = MAX_TEXT) -> list[str]:
    """Lines of a text file, stripped, whichever system ended them; errors as in :func:`read_text`."""
    text = read_text(path, limit).replace("\r\n", "\n").replace("\r", "\n")
    return [line.strip() for line in text.split("\n")]


def read_json(path: Path, limit: int = MAX_TEXT) -> Any:
    """The value in a JSON file; raises FormatError with file and line when it is none."""
    text = read_text(path, limit)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise FormatError(f"not JSON: {error.msg}", f"{path}:{error.lineno}") from error
    except (ValueError, RecursionError) as error:
        raise FormatError(f"not JSON that can be read: {str(error)[:100]}", str(path)) from error


def clean_text(value: object, where: str) -> str:
    """A caption, with single spaces and no line breaks.

    Raises FormatError at ``where`` when it is no text, empty, longer than ``MAX_CAPTION``, or cannot be written as
    UTF-8.
    """
    if not isinstance(value, str):
        raise FormatError(f"expected text, found {type(value).__name__}", where)
    if len(value) > MAX_CAPTION:
        raise FormatError(f"a text of {len(value)} characters, at most {MAX_CAPTION} are read", where)
    text = " ".join(value.replace("\0", " ").split())
    if not text:
        raise FormatError("an empty text", where)
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise FormatError("half a character (a lone surrogate): save the file as UTF-8", where)
    return text
