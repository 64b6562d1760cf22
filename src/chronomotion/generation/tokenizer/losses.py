"""The terms of a tokenizer's loss."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import smooth_l1_loss

from chronomotion.generation.tokenizer.motion_tokenizer import MotionTokenizer
from chronomotion.generation.tokenizer.recovery import root_path
from chronomotion.generation.tokenizer.training_config import TokenizerTraining

__all__ = ["reconstruction_terms"]


def reconstruction_terms(
    tokenizer: MotionTokenizer,
    settings: TokenizerTraining,
    motions: Float[Tensor, "batch frames dim"],
    decoded: Float[Tensor, "batch frames dim"],
) -> dict[str, Tensor]:
    """What separates normalised motions from those decoded, each term with its weight; terms of weight 0 are left out.

    ``features``: all columns. ``positions``: places of the joints in the heading frame once more (T2M-GPT calls this
    term velocity). ``velocity``: change of these places from frame to frame. ``heading``, in radians, and ``path``, in
    metres: where the root is and faces after all turns and steps before, so that small errors of one sign do not add
    up.
    """
    layout = tokenizer.config.layout
    terms = {"features": smooth_l1_loss(decoded, motions)}
    joints, wanted = decoded[..., layout.columns.joints], motions[..., layout.columns.joints]
    if settings.position_weight:
        terms["positions"] = settings.position_weight * smooth_l1_loss(joints, wanted)
    if settings.velocity_weight:
        terms["velocity"] = settings.velocity_weight * smooth_l1_loss(joints.diff(dim=1), wanted.diff(dim=1))
    if settings.heading_weight or settings.path_weight:
        path, wanted_path = (root_path(tokenizer.natural(rows), layout) for rows in (decoded, motions))
        turned = smooth_l1_loss(path.headings, wanted_path.headings, beta=_RADIANS)
        metres = abs(layout.axes[0])
        walked = smooth_l1_loss(metres * path.places, metres * wanted_path.places, beta=_METRES)
        terms |= {"heading": settings.heading_weight * turned, "path": settings.path_weight * walked}
    return {name: term for name, term in terms.items() if name not in _root_terms_without_weight(settings)}


_RADIANS, _METRES = 0.05, 0.05
"""Errors of the root below which the loss is quadratic."""


def _root_terms_without_weight(settings: TokenizerTraining) -> set[str]:
    weights = {"heading": settings.heading_weight, "path": settings.path_weight}
    return {name for name, weight in weights.items() if not weight}
