"""What reducing captions to what a motion can show does to real captions.

python benchmarks/canonical.py CAPTIONS [CAPTIONS ...] [--examples N] [--seed N] [--closer [NAME]]

CAPTIONS are annotations.json, JSON lines or text. Counts captions and words before and after, and what went or is told
otherwise, by kind; draws examples; times the reduction on the processor. --closer asks a language model (the packaged
one, or NAME) how near captions of one motion come to each other: cosines, and how often the caption nearest to another,
among all others, is one of the same motion. Where captions have no clip, it needs the field ``id``.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from chronomotion.corpus.caption_sources import captions_at
from chronomotion.language.canonical import Reduction, reduced
from chronomotion.language.decompose.rules import RuleDecomposer
from chronomotion.language.reduction.changes import KINDS
from chronomotion.language.wording import tell
from chronomotion.model.config import DEFAULT_TEXT_MODEL
from chronomotion.seeding import generator
from machine import machine


class Told(NamedTuple):
    """A caption, and the motion that it is of ("" where unknown)."""

    motion: str
    text: str


def main() -> None:
    """Count, time, draw, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("captions", type=Path, nargs="+")
    parser.add_argument("--examples", type=int, default=10, help="Examples drawn from each file.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--closer", nargs="?", const=DEFAULT_TEXT_MODEL, help="A language model compares captions.")
    options = parser.parse_args()
    print(f"machine: {machine()}")
    for path in options.captions:
        captions = _read(path)
        texts = list(dict.fromkeys(one.text for one in captions))
        began = time.process_time()
        made = {text: reduced(text) for text in texts}
        seconds = time.process_time() - began
        print(f"\n## {path.name}\n")
        _print_counts([one.text for one in captions], made, seconds)
        _print_kinds(made)
        _print_examples(made, options.examples, options.seed)
        if options.closer:
            _print_closeness(captions, made, options.closer)


def _read(path: Path) -> list[Told]:
    if path.suffix == ".jsonl":
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        return [Told(str(row.get("id", "")), row.get("caption") or row.get("text")) for row in rows]
    return [Told(caption.clip or "", caption.text) for caption in captions_at(path)]


def _print_counts(texts: Sequence[str], made: dict[str, Reduction], seconds: float) -> None:
    neutral = {text: tell(RuleDecomposer().split(text).events) for text in made}
    after = [made[text].text for text in texts]
    said = [text.lower().strip(" .") for text in texts]
    print("| | as written | neutral wording | canonical |\n|---|---|---|---|")
    distinct = (len(set(said)), len({neutral[text] for text in texts}), len(set(after)))
    print(f"| distinct of {len(texts)} captions | " + " | ".join(f"{count}" for count in distinct) + " |")
    words = (_words(said), _words(neutral[text] for text in texts), _words(after))
    print("| words in all | " + " | ".join(f"{sum(count.values())}" for count in words) + " |")
    print("| words a caption | " + " | ".join(f"{sum(count.values()) / len(texts):.2f}" for count in words) + " |")
    print("| different words | " + " | ".join(f"{len(count)}" for count in words) + " |")
    changed = sum(bool(made[text].changes) for text in texts)
    print(f"\nchanged beyond neutral wording: {changed} captions ({changed / len(texts):.1%})")
    print(f"{len(made) / seconds:.0f} different captions a second, one processor")


def _words(texts: Iterable[str]) -> Counter[str]:
    return Counter(word.strip(".,") for text in texts for word in text.split())


def _print_kinds(made: dict[str, Reduction]) -> None:
    print("\n| kind | changes | words before | words after | the most frequent |\n|---|---|---|---|---|")
    for kind in KINDS:
        changes = [change for one in made.values() for change in one.changes if change.kind == kind]
        before, after = (
            sum(len(text.split()) for text in texts)
            for texts in ([change.before for change in changes], [change.after for change in changes])
        )
        often = Counter((change.before, change.after) for change in changes).most_common(5)
        said = "; ".join(f"{old} -> {new or '(gone)'} ({count})" for (old, new), count in often)
        print(f"| {kind} | {len(changes)} | {before} | {after} | {said} |")


def _print_examples(made: dict[str, Reduction], count: int, seed: int) -> None:
    """Drawn among the captions in which more than the wording has changed."""
    texts = [text for text, one in made.items() if any(change.kind != "word" for change in one.changes)]
    drawn = generator("canonical", seed).permutation(len(texts))[:count]
    print(f"\n{count} of {len(texts)} captions with a change of more than words for words, seed {seed}:\n")
    for i in drawn:
        print(f"- {texts[i].strip()}\n  -> {made[texts[i]].text}")


def _print_closeness(captions: Sequence[Told], made: dict[str, Reduction], name: str) -> None:
    """Captions of one motion against those of others. Mirror images and motions with one caption are left out."""
    from chronomotion.model.backbone import TextBackbone
    from chronomotion.model.text_states import SentenceVectors, TextStates

    several = defaultdict(set)
    for one in captions:
        if one.motion and not one.motion.startswith("M"):
            several[one.motion].add(one.text)
    told = [Told(motion, text) for motion, texts in several.items() if len(texts) > 1 for text in sorted(texts)]
    motions = np.array([one.motion for one in told])
    vectors = SentenceVectors(TextStates(TextBackbone(name)))
    rules = RuleDecomposer()
    print(f"\n{len(told)} captions of {len(set(motions))} motions, compared by {name}:\n")
    print("| wording | cosine, same motion | cosine, other motions | nearest is of the same motion (R@1) | R@10 |")
    print("|---|---|---|---|---|")
    for wording, texts in (
        ("as written", [one.text for one in told]),
        ("neutral", [tell(rules.split(one.text).events) for one in told]),
        ("canonical", [made[one.text].text for one in told]),
    ):
        same, other, first, ten = _closeness(vectors(texts), motions)
        print(f"| {wording} | {same:.3f} | {other:.3f} | {first:.1f} % | {ten:.1f} % |")


def _closeness(vectors: np.ndarray, motions: np.ndarray) -> list[float]:
    """Mean cosines of captions of one motion and of different ones, R@1 and R@10 in percent.

    Ties share their places: a caption whose best ``n`` captions are equally near counts by the share of right ones.
    """
    same: list[float] = []
    others: list[float] = []
    hits = {1: 0.0, 10: 0.0}
    for i, vector in enumerate(vectors):
        scores = np.round(vectors @ vector, 5)
        right = motions == motions[i]
        right[i] = False
        same.append(float(scores[right].mean()))
        others.append(float(scores[motions != motions[i]].mean()))
        scores[i] = -2.0
        best = scores[right].max()
        better, ties = int((scores > best).sum()), scores == best
        wrong_ties = int((ties & ~right).sum())
        for k in hits:
            hits[k] += _chance(k - better, wrong_ties, int((ties & right).sum()))
    return [float(np.mean(same)), float(np.mean(others)), *(100 * hit / len(vectors) for hit in hits.values())]


def _chance(places: int, wrong: int, right: int) -> float:
    """That a right one is among the first ``places`` of ``wrong + right`` that stand in any order."""
    if places <= 0:
        return 0.0
    missed = 1.0
    for taken in range(min(places, wrong + right)):
        missed *= max(wrong - taken, 0) / (wrong + right - taken)
    return 1.0 - missed


if __name__ == "__main__":
    main()
