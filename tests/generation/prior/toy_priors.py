"""Small priors with random weights, and texts whose states are a function of their words."""

from dataclasses import replace

import numpy as np
import torch

from chronomotion.generation.prior.config import CodeSpace, PriorConfig, PriorTraining
from chronomotion.generation.prior.motion_prior import MotionPrior
from chronomotion.generation.prior.prompt import Prompt
from chronomotion.generation.tokenizer.config import TokenizerConfig
from chronomotion.generation.tokenizer.motion_tokenizer import MotionTokenizer
from chronomotion.seeding import generator

SPACE = CodeSpace(codes=20, fingerprint="toy tokenizer")
SIZES = {"layers": 2, "width": 16, "heads": 2, "max_tokens": 24, "min_tokens": 2, "max_events": 12, "dropout": 0.1}
PLAIN = {"shift_share": 0.0, "text_dropout": 0.0, "plan_dropout": 0.0, "continuation_share": 0.0}
"""Rows as they are."""
VECTOR = {"kind": "vector", "conditioning": "vector", "plan": False}

WALK, SIT, WAVE = "a person walks.", "a person sits down.", "a person waves."


class ToyTexts:
    """A state for each word; ``read`` counts the texts that were asked for."""

    name = "toy texts"
    vector_dim = 12
    state_dim = 12

    def __init__(self, fingerprint="toy texts 1"):
        self.fingerprint = fingerprint
        self.read = []

    def prepare(self, texts):
        self.read += list(texts)

    def vectors(self, texts):
        return np.stack([states.mean(axis=0) for states in self.states(texts)])

    def states(self, texts):
        return [np.stack([self._word(word) for word in text.split()]) for text in texts]

    def save(self, folder):
        pass

    def _word(self, word):
        return generator(self.fingerprint, word).normal(size=self.state_dim).astype(np.float32)


def prior(texts=None, seed=0, scale=8.0, **sizes):
    """Random weights; larger than at the start of a training, so that what is read matters."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        made = MotionPrior(PriorConfig(**{**SIZES, **sizes}), SPACE, texts or ToyTexts())
        with torch.no_grad():
            for weights in made.parameters():
                weights.copy_(torch.randn_like(weights) * 0.02 * scale + (weights.mean() if weights.dim() == 1 else 0))
    return made.eval()


def prompt(*events, spans=None, text=None):
    return Prompt(text or " ".join(events), events, spans)


def some_codes(*lengths, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.integers(SPACE.codes, size=length) for length in lengths]


def toy_tokenizer(corpus, seed=0):
    """Random weights and the corpus's statistics."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        config = TokenizerConfig(width=16, depth=1, levels=(8, 4), dim=corpus.dim, fps=corpus.fps)
        tokenizer = MotionTokenizer(config, corpus.stats).eval()
        with torch.no_grad():
            tokenizer.encoder.model[-1].weight *= 15  # else all motions have one and the same code
        return tokenizer


def training(**changes):
    sizes = {name: changes.pop(name) for name in list(changes) if name in PriorConfig.__dataclass_fields__}
    settings = PriorTraining(
        model=PriorConfig(**{**SIZES, **sizes}), epochs=2, batch_size=8, learning_rate=3e-3, warmup_steps=2
    )
    return replace(settings, **changes)
