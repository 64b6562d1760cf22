"""Where a training run stands, on disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch

from chronomotion.errors import TrainingError
from chronomotion.model.motion_text import MotionTextModel
from chronomotion.whole_file import whole_file

__all__ = ["difference", "load_checkpoint", "save_checkpoint"]


def save_checkpoint(
    folder: Path, model: MotionTextModel, optimizer: torch.optim.Optimizer, step: int, identity: str
) -> None:
    """Write weights, optimizer and step in one file that appears whole or not at all."""
    state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step, "identity": identity}
    with whole_file(folder / "checkpoint.pt") as part:
        torch.save(state, part)


def load_checkpoint(folder: Path, model: MotionTextModel, optimizer: torch.optim.Optimizer, identity: str) -> int:
    """Put model and optimizer back to where they stood; returns the number of steps done, 0 without a checkpoint.

    Raises TrainingError when the checkpoint is of another corpus or other settings.
    """
    path = folder / "checkpoint.pt"
    if not path.exists():
        return 0
    try:
        state: dict[str, Any] = torch.load(path, map_location=model.device, weights_only=True)
    except Exception as error:
        raise TrainingError(f"{path}: cannot be read ({error}); remove it to start again") from error
    if state["identity"] != identity:
        raise TrainingError(
            f"{path} is of another run: {difference(state['identity'], identity)}. "
            "Choose another folder or remove this one"
        )
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    return int(state["step"])


def difference(there: str, here: str) -> str:
    """The settings in which two runs differ, with both values."""
    old, new = json.loads(there), json.loads(here)
    keys = [key for key in {**old, **new} if old.get(key) != new.get(key)]
    return ", ".join(f"{key} is {old.get(key)!r} there and {new.get(key)!r} here" for key in keys)
