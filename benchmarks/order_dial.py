"""What the order dial costs, and what it does: the right and a jumbled order of the events, from 0 to 2.

python benchmarks/order_dial.py --out FOLDER [--models starter,FOLDER,...] [--motions N]

Motions are composed of two to four held-out procedural clips, all orders alike, an order and its reverse from the same
clips. A query is the events of a motion in neutral wording. Right: of all motions those that show the events in the
order told are to be first. Jumbled: another order, drawn; the motion is to be found all the same. CAR: how often the
right order scores higher with its motion than the jumbled one; equal scores count half. `re-ranked`: the best 100 by
late interaction, turned with the dial. What is in the folder is not made again.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median

import numpy as np
from jaxtyping import Float

from chronomotion.corpus import Corpus
from chronomotion.corpus.compose.compose import compose
from chronomotion.corpus.compose.sources import ProceduralClips
from chronomotion.evaluation.report_table import ReportTable
from chronomotion.language.caption import Events
from chronomotion.language.order import shuffles
from chronomotion.language.wording import tell
from chronomotion.model.encoder import encode_motions
from chronomotion.model.matching import Matcher
from chronomotion.model.motion_text import MotionTextModel
from chronomotion.model.motion_windows import MotionWindows
from chronomotion.search.order import OrderDial, late_scores
from chronomotion.search.phrase_bank import phrases
from machine import machine

STRENGTHS = (0.0, 0.5, 1.0, 1.5, 2.0)
FPS, TOP = 20.0, 100
HEADS = ["strength", "score", "right R@1", "R@10", "jumbled R@1", "R@10", "CAR"]


def main() -> None:
    """Print the costs, and a table for each model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--models", default="starter", help="names or folders, separated by commas")
    parser.add_argument("--motions", type=int, default=150, help="0: costs alone")
    given = parser.parse_args()
    corpus = compose(ProceduralClips(0), given.out / "uniform", {"test": 300}, order="uniform", seed=0)
    for name in given.models.split(","):
        heads = [
            "events",
            "tokens",
            "a sentence",
            "all orders",
            "another order",
            "another strength",
            "orders / sentence",
        ]
        print(ReportTable(Path(name).name, heads, costs(MotionTextModel.from_pretrained(name))).markdown(), flush=True)
        if not given.motions:
            continue
        model = MotionTextModel.from_pretrained(name, cache=given.out / "text")
        rows = measured(model, corpus, corpus.split("test")[: given.motions])
        print(f"\n{ReportTable(Path(name).name, HEADS, rows).markdown()}", flush=True)
    print(f"\n{machine()}, load {os.getloadavg()[0]:.1f}")


def costs(model: MotionTextModel) -> list[list[str]]:
    """Milliseconds of processor time, for two to four events: the query alone, a set with all its orders, another order
    of it, another strength. The middle of ten sets that the model has not read before."""
    model.encode_text(tell(phrases()[:4]))  # loads the language model
    rows, unread = [], iter(phrases()[4:])
    for count in (2, 3, 4):
        dial, spent, tokens = OrderDial(model), [], []
        for _ in range(10):
            alone, told = (list(islice(unread, count)) for _ in range(2))
            tokens.append(len(model.tokens([tell(told)])[0].ids))
            spent.append(
                [
                    milliseconds(partial(model.encode_text, tell(alone))),
                    milliseconds(partial(dial.vector, told, 0.5)),
                    milliseconds(partial(dial.vector, told[::-1], 0.5)),
                    milliseconds(partial(dial.vector, told[::-1], 1.5)),
                ]
            )
        middle = np.median(spent, axis=0).tolist()
        rows.append(
            [str(count), f"{median(tokens):g}", *(f"{ms:.2f}" for ms in middle), f"{middle[1] / middle[0]:.1f}"]
        )
    return rows


def milliseconds(call: Callable[[], object]) -> float:
    """Processor time of a call."""
    began = time.process_time()
    call()
    return 1000 * (time.process_time() - began)


def measured(model: MotionTextModel, corpus: Corpus, names: list[str]) -> list[list[str]]:
    """Rows of the table."""
    events = [told for name in names if (told := corpus.captions(name)[0].events) is not None]
    motions = [corpus.features(name) for name in names]
    vectors, dial = encode_motions(model, motions), OrderDial(model)
    matcher = Matcher(MotionWindows.encode(model, motions, FPS), Matcher.event_vectors(model, events))
    jumbled = [_reordered(told, shuffles(told.keys, 1, "order dial", *told.texts)[0]) for told in events]
    stories = [told.keys for told in events]
    rows = []
    for strength in STRENGTHS:
        scores = {
            title: np.stack([vectors @ dial.vector(told.texts, strength) for told in queries])
            for title, queries in (("right", events), ("jumbled", jumbled))
        }
        rows.append([f"{strength:g}", "vector", *figures(scores["right"], scores["jumbled"], stories)])
        late = {
            title: np.stack(
                [reranked(matcher, told, row, strength) for told, row in zip(queries, scores[title], strict=True)]
            )
            for title, queries in (("right", events), ("jumbled", jumbled))
        }
        rows.append([f"{strength:g}", "re-ranked", *figures(late["right"], late["jumbled"], stories)])
    return rows


def reranked(
    matcher: Matcher, told: Events, cosines: Float[np.ndarray, " motions"], strength: float
) -> Float[np.ndarray, " motions"]:
    """Scores by which the best by cosine are ranked again; the others stay behind them, in their order."""
    first = np.sort(np.argsort(-cosines, kind="stable")[:TOP])
    scores = cosines - 10
    scores[first] = late_scores(matcher, told, cosines[first], strength, first)
    return scores


def figures(
    right: Float[np.ndarray, "motions motions"],
    jumbled: Float[np.ndarray, "motions motions"],
    stories: list[tuple[str, ...]],
) -> list[str]:
    """The cells of a row, in percent."""
    same = np.array([[one == other for other in stories] for one in stories])
    cells = []
    for scores in (right, jumbled):
        best = np.where(same, scores, -np.inf).max(axis=1)
        ahead = ((scores > best[:, None]) & ~same).sum(axis=1)
        cells += [100 * (ahead < 1).mean(), 100 * (ahead < 10).mean()]
    gain = np.diag(right) - np.diag(jumbled)
    return [f"{cell:.1f}" for cell in (*cells, 100 * ((gain > 0).mean() + (gain == 0).mean() / 2))]


def _reordered(told: Events, order: tuple[int, ...]) -> Events:
    labels = None if told.labels is None else tuple(told.labels[i] for i in order)
    return Events(tuple(told.texts[i] for i in order), labels=labels)


if __name__ == "__main__":
    main()
