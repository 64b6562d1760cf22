"""``chronomotion train``: train a model on a corpus, or on several."""

from __future__ import annotations

import json
import logging
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
from chronomotion.cli.training_options import DryRun, JudgeSplit, SettingsFile, is_first_process, setting_pairs
from chronomotion.errors import ConfigError

if TYPE_CHECKING:
    from chronomotion.model.text_states import TextStates
    from chronomotion.training.config import TrainingConfig
    from chronomotion.training.mixture import Mixture
    from chronomotion.training.settings import CorpusPlace

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
    *more: Path,
    weights: Annotated[
        str | None, Parameter(help="Number of times that an epoch has a clip of each corpus, in their order: 2,1,0.5")
    ] = None,
    config: SettingsFile = None,
    preset: Annotated[
        str | None,
        Parameter(help="Preset: chronomotion (default), small, chronaccret, tmr, ...; see docs/training.md."),
    ] = None,
    settings: SettingOptions | None = None,
    set_: Annotated[
        list[str] | None,
        Parameter(name="--set", negative="", help="Any other setting (--set model.latent_dim=128); repeatable."),
    ] = None,
    judge: JudgeSplit = "val",
    device: Device = "auto",
    resume: Annotated[
        bool, Parameter(negative="", help="Only resume an interrupted run; without a checkpoint in DEST, fail.")
    ] = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Train a model. After an interrupt, the same command resumes.

    Settings come from the preset, the TOML file, CHRONOMOTION_TRAIN_... in the environment, and flags; the later wins.

    Example: chronomotion train corpora/habit runs/mine --negatives counterfactual --epochs 10

    Example: chronomotion train corpora/mine corpora/yours runs/ours --weights 1,2

    Example: chronomotion train run.toml --dry-run

    Parameters
    ----------
    corpus
        Folder of the corpus; the model learns from its split train. Or a TOML file that has the keys corpus (or
        corpora, a list) and dest.
    dest
        Folder of the model to write.
    more
        With more than two folders, all but the last are corpora, and the last is the folder of the model.
    """
    from chronomotion.model.backbone import TextBackbone
    from chronomotion.model.text_states import TextStates

    flags = {**asdict(settings or SettingOptions()), **setting_pairs(set_ or [], "model.latent_dim=128")}
    places = [path for path in (corpus, dest, *more) if path is not None]
    job = _job(places, config, preset, flags).weighted(weights)
    place = device_of(device)
    states = TextStates(TextBackbone.of(job.settings.model, place), cache_folder() / "text")
    opened = job.opened()
    if dry_run:
        _estimate(opened, job.settings, states, place, as_json)
        return
    if resume and not (job.dest / "checkpoint.pt").exists():
        raise ConfigError(f"--resume: {job.dest} has no checkpoint.pt; without --resume a new training starts")
    _train(opened, job.dest, job.settings, states, place, judge, as_json)


class _Job(NamedTuple):
    """The corpora, the folder of the model and the settings."""

    corpora: tuple[CorpusPlace, ...]
    dest: Path
    settings: TrainingConfig

    def weighted(self, weights: str | None) -> _Job:
        """With the weights of the option. Raises UsageError where they are not one number a corpus."""
        if weights is None:
            return self
        parts = weights.split(",")
        if len(parts) != len(self.corpora):
            raise UsageError(f"--weights {weights}: {len(parts)} for {len(self.corpora)} corpora; give one for each")
        try:
            values = [float(part) for part in parts]
        except ValueError:
            raise UsageError(f"--weights {weights}: expected numbers with commas, for example 2,1,0.5") from None
        corpora = (place._replace(weight=value) for place, value in zip(self.corpora, values, strict=True))
        return self._replace(corpora=tuple(corpora))

    def opened(self) -> Mixture:
        """The corpora, verified. Raises TrainingError when they do not go together."""
        from chronomotion.training.mixture import Mixture

        corpora = tuple(opened_corpus(place.path) for place in self.corpora)
        return Mixture(corpora, tuple(place.weight for place in self.corpora))


def _job(places: list[Path], config: Path | None, preset: str | None, flags: dict[str, Any]) -> _Job:
    """Places and settings, from the command line and from a TOML file. Raises UsageError when a place is missing."""
    from chronomotion.training.settings import CorpusPlace, read_recipe

    first, *others = places
    from_file = first.suffix.lower() == ".toml"
    if from_file:
        if config is not None:
            raise UsageError(f"two files of settings: {first} and {config}: give one of them")
        if len(others) > 1:
            raise UsageError(f"{first} names its corpora itself: only the folder of the model may follow it")
        config = first
    with wrong_usage():
        recipe = read_recipe(None if config is None else existing(config), preset=preset, flags=flags)
    named = tuple(CorpusPlace(path) for path in (first, *others[:-1]))
    corpora = recipe.corpora if from_file else named
    dest = others[-1] if others else recipe.places.get("dest")
    if not corpora or dest is None:
        missing = "corpus" if not corpora else "model to go"
        keys = f"the keys corpus and dest in {config or 'a TOML file'}"
        raise UsageError(f"where is the {missing}? Give folders CORPUS DEST, or {keys}")
    if (dest / "corpus.json").exists():
        raise UsageError(f"{dest} is a corpus, and the model would go there: name the folder of the model last")
    return _Job(corpora, dest, recipe.config)


def _train(
    corpora: Mixture, dest: Path, settings: TrainingConfig, states: TextStates, device: str, judge: str, as_json: bool
) -> None:
    from chronomotion.training.train import train

    _warn_of_cut_captions(corpora, settings.split, states)
    model = train(corpora, dest, settings, states=states, device=device, judge=None if judge == "none" else judge)
    count = sum(weights.numel() for weights in model.parameters())
    if not is_first_process():
        return
    if as_json:
        print(json.dumps({"dest": str(dest), "parameters": count}))
    else:
        print(f"{dest}: a model of {count / 1e6:.1f} million parameters")


def _warn_of_cut_captions(corpora: Mixture, split: str, states: TextStates) -> None:
    """Warn once about captions that the language model does not read to their end."""
    captions = {
        caption.text for corpus in corpora.corpora for name in corpus.split(split) for caption in corpus.captions(name)
    }
    cut = [len(read.ids) for read in states.backbone.tokens(sorted(captions)) if read.cut]
    if cut and is_first_process():
        log.warning(
            "%d of %d captions of split %s are longer than %d tokens: the rest is not read",
            len(cut),
            len(captions),
            split,
            max(cut),
        )


def _estimate(corpora: Mixture, settings: TrainingConfig, states: TextStates, device: str, as_json: bool) -> None:
    from chronomotion.training.estimate import estimate

    forecast = estimate(corpora, settings, states=states, device=device)
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
