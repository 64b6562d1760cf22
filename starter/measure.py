"""The honest test of the starter: recordings that it never saw."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np

from chronomotion.corpus.compose.compose import compose
from chronomotion.corpus.compose.wordings import wordings
from chronomotion.corpus.corpus import Corpus
from chronomotion.evaluation.evaluate import evaluate
from chronomotion.model.encoder import MotionTextEncoder, encode_motions, encode_texts
from chronomotion.model.motion_text import MotionTextModel
from chronomotion.motion.features import features_of
from chronomotion.motion.motion import Motion

from starter.cmu_test import median_rank, timed_trials
from starter.recordings import bandai_clips, cmu_takes
from starter.sources import Takes


def composed_bandai(data: Path, cache: Path, motions: int = 400) -> Corpus:
    clips = bandai_clips(data, cache)
    source = Takes(clips, "Bandai-Namco, whole", "CC BY-NC 4.0", central=True)
    return compose(source, cache / "bandai-uniform", {"test": motions}, order="uniform", seed=0)


def name_actions(model: MotionTextEncoder, clips: dict[str, list[Motion]]) -> np.ndarray:
    """Confusions: rows are the labels of single takes, columns the label whose wordings are nearest on the mean."""
    labels = list(clips)
    features = [features_of(take, retarget=False) for takes in clips.values() for take in takes]
    vectors = encode_motions(model, features)
    texts = {label: [f"a person {words}." for words in wordings(label)] for label in labels}
    told = encode_texts(model, [text for ways in texts.values() for text in ways])
    prototypes = np.stack([np.mean([told[text] for text in texts[label]], axis=0) for label in labels])
    prototypes /= np.linalg.norm(prototypes, axis=1, keepdims=True)
    best = (vectors @ prototypes.T).argmax(1)
    truth = np.repeat(np.arange(len(labels)), [len(takes) for takes in clips.values()])
    table = np.zeros((len(labels), len(labels)), int)
    np.add.at(table, (truth, best), 1)
    return table


def figures(model: MotionTextEncoder, data: Path, cache: Path) -> dict[str, float]:
    clips = bandai_clips(data, cache)
    table = name_actions(model, clips)
    report = evaluate(model, composed_bandai(data, cache))
    return {
        "top-1": 100 * float(np.trace(table) / table.sum()),
        "CAR": report.car.value,
        "all orders": report.car_all.value,
        "R@10": report.retrieval["t2m"]["R@10"],
        "tolerance": report.order_tolerance["R@10"],
    }


if __name__ == "__main__":
    data, cache = Path(sys.argv[1]), Path(sys.argv[2])
    for folder in sys.argv[3:]:
        began = time.process_time()
        model = MotionTextModel.from_pretrained(folder)
        clips = bandai_clips(data, cache)
        table = name_actions(model, clips)
        print(folder, {k: round(v, 1) for k, v in figures(model, data, cache).items()}, f"{time.process_time() - began:.0f} s")
        takes = cmu_takes(data, cache)
        print("CMU", median_rank(model, data, takes), {k: tuple(round(x, 2) for x in v) for k, v in timed_trials(model, data, takes).items()})
        for label, row in zip(clips, table):
            print(f"{label:22}", *(f"{n:4}" for n in row))
