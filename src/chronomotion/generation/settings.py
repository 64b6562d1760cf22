"""The settings of a generator: those of its tokenizer and those of its prior, in one recipe."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chronomotion.generation.prior.config import PriorTraining
from chronomotion.generation.tokenizer.training_config import TokenizerTraining
from chronomotion.settings import Field, settings
from chronomotion.training.setting_reader import SettingReader, Sources

__all__ = [
    "DEFAULT_PRESET",
    "ENVIRONMENT",
    "PLACES",
    "GeneratorRecipe",
    "GeneratorSettings",
    "generator_preset_names",
    "read_generator_recipe",
]

DEFAULT_PRESET = "ordered"

ENVIRONMENT = "CHRONOMOTION_GENERATOR_"
"""Prefix of environment variables: ..._PRIOR__EPOCHS=3 (two underscores for a table)."""

PLACES = ("corpus", "dest")
"""Keys of a TOML file that say where things are, relative to the file."""


@settings()
class GeneratorSettings:
    """Settings of both trainings. Raises ConfigError for an impossible value."""

    tokenizer: TokenizerTraining = Field(default_factory=TokenizerTraining)
    prior: PriorTraining = Field(default_factory=PriorTraining)


@dataclass(frozen=True)
class GeneratorRecipe:
    """Resolved settings, the preset that they began with, and the paths that the file named."""

    settings: GeneratorSettings
    preset: str
    places: dict[str, Path]


_READER = SettingReader(GeneratorSettings, "chronomotion.generation", DEFAULT_PRESET, ENVIRONMENT)


def generator_preset_names() -> list[str]:
    """Names of the presets that come with the package."""
    return _READER.preset_names()


def read_generator_recipe(
    path: str | Path | None = None,
    *,
    preset: str | None = None,
    flags: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
) -> GeneratorRecipe:
    """Settings from a preset, a TOML file, the environment and flags, each winning over those before it.

    A TOML file has the tables ``tokenizer`` and ``prior``, and may name a ``preset``, else ``ordered``, ``corpus`` and
    ``dest``. Keys of flags are ``tokenizer.epochs``, ``prior.model.width`` and so on.

    Raises ConfigError for an unknown key or preset, a value of the wrong type or out of range, or a file that cannot be
    read; the message names the file, the variable or the flag.
    """
    values = _READER.file_values(path)
    places = {name: Path(path or "").parent / str(values.pop(name)) for name in PLACES if name in values}
    environment = os.environ if environment is None else environment
    config, name = _READER.read(Sources(path, values, preset, flags or {}, environment))
    return GeneratorRecipe(config, name, places)
