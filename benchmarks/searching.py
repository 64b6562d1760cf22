"""What a query costs: a library against a corpus that is encoded anew for every query, as searches were before.

Run with ``python benchmarks/searching.py LIB [--clips 500]``; LIB is a library (``chronomotion index``). Figures are
processor time of this process; the clock says little where other programs are at work. Set OMP_NUM_THREADS=1.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from chronomotion.model.encoder import encode_motions, encode_texts
from chronomotion.search.asking.searching import Searcher
from chronomotion.search.asking.words import WordIndex
from chronomotion.search.phrase_bank import phrases
from chronomotion.search.records import MotionReference, Query
from chronomotion.search.stored.library import Library
from chronomotion.seeding import generator
from machine import machine

_SENTENCES = (
    "a person walks forward, turns left, then stops",
    "a person bows, then waves the right hand",
    "a person runs, then walks",
    "a person raises both hands",
    "someone kicks with the right leg, then punches, turns around and walks back",
)


def main() -> None:
    """Print a table of milliseconds a query, and the machine."""
    options = _options()
    load = os.getloadavg()[0]
    library = Library.open(options.library)
    numbers = sorted(library.clips)[: options.clips]
    library.search("a person stands")  # what is made once: model, words, mean, calibration
    names = [library.clips[number].name for number in numbers[:5]]
    rows = {
        f"before: {len(numbers)} clips encoded, one query": [_spent(lambda: _before(library, numbers))],
        "the first sentences of a process": _each(library, _SENTENCES),
        "a new sentence": _each(library, _new_sentences()),
        "a sentence asked before": _each(library, _SENTENCES),
        "the same, with its next page": _each(library, _SENTENCES, offset=10),
        "the same at order 0, other orders encoded": _each(library, _SENTENCES, order=0.0),
        "the same at order 2": _each(library, _SENTENCES, order=2.0),
        "without reranking": _each(library, _SENTENCES, rerank=0),
        "with a filter": _each(library, _SENTENCES, where="duration < 5"),
        "a clip as query": [_spent(partial(library.search, Query(like=MotionReference(name)))) for name in names],
        "words, read once": [_spent(lambda: WordIndex(list(library.clips.values())))],
    }
    print(f"{library}; {sum(len(library.windows(kind)) for kind in ('whole', 'long', 'short'))} windows")
    print("| processor time, ms | median | most |\n|---|---:|---:|")
    for name, seconds in rows.items():
        print(f"| {name} | {1000 * statistics.median(seconds):.3g} | {1000 * max(seconds):.3g} |")
    print(f"{machine()}; load average {load:.1f} at the start")
    first = _spent(lambda: Searcher(library)("a person stands"))
    print(f"A new searcher, with its first query: {1000 * first:.0f} ms")


def _each(library: Library, sentences: Sequence[str], **changes: Any) -> list[float]:
    """The processor time of every sentence."""
    return [_spent(partial(library.search, sentence, **changes)) for sentence in sentences]


def _new_sentences() -> list[str]:
    """Two phrases of the bundled bank each, in an order."""
    bank = phrases()
    pairs = (generator("searching", number).choice(len(bank), size=2, replace=False) for number in range(20))
    return [f"{bank[first].rstrip('.')}, then {bank[second]}" for first, second in pairs]


def _before(library: Library, numbers: list[int]) -> None:
    """What CorpusSearch does: encode every motion, encode the query, take the best by cosine."""
    vectors = encode_motions(library.model, [library.features(number) for number in numbers])
    query = encode_texts(library.model, ["a person walks, then jumps up"])["a person walks, then jumps up"]
    np.argsort(-(vectors @ query), kind="stable")[:5]


def _spent(work: Callable[[], object]) -> float:
    """Seconds of processor time."""
    start = time.process_time()
    work()
    return time.process_time() - start


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("library", type=Path)
    parser.add_argument("--clips", type=int, default=500, help="clips that are encoded as before")
    return parser.parse_args()


if __name__ == "__main__":
    main()
