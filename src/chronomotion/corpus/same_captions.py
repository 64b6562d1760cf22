"""Whether a folder holds the corpus that a call would write, where only captions are new."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from chronomotion.corpus.corpus import Corpus
from chronomotion.corpus.records import caption_to_record
from chronomotion.errors import CorpusError
from chronomotion.language.caption import Caption

__all__ = ["recaptioned_already"]

log = logging.getLogger(__name__)

_LONGEST = 60


def recaptioned_already(
    folder: Path, corpus: Corpus, captions: Iterable[Sequence[Caption]], described: Mapping[str, Any]
) -> Corpus:
    """The corpus in ``folder``, which is ``corpus`` with these captions and described so.

    Captions are asked for one clip at a time, and no more after the first difference. Raises CorpusError, with the
    difference, when the folder holds another corpus.
    """
    there = Corpus(folder)
    for key, value in described.items():
        _compare(folder, key, there.info.get(key), value)
    _compare(folder, "the number of clips", len(there), len(corpus))
    splits = [{split: each.split(split) for split in each.splits} for each in (there, corpus)]
    if there.names != corpus.names or splits[0] != splits[1] or not _same_motions(there, corpus):
        raise CorpusError(f"{folder} holds clips of another corpus: choose another folder or remove this one")
    for name, spoken in zip(corpus.names, captions, strict=True):
        old, new = ([caption_to_record(name, caption) for caption in each] for each in (there.captions(name), spoken))
        _compare(folder, f"the number of captions of {name}", len(old), len(new))
        for number, (was, is_now) in enumerate(zip(old, new, strict=True), start=1):
            for key in {**was, **is_now}:
                _compare(folder, f"{key} of caption {number} of {name}", _plain(was.get(key)), _plain(is_now.get(key)))
    log.info("%s is there already", folder)
    return there


def _same_motions(one: Corpus, other: Corpus) -> bool:
    files = [corpus.folder / "motions.arrow" for corpus in (one, other)]
    if files[0].samefile(files[1]):
        return True
    return all(np.array_equal(one.features(name), other.features(name)) for name in one.names)


def _plain(value: Any) -> Any:
    """As it comes back from a file."""
    return json.loads(json.dumps(value))


def _compare(folder: Path, what: str, there: Any, here: Any) -> None:
    if there != here:
        old, new = _shown(there), _shown(here)
        raise CorpusError(
            f"{folder} holds another corpus ({what} is {old} there and {new} here): choose another folder or remove "
            "this one"
        )


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
