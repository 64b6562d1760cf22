"""The root's path and the joints that features describe, as ``motion.features.motion_of`` recovers them, in torch: so
that an error which adds up over a motion can be trained away.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 (as everywhere in the field)

from chronomotion.motion.layout import Layout

__all__ = ["RootPath", "recovered_joints", "root_path"]


class RootPath(NamedTuple):
    """Where the root is and which way it faces, from the first frame on, at which both are 0."""

    headings: Float[Tensor, "batch frames"]
    """Radians by which the body has turned, towards the features' -x."""
    places: Float[Tensor, "batch frames 2"]
    """x and z, feature units."""


def root_path(features: Float[Tensor, "batch frames dim"], layout: Layout) -> RootPath:
    """Turns and steps of features in natural units, summed up. The last row's step leads beyond the motion."""
    columns = layout.columns
    headings = F.pad(2 * features[:, :-1, columns.yaw.start].cumsum(dim=1), (1, 0))
    steps = F.pad(features[:, :-1, columns.path], (0, 0, 1, 0))
    return RootPath(headings, torch.stack(_turned(headings, steps[..., 0], steps[..., 1]), dim=-1).cumsum(dim=1))


def recovered_joints(features: Float[Tensor, "batch frames dim"], layout: Layout) -> Float[Tensor, "b f joints 3"]:
    """Joints in the features' frame and unit."""
    columns = layout.columns
    headings, places = root_path(features, layout)
    x, y, z = (features[..., columns.joints][..., axis::3] for axis in range(3))
    x, z = _turned(headings[..., None], x, z)
    others = torch.stack([x + places[..., :1], y, z + places[..., 1:]], dim=-1)
    root = torch.stack([places[..., 0], features[..., columns.height.start], places[..., 1]], dim=-1)
    return torch.cat([root[..., None, :], others], dim=-2)


def _turned(headings: Tensor, x: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    """Out of the heading frame."""
    cos, sin = headings.cos(), headings.sin()
    return cos * x - sin * z, sin * x + cos * z
