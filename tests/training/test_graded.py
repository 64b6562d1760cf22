import math

import pytest
import torch

from chronomotion.training.losses import chronological_contrast, graded_contrast, ranked, relations

SETTINGS = {"temperature": 0.1, "order_margin": 0.2, "order_temperature": 0.05, "jumbled_margin": 0.1,
            "jumbled_temperature": 0.1}  # fmt: skip
# Motions: two orders of one story, and another story. Texts: their captions, and a shuffle of the last one.
SHOWN = [("walk", "sit"), ("sit", "walk"), ("jump", "wave")]
TOLD = [*SHOWN, ("wave", "jump")]


def unit(*shape, seed=0):
    rows = torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return torch.nn.functional.normalize(rows, dim=-1)


def slow(above, below, counts, margin, temperature):
    rows = []
    for a, candidates, chosen in zip(above.tolist(), below.tolist(), counts.tolist(), strict=True):
        if any(chosen):
            some = [b for b, c in zip(candidates, chosen, strict=True) if c]
            rows.append(math.log(1 + sum(math.exp((b + margin - a) / temperature) for b in some)))
    return sum(rows) / len(rows) if rows else 0.0


def test_ranked_is_its_formula():
    above, below = unit(5, 8)[:, 0], unit(5, 7, seed=1)
    counts = torch.rand(5, 7, generator=torch.Generator().manual_seed(2)) < 0.4
    counts[3] = False
    found = ranked(above, below, counts, 0.3, 0.1)
    assert math.isclose(found.item(), slow(above, below, counts, 0.3, 0.1), rel_tol=1e-9)
    assert ranked(above, below, torch.zeros_like(counts), 0.3, 0.1).item() == 0.0


def test_without_jumbled_texts_it_is_the_usual_contrast():
    texts, motions = unit(4, 8), unit(4, 8, seed=1)
    stories = [("a",), ("b",), ("c",), ("a",)]
    found = relations(stories, stories)
    terms = graded_contrast(texts @ motions.T, found, **SETTINGS)
    assert terms["order"].item() == terms["jumbled"].item() == 0.0
    expected = chronological_contrast(texts, motions, found.same, 0.1)
    assert math.isclose(terms["others"].item(), expected.item(), rel_tol=1e-9)


def pull(term, scores):
    """How the term moves the cosine of each text and motion when it is minimised: above 0, nearer."""
    scores = scores.requires_grad_()
    (gradient,) = torch.autograd.grad(graded_contrast(scores, relations(TOLD, SHOWN), **SETTINGS)[term], scores)
    return -gradient


@pytest.mark.parametrize(
    ("term", "right", "jumbled", "other"), [("others", 1, 0, -1), ("order", 1, -1, 0), ("jumbled", 0, 1, -1)]
)
def test_each_term_pulls_the_way_it_should(term, right, jumbled, other):
    found = relations(TOLD, SHOWN)
    moved = torch.sign(pull(term, unit(4, 8) @ unit(3, 8, seed=1).T))
    own = torch.eye(4, 3, dtype=torch.bool)
    assert (moved[own] == right).all()
    assert (moved[found.jumbled] == jumbled).all()
    rest = ~found.same & ~found.jumbled
    assert (moved[rest] == other).all()


def minimised(loss):
    """Cosines of texts and motions after a loss of both and their relations has been minimised."""
    texts, motions = unit(4, 8).requires_grad_(), unit(3, 8, seed=1).requires_grad_()
    optimizer = torch.optim.Adam([texts, motions], lr=0.02)
    for _ in range(300):
        rows = [torch.nn.functional.normalize(one, dim=-1) for one in (texts, motions)]
        optimizer.zero_grad()
        loss(*rows, relations(TOLD, SHOWN)).backward()
        optimizer.step()
    return (rows[0] @ rows[1].T).detach()


def test_minimised_it_grades_the_scores():
    scores = minimised(
        lambda texts, motions, found: sum(graded_contrast(texts @ motions.T, found, **SETTINGS).values())
    )
    found = relations(TOLD, SHOWN)
    other = ~found.same & ~found.jumbled
    for i in range(3):
        jumbled, others = scores[:, i][found.jumbled[:, i]], scores[:, i][other[:, i]]
        assert scores[i, i] > jumbled.max() + 0.2
        assert jumbled.min() > others.max() + 0.1


def test_as_negatives_of_one_softmax_jumbled_texts_end_with_the_others():
    """What the graded objective is for: the same optimisation of the usual contrast."""
    scores = minimised(lambda texts, motions, found: chronological_contrast(texts, motions, found.same, 0.1))
    found = relations(TOLD, SHOWN)
    other = ~found.same & ~found.jumbled
    assert abs(scores[found.jumbled].mean() - scores[other].mean()) < 0.2
