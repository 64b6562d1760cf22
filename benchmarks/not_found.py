"""Found or not found: what motions show against what they do not show, by a flat cosine and calibrated.

python benchmarks/not_found.py --out FOLDER [--models starter,FOLDER,...] [--data FOLDER] [--takes N]

Tests: composed clips of two to four events, told whole; and long takes of 30 to 60 s, five such clips joined, all of
held-out procedural clips; with --data (bandai/ in it) also recordings. Each test is a library by itself: calibrated by
its own clips, which nobody told what they show. Absent are all actions, of the library and of the procedural clips,
that a take does not show, each in one wording. Rows without raised and waving hands: `starter` hardly tells them apart.
`part of`: without those that are part of what the take shows, as raising a hand is of waving it. What is in the folder
is not made again.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist

import numpy as np
from jaxtyping import Float, Int

from chronomotion.corpus import Corpus
from chronomotion.corpus.compose.compose import compose
from chronomotion.corpus.compose.sources import ProceduralClips
from chronomotion.corpus.compose.wordings import wordings
from chronomotion.evaluation.report_table import ReportTable
from chronomotion.language.wording import neutral
from chronomotion.model.encoder import MotionTextEncoder, encode_motions, encode_texts
from chronomotion.model.motion_text import MotionTextModel
from chronomotion.model.timeline import sliding_windows
from chronomotion.motion.features import features_of, motion_of
from chronomotion.motion.joins import join
from chronomotion.search.calibration import THRESHOLD, Calibration
from chronomotion.search.phrase_bank import PhraseBank
from chronomotion.seeding import generator
from machine import machine
from starter.bandai_test import composed_bandai

FPS = 20.0
SECONDS = (1.0, 1.5, 2.0, 3.0)
LIMIT = NormalDist().inv_cdf(THRESHOLD)
HEADS = ("AUC", "found at 5 %", "AUC, part of", "found at 5 %, part of", "found", "false alarms", "false, part of")


@dataclass(frozen=True, eq=False)
class Take:
    """A motion and all that it shows: (sentence, action)."""

    features: Float[np.ndarray, "frames dim"]
    events: tuple[tuple[str, str], ...]


@dataclass(frozen=True, eq=False)
class Encoded:
    """The short windows of a take."""

    vectors: Float[np.ndarray, "windows dim"]
    spans: Int[np.ndarray, "windows 2"]


@dataclass(frozen=True)
class Pair:
    """A take and a sentence: shown there, or not.

    ``inside``: not shown by itself, but a part of what is shown; ``hands``: about raised or waving hands.
    """

    take: int
    text: str
    shown: bool
    inside: bool = False
    hands: bool = False


def main() -> None:
    """Print a table for each model, and what a clip costs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--models", default="starter", help="names or folders, separated by commas")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--takes", type=int, default=80)
    given = parser.parse_args()
    uniform = compose(ProceduralClips(0), given.out / "uniform", {"test": 300}, order="uniform", seed=0)
    tests = {
        "composed clips": list(whole(uniform))[: given.takes],
        "long takes": list(long_takes(uniform, given.takes)),
    }
    if given.data is not None:
        bandai = composed_bandai(given.data, given.out)
        tests |= {
            "Bandai, composed": list(whole(bandai))[: given.takes],
            "Bandai, long": list(long_takes(bandai, given.takes // 2)),
        }
    for name in given.models.split(","):
        model = MotionTextModel.from_pretrained(name, cache=given.out / "text")
        rows: list[list[str]] = []
        costs = []
        for test, takes in tests.items():
            more, cost = measured(model, takes)
            rows += [[test, *row] for row in more]
            costs.append(cost)
        print(f"\n{ReportTable(Path(name).name, ['test', 'score', *HEADS], rows).markdown()}")
        print("; ".join(f"{test}: {cost}" for test, cost in zip(tests, costs, strict=True)), flush=True)
    print(f"\n{machine()}, load {os.getloadavg()[0]:.1f}")


def whole(corpus: Corpus) -> Iterator[Take]:
    """Every clip of the split test."""
    for name in corpus.split("test"):
        yield Take(corpus.features(name), shown_by(corpus, name))


def long_takes(corpus: Corpus, count: int) -> Iterator[Take]:
    """Five drawn clips, joined, 30 to 60 s together."""
    names, number = corpus.split("test"), 0
    while count:
        chosen = generator("not found", number).choice(len(names), 5, replace=False)
        number += 1
        motion, _ = join([motion_of(corpus.features(names[int(i)])) for i in chosen])
        if 30 <= motion.duration <= 60:
            count -= 1
            events = tuple(event for i in chosen for event in shown_by(corpus, names[int(i)]))
            yield Take(features_of(motion, retarget=False).astype(np.float32), events)


def shown_by(corpus: Corpus, name: str) -> tuple[tuple[str, str], ...]:
    """The events of a clip, as sentences and actions."""
    events = corpus.captions(name)[0].events
    assert events is not None
    return tuple(zip(map(neutral, events.texts), events.keys, strict=True))


def inside(action: str, shown: set[str]) -> bool:
    """Whether an action is a part of one that is shown."""
    name = action.replace("raise-up-", "raise-")
    wholes = {
        "raise": {name.replace("raise", "wave"), "wave-both-hands", "raise-both-hands", "raise-up-both-hands"},
        "wave": {"wave-both-hands"},
        "walk": {other for other in shown if other.startswith("walk-turn")} if name == "walk" else set(),
        "turn": {f"walk-{name}"},
    }
    return bool((wholes.get(name.split("-")[0], set()) - {action}) & shown)


def of_hands(action: str) -> bool:
    """Whether an action is about raised or waving hands."""
    return action.startswith(("raise-", "wave-"))


def pairs_of(takes: Sequence[Take]) -> list[Pair]:
    """What each take shows, each sentence once, and the actions that it does not show, each in a drawn wording."""
    texts: dict[str, list[str]] = {}
    for take in takes:
        for text, action in take.events:
            if text not in texts.setdefault(action, []):
                texts[action].append(text)
    known = {text for ways in texts.values() for text in ways}
    for action in ProceduralClips().actions:
        ways = [neutral(f"a person {words}.") for words in wordings(action)]
        if not known & set(ways):
            texts[action] = ways
    pairs = []
    for number, take in enumerate(takes):
        shown = {action for _, action in take.events}
        pairs += [Pair(number, text, True, hands=of_hands(action)) for text, action in dict.fromkeys(take.events)]
        for action in sorted(set(texts) - shown):
            ways = texts[action]
            text = ways[int(generator("absent", number, action).integers(len(ways)))]
            pairs.append(Pair(number, text, False, inside(action, shown), of_hands(action)))
    return pairs


def encoded(model: MotionTextEncoder, takes: Sequence[Take]) -> list[Encoded]:
    """The windows of a library: 1, 1.5, 2 and 3 s, every .25 s."""
    done = []
    for take in takes:
        spans = sliding_windows(len(take.features), FPS, 1, SECONDS)
        short = spans[:, 1] - spans[:, 0] <= max(SECONDS) * FPS
        spans = spans[short] if short.any() else spans
        done.append(Encoded(encode_motions(model, [take.features[a:b] for a, b in spans]), spans))
    return done


def measured(model: MotionTextEncoder, takes: Sequence[Take]) -> tuple[list[list[str]], str]:
    """Rows of the table; milliseconds of processor time a clip."""
    pairs, clips = pairs_of(takes), encoded(model, takes)
    texts = list(dict.fromkeys(pair.text for pair in pairs))
    vectors = encode_texts(model, texts)
    events, place = np.stack([vectors[text] for text in texts]), {text: i for i, text in enumerate(texts)}
    began = time.process_time()
    calibration = Calibration.fit(
        PhraseBank.encode(model),
        np.concatenate([clip.vectors for clip in clips]),
        np.concatenate([clip.spans for clip in clips]),
        np.repeat(np.arange(len(clips)), [len(clip.spans) for clip in clips]),
        fps=FPS,
    )
    fitting = time.process_time() - began
    cosines = np.stack([(clip.vectors @ events.T).max(axis=0) for clip in clips])
    began = time.process_time()
    z = np.stack([calibration.z(events, clip.vectors, clip.spans) for clip in clips])
    cost = f"{1000 * fitting / len(clips):.1f} ms a clip to calibrate, {len(calibration.model_dump_json())} bytes, "
    cost += f"{1000 * (time.process_time() - began) / len(clips):.1f} ms a clip for {len(texts)} sentences"
    rows = []
    for title, some in (("", pairs), (", no raised or waving hands", [pair for pair in pairs if not pair.hands])):
        for score, values, limit in (("flat cosine", cosines, None), ("calibrated", z, LIMIT)):
            cells = figures([(pair, values[pair.take, place[pair.text]]) for pair in some], limit)
            rows.append([score + title, *cells])
    return rows + sentences(takes, pairs, z, place), cost + f"; {library(pairs, calibration, z, place)}"


def figures(scored: Sequence[tuple[Pair, float]], limit: float | None) -> list[str]:
    """The cells of a row."""
    shown = np.array([score for pair, score in scored if pair.shown])
    absent = np.array([score for pair, score in scored if not pair.shown])
    apart = np.array([score for pair, score in scored if not pair.shown and not pair.inside])
    cells = []
    for others in (absent, apart):
        cells += [f"{area(shown, others):.4f}", f"{100 * (shown > np.quantile(others, 0.95)).mean():.1f}"]
    if limit is None:
        return [*cells, "", "", ""]
    return [*cells, *(f"{100 * (scores >= limit).mean():.1f}" for scores in (shown, absent, apart))]


def area(shown: Float[np.ndarray, " _"], absent: Float[np.ndarray, " others"]) -> float:
    """AUC: how often what is shown scores higher than what is not; ties count half."""
    ordered = np.sort(absent)
    below = np.searchsorted(ordered, shown, "left") + np.searchsorted(ordered, shown, "right")
    return float(below.mean() / 2 / len(ordered))


def sentences(
    takes: Sequence[Take], pairs: Sequence[Pair], z: Float[np.ndarray, "takes texts"], place: dict[str, int]
) -> list[list[str]]:
    """Sentences of up to three events of a take, against the same with one event that it does not show."""
    least, mean = [], []
    for number, take in enumerate(takes):
        rng = generator("sentence", number)
        told = list(dict.fromkeys(text for text, _ in take.events))
        absent = [pair for pair in pairs if pair.take == number and not pair.shown]
        if len(told) < 2 or not absent:
            continue
        for _ in range(5):
            texts = [told[i] for i in rng.choice(len(told), min(3, len(told)), replace=False)]
            wrong = absent[int(rng.integers(len(absent)))]
            for pair, some in (
                (Pair(number, " ".join(texts), True), texts),
                (Pair(number, wrong.text, False, wrong.inside), [*texts[1:], wrong.text]),
            ):
                scores = [z[number, place[text]] for text in some]
                least.append((pair, min(scores)))
                mean.append((pair, float(np.mean(scores))))
    return [
        ["sentence, least event", *figures(least, LIMIT)],
        ["sentence, mean of events", *figures(mean, None)],
    ]


def library(
    pairs: Sequence[Pair], calibration: Calibration, z: Float[np.ndarray, "takes texts"], place: dict[str, int]
) -> str:
    """Sentences that the library shows against the same without the takes that show them."""
    shown = {(pair.take, pair.text) for pair in pairs if pair.shown}
    takes_of = {text: {pair.take for pair in pairs if pair.text == text and not pair.shown} for text in place}
    told = list(dict.fromkeys(text for _, text in sorted(shown)))
    here = np.array([max(z[take, place[text]] for take, other in shown if other == text) for text in told])
    gone = np.array([max((z[take, place[text]] for take in takes), default=np.nan) for text, takes in takes_of.items()])
    gone = gone[np.isfinite(gone)]
    found, false = (100 * (calibration.library_presence(best) >= THRESHOLD).mean() for best in (here, gone))
    return f"in the library: AUC {area(here, gone):.3f}, said to be there {found:.0f} %, false {false:.0f} %"


if __name__ == "__main__":
    main()
