"""The mirror image of a motion, made of its features alone."""

from __future__ import annotations

from functools import cache

import numpy as np
from jaxtyping import Float, Int

from chronomotion.motion.layout import Layout, layout_of_width

__all__ = ["mirrored_features"]

_POINT = (-1.0, 1.0, 1.0)
_TWO_COLUMNS = (1.0, -1.0, -1.0, -1.0, 1.0, 1.0)
"""M R M with M = diag(-1, 1, 1), of the first two columns of R, row by row."""


def mirrored_features(features: Float[np.ndarray, "frames dim"]) -> Float[np.ndarray, "frames dim"]:
    """Features of the mirror image, float32: left and right change places, and every row stays a row.

    The same numbers as by way of the motion (``features_of(motion_of(features).mirrored())``), some hundred times
    faster and without losing the last frame. Raises FormatError for features of no known layout.
    """
    order, signs = _mirror(features.shape[1])
    return np.asarray(np.asarray(features, dtype=np.float32)[:, order] * signs)


@cache
def _mirror(width: int) -> tuple[Int[np.ndarray, " dim"], Float[np.ndarray, " dim"]]:
    """Which column each one is made of, and its sign."""
    layout = layout_of_width(width)
    columns = layout.columns
    order, signs = np.arange(width), np.ones(width, dtype=np.float32)
    sides = np.array(layout.skeleton.mirror_order)
    signs[columns.yaw] = -1
    signs[columns.path.start] = -1
    for part, joints, pattern in (
        (columns.joints, sides[1:] - 1, _POINT),
        (columns.rotations, sides[1:] - 1, _TWO_COLUMNS),
        (columns.velocities, sides, _POINT),
    ):
        order[part] = order[part].reshape(len(joints), -1)[joints].reshape(-1)
        signs[part] = np.tile(pattern, len(joints))
    order[columns.contacts] = columns.contacts.start + _other_feet(layout, sides)
    return order, signs


def _other_feet(layout: Layout, sides: Int[np.ndarray, " joints"]) -> Int[np.ndarray, " feet"]:
    return np.array([layout.feet.index(int(sides[foot])) for foot in layout.feet])
