"""What the published loop does in a step, told again: the twin that training_speed.py measures ours against."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from chronomotion.corpus import Corpus
from chronomotion.language.order import shuffles
from chronomotion.language.wording import as_written
from chronomotion.model.decoder import DecoderLayer
from chronomotion.model.motion_text import MotionTextModel
from chronomotion.model.transformer import EncoderLayer, padding_mask
from chronomotion.training.config import TrainingConfig
from chronomotion.training.losses import (
    chronological_contrast,
    divergence,
    latent_distance,
    reconstruction_error,
    similar_sentences,
)

__all__ = ["NaiveLoop"]

FRAMES, TOKENS = 224, 128


class _EncoderLayer(nn.TransformerEncoderLayer):
    """Torch's own, called as ours is."""

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:  # type: ignore[override]
        return super().forward(x, src_key_padding_mask=~mask[:, 0, 0])


class _DecoderLayer(nn.TransformerDecoderLayer):
    """Torch's own, called as ours is."""

    def forward(self, x: Tensor, memory: Tensor, mask: Tensor) -> Tensor:  # type: ignore[override]
        return super().forward(x, memory[:, None], tgt_key_padding_mask=~mask[:, 0, 0])


def with_torchs_layers(model: nn.Module) -> None:
    """The model with torch's own layers in the place of ours, which have the same weights."""
    torchs: dict[type[nn.Module], type[nn.Module]] = {EncoderLayer: _EncoderLayer, DecoderLayer: _DecoderLayer}
    for module in model.modules():
        if type(module) in torchs:
            module.__class__ = torchs[type(module)]


class NaiveLoop:
    """Every caption is tokenised and read in every step, padded to 128 tokens, the shuffled ones by themselves;
    sentence embeddings are computed in every step; motions are padded to 224 frames; both latents are decoded. The
    layers are torch's own, in float32, as in the published code.
    """

    def __init__(self, config: TrainingConfig, corpus: Corpus) -> None:
        from transformers import AutoModel, AutoTokenizer

        self.config, self.corpus = config, corpus
        self.model = MotionTextModel(config.model).train()
        with_torchs_layers(self.model)
        folder = Path(config.model.text_model)
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.language_model = AutoModel.from_pretrained(folder).train(config.model.tune_text_model)
        self.language_model.requires_grad_(config.model.tune_text_model)
        sentences = Path(config.objective.sentence_model)
        self.sentence_model = AutoModel.from_pretrained(sentences, add_pooling_layer=False).eval()
        parameters = [*self.model.parameters(), *self.language_model.parameters()]
        self.optimizer = torch.optim.AdamW([one for one in parameters if one.requires_grad], lr=1e-4)
        # Our model's own copy of a tuned language model is not used here, and takes no memory.
        self.model.language_model = None

    def step(self, names: Sequence[str]) -> float:
        """One step on these clips."""
        told = [(name, events) for name in names if (events := self.corpus.captions(name)[0].events) is not None]
        texts = [as_written(events.texts) for _, events in told]
        orders = [(events, order) for name, events in told for order in shuffles(events.keys, 1, name)]
        wrong = [as_written(events.reordered(order).texts) for events, order in orders]
        loss = self.loss([self.corpus.features(name) for name in names], texts, wrong)
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        return float(loss.item())

    def loss(self, motions: Sequence[np.ndarray], texts: Sequence[str], wrong: Sequence[str]) -> Tensor:
        """Of motions, the caption of each, and shuffled captions."""
        padded, lengths = self._padded(motions)
        shown = self.model.motion_latent(padded, lengths)
        return self._loss(padded, lengths, shown, self._read(texts), self._read(wrong), self.sentences(texts))

    def _padded(self, motions: Sequence[np.ndarray]) -> tuple[Tensor, Tensor]:
        padded = np.zeros((len(motions), FRAMES, self.config.model.motion_dim), dtype=np.float32)
        for row, motion in zip(padded, motions, strict=True):
            row[: len(motion)] = motion[:FRAMES]
        return torch.from_numpy(padded), torch.tensor([min(FRAMES, len(motion)) for motion in motions])

    def _read(self, texts: Sequence[str]) -> Any:
        ids = self.tokenizer(list(texts), padding="max_length", max_length=TOKENS, truncation=True, return_tensors="pt")
        states = self.language_model(input_ids=ids["input_ids"], attention_mask=ids["attention_mask"]).last_hidden_state
        return self.model.state_latent(states, ids["attention_mask"].sum(dim=1))

    def sentences(self, texts: Sequence[str]) -> Tensor:
        """Embeddings of captions, as unit vectors."""
        ids = self.tokenizer(list(texts), padding=True, return_tensors="pt")
        mask = ids["attention_mask"]
        with torch.no_grad():
            states = self.sentence_model(input_ids=ids["input_ids"], attention_mask=mask).last_hidden_state
        mean = (states * mask[..., None]).sum(dim=1) / mask.sum(dim=1, keepdim=True)
        return torch.nn.functional.normalize(mean, dim=-1)

    def _loss(
        self, motions: Tensor, lengths: Tensor, shown: Any, told: Any, shuffled: Any, sentences: Tensor
    ) -> Tensor:
        weights = self.config.objective
        points = told.sample(), shown.sample()
        texts = torch.nn.functional.normalize(torch.cat([points[0], shuffled.sample()]), dim=-1)
        same = torch.zeros(len(texts), len(motions), dtype=torch.bool)
        same[: len(motions)] = similar_sentences(sentences, weights.sentence_threshold)
        unit = torch.nn.functional.normalize(points[1], dim=-1)
        loss = weights.contrast_weight * chronological_contrast(texts, unit, same, weights.temperature, "mean")
        loss = loss + weights.latent_weight * latent_distance(*points)
        mask = padding_mask(lengths, FRAMES)
        for point in points:
            decoded = self.model.decode(point, lengths, FRAMES)
            error = reconstruction_error(decoded, self.model.normalise(motions), mask, FRAMES)
            loss = loss + weights.reconstruction_weight * error
        if told.logvar is not None:
            for one in (
                divergence(told.mu, told.logvar, shown.mu, shown.logvar),
                divergence(shown.mu, shown.logvar, told.mu, told.logvar),
                divergence(shown.mu, shown.logvar),
                divergence(told.mu, told.logvar),
            ):
                loss = loss + weights.divergence_weight * one
        return loss
