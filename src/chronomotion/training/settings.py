"""Where settings come from: defaults < preset < TOML file < environment < flags. An unknown key is an error that names
its place.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_type_hints

from chronomotion.errors import ConfigError
from chronomotion.training.config import RENAMED, TrainingConfig

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


def preset_names() -> list[str]:
    """Names of the presets that come with the package."""
    folder = files("chronomotion.training") / "presets"
    return sorted(path.name.removesuffix(".toml") for path in folder.iterdir() if path.name.endswith(".toml"))


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
    values = {} if path is None else _toml(Path(path).read_text, str(path))
    corpora = _corpora(values, Path(path or ""))
    places = {name: Path(path or "").parent / str(values.pop(name)) for name in PLACES if name in values}
    named = values.pop("preset", None)
    name = str(preset or named or DEFAULT_PRESET)
    if name not in preset_names():
        where = "--preset" if preset else path
        raise ConfigError(f"{where}: no preset {name!r}; there are {', '.join(preset_names())}")
    plain: dict[str, Any] = {}
    _put_preset(plain, name)
    _put(plain, _flat(values), str(path))
    for variable, value in sorted((os.environ if environment is None else environment).items()):
        if variable.startswith(ENVIRONMENT):
            key = variable.removeprefix(ENVIRONMENT).lower().replace("__", ".")
            _put(plain, {key: value}, variable, texts=True)
    given = {key: value for key, value in (flags or {}).items() if value is not None}
    _put(plain, given, "flags", texts=True)
    return Recipe(_built(TrainingConfig, plain), name, places, corpora)


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


def _put_preset(plain: dict[str, Any], name: str) -> None:
    """Settings of a preset, over those of the preset that it names itself."""
    read = (files("chronomotion.training") / "presets" / f"{name}.toml").read_text
    values = _toml(read, f"preset {name}")
    if "preset" in values:
        _put_preset(plain, values.pop("preset"))
    _put(plain, _flat(values), f"preset {name}")


def _toml(read: Any, where: str) -> dict[str, Any]:
    try:
        return tomllib.loads(read(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{where}: cannot be read ({error})") from error


def _flat(values: Mapping[str, Any], table: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{table}{key}.")
        else:
            yield f"{table}{key}", value


def _put(plain: dict[str, Any], values: Any, where: str, *, texts: bool = False) -> None:
    """Check keys and types, and let the values win over what is there."""
    known = _known()
    for key, value in dict(values).items():
        if key in RENAMED:
            raise ConfigError(f"{where}: {key} is now {RENAMED[key]}")
        if key not in known:
            table, _, name = key.rpartition(".")
            beside = [other.rpartition(".")[2] for other in known if other.rpartition(".")[0] == table] or list(known)
            inside = f"[{table}]: " if table else ""
            raise ConfigError(f"{where}: {inside}unknown key {name!r}; known are {', '.join(beside)}")
        plain[key] = _typed(key, value, known[key], where, texts)


def _typed(key: str, value: Any, wanted: Any, where: str, texts: bool) -> Any:
    """The value as its field's type. A text from the environment or a flag is read; a whole number will do for a
    float.
    """
    choices = get_args(wanted)
    if choices:
        if value not in choices:
            raise ConfigError(f"{where}: {key} must be one of {', '.join(choices)}, not {value!r}")
        return value
    read = _read(value, wanted) if texts and isinstance(value, str) else value
    whole = wanted is float and isinstance(read, int) and not isinstance(read, bool)
    if not (whole or (isinstance(read, wanted) and not (wanted is int and isinstance(read, bool)))):
        raise ConfigError(f"{where}: {key} must be {wanted.__name__}, not {value!r}")
    return float(read) if whole else read


def _read(text: str, wanted: type[Any]) -> Any:
    """A text as a value of the type, or as it is where it is none."""
    if wanted is bool:
        return {"true": True, "1": True, "false": False, "0": False}.get(text.lower(), text)
    try:
        return wanted(text)
    except ValueError:
        return text


def _known(kind: type[Any] = TrainingConfig, table: str = "") -> dict[str, Any]:
    """Key -> type of every field, those of tables with a dot."""
    hints = get_type_hints(kind)
    types: dict[str, Any] = {}
    for field in fields(kind):
        if is_dataclass(hints[field.name]):
            types |= _known(hints[field.name], f"{table}{field.name}.")
        else:
            types[f"{table}{field.name}"] = hints[field.name]
    return types


def _built(kind: type[Any], plain: Mapping[str, Any], table: str = "") -> Any:
    hints = get_type_hints(kind)
    values = {}
    for field in fields(kind):
        key = f"{table}{field.name}"
        if is_dataclass(hints[field.name]):
            values[field.name] = _built(hints[field.name], plain, f"{key}.")
        elif key in plain:
            values[field.name] = plain[key]
    return kind(**values)
