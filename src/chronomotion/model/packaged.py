"""Models that come with the package, by name."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

__all__ = ["PACKAGED_MODELS", "extra_of", "packaged_model"]

PACKAGED_MODELS = ("starter",)
"""``starter``: a small model that is ready to search; its card says what it knows."""


def packaged_model(name: str) -> Path | None:
    """The folder of a model of the package; None for any other name.

    Whatever lies in the current folder, such a name is the model of the package; ``./starter`` is a folder.
    """
    if name not in PACKAGED_MODELS:
        return None
    return Path(str(files("chronomotion") / "models" / name))


def extra_of(name: str) -> str:
    """The extra that brings all that a model needs: that of a model of the package has its name."""
    return "model" if packaged_model(name) is None else name
