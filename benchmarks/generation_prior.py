"""Train a prior on the codes of a corpus, as it is or without one of its pieces; generation.py measures it.

Budgets are in steps; steps and processor seconds are printed. Interrupted, the same command goes on.

    python benchmarks/generation_prior.py CORPUS TOKENIZER DEST --steps 1500 --seed 0 --conditioning states --plan on
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from chronomotion.corpus import Corpus
from chronomotion.generation.prior.coded import coded_corpus
from chronomotion.generation.prior.feed import PriorFeed
from chronomotion.generation.prior.train import train_prior
from chronomotion.generation.settings import read_generator_recipe
from chronomotion.generation.tokenizer.motion_tokenizer import MotionTokenizer


def main() -> None:
    """Train, then measure."""
    wishes = _wishes()
    corpus, tokenizer = Corpus(wishes.corpus), MotionTokenizer.from_pretrained(wishes.tokenizer)
    settings = read_generator_recipe(preset=wishes.preset, flags=_flags(wishes), environment={}).settings.prior
    cache = wishes.to.parent / "cache"
    twins = settings.twins and settings.counterfactual_weight > 0
    coded = coded_corpus(corpus, tokenizer, settings.model, twins=twins, cache=cache / "codes")
    if wishes.steps:
        per_epoch = PriorFeed(coded, settings, tokenizer.codes, 5).batches_per_epoch
        flags = {**_flags(wishes), "prior.epochs": max(1, round(wishes.steps / per_epoch))}
        settings = read_generator_recipe(preset=wishes.preset, flags=flags, environment={}).settings.prior
        print(f"{settings.epochs} epochs of {per_epoch} steps")
    began = time.process_time()
    judge = None if wishes.judge == "none" else wishes.judge
    prior = train_prior(corpus, tokenizer, wishes.to, settings, cache=cache, judge=judge)
    seconds = time.process_time() - began
    result = json.loads((wishes.to / "training.json").read_text(encoding="utf-8"))["result"]
    weights = sum(weights.numel() for weights in prior.parameters())
    print(f"{result}, {seconds:.0f} processor seconds of this process, {weights / 1e6:.2f} million weights")


def _flags(wishes: argparse.Namespace) -> dict[str, object]:
    vector = wishes.kind == "vector"
    flags: dict[str, object] = {
        "prior.seed": wishes.seed,
        "prior.model.kind": wishes.kind,
        "prior.model.conditioning": "vector" if vector else wishes.conditioning,
        "prior.model.plan": {"on": True, "off": False, None: None}["off" if vector else wishes.plan],
        "prior.counterfactual_weight": wishes.counterfactual,
        "prior.model.text_model": wishes.text,
    }
    return {**flags, **dict(setting.split("=", 1) for setting in wishes.set)}


def _wishes() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("tokenizer", type=Path)
    parser.add_argument("to", type=Path)
    parser.add_argument("--preset", default="small")
    parser.add_argument("--steps", type=int, default=0, help="rounded to whole epochs; 0: as the preset says")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kind", choices=("ordered", "vector"))
    parser.add_argument("--conditioning", choices=("states", "states-without-index", "vector"))
    parser.add_argument("--plan", choices=("on", "off"))
    parser.add_argument("--counterfactual", type=float, help="weight of the counterfactual likelihood; 0: without")
    parser.add_argument("--text", help="a language model, a folder with a motion-text model, clip:NAME")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--judge", default="val", help="split that chooses the weights; none: the last ones")
    return parser.parse_args()


if __name__ == "__main__":
    main()
