"""Where settings come from: defaults < preset < TOML file < environment < flags. An unknown key is an error that names
its place.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from chronomotion.errors import ConfigError
from chronomotion.training.config import RENAMED, TrainingConfig
from chronomotion.training.setting_reader import SettingReader, Sources

__all__ = ["DEFAULT_PRESET", "ENVIRONMENT", "PLACES", "CorpusPlace", "Recipe", "preset_names", "read_recipe"]

DEFAULT_PRESET = "chronomotion"

ENVIRONMENT = "CHRONOMOTION_TRAIN_"
"""Prefix of environment variables: ..._EPOCHS=3, ..._MODEL__LATENT_DIM=128 (two underscores for a table)."""

PLACES = ("corpus", "dest")
"""Keys of a TOML file that say where things are, relative to the file. ``corpora`` lists several corpora."""


class CorpusPlace(NamedTuple):
    """The folder of a corpus and its weight among several."""

    path: Path
    weight: float = 1.0


@dataclass(frozen=True)
class Recipe:
    """Resolved settings, the preset that they began with, and the paths that the file named: ``corpora`` are those of
    its list, or the one that it calls ``corpus``.
    """

    config: TrainingConfig
    preset: str
    places: dict[str, Path]
    corpora: tuple[CorpusPlace, ...] = ()


_READER = SettingReader(TrainingConfig, "chronomotion.training", DEFAULT_PRESET, ENVIRONMENT, RENAMED)


def preset_names() -> list[str]:
    """Names of the presets that come with the package."""
    return _READER.preset_names()


def read_recipe(
    path: str | Path | None = None,
    *,
    preset: str | None = None,
    flags: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Recipe:
    """Settings from a preset, a TOML file, the environment and flags, each winning over those before it.

    Keys of flags are names of fields, ``model.latent_dim`` or ``objective.kind`` for those of a table; values None are
    not given, and texts are read as the field's type. Without ``preset`` it is the file's key ``preset``, else
    ``chronomotion``. Raises ConfigError for an unknown key or preset, a value of the wrong type or out of range, or a
    file that cannot be read; the message names the file, the variable or the flag.
    """
    values = _READER.file_values(path)
    corpora = _corpora(values, Path(path or ""))
    places = {name: Path(path or "").parent / str(values.pop(name)) for name in PLACES if name in values}
    environment = os.environ if environment is None else environment
    config, name = _READER.read(Sources(path, values, preset, flags or {}, environment))
    return Recipe(config, name, places, corpora)


def _corpora(values: dict[str, Any], path: Path) -> tuple[CorpusPlace, ...]:
    """The corpora that a file names, in order; takes the key ``corpora`` out of the values."""
    if "corpora" not in values:
        one = values.get("corpus")
        if isinstance(one, list | dict):
            raise ConfigError(f"{path}: corpus is one folder, not {one!r}: call the list corpora")
        return () if one is None else (CorpusPlace(path.parent / str(one)),)
    if "corpus" in values:
        raise ConfigError(f"{path}: both corpus and corpora: give the one or the other")
    listed = values.pop("corpora")
    if not isinstance(listed, list) or not listed:
        raise ConfigError(f"{path}: corpora must be a list of folders, not {listed!r}")
    return tuple(_corpus_place(entry, number, path) for number, entry in enumerate(listed, start=1))


def _corpus_place(entry: Any, number: int, path: Path) -> CorpusPlace:
    """An entry of the list of corpora: a folder, or a table of ``path`` and ``weight``."""
    where = f"{path}: corpora, entry {number}"
    table = {"path": entry} if isinstance(entry, str) else entry
    if not isinstance(table, dict) or not isinstance(table.get("path"), str):
        raise ConfigError(f"{where}: expected a folder, or {{path = FOLDER, weight = 2}}, not {entry!r}")
    unknown = sorted(table.keys() - {"path", "weight"})
    if unknown:
        raise ConfigError(f"{where}: unknown key {unknown[0]!r}; known are path, weight")
    weight = table.get("weight", 1)
    if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 < weight < float("inf"):
        raise ConfigError(f"{where}: weight must be a positive number, not {weight!r}")
    return CorpusPlace(path.parent / table["path"], float(weight))
