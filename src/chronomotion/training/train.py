"""Training a motion-text model on a corpus."""

from __future__ import annotations

import logging
from pathlib import Path

from chronomotion.evaluation.judge import judge_on, judge_on_several
from chronomotion.model.backbone import TextBackbone
from chronomotion.model.motion_text import MotionTextModel
from chronomotion.model.text_states import TextStates
from chronomotion.training.config import TrainingConfig
from chronomotion.training.mixture import Corpora, Mixture
from chronomotion.training.pair_task import PairTask
from chronomotion.training.processes import Processes
from chronomotion.training.run import Run
from chronomotion.training.settings import read_recipe
from chronomotion.training.task import Judge

__all__ = ["train"]

log = logging.getLogger(__name__)


def train(
    corpus: Corpora,
    folder: str | Path,
    config: TrainingConfig | None = None,
    *,
    states: TextStates | None = None,
    device: str = "cpu",
    judge: Judge | str | None = "val",
) -> MotionTextModel:
    """Train a model on a corpus, or on several, and save it in ``folder``; called again after an interrupt, it goes on
    where it stopped.

    The folder gets config.json, model.safetensors and README.md (the model and its card), training.json (every
    setting), log.jsonl (one line a step) and, while the run lasts, checkpoint.pt. The run that was interrupted and the
    run that was not end with the same weights. A folder with a finished model of the same run is loaded, not trained
    again.

    Several corpora make one feed (:class:`~chronomotion.training.mixture.Mixture`, which also gives them weights);
    ``config.statistics`` and ``config.batches`` say how they are normalised and batched.

    ``config`` is the preset ``chronomotion`` unless given (:func:`~chronomotion.training.settings.read_recipe` reads
    others). ``states`` are token states that are shared with other runs, or kept on disk. A ``judge`` scores the model
    every ``judge_every`` epochs, and the weights with the highest score are saved. It is a function of the model, or
    the name of a split on which order and retrieval count (:mod:`chronomotion.evaluation.judge`), for several corpora
    the mean over them. Without a judge, or where there is no such split, the last weights are saved.

    Example::

        model = train(Corpus("corpora/mine"), "runs/mine")
        model = train([Corpus("corpora/mine"), Corpus("corpora/yours")], "runs/ours")

    Raises TrainingError when the corpora are too small or do not go together, the folder holds another run or cannot be
    written to, or a loss is not finite; BusyError when another process trains in the folder.
    """
    config = config or read_recipe(environment={}).config
    states = TextStates(TextBackbone.of(config.model, device)) if states is None else states
    processes = Processes(device, trackers=config.trackers, folder=Path(folder))
    task = PairTask(corpus, config, states, processes)
    run = Run(task, Path(folder), processes)
    if run.finished:
        run.tidy()
        log.info("%s is trained already", folder)
        return MotionTextModel.from_pretrained(folder, states=states).to(device)
    run.go(_judge(task.mixture, judge, task.settings) if isinstance(judge, str) else judge)
    if processes.first:
        return task.model.eval()
    return MotionTextModel.from_pretrained(folder, states=states).to(processes.device)  # the best one, as saved


def _judge(mixture: Mixture, split: str, config: TrainingConfig) -> Judge | None:
    """The judge on a split of the corpora. With ``statistics = "each"`` it sees them as the training does."""
    if len(mixture.corpora) == 1:
        return judge_on(mixture.first, split)
    stats = [corpus.stats for corpus in mixture.corpora] if config.statistics == "each" else None
    return judge_on_several(dict(zip(mixture.titles, mixture.corpora, strict=True)), split, stats)
