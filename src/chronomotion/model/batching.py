"""Batches of sequences of similar length, so that they need little padding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

__all__ = ["batches_by_length", "pad"]


def batches_by_length(lengths: Sequence[int], places: int = 4096, most: int | None = None) -> Iterator[list[int]]:
    """Indices in batches of similar length, the longest first.

    A batch has about ``places`` places, padding included; it has ``most`` rows at most, and one row at least.
    """
    left = sorted(range(len(lengths)), key=lambda i: lengths[i])
    while left:
        rows = max(1, places // max(1, lengths[left[-1]]))
        batch = left[-min(rows, most or rows) :]
        del left[-len(batch) :]
        yield batch


def pad(
    sequences: Sequence[np.ndarray], device: torch.device | str = "cpu"
) -> tuple[Float[Tensor, "batch longest dim"], Tensor]:
    """Sequences (frames, dim) of different lengths as one float32 tensor, zeros behind each, and their lengths."""
    lengths = torch.tensor([len(sequence) for sequence in sequences])
    padded = np.zeros((len(sequences), int(lengths.max()), sequences[0].shape[1]), dtype=np.float32)
    for row, sequence in zip(padded, sequences, strict=True):
        row[: len(sequence)] = sequence
    return torch.from_numpy(padded).to(device), lengths.to(device)
