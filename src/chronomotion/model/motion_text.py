"""MotionTextModel: motions and sentences in one space."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from chronomotion.errors import ModelError
from chronomotion.model.backbone import TextBackbone
from chronomotion.model.config import ModelConfig
from chronomotion.model.text_states import TextStates
from chronomotion.model.transformer import SequenceEncoder
from chronomotion.whole_file import whole_file

__all__ = ["FORMAT_VERSION", "MotionTextModel", "pad"]

FORMAT_VERSION = 1


def pad(
    sequences: Sequence[np.ndarray], device: torch.device | str = "cpu"
) -> tuple[Float[Tensor, "batch longest dim"], Tensor]:
    """Sequences (frames, dim) of different lengths as one float32 tensor, zeros behind each, and their lengths."""
    lengths = torch.tensor([len(sequence) for sequence in sequences])
    padded = np.zeros((len(sequences), int(lengths.max()), sequences[0].shape[1]), dtype=np.float32)
    for row, sequence in zip(padded, sequences, strict=True):
        row[: len(sequence)] = sequence
    return torch.from_numpy(padded).to(device), lengths.to(device)


class MotionTextModel(nn.Module):
    """Two transformer encoders with one embedding space; the similarity of a text and a motion is a cosine.

    Motions come as features as a corpus holds them (263 numbers a frame at ``config.fps``, NOT normalised: mean and
    standard deviation belong to the model). The language model is frozen, is not saved with the weights, and its states
    are taken from ``states``.

    Example::

        model = MotionTextModel.from_pretrained("runs/counterfactual")
        model.similarity(["a person walks. a person sits down."], [features])
    """

    mean: Tensor
    std: Tensor

    def __init__(
        self,
        config: ModelConfig | None = None,
        *,
        stats: tuple[np.ndarray, np.ndarray] | None = None,
        states: TextStates | None = None,
    ) -> None:
        super().__init__()
        self.config = config = config or ModelConfig()
        self.states = states or TextStates(TextBackbone(config.text_model))
        sizes = (config.latent_dim, config.ff_size, config.num_layers, config.num_heads, config.dropout)
        self.motion_encoder = SequenceEncoder(config.motion_dim, *sizes, frames_per_token=config.frames_per_token)
        self.text_encoder = SequenceEncoder(config.text_dim, *sizes)
        mean, std = stats or (np.zeros(config.motion_dim), np.ones(config.motion_dim))
        self.register_buffer("mean", torch.tensor(mean, dtype=torch.float32))
        self.register_buffer("std", torch.tensor(std, dtype=torch.float32))

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.mean.device

    @property
    def fingerprint(self) -> str:
        """Hash of configuration, weights and language model: equal fingerprints are equal embeddings."""
        sizes = {key: value for key, value in asdict(self.config).items() if key != "text_model"}  # may be a folder
        digest = hashlib.blake2b(json.dumps(sizes, sort_keys=True).encode(), digest_size=16)
        for name, tensor in sorted(self.state_dict().items()):
            digest.update(name.encode())
            digest.update(tensor.detach().cpu().reshape(-1).view(torch.uint8).numpy().data)
        digest.update(self.states.backbone.fingerprint.encode())
        return digest.hexdigest()

    def embed_motions(
        self, motions: Float[Tensor, "batch frames dim"], lengths: Tensor
    ) -> Float[Tensor, "batch latent"]:
        """Padded features -> unit vectors, with gradients."""
        latent = self.motion_encoder((motions - self.mean) / self.std, lengths)[:, 0]
        return nn.functional.normalize(latent, dim=-1)

    def embed_states(self, states: Float[Tensor, "batch tokens dim"], lengths: Tensor) -> Float[Tensor, "batch latent"]:
        """Padded token states of the language model -> unit vectors, with gradients."""
        return nn.functional.normalize(self.text_encoder(states, lengths)[:, 0], dim=-1)

    def encode_motion(
        self, motions: Sequence[Float[np.ndarray, "_ dim"]], *, batch_size: int = 16
    ) -> Float[np.ndarray, "motions latent"]:
        """Unit vectors of motions, float32. Raises ModelError for features of another width."""
        for i, motion in enumerate(motions):
            if motion.ndim != 2 or motion.shape[1] != self.config.motion_dim or len(motion) == 0:
                raise ModelError(
                    f"motion {i}: features of shape {motion.shape}, expected (frames, {self.config.motion_dim})"
                )
        return self._encode(motions, self.embed_motions, batch_size)

    def encode_text(self, texts: Sequence[str], *, batch_size: int = 64) -> Float[np.ndarray, "texts latent"]:
        """Unit vectors of texts, float32; the events of a caption as one string."""
        return self._encode(self.states.get(texts), self.embed_states, batch_size)

    def _encode(self, sequences: Sequence[np.ndarray], embed: Any, batch_size: int) -> np.ndarray:
        """Embed in batches of similar length, and put the rows back in their order."""
        out = np.empty((len(sequences), self.config.latent_dim), dtype=np.float32)
        order = sorted(range(len(sequences)), key=lambda i: len(sequences[i]))
        training = self.training
        self.eval()
        try:
            with torch.inference_mode():
                for start in range(0, len(order), batch_size):
                    rows = order[start : start + batch_size]
                    out[rows] = embed(*pad([sequences[i] for i in rows], self.device)).float().cpu().numpy()
        finally:
            self.train(training)
        return out

    def similarity(self, texts: Sequence[str], motions: Sequence[np.ndarray]) -> Float[np.ndarray, "texts motions"]:
        """Cosine of every text with every motion."""
        return np.asarray(self.encode_text(texts) @ self.encode_motion(motions).T)

    def save_pretrained(self, folder: str | Path) -> None:
        """Write config.json and model.safetensors; each appears whole or not at all."""
        folder = Path(folder)
        weights = {name: tensor.contiguous() for name, tensor in self.state_dict().items()}
        with whole_file(folder / "model.safetensors") as part:
            save_file(weights, part)
        info = {"format_version": FORMAT_VERSION, "model": asdict(self.config)}
        with whole_file(folder / "config.json") as part:
            part.write_text(json.dumps(info, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def from_pretrained(
        cls, folder: str | Path, *, states: TextStates | None = None, cache: str | Path | None = None
    ) -> MotionTextModel:
        """Load a folder written by :meth:`save_pretrained`, ready to encode.

        Token states of texts are kept in the folder ``cache``, if one is given; ``states`` are shared with other
        models. Raises ModelError when the folder does not hold a model of ours.
        """
        folder = Path(folder)
        try:
            info = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            if info["format_version"] != FORMAT_VERSION:
                raise ModelError(
                    f"{folder}: format_version {info['format_version']}, this version reads {FORMAT_VERSION}"
                )
            config = ModelConfig(**info["model"])
            model = cls(config, states=states or TextStates(TextBackbone(config.text_model), cache))
            model.load_state_dict(load_file(folder / "model.safetensors"))
        except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
            raise ModelError(f"{folder} does not hold a model of ours ({str(error).splitlines()[0]})") from error
        return model.eval()
