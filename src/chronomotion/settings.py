"""Settings as frozen pydantic dataclasses, whose mistakes are told in one line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, dataclass_transform

from pydantic import ConfigDict, Field, ValidationError
from pydantic.dataclasses import dataclass

from chronomotion.errors import ConfigError

__all__ = ["Field", "complaint", "settings"]

Settings = TypeVar("Settings", bound=type)


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(Field,))
def settings(table: str = "", *, renamed: Mapping[str, str] | None = None) -> Callable[[Settings], Settings]:
    """Make a class of typed fields a frozen dataclass that checks its values; all are given by name.

    ``table`` is how errors call the group of settings ("model"). ``renamed`` has names of earlier versions and what
    they are now: an error for the old name gives the new one. What pydantic complains of is raised as ConfigError.
    """
    prefix = f"{table}." if table else ""

    def decorate(kind: Settings) -> Settings:
        made: Any = dataclass(kind, frozen=True, kw_only=True, config=ConfigDict(extra="forbid"))
        check = made.__init__

        def initialise(self: Any, **values: Any) -> None:
            try:
                check(self, **values)
            except ValidationError as error:
                raise ConfigError(prefix + complaint(error, renamed or {})) from error

        made.__init__ = initialise
        return made  # type: ignore[no-any-return]

    return decorate


def complaint(error: ValidationError, renamed: Mapping[str, str] | None = None) -> str:
    """The first complaint, in one line: the setting, what it has to be, and what it is."""
    renamed = renamed or {}
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"])
    expected, given = first.get("ctx", {}), first["input"]
    match first["type"]:
        case "literal_error":
            choices = str(expected["expected"]).replace("'", "").replace(" or ", ", ")
            return f"{name} must be one of {choices}, not {given!r}"
        case "greater_than_equal":
            return f"{name} must be at least {expected['ge']:g}, not {given}"
        case "greater_than":
            least = "positive" if expected["gt"] == 0 else f"above {expected['gt']:g}"
            return f"{name} must be {least}, not {given}"
        case "less_than_equal":
            return f"{name} must be at most {expected['le']:g}, not {given}"
        case "less_than":
            return f"{name} must be below {expected['lt']:g}, not {given}"
        case "missing" | "missing_argument" | "missing_keyword_only_argument":
            return f"{name} is missing"
        case "unexpected_keyword_argument" if name in renamed:
            return f"{name} is now {renamed[name]}"
        case "unexpected_keyword_argument":
            return f"unknown key {name!r}"
        case _:
            return f"{name}: {first['msg'][0].lower()}{first['msg'][1:]}, not {given!r}"
