"""Bandai-Namco's recordings, whole, as a test: single actions by name, and compound motions in all orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Int

from chronomotion.corpus.compose.compose import compose
from chronomotion.corpus.compose.wordings import wordings
from chronomotion.corpus.corpus import Corpus
from chronomotion.evaluation.evaluate import evaluate
from chronomotion.evaluation.late_interaction import LateInteraction
from chronomotion.evaluation.models import Model
from chronomotion.evaluation.report import Report
from chronomotion.model.encoder import MotionTextEncoder, encode_motions, encode_texts, unit
from chronomotion.model.matching import Weights
from chronomotion.motion.features import features_of
from chronomotion.motion.motion import Motion
from starter.recordings import bandai_clips
from starter.sources import Takes

__all__ = ["SCORES", "Confusions", "composed_bandai", "name_takes", "order_figures"]


@dataclass(frozen=True)
class Confusions:
    """How often takes of one label (rows) are named by another (columns): by cosine, and with each label's mean score
    over all takes taken away (``calibrated``), as a library can do it without labels."""

    labels: tuple[str, ...]
    counts: Int[np.ndarray, "labels labels"]
    calibrated: Int[np.ndarray, "labels labels"]

    @property
    def top1(self) -> tuple[float, float]:
        """Percent named rightly, by cosine and calibrated."""
        tables = (self.counts, self.calibrated)
        plain, calibrated = (100 * float(np.trace(table)) / int(table.sum()) for table in tables)
        return plain, calibrated


def name_takes(model: MotionTextEncoder, clips: Mapping[str, Sequence[Motion]]) -> Confusions:
    """Name whole takes of single actions. A label is the mean vector of its wordings in the package's table."""
    labels = tuple(clips)
    takes = [take for some in clips.values() for take in some]
    vectors = encode_motions(model, [features_of(take, retarget=False) for take in takes])
    texts = {label: [f"a person {words}." for words in wordings(label)] for label in labels}
    told = encode_texts(model, [text for ways in texts.values() for text in ways])
    means = unit(np.stack([np.mean([told[text] for text in texts[label]], axis=0) for label in labels]))
    truth = np.repeat(np.arange(len(labels)), [len(some) for some in clips.values()])
    scores = vectors @ means.T
    return Confusions(labels, _counts(truth, scores), _counts(truth, scores - scores.mean(axis=0)))


def _counts(truth: np.ndarray, scores: np.ndarray) -> np.ndarray:
    table = np.zeros((scores.shape[1], scores.shape[1]), dtype=int)
    np.add.at(table, (truth, scores.argmax(axis=1)), 1)
    return table


def composed_bandai(data: Path, cache: Path, motions: int = 400) -> Corpus:
    """Compound motions of all its takes of the ten labels with 50 takes or more, in all orders alike."""
    clips = Takes(bandai_clips(data, cache), "Bandai-Namco, whole", "CC BY-NC 4.0", central=True)
    return compose(clips, cache / "bandai-uniform", {"test": motions}, order="uniform", seed=0)


SCORES = ("vector", "late interaction", "both")
"""The vector alone, ordered late interaction alone, and both added."""


def order_figures(
    model: MotionTextEncoder, corpus: Corpus, scores: Sequence[str] = SCORES
) -> dict[str, dict[str, float]]:
    """Figures of each of the ``scores``."""
    scored: dict[str, Model] = {
        "vector": model,
        "late interaction": LateInteraction(model, Weights(vector=0.0)),
        "both": LateInteraction(model, Weights()),
    }
    return {name: _figures(evaluate(scored[name], corpus)) for name in scores}


def _figures(report: Report) -> dict[str, float]:
    both_ways = float("nan") if report.swapped is None else report.swapped.car_both_ways.value
    return {
        "CAR": report.car.value,
        "all orders": report.car_all.value,
        "both ways": both_ways,
        "R@1": report.retrieval["t2m"]["R@1"],
        "R@10": report.retrieval["t2m"]["R@10"],
        "jumbled R@10": report.order_tolerance["R@10"],
    }
