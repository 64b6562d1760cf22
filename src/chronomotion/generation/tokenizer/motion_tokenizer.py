"""The motion tokenizer: features to codes, and codes to features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple, overload

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from chronomotion.errors import FormatError, ModelError
from chronomotion.generation.tokenizer.config import TokenizerConfig
from chronomotion.generation.tokenizer.folder import read_config, read_tensors, tensors_fit, write_folder
from chronomotion.generation.tokenizer.network import ConvDecoder, ConvEncoder
from chronomotion.generation.tokenizer.quantisers import quantiser_of
from chronomotion.generation.tokenizer.statistics import column_weights
from chronomotion.model.device import usable_device
from chronomotion.model.evaluation_mode import evaluation_mode
from chronomotion.model.fingerprint import weights_fingerprint
from chronomotion.model.stats import Stats, checked

__all__ = ["MotionTokenizer", "Reconstruction"]

_FRAMES_AT_ONCE = 4096
"""Of equally long motions that are encoded together."""


class Reconstruction(NamedTuple):
    """Motions through the tokenizer, normalised, and what the quantiser says."""

    motions: Float[Tensor, "batch frames dim"]
    codes: Int[Tensor, "batch tokens"]
    commitment: Float[Tensor, ""]


class MotionTokenizer(nn.Module):
    """A convolutional auto-encoder whose latent is quantised: every ``frames_per_token`` frames are one code.

    Features are in natural units, as ``features_of`` gives them; the tokenizer knows mean and standard deviation.
    Raises ModelError when ``stats`` are of another width, FormatError when no features are defined for the width.

    Example::

        tokenizer = MotionTokenizer.from_pretrained("runs/tokenizer")
        codes = tokenizer.encode(features_of(read_motion("walk.bvh")))
        motion = motion_of(tokenizer.decode(codes))
    """

    def __init__(self, config: TokenizerConfig, stats: Stats) -> None:
        super().__init__()
        mean, std = checked(*stats, config.dim, "stats")
        self.config = config
        self.encoder, self.decoder = ConvEncoder(config), ConvDecoder(config)
        self.quantizer = quantiser_of(config)
        self.mean: Tensor
        self.std: Tensor
        self._weights: Tensor
        self.register_buffer("mean", torch.from_numpy(mean.copy()))
        self.register_buffer("std", torch.from_numpy(std.copy()))
        self.register_buffer("_weights", torch.from_numpy(column_weights(config)), persistent=False)

    @property
    def codes(self) -> int:
        """How many codes there are."""
        return self.config.codes

    @property
    def frames_per_token(self) -> int:
        """Frames of one code."""
        return self.config.frames_per_token

    @property
    def dim(self) -> int:
        """Numbers a frame."""
        return self.config.dim

    @property
    def fps(self) -> float:
        """Frame rate of the motions."""
        return self.config.fps

    @property
    def fingerprint(self) -> str:
        """Hash of settings, weights and statistics: equal fingerprints give equal codes and motions."""
        return weights_fingerprint(asdict(self.config), self.state_dict())

    def normalised(self, features: Float[Tensor, "*batch dim"]) -> Float[Tensor, "*batch dim"]:
        """Features in natural units as the network reads them."""
        return (features - self.mean) * (self._weights / self.std)

    def natural(self, normalised: Float[Tensor, "*batch dim"]) -> Float[Tensor, "*batch dim"]:
        """Features in natural units of what the network gives."""
        return normalised * (self.std / self._weights) + self.mean

    def forward(self, motions: Float[Tensor, "batch frames dim"]) -> Reconstruction:
        """Normalised motions through the whole net; ``frames`` is a multiple of ``frames_per_token``."""
        latents = self.encoder(motions.transpose(1, 2)).transpose(1, 2)
        with torch.autocast(motions.device.type, enabled=False):  # nearest codes are told apart in float32
            vectors, codes, commitment = self.quantizer(latents.float())
        decoded = self.decoder(vectors.transpose(1, 2)).transpose(1, 2)
        return Reconstruction(decoded.float(), codes, commitment)

    @overload
    def encode(self, features: Float[np.ndarray, "frames dim"]) -> Int[np.ndarray, " tokens"]: ...

    @overload
    def encode(self, features: Sequence[Float[np.ndarray, "_ dim"]]) -> list[Int[np.ndarray, " _"]]: ...

    def encode(
        self, features: Float[np.ndarray, "frames dim"] | Sequence[Float[np.ndarray, "_ dim"]]
    ) -> Int[np.ndarray, " tokens"] | list[Int[np.ndarray, " _"]]:
        """Codes (tokens,) int64 of features in natural units, or a list of them. Frames that do not make a whole token
        are cut from the end. A motion's codes do not depend on what is encoded with it.

        Raises FormatError for features of another width, or with a number that is not finite.
        """
        if isinstance(features, np.ndarray):
            return self.encode([features])[0]
        for number, rows in enumerate(features):
            self._check(rows, f"motion {number + 1} of {len(features)}" if len(features) > 1 else "")
        codes = [np.zeros(0, dtype=np.int64)] * len(features)
        lengths = [len(rows) // self.frames_per_token for rows in features]
        with torch.inference_mode(), evaluation_mode(self):
            for together in _equally_long(lengths, _FRAMES_AT_ONCE // self.frames_per_token):
                frames = lengths[together[0]] * self.frames_per_token
                rows = np.stack([np.asarray(features[i][:frames], dtype=np.float32) for i in together])
                motions = self.normalised(torch.from_numpy(rows).to(self.mean.device))
                latents = self.encoder(motions.transpose(1, 2)).transpose(1, 2)
                for i, row in zip(together, self.quantizer(latents).codes.cpu().numpy(), strict=True):
                    codes[i] = row
        return codes

    @overload
    def decode(self, codes: Int[np.ndarray, " tokens"]) -> Float[np.ndarray, "frames dim"]: ...

    @overload
    def decode(self, codes: Sequence[Int[np.ndarray, " _"]]) -> list[Float[np.ndarray, "_ dim"]]: ...

    def decode(
        self, codes: Int[np.ndarray, " tokens"] | Sequence[Int[np.ndarray, " _"]]
    ) -> Float[np.ndarray, "frames dim"] | list[Float[np.ndarray, "_ dim"]]:
        """Features (tokens * frames_per_token, dim) float32 in natural units, or a list of them. They are decoded one
        by one: the same codes give the same bytes, whatever is decoded with them.

        Raises FormatError for a code that the tokenizer does not have.
        """
        if isinstance(codes, np.ndarray):
            return self.decode([codes])[0]
        with torch.inference_mode(), evaluation_mode(self):
            return [self._decoded(row) for row in codes]

    def _decoded(self, codes: Int[np.ndarray, " tokens"]) -> Float[np.ndarray, "frames dim"]:
        if len(codes) == 0:
            return np.zeros((0, self.dim), dtype=np.float32)
        if codes.min() < 0 or codes.max() >= self.codes:
            worst = int(codes.min() if codes.min() < 0 else codes.max())
            raise FormatError(f"code {worst}: this tokenizer has codes 0 to {self.codes - 1}")
        row = torch.from_numpy(codes.astype(np.int64)).to(self.mean.device)
        vectors = self.quantizer.vectors(row)[None]
        features: np.ndarray = self.natural(self.decoder(vectors.transpose(1, 2)).transpose(1, 2))[0].cpu().numpy()
        return features

    def _check(self, rows: np.ndarray, name: str) -> None:
        if rows.ndim != 2 or rows.shape[1] != self.dim:
            raise FormatError(f"features of shape {rows.shape}, this tokenizer reads (frames, {self.dim})", name)
        if not np.isfinite(rows).all():
            row = int(np.isfinite(rows).all(axis=1).argmin())
            raise FormatError(f"feature row {row} of {len(rows)} holds a number that is not finite", name)

    def save_pretrained(self, folder: str | Path) -> None:
        """Write config.json and model.safetensors."""
        write_folder(Path(folder), self.config, self.state_dict())

    @classmethod
    def from_pretrained(cls, folder: str | Path, *, device: str = "cpu") -> MotionTokenizer:
        """A saved tokenizer, in evaluation mode. Raises ModelError when the folder holds none, or it is damaged."""
        folder = Path(folder)
        config, tensors = read_config(folder), read_tensors(folder)
        if "mean" not in tensors or "std" not in tensors:
            raise ModelError(f"{folder / 'model.safetensors'} has no mean and std")
        stats = checked(tensors["mean"].numpy(), tensors["std"].numpy(), config.dim, str(folder))
        tokenizer = cls(config, stats)
        with tensors_fit(folder):
            tokenizer.load_state_dict(tensors)
        return tokenizer.to(usable_device(device)).eval()


def _equally_long(lengths: Sequence[int], places: int) -> list[list[int]]:
    """Numbers of equally long sequences in batches of about ``places`` tokens; those of no token are left out."""
    groups: dict[int, list[int]] = {}
    for number, length in enumerate(lengths):
        groups.setdefault(length, []).append(number)
    batches = []
    for length, numbers in groups.items():
        rows = max(1, places // max(1, length))
        batches += [numbers[first : first + rows] for first in range(0, len(numbers), rows) if length]
    return batches
