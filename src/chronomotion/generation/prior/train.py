"""Training a prior on the codes of a corpus."""

from __future__ import annotations

import logging
from pathlib import Path

from chronomotion.corpus.corpus import Corpus
from chronomotion.generation.prior.coded import coded_corpus, space_of
from chronomotion.generation.prior.config import PriorTraining
from chronomotion.generation.prior.judge import likelihood_judge
from chronomotion.generation.prior.motion_prior import MotionPrior
from chronomotion.generation.prior.task import PriorTask, TrainedOn
from chronomotion.generation.prior.texts import TextSource, texts_of
from chronomotion.generation.tokenizer.motion_tokenizer import MotionTokenizer
from chronomotion.training.processes import Processes
from chronomotion.training.run import Run
from chronomotion.training.task import Judge

__all__ = ["train_prior"]

log = logging.getLogger(__name__)


def train_prior(
    corpus: Corpus,
    tokenizer: MotionTokenizer,
    folder: str | Path,
    settings: PriorTraining | None = None,
    *,
    texts: TextSource | None = None,
    device: str = "cpu",
    cache: Path | None = None,
    judge: str | None = "val",
) -> MotionPrior:
    """Train a prior and save it in ``folder``; called again after an interrupt, it goes on where it stopped, and ends
    with the same weights. A folder with a finished prior of the same run is loaded.

    ``texts`` replaces the text model of the settings. Codes, and states of texts, are kept in ``cache``. ``judge`` is
    the split whose likelihood chooses the weights that are kept; None keeps the last ones, as does a corpus without it.

    Raises TrainingError when corpus and tokenizer do not go together, there are too few clips, the folder holds another
    run or cannot be written to, or a loss is not finite; BusyError when another process trains in the folder.
    """
    settings = settings or PriorTraining()
    config = settings.model
    if texts is None:
        texts = texts_of(config.text_model, device=device, cache=None if cache is None else cache / "text")
    codes = None if cache is None else cache / "codes"
    processes = Processes(device, trackers=settings.trackers, folder=Path(folder))
    twins = settings.twins and settings.counterfactual_weight > 0
    coded = coded_corpus(corpus, tokenizer, config, settings.split, twins=twins, cache=codes)
    run = Run(
        PriorTask(TrainedOn(corpus, coded, space_of(tokenizer)), settings, texts, processes), Path(folder), processes
    )
    if run.finished:
        run.tidy()
        log.info("%s is trained already", folder)
    else:
        run.go(_judge(corpus, tokenizer, settings, judge, codes))
    return MotionPrior.from_pretrained(folder, texts=texts, device=device)


def _judge(
    corpus: Corpus, tokenizer: MotionTokenizer, settings: PriorTraining, split: str | None, cache: Path | None
) -> Judge | None:
    if split is None or split not in corpus.splits:
        log.info("no split %r to choose weights by: the last ones are kept", split)
        return None
    return likelihood_judge(coded_corpus(corpus, tokenizer, settings.model, split, cache=cache))
