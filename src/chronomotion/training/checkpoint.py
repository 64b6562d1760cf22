"""The state of a run on disk: its checkpoint, and the best weights so far."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import nn

from chronomotion.atomic_write import atomic_write
from chronomotion.errors import TrainingError
from chronomotion.training.config import RENAMED

__all__ = ["BestWeights", "RunState", "difference", "load_checkpoint", "save_checkpoint", "with_current_names"]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RunState:
    """Progress of a run: ``done`` steps, the ``best`` judgement so far and its step (``best_step``; 0: none yet).

    ``learns`` is True when a step since the last end of an epoch taught the model something
    (:mod:`chronomotion.training.standstill`). ``parts`` are those of the best judgement, by corpus, where there are
    several.
    """

    done: int = 0
    best: float = float("-inf")
    best_step: int = 0
    learns: bool = False
    parts: Mapping[str, float] = field(default_factory=dict)


def save_checkpoint(
    folder: Path, model: nn.Module, optimizer: torch.optim.Optimizer, state: RunState, identity: str
) -> None:
    """Write weights, optimizer and state in one file that appears whole or not at all."""
    saved = {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "step": state.done,
        "best": state.best,
        "best_step": state.best_step,
        "learns": state.learns,
        "parts": dict(state.parts),
        "identity": identity,
        "threads": torch.get_num_threads(),
    }
    with atomic_write(folder / "checkpoint.pt") as part:
        torch.save(saved, part)


def load_checkpoint(
    folder: Path, model: nn.Module, optimizer: torch.optim.Optimizer, identity: str, device: torch.device
) -> RunState:
    """Load the checkpoint into model and optimizer, and return its state; without a checkpoint, a new state.

    Raises TrainingError when the checkpoint is of another corpus or other settings.
    """
    path = folder / "checkpoint.pt"
    if not path.exists():
        return RunState()
    try:
        saved: dict[str, Any] = torch.load(path, map_location=device, weights_only=True)
        # Checkpoints of earlier versions lack this: no warning for the epoch that they interrupted.
        learns = bool(saved.get("learns", True))
        state = RunState(
            int(saved["step"]), float(saved["best"]), int(saved["best_step"]), learns, saved.get("parts", {})
        )
    except Exception as error:
        raise TrainingError(f"{path}: cannot be read ({error}); remove it to start again") from error
    there, here = json.loads(saved["identity"]), json.loads(identity)
    there = with_current_names(there, here)
    if there != here:
        raise TrainingError(
            f"{path} is of another run: {difference(there, here)}. Choose another folder or remove this one"
        )
    model.load_state_dict(saved["model"])
    optimizer.load_state_dict(saved["optimizer"])
    threads = saved.get("threads", torch.get_num_threads())
    if device.type == "cpu" and threads != torch.get_num_threads():
        log.warning(
            "the run computed with %d threads and goes on with %d: sums differ in their last bits, and so will its "
            "weights from those of a run that was not interrupted; --threads %d keeps them the same",
            threads,
            torch.get_num_threads(),
            threads,
        )
    return state


def with_current_names(saved: Mapping[str, Any], current: Mapping[str, Any]) -> dict[str, Any]:
    """The saved settings of a run, with names of earlier versions replaced by those of now (``RENAMED``).

    A name is replaced only if ``current`` has the new name and not the old one: another task may have a setting that is
    called like an old one of ours.
    """
    renamed = {old: new for old, new in RENAMED.items() if new in current and old not in current and new not in saved}
    return {renamed.get(key, key): value for key, value in saved.items()}


def difference(there: Mapping[str, Any], here: Mapping[str, Any]) -> str:
    """The settings in which two runs differ, with both values; those of tables as ``objective.temperature``."""
    old, new = _flat(there), _flat(here)
    keys = [key for key in {**old, **new} if old.get(key) != new.get(key)]
    return ", ".join(f"{key} is {old.get(key)!r} there and {new.get(key)!r} here" for key in keys)


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
    tables = {key: value for key, value in values.items() if isinstance(value, dict)}
    inside = {f"{table}.{key}": value for table, rows in tables.items() for key, value in rows.items()}
    return {key: value for key, value in values.items() if key not in tables} | inside


class BestWeights:
    """Files of the best weights, named by the step at which they were judged. Earlier files stay until a checkpoint
    refers to the newer one, so that an interrupt in between loses nothing.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _path(self, step: int) -> Path:
        return self._folder / f"best-{step}.safetensors"

    def keep(self, model: nn.Module, step: int) -> None:
        """Write the weights of a step, whole or not at all."""
        with atomic_write(self._path(step)) as part:
            save_file({name: tensor.contiguous() for name, tensor in model.state_dict().items()}, part)

    def restore(self, model: nn.Module, step: int, device: torch.device) -> None:
        """Put the weights of a step back into the model."""
        model.load_state_dict(load_file(self._path(step), device=str(device)))

    def files(self) -> list[Path]:
        """The files of all weights that are there."""
        return list(self._folder.glob("best-*.safetensors"))

    def forget(self, *, besides: int = 0) -> None:
        """Remove the weights of all steps but ``besides``."""
        for path in self.files():
            if path != self._path(besides):
                path.unlink()
