"""Distances between sets of embeddings, to the published definitions (Guo et al., CVPR 2022). Each says what it needs.

Rows are embeddings of an evaluator, in no unit: figures of two evaluators cannot be compared.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from chronomotion.errors import ChronomotionError
from chronomotion.seeding import Part, generator

__all__ = [
    "BATCH",
    "DIVERSITY_PAIRS",
    "MULTIMODALITY_MOTIONS",
    "MULTIMODALITY_PAIRS",
    "TooFewError",
    "diversity",
    "fid",
    "matching_distance",
    "multimodality",
    "precision_ceiling",
    "r_precision",
]

BATCH = 32
DIVERSITY_PAIRS = 300
MULTIMODALITY_MOTIONS, MULTIMODALITY_PAIRS = 30, 10


class TooFewError(ChronomotionError):
    """There are too few motions for a measure; the message says how many there are and how many it needs."""


def fid(first: Float[np.ndarray, "n dim"], second: Float[np.ndarray, "m dim"]) -> float:
    """Frechet distance of the normal distributions fitted to two sets:

        |mean_1 - mean_2|^2 + tr(C_1 + C_2 - 2 (C_1 C_2)^(1/2)),    covariances with n - 1.

    The trace of the root is the sum of the roots of the eigenvalues of C_1 C_2; real parts, and 0 where they are below.
    Raises TooFewError where a set has no more motions than dimensions: its covariance is singular, and the distance
    then tells how many motions there are more than what they are.
    """
    for rows in (first, second):
        if len(rows) <= rows.shape[1]:
            raise TooFewError(
                f"a covariance of {rows.shape[1]} dimensions needs more than {rows.shape[1]} motions, there are "
                f"{len(rows)}"
            )
    first, second = first.astype(np.float64), second.astype(np.float64)
    covariances = [np.atleast_2d(np.cov(rows, rowvar=False)) for rows in (first, second)]
    eigenvalues = np.linalg.eigvals(covariances[0] @ covariances[1]).real
    root = np.sqrt(np.maximum(eigenvalues, 0.0)).sum()
    apart = first.mean(axis=0) - second.mean(axis=0)
    return float(apart @ apart + np.trace(covariances[0]) + np.trace(covariances[1]) - 2 * root)


def r_precision(
    texts: Float[np.ndarray, "n dim"], motions: Float[np.ndarray, "n dim"], *, top: int = 3, batch: int = BATCH
) -> Float[np.ndarray, " top"]:
    """Share of texts whose own motion is among the 1, 2, ..., ``top`` nearest of its batch (Euclidean).

    Row i of both belong together; batches are rows in order, and an incomplete last one is dropped. Where k motions are
    equally near, each place among them is as likely. Raises TooFewError for less than a batch.
    """
    hits = np.zeros(top)
    batches = _batches(texts, motions, batch)
    for text_rows, motion_rows in batches:
        distances = np.sqrt(np.square(text_rows[:, None] - motion_rows[None]).sum(axis=-1))
        right = np.diagonal(distances)[:, None]
        nearer, level = (distances < right).sum(axis=1), (distances == right).sum(axis=1)
        places = np.arange(1, top + 1)[:, None]
        hits += np.clip((places - nearer) / level, 0.0, 1.0).sum(axis=1)
    return np.asarray(hits / (len(batches) * batch))


def precision_ceiling(texts: list[str], *, top: int = 3, batch: int = BATCH) -> Float[np.ndarray, " top"]:
    """R-precision of who knows everything: texts that are the same words in a batch cannot be told apart.

    Raises TooFewError for less than a batch.
    """
    count = _full_batches(len(texts), batch)
    places = np.arange(1, top + 1)
    hits = np.zeros(top)
    for start in range(0, count * batch, batch):
        together = texts[start : start + batch]
        same = np.array([together.count(text) for text in together])
        hits += np.minimum(places[:, None] / same, 1.0).sum(axis=1)
    return np.asarray(hits / (count * batch))


def matching_distance(
    texts: Float[np.ndarray, "n dim"], motions: Float[np.ndarray, "n dim"], *, batch: int = BATCH
) -> float:
    """MM-distance: mean Euclidean distance of a text and its own motion, over the rows of complete batches.

    Raises TooFewError for less than a batch.
    """
    rows = _full_batches(len(texts), batch) * batch
    apart = texts[:rows].astype(np.float64) - motions[:rows].astype(np.float64)
    return float(np.linalg.norm(apart, axis=1).mean())


def diversity(motions: Float[np.ndarray, "n dim"], *identity: Part, pairs: int = DIVERSITY_PAIRS) -> float:
    """Mean distance of pairs: two draws of 300 motions each without replacement, independent of one another.

    A motion may meet itself. There is no best value: the one of real motions is what to be near to.
    Raises TooFewError where there are not so many.
    """
    if len(motions) < pairs:
        raise TooFewError(f"diversity draws {pairs} motions without replacement, there are {len(motions)}")
    rng = generator("diversity", *identity)
    first, second = (rng.permutation(len(motions))[:pairs] for _ in range(2))
    rows = motions.astype(np.float64)
    return float(np.linalg.norm(rows[first] - rows[second], axis=1).mean())


def multimodality(
    motions: Float[np.ndarray, "texts n dim"], *identity: Part, pairs: int = MULTIMODALITY_PAIRS
) -> float:
    """Mean distance of motions of one text: of ``n`` (published: 30) two draws of 10 without replacement each, the same
    for all texts. Raises TooFewError where there are not so many.
    """
    if motions.shape[0] == 0 or motions.shape[1] < pairs:
        raise TooFewError(
            f"multimodality draws {pairs} motions of each text, there are {motions.shape[0]} texts with "
            f"{motions.shape[1]}"
        )
    rng = generator("multimodality", *identity)
    first, second = (rng.permutation(motions.shape[1])[:pairs] for _ in range(2))
    rows = motions.astype(np.float64)
    return float(np.linalg.norm(rows[:, first] - rows[:, second], axis=-1).mean())


def _full_batches(count: int, batch: int) -> int:
    if count < batch:
        raise TooFewError(f"R-precision and MM-distance need a batch of {batch} motions, there are {count}")
    return count // batch


def _batches(
    texts: Float[np.ndarray, "n dim"], motions: Float[np.ndarray, "n dim"], batch: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    starts = range(0, _full_batches(len(texts), batch) * batch, batch)
    texts, motions = texts.astype(np.float64), motions.astype(np.float64)
    return [(texts[start : start + batch], motions[start : start + batch]) for start in starts]
