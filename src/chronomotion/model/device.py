"""Devices that torch can compute on here."""

from __future__ import annotations

import torch

from chronomotion.errors import ConfigError

__all__ = ["best_device", "usable_device"]


def best_device() -> str:
    """cuda where there is one, else mps, else cpu."""
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def usable_device(name: str) -> str:
    """The name of a device as it was given. Raises ConfigError, in one line, when nothing can be computed on it."""
    try:
        float(torch.zeros(1, device=name).sum())
    except (RuntimeError, AssertionError, NotImplementedError) as error:  # one for each way of not being there
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        there = ", ".join(_devices())
        raise ConfigError(f"device {name!r} cannot be used here ({reason}); there are: {there}") from error
    return name


def _devices() -> list[str]:
    there = ["cpu", *(f"cuda:{number}" for number in range(torch.cuda.device_count()))]
    return [*there, "mps"] if torch.backends.mps.is_available() else there
