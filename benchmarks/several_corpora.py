"""Training on two corpora: shared or own statistics, mixed or one-corpus batches, against either corpus alone.

python benchmarks/several_corpora.py --clips FOLDER --labels TABLE --out FOLDER [--train 300] [--test 100] [--steps 300]

The corpora are procedural motions and motions composed of the recordings in FOLDER, both in one habitual order; the
tests have other clips, in all orders alike. Every model is of the preset small and takes as many steps. Rows that are
in the folder already are not trained again. "own": the motions of a test are normalised by the statistics of the
training corpus beside it, as the model saw them, or, for a model of one corpus, of the other one.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from chronomotion.atomic_write import atomic_write
from chronomotion.cli.options import source_of
from chronomotion.corpus import Corpus
from chronomotion.corpus.compose.compose import compose
from chronomotion.evaluation.transfer import Measurement, measured_on, transfer_table
from chronomotion.model.backbone import TextBackbone
from chronomotion.model.stats import with_stats
from chronomotion.model.text_states import TextStates
from chronomotion.training.config import TrainingConfig
from chronomotion.training.settings import read_recipe
from chronomotion.training.train import train
from machine import machine

NAMES = ("procedural", "recorded")


@dataclass(frozen=True)
class Row:
    """A model: what it is trained on, how, and whether a test uses the statistics of its own corpus."""

    corpora: tuple[str, ...] = NAMES
    statistics: str = "shared"
    batches: str = "mixed"
    own: bool = False

    @property
    def model(self) -> str:
        """The folder of the model; rows that only test otherwise share it."""
        return "-".join((*self.corpora, self.statistics, self.batches) if len(self.corpora) > 1 else self.corpora)


ROWS = {
    "procedural alone": Row(("procedural",)),
    "procedural alone, own": Row(("procedural",), own=True),
    "recorded alone": Row(("recorded",)),
    "recorded alone, own": Row(("recorded",), own=True),
    "both, shared, mixed": Row(),
    "both, shared, one-corpus": Row(batches="one-corpus"),
    "both, each, mixed, own": Row(statistics="each", own=True),
    "both, each, mixed": Row(statistics="each"),
    "both, each, one-corpus, own": Row(statistics="each", batches="one-corpus", own=True),
}


def main() -> None:
    """Train what is missing, measure, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=Path, required=True)
    parser.add_argument("--labels", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--train", type=int, default=300, help="motions of each corpus to train on")
    parser.add_argument("--test", type=int, default=100)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    habits, tests = composed(given)
    states = TextStates(TextBackbone(), given.out / "text")
    measurements: list[Measurement] = []
    for name, row in ROWS.items():
        corpora = [habits[corpus] for corpus in row.corpora]
        model = train(
            corpora, given.out / "models" / row.model, settings(row, corpora, given), states=states, judge=None
        )
        for test, corpus in tests.items():
            stats = habits[test].stats if row.own else (model.mean.numpy(), model.std.numpy())
            with with_stats(model, stats):
                measurements.append(measured_on(model, name, corpus, test))
    table = transfer_table(measurements).markdown()
    with atomic_write(given.out / "table.md") as part:
        part.write_text(f"{table}\n{machine()}\n", encoding="utf-8")
    print(table)
    print(json.dumps({"train": given.train, "test": given.test, "steps": given.steps, "seed": given.seed}))
    print(machine())


def composed(given: argparse.Namespace) -> tuple[dict[str, Corpus], dict[str, Corpus]]:
    """Training corpora in a habitual order and tests in all orders, by name."""
    habits, tests = {}, {}
    for name, places in zip(NAMES, ((None, None), (given.clips, given.labels)), strict=True):
        source = source_of(*places, given.seed)
        habits[name] = compose(source, given.out / name, {"train": given.train}, order="habit", seed=given.seed)
        tests[name] = compose(
            source, given.out / f"{name}-test", {"test": given.test}, order="uniform", seed=given.seed
        )
    return habits, tests


def settings(row: Row, corpora: Sequence[Corpus], given: argparse.Namespace) -> TrainingConfig:
    """The preset small, for as many epochs as make the steps."""
    small = read_recipe(preset="small", environment={}).config
    clips = sum(len(corpus.split("train")) for corpus in corpora)
    epochs = max(1, round(given.steps * small.batch_size / 2 / clips))
    changes = {"statistics": row.statistics, "batches": row.batches, "seed": given.seed, "epochs": epochs}
    return replace(small, **changes)


if __name__ == "__main__":
    main()
