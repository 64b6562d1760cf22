"""Time and memory of each verb on a folder of HumanML3D's true size, and on a tenth of it.

python benchmarks/scale.py --out FOLDER [--motions 29232] [--steps import,decompose,...] [--keep]

The folder has the published layout: 29,232 motions of 2 to 10 s as features, half of them mirror images, three captions
each, 4,384 ids in the test split. Motions are procedural ones cut at random, captions tell one to four events. Every
step is a process of its own; what is printed is its processor time, its time by the clock and the most memory that it
held. The last column is how much a step takes for a clip in the large folder against the small one: 1 is linear.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from chronomotion.corpus import Corpus
from chronomotion.corpus.compose.sources import ProceduralClips
from chronomotion.corpus.compose.wordings import wordings
from chronomotion.language.narrate import STYLES, narrate
from chronomotion.motion.features import features_of
from chronomotion.seeding import generator
from machine import machine

TEST_SHARE = 4384 / 29232
TRAIN_SHARE = 23384 / 29232
TRAINING_STEPS = 20
SUBJECTS = ("a person", "the man", "a woman", "someone")


@dataclass(frozen=True)
class Cost:
    """What a process took: seconds of the processor and of the clock, bytes held at the most."""

    processor: float
    clock: float
    memory: int


def main() -> None:
    """Measure a tenth and the whole, print both and their growth."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--motions", type=int, default=29_232)
    parser.add_argument("--keep", action="store_true", help="keep the folders")
    parser.add_argument("--train-20", type=Path, nargs=2, metavar=("CORPUS", "DEST"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.train_20:
        train_some(*given.train_20)
        return
    costs = [measure(given.out / str(count), count) for count in (given.motions // 10, given.motions)]
    small, large = costs
    print(
        f"| step | {given.motions // 10:,} motions | | | {given.motions:,} motions | | | for a motion, large to small |"
    )
    print("| | processor s | clock s | GiB | processor s | clock s | GiB | processor time |")
    print("|---" * 8 + "|")
    for step, cost in large.items():
        before = small[step]
        growth = (cost.processor / before.processor) / 10
        print(f"| {step} | {cells(before)} | {cells(cost)} | {growth:.2f} |")
    print(f"\n{machine()}, load average {os.getloadavg()[0]:.1f}")
    if not given.keep:
        shutil.rmtree(given.out)


def cells(cost: Cost) -> str:
    """The figures of a step."""
    return f"{cost.processor:.0f} | {cost.clock:.0f} | {cost.memory / 2**30:.2f}"


def measure(folder: Path, motions: int) -> dict[str, Cost]:
    """Every step on a folder of so many motions."""
    source, corpus, events, model = (folder / name for name in ("source", "corpus", "events", "model"))
    if not (source / "train.txt").exists():
        write_folder(source, motions)
    steps: dict[str, list[str]] = {
        "import": ["import", str(source), str(corpus)],
        "decompose": ["decompose", str(corpus), "--into", str(events)],
        "dry run": [
            "train",
            str(events),
            str(model),
            "--preset",
            "chronomotion",
            "--dry-run",
            "--negatives",
            "shuffled",
        ],
        f"{TRAINING_STEPS} steps": [],
        "evaluate": ["evaluate", str(model), str(events), "--out", str(folder / "report.json"), "--no-store"],
        "search": ["search", str(model), str(events), "a person walks forward, then sits down", "--split", "test"],
    }
    environment = {**os.environ, "CHRONOMOTION_CACHE": str(folder / "cache")}
    costs = {}
    for step, arguments in steps.items():
        command = [sys.executable, "-m", "chronomotion", "-q", *arguments]
        if not arguments:
            command = [sys.executable, __file__, "--out", str(folder), "--train-20", str(events), str(model)]
        costs[step] = cost_of(command, environment)
        print(f"{motions} motions, {step}: {cells(costs[step])}", file=sys.stderr, flush=True)
    return costs


def cost_of(command: list[str], environment: dict[str, str]) -> Cost:
    """Run a command to its end. Raises SystemExit when it fails."""
    began = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
    process.returncode = 0
    return Cost(usage.ru_utime + usage.ru_stime, time.perf_counter() - began, usage.ru_maxrss * 1024)


def train_some(corpus: Path, dest: Path) -> None:
    """The first steps of the preset with shuffled captions, and the model as it is then."""
    from dataclasses import replace

    from chronomotion.model.backbone import TextBackbone
    from chronomotion.model.text_states import TextStates
    from chronomotion.training.pair_task import PairTask
    from chronomotion.training.processes import Processes
    from chronomotion.training.run import Run
    from chronomotion.training.settings import read_recipe

    config = replace(read_recipe(preset="chronomotion", environment={}).config, negatives="shuffled")
    states = TextStates(TextBackbone(), Path(os.environ["CHRONOMOTION_CACHE"]) / "text")
    processes = Processes()
    task = PairTask(Corpus(corpus), config, states, processes)
    task.model.train()
    run = Run(task, dest, processes)
    for done, batch in enumerate(islice(task.batches(0), TRAINING_STEPS)):
        run.stepper.step(done, (batch,))
    task.model.save_pretrained(dest)


def write_folder(folder: Path, motions: int) -> None:
    """A folder in HumanML3D's layout."""
    for name in ("new_joint_vecs", "texts"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    clips = ProceduralClips(0)
    pool = [
        (action, features_of(clips.clip(action, "train", 0, number), retarget=False))
        for action in clips.actions
        for number in range(8)
    ]
    names = [f"{'M' if number % 2 else ''}{number // 2:06d}" for number in range(motions)]
    for number, name in enumerate(names):
        rng = generator("scale", number)
        parts = [pool[i] for i in rng.integers(len(pool), size=int(rng.integers(1, 5)))]
        features = np.concatenate([rows for _, rows in parts])[: int(rng.integers(40, 200))]
        np.save(folder / "new_joint_vecs" / f"{name}.npy", features)
        lines = "".join(f"{text}##0.0#0.0\n" for text in captions([action for action, _ in parts], rng))
        (folder / "texts" / f"{name}.txt").write_text(lines, encoding="utf-8")
    order = generator("scale splits", motions).permutation(motions)
    cuts = [0, round(motions * TRAIN_SHARE), round(motions * (1 - TEST_SHARE)), motions]
    for split, first, last in zip(("train", "val", "test"), cuts, cuts[1:], strict=False):
        listed = "".join(f"{names[i]}\n" for i in sorted(order[first:last]))
        (folder / f"{split}.txt").write_text(listed, encoding="utf-8")


def captions(actions: list[str], rng: np.random.Generator) -> Iterator[str]:
    """Three captions of the actions, in words that no other motion has."""
    styles = list(STYLES)
    for _ in range(3):
        subject = SUBJECTS[int(rng.integers(len(SUBJECTS)))]
        events = [f"{subject} {wordings(action)[int(rng.integers(len(wordings(action))))]}." for action in actions]
        yield narrate(tuple(events), styles[int(rng.integers(len(styles)))])


if __name__ == "__main__":
    main()
