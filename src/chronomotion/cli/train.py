"""``chronomotion train``: train a model on a corpus."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

from cyclopts import Parameter

from chronomotion.cli.options import (
    Device,
    Json,
    UsageError,
    cache_folder,
    device_of,
    existing,
    opened_corpus,
    wrong_usage,
)
from chronomotion.errors import ConfigError

if TYPE_CHECKING:
    from chronomotion.corpus import Corpus
    from chronomotion.model.text_states import TextStates
    from chronomotion.training.config import TrainingConfig

__all__ = ["run"]

log = logging.getLogger(__name__)


@Parameter(name="*")
@dataclass(frozen=True)
class SettingOptions:
    """Settings that have options of their own. None: as in the preset, the TOML file or the environment."""

    negatives: Annotated[
        Literal["none", "shuffled", "counterfactual"] | None,
        Parameter(
            help="Negatives of the loss. none: the other captions of the batch. shuffled: also each caption with its "
            "events in another order. counterfactual: also motion and caption re-ordered together, where event times "
            "are known."
        ),
    ] = None
    epochs: Annotated[int | None, Parameter(help="Number of passes over the corpus.")] = None
    batch_size: Annotated[int | None, Parameter(help="Number of clips per step.")] = None
    learning_rate: Annotated[float | None, Parameter(help="Peak learning rate.")] = None
    seed: Annotated[int | None, Parameter(help="Seed of all random draws.")] = None


def run(
    corpus: Path,
    dest: Path | None = None,
    *,
    config: Annotated[Path | None, Parameter(help="TOML file of settings; flags override it.")] = None,
    preset: Annotated[
        str | None,
        Parameter(help="Preset: chronomotion (default), small, chronaccret, tmr, ...; see docs/training.md."),
    ] = None,
    settings: SettingOptions | None = None,
    set_: Annotated[
        list[str] | None,
        Parameter(name="--set", negative="", help="Any other setting (--set model.latent_dim=128); repeatable."),
    ] = None,
    judge: Annotated[
        str, Parameter(help="Split whose scores select the best weights; none: keep the last weights.")
    ] = "val",
    device: Device = "auto",
    resume: Annotated[
        bool, Parameter(negative="", help="Only resume an interrupted run; without a checkpoint in DEST, fail.")
    ] = False,
    dry_run: Annotated[
        bool,
        Parameter(negative="", help="Estimate parameters, steps, memory and time from three steps; write nothing."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Train a model. After an interrupt, the same command resumes.

    Settings come from the preset, the TOML file, CHRONOMOTION_TRAIN_... in the environment, and flags; the later wins.

    Example: chronomotion train corpora/habit runs/mine --negatives counterfactual --epochs 10

    Example: chronomotion train run.toml --dry-run

    Parameters
    ----------
    corpus
        Folder of the corpus; the model learns from its split train. Or a TOML file that has the keys corpus and dest.
    dest
        Folder of the model to write.
    """
    from chronomotion.model.backbone import TextBackbone
    from chronomotion.model.text_states import TextStates

    flags = {**asdict(settings or SettingOptions()), **_pairs(set_ or [])}
    job = _job(corpus, dest, config, preset, flags)
    place = device_of(device)
    states = TextStates(TextBackbone.of(job.settings.model, place), cache_folder() / "text")
    opened = opened_corpus(job.corpus)
    if dry_run:
        _estimate(opened, job.settings, states, place, as_json)
        return
    if resume and not (job.dest / "checkpoint.pt").exists():
        raise ConfigError(f"--resume: {job.dest} has no checkpoint.pt; without --resume a new training starts")
    _train(opened, job.dest, job.settings, states, place, judge, as_json)


class _Job(NamedTuple):
    """The corpus, the folder of the model and the settings."""

    corpus: Path
    dest: Path
    settings: TrainingConfig


def _job(corpus: Path, dest: Path | None, config: Path | None, preset: str | None, flags: dict[str, Any]) -> _Job:
    """Places and settings, from the command line and from a TOML file. Raises UsageError when a place is missing."""
    from chronomotion.training.settings import read_recipe

    if corpus.suffix.lower() == ".toml":
        if config is not None:
            raise UsageError(f"two files of settings: {corpus} and {config}: give one of them")
        config = corpus
    with wrong_usage():
        recipe = read_recipe(None if config is None else existing(config), preset=preset, flags=flags)
    source = recipe.places.get("corpus") if corpus == config else corpus
    dest = dest or recipe.places.get("dest")
    if source is None or dest is None:
        missing = "corpus" if source is None else "model to go"
        keys = f"the keys corpus and dest in {config or 'a TOML file'}"
        raise UsageError(f"where is the {missing}? Give folders CORPUS DEST, or {keys}")
    return _Job(source, dest, recipe.config)


def _train(
    corpus: Corpus, dest: Path, settings: TrainingConfig, states: TextStates, device: str, judge: str, as_json: bool
) -> None:
    from chronomotion.training.train import train

    _warn_of_cut_captions(corpus, settings.split, states)
    model = train(corpus, dest, settings, states=states, device=device, judge=None if judge == "none" else judge)
    count = sum(weights.numel() for weights in model.parameters())
    if not _is_first_process():
        return
    if as_json:
        print(json.dumps({"dest": str(dest), "parameters": count}))
    else:
        print(f"{dest}: a model of {count / 1e6:.1f} million parameters")


def _warn_of_cut_captions(corpus: Corpus, split: str, states: TextStates) -> None:
    """Warn once about captions that the language model does not read to their end."""
    captions = {caption.text for name in corpus.split(split) for caption in corpus.captions(name)}
    cut = [len(read.ids) for read in states.backbone.tokens(sorted(captions)) if read.cut]
    if cut and _is_first_process():
        log.warning(
            "%d of %d captions of split %s are longer than %d tokens: the rest is not read",
            len(cut),
            len(captions),
            split,
            max(cut),
        )


def _is_first_process() -> bool:
    """Whether this is the only process, or the first of several."""
    return os.environ.get("RANK", "0") == "0"


def _estimate(corpus: Corpus, settings: TrainingConfig, states: TextStates, device: str, as_json: bool) -> None:
    from chronomotion.training.estimate import estimate

    forecast = estimate(corpus, settings, states=states, device=device)
    if as_json:
        print(json.dumps({**asdict(forecast), "hours": forecast.hours, "quiet_hours": forecast.quiet_hours}))
        return
    print(f"parameters    {forecast.parameters / 1e6:.1f} million, {forecast.trained / 1e6:.1f} trained")
    print(f"steps         {forecast.steps} ({forecast.epochs} epochs of {forecast.clips} clips)")
    print(f"a step        {forecast.seconds_per_step:.3f} s in {settings.precision}")
    print(f"              {forecast.seconds_otherwise:.3f} s with --set precision={forecast.otherwise}")
    print(f"captions      {forecast.reading_seconds:.0f} s for the language model to read them")
    print(f"time          {forecast.hours:.2f} hours")
    if forecast.busy:
        print(f"              {forecast.quiet_hours:.2f} hours on an idle machine; this one is busy now")
    print(f"memory        {forecast.memory / 2**30:.2f} GiB")


def _pairs(settings: list[str]) -> dict[str, str]:
    """``--set KEY=VALUE`` as a mapping. Raises UsageError for one without an equals sign."""
    for setting in settings:
        if "=" not in setting:
            raise UsageError(f"--set {setting}: expected KEY=VALUE, for example --set model.latent_dim=128")
    return {key.strip(): value.strip() for key, _, value in (setting.partition("=") for setting in settings)}
