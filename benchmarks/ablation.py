"""What each piece of the training recipe is worth: a small model a row, tested on held-out clips in all orders.

python benchmarks/ablation.py --clips FOLDER --labels TABLE --out FOLDER [--rows a,b,c] [--seed N]

Training motions are composed in one habitual order, as natural captions have habits; the test has all orders alike, and
other clips. Sizes are those of the demonstration. A row that is in the folder already is not run again, and a run that
was interrupted goes on. Without --clips the motions are procedural. A folder is of one seed; --summary and several
folders print mean and range of the rows that all of them have.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from chronomotion.atomic_write import atomic_write
from chronomotion.cli.options import source_of
from chronomotion.corpus import Corpus
from chronomotion.corpus.compose.compose import compose
from chronomotion.corpus.compose.sources import Source
from chronomotion.corpus.writer import recaptioned
from chronomotion.demo import demo_settings
from chronomotion.evaluation.evaluate import evaluate
from chronomotion.language.caption import Caption, Events
from chronomotion.model.backbone import TextBackbone
from chronomotion.model.motion_text import MotionTextModel
from chronomotion.model.text_states import TextStates
from chronomotion.training.config import TrainingConfig
from chronomotion.training.event_times import tally, with_event_times
from chronomotion.training.settings import read_recipe
from chronomotion.training.train import train
from machine import machine

COLUMNS = ("CAR", "all orders", "blind", "blind (mean)", "R@1", "R@10", "order tolerance", "seconds")

OURS = read_recipe(preset="chronomotion", environment={}).config
"""Rows that build on our preset take its pieces from here, and the size from the demonstration."""


@dataclass(frozen=True)
class Row:
    """Changes of the demonstration's settings without negatives, and the corpus: ``habit`` (compound motions of known
    event times), ``singles`` (captioned clips of one action each), or ``timed-by-ROW`` (the compound motions with event
    times that the model of that row has estimated, and without labels).
    """

    changes: dict[str, Any] = field(default_factory=dict)
    objective: dict[str, Any] = field(default_factory=dict)
    decoder: bool = False
    corpus: str = "habit"


PIECES = ("order_weight", "order_margin", "jumbled_weight", "jumbled_margin")
SHUFFLED = {"negatives": "shuffled"}
TWINS = {"negatives": "counterfactual"}
STORIES = {"filter": "stories"}
GRADED = {
    "kind": "graded",
    **STORIES,
    **{name: getattr(OURS.objective, name) for name in (*PIECES, "order_temperature", "jumbled_temperature")},
}
ALL = {name: getattr(OURS, name) for name in ("negatives", "shuffles", "compound_share", "crop_share")}
RECONSTRUCTION = {"reconstruction_weight": 1.0}

# docs/training.md says what each row is.
ROWS = {
    "none": Row(),
    # The published kind of negatives and filter at the demonstration's size, with its own language model. It is not the
    # preset chronaccret, which has distributions, a decoder, and a sentence model.
    "shuffled-sentences": Row(SHUFFLED, {"filter": "sentences"}),
    "filter": Row(SHUFFLED, STORIES),
    "shuffles3": Row({**SHUFFLED, "shuffles": 3}, STORIES),
    "graded-shuffled": Row({**SHUFFLED, "shuffles": 3}, GRADED),
    "counterfactual": Row(TWINS, STORIES),
    "counterfactual3": Row({**TWINS, "shuffles": 3}, STORIES),
    "graded": Row(TWINS, GRADED),
    "chronomotion": Row(ALL, GRADED),
    "bfloat16": Row({**ALL, "precision": "bfloat16"}, GRADED),
    "decoder-masked": Row(ALL, {**GRADED, **RECONSTRUCTION}, decoder=True),
    "decoder-padded": Row(ALL, {**GRADED, **RECONSTRUCTION, "padded_to": 224}, decoder=True),
    "crops": Row({**ALL, "crop_share": 0.3}, GRADED),
    "singles": Row(TWINS, STORIES, corpus="singles"),
    "compound": Row({**ALL, "compound_share": 0.75}, GRADED, corpus="singles"),
    "timed-by-none": Row(ALL, GRADED, corpus="timed-by-none"),
    "timed-by-compound": Row(ALL, GRADED, corpus="timed-by-compound"),
}


def main() -> None:
    """Run the rows that are missing, print the table of all that are there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=Path)
    parser.add_argument("--labels", type=Path)
    places = parser.add_mutually_exclusive_group(required=True)
    places.add_argument("--out", type=Path)
    places.add_argument("--summary", type=Path, nargs="+", metavar="FOLDER")
    parser.add_argument("--rows", default=",".join(ROWS), help=f"of: {', '.join(ROWS)}")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--train", type=int, default=2000, help="motions to train on")
    parser.add_argument("--test", type=int, default=500, help="motions to test on")
    parser.add_argument("--epochs", type=int, default=demo_settings("none", 0).epochs)
    given = parser.parse_args()
    if given.summary:
        summarise(given.summary)
        return
    names = [name.strip() for name in given.rows.split(",")]
    unknown = [name for name in names if name not in ROWS]
    if unknown:
        raise SystemExit(f"no row {unknown[0]!r}; there are {', '.join(ROWS)}")
    source = source_of(given.clips, given.labels, given.seed)
    corpora = composed(source, given.out, given.train, given.test, given.seed)
    states = TextStates(TextBackbone(), given.out / "text")
    for name in names:
        path = given.out / "rows" / f"{name}-{given.seed}.json"
        if not path.exists():
            settings = settings_of(ROWS[name], given.epochs, given.seed)
            if ROWS[name].corpus not in corpora:
                corpora[ROWS[name].corpus] = timed(corpora, given.out, ROWS[name].corpus, given.seed, states)
            figures = run(corpora, settings, given.out / "models" / f"{name}-{given.seed}", ROWS[name].corpus, states)
            with atomic_write(path) as part:
                part.write_text(json.dumps({"figures": figures, "settings": settings.to_dict()}, indent=1))
        show([name], given.out, given.seed)
    print()
    show(list(ROWS), given.out, given.seed, heads=True)
    print(f"\n{given.train} motions, {given.epochs} epochs, seed {given.seed}; {machine()}")


def composed(source: Source, out: Path, train_motions: int, test_motions: int, seed: int) -> dict[str, Corpus]:
    """The corpora, made where they are missing."""
    wanted: dict[str, tuple[dict[str, int], dict[str, Any]]] = {
        "habit": ({"train": train_motions}, {"order": "habit"}),
        "uniform": ({"test": test_motions}, {"order": "uniform"}),
        "labelled-singles": ({"train": train_motions}, {"order": "uniform", "events": (1, 1)}),
    }
    for name, (counts, options) in wanted.items():
        if not (out / name / "corpus.json").exists():
            compose(source, out / name, counts, seed=seed, **options)
    if not (out / "singles" / "corpus.json").exists():
        without_events(Corpus(out / "labelled-singles"), out / "singles")
    return {name: Corpus(out / name) for name in ("habit", "uniform", "singles")}


def without_events(corpus: Corpus, folder: Path) -> None:
    """A copy in which captions are sentences and nothing more: no events, no labels, no times."""
    recaptioned(corpus, folder, ([Caption(one.text) for one in corpus.captions(name)] for name in corpus.names))


def timed(corpora: dict[str, Corpus], out: Path, name: str, seed: int, states: TextStates) -> Corpus:
    """The compound motions, without labels, with event times as the model of an earlier row finds them."""
    folder = out / name
    first = out / "models" / f"{name.removeprefix('timed-by-')}-{seed}"
    if not (first / "model.safetensors").exists():
        raise SystemExit(f"{name} needs the model of row {first.name.rpartition('-')[0]}: run that row first")
    habit = corpora["habit"]
    if not (folder / "corpus.json").exists():
        if not (out / "untimed" / "corpus.json").exists():
            without_times(habit, out / "untimed")
        model = MotionTextModel.from_pretrained(first, states=states)
        with_event_times(Corpus(out / "untimed"), folder, model, kept=out / f"{name}.jsonl")
    found = Corpus(folder)
    counts, wrong = tally(found), np.array(cut_errors(habit, found))
    print(
        f"{name}: {counts.estimated} of {counts.estimated + counts.untimed} captions timed; cuts are off by "
        f"{np.median(wrong):.2f} s (median), {np.quantile(wrong, 0.9):.2f} s (nine in ten)"
    )
    return found


def without_times(corpus: Corpus, folder: Path) -> None:
    """A copy in which events are sentences in their order and nothing more: no labels, no times."""
    recaptioned(corpus, folder, (list(map(bare, corpus.captions(name))) for name in corpus.names))


def bare(caption: Caption) -> Caption:
    """The caption with its events' sentences alone."""
    events = None if caption.events is None else Events(caption.events.texts, source="composed")
    return replace(caption, events=events)


def cut_errors(true: Corpus, found: Corpus) -> list[float]:
    """Seconds between where events begin and where they were found to begin, the first ones left out."""
    wrong = []
    for name in true.names:
        for one, other in zip(true.captions(name), found.captions(name), strict=True):
            if one.events and other.events and one.events.spans and other.events.spans:
                pairs = zip(one.events.spans[1:], other.events.spans[1:], strict=True)
                wrong += [abs(a[0] - b[0]) for a, b in pairs]
    return wrong


def settings_of(row: Row, epochs: int, seed: int) -> TrainingConfig:
    """The demonstration's size with the row's pieces."""
    plain = demo_settings("none", seed)
    return replace(
        plain,
        epochs=epochs,
        model=replace(plain.model, decoder=row.decoder),
        objective=replace(plain.objective, **row.objective),
        **row.changes,
    )


def run(
    corpora: dict[str, Corpus], settings: TrainingConfig, folder: Path, corpus: str, states: TextStates
) -> list[float]:
    """Train and test a model; figures in the order of :data:`COLUMNS`."""
    began = time.perf_counter()
    model = train(corpora[corpus], folder, settings, states=states)
    seconds = time.perf_counter() - began
    report = evaluate(model, corpora["uniform"], seed=settings.seed, model_name=folder.name)
    report.save(folder.parent.parent / "reports" / f"{folder.name}.json")
    retrieval = report.retrieval["t2m"]
    verdicts = (report.car, report.car_all, report.blind_exchange, report.blind_mean)
    found = [verdict.value if verdict is not None else float("nan") for verdict in verdicts]
    return [*found, retrieval["R@1"], retrieval["R@10"], report.order_tolerance["R@10"], seconds]


def show(names: list[str], out: Path, seed: int, *, heads: bool = False) -> None:
    """Rows of the table, as far as they are there."""
    if heads:
        print(f"| recipe | {' | '.join(COLUMNS)} |\n{'|---' * (len(COLUMNS) + 1)}|")
    for name in names:
        path = out / "rows" / f"{name}-{seed}.json"
        if path.exists():
            *figures, seconds = json.loads(path.read_text())["figures"]
            print(f"| {name} | {' | '.join(f'{value:.1f}' for value in figures)} | {seconds:.0f} |", flush=True)


def summarise(folders: list[Path]) -> None:
    """Mean and range over folders, the seconds left out."""
    heads = COLUMNS[:-1]
    print(f"| recipe | {' | '.join(heads)} |\n{'|---' * (len(heads) + 1)}|")
    for name in ROWS:
        paths = [path for folder in folders for path in sorted((folder / "rows").glob(f"{name}-[0-9]*.json"))]
        if len(paths) == len(folders):
            figures = np.array([json.loads(path.read_text())["figures"][:-1] for path in paths])
            cells = zip(figures.mean(axis=0), figures.min(axis=0), figures.max(axis=0), strict=True)
            print(f"| {name} | {' | '.join(f'{mean:.1f} ({low:.1f} to {high:.1f})' for mean, low, high in cells)} |")


if __name__ == "__main__":
    main()
