"""A tokenizer and a prior without weights: pieces of motions are the codes, and an event is a motion that says them.

The tokenizer smooths what it decodes over neighbouring tokens, as a decoder of convolutions does.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from chronomotion.corpus.compose.sources import ProceduralClips
from chronomotion.generation.generator import Generator
from chronomotion.generation.prior.config import PriorConfig, Sampling
from chronomotion.generation.prior.prompt import Prompt
from chronomotion.motion.features import features_of
from chronomotion.motion.layout import HUMANML3D_LAYOUT
from chronomotion.seeding import generator

ACTIONS = ("walk", "wave", "squat", "turn")
JOINTS = HUMANML3D_LAYOUT.columns.joints


def pieces() -> tuple[np.ndarray, list[list[int]]]:
    """(codes, 4, 263) pieces of motions, and the codes of each motion."""
    source, rows, rides = ProceduralClips(), [], []
    actions = [name for name in source.actions if any(word in name for word in ACTIONS)] or list(source.actions[:4])
    for action in actions[:6]:
        features = features_of(source.clip(action, "train", 0))
        count = len(features) // 4
        rides.append(list(range(len(rows), len(rows) + count)))
        rows += list(features[: 4 * count].reshape(count, 4, -1))
    return np.stack(rows).astype(np.float32), rides


class ToyTokenizer:
    """The nearest piece of four frames, and back."""

    frames_per_token, dim, fps = 4, 263, 20.0

    def __init__(self, table: np.ndarray, fingerprint: str = "toy-tokenizer") -> None:
        self.table, self.fingerprint, self.codes = table, fingerprint, len(table)
        self._std = table.reshape(-1, self.dim).std(axis=0) + 0.05
        self.most_decoded = 0

    def encode(self, features: np.ndarray) -> np.ndarray:
        count = len(features) // 4
        parts = (features[: 4 * count].reshape(count, -1)) / np.tile(self._std, 4)
        known = self.table.reshape(self.codes, -1) / np.tile(self._std, 4)
        return np.array([int(np.square(known - part).sum(axis=1).argmin()) for part in parts], dtype=np.int64)

    def decode(self, codes: np.ndarray) -> np.ndarray:
        self.most_decoded = max(self.most_decoded, len(codes))
        rows = self.table[codes].reshape(-1, self.dim)
        kernel = np.hanning(13)[1:-1] / np.hanning(13).sum()
        padded = np.pad(rows, ((5, 5), (0, 0)), mode="edge")
        smooth = np.stack([np.convolve(column, kernel, mode="valid") for column in padded.T], axis=1)
        return smooth.astype(np.float32)


class ToyPrior:
    """Each event is one of the motions, begun where it is like the code before, or, first of all, where the seed says.

    With ``wild`` that share of the codes is any code.
    """

    def __init__(
        self, table: np.ndarray, rides: list[list[int]], tokenizer: str = "toy-tokenizer", *, plan: bool = True,
        max_tokens: int = 40, max_events: int = 4, wild: float = 0.0,
    ) -> None:  # fmt: skip
        self.rides, self.codes, self.tokenizer_fingerprint, self.wild = rides, len(table), tokenizer, wild
        self.fingerprint = "toy-prior"
        self._begins, self._ends = table[:, 0, JOINTS], table[:, -1, JOINTS]
        kind = {} if plan else {"conditioning": "vector", "kind": "vector", "plan": False}
        self.config = PriorConfig(max_tokens=max_tokens, max_events=max_events, min_tokens=2, **kind)
        self.asked: list[tuple[Prompt, int | None, np.ndarray]] = []
        self.batches: list[int] = []

    def sample(
        self, prompts: Sequence[Prompt], *, seeds: Sequence[int], sampling: Sampling,
        tokens: Sequence[int | None] | None = None, prefixes: Sequence[np.ndarray] | None = None,
    ) -> list[np.ndarray]:  # fmt: skip
        assert tokens is not None
        assert prefixes is not None
        self.batches.append(len(prompts))
        self.asked += list(zip(prompts, tokens, prefixes, strict=True))
        return [self._said(*each) for each in zip(prompts, seeds, tokens, prefixes, strict=True)]

    def _said(self, prompt: Prompt, seed: int, tokens: int | None, prefix: np.ndarray) -> np.ndarray:
        draws = generator("toy", seed)
        assert len(prompt.events) <= self.config.max_events
        count = int(draws.integers(8, 14)) if tokens is None else tokens
        assert len(prefix) + count <= self.config.max_tokens
        if prompt.spans is None:
            lengths = [len(part) for part in np.array_split(np.arange(count), len(prompt.events))]
        else:
            assert prompt.spans[0][0] == len(prefix)
            lengths = [after - first for first, after in prompt.spans]
        said: list[int] = []
        for event, length in zip(prompt.events, lengths, strict=True):
            ride = self.rides[sum(event.encode()) % len(self.rides)]
            before = [*prefix.tolist(), *said]
            start = int(draws.integers(0, len(ride))) if not before else self._next(before[-1], ride)
            said += [ride[(start + k) % len(ride)] for k in range(length)]
        any_code = draws.integers(0, self.codes, size=count)
        return np.where(draws.random(count) < self.wild, any_code, said).astype(np.int64)

    def _next(self, code: int, ride: list[int]) -> int:
        """The place in a motion that begins like a code ends."""
        return int(np.square(self._begins[ride] - self._ends[code]).sum(axis=1).argmin())

    def durations(self, prompts: Sequence[Prompt]) -> list[tuple[float, ...]]:
        assert all(len(prompt.events) <= self.config.max_events for prompt in prompts)
        return [tuple(1.6 + 0.1 * (len(event) % 7) for event in prompt.events) for prompt in prompts]


def toy_generator(**settings) -> Generator:
    table, rides = pieces()
    return Generator(ToyTokenizer(table), ToyPrior(table, rides, **settings), name="toy")


def save_random_generator(folder: Path, language_model: Path) -> Path:
    """A generator of the real classes with random weights, the same every time, as training would save it."""
    import torch

    from chronomotion.generation.prior.config import CodeSpace
    from chronomotion.generation.prior.motion_prior import MotionPrior
    from chronomotion.generation.prior.texts import texts_of
    from chronomotion.generation.tokenizer.config import TokenizerConfig
    from chronomotion.generation.tokenizer.motion_tokenizer import MotionTokenizer

    rows = pieces()[0].reshape(-1, 263)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        sizes = TokenizerConfig(width=8, depth=1, levels=(4, 4))
        tokenizer = MotionTokenizer(sizes, (rows.mean(axis=0), rows.std(axis=0) * 0.3 + 1e-3)).eval()
        config = PriorConfig(
            layers=1, width=16, heads=2, max_tokens=32, max_events=3, min_tokens=3, text_model=str(language_model)
        )
        prior = MotionPrior(
            config, CodeSpace(tokenizer.codes, tokenizer.fingerprint), texts_of(str(language_model))
        ).eval()
    tokenizer.save_pretrained(folder / "tokenizer")
    prior.save_pretrained(folder)
    return folder
