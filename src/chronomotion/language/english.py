"""Which words are English: an English word is not a misspelling of another one."""

from __future__ import annotations

import gzip
from functools import cache
from importlib.resources import files

from chronomotion.language.lexicon import verb_forms

__all__ = ["is_english"]


def is_english(word: str) -> bool:
    """True for a word in lower case that the bundled word list or the lexicon of motion verbs has.

    Words of three letters and fewer count as English: nobody can tell which other one was meant. The list is SCOWL's,
    up to level 60; its notice is english_words.licence.txt.
    """
    return len(word) < 4 or word in verb_forms() or word in _listed()


@cache
def _listed() -> frozenset[str]:
    packed = files("chronomotion.language").joinpath("english_words.txt.gz").read_bytes()
    return frozenset(gzip.decompress(packed).decode("ascii").split())
