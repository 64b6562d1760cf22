"""Models by corpora: what a model that was trained on one corpus makes of another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from chronomotion.corpus.corpus import Corpus
from chronomotion.evaluation.action_names import NamedActions, name_actions
from chronomotion.evaluation.evaluate import evaluate
from chronomotion.evaluation.models import Model
from chronomotion.evaluation.report import Report
from chronomotion.evaluation.report_records import HEADLINE
from chronomotion.evaluation.report_table import ReportTable
from chronomotion.evaluation.store import Store
from chronomotion.model.encoder import MotionTextEncoder

__all__ = ["Measurement", "corpora_table", "measured_on", "transfer_table"]

_MISSING = "-"


@dataclass(frozen=True)
class Measurement:
    """What a model makes of a corpus. ``named`` is None where no labels are, or the model has no vectors."""

    model: str
    corpus: str
    report: Report
    named: NamedActions | None = None


def measured_on(
    model: Model,
    model_name: str,
    corpus: Corpus,
    corpus_name: str,
    *,
    split: str = "test",
    store: Store | None = None,
    canonical: bool = False,
) -> Measurement:
    """Measure a model on a split of a corpus, with ``canonical`` by texts that are reduced to what a motion can show.

    Raises as :func:`~chronomotion.evaluation.evaluate.evaluate` does.
    """
    report = evaluate(model, corpus, split=split, model_name=model_name, store=store, canonical=canonical)
    named = name_actions(model, corpus, split, canonical=canonical) if isinstance(model, MotionTextEncoder) else None
    return Measurement(model_name, corpus_name, report, named)


def _both_ways(report: Report) -> str:
    return _MISSING if report.swapped is None else f"{report.swapped.car_both_ways.value:.1f}"


def _recall(report: Report) -> str:
    """Text to motion, of the protocol ``story``; where order was not measured, of ``all``, which the cell says."""
    if "t2m" in report.retrieval:
        return f"{report.retrieval['t2m']['R@10']:.1f}"
    every = report.protocols.get("all")
    return _MISSING if every is None or every.t2m is None else f"{every.t2m['R@10']:.1f} (all)"


_FIGURES: Mapping[str, Callable[[Report], str]] = {
    "CAR": lambda report: f"{report.car.value:.1f}" if HEADLINE in report.order else _MISSING,
    "all orders": lambda report: f"{report.car_all.value:.1f}" if HEADLINE in report.order else _MISSING,
    "both ways": _both_ways,
    "R@10": _recall,
}


def corpora_table(names: Sequence[str], reports: Sequence[Report]) -> ReportTable:
    """One model on several corpora, a row each."""
    rows = [
        [name, str(report.clips), *(figure(report) for figure in _FIGURES.values())]
        for name, report in zip(names, reports, strict=True)
    ]
    caption = f"{reports[0].model or 'A model'} on each corpus, split {reports[0].split}: percent (blind: both ways 50)"
    return ReportTable(caption, ["corpus", "clips with an order", *_FIGURES], rows)


def transfer_table(measurements: Sequence[Measurement]) -> ReportTable:
    """A row for each model, and for each corpus four columns: CAR both ways (blind: 50), CAR over all orders, R@10 of
    texts for motions, and top-1 of action names. What was not measured is a dash.
    """
    models = list(dict.fromkeys(cell.model for cell in measurements))
    corpora = list(dict.fromkeys(cell.corpus for cell in measurements))
    cells = {(cell.model, cell.corpus): _cells(cell) for cell in measurements}
    heads = ["model", *(f"{corpus}: {figure}" for corpus in corpora for figure in _TRANSFER)]
    missing = [_MISSING] * len(_TRANSFER)
    rows = [[model, *(text for corpus in corpora for text in cells.get((model, corpus), missing))] for model in models]
    chances = {cell.corpus: cell.named.chance for cell in measurements if cell.named is not None}
    chance = "; ".join(f"{value:.1f} on {corpus}" for corpus, value in chances.items())
    caption = "Models by corpora: percent (by chance: both ways 50" + (f"; names {chance})" if chance else ")")
    return ReportTable(caption, heads, rows)


_TRANSFER = ("both ways", "all orders", "R@10", "names")


def _cells(cell: Measurement) -> list[str]:
    figures = [_FIGURES[name](cell.report) for name in _TRANSFER[:-1]]
    return [*figures, _MISSING if cell.named is None else f"{cell.named.top1:.1f}"]
