"""The graded objective: the right order, then another order of the same events, then other events."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from chronomotion.training.losses.stories import Relations

__all__ = ["graded_contrast", "ranked"]


def ranked(
    above: Float[Tensor, pairs],
    below: Float[Tensor, "pairs candidates"],
    counts: Bool[Tensor, "pairs candidates"],
    margin: float,
    temperature: float,
) -> Float[Tensor, ""]:
    """How far each score is from lying a margin above its candidates: mean of log( 1 + sum_c exp((b_c + m - a) / t) ).

    A smooth form of max_c (b_c + m - a)_+ / t, in which the nearest candidates weigh most. With m = 0 it is the
    cross-entropy of a contrastive loss, a softmax with a against all b. ``counts`` says which candidates there are; the
    mean is over pairs that have one, and 0 without any such pair.
    """
    excess = ((below + margin - above[:, None]) / temperature).masked_fill(~counts, float("-inf"))
    some = counts.any(dim=1)
    if not bool(some.any()):
        return above.sum() * 0.0
    zero = torch.zeros_like(above[:, None])
    return torch.logsumexp(torch.cat([zero, excess], dim=1), dim=1)[some].mean()


def graded_contrast(
    scores: Float[Tensor, "texts motions"],
    relations: Relations,
    *,
    temperature: float,
    order_margin: float,
    order_temperature: float,
    jumbled_margin: float,
    jumbled_temperature: float,
) -> dict[str, Float[Tensor, ""]]:
    """Three terms that together ask s(right order) > s(another order of the same events) > s(other events).

    ``scores`` S are cosines of N captions, one for each of the N motions, and K shuffled captions (rows) with the
    motions, as in :func:`~chronomotion.training.losses.contrast.chronological_contrast`. For motion i, the texts fall
    into three groups: those that describe it (``relations.same``), those that describe its events in another order
    (``relations.jumbled``: J_i, its shuffles and its twin's caption among them), and the others (O_i). With
    R(a; B, m, t) of :func:`ranked`:

    - ``others``  = R( S_ii; S_ji for j in O_i, 0, t ): the usual contrast, from which jumbled texts are left out;
    - ``order``   = R( S_ii; S_ji for j in J_i, m_order, t_order ): the right order above every jumbled one;
    - ``jumbled`` = mean over j in J_i of R( S_ji; S_ki for k in O_i, m_jumbled, t_jumbled ): a jumbled description
      still above other events.

    Each is the sum of this direction (motion to text) and the other one (text to motion, where a text's jumbled motions
    are those that show its events in another order). ``order`` is soon 0, since it asks for no more than a margin. It
    does not limit how near a jumbled text may be to OTHER motions. As negatives of full strength in one softmax,
    jumbled texts would be pushed as far away as texts about something else, and would no longer find their motion.
    """
    count = scores.shape[1]
    right = scores.diagonal()
    other = ~relations.same & ~relations.jumbled
    terms = {"others": right.new_zeros(()), "order": right.new_zeros(()), "jumbled": right.new_zeros(())}
    # Rows are the queries of each direction: every motion against all texts, every caption against all motions.
    for queries, jumbled, others in (
        (scores.T, relations.jumbled.T, other.T),
        (scores[:count], relations.jumbled[:count], other[:count]),
    ):
        terms["others"] = terms["others"] + ranked(right, queries, others, 0.0, temperature)
        terms["order"] = terms["order"] + ranked(right, queries, jumbled, order_margin, order_temperature)
    for queries, jumbled, others in ((scores.T, relations.jumbled.T, other.T), (scores, relations.jumbled, other)):
        query, candidate = jumbled.nonzero(as_tuple=True)
        near = queries[query, candidate]
        above = ranked(near, queries[query], others[query], jumbled_margin, jumbled_temperature)
        terms["jumbled"] = terms["jumbled"] + above
    return terms
