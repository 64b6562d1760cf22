"""How well a motion tokenizer gives motions back after so many steps: finite scalars beside a codebook, at equal steps.

python benchmarks/generation_tokenizer.py CORPUS OUT [--set tokenizer.epochs=20] [--quantisers fsq,vq] [--split test]

Each quantiser is trained into OUT-fsq, OUT-vq, in a process of its own, with the preset ``small`` or that of --preset;
a run that was interrupted goes on, and one that is finished is measured again. Errors are millimetres: local ones of
the joints in the heading frame; along the path those of the joints where they are, over the first 8 seconds and at
their end, turns and steps summed up. Seconds are those of the processor, which hardly depend on what else the machine
does, of the training in this call. The targets are 30 mm local and 150 mm along the path.
"""

from __future__ import annotations

import argparse
import json
import logging
import resource
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

from chronomotion.corpus.corpus import Corpus
from chronomotion.generation.settings import read_generator_recipe
from chronomotion.generation.tokenizer.measures import reconstruction_figures
from chronomotion.generation.tokenizer.train import train_tokenizer
from machine import load, machine

_OF_A_CODEBOOK = {"tokenizer.commitment_weight": 0.02, "tokenizer.model.reset_below": 0.125}
"""Beside finite scalars a codebook has the published weight, and the published share of the mean count: an eighth."""


def main() -> None:
    """Train or load each, measure, print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--preset", default="small")
    parser.add_argument("--quantisers", default="fsq,vq")
    parser.add_argument("--split", default="test")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--part", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.part:
        print(json.dumps(measured(given, given.part)))
        return
    print("| quantiser | steps | processor s | peak MB | local mm | path mm, 8 s | at 8 s | codes used | perplexity |")
    print("|---|---|---|---|---|---|---|---|---|")
    for quantiser in given.quantisers.split(","):
        command = [sys.executable, __file__, *sys.argv[1:], "--part", quantiser]
        figures = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
        row = "{steps} | {seconds:.0f} | {memory:.0f} | {local:.1f} | {path:.0f} | {end:.0f} | {used} of {codes} | "
        print(f"| {quantiser} | " + row.format(**figures) + f"{figures['perplexity']:.0f} |", flush=True)
    print(f"\n{given.split} split of {given.corpus.name}, preset {given.preset} {' '.join(given.set)}")
    print(f"{machine()}, {load()}")


def measured(given: argparse.Namespace, quantiser: str) -> dict[str, float]:
    """Train a quantiser's tokenizer where it is not there yet, and measure it."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(message)s")
    of_a_codebook = _OF_A_CODEBOOK if quantiser == "vq" else {}
    flags = {"tokenizer.model.quantiser": quantiser, **of_a_codebook, **dict(pair.split("=", 1) for pair in given.set)}
    settings = read_generator_recipe(preset=given.preset, flags=flags, environment={}).settings.tokenizer
    corpus, folder = Corpus(given.corpus), given.out.with_name(f"{given.out.name}-{quantiser}")
    began = time.process_time()
    tokenizer = train_tokenizer(corpus, folder, settings)
    seconds = time.process_time() - began
    clips = [corpus.features(name) for name in corpus.split(given.split)]
    figures = reconstruction_figures(tokenizer, [rows for rows in clips if len(rows) >= tokenizer.frames_per_token])
    result = json.loads((folder / "training.json").read_text(encoding="utf-8"))["result"]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return asdict(figures) | {"codes": tokenizer.codes, "steps": result["steps"], "seconds": seconds, "memory": memory}


if __name__ == "__main__":
    main()
