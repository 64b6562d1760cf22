"""MotionTextModel: motions and sentences in one space."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from chronomotion.errors import ModelError
from chronomotion.model.backbone import TextBackbone
from chronomotion.model.batching import batches_by_length, pad
from chronomotion.model.card import ModelCard
from chronomotion.model.config import ModelConfig
from chronomotion.model.decoder import MotionDecoder
from chronomotion.model.evaluation_mode import evaluation_mode
from chronomotion.model.fingerprint import weights_fingerprint
from chronomotion.model.folder import load_parts, save_model
from chronomotion.model.hub import push
from chronomotion.model.inputs import MotionInput, features_list, text_list
from chronomotion.model.language_model import LanguageModel
from chronomotion.model.latent import Latent
from chronomotion.model.parts import LoadOptions
from chronomotion.model.stats import StatsSource
from chronomotion.model.text_head import TextHead
from chronomotion.model.text_states import TextStates
from chronomotion.model.tokens import TextTokens, tokens_of
from chronomotion.model.transformer import SequenceEncoder
from chronomotion.progress import progress

__all__ = ["MotionTextModel", "pad"]


_PLACES = {"cpu": 1024}
"""Places of a batch, padding included, by device; on a CPU larger batches do not fit the caches and take longer."""

_MANY_PLACES = 1 << 16


class MotionTextModel(nn.Module):
    """Two transformer encoders with one embedding space; the similarity of a text and a motion is a cosine.

    Motions are features as in a corpus (263 numbers a frame at ``config.fps``, NOT normalised: mean and standard
    deviation belong to the model). Either the language model is frozen, not saved with the weights, and its
    states come from ``states``; or it is a part of the model, ``language_model`` (``config.holds_text_model``), and is
    trained with it if ``config.tune_text_model``.

    ``motion_latent``, ``state_latent`` and ``text_latent`` return raw outputs of the encoders, ``embed_*`` unit
    vectors; both with gradients. ``encode_*`` return numpy arrays.

    Example::

        model = MotionTextModel.from_pretrained("runs/mine")
        model.similarity("a person walks. a person sits down.", ["take_01.bvh", "take_02.bvh"])
    """

    mean: Tensor
    std: Tensor
    checks_motions = True  # so that nobody else has to (model/encoder.py)

    def __init__(
        self,
        config: ModelConfig | None = None,
        *,
        stats: tuple[np.ndarray, np.ndarray] | None = None,
        states: TextStates | None = None,
        language_model: LanguageModel | None = None,
    ) -> None:
        super().__init__()
        self.config = config = ModelConfig() if config is None else config
        self.states = TextStates(TextBackbone.of(config)) if states is None else states
        self.card: ModelCard | None = None
        sizes = (config.latent_dim, config.ff_size, config.num_layers, config.num_heads, config.dropout)
        tokens, step = 2 if config.vae else 1, config.frames_per_token
        self.motion_encoder = SequenceEncoder(
            config.motion_dim, *sizes, tokens=tokens, frames_per_token=step, movement=config.movement
        )
        self.text_encoder: nn.Module = (
            TextHead(config.text_dim, config.latent_dim, config.dropout, config.text_head_token)
            if config.text_head
            else SequenceEncoder(config.text_dim, *sizes, tokens=tokens)
        )
        self.motion_decoder = (
            MotionDecoder(config.motion_dim, *sizes, frames_per_token=step) if config.decoder else None
        )
        if config.holds_text_model and language_model is None:
            language_model = self.states.backbone.module()
        self.language_model = language_model if config.holds_text_model else None
        mean, std = (np.zeros(config.motion_dim), np.ones(config.motion_dim)) if stats is None else stats
        self.register_buffer("mean", torch.tensor(mean, dtype=torch.float32))
        self.register_buffer("std", torch.tensor(std, dtype=torch.float32))
        if self.language_model is not None:
            self.language_model.requires_grad_(config.tune_text_model)

    @property
    def device(self) -> torch.device:
        """The device of the weights."""
        return self.mean.device

    @property
    def fingerprint(self) -> str:
        """Hash of configuration, weights and language model: equal fingerprints are equal embeddings."""
        # A language model that is a part is among the weights.
        beside = [] if self.language_model is not None else [self.states.backbone.fingerprint]
        return weights_fingerprint(self.config.identity, self.state_dict(), *beside)

    def train(self, mode: bool = True) -> MotionTextModel:
        """As in torch, but a frozen language model stays in evaluation mode, without dropout."""
        super().train(mode)
        if self.language_model is not None and not self.config.tune_text_model:
            self.language_model.eval()
        return self

    def to(self, *args: Any, **kwargs: Any) -> MotionTextModel:
        """As in torch; a frozen language model, which is not a submodule, moves to the same device."""
        super().to(*args, **kwargs)
        self.states.backbone.to(self.device)
        return self

    def normalise(self, motions: Float[Tensor, "batch frames dim"]) -> Float[Tensor, "batch frames dim"]:
        """Features for the encoder, and as the decoder returns them: mean 0, standard deviation 1."""
        return (motions - self.mean) / self.std

    def denormalise(self, motions: Float[Tensor, "batch frames dim"]) -> Float[Tensor, "batch frames dim"]:
        """Features as in a corpus: undoes :meth:`normalise`."""
        return motions * self.std + self.mean

    def motion_latent(self, motions: Float[Tensor, "batch frames dim"], lengths: Tensor) -> Latent:
        """Output of the motion encoder for padded features."""
        return Latent.of(self.motion_encoder(self.normalise(motions), lengths))

    def state_latent(self, states: Float[Tensor, "batch tokens dim"], lengths: Tensor) -> Latent:
        """Output of the text encoder for padded token states of the language model."""
        return Latent.of(self.text_encoder(states, lengths))

    def token_latent(self, ids: Int[Tensor, "batch tokens"], lengths: Tensor) -> Latent:
        """Output of the text encoder for padded token ids, read by the language model that is a part of this model.

        Raises ModelError when the model has none (``config.holds_text_model``).
        """
        if self.language_model is None:
            raise ModelError("this model holds no language model: give states, or set model.own_text_model = true")
        return self.state_latent(self.language_model(ids, lengths), lengths)

    def text_latent(self, texts: Sequence[str]) -> Latent:
        """Output of the text encoder for texts; gradients reach the language model if it is trained."""
        if self.language_model is None:
            return self.state_latent(*pad(self.states.get(texts), self.device))
        return self.token_latent(*self.language_model.pad(self.language_model.tokenise(texts), self.device))

    def tokens(self, texts: Sequence[str]) -> list[TextTokens]:
        """What the language model reads of each text; what stands behind its limit changes no vector."""
        return (
            self.states.backbone.tokens(texts) if self.language_model is None else tokens_of(self.language_model, texts)
        )

    def decode(
        self, latent: Float[Tensor, "batch latent"], lengths: Tensor, frames: int | None = None
    ) -> Float[Tensor, "batch frames dim"]:
        """Normalised features (:meth:`normalise`) of motions of these lengths, zero behind each.

        ``latent`` is a point or a sample, not a unit vector. Raises ModelError when the model has no decoder.
        """
        if self.motion_decoder is None:
            raise ModelError("this model has no decoder: it was trained with model.decoder = false")
        motions: Tensor = self.motion_decoder(latent, lengths, frames)
        return motions

    def embed_motions(
        self, motions: Float[Tensor, "batch frames dim"], lengths: Tensor
    ) -> Float[Tensor, "batch latent"]:
        """Padded features -> unit vectors, with gradients."""
        return self.motion_latent(motions, lengths).unit

    def embed_states(self, states: Float[Tensor, "batch tokens dim"], lengths: Tensor) -> Float[Tensor, "batch latent"]:
        """Padded token states of the language model -> unit vectors, with gradients."""
        return self.state_latent(states, lengths).unit

    def embed_texts(self, texts: Sequence[str]) -> Float[Tensor, "batch latent"]:
        """Texts -> unit vectors, with gradients, through the language model too if it is trained."""
        return self.text_latent(texts).unit

    def encode_motion(
        self,
        motions: MotionInput | Sequence[MotionInput],
        *,
        batch_size: int = 256,
        show_progress: bool = False,
        names: Sequence[str] | None = None,
    ) -> Float[np.ndarray, "*motions latent"]:
        """Unit vectors, float32: (motions, latent), or (latent,) for a single motion without a list.

        A motion is an array of features (frames, ``config.motion_dim``), a :class:`~chronomotion.motion.motion.Motion`,
        or the path of a motion file. Errors call a list of motions by their ``names``, where given. May be called from
        several threads.

        Raises ModelError for features of another width or with numbers that are not finite, FormatError for a file that
        cannot be read.
        """
        features, single = features_list(motions, self.config.motion_dim, self.config.fps, names)

        def embed(rows: list[int]) -> Tensor:
            return self.embed_motions(*pad([features[i] for i in rows], self.device))

        step = self.config.frames_per_token
        lengths = [-(-len(rows) // step) for rows in features]
        vectors = self._encode(lengths, embed, batch_size, "encoding motions" if show_progress else "")
        return vectors[0] if single else vectors

    def encode_text(
        self, texts: str | Sequence[str], *, batch_size: int = 256, show_progress: bool = False
    ) -> Float[np.ndarray, "*texts latent"]:
        """Unit vectors, float32: (texts, latent), or (latent,) for a single string. A caption of several events is
        one string.

        May be called from several threads.
        """
        several, single = text_list(texts)
        progress_title = "encoding texts" if show_progress else ""
        language_model = self.language_model
        if language_model is None:
            states = self.states.get(several)

            def embed(rows: list[int]) -> Tensor:
                return self.embed_states(*pad([states[i] for i in rows], self.device))

            vectors = self._encode([len(rows) for rows in states], embed, batch_size, progress_title)
        else:
            ids = language_model.tokenise(several)
            vectors = self._encode(
                [len(row) for row in ids],
                lambda rows: self.token_latent(*language_model.pad([ids[i] for i in rows], self.device)).unit,
                batch_size,
                progress_title,
            )
        return vectors[0] if single else vectors

    def _encode(
        self, lengths: Sequence[int], embed: Callable[[list[int]], Tensor], batch_size: int, progress_title: str
    ) -> np.ndarray:
        """Embed in batches of similar length; rows in the order of the inputs. An empty title shows no progress bar."""
        out = np.empty((len(lengths), self.config.latent_dim), dtype=np.float32)
        places = _PLACES.get(self.device.type, _MANY_PLACES)
        batches = list(batches_by_length(lengths, places, batch_size))
        with evaluation_mode(self), torch.inference_mode():
            for rows in progress(batches, progress_title, unit="batch") if progress_title else batches:
                out[rows] = embed(rows).float().cpu().numpy()
        return out

    def similarity(
        self, texts: str | Sequence[str], motions: MotionInput | Sequence[MotionInput]
    ) -> Float[np.ndarray, "texts motions"]:
        """Cosine of every text with every motion; a single text or motion counts as a list of one."""
        rows = np.atleast_2d(self.encode_text(texts))
        return np.asarray(rows @ np.atleast_2d(self.encode_motion(motions)).T)

    def save_pretrained(self, folder: str | Path, card: ModelCard | None = None) -> None:
        """Write the model, with a model card (README.md) if it has one (:mod:`chronomotion.model.folder`).

        ``card`` replaces ``self.card``, the card of a loaded model. Raises OSError when the folder cannot be
        written to.
        """
        self.card = card or self.card
        save_model(Path(folder), self, self.config, self.language_model, self.card)

    def push_to_hub(self, name: str, *, private: bool = False, token: str | None = None) -> str:
        """Put the model with its card on the Hugging Face hub, as ``owner/name``; returns its address there.

        The repository is made where there is none. Raises ModelError when the hub does not take it.
        """
        return push(self.save_pretrained, name, private=private, token=token)

    @classmethod
    def from_pretrained(
        cls,
        folder: str | Path,
        *,
        states: TextStates | None = None,
        cache: str | Path | None = None,
        stats: StatsSource | None = None,
        text_model: str | None = None,
        device: str | torch.device = "cpu",
    ) -> MotionTextModel:
        """Load a model, ready to encode, on ``device``.

        ``folder`` is one of:

        - ``starter``, the model that comes with the package (:mod:`chronomotion.model.packaged`); a folder of that name
          is written ``./starter``;
        - a folder that :meth:`save_pretrained` wrote;
        - a published checkpoint of the CAR paper: a folder with best_model_mt.pt and .hydra/config.yaml, or a file of
          weights in it;
        - a published checkpoint of TMR: a folder with motion_encoder.pt, text_encoder.pt and motion_decoder.pt,
          directly or in last_weights;
        - a name on the hub, ``owner/name`` or ``owner/name/sub/folder``.

        Token states of texts are kept in the folder ``cache``, where given; ``states`` are shared with other models.
        ``stats`` are mean and standard deviation, or a folder with them, for published checkpoints, which do not hold
        them; ``text_model`` is the language model's folder, where its name in the settings is not available.

        Raises ModelError when there is no model, or it cannot be read.
        """
        parts = load_parts(folder, LoadOptions(stats, text_model, states, cache))
        model = cls(parts.config, stats=parts.stats, states=parts.states, language_model=parts.language_model)
        parts.fill(model)
        model.card = parts.card
        return model.eval().to(device)
