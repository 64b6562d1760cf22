"""Arguments of an index, checked: one line says which, where, and both values."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Float32, Int64

from chronomotion.errors import ConfigError

__all__ = ["checked_ids", "checked_query", "checked_rows", "checked_where", "listed"]

_LENGTHS = (0.99, 1.01)
"""What counts as length 1: float16 rounds to within .001 of it."""
_SHOWN = 3


def checked_rows(
    ids: Int64[np.ndarray, " n"], vectors: Float[np.ndarray, "rows dim"], dim: int
) -> Int64[np.ndarray, " n"]:
    """The ids of new rows. Raises ConfigError unless there is a vector of length 1 for each, and each once."""
    ids = checked_ids(ids)
    if len(ids) != len(vectors):
        raise ConfigError(f"{len(ids)} ids, but {len(vectors)} vectors: give one id for each vector")
    for start in range(0, len(ids), 1 << 16):
        _check_unit(np.asarray(vectors[start : start + (1 << 16)], np.float32), dim, ids[start : start + (1 << 16)])
    return ids


def checked_ids(ids: Int64[np.ndarray, " n"]) -> Int64[np.ndarray, " n"]:
    """Ids as int64. Raises ConfigError when one of them is there twice."""
    ids = np.asarray(ids, np.int64)
    ordered = np.sort(ids)
    twice = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    if len(twice):
        raise ConfigError(f"an id may be given once only; twice or more: {listed(twice)}")
    return ids


def checked_query(vector: Float[np.ndarray, " dim"], k: int, dim: int) -> Float32[np.ndarray, " dim"]:
    """The vector of a query as float32. Raises ConfigError unless it has length 1 and ``k`` is at least 1."""
    if k < 1:
        raise ConfigError(f"at least 1 row has to be asked for, not {k}")
    query = np.ascontiguousarray(vector, np.float32)
    _check_unit(query[None], dim, None)
    return query


def checked_where(where: Int64[np.ndarray, " allowed"]) -> Int64[np.ndarray, " allowed"]:
    """The ids that may be found. Raises ConfigError unless they are sorted."""
    where = np.asarray(where, np.int64)
    fall = np.flatnonzero(where[1:] < where[:-1])
    if len(fall):
        place = int(fall[0])
        raise ConfigError(
            f"where: the ids must be sorted, but {where[place]} stands before {where[place + 1]} (place {place})"
        )
    return where


def listed(ids: Int64[np.ndarray, " n"]) -> str:
    """The first few ids, and how many more there are."""
    more = len(ids) - _SHOWN
    return ", ".join(map(str, ids[:_SHOWN].tolist())) + (f" and {more} more" if more > 0 else "")


def _check_unit(vectors: np.ndarray, dim: int, ids: np.ndarray | None) -> None:
    """Squares of what is not finite are not finite: one sum a row says both."""
    if vectors.shape[1] != dim:
        raise ConfigError(f"vectors of {vectors.shape[1]} dimensions, but this index has {dim}: is it another model's?")
    with np.errstate(over="ignore", invalid="ignore"):
        lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
        bad = np.flatnonzero(~((lengths > _LENGTHS[0]) & (lengths < _LENGTHS[1])))
    if len(bad):
        where = "the query's vector" if ids is None else f"the vector of id {ids[bad[0]]}"
        finite = np.isfinite(vectors[bad[0]]).all()
        fault = f"has length {lengths[bad[0]]:.4g}, not 1: divide it by its length" if finite else "has NaN or infinity"
        raise ConfigError(f"{where} {fault}")
