"""What ordered late interaction knows of order, for models that were and were not trained for it.

python benchmarks/late_interaction.py --out FOLDER [--clips FOLDER --labels TABLE] [--train N] [--test N] [--models a,b]
    [--unseen CORPUS]

Small models are trained in the settings of ablation.py on compound motions in one habitual order: `none`, without any
negatives of order; `shuffled-sentences`, like ChronAccRet; `chronomotion`, our preset. The test has all orders alike.
The weights of the terms are chosen on the split val, by the mean R@1 of both ways. What is in the folder is not made
again. --unseen tests the same models with the same weights on the split test of another composed corpus, too.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np

from ablation import ROWS, settings_of
from chronomotion.cli.options import source_of
from chronomotion.corpus import Corpus
from chronomotion.corpus.compose.compose import compose
from chronomotion.evaluation.answers import Answers, Matrix
from chronomotion.evaluation.late_interaction import Interaction, LateAnswers, MaxSimAnswers
from chronomotion.evaluation.measure import measure
from chronomotion.evaluation.protocols import stories
from chronomotion.evaluation.questions import Questions
from chronomotion.evaluation.ranking import EqualLabels, rank, recalls
from chronomotion.evaluation.report_records import Interval
from chronomotion.evaluation.retrieval import Gallery
from chronomotion.language.decompose.rules import RuleDecomposer
from chronomotion.model.backbone import TextBackbone
from chronomotion.model.matching import Weights
from chronomotion.model.motion_text import MotionTextModel
from chronomotion.model.text_states import TextStates
from chronomotion.training.train import train
from machine import machine

MODELS = ("none", "shuffled-sentences", "chronomotion")
GRID = (0.1, 0.3, 1.0, 3.0)
HEADS = ("CAR", "tied", "all orders", "both ways", "blind", "blind (mean)", "R@1", "R@10", "m2t R@1", "tolerance R@10")
TOP = 100


def main() -> None:
    """Make corpora and models where they are missing, print the table and the processor time of a candidate."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--clips", type=Path)
    parser.add_argument("--labels", type=Path)
    parser.add_argument("--train", type=int, default=1000, help="motions to train on")
    parser.add_argument("--test", type=int, default=300, help="motions to test on; weights: two thirds")
    parser.add_argument("--epochs", type=int, default=18)
    parser.add_argument("--models", default=",".join(MODELS), help=f"of: {', '.join(MODELS)}")
    parser.add_argument("--unseen", type=Path, help="another composed corpus")
    given = parser.parse_args()
    names = [name.strip() for name in given.models.split(",")]
    source = source_of(given.clips, given.labels, 0)
    splits = {"habit": {"train": given.train}, "uniform": {"val": 2 * given.test // 3, "test": given.test}}
    for order, counts in splits.items():
        if not (given.out / order / "corpus.json").exists():
            compose(source, given.out / order, counts, order="habit" if order == "habit" else "uniform", seed=0)
    states = TextStates(TextBackbone(), given.out / "text")
    print(f"| model | score | {' | '.join(HEADS)} |\n{'|---' * (len(HEADS) + 2)}|")
    costs = []
    for name in names:
        settings = settings_of(ROWS[name], given.epochs, 0)
        model = train(Corpus(given.out / "habit"), given.out / "models" / name, settings, states=states)
        costs.append(f"{name}: {measured(name, model, Corpus(given.out / 'uniform'), given.unseen)}")
    print("", *costs, f"{given.train} motions, {given.epochs} epochs; {machine()}", sep="\n")


def measured(name: str, model: MotionTextModel, corpus: Corpus, unseen: Path | None) -> str:
    """Print the rows of a model; the weights, and what a candidate costs."""
    val = Questions(corpus, "val")
    alone, both = chosen(val, Interaction.of(model, val))
    questions = Questions(corpus, "test")
    began = time.process_time()
    interaction = Interaction.of(model, questions)
    encoding = time.process_time() - began
    by_rules = Interaction.of(model, questions, decomposer=RuleDecomposer())
    rows: dict[str, Answers] = {
        "vectors": interaction.vectors,
        "late interaction alone": LateAnswers(interaction, alone),
        "added to the vectors": LateAnswers(interaction, both),
        "added, events by the rules": LateAnswers(by_rules, both),
        "MaxSim, the same windows": MaxSimAnswers(interaction),
    }
    for row, answers in rows.items():
        print(f"| {name} | {row} | {' | '.join(figures(questions, answers))} |", flush=True)
    if unseen is not None:
        elsewhere = Questions(Corpus(unseen), "test")
        there = Interaction.of(model, elsewhere)
        for row, weights in {"vectors": Weights(1.0, 0.0, 0.0), "alone": alone, "added": both}.items():
            cells = figures(elsewhere, LateAnswers(there, weights))
            print(f"| {name} | {row}, unseen | {' | '.join(cells)} |", flush=True)
    candidates = ", ".join(f"{ms:.2f} ms ({n} events)" for n, ms in costs(questions, interaction, both))
    motions = len(questions.motions)
    return (
        f"alone: events {alone.events:g}, order {alone.order:g}; added: events {both.events:g}, order {both.order:g}; "
        f"a candidate of {TOP}: {candidates}; "
        f"all encoded in {1000 * encoding / motions:.0f} ms a motion, texts included"
    )


def chosen(questions: Questions, interaction: Interaction) -> tuple[Weights, Weights]:
    """Weights of late interaction alone and beside the vectors; of equal ones the first, which are the smallest."""
    pairs = stories(questions)
    terms = interaction.matcher.terms([interaction.events[row] for row in pairs.texts], pairs.motions)
    cosines = interaction.vectors.scores(pairs.texts, pairs.motions)
    right = EqualLabels(pairs.text_stories, pairs.stories)

    def first(weights: Weights) -> float:
        scores = weights.vector * cosines + weights.events * terms.events + weights.order * terms.order
        places = np.arange(len(scores))
        gallery = Gallery(Matrix(scores), places, places)
        ranking = rank(gallery.block, len(scores), len(scores), right, ties="wrong")
        return recalls(ranking.t2m)["R@1"] + recalls(ranking.m2t)["R@1"]

    alone = [Weights(0.0, 1.0, order) for order in GRID]
    both = [Weights(1.0, events, order) for events, order in product(GRID, GRID)]
    return max(alone, key=first), max(both, key=first)


def figures(questions: Questions, answers: Answers) -> list[str]:
    """The cells of a row."""
    report = measure(questions, answers)
    swapped = None if report.swapped is None else report.swapped.car_both_ways
    t2m, m2t = report.retrieval["t2m"], report.retrieval["m2t"]
    recall = [t2m["R@1"], t2m["R@10"], m2t["R@1"], report.order_tolerance["R@10"]]
    shares = [report.car_all, swapped, report.blind_exchange, report.blind_mean]
    tied = f"{report.car.ties:.0f}"
    return [str(report.car), tied, *(value(share) for share in shares), *(f"{percent:.1f}" for percent in recall)]


def value(interval: Interval | None) -> str:
    """A share without its interval."""
    return "-" if interval is None else f"{interval.value:.1f}"


def costs(questions: Questions, interaction: Interaction, weights: Weights) -> Iterator[tuple[int, float]]:
    """(number of events, milliseconds of processor time a candidate of a re-ranking)."""
    motions = np.arange(len(questions.clips))
    top = min(TOP, len(motions))
    for count in sorted({trial.count for trial in questions.trials}):
        texts = [t.texts_by_wording["neutral"].right for t in questions.trials if t.count == count][:30]
        cosines = interaction.vectors.scores(texts, np.arange(len(questions.motions)))
        began = time.process_time()
        for text, row in zip(texts, cosines, strict=True):
            interaction.matcher.rerank(interaction.events[text], row, weights, top=top)
        yield count, 1000 * (time.process_time() - began) / (len(texts) * top)


if __name__ == "__main__":
    main()
