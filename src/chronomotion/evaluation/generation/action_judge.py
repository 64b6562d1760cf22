"""The action judge: which action each frame of a motion shows. A net of dilated convolutions, trained on real clips.

It reads only the columns from which joints are recovered (root and joint positions). Velocities, rotations and contacts
need not agree with the joints in a generated motion, and a judge that reads them can be pleased by numbers that nobody
sees. Its training is :mod:`chronomotion.generation.judge_task`.

=================== ==========================================================
``config.json``     format_version, kind, the settings, what it was trained on
``model.safetensors`` weights, mean and standard deviation
=================== ==========================================================
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
from jaxtyping import Bool, Float
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from chronomotion.atomic_write import atomic_write
from chronomotion.errors import ChronomotionError, FormatError, ModelError
from chronomotion.model.batching import batches_by_length, pad
from chronomotion.model.description import check_format, read_description
from chronomotion.model.encoder import check_features
from chronomotion.model.evaluation_mode import evaluation_mode
from chronomotion.model.fingerprint import weights_fingerprint
from chronomotion.motion.layout import layout_of_width
from chronomotion.settings import Field, settings

__all__ = ["ActionJudge", "JudgeConfig"]

FORMAT_VERSION = 1
KIND = "action-judge"

_PLACES = 1 << 13
"""Frames of a batch, padding included."""

Count = Annotated[int, Field(ge=1)]


@settings("judge")
class JudgeConfig:
    """Sizes of a judge. Raises ConfigError for an impossible value."""

    dim: Count
    """Width of the features that it takes."""
    fps: Annotated[float, Field(gt=0)] = 20.0
    actions: Annotated[tuple[str, ...], Field(min_length=2)]
    """Names of the actions, in the order of the outputs."""
    width: Count = 96
    dilations: tuple[int, ...] = (1, 2, 4, 8, 16, 32)
    """Of the residual blocks; a frame sees 129 frames, 6.4 seconds: enough to tell a walk around a
    corner from a walk."""
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.1


class ActionJudge(nn.Module):
    """Features (frames, dim) as a corpus holds them -> log-probabilities of actions, frame by frame.

    Example::

        judge = ActionJudge.from_pretrained("judges/bandai")
        judge.log_probs([features])[0].argmax(axis=1)
    """

    mean: Tensor
    std: Tensor

    def __init__(self, config: JudgeConfig, *, stats: tuple[np.ndarray, np.ndarray] | None = None) -> None:
        super().__init__()
        self.config = config
        self.columns = _columns(config.dim)
        self.trained_on: dict[str, Any] = {}
        mean, std = stats if stats is not None else (np.zeros(config.dim), np.ones(config.dim))
        self.register_buffer("mean", torch.tensor(mean[: self.columns], dtype=torch.float32))
        self.register_buffer("std", torch.tensor(std[: self.columns], dtype=torch.float32))
        self.first = nn.Conv1d(self.columns, config.width, 3, padding=1)
        self.blocks = nn.ModuleList(_Block(config.width, dilation, config.dropout) for dilation in config.dilations)
        self.last = nn.Conv1d(config.width, len(config.actions), 1)

    @property
    def actions(self) -> tuple[str, ...]:
        """Names of the actions, in the order of the outputs."""
        return self.config.actions

    @property
    def fingerprint(self) -> str:
        """Hash of settings and weights: equal fingerprints are equal judgements."""
        return weights_fingerprint(asdict(self.config), self.state_dict())

    def normalise(self, motions: Float[Tensor, "batch frames dim"]) -> Float[Tensor, "batch frames columns"]:
        """The columns that count, at mean 0 and standard deviation 1."""
        return (motions[..., : self.columns] - self.mean) / self.std

    def forward(
        self, normalised: Float[Tensor, "batch frames columns"], inside: Bool[Tensor, "batch frames"]
    ) -> Float[Tensor, "batch frames actions"]:
        """Scores before the softmax. What stands behind a motion is kept at zero, so that no batch changes it."""
        mask = inside[:, None].to(normalised.dtype)
        hidden = self.first(normalised.transpose(1, 2) * mask) * mask
        for block in self.blocks:
            hidden = block(hidden, mask)
        scores: Tensor = self.last(hidden).transpose(1, 2)
        return scores

    def log_probs(self, motions: Sequence[np.ndarray]) -> list[Float[np.ndarray, "_ actions"]]:
        """Log-probabilities of the actions for every frame of each motion, float32.

        Raises ModelError for features of another width or with numbers that are not finite.
        """
        for number, motion in enumerate(motions):
            self._check(motion, f"motion {number}")
        results: list[np.ndarray] = [np.empty(0)] * len(motions)
        device = self.mean.device
        with evaluation_mode(self), torch.inference_mode():
            for rows in batches_by_length([len(motion) for motion in motions], _PLACES):
                padded, lengths = pad([motions[row] for row in rows], device)
                inside = torch.arange(padded.shape[1], device=device) < lengths[:, None]
                scores = self(self.normalise(padded), inside).log_softmax(dim=-1).cpu().numpy()
                for row, values, length in zip(rows, scores, lengths.tolist(), strict=True):
                    results[row] = values[:length]
        return results

    def _check(self, motion: np.ndarray, title: str) -> None:
        if motion.ndim != 2 or motion.shape[1] != self.config.dim or len(motion) == 0:
            raise ModelError(
                f"{title}: features of shape {motion.shape}, but this judge was trained on (frames, {self.config.dim})"
            )
        check_features(motion, title)

    def indices(self, labels: Sequence[str]) -> tuple[int, ...]:
        """The outputs of some actions. Raises ModelError for one that the judge does not know."""
        unknown = [label for label in labels if label not in self.actions]
        if unknown:
            raise ModelError(f"the judge does not know the action {unknown[0]!r}; it knows {', '.join(self.actions)}")
        return tuple(self.actions.index(label) for label in labels)

    def save_pretrained(self, folder: str | Path) -> None:
        """Write the judge; each file appears whole or not at all. Raises WriteError where that cannot be."""
        folder = Path(folder)
        with atomic_write(folder / "model.safetensors") as part:
            save_file({name: tensor.contiguous() for name, tensor in self.state_dict().items()}, part)
        info = {
            "format_version": FORMAT_VERSION, "kind": KIND, "judge": asdict(self.config), "trained_on": self.trained_on,
        }  # fmt: skip
        with atomic_write(folder / "config.json") as part:
            part.write_text(json.dumps(info, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def from_pretrained(cls, folder: str | Path, *, device: str = "cpu") -> ActionJudge:
        """Load a judge that :meth:`save_pretrained` wrote. Raises ModelError when there is none."""
        folder = Path(folder)
        info = _read_info(folder)
        try:
            judge = cls(JudgeConfig(**info["judge"]))
            judge.load_state_dict(load_file(folder / "model.safetensors"))
        except (OSError, KeyError, TypeError, RuntimeError, SafetensorError, ChronomotionError) as error:
            raise ModelError(f"{folder} does not hold an action judge ({str(error).splitlines()[0]})") from error
        judge.trained_on = dict(info.get("trained_on", {}))
        return judge.eval().to(device)


class _Block(nn.Module):
    """A residual block: norm, dilated convolution, linear. Frames are normalised one by one."""

    def __init__(self, width: int, dilation: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.wide = nn.Conv1d(width, width, 3, padding=dilation, dilation=dilation)
        self.out = nn.Conv1d(width, width, 1)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self, hidden: Float[Tensor, "batch width frames"], mask: Float[Tensor, "batch 1 frames"]
    ) -> Float[Tensor, "batch width frames"]:
        normed = self.norm(hidden.transpose(1, 2)).transpose(1, 2) * mask
        change: Tensor = self.out(self.dropout(torch.relu(self.wide(normed))))
        return hidden + change * mask


def _columns(dim: int) -> int:
    """How many columns the judge reads: those that joints are recovered from, or all of an unknown layout."""
    try:
        return int(layout_of_width(dim).columns.joints.stop)
    except FormatError:
        return dim


def _read_info(folder: Path) -> Mapping[str, Any]:
    info = read_description(folder)
    if info is None:
        raise ModelError(f"{folder} does not hold an action judge: it has no config.json")
    if not isinstance(info, dict) or info.get("kind") != KIND:
        kind = info.get("kind", "a model of another kind") if isinstance(info, dict) else "no settings"
        raise ModelError(f"{folder} does not hold an action judge, but {kind}")
    check_format(info.get("format_version"), FORMAT_VERSION, folder)
    return info
