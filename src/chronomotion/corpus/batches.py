"""Which clips go together: batches of clips of similar length, so that little is padded."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chronomotion.seeding import Part, generator

__all__ = ["bucketed_batches"]


def bucketed_batches(lengths: Sequence[int], size: int, *identity: Part, spread: int = 8) -> list[list[int]]:
    """Indices in batches of ``size``, shuffled, each batch of clips of about the same length.

    Clips are shuffled, cut into stretches of ``spread`` batches, sorted by length within a stretch and cut into
    batches, whose order is shuffled again. So lengths within a batch are close, and a clip meets other clips in every
    epoch. A last batch that is too short is filled up with the first clips of the shuffle, because a
    contrastive loss depends on the batch size. A pure function of its arguments (identity: seed, epoch).
    """
    rng = generator("batches", *identity)
    order = rng.permutation(len(lengths))
    if len(order) % size and len(order) > size:
        order = np.concatenate([order, order[: size - len(order) % size]])
    batches: list[list[int]] = []
    for start in range(0, len(order), size * spread):
        stretch = sorted(order[start : start + size * spread].tolist(), key=lambda i: lengths[i])
        batches += [stretch[i : i + size] for i in range(0, len(stretch), size)]
    return [batches[i] for i in rng.permutation(len(batches))]
