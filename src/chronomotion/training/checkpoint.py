"""Where a training run stands, on disk."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from chronomotion.errors import TrainingError
from chronomotion.model.motion_text import MotionTextModel
from chronomotion.whole_file import whole_file

__all__ = ["Standing", "difference", "load_checkpoint", "save_checkpoint"]


@dataclass(frozen=True)
class Standing:
    """Steps done, and the best judgement by then with the step at which it was given (0: none yet). ``moved``: a step
    since the last end of an epoch taught the model something (:mod:`chronomotion.training.standstill`).
    """

    done: int = 0
    best: float = float("-inf")
    best_step: int = 0
    moved: bool = False


def save_checkpoint(
    folder: Path, model: MotionTextModel, optimizer: torch.optim.Optimizer, standing: Standing, identity: str
) -> None:
    """Write weights, optimizer and standing in one file that appears whole or not at all."""
    state = {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "step": standing.done,
        "best": standing.best,
        "best_step": standing.best_step,
        "moved": standing.moved,
        "identity": identity,
    }
    with whole_file(folder / "checkpoint.pt") as part:
        torch.save(state, part)


def load_checkpoint(folder: Path, model: MotionTextModel, optimizer: torch.optim.Optimizer, identity: str) -> Standing:
    """Put model and optimizer back to where they stood; without a checkpoint nothing is done.

    Raises TrainingError when the checkpoint is of another corpus or other settings.
    """
    path = folder / "checkpoint.pt"
    if not path.exists():
        return Standing()
    try:
        state: dict[str, Any] = torch.load(path, map_location=model.device, weights_only=True)
        # What older checkpoints do not say is taken to be well.
        moved = bool(state.get("moved", True))
        found = Standing(int(state["step"]), float(state["best"]), int(state["best_step"]), moved)
    except Exception as error:
        raise TrainingError(f"{path}: cannot be read ({error}); remove it to start again") from error
    if state["identity"] != identity:
        raise TrainingError(
            f"{path} is of another run: {difference(state['identity'], identity)}. "
            "Choose another folder or remove this one"
        )
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    return found


def difference(there: str, here: str) -> str:
    """The settings in which two runs differ, with both values; those of tables as ``objective.temperature``."""
    old, new = _flat(json.loads(there)), _flat(json.loads(here))
    keys = [key for key in {**old, **new} if old.get(key) != new.get(key)]
    return ", ".join(f"{key} is {old.get(key)!r} there and {new.get(key)!r} here" for key in keys)


def _flat(values: dict[str, Any]) -> dict[str, Any]:
    tables = {key: value for key, value in values.items() if isinstance(value, dict)}
    inside = {f"{table}.{key}": value for table, one in tables.items() for key, value in one.items()}
    return {key: value for key, value in values.items() if key not in tables} | inside
