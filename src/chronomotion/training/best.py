"""The best weights of a run so far, on disk."""

from __future__ import annotations

from pathlib import Path

from safetensors.torch import load_file, save_file

from chronomotion.model.motion_text import MotionTextModel
from chronomotion.whole_file import whole_file

__all__ = ["BestWeights"]


class BestWeights:
    """Weights by the step that they were judged at. Older ones stay until a checkpoint speaks of the newer ones, so
    that an interrupt in between loses nothing.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _path(self, step: int) -> Path:
        return self._folder / f"best-{step}.safetensors"

    def keep(self, model: MotionTextModel, step: int) -> None:
        """Write the weights of a step, whole or not at all."""
        with whole_file(self._path(step)) as part:
            save_file({name: tensor.contiguous() for name, tensor in model.state_dict().items()}, part)

    def restore(self, model: MotionTextModel, step: int) -> None:
        """Put the weights of a step back into the model."""
        model.load_state_dict(load_file(self._path(step), device=str(model.device)))

    def forget(self, *, besides: int = 0) -> None:
        """Remove all but those of one step."""
        for path in self._folder.glob("best-*.safetensors"):
            if path != self._path(besides):
                path.unlink()
