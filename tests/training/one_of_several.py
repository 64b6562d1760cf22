"""One process of several: a step of a run, its loss and gradients written to a file. Started by test_processes.py.

python one_of_several.py CORPUS[,CORPUS] TEXT_MODEL BATCH_SIZE {plain,compiled} OUT

Type checks of the tests would be in the way of the compiler; here there are none.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch

from chronomotion.corpus import Corpus
from chronomotion.model.backbone import TextBackbone
from chronomotion.model.config import ModelConfig
from chronomotion.model.text_states import TextStates
from chronomotion.training.config import ObjectiveConfig, TrainingConfig
from chronomotion.training.pair_task import PairTask
from chronomotion.training.processes import Processes
from chronomotion.training.run import Run


def settings(batch_size: int, **objective: object) -> TrainingConfig:
    """A small model with everything on that does not draw random numbers."""
    model = ModelConfig(
        latent_dim=16, ff_size=32, num_layers=1, num_heads=2, dropout=0.0, frames_per_token=4, decoder=True
    )
    losses = ObjectiveConfig(kind="graded", reconstruction_weight=0.5, latent_weight=0.1, **objective)
    return TrainingConfig(
        model=model, objective=losses, batch_size=batch_size, shuffles=3, clip_norm=0.0, warmup_steps=0
    )


def main(corpus: str, text_model: str, batch_size: str, kind: str, out: str) -> None:
    """Take a step and write what came of it, from the first process."""
    torch.set_num_threads(1)
    # Tracing is what can go wrong; making machine code of it takes minutes.
    torch.compile = partial(torch.compile, backend="aot_eager")
    processes = Processes()
    # float32: in bfloat16 the states of a text depend on the texts that are read with it.
    states = TextStates(TextBackbone(text_model, dtype=torch.float32))
    config = replace(settings(int(batch_size)), compile=kind == "compiled")
    task = PairTask([Corpus(folder) for folder in corpus.split(",")], config, states, processes)
    task.model.train()
    figures = Run(task, Path("unused"), processes).stepper.step(0, [next(task.batches(0, ahead=False))])
    gradients = {name: one.grad for name, one in task.model.named_parameters() if one.grad is not None}
    if processes.first:
        torch.save({"loss": figures.loss, "terms": figures.terms, "gradients": gradients}, out)
    processes.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
