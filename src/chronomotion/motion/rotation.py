"""Rotations as unit quaternions (w, x, y, z), over any leading axes.

A rotation ``q`` and its negative are the same rotation. ``multiply(a, b)`` turns by ``b`` first and then by ``a``.
Leading axes broadcast as numpy's do, so one rotation can turn many vectors.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float

__all__ = [
    "about_y",
    "from_matrix",
    "inverse",
    "matrix",
    "multiply",
    "normalise",
    "rotate",
    "shortest_arc",
    "two_columns",
]

_HALF_TURN = 1e-12
"""Below this share of the vectors' lengths, the cross product of opposite vectors is rounding noise."""


def normalise(vectors: Float[np.ndarray, "*n dim"]) -> Float[np.ndarray, "*n dim"]:
    """Vectors at length 1; a vector of length 0 stays 0."""
    length = np.sqrt(_dot(vectors, vectors))
    unit: np.ndarray = vectors / np.where(length > 0, length, 1)
    return unit


def multiply(first: Float[np.ndarray, "*#n 4"], second: Float[np.ndarray, "*#n 4"]) -> Float[np.ndarray, "*#n 4"]:
    """Hamilton product ``first * second``: the rotation ``second``, then the rotation ``first``."""
    aw, ax, ay, az = _components(first)
    bw, bx, by, bz = _components(second)
    return _joined(
        aw * bw - ax * bx - ay * by - az * bz,
        aw * bx + ax * bw + ay * bz - az * by,
        aw * by - ax * bz + ay * bw + az * bx,
        aw * bz + ax * by - ay * bx + az * bw,
    )


def inverse(rotations: Float[np.ndarray, "*n 4"]) -> Float[np.ndarray, "*n 4"]:
    """The inverse rotations (for unit quaternions, the conjugates)."""
    conjugate: np.ndarray = rotations * np.array([1, -1, -1, -1], dtype=rotations.dtype)
    return conjugate


def rotate(rotations: Float[np.ndarray, "*#n 4"], vectors: Float[np.ndarray, "*#n 3"]) -> Float[np.ndarray, "*#n 3"]:
    """Vectors turned by unit quaternions."""
    w, x, y, z = _components(rotations)
    vx, vy, vz = _components(vectors)
    # v + 2w (q x v) + 2 q x (q x v): fewer products than q v q*.
    tx, ty, tz = 2 * (y * vz - z * vy), 2 * (z * vx - x * vz), 2 * (x * vy - y * vx)
    return _joined(
        vx + w * tx + y * tz - z * ty,
        vy + w * ty + z * tx - x * tz,
        vz + w * tz + x * ty - y * tx,
    )


def shortest_arc(source: Float[np.ndarray, "*#n 3"], target: Float[np.ndarray, "*#n 3"]) -> Float[np.ndarray, "*#n 4"]:
    """The smallest rotation that turns one direction onto another: (|u||v| + u.v, u x v), normalised, so w >= 0.

    Lengths do not matter. Opposite directions have no single shortest arc: they get the half turn about the axis
    nearest to vertical. A vector of length 0 has no direction and gets no rotation.
    """
    ux, uy, uz = _components(source)
    vx, vy, vz = _components(target)
    lengths = np.sqrt(_dot(source, source) * _dot(target, target))
    w = lengths + ux * vx + uy * vy + uz * vz
    x, y, z = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
    norm = np.sqrt(w * w + x * x + y * y + z * z)
    undefined = norm <= _HALF_TURN * lengths
    if undefined.any():
        norm[undefined] = 1
    arcs = _joined(w / norm, x / norm, y / norm, z / norm)
    if undefined.any():
        _define(arcs, undefined[..., 0], source, lengths[..., 0] == 0)
    return arcs


def about_y(angles: Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*n 4"]:
    """Rotations about the vertical by angles in radians; a positive angle turns +z towards +x."""
    half = angles[..., None] / 2
    zero = np.zeros_like(half)
    return _joined(np.cos(half), zero, np.sin(half), zero)


def two_columns(rotations: Float[np.ndarray, "*n 4"]) -> Float[np.ndarray, "*n 6"]:
    """The first two columns of the rotation matrix, one after the other (the "6D" form of Zhou et al., 2019)."""
    w, x, y, z = _components(rotations)
    xx, yy, zz, xy, xz, yz, wx, wy, wz = x * x, y * y, z * z, x * y, x * z, y * z, w * x, w * y, w * z
    return _joined(1 - 2 * (yy + zz), 2 * (xy + wz), 2 * (xz - wy), 2 * (xy - wz), 1 - 2 * (xx + zz), 2 * (yz + wx))


def matrix(rotations: Float[np.ndarray, "*n 4"]) -> Float[np.ndarray, "*n 3 3"]:
    """Rotation matrices: ``matrix(q) @ v`` is ``rotate(q, v)``."""
    w, x, y, z = _components(rotations)
    third = _joined(2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y))
    columns = np.concatenate([two_columns(rotations), third], axis=-1)
    return np.swapaxes(columns.reshape(*rotations.shape[:-1], 3, 3), -1, -2)


def from_matrix(rotations: Float[np.ndarray, "frames 3 3"]) -> Float[np.ndarray, "frames 4"]:
    """Quaternions of rotation matrices; of q and -q the one nearer to the frame before, so that curves run on."""
    m = rotations
    # Four times the products of w, x, y and z with each other. The row of the largest is far from rounding noise.
    products = np.empty((len(m), 4, 4))
    trace = m[:, 0, 0] + m[:, 1, 1] + m[:, 2, 2]
    products[:, 0, 0] = 1 + trace
    for axis in range(3):
        second, third = (axis + 1) % 3, (axis + 2) % 3
        products[:, axis + 1, axis + 1] = 1 + 2 * m[:, axis, axis] - trace
        products[:, 0, axis + 1] = products[:, axis + 1, 0] = m[:, third, second] - m[:, second, third]
        products[:, second + 1, third + 1] = products[:, third + 1, second + 1] = (
            m[:, second, third] + m[:, third, second]
        )
    largest = np.einsum("fii->fi", products).argmax(axis=1)
    quaternions = normalise(products[np.arange(len(m)), largest])
    flips = np.einsum("fi,fi->f", quaternions[1:], quaternions[:-1]) < 0
    quaternions[1:][np.cumsum(flips) % 2 == 1] *= -1
    return quaternions


def _define(
    arcs: Float[np.ndarray, "*n 4"],
    undefined: Bool[np.ndarray, "*n"] | np.bool_,
    source: Float[np.ndarray, "*#n 3"],
    without_length: Bool[np.ndarray, "*n"] | np.bool_,
) -> None:
    """Fill in the arcs of opposite directions (half turns) and of vectors without a length (no rotation)."""
    unit = normalise(np.broadcast_to(source, (*arcs.shape[:-1], 3))[undefined])
    upright = np.abs(unit[:, 1:2]) > 1 - 1e-6
    up = np.where(upright, np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0]))
    axis = normalise(up - _dot(up, unit) * unit)
    arcs[undefined] = np.concatenate([np.zeros((len(axis), 1)), axis], axis=1)
    arcs[without_length] = (1, 0, 0, 0)


def _dot(first: Float[np.ndarray, "*#n dim"], second: Float[np.ndarray, "*#n dim"]) -> Float[np.ndarray, "*#n 1"]:
    dot: np.ndarray = np.einsum("...i,...i->...", first, second)[..., None]
    return dot


def _components(array: Float[np.ndarray, "*n dim"]) -> tuple[Float[np.ndarray, "*n 1"], ...]:
    return tuple(array[..., i : i + 1] for i in range(array.shape[-1]))


def _joined(*components: Float[np.ndarray, "*n 1"]) -> Float[np.ndarray, "*n dim"]:
    return np.concatenate(components, axis=-1)
