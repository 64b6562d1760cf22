"""The loss of a batch: what the model makes of it, and the terms that the settings ask for."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from chronomotion.model.decoder import DecoderLayer
from chronomotion.model.latent import Latent
from chronomotion.model.motion_text import MotionTextModel, pad
from chronomotion.model.transformer import EncoderLayer, padding_mask
from chronomotion.training.config import TrainingConfig
from chronomotion.training.feed import Batch
from chronomotion.training.losses import (
    chronological_contrast,
    divergence,
    graded_contrast,
    latent_distance,
    reconstruction_error,
)
from chronomotion.training.processes import Processes

__all__ = ["RANKING", "Objective"]


RANKING = ("contrast", "others", "order", "jumbled")
"""Terms that every process computes for the batch of all processes; the other terms are shares of its own pairs."""


class Objective(nn.Module):
    """Batch -> terms of the loss, each with its weight. The loss is their sum, over all processes for those that are
    not in :data:`RANKING`.

    With distributions (``model.vae``) all terms but the divergences are of samples, as published.
    """

    def __init__(self, model: MotionTextModel, config: TrainingConfig, processes: Processes) -> None:
        super().__init__()
        self.model, self.config, self.processes = model, config, processes
        if config.compile:
            _compile_layers(model)

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        """Terms by name."""
        device = self.model.device
        motions, lengths = pad(batch.motions, device)
        with torch.autocast(device.type, torch.bfloat16, enabled=self.config.precision == "bfloat16"):
            shown = _wide(self.model.motion_latent(motions, lengths))
            described = _wide(self._texts(batch))
        texts, points = described.sample(), shown.sample()
        terms = self._ranking(batch, texts, points)
        captions = described[: len(batch.motions)]
        share = len(batch.motions) / sum(batch.captions)
        weights = self.config.objective
        if weights.divergence_weight:
            terms |= {
                name: share * weights.divergence_weight * value for name, value in _divergences(captions, shown).items()
            }
        both = texts[: len(points)], points
        if weights.latent_weight:
            terms["latent"] = share * weights.latent_weight * latent_distance(*both)
        if weights.reconstruction_weight:
            terms |= self._reconstructions(both, motions, lengths, share)
        return terms

    def _texts(self, batch: Batch) -> Latent:
        """Captions and shuffled captions."""
        if self.config.model.tune_text_model:
            return self.model.text_latent(batch.texts)
        return self.model.state_latent(*pad(self.model.states.get(batch.texts), self.model.device))

    def _ranking(self, batch: Batch, described: Tensor, shown: Tensor) -> dict[str, Tensor]:
        """The contrastive or graded terms, of the batches of all processes."""
        counts, unit = batch.captions, nn.functional.normalize
        described, shown = unit(described, dim=-1), unit(shown, dim=-1)
        captions = self.processes.gathered(described[: len(shown)], counts)
        shuffled = self.processes.gathered(described[len(shown) :], batch.shuffled)
        texts, motions = torch.cat([*captions, *shuffled]), torch.cat(self.processes.gathered(shown, counts))
        config, relations = self.config.objective, batch.relations.to(self.model.device)
        if config.kind == "contrast":
            loss = chronological_contrast(texts, motions, relations.same, config.temperature, config.directions)
            return {"contrast": config.contrast_weight * loss}
        terms = graded_contrast(
            texts @ motions.T,
            relations,
            temperature=config.temperature,
            order_margin=config.order_margin,
            order_temperature=config.order_temperature,
            jumbled_margin=config.jumbled_margin,
            jumbled_temperature=config.jumbled_temperature,
        )
        weights = {"others": 1.0, "order": config.order_weight, "jumbled": config.jumbled_weight}
        return {name: config.contrast_weight * weights[name] * value for name, value in terms.items()}

    def _reconstructions(
        self, points: tuple[Tensor, Tensor], motions: Tensor, lengths: Tensor, share: float
    ) -> dict[str, Tensor]:
        config = self.config.objective
        mask = padding_mask(lengths, motions.shape[1])
        if not config.padded_to:
            frames = float(lengths.sum())
            share = frames / self.processes.total(frames)
        target = self.model.normalise(motions)
        terms = {}
        for name, point in zip(("motion from text", "motion from motion"), points, strict=True):
            with torch.autocast(motions.device.type, torch.bfloat16, enabled=self.config.precision == "bfloat16"):
                decoded = self.model.decode(point, lengths, motions.shape[1])
            error = reconstruction_error(decoded.float(), target, mask, config.padded_to)
            terms[name] = share * config.reconstruction_weight * error
        return terms


def _compile_layers(model: nn.Module) -> None:
    """Layer by layer: all layers of a kind share one program, which is made in seconds. The whole model takes minutes.

    Their names, weights and what is saved of them stay as they are.
    """
    for module in model.modules():
        if isinstance(module, EncoderLayer | DecoderLayer):
            module.compile(dynamic=True)


def _wide(latent: Latent) -> Latent:
    """In float32, in which losses are computed."""
    return Latent(latent.mu.float(), None if latent.logvar is None else latent.logvar.float())


def _divergences(text: Latent, motion: Latent) -> dict[str, Tensor]:
    """The four divergences of TMR; none without distributions."""
    if text.logvar is None or motion.logvar is None:
        return {}
    return {
        "text to motion": divergence(text.mu, text.logvar, motion.mu, motion.logvar),
        "motion to text": divergence(motion.mu, motion.logvar, text.mu, text.logvar),
        "motion to normal": divergence(motion.mu, motion.logvar),
        "text to normal": divergence(text.mu, text.logvar),
    }
