"""Settings of any kind from where they come: defaults < preset < TOML file < environment < flags. An unknown key is an
error that names its place.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Generic, TypeVar, get_args, get_origin, get_type_hints

from chronomotion.errors import ConfigError

__all__ = ["SettingReader", "Sources"]

Kind = TypeVar("Kind")


@dataclass(frozen=True)
class Sources:
    """What a reader reads, the later winning: a preset, the values of a TOML file, the environment, flags.

    Keys of flags are names of fields, those of tables with a dot (``model.latent_dim``). Values None are not given, and
    texts are read as the field's type.
    """

    file: str | Path | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    """Of the file, without the keys that are no settings."""
    preset: str | None = None
    flags: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SettingReader(Generic[Kind]):
    """Reads settings of one kind, a dataclass of plain values, choices, lists and tables (dataclasses again).

    ``package`` has the presets in its folder ``presets``; ``environment`` is the prefix of its variables, in which two
    underscores stand for a dot; ``renamed`` has names of earlier versions and what they are now.
    """

    kind: type[Kind]
    package: str
    default_preset: str
    environment: str
    renamed: Mapping[str, str] = field(default_factory=dict)

    def preset_names(self) -> list[str]:
        """Names of the presets that come with the package."""
        folder = files(self.package) / "presets"
        return sorted(path.name.removesuffix(".toml") for path in folder.iterdir() if path.name.endswith(".toml"))

    @staticmethod
    def file_values(path: str | Path | None) -> dict[str, Any]:
        """Values of a TOML file; none without a file. Raises ConfigError when it cannot be read."""
        return {} if path is None else _toml(Path(path).read_text, str(path))

    def read(self, sources: Sources) -> tuple[Kind, str]:
        """The settings, and the name of the preset that they began with: the one given, that of the file's key
        ``preset``, or the default.

        Raises ConfigError for an unknown key or preset, or a value of the wrong type or out of range; the message names
        the file, the variable or the flag.
        """
        values = dict(sources.values)
        named = values.pop("preset", None)
        name = str(sources.preset or named or self.default_preset)
        if name not in self.preset_names():
            where = "--preset" if sources.preset else sources.file
            raise ConfigError(f"{where}: no preset {name!r}; there are {', '.join(self.preset_names())}")
        plain: dict[str, Any] = {}
        self._put_preset(plain, name)
        self._put(plain, _flat(values), str(sources.file))
        for variable, value in sorted(sources.environment.items()):
            if variable.startswith(self.environment):
                key = variable.removeprefix(self.environment).lower().replace("__", ".")
                self._put(plain, [(key, value)], variable, texts=True)
        given = [(key, value) for key, value in sources.flags.items() if value is not None]
        self._put(plain, given, "flags", texts=True)
        return _built(self.kind, plain), name

    def _put_preset(self, plain: dict[str, Any], name: str) -> None:
        """Settings of a preset, over those of the preset that it names itself."""
        read = (files(self.package) / "presets" / f"{name}.toml").read_text
        values = _toml(read, f"preset {name}")
        if "preset" in values:
            self._put_preset(plain, values.pop("preset"))
        self._put(plain, _flat(values), f"preset {name}")

    def _put(
        self, plain: dict[str, Any], values: Iterable[tuple[str, Any]], where: str, *, texts: bool = False
    ) -> None:
        """Check keys and types, and let the values win over what is there."""
        known = _known(self.kind)
        for key, value in values:
            if key in self.renamed:
                raise ConfigError(f"{where}: {key} is now {self.renamed[key]}")
            if key not in known:
                raise ConfigError(f"{where}: {_unknown(key, known)}")
            plain[key] = _typed(key, value, known[key], where, texts)


def _unknown(key: str, known: Collection[str]) -> str:
    """What there is in place of a key that there is not."""
    table, _, name = key.rpartition(".")
    start = f"{table}." if table else ""
    beside = dict.fromkeys(other[len(start) :].split(".")[0] for other in known if other.startswith(start))
    inside = f"[{table}]: " if table else ""
    return f"{inside}unknown key {name!r}; known are {', '.join(beside or known)}"


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


def _typed(key: str, value: Any, wanted: Any, where: str, texts: bool) -> Any:
    """The value as its field's type. A text from the environment or a flag is read; a whole number will do for a
    float, and a text with commas for a list.
    """
    if get_origin(wanted) is tuple:
        parts = [part.strip() for part in value.split(",")] if texts and isinstance(value, str) else value
        if not isinstance(parts, list | tuple):
            raise ConfigError(f"{where}: {key} must be a list of {get_args(wanted)[0].__name__}, not {value!r}")
        return tuple(
            _typed(f"{key}, entry {i}", part, get_args(wanted)[0], where, texts) for i, part in enumerate(parts, 1)
        )
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


def _known(kind: type[Any], table: str = "") -> dict[str, Any]:
    """Key -> type of every field, those of tables with a dot."""
    hints = get_type_hints(kind)
    types: dict[str, Any] = {}
    for member in fields(kind):
        if is_dataclass(hints[member.name]):
            types |= _known(hints[member.name], f"{table}{member.name}.")
        else:
            types[f"{table}{member.name}"] = hints[member.name]
    return types


def _built(kind: type[Any], plain: Mapping[str, Any], table: str = "") -> Any:
    hints = get_type_hints(kind)
    values = {}
    for member in fields(kind):
        key = f"{table}{member.name}"
        if is_dataclass(hints[member.name]):
            values[member.name] = _built(hints[member.name], plain, f"{key}.")
        elif key in plain:
            values[member.name] = plain[key]
    return kind(**values)
