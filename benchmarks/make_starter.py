"""Make the model that comes with the package, ``starter``: python benchmarks/make_starter.py DATA CACHE [--out FOLDER].

It learns from procedural motions and from CMU trials (DATA/cmu and DATA/cmu_more.npz), both of which may be
redistributed. ``--without 07,13`` leaves CMU subjects out, for a test on them; ``--set KEY=VALUE`` changes a setting;
``--leave-out`` leaves out pieces of the corpus. Interrupted, the same command goes on. The finished model
is written to ``--out`` with its weights as float16; by default that is the package's own folder.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

import chronomotion
from chronomotion.corpus.compose.compose import compose
from chronomotion.corpus.compose.randomise import RandomisedClips
from chronomotion.corpus.compose.sources import ProceduralClips, Source, VariedClips
from chronomotion.corpus.corpus import Corpus
from chronomotion.model.backbone import TextBackbone
from chronomotion.model.card import ModelCard
from chronomotion.model.motion_text import MotionTextModel
from chronomotion.model.text_states import TextStates
from chronomotion.training.settings import read_recipe
from chronomotion.training.train import train
from starter.recordings import cmu_takes
from starter.sources import Mixture, cmu_actions

MOTIONS = 10_000
RECIPE = Path(__file__).with_name("starter") / "starter.toml"
PIECES = ("varied", "cmu", "randomised", "wordings")
"""What the corpus is made with; without ``varied`` the 31 pinned actions are."""

NOTES = """\
It is small, and made to be there at once. It has seen procedural motions of 55 actions (walking, running, turning,
jumping, sitting, waving, raising hands, kicking, punching and the like), with bodies, postures, paces and sensors drawn
at random, and 25 minutes of the CMU motion capture database. Recordings of Bandai-Namco, none of which it saw, are its
test: the figures, and what it mixes up, are in docs/starter.md of the repository.

It does not know objects, scenes, feelings, people who touch each other, fingers, or sports and dances beyond a few.
A hand that waves and a hand that is only raised look alike to it. Motions need to be at 20 frames a second in
HumanML3D's features, as every reader and importer here makes them."""


def main() -> None:
    """Compose, train, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("cache", type=Path)
    parser.add_argument("--out", type=Path, default=Path(chronomotion.__file__).parent / "models" / "starter")
    parser.add_argument("--without", default="", help="CMU subjects, separated by commas")
    parser.add_argument("--leave-out", default="", help=f"pieces of {', '.join(PIECES)}, separated by commas")
    parser.add_argument("--motions", type=int, default=MOTIONS)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    given = parser.parse_args()
    without = tuple(subject for subject in given.without.split(",") if subject)
    pieces = tuple(piece for piece in PIECES if piece not in given.leave_out.split(","))
    write(trained(given.data, given.cache, pieces, given.motions, without=without, changes=given.set), given.out)


def trained(
    data: Path,
    cache: Path,
    pieces: tuple[str, ...],
    motions: int,
    *,
    without: tuple[str, ...] = (),
    changes: Sequence[str] = (),
) -> MotionTextModel:
    """The model of these pieces, with ``changes`` ("KEY=VALUE") of the recipe; one that is in the cache is loaded."""
    corpus = composed(data, cache, pieces, without, motions)
    flags = dict(change.split("=", 1) for change in changes)
    config = read_recipe(RECIPE, flags=flags, environment={}).config
    states = TextStates(TextBackbone.of(config.model), cache / "text")
    name = "-".join(["run", *pieces, *without, str(motions), *sorted(changes)])
    return train(corpus, cache / name, config, states=states)


def composed(data: Path, cache: Path, pieces: tuple[str, ...], without: tuple[str, ...], motions: int) -> Corpus:
    """The corpus of these pieces."""
    source: Source = VariedClips(1) if "varied" in pieces else ProceduralClips(1)
    if "cmu" in pieces:
        source = Mixture(source, cmu_actions(cmu_takes(data, cache), without))
    if "randomised" in pieces:
        source = RandomisedClips(source)
    folder = cache / "-".join(["corpus", *pieces, *without, str(motions)])
    many = "wordings" in pieces
    return compose(source, folder, {"train": motions}, order="uniform", events=(1, 4), seed=3, many_wordings=many)


def write(model: MotionTextModel, folder: Path) -> None:
    """Save a model with its weights, but not its statistics, as float16, and its card with what it knows."""
    card = replace(model.card or ModelCard(), notes=NOTES, data="procedural motions; CMU motion capture database")
    for weights in model.parameters():
        weights.data = weights.data.to(torch.float16)
    model.save_pretrained(folder, card)
    print(f"{folder}: {sum(path.stat().st_size for path in folder.iterdir()) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
