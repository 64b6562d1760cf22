"""The legs of a skeleton, and the frame of its pelvis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from chronomotion.motion.layout import Layout
from chronomotion.motion.rotation import normalise

__all__ = ["Leg", "legs_of", "pelvis_axes"]


@dataclass(frozen=True)
class Leg:
    """Joints of one leg. Heel and toe are the joints that the contact columns speak of."""

    hip: int
    knee: int
    ankle: int
    foot: tuple[int, ...]
    """Joints beyond the ankle, from there on."""
    heel: int
    """The ankle itself (HumanML3D), or the middle of the foot (KIT-ML)."""
    toe: int
    column: int
    """Contact column of the heel; the toe's is the next."""

    @property
    def joints(self) -> tuple[int, ...]:
        """All joints below the hip."""
        return (self.knee, self.ankle, *self.foot)


def legs_of(layout: Layout) -> tuple[Leg, Leg]:
    """Both legs, in the order of the contact columns."""
    first, second = (_leg(layout, column) for column in (0, 2))
    return first, second


def _leg(layout: Layout, column: int) -> Leg:
    heel, toe = layout.feet[column : column + 2]
    chain = next(chain for chain in layout.chains if toe in chain)
    return Leg(chain[1], chain[2], chain[3], chain[4:], heel, toe, column)


def pelvis_axes(positions: Float[np.ndarray, "frames joints 3"], layout: Layout) -> Float[np.ndarray, "frames 3 3"]:
    """Left, up and forward of the pelvis as the columns of a rotation: from the hips and the lowest bone of the spine.

    Where these lie along one line, the direction of up is open, and any one is taken.
    """
    right, left = layout.hips
    trunk = next(chain for chain in layout.chains if chain[0] == 0 and not set(chain) & set(layout.feet))
    across = normalise(positions[:, left] - positions[:, right])
    up = positions[:, trunk[1]] - positions[:, 0]
    up = up - np.einsum("fi,fi->f", up, across)[:, None] * across
    lost = np.einsum("fi,fi->f", up, up) < 1e-12
    if lost.any():
        least = np.eye(3)[np.abs(across[lost]).argmin(axis=1)]
        up[lost] = least - np.einsum("fi,fi->f", least, across[lost])[:, None] * across[lost]
    up = normalise(up)
    return np.stack([across, up, np.cross(across, up)], axis=-1)
