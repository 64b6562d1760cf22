"""The counterfactual likelihood: codes are to be more probable under the right order of events than under another."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor, nn

__all__ = ["counterfactual_loss"]


def counterfactual_loss(
    right: Float[Tensor, " rows"], wrong: Float[Tensor, " rows"], scale: float
) -> Float[Tensor, ""]:
    """-log sigmoid(scale (log p(codes | right) - log p(codes | wrong))), the mean over rows; both per token. 0 without
    rows.
    """
    if not len(right):
        return right.sum()
    return -nn.functional.logsigmoid(scale * (right - wrong)).mean()
