"""T2M-GPT's tokenizer in plain numpy, written from its description: one number at a time where it matters, float64,
nothing shared with the package. Weights by the names of the published checkpoints.
"""

from __future__ import annotations

import numpy as np


def convolved(x, weight, bias, *, stride=1, padding=0, dilation=1):
    """(ins, frames) -> (outs, frames'), zeros beyond the ends."""
    outs, ins, taps = weight.shape
    padded = np.zeros((ins, x.shape[1] + 2 * padding))
    padded[:, padding : padding + x.shape[1]] = x
    count = (padded.shape[1] - dilation * (taps - 1) - 1) // stride + 1
    y = np.empty((outs, count))
    for t in range(count):
        seen = padded[:, [t * stride + k * dilation for k in range(taps)]]
        y[:, t] = [np.sum(weight[o] * seen) + bias[o] for o in range(outs)]
    return y


class PublishedTwin:
    """Weights ``vqvae.*`` -> codes and features."""

    def __init__(self, net, down, depth):
        self.net = {name: np.asarray(value, dtype=np.float64) for name, value in net.items()}
        self.down, self.depth = down, depth

    def _conv(self, x, name, **how):
        return convolved(x, self.net[f"vqvae.{name}.weight"], self.net[f"vqvae.{name}.bias"], **how)

    def _blocks(self, x, name):
        for number in range(self.depth):
            dilation = 3 ** (self.depth - 1 - number)
            inner = np.maximum(x, 0)
            inner = self._conv(inner, f"{name}.model.{number}.conv1", padding=dilation, dilation=dilation)
            x = x + self._conv(np.maximum(inner, 0), f"{name}.model.{number}.conv2")
        return x

    def latents(self, motion):
        """(frames, dim), normalised -> (tokens, width)."""
        x = np.maximum(self._conv(motion.T, "encoder.model.0", padding=1), 0)
        for level in range(2, 2 + self.down):
            x = self._conv(x, f"encoder.model.{level}.0", stride=2, padding=1)
            x = self._blocks(x, f"encoder.model.{level}.1")
        return self._conv(x, f"encoder.model.{2 + self.down}", padding=1).T

    def codes(self, motion):
        """The nearest codebook rows."""
        distances = np.linalg.norm(self.latents(motion)[:, None] - self.net["vqvae.quantizer.codebook"][None], axis=2)
        return distances.argmin(axis=1)

    def decoded(self, codes):
        """Codes -> (4 x tokens, dim), normalised."""
        x = self.net["vqvae.quantizer.codebook"][codes].T
        x = np.maximum(self._conv(x, "decoder.model.0", padding=1), 0)
        for level in range(2, 2 + self.down):
            x = self._blocks(x, f"decoder.model.{level}.0")
            x = np.repeat(x, 2, axis=1)
            x = self._conv(x, f"decoder.model.{level}.2", padding=1)
        x = np.maximum(self._conv(x, f"decoder.model.{2 + self.down}", padding=1), 0)
        return self._conv(x, f"decoder.model.{4 + self.down}", padding=1).T


def random_net(dim, width, codes, down, depth, seed):
    """Weights as published checkpoints name them."""
    rng = np.random.default_rng(seed)
    net = {}

    def conv(name, ins, outs, taps):
        # latents as large as codebook rows, and features of the size of normalised ones
        gain = np.float32(np.sqrt((2 if name.startswith("encoder") else 0.5) / (ins * taps)))
        net[f"vqvae.{name}.weight"] = rng.normal(size=(outs, ins, taps)).astype(np.float32) * gain
        net[f"vqvae.{name}.bias"] = 0.1 * rng.normal(size=outs).astype(np.float32)

    def blocks(name):
        for number in range(depth):
            conv(f"{name}.model.{number}.conv1", width, width, 3)
            conv(f"{name}.model.{number}.conv2", width, width, 1)

    conv("encoder.model.0", dim, width, 3)
    conv("decoder.model.0", width, width, 3)
    for level in range(2, 2 + down):
        conv(f"encoder.model.{level}.0", width, width, 4)
        blocks(f"encoder.model.{level}.1")
        blocks(f"decoder.model.{level}.0")
        conv(f"decoder.model.{level}.2", width, width, 3)
    conv(f"encoder.model.{2 + down}", width, width, 3)
    conv(f"decoder.model.{2 + down}", width, width, 3)
    conv(f"decoder.model.{4 + down}", width, dim, 3)
    net["vqvae.quantizer.codebook"] = rng.normal(size=(codes, width)).astype(np.float32)
    return net
