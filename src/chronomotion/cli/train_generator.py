"""``chronomotion train-generator``: train a generator of motions on a corpus."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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

if TYPE_CHECKING:
    from chronomotion.corpus import Corpus
    from chronomotion.generation.settings import GeneratorRecipe
    from chronomotion.training.estimate import Estimate

__all__ = ["run"]


def run(
    corpus: Path,
    dest: Path | None = None,
    *,
    preset: Annotated[
        str | None, Parameter(help="Preset: ordered (default), small, t2m-gpt; see docs/generators.md.")
    ] = None,
    config: SettingsFile = None,
    tokenizer: Annotated[
        Path | None, Parameter(help="Folder of a trained tokenizer, or of a generator that has one. It is copied.")
    ] = None,
    text_model: Annotated[
        str | None,
        Parameter(
            help="What reads the texts: a language model (folder or name), a motion-text model (folder, starter), or "
            "clip: and the folder or name of a CLIP model."
        ),
    ] = None,
    epochs: Annotated[int | None, Parameter(help="Number of passes over the corpus, of the prior.")] = None,
    seed: Annotated[int | None, Parameter(help="Seed of all random draws.")] = None,
    set_: Annotated[
        list[str] | None,
        Parameter(name="--set", negative="", help="Any other setting (--set prior.model.width=160); repeatable."),
    ] = None,
    judge: JudgeSplit = "val",
    device: Device = "auto",
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Train a generator: first its tokenizer, then its prior. After an interrupt, the same command resumes.

    Settings come from the preset, the TOML file, CHRONOMOTION_GENERATOR_... in the environment, and flags; the later
    wins. Motions beyond the limit (prior.model.max_tokens) are left out, and a warning says how many.

    Example: chronomotion train-generator corpora/mine runs/generator --preset small

    Example: chronomotion train-generator corpora/mine runs/other --tokenizer runs/generator --set prior.epochs=20

    Parameters
    ----------
    corpus
        Folder of the corpus; the generator learns from its split train. Or a TOML file that has the keys corpus and
        dest.
    dest
        Folder of the generator to write.
    """
    options = {
        "prior.model.text_model": text_model,
        "prior.epochs": epochs,
        "prior.seed": seed,
        "tokenizer.seed": seed,
    }
    flags = {key: value for key, value in options.items() if value is not None} | setting_pairs(
        set_ or [], "prior.model.width=160"
    )
    source, place, recipe = _job(corpus, dest, config, preset, flags)
    opened = opened_corpus(source)
    where = device_of(device)
    if dry_run:
        _estimate(opened, recipe, where, as_json)
        return
    from chronomotion.generation.train import train_generator

    prior = train_generator(
        opened,
        place,
        recipe.settings,
        tokenizer=None if tokenizer is None else existing(tokenizer),
        device=where,
        cache=cache_folder() / "generation",
        judge=None if judge == "none" else judge,
    )
    if not is_first_process():
        return
    count = sum(weights.numel() for weights in prior.parameters())
    if as_json:
        print(json.dumps({"dest": str(place), "parameters": count, "seconds_limit": prior.seconds_limit}))
    else:
        print(
            f"{place}: a generator with {count / 1e6:.1f} million parameters, of up to {prior.seconds_limit:g} seconds"
        )


def _job(
    corpus: Path, dest: Path | None, config: Path | None, preset: str | None, flags: dict[str, Any]
) -> tuple[Path, Path, GeneratorRecipe]:
    """Corpus, folder and settings, of the command line and a TOML file. Raises UsageError when one is missing."""
    from chronomotion.generation.settings import read_generator_recipe

    from_file = corpus.suffix.lower() == ".toml"
    if from_file and config is not None:
        raise UsageError(f"two files of settings: {corpus} and {config}: give one of them")
    path = corpus if from_file else config
    with wrong_usage():
        recipe = read_generator_recipe(None if path is None else existing(path), preset=preset, flags=flags)
    source = recipe.places.get("corpus") if from_file else corpus
    place = dest or recipe.places.get("dest")
    if source is None or place is None:
        missing = "corpus" if source is None else "generator to go"
        raise UsageError(
            f"where is the {missing}? Give folders CORPUS DEST, or the keys corpus and dest in a TOML file"
        )
    if (place / "corpus.json").exists():
        raise UsageError(
            f"{place} is a corpus, and the generator would go there: name the folder of the generator last"
        )
    return source, place, recipe


def _estimate(corpus: Corpus, recipe: GeneratorRecipe, device: str, as_json: bool) -> None:
    from chronomotion.generation.train import estimate_generator

    forecasts = estimate_generator(corpus, recipe.settings, device=device)
    if as_json:
        print(json.dumps({name: {**asdict(one), "hours": one.hours} for name, one in forecasts.items()}))
        return
    for name, forecast in forecasts.items():
        _print(name, forecast)


def _print(name: str, forecast: Estimate) -> None:
    print(f"{name}")
    print(f"  parameters  {forecast.parameters / 1e6:.1f} million")
    print(f"  steps       {forecast.steps} ({forecast.epochs} epochs of {forecast.clips} clips)")
    print(f"  a step      {forecast.seconds_per_step:.3f} s")
    print(f"  texts       {forecast.reading_seconds:.0f} s to read them")
    print(f"  time        {forecast.hours:.2f} hours, {forecast.quiet_hours:.2f} on an idle machine")
    print(f"  memory      {forecast.memory / 2**30:.2f} GiB")
