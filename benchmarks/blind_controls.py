"""What the blind controls show about the published protocol: python benchmarks/blind_controls.py [FOLDER ...].

Each FOLDER is one that a demonstration left: its corpora (habit, uniform) and its models are measured, beside reference
models and a model of text alone. Without a folder small procedural corpora are composed, for the models that need no
training.
"""

from __future__ import annotations

import argparse
import itertools
import math
import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from chronomotion.corpus import Corpus
from chronomotion.corpus.compose.compose import compose
from chronomotion.corpus.compose.sources import ProceduralClips
from chronomotion.evaluation.answers import Matrix
from chronomotion.evaluation.evaluate import evaluate
from chronomotion.evaluation.models import Model, open_model
from chronomotion.evaluation.questions import Questions
from chronomotion.evaluation.report import Report
from chronomotion.evaluation.report_records import HEADLINE, Interval
from chronomotion.language.order import shuffles
from chronomotion.language.wording import as_written, tell
from machine import machine

_HEADS = (
    "model", "test", "orig->event as written (published)", "its blind: other motions",
    "event->event neutral", "blind: other motions", "blind: other events", "blind: mean motion", "both ways",
    "won both",
)  # fmt: skip


class TextOnly:
    """A naive Bayes classifier of texts, "a caption, or shuffled events?", that never sees a motion.

    What it counts are ordered pairs of words, near and far: which word comes before which. It is trained as the
    published models are, on captions and events in their order against events in other orders, of a training split.
    """

    def __init__(self, corpus: Corpus) -> None:
        self._right: Counter[tuple[str, str]] = Counter()
        self._wrong: Counter[tuple[str, str]] = Counter()
        for name in corpus.split("train"):
            caption = corpus.captions(name)[0]
            events = caption.events
            if events is None:
                continue
            orders = shuffles(events.keys, 3, "text only", name)
            for wording in (tell, as_written):
                for text in (caption.text, wording(events.texts)):
                    self._right.update(_word_pairs(text))
                for order in orders:
                    self._wrong.update(_word_pairs(wording(events.reordered(order).texts)))

    def answers(self, questions: Questions) -> Matrix:
        """One number a text, whatever the motion."""
        scores = np.array([self._score(text) for text in questions.texts])
        return Matrix(np.broadcast_to(scores[:, None], (len(scores), len(questions.motions))))

    def _score(self, text: str) -> float:
        odds = [math.log((self._right[pair] + 1) / (self._wrong[pair] + 1)) for pair in _word_pairs(text)]
        return (
            float(np.mean(sorted(odds))) if odds else 0.0
        )  # sorted: equal pairs give an equal mean, whatever the order


def _word_pairs(text: str) -> Iterator[tuple[str, str]]:
    return itertools.combinations(re.findall(r"\w+|[,.]", text), 2)


def main() -> None:
    """Measure, and print a table in Markdown for each folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="*")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        for folder in given.folders or [_small_corpora(Path(scratch), given.seed)]:
            habit, uniform = Corpus(folder / "habit"), Corpus(folder / "uniform")
            print(f"\n{habit.info['source']}; {habit.fingerprint[:8]}, {uniform.fingerprint[:8]}\n")
            print(f"| {' | '.join(_HEADS)} |")
            print("|---" * len(_HEADS) + "|")
            for name, model in _models(folder, habit, given.seed):
                for corpus in (habit, uniform):
                    print(_row(name, corpus.folder.name, evaluate(model, corpus, seed=given.seed)), flush=True)
    print(f"\nseed {given.seed}; {machine()}")


def _small_corpora(folder: Path, seed: int) -> Path:
    for order, counts in (("habit", {"train": 400, "test": 200}), ("uniform", {"test": 200})):
        compose(ProceduralClips(seed), folder / order, counts, order=order, seed=seed)  # type: ignore[arg-type]
    return folder


def _models(folder: Path, habit: Corpus, seed: int) -> Iterator[tuple[str, Model]]:
    yield "random", open_model("random", seed=seed)
    yield "bag-of-events", open_model("bag-of-events", seed=seed)
    yield "text only", TextOnly(habit)
    for name in ("none", "shuffled", "counterfactual"):
        path = folder / "models" / name
        if (path / "config.json").is_file():
            yield name, open_model(str(path), cache=folder / "text")


def _row(name: str, test: str, report: Report) -> str:
    published, headline = report.order["original, as written"], report.order[HEADLINE]
    swapped = report.swapped
    figures: Sequence[Interval | None] = (
        published.car_single, published.blind_exchange, headline.car, headline.blind_exchange, headline.blind_disjoint,
        headline.blind_mean, None if swapped is None else swapped.car_both_ways,
        None if swapped is None else swapped.won_both_ways,
    )  # fmt: skip
    cells = ["-" if one is None else f"{one.value:.1f}{' (all tied)' if one.ties == 100 else ''}" for one in figures]
    return f"| {name} | {test} | {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
