"""What a library's own statistics are worth: takes with labels, encoded with the mean and standard deviation that the
model keeps, and with their own.

python benchmarks/own_statistics.py LIB

LIB is a library of takes with labels that the table of wordings knows (Bandai-Namco's: ``chronomotion index bandai --to
LIB``). Named: share of takes whose nearest label is their own; calibrated: with each label's mean score taken away.
R@1, R@10, P@10, mAP: every wording of a label as a query, of all takes those of the label are right.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from chronomotion.corpus.compose.wordings import wordings
from chronomotion.corpus.moments import Moments
from chronomotion.errors import ChronomotionError
from chronomotion.evaluation.report_table import ReportTable
from chronomotion.model.encoder import MotionTextEncoder, encode_motions, encode_texts, unit
from chronomotion.model.motion_text import MotionTextModel
from chronomotion.model.stats import restated
from chronomotion.search.stored.library import Library
from machine import load, machine

_SECONDS = 10
HEADS = ["labels", "statistics", "named", "calibrated", "R@1", "R@10", "P@10", "mAP"]


def main() -> None:
    """Print a row for each choice of labels and statistics."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("library", type=Path)
    library = Library.open(parser.parse_args().library)
    model = library.shared_model
    assert isinstance(model, MotionTextModel)
    clips = [clip for clip in library.clips.values() if clip.labels and _is_known(clip.labels[0])]
    labels = np.array([clip.labels[0] for clip in clips])
    takes = [library.features(clip.number) for clip in clips]
    moments = sum((Moments.of(take) for take in takes), Moments.none(model.config.motion_dim))
    mean, std = moments.mean_and_std()
    own: Any = restated(model, (mean.astype(np.float32), np.maximum(std, 1e-3).astype(np.float32)))
    counts = Counter(labels.tolist())
    rows = []
    for title, least in (("50 takes and more", 50), ("all", 1)):
        chosen = sorted(label for label, count in counts.items() if count >= least)
        for name, encoder in (("model", model), ("own", own)):
            vectors = encode_motions(encoder, [take[: round(_SECONDS * library.fps)] for take in takes])
            rows.append([f"{len(chosen)}, {title}", name, *figures(model, vectors, labels, chosen)])
    print(ReportTable(f"{len(takes)} takes", HEADS, rows).markdown())
    print(f"{machine()}; {load()}")


def figures(
    model: MotionTextEncoder, vectors: Float[np.ndarray, "takes dim"], labels: np.ndarray, chosen: list[str]
) -> list[str]:
    """The figures of a row, in percent."""
    texts = {label: [f"a person {words}." for words in wordings(label)] for label in chosen}
    told = encode_texts(model, [text for ways in texts.values() for text in ways])
    means = unit(np.stack([np.mean([told[text] for text in texts[label]], axis=0) for label in chosen]))
    kept = np.isin(labels, chosen)
    truth, scores = np.array([chosen.index(label) for label in labels[kept]]), vectors[kept] @ means.T
    named = [(rows.argmax(axis=1) == truth).mean() for rows in (scores, scores - scores.mean(axis=0))]
    ranked = []
    for place, label in enumerate(chosen):
        for text in texts[label]:
            right = truth[np.argsort(-(vectors[kept] @ told[text]), kind="stable")] == place
            precision = np.cumsum(right) / np.arange(1, len(right) + 1)
            ranked.append([right[0], right[:10].any(), right[:10].mean(), precision[right].mean()])
    return [f"{100 * float(share):.1f}" for share in (*named, *np.mean(ranked, axis=0))]


def _is_known(label: str) -> bool:
    try:
        return bool(wordings(label))
    except ChronomotionError:
        return False


if __name__ == "__main__":
    main()
