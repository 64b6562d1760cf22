"""Where events are found in motions, by models and baselines: docs/timeline.md.

python benchmarks/timeline.py --out FOLDER [--models none,chronomotion,starter] [--data DATA --cache CACHE] [--keep]

(a) composed clips told whole; (b) takes of 30 to 60 s, five clips joined, of whose events two to four are asked about;
(c) in (b), each event located by itself: are neighbours in the right order? Clips are held out. With --data the same on
Bandai-Namco's recordings, and (d) the three timed trials of CMU. Small models are those of late_interaction.py, in the
same folder. A boundary head and a calibration for single motions are fitted for each model on takes joined of
training clips; --keep writes both into the model's folder (of `starter`, the package's). What is in the folder is not
made again.
"""

from __future__ import annotations

import argparse
import json
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from ablation import ROWS, settings_of
from chronomotion.corpus import Corpus
from chronomotion.corpus.compose.compose import compose
from chronomotion.corpus.compose.sources import ProceduralClips
from chronomotion.evaluation.localisation import BestWindows, InOrder, overlap
from chronomotion.model.backbone import TextBackbone
from chronomotion.model.background import Background
from chronomotion.model.boundary_head import BoundaryHead
from chronomotion.model.encoder import MotionTextEncoder
from chronomotion.model.locator import Locator
from chronomotion.model.motion_text import MotionTextModel
from chronomotion.model.motion_windows import MotionWindows
from chronomotion.model.packaged import packaged_model
from chronomotion.model.text_states import TextStates
from chronomotion.motion.features import features_of
from chronomotion.progress import progress
from chronomotion.search.calibration import Calibration
from chronomotion.search.phrase_bank import PhraseBank
from chronomotion.training.train import train
from long_takes import Span, Take, long_takes, whole_clips
from machine import machine
from starter.bandai_test import composed_bandai
from starter.cmu_test import EVENTS
from starter.recordings import cmu_takes

FPS = 20.0
HEADS = ("test", "placer", "mean IoU", "R@.5", "R@.7", "free order", "asked order best", "reverse beaten")
Spans = Sequence[Span | None]


class Remembering:
    """A model that encodes each text once."""

    def __init__(self, model: MotionTextModel) -> None:
        self.encode_motion, self.fingerprint, self._model = model.encode_motion, model.fingerprint, model
        self._texts: dict[str, np.ndarray] = {}

    def encode_text(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of the texts."""
        new = [text for text in texts if text not in self._texts]
        if new:
            self._texts |= dict(zip(new, self._model.encode_text(new), strict=True))
        return np.stack([self._texts[text] for text in texts])


@dataclass(frozen=True, eq=False)
class Test:
    """Takes, and their windows as a model encodes them."""

    name: str
    takes: list[Take]
    windows: list[MotionWindows]

    @property
    def mean(self) -> np.ndarray:
        """The mean window vector, as a library has it."""
        return np.asarray(np.concatenate([windows.vectors for windows in self.windows]).mean(axis=0))


def main() -> None:
    """Make what is missing, print the table and the costs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--models", default="none,chronomotion,starter")
    parser.add_argument("--train", type=int, default=1000)
    parser.add_argument("--test", type=int, default=300, help="held-out motions; for weights: two thirds")
    parser.add_argument("--takes", type=int, default=120)
    parser.add_argument("--epochs", type=int, default=18)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--keep", action="store_true")
    given = parser.parse_args()
    habit = corpus_of(given.out / "habit", {"train": given.train}, "habit")
    uniform = corpus_of(given.out / "uniform", {"val": 2 * given.test // 3, "test": given.test}, "uniform")
    tests = {
        "a": list(whole_clips(uniform))[: given.takes],
        "b": list(progress(long_takes(uniform, takes=given.takes), "takes", total=given.takes)),
    }
    if given.data is not None:
        bandai = composed_bandai(given.data, given.cache)
        tests |= {"a, Bandai": list(whole_clips(bandai))[: given.takes]}
        tests |= {"b, Bandai": list(long_takes(bandai, takes=given.takes // 2, asked=(2, 3)))}
        tests |= {"d, CMU": timed_trials(given.data, given.cache)}
    practice = list(progress(long_takes(habit, "train", takes=given.takes), "takes", total=given.takes))
    print(f"| model | {' | '.join(HEADS)} |\n{'|---' * (len(HEADS) + 1)}|")
    for name in given.models.split(","):
        model = Remembering(model_of(name, given.out, habit, given.epochs))
        head = head_of(model, practice)
        if given.keep:
            folder = packaged_model(name) or given.out / "models" / name
            head.save(folder, model.fingerprint)
            calibration_of(model, practice).save(folder)
        for test, takes in tests.items():
            measured(name, model, head, test, takes)
    costs(model, head, tests["b"])
    print(machine())


def corpus_of(folder: Path, counts: dict[str, int], order: str) -> Corpus:
    """A composed corpus of procedural motions."""
    if (folder / "corpus.json").exists():
        return Corpus(folder)
    return compose(ProceduralClips(0), folder, counts, order="habit" if order == "habit" else "uniform", seed=0)


def model_of(name: str, out: Path, habit: Corpus, epochs: int) -> MotionTextModel:
    """A model of the package, or a small one, trained where it is missing."""
    folder = out / "models" / name
    if packaged_model(name) is not None:
        return MotionTextModel.from_pretrained(name)
    if (folder / "model.safetensors").exists():
        return MotionTextModel.from_pretrained(folder)
    return train(habit, folder, settings_of(ROWS[name], epochs, 0), states=TextStates(TextBackbone(), out / "text"))


def head_of(model: MotionTextEncoder, takes: Sequence[Take]) -> BoundaryHead:
    """A boundary head, fitted to everything that happens in these takes."""
    windows = [MotionWindows.encode(model, [take.features], FPS) for take in takes]
    return BoundaryHead.fit(windows, [[*take.spans, *(span for _, span in take.others)] for take in takes], FPS)


def measured(name: str, model: MotionTextEncoder, head: BoundaryHead, test: str, takes: list[Take]) -> None:
    """Print the rows of a model and a test."""
    encoded = Test(test, takes, [MotionWindows.encode(model, [take.features], FPS) for take in takes])
    background = background_of(model)
    baselines: dict[str, Callable[[Take], Spans]] = {
        "equal parts": lambda take: list(pairwise(np.linspace(0, len(take.features) / FPS, len(take.spans) + 1))),
        "best window": lambda take: BestWindows(model, FPS)(take.features, take.events),
        "cut whole": lambda take: InOrder(model, FPS)(take.features, take.events),
    }
    for placer, place in baselines.items():
        placed = [place(take) for take in takes]
        row(name, test, placer, takes, placed, [ordered(placed) if placer == "best window" else float("nan")])
    locators = {
        "located": Locator(model, FPS, background=background, mean=encoded.mean),
        "located, boundary head": Locator(model, FPS, background=background, mean=encoded.mean, head=head),
        "located, head, no gallery": Locator(model, FPS, background=background, head=head),
    }
    for placer, locator in locators.items():
        pairs = list(zip(takes, encoded.windows, strict=True))
        located = [locator.locate(windows, take.events) for take, windows in pairs]
        spans = [[seconds(place.span) for place in answer.events] for answer in located]
        alone = [
            [seconds(locator.locate(windows, [event]).events[0].span) for event in take.events]
            for take, windows in pairs
        ]
        several = [answer.margin for answer in located if not np.isnan(answer.margin)]
        reverse = [locator.locate(windows, take.events[::-1]) for take, windows in pairs]
        beaten = [answer.best_order != tuple(range(len(answer.events))) for answer in reverse if answer.orders > 1]
        orders = [ordered(alone), 100 * float(np.mean(np.array(several) > 0)), 100 * float(np.mean(beaten))]
        row(name, test, placer, takes, spans, orders)


def background_of(model: MotionTextEncoder) -> Background:
    """The phrases of the package."""
    return Background(PhraseBank.encode(model).vectors)


def calibration_of(model: MotionTextEncoder, takes: Sequence[Take]) -> Calibration:
    """What the scores of a single motion mean, told by these takes."""
    windows = [MotionWindows.encode(model, [take.features], FPS) for take in takes]
    return Calibration.fit(
        PhraseBank.encode(model),
        np.concatenate([each.vectors for each in windows]),
        np.concatenate([each.spans for each in windows]),
        np.repeat(np.arange(len(windows)), [len(each.spans) for each in windows]),
        fps=FPS,
    )


def seconds(span: tuple[int, int] | None) -> Span | None:
    """A span in seconds."""
    return None if span is None else (span[0] / FPS, span[1] / FPS)


def row(name: str, test: str, placer: str, takes: list[Take], spans: Sequence[Spans], more: Sequence[float]) -> None:
    """Print a row."""
    pairs = [zip(told, take.spans, strict=True) for take, told in zip(takes, spans, strict=True)]
    each = [[overlap(span, true) for span, true in pair] for pair in pairs]
    overlaps = np.concatenate(each)
    figures = [f"{overlaps.mean():.3f}", *(f"{100 * np.mean(overlaps >= least):.1f}" for least in (0.5, 0.7))]
    cells = [*figures, *("-" if np.isnan(value) else f"{value:.1f}" for value in [*more, *[float("nan")] * 3][:3])]
    if test.startswith("d"):
        cells[0] += f" ({', '.join(f'{np.mean(trial):.2f}' for trial in each)})"
    print(f"| {name} | {test} | {placer} | {' | '.join(cells)} |", flush=True)


def ordered(spans: Sequence[Spans]) -> float:
    """Percent of neighbouring events whose middles are in the right order."""
    middles = [np.array([np.nan if span is None else sum(span) for span in told]) for told in spans]
    return 100 * float(np.concatenate([np.diff(each) > 0 for each in middles]).mean())


def timed_trials(data: Path, cache: Path) -> list[Take]:
    """The timed trials of CMU."""
    takes = cmu_takes(data, cache)
    trials = json.loads((data / "cmu" / "sequences.json").read_text(encoding="utf-8"))
    return [
        Take(
            features_of(takes[trial], retarget=False),
            tuple(EVENTS[segment["event"]] for segment in about["segments"]),
            tuple((segment["start"], segment["end"]) for segment in about["segments"]),
            tuple(segment["event"] for segment in about["segments"]),
        )
        for trial, about in trials.items()
    ]


def costs(model: MotionTextEncoder, head: BoundaryHead, takes: Sequence[Take]) -> None:
    """Print processor time and memory: 4 events in 60 s, and a take of 10 minutes."""
    locator = Locator(model, FPS, background=background_of(model), head=head)
    features = np.concatenate([take.features for take in takes])
    events = list(dict.fromkeys(event for take in takes for event in take.events))[:4]
    locator.locate(locator.encode(features[:100]), events)
    for minutes in (1, 10):
        part = features[: int(minutes * 60 * FPS)]
        tracemalloc.start()
        began = time.process_time()
        windows = locator.encode(part)
        encoded = time.process_time()
        for _ in range(5):
            locator.locate(windows, events)
        placed = (time.process_time() - encoded) / 5
        peak = tracemalloc.get_traced_memory()[1] >> 20
        tracemalloc.stop()
        print(f"{minutes} min: {len(windows.vectors)} windows encoded in {encoded - began:.2f} s, 4 events placed in "
              f"{1000 * placed:.1f} ms of processor time; {peak} MiB at most, without torch's own")  # fmt: skip


if __name__ == "__main__":
    main()
