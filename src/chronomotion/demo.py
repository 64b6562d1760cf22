"""The demonstration: the problem of order, and the cure, in one table.

Four models are trained on motions whose actions always happen in one habitual order, as natural captions tend to
describe them. They are tested on motions in the same habitual order, and on motions in all orders, equally likely.
"""

from __future__ import annotations

import logging
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

from chronomotion.corpus.compose.compose import compose
from chronomotion.corpus.compose.sources import Source, VariedClips
from chronomotion.corpus.compose.wordings import wordings
from chronomotion.corpus.corpus import Corpus
from chronomotion.evaluation.evaluate import evaluate
from chronomotion.evaluation.report import Report
from chronomotion.evaluation.report_records import Interval
from chronomotion.model.backbone import TextBackbone
from chronomotion.model.motion_text import MotionTextModel
from chronomotion.model.text_states import TextStates
from chronomotion.search import CorpusSearch
from chronomotion.search.stored.indexing import index
from chronomotion.training.config import TrainingConfig
from chronomotion.training.settings import read_recipe
from chronomotion.training.train import train

__all__ = [
    "Demo", "DemoRecipe", "DemoRow", "StarterHit", "conclusions", "demo_settings", "library_of_starter", "run_demo",
    "search_with_starter",
    "starter_lines", "table",
]  # fmt: skip

log = logging.getLogger(__name__)

DemoRecipe = Literal["none", "shuffled", "counterfactual", "chronomotion"]
"""Negatives of a plain contrastive training, or our preset: counterfactual twins, graded."""

COLUMNS = (
    ("habit", "CAR", "habit_car"),
    ("habit", "all orders", "habit_car_all"),
    ("habit", "blind", "habit_blind"),
    ("uniform", "CAR", "uniform_car"),
    ("uniform", "all orders", "uniform_car_all"),
    ("uniform", "blind", "uniform_blind"),
    ("uniform", "blind (mean)", "uniform_blind_mean"),
    ("uniform", "R@1", "uniform_r1"),
    ("uniform", "R@10", "uniform_r10"),
    ("uniform", "order tolerance", "uniform_tolerance"),
)
"""(test, figure, field of a row) of each column."""


@dataclass(frozen=True)
class DemoRow:
    """One model's figures, in percent."""

    recipe: DemoRecipe
    habit_car: float
    habit_car_all: float
    habit_blind: float
    uniform_car: float
    uniform_car_all: float
    uniform_blind: float
    uniform_blind_mean: float
    uniform_r1: float
    uniform_r10: float
    uniform_tolerance: float


@dataclass(frozen=True)
class Demo:
    """The results of a demonstration: its rows, and the folder of its corpora, models and reports."""

    folder: Path
    rows: tuple[DemoRow, ...]
    model: MotionTextModel
    uniform: Corpus


def demo_settings(recipe: DemoRecipe, seed: int) -> TrainingConfig:
    """The preset ``small``, or other negatives at its size. Every model sees every clip equally often."""
    small = read_recipe(preset="small", environment={}).config
    if recipe == "chronomotion":
        return replace(small, seed=seed)
    plain = TrainingConfig(negatives=recipe, epochs=small.epochs, learning_rate=small.learning_rate, seed=seed)
    return replace(plain, model=small.model)


def run_demo(
    source: Source, folder: Path, *, train_motions: int = 2000, test_motions: int = 500, seed: int = 0
) -> Demo:
    """Compose two corpora, train four models, evaluate them. Results that ``folder`` already holds are reused.

    Raises CorpusError when the folder holds the corpora of another demonstration.
    """
    counts = {"train": train_motions, "test": test_motions}
    habit = compose(source, folder / "habit", counts, order="habit", seed=seed)
    uniform = compose(source, folder / "uniform", {"test": test_motions}, order="uniform", seed=seed)
    states = TextStates(TextBackbone(), folder / "text")
    rows = []
    for recipe in get_args(DemoRecipe):
        log.info("training %s", "our preset" if recipe == "chronomotion" else f"with negatives: {recipe}")
        model = train(habit, folder / "models" / recipe, demo_settings(recipe, seed), states=states)
        reports = {}
        for corpus in (habit, uniform):
            reports[corpus.folder.name] = report = evaluate(model, corpus, seed=seed, model_name=recipe)
            report.save(folder / "reports" / f"{recipe}-{corpus.folder.name}.json")
        rows.append(_row(recipe, reports["habit"], reports["uniform"]))
    return Demo(folder, tuple(rows), model, uniform)


def _row(recipe: DemoRecipe, habit: Report, uniform: Report) -> DemoRow:
    return DemoRow(
        recipe=recipe,
        habit_car=habit.car.value,
        habit_car_all=habit.car_all.value,
        habit_blind=_percent(habit.blind_exchange),
        uniform_car=uniform.car.value,
        uniform_car_all=uniform.car_all.value,
        uniform_blind=_percent(uniform.blind_exchange),
        uniform_blind_mean=_percent(uniform.blind_mean),
        uniform_r1=uniform.retrieval["t2m"]["R@1"],
        uniform_r10=uniform.retrieval["t2m"]["R@10"],
        uniform_tolerance=uniform.order_tolerance["R@10"],
    )


def _percent(interval: Interval | None) -> float:
    return float("nan") if interval is None else interval.value


def table(rows: tuple[DemoRow, ...]) -> str:
    """The rows as a text table, one decimal."""
    heads = ["recipe", *(head for _, head, _ in COLUMNS)]
    body = [[row.recipe, *(f"{getattr(row, field):.1f}" for _, _, field in COLUMNS)] for row in rows]
    widths = [max(len(line[i]) for line in (heads, *body)) for i in range(len(heads))]
    lines = [_line(cells, widths) for cells in (heads, *body)]
    # Each test's name stands where its first column begins.
    left, middle = widths[0] + 2, widths[0] + 2 + sum(width + 2 for width in widths[1:4])
    names = f"{'':{left}}{'habit test':{middle - left}}uniform test"
    return "\n".join([names, *lines])


def _line(cells: list[str], widths: list[int]) -> str:
    first, *others = zip(cells, widths, strict=True)
    return "  ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)])


_LEGEND = """\
All four were trained on motions whose actions always happen in one habitual order.
CAR: percent of wrong orders that the right order beats; all orders: of motions in which it beats every one.
blind: CAR with other motions put in (mean: the average motion). Where all orders are alike it has to be 50; on the
habit test other motions follow the same habit, so that more than 50 is no wonder there. order tolerance: how often
(R@10) a jumbled description still finds its motion.
"""


def conclusions(rows: tuple[DemoRow, ...]) -> str:
    """The findings of the table, as sentences with its figures."""
    row_by_recipe = {row.recipe: row for row in rows}
    none, shuffled, twins, ours = (row_by_recipe[recipe] for recipe in get_args(DemoRecipe))
    points = [
        f"Shuffled captions as negatives (the published way) change CAR by {shuffled.habit_car - none.habit_car:+.1f} "
        f"points on the habit test, and by {shuffled.uniform_car - none.uniform_car:+.1f} where all orders are alike.",
        f"A model that never looks at the motion gets 50 where all orders are alike: {none.uniform_car:.1f} without "
        f"shuffled captions and {shuffled.uniform_car:.1f} with them is what these two know of order beyond habit.",
        f"Re-ordering motion and caption together (counterfactual) gives {twins.uniform_car:.1f} where all orders are "
        f"alike, {twins.uniform_car - shuffled.uniform_car:+.1f} against shuffled captions, and "
        f"{twins.uniform_car_all:.1f} against {shuffled.uniform_car_all:.1f} over all orders; blind it gets "
        f"{twins.uniform_blind:.1f}.",
        f"It is strict: a jumbled description finds its motion in {twins.uniform_tolerance:.1f} percent. Our preset "
        f"(chronomotion) asks besides that other orders of the same events come before other events: "
        f"{ours.uniform_tolerance:.1f} percent, with {ours.uniform_car:.1f} and {ours.uniform_car_all:.1f} of order.",
    ]
    return (
        _LEGEND
        + "\n"
        + "\n".join(textwrap.fill(point, 118, initial_indent="- ", subsequent_indent="  ") for point in points)
    )


@dataclass(frozen=True)
class StarterHit:
    """A query to ``starter``, and the take that it finds, with what the take shows."""

    query: str
    clip: str
    shows: tuple[str, ...]
    score: float

    @property
    def right(self) -> bool:
        """Whether the take shows what was asked for."""
        return self.query == _query(self.shows)


_STARTER_TAKES = 24
_STARTER_QUERIES = 3


def search_with_starter(folder: Path, seed: int = 0) -> list[StarterHit]:
    """Compose takes that the model of the package has never seen, and search them with it.

    The queries are in all orders: every take has a twin in which the same happens the other way round.
    """
    model = MotionTextModel.from_pretrained("starter", cache=folder / "text")
    takes = compose(
        VariedClips(seed), folder / "starter", {"test": _STARTER_TAKES}, order="uniform", events=(2, 3), seed=seed + 1
    )
    library = CorpusSearch(model, takes)
    shows = {name: _labels(takes, name) for name in takes.names}
    hits = []
    for name in takes.names[: 2 * _STARTER_QUERIES : 2]:
        query = _query(shows[name])
        hit = library.search(query, top=1)[0]
        hits.append(StarterHit(query, hit.clip, shows[hit.clip], hit.score))
    return hits


def library_of_starter(folder: Path) -> Path:
    """Index the takes of :func:`search_with_starter`; the folder of the library, which the page can be opened on."""
    library = folder / "library"
    index(folder / "starter", library, "starter")
    return library


def _labels(corpus: Corpus, name: str) -> tuple[str, ...]:
    events = corpus.captions(name)[0].events
    return () if events is None or events.labels is None else events.labels


def _query(labels: tuple[str, ...]) -> str:
    """Actions as a sentence, in the first of their wordings."""
    return "a person " + ", then ".join(wordings(label)[0] for label in labels)


def starter_lines(hits: Sequence[StarterHit]) -> str:
    """What was asked and found, and what the model is for."""
    lines = [f"starter, the model that comes with the package, searches {_STARTER_TAKES} takes that it has never seen:"]
    for hit in hits:
        said = "which shows it" if hit.right else f"which shows {', then '.join(hit.shows)}"
        lines.append(f'  "{hit.query}"\n    finds {hit.clip} (cosine {hit.score:.2f}), {said}')
    lines.append("It is for a first search of your own takes: chronomotion search starter CORPUS QUERY")
    return "\n".join(lines)
