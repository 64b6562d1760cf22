"""``chronomotion train``: a model from a corpus."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import asdict
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
    from chronomotion.model.text_states import TextStates
    from chronomotion.training.config import TrainingConfig
    from chronomotion.training.mixture import Mixture
    from chronomotion.training.settings import CorpusPlace

__all__ = ["run"]

log = logging.getLogger(__name__)


def run(
    corpus: Path,
    dest: Path | None = None,
    *more: Path,
    weights: Annotated[
        str | None, Parameter(help="Times that an epoch has a clip of each corpus, in their order: --weights 2,1,0.5")
    ] = None,
    config: Annotated[Path | None, Parameter(help="TOML file of settings; flags win over it.")] = None,
    preset: Annotated[
        str | None, Parameter(help="chronomotion (default), chronaccret, ...; see docs/training.md.")
    ] = None,
    negatives: Literal["none", "shuffled", "counterfactual"] | None = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    learning_rate: float | None = None,
    seed: int | None = None,
    set_: Annotated[
        list[str] | None, Parameter(name="--set", negative="", help="Any other setting: --set model.latent_dim=128")
    ] = None,
    judge: Annotated[
        str, Parameter(help="Split whose order and retrieval choose the best weights; none: keep the last ones.")
    ] = "val",
    device: Device = "auto",
    resume: Annotated[
        bool, Parameter(negative="", help="Only go on with a run that was interrupted; an error where there is none.")
    ] = False,
    dry_run: Annotated[
        bool, Parameter(negative="", help="Train nothing: say parameters, steps, memory and time from three steps.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Train a model. The same command after an interrupt goes on where it stopped.

    Settings: the preset < the TOML file < CHRONOMOTION_TRAIN_... in the environment < flags.

    Example: chronomotion train corpora/habit runs/mine --negatives counterfactual --epochs 10
    Example: chronomotion train corpora/mine corpora/yours runs/ours --weights 1,2
    Example: chronomotion train run.toml --dry-run

    Parameters
    ----------
    corpus
        Folder of the corpus, whose split "train" is used; or a TOML file that also has the keys corpus (or corpora, a
        list) and dest.
    dest
        Folder of the model.
    more
        With more than two folders, all but the last are corpora and the last is that of the model.
    negatives
        none: other captions of the batch. shuffled: also each caption's events in another order. counterfactual:
        besides, motion and caption re-ordered together where event times are known.
    """
    from chronomotion.model.backbone import TextBackbone
    from chronomotion.model.text_states import TextStates

    flags = {"negatives": negatives, "epochs": epochs, "batch_size": batch_size, "learning_rate": learning_rate}
    places = [path for path in (corpus, dest, *more) if path is not None]
    order = _order(places, config, preset, {**flags, "seed": seed, **_pairs(set_ or [])}).weighted(weights)
    place = device_of(device)
    states = TextStates(TextBackbone.of(order.settings.model, place), cache_folder() / "text")
    opened = order.opened()
    if dry_run:
        _estimate(opened, order.settings, states, place, as_json)
        return
    if resume and not (order.dest / "checkpoint.pt").exists():
        raise ConfigError(f"--resume: {order.dest} has no checkpoint.pt; without --resume the training starts anew")
    _train(opened, order.dest, order.settings, states, place, judge, as_json)


class _Order(NamedTuple):
    """What is to be trained on what, and where the model goes."""

    corpora: tuple[CorpusPlace, ...]
    dest: Path
    settings: TrainingConfig

    def weighted(self, weights: str | None) -> _Order:
        """With the weights of the option. Raises UsageError where they are not one positive number a corpus."""
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


def _order(places: list[Path], config: Path | None, preset: str | None, flags: dict[str, Any]) -> _Order:
    """Places and settings, from the command line and from a TOML file. Raises UsageError when a place is missing."""
    from chronomotion.training.settings import CorpusPlace, read_recipe

    first, *others = places
    from_file = first.suffix.lower() == ".toml"
    if from_file:
        if config is not None:
            raise UsageError(f"two files of settings: {first} and {config}; give one")
        if len(others) > 1:
            raise UsageError(f"{first} names its corpora itself: what follows it is the folder of the model alone")
        config = first
    with wrong_usage():
        recipe = read_recipe(None if config is None else existing(config), preset=preset, flags=flags)
    named = [first, *others[:-1]]
    corpora = recipe.corpora if from_file else tuple(CorpusPlace(path) for path in named)
    dest = others[-1] if others else recipe.places.get("dest")
    if not corpora or dest is None:
        missing = "corpus" if not corpora else "model to go"
        keys = f"the keys corpus and dest in {config or 'a TOML file'}"
        raise UsageError(f"where is the {missing}? Give folders CORPUS DEST, or {keys}")
    if (dest / "corpus.json").exists():
        raise UsageError(f"{dest} is a corpus, and the model would go there: name the folder of the model last")
    return _Order(corpora, dest, recipe.config)


def _train(
    corpora: Mixture, dest: Path, settings: TrainingConfig, states: TextStates, device: str, judge: str, as_json: bool
) -> None:
    from chronomotion.training.train import train

    _tell_cut(corpora, settings.split, states)
    model = train(corpora, dest, settings, states=states, device=device, judge=None if judge == "none" else judge)
    count = sum(one.numel() for one in model.parameters())
    if not _speaks():
        return
    if as_json:
        print(json.dumps({"dest": str(dest), "parameters": count}))
    else:
        print(f"{dest}: a model of {count / 1e6:.1f} million parameters")


def _tell_cut(corpora: Mixture, split: str, states: TextStates) -> None:
    """Say once how many captions the language model does not read to their end."""
    captions = {
        caption.text for corpus in corpora.corpora for name in corpus.split(split) for caption in corpus.captions(name)
    }
    cut = [len(read.ids) for read in states.backbone.tokens(sorted(captions)) if read.cut]
    if cut and _speaks():
        log.warning(
            "%d of %d captions of split %s are longer than %d tokens: what stands behind is not read",
            len(cut),
            len(captions),
            split,
            max(cut),
        )


def _speaks() -> bool:
    """Whether this is the first of several processes, or the only one."""
    return os.environ.get("RANK", "0") == "0"


def _estimate(corpora: Mixture, settings: TrainingConfig, states: TextStates, device: str, as_json: bool) -> None:
    from chronomotion.training.estimate import estimate

    found = estimate(corpora, settings, states=states, device=device)
    if as_json:
        print(json.dumps({**asdict(found), "hours": found.hours, "quiet_hours": found.quiet_hours}))
        return
    print(f"parameters    {found.parameters / 1e6:.1f} million, {found.trained / 1e6:.1f} trained")
    print(f"steps         {found.steps} ({found.epochs} epochs of {found.clips} clips)")
    print(f"a step        {found.seconds_per_step:.3f} s in {settings.precision}")
    print(f"              {found.seconds_otherwise:.3f} s with --set precision={found.otherwise}")
    print(f"captions      {found.reading_seconds:.0f} s to be read by the language model")
    print(f"time          {found.hours:.2f} hours")
    if found.busy:
        print(f"              {found.quiet_hours:.2f} hours on a quiet machine: others are at work on this one now")
    print(f"memory        {found.memory / 2**30:.2f} GiB")


def _pairs(settings: list[str]) -> dict[str, str]:
    """``--set KEY=VALUE`` as a mapping. Raises UsageError for one without an equals sign."""
    for one in settings:
        if "=" not in one:
            raise UsageError(f"--set {one}: expected KEY=VALUE, for example --set model.latent_dim=128")
    return {key.strip(): value.strip() for key, _, value in (one.partition("=") for one in settings)}
