"""Transfer between procedural motions, CMU and Bandai-Namco, each to each: corpora, models and tables in one command.

python benchmarks/transfer_corpora.py DATA CACHE [--motions 1000] [--test 200] [--steps 600]

DATA has the folders ``cmu`` and ``bandai``, and ``cmu_more.npz``. Every corpus has motions of one to four events in all
orders; training and test have other takes. Three models of the preset small, with as many steps each, are measured on
the tests of all three: normalised by the statistics that they keep, by those of the corpus that is tested, and, trained
anew on canonical captions, with canonical queries. What is in CACHE is not made again.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from chronomotion.corpus.compose.compose import compose
from chronomotion.corpus.compose.sources import ProceduralClips, Source
from chronomotion.corpus.corpus import Corpus
from chronomotion.evaluation.transfer import measured_on, transfer_table
from chronomotion.model.backbone import TextBackbone
from chronomotion.model.motion_text import MotionTextModel
from chronomotion.model.stats import with_stats
from chronomotion.model.text_states import TextStates
from chronomotion.motion.motion import Motion
from chronomotion.seeding import integer
from chronomotion.training.config import Captions
from chronomotion.training.settings import read_recipe
from chronomotion.training.train import train
from machine import load, machine
from starter.recordings import bandai_clips, cmu_takes
from starter.sources import Takes, cmu_clips

_TESTED = 0.3
"""Share of the takes of each action that are tested, at least one; actions of one take are left out."""


class SplitTakes:
    """Takes of single actions; those of the split ``test`` are in no other split."""

    def __init__(self, clips: Mapping[str, Sequence[Motion]], name: str, licence: str) -> None:
        parts: dict[str, dict[str, list[Motion]]] = {"train": {}, "test": {}}
        for action, takes in clips.items():
            if len(takes) > 1:
                drawn = sorted(takes, key=lambda take: integer("test", action, take.name))
                count = max(1, round(_TESTED * len(takes)))
                parts["test"][action], parts["train"][action] = drawn[:count], drawn[count:]
        self._parts = {split: Takes(some, name, licence) for split, some in parts.items()}
        self.actions = self._parts["train"].actions
        self.description = self._parts["train"].description

    def clip(self, action: str, split: str, *identity: str | int) -> Motion:
        """A take of the action from the split, or a part of it."""
        return self._parts[split].clip(action, split, *identity)


def main() -> None:
    """Compose, train, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("cache", type=Path)
    parser.add_argument("--motions", type=int, default=1000)
    parser.add_argument("--test", type=int, default=200)
    parser.add_argument("--steps", type=int, default=600)
    given = parser.parse_args()
    corpora = composed(given.data, given.cache, {"train": given.motions, "test": given.test})
    plain = trained(corpora, given.cache, given.steps, "as-written")
    print_table("the models' statistics", plain, corpora)
    print_table("own statistics", plain, corpora, own=True)
    canonical = trained(corpora, given.cache, given.steps, "canonical")
    print_table(
        "own statistics, canonical captions in training and queries", canonical, corpora, own=True, reduced=True
    )
    print_table("own statistics, canonical queries alone", plain, corpora, own=True, reduced=True)
    print(f"{given.motions} motions, {given.steps} steps, {given.test} tested; {machine()}; {load()}")


def composed(data: Path, cache: Path, counts: Mapping[str, int]) -> dict[str, Corpus]:
    """The three corpora by name."""
    sources: dict[str, Source] = {
        "procedural": ProceduralClips(0),
        "CMU": SplitTakes(cmu_clips(cmu_takes(data, cache)), "CMU motion capture database", "free for all uses"),
        "Bandai": SplitTakes(bandai_clips(data, cache), "Bandai-Namco", "CC BY-NC 4.0"),
    }
    folder = cache / f"transfer-{counts['train']}-{counts['test']}"
    return {
        name: compose(source, folder / name, counts, order="uniform", events=(1, 4), seed=0, many_wordings=True)
        for name, source in sources.items()
    }


def trained(corpora: Mapping[str, Corpus], cache: Path, steps: int, captions: Captions) -> dict[str, MotionTextModel]:
    """A model for each corpus."""
    small = read_recipe(preset="small", environment={}).config
    states = TextStates(TextBackbone.of(small.model), cache / "text")
    models = {}
    for name, corpus in corpora.items():
        epochs = max(1, round(steps * small.batch_size / 2 / len(corpus.split("train"))))
        config = replace(small, captions=captions, epochs=epochs, repeat_after_epochs=2)
        models[name] = train(corpus, corpus.folder.parent / f"{name}-{captions}-{steps}", config, states=states)
    return models


def print_table(
    title: str,
    models: Mapping[str, MotionTextModel],
    corpora: Mapping[str, Corpus],
    *,
    own: bool = False,
    reduced: bool = False,
) -> None:
    """Models by corpora."""
    cells = []
    for name, model in models.items():
        for tested, corpus in corpora.items():
            with with_stats(model, corpus.stats if own else (model.mean.numpy(), model.std.numpy())):
                cells.append(measured_on(model, name, corpus, tested, canonical=reduced))
    print(f"\n### {title}\n\n{transfer_table(cells).markdown()}", flush=True)


if __name__ == "__main__":
    main()
