"""Seconds of a training step and peak memory, ours and a naive twin that does what the published loop does.

python benchmarks/training_speed.py [--steps N] [--naive-steps N]

Published sizes: latent 256, feed-forward 1024, 6 layers, decoder, batches of 32, a language model of DistilBERT's size
and a sentence encoder of MPNet's, both with random weights. Clips are noise of 2 to 10 s at 20 fps, captions have about
15 tokens, shuffled captions are negatives. The twin tokenises and reads every caption in every step, padded to 128
tokens, pads motions to 224 frames and computes sentence embeddings in every step. Each measurement is a process of its
own. Seconds of the clock, and of the processor: the latter hardly depend on what else the machine does. First both
compute the loss of one batch with the same weights, in float32, without dropout and noise: what is compared has to be
the same work, sentence encoder included. The command fails where the losses differ by more than a thousandth.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from unittest import mock

import numpy as np
import torch

from chronomotion.corpus import Clip, Corpus, CorpusWriter
from chronomotion.language.caption import Caption, Events
from chronomotion.seeding import generator
from chronomotion.training.config import TrainingConfig
from machine import machine
from naive_training import NaiveLoop

VERBS = "walks runs jumps sits turns bends kicks waves stands crawls leans climbs hops spins stretches claps".split()
REST = "forward slowly to the left with both arms and then stops for a short while".split()

_LOSS_TOLERANCE = 1e-3
"""Relative; in float32 the two differ by rounding alone."""

Times = list[tuple[float, float]]
"""Of each step: seconds of the clock and of the processor."""


def main() -> None:
    """Measure all, print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=16, help="of ours: 16 are an epoch, of all lengths")
    parser.add_argument("--naive-steps", type=int, default=3)
    parser.add_argument("--clips", type=int, default=512)
    parser.add_argument("--part", nargs=2, metavar=("WHO", "FOLDER"), help=argparse.SUPPRESS)
    parser.add_argument("--tuned", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--precision", default="float32", help=argparse.SUPPRESS)
    parser.add_argument("--compiled", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.part:
        who, folder = given.part
        print(json.dumps(measured(who, Path(folder), given)))
        return
    with tempfile.TemporaryDirectory() as scratch:
        prepare(Path(scratch), given.clips)
        for kind, flags in (("frozen", []), ("tuned", ["--tuned"])):
            report_losses(kind, one("losses", scratch, given, flags))
            naive = one("naive", scratch, given, flags)
            report(f"{kind}, naive", naive, naive)
            for precision in ("float32", "bfloat16"):
                ours = one("ours", scratch, given, [*flags, "--precision", precision])
                report(f"{kind}, ours, {precision}", ours, naive)
            if kind == "frozen":
                ours = one("ours", scratch, given, ["--precision", "bfloat16", "--compiled"])
                report("frozen, ours, compiled", ours, naive)
    print(machine())


def one(who: str, scratch: str, given: argparse.Namespace, flags: list[str]) -> dict[str, float]:
    """A measurement in a process of its own."""
    sizes = ["--steps", str(given.steps), "--naive-steps", str(given.naive_steps)]
    command = [sys.executable, __file__, "--part", who, scratch, *sizes, *flags]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def report(name: str, found: dict[str, float], naive: dict[str, float]) -> None:
    """One row."""
    ratio, work = naive["seconds"] / found["seconds"], naive["work"] / found["work"]
    times = f"{found['seconds']:6.2f} s a step ({ratio:4.1f} x), {found['work']:6.2f} s of processor ({work:4.1f} x)"
    once = "".join(f", {name} {found[name]:.1f} s" for name in ("captions", "first steps") if name in found)
    print(f"{name:24} {times}, {found['memory'] / 2**30:5.2f} GiB{once}", flush=True)


def report_losses(kind: str, found: dict[str, float]) -> None:
    """One row. Fails when the two do not compute the same."""
    ours, naive = found["ours"], found["naive"]
    print(
        f"{kind + ', loss':24} naive {naive:.6f}, ours {ours:.6f}; the sentence encoder leaves out "
        f"{100 * found['alike']:.0f} % of other captions, without it ours is {found['without']:.6f}",
        flush=True,
    )
    if abs(ours - naive) > _LOSS_TOLERANCE * abs(naive):
        raise SystemExit(f"{kind}: the loss is {ours:.6f} here and {naive:.6f} in the twin: they do not do the same")


def prepare(folder: Path, clips: int) -> None:
    """Corpus and language models for all measurements."""
    rng = generator("speed")
    with CorpusWriter(folder / "corpus", dim=263, fps=20.0, description={}) as writer:
        for i in range(clips):
            features = rng.normal(size=(int(rng.integers(40, 201)), 263)).astype(np.float32)
            writer.add(Clip(f"clip-{i}", features, (caption(rng),)))
        writer.finish({"train": [f"clip-{i}" for i in range(clips)]})
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "<s>", "</s>", "<pad>", "<mask>", ".", "a", "person", *VERBS, *REST]
    vocabulary = list(dict.fromkeys(words))
    save_models(folder, vocabulary)


def caption(rng: np.random.Generator) -> Caption:
    """About 15 tokens; two events in three of five captions, as in HumanML3D."""
    count = 2 if rng.random() < 0.6 else 1
    words = 11 // count - 1
    events = tuple(
        f"a person {rng.choice(VERBS)} {' '.join(map(str, rng.choice(REST, words - 2)))}." for _ in range(count)
    )
    return Caption(" ".join(events), events=Events(events))


def save_models(folder: Path, vocabulary: list[str]) -> None:
    """A DistilBERT and an MPNet with random weights, as transformers saves them."""
    from transformers import BertTokenizerFast, DistilBertConfig, DistilBertModel, MPNetConfig, MPNetModel

    (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n", encoding="utf-8")
    tokenizer = BertTokenizerFast(str(folder / "vocab.txt"))
    for name, model in (
        ("distilbert", DistilBertModel(DistilBertConfig())),
        ("mpnet", MPNetModel(MPNetConfig(), add_pooling_layer=False)),
    ):
        model.save_pretrained(folder / name)
        tokenizer.save_pretrained(folder / name)


def settings(
    folder: Path, *, tuned: bool = False, precision: str = "float32", compiled: bool = False
) -> TrainingConfig:
    """The published recipe with the language models of the folder."""
    from chronomotion.training.settings import read_recipe

    preset = "chronaccret-tuned" if tuned else "chronaccret"
    flags = {"model.text_model": str(folder / "distilbert"), "objective.sentence_model": str(folder / "mpnet")}
    config = read_recipe(preset=preset, flags={**flags, "precision": precision}, environment={}).config
    return replace(config, compile=compiled, longest=0.0, shortest=0.0, model=replace(config.model, text_dim=768))


class Clock:
    """Both kinds of seconds since it was made."""

    def __init__(self) -> None:
        self._began = time.perf_counter(), time.process_time()

    def seconds(self) -> tuple[float, float]:
        """Of the clock, of the processor."""
        return time.perf_counter() - self._began[0], time.process_time() - self._began[1]


def measured(who: str, folder: Path, given: argparse.Namespace) -> dict[str, float]:
    """Seconds of a step, without the first ones, the peak memory of this process, and what is done once."""
    config = settings(folder, tuned=given.tuned, precision=given.precision, compiled=given.compiled)
    if who == "losses":
        return losses(folder, config)
    times, once = (ours if who == "ours" else naive)(folder, config, given)
    seconds, work = np.mean(times, axis=0)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"seconds": float(seconds), "work": float(work), "memory": memory, **once}


def losses(folder: Path, config: TrainingConfig) -> dict[str, float]:
    """The loss of a batch in both ways, the share of other captions that the sentence encoder takes for the same, and
    our loss without it.

    To an encoder of random weights all captions are alike at the published threshold; here it is one that about half of
    them reach, so that the filter has something to decide.
    """
    from chronomotion.model.backbone import TextBackbone
    from chronomotion.model.latent import Latent
    from chronomotion.model.text_states import TextStates
    from chronomotion.training.losses import Relations
    from chronomotion.training.pair_task import PairTask
    from chronomotion.training.processes import Processes

    corpus = Corpus(folder / "corpus")
    states = TextStates(TextBackbone(config.model.text_model, dtype=torch.float32))
    loop = NaiveLoop(config, corpus)
    threshold = _middle(loop.sentences([corpus.captions(name)[0].text for name in corpus.names[:64]]))
    config = replace(config, objective=replace(config.objective, sentence_threshold=threshold))
    task = PairTask(corpus, config, states, Processes())
    loop.config = task.settings
    loop.model.load_state_dict(task.model.state_dict(), strict=False)  # its language model stands beside it
    for model in (task.model, loop.model, loop.language_model):
        model.eval()
    batch = next(task.batches(0, ahead=False))
    count, found = len(batch.motions), batch.found
    unfiltered = replace(batch, found=Relations(torch.zeros_like(found.same), found.jumbled))
    with torch.no_grad(), mock.patch.object(Latent, "sample", lambda latent: latent.mu):
        naive = loop.loss(batch.motions, batch.texts[:count], batch.texts[count:])
        mine, without = (sum(task.terms(one).values()) for one in (batch, unfiltered))
    alike = (int(found.same.sum()) - count) / (count * (count - 1))
    return {"ours": float(mine), "naive": float(naive), "alike": alike, "without": float(without)}


def _middle(vectors: torch.Tensor) -> float:
    """The middle of the widest gap among the middle half of the similarities: no rounding takes one over it."""
    rows, columns = torch.triu_indices(len(vectors), len(vectors), 1)
    similar = torch.sort(((vectors @ vectors.T + 1) / 2)[rows, columns]).values
    similar = similar[len(similar) // 4 : -len(similar) // 4]
    widest = int(similar.diff().argmax())
    return float(similar[widest : widest + 2].mean())


def ours(folder: Path, config: TrainingConfig, given: argparse.Namespace) -> tuple[Times, dict[str, float]]:
    """The steps of a run as the loop takes them, batches included; the reading of captions is timed by itself."""
    from chronomotion.model.backbone import TextBackbone
    from chronomotion.model.text_states import TextStates
    from chronomotion.training.pair_task import PairTask
    from chronomotion.training.processes import Processes
    from chronomotion.training.run import Run

    states = TextStates(TextBackbone.of(config.model), folder / f"states-{config.precision}")
    processes = Processes()
    task = PairTask(Corpus(folder / "corpus"), config, states, processes)
    run = Run(task, folder / "run", processes)
    task.model.train()
    clock = Clock()
    batches = task.batches(0)
    epoch = [next(batches)]  # what the epoch says is read before it
    once = {"captions": clock.seconds()[0]}
    epoch += [next(batches) for _ in range(task.batches_per_epoch - 1)]
    epoch.sort(key=lambda batch: max(map(len, batch.motions)))
    clock = Clock()
    # The longest batch first: it takes the memory from the system that all later ones use.
    for done, batch in enumerate((epoch[-1], epoch[0])):
        run.stepper.step(done, [batch])
    if config.compile:
        once["first steps"] = clock.seconds()[0]
    times = []
    batches = task.batches(0)
    for done in range(given.steps):
        clock = Clock()
        run.stepper.step(done + 2, [next(batches)])
        times.append(clock.seconds())
    return times, once


def naive(folder: Path, config: TrainingConfig, given: argparse.Namespace) -> tuple[Times, dict[str, float]]:
    """The steps of the twin."""
    corpus = Corpus(folder / "corpus")
    loop = NaiveLoop(config, corpus)
    loop.step(corpus.names[:32])
    times = []
    for number in range(1, given.naive_steps + 1):
        clock = Clock()
        loop.step(corpus.names[32 * number : 32 * number + 32])
        times.append(clock.seconds())
    return times, {}


if __name__ == "__main__":
    main()
