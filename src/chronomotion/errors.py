"""The exceptions of Chronomotion: one small tree, each message one line that says what, where and the fix."""

from __future__ import annotations

from types import ModuleType

__all__ = [
    "BusyError",
    "ChronomotionError",
    "ChronomotionWarning",
    "ConfigError",
    "CorpusError",
    "FormatError",
    "MissingExtraError",
    "ModelError",
    "TrainingError",
    "WriteError",
    "require",
]


class ChronomotionError(Exception):
    """Base of every error that a user can cause and mend; the command line prints it as one line, exit status 1."""


class FormatError(ChronomotionError):
    """A file is not what it claims to be. ``where`` names the file and, where known, the line or field."""

    def __init__(self, message: str, where: str = "") -> None:
        super().__init__(f"{where}: {message}" if where else message)
        self.where = where


class CorpusError(ChronomotionError):
    """A corpus folder is missing, incomplete or does not fit the question."""


class BusyError(ChronomotionError):
    """Another process is writing to the same folder."""


class ConfigError(ChronomotionError):
    """A setting is unknown or out of range."""


class ModelError(ChronomotionError):
    """A model cannot be loaded, or does not do what a model has to do."""


class TrainingError(ChronomotionError):
    """Training cannot go on, for example because a loss is not finite."""


class WriteError(ChronomotionError, OSError):
    """The disk refuses a file. Made of errno, reason and path, as any OSError."""

    def __str__(self) -> str:
        return f"{self.filename}: cannot be written: {self.strerror}"


class MissingExtraError(ChronomotionError):
    """An optional package is not installed."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(f"this needs the package {package!r}: pip install 'chronomotion[{extra}]'")


class ChronomotionWarning(UserWarning):
    """Something was mended or left out, and the user should know."""


def require(package: str, extra: str) -> ModuleType:
    """Import an optional package, or raise :class:`MissingExtraError` naming the extra that brings it."""
    import importlib

    try:
        return importlib.import_module(package)
    except ImportError as error:
        raise MissingExtraError(package.partition(".")[0], extra) from error
