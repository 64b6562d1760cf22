"""A small tokenizer, and motions for it."""

from __future__ import annotations

import numpy as np
import torch

from chronomotion.generation.tokenizer.config import TokenizerConfig
from chronomotion.generation.tokenizer.motion_tokenizer import MotionTokenizer

LENGTHS = (64, 64, 67, 120, 8, 4, 3)


def motions(dim=263, lengths=LENGTHS):
    rng = np.random.default_rng(0)
    return [rng.normal(size=(frames, dim)).astype(np.float32) for frames in lengths]


def small_tokenizer(**values):
    """Random weights, with a codebook that has been filled."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        config = TokenizerConfig(**{"width": 16, "depth": 2, "codebook_size": 32, **values})
        rng = np.random.default_rng(1)
        stats = rng.normal(size=config.dim), rng.uniform(0.5, 2.0, size=config.dim)
        tokenizer = MotionTokenizer(config, stats)
        tokenizer.train()(torch.randn(8, 64, config.dim))
        tokenizer.quantizer.advance()
    return tokenizer.eval()
