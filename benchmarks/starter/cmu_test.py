"""CMU trials as a test: does a person's sentence find its trial, and are timed events found where they happen?"""

from __future__ import annotations

import csv
import json
from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np

from chronomotion.model.cuts import cut_motions
from chronomotion.model.encoder import MotionTextEncoder, encode_motions, encode_texts
from chronomotion.motion.features import features_of
from chronomotion.motion.motion import Motion

__all__ = ["median_rank", "timed_trials"]

_EVENTS = {
    "JumpJack": "a person does jumping jacks.",
    "Twist": "a person twists the trunk from side to side.",
    "ArmCircle": "a person circles the arms.",
    "ToeTouchOneHand": "a person bends down and touches the toes.",
    "KneeRaise": "a person raises the knees.",
    "Squat": "a person squats.",
    "Jog": "a person jogs in place.",
    "walking": "a person walks.",
    "jump_forward": "a person jumps forward.",
    "punching": "a person punches.",
    "leg_kicking": "a person kicks.",
}
"""The labels of the timed trials as sentences."""


def _spans(data: Path, takes: Mapping[str, Motion]) -> dict[tuple[str, str, str], str]:
    """(trial, start, end) -> a sentence for it: a person's where there is one, else CMU's own description."""
    told: dict[tuple[str, str, str], str] = {}
    with (data / "cmu" / "captions.csv").open(encoding="utf-8") as table:
        for row in csv.DictReader(table):
            key = (row["file"].split(".")[0], row["start"], row["end"])
            person = not row["source"].startswith("cmu")
            if key[0] in takes and (key not in told or (person and told[key].startswith("\0"))):
                told[key] = row["caption"] if person else "\0" + row["caption"]
    return {key: text.removeprefix("\0") for key, text in told.items()}


def median_rank(
    model: MotionTextEncoder, data: Path, takes: Mapping[str, Motion], asked: Collection[str] = ()
) -> tuple[float, int, int]:
    """(median rank of the right span among all spans, how many sentences, how many spans).

    Only sentences about trials of the subjects ``asked`` ("07") are queries, all where there is none.
    """
    spans = _spans(data, takes)
    cuts = [takes[trial].slice(float(start or 0), float(end) if end else None) for trial, start, end in spans]
    vectors = encode_motions(model, [features_of(cut, retarget=False) for cut in cuts])
    texts = encode_texts(model, list(spans.values()))
    ranks = []
    for place, ((trial, _, _), text) in enumerate(spans.items()):
        if not asked or trial[:2] in asked:
            scores = vectors @ texts[text]
            ranks.append(int((scores > scores[place]).sum()) + 1)
    return float(np.median(ranks)), len(ranks), len(spans)


def timed_trials(model: MotionTextEncoder, data: Path, takes: Mapping[str, Motion]) -> dict[str, tuple[float, float]]:
    """Trial -> (mean overlap of the parts that the timeline cuts with the true ones, that of equal parts)."""
    figures = {}
    for trial, about in json.loads((data / "cmu" / "sequences.json").read_text(encoding="utf-8")).items():
        events = [_EVENTS[segment["event"]] for segment in about["segments"]]
        true = np.array([[segment["start"], segment["end"]] for segment in about["segments"]])
        (line,) = cut_motions(model, [features_of(takes[trial], retarget=False)], [events], 20.0)
        equal = np.linspace(0, takes[trial].duration, len(events) + 1)
        figures[trial] = (_overlap(np.array(line.parts), true), _overlap(np.stack([equal[:-1], equal[1:]], 1), true))
    return figures


def _overlap(spans: np.ndarray, true: np.ndarray) -> float:
    shared = np.minimum(spans[:, 1], true[:, 1]) - np.maximum(spans[:, 0], true[:, 0])
    whole = np.maximum(spans[:, 1], true[:, 1]) - np.minimum(spans[:, 0], true[:, 0])
    return float(np.mean(np.maximum(shared, 0) / whole))
