"""What a library of real takes says of what it does not show.

python benchmarks/absent_events.py LIB [--shown WORDS ...]

LIB is a library of Bandai-Namco's takes (`chronomotion index`), or another with --shown. Prints, for sentences about
what no take shows and for those that takes show, of how many some clip shows it by itself (a calibrated presence of .95
where it is placed), and for how many good matches are listed.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from chronomotion import Library
from machine import load, machine

SHOWN = (
    "walks", "runs", "bows", "waves the left hand", "waves the right hand", "waves both hands", "raises the left arm",
    "raises both arms", "turns left while walking", "turns right while walking", "walks backward", "punches",
    "dashes forward", "says goodbye with a wave",
)  # fmt: skip
ABSENT = (
    "swims", "plays the piano", "does a cartwheel", "does a backflip", "rides a bike", "skips rope", "does push-ups",
    "rolls on the floor", "drinks from a cup", "rows a boat", "paints a wall", "brushes the teeth", "lies down",
    "crawls", "plays the guitar", "combs the hair", "juggles", "does sit-ups", "types on a keyboard",
    "sweeps the floor", "plays tennis", "stretches on the floor", "skates",
)  # fmt: skip


def main() -> None:
    """Ask, count, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("library", type=Path)
    parser.add_argument("--shown", nargs="+", default=SHOWN)
    given = parser.parse_args()
    library = Library.open(given.library)
    for kind, sentences in (("shown", given.shown), ("absent", ABSENT)):
        by_itself, listed = counts(library, sentences)
        print(
            f"{kind}: {len(sentences)} sentences; some clip shows it by itself: {np.count_nonzero(by_itself)}; "
            f"good matches are listed: {np.count_nonzero(listed)}"
        )
        print("  listed:", ", ".join(text for text, count in zip(sentences, listed, strict=True) if count) or "none")
    print(f"{len(library)} clips; {machine()}; {load()}")


def counts(library: Library, sentences: Sequence[str]) -> tuple[list[int], list[int]]:
    """For each sentence the clips that show it by themselves, and those that are listed as good."""
    results = [library.search(f"a person {text}", top=100, fold=False) for text in sentences]
    by_itself = [sum(all(event.found for event in hit.events) for hit in result.hits) for result in results]
    return by_itself, [sum(hit.good for hit in result.hits) for result in results]


if __name__ == "__main__":
    main()
