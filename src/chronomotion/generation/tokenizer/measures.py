"""How well a tokenizer gives motions back, and how many of its codes it uses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from chronomotion.corpus.corpus import Corpus
from chronomotion.generation.tokenizer.motion_tokenizer import MotionTokenizer
from chronomotion.motion.features import motion_of
from chronomotion.motion.layout import Layout

__all__ = ["ReconstructionFigures", "reconstruction_figures", "tokenizer_judge"]


@dataclass(frozen=True)
class ReconstructionFigures:
    """Errors are means over clips, frames and joints, in millimetres."""

    clips: int
    local: float
    """Of the joints in the heading frame, relative to the root's place on the floor."""
    path: float
    """Of the joints where they are, over the whole clip or its first ``seconds``."""
    end: float
    """The same in the last of these frames, of clips that are as long; nan where none is."""
    seconds: float
    used: int
    """Codes that occur."""
    perplexity: float
    """e to the entropy of the codes: as many equally frequent codes would be as varied."""


def reconstruction_figures(
    tokenizer: MotionTokenizer, motions: Sequence[Float[np.ndarray, "_ dim"]], *, seconds: float = 8.0
) -> ReconstructionFigures:
    """Encode, decode and compare motions of at least one token, features in natural units."""
    codes = tokenizer.encode(motions)
    decoded = tokenizer.decode(codes)
    layout, limit = tokenizer.config.layout, round(seconds * tokenizer.fps)
    local, path, ends = [], [], []
    for true, back in zip(motions, decoded, strict=True):
        true = true[: len(back)]
        local.append(_distances(_in_heading_frame(true, layout), _in_heading_frame(back, layout)).mean())
        errors = _distances(motion_of(true[:limit]).positions, motion_of(back[:limit]).positions).mean(axis=1)
        path.append(errors.mean())
        ends += [errors[-1]] if len(errors) == limit else []
    used, perplexity = _use(codes, tokenizer.codes)
    return ReconstructionFigures(
        len(motions),
        1000 * float(np.mean(local)),
        1000 * float(np.mean(path)),
        1000 * float(np.mean(ends)) if ends else float("nan"),
        seconds,
        used,
        perplexity,
    )


def tokenizer_judge(corpus: Corpus, split: str = "val") -> Callable[[MotionTokenizer], float] | None:
    """A function that scores a tokenizer on a split: minus the sum of its local error and its error along the path,
    millimetres. None where the corpus has no such split, or no clip of it makes a token.
    """
    if split not in corpus.splits:
        return None
    clips = [corpus.features(name) for name in corpus.split(split)]

    def judge(tokenizer: MotionTokenizer) -> float:
        figures = reconstruction_figures(tokenizer, [rows for rows in clips if len(rows) >= tokenizer.frames_per_token])
        return -(figures.local + figures.path)

    return judge if clips else None


def _in_heading_frame(rows: Float[np.ndarray, "frames dim"], layout: Layout) -> Float[np.ndarray, "frames joints 3"]:
    """Joints relative to the root's place on the floor, facing +z, metres."""
    columns = layout.columns
    joints = np.zeros((len(rows), len(layout.skeleton), 3))
    joints[:, 0, 1] = rows[:, columns.height.start]
    joints[:, 1:] = rows[:, columns.joints].reshape(len(rows), -1, 3)
    return layout.to_metres(joints)


def _distances(
    one: Float[np.ndarray, "frames joints 3"], other: Float[np.ndarray, "frames joints 3"]
) -> Float[np.ndarray, "frames joints"]:
    distances: np.ndarray = np.linalg.norm(one - other, axis=-1)
    return distances


def _use(codes: Sequence[Int[np.ndarray, " _"]], count: int) -> tuple[int, float]:
    shares = np.bincount(np.concatenate(codes), minlength=count).astype(float)
    shares = shares[shares > 0] / shares.sum()
    return len(shares), float(np.exp(-(shares * np.log(shares)).sum()))
