"""Training a generator: its tokenizer, then the codes of the corpus, then its prior; one folder."""

from __future__ import annotations

from pathlib import Path

from chronomotion.corpus.corpus import Corpus
from chronomotion.errors import ModelError
from chronomotion.generation.prior.coded import check_fits, pretended_corpus
from chronomotion.generation.prior.config import CodeSpace
from chronomotion.generation.prior.motion_prior import MotionPrior
from chronomotion.generation.prior.task import PriorTask, TrainedOn
from chronomotion.generation.prior.texts import TextSource, texts_of
from chronomotion.generation.prior.train import train_prior
from chronomotion.generation.settings import GeneratorSettings, read_generator_recipe
from chronomotion.generation.tokenizer.motion_tokenizer import MotionTokenizer
from chronomotion.generation.tokenizer.task import TokenizerTask
from chronomotion.generation.tokenizer.train import train_tokenizer
from chronomotion.training.estimate import Estimate, estimate_task
from chronomotion.training.processes import Processes

__all__ = ["TOKENIZER", "estimate_generator", "train_generator"]

TOKENIZER = "tokenizer"
"""The tokenizer's folder, inside the generator's."""


def train_generator(
    corpus: Corpus,
    folder: str | Path,
    settings: GeneratorSettings | None = None,
    *,
    tokenizer: str | Path | None = None,
    texts: TextSource | None = None,
    device: str = "cpu",
    cache: str | Path | None = None,
    judge: str | None = "val",
) -> MotionPrior:
    """Train a tokenizer and a prior on a corpus, and save them in ``folder`` and ``folder/tokenizer``; called again
    after an interrupt, wherever it came, it goes on there and ends with the same weights.

    ``tokenizer`` is the folder of a trained one, which is copied, or of a generator, whose tokenizer is. ``settings``
    are the preset ``ordered`` unless given. See :func:`~chronomotion.generation.prior.train.train_prior` for the other
    arguments.

    Example::

        train_generator(Corpus("corpora/mine"), "runs/generator", read_generator_recipe(preset="small").settings)

    Raises TrainingError when the corpus does not go with the tokenizer or has too few clips, the folder holds another
    run or cannot be written to; ModelError when the folder has another tokenizer than the given one.
    """
    settings = settings or read_generator_recipe(environment={}).settings
    folder = Path(folder)
    place = folder / TOKENIZER
    if tokenizer is not None:
        taken = _taken(Path(tokenizer), place, device)
        check_fits(corpus, taken)
    else:
        taken = train_tokenizer(corpus, place, settings.tokenizer, device=device, judge=judge)
    return train_prior(
        corpus,
        taken,
        folder,
        settings.prior,
        texts=texts,
        device=device,
        cache=None if cache is None else Path(cache),
        judge=judge,
    )


def _taken(source: Path, place: Path, device: str) -> MotionTokenizer:
    """The tokenizer of ``source``, copied to ``place``. Raises ModelError where another one is there."""
    inside = source / TOKENIZER
    tokenizer = MotionTokenizer.from_pretrained(inside if (inside / "config.json").is_file() else source, device=device)
    if not (place / "model.safetensors").is_file():
        tokenizer.save_pretrained(place)
        return tokenizer
    there = MotionTokenizer.from_pretrained(place).fingerprint
    if there != tokenizer.fingerprint:
        raise ModelError(
            f"{place} is another tokenizer ({there[:12]}) than {source} ({tokenizer.fingerprint[:12]}): "
            "choose another folder, or leave --tokenizer out"
        )
    return tokenizer


def estimate_generator(
    corpus: Corpus, settings: GeneratorSettings, *, texts: TextSource | None = None, device: str = "cpu"
) -> dict[str, Estimate]:
    """What both trainings will take, from three steps of each. Nothing is written.

    Raises TrainingError as the trainings would.
    """
    processes = Processes(device)
    tokenizer = TokenizerTask(corpus, settings.tokenizer, processes)
    sizes = tokenizer.settings.model
    space = CodeSpace(sizes.codes, "none yet", sizes.frames_per_token, sizes.fps)
    texts = texts or texts_of(settings.prior.model.text_model, device=device)
    coded = pretended_corpus(corpus, space, settings.prior.model, settings.prior.split)
    prior = PriorTask(TrainedOn(corpus, coded, space), settings.prior, texts, processes)
    return {
        "tokenizer": estimate_task(tokenizer, processes, clips=len(corpus.split(settings.tokenizer.split))),
        "prior": estimate_task(prior, processes, clips=len(coded.clips)),
    }
