import math

import numpy as np
import torch

from chronomotion.training.losses import chronological_contrast, same_story


def naive(texts, motions, same, temperature):
    """The two equations of the paper, pair by pair."""
    count = len(motions)
    scores = (texts @ motions.T).tolist()
    t2m = m2t = 0.0
    for i in range(count):
        own = math.exp(scores[i][i] / temperature)
        columns = [j for j in range(count) if j == i or not same[i][j]]
        t2m -= math.log(own / sum(math.exp(scores[i][j] / temperature) for j in columns)) / count
        rows = [j for j in range(len(scores)) if j == i or not same[j][i]]
        m2t -= math.log(own / sum(math.exp(scores[j][i] / temperature) for j in rows)) / count
    return t2m + m2t


def unit(count, rng):
    rows = torch.tensor(rng.normal(size=(count, 8)), dtype=torch.float64)
    return torch.nn.functional.normalize(rows, dim=-1)


def test_the_loss_is_that_of_the_equations():
    rng = np.random.default_rng(0)
    for extra in (0, 3, 12):
        texts, motions = unit(6 + extra, rng), unit(6, rng)
        same = torch.tensor(rng.random((6 + extra, 6)) < 0.2)
        found = chronological_contrast(texts, motions, same, 0.1)
        assert math.isclose(found.item(), naive(texts, motions, same.tolist(), 0.1), rel_tol=1e-9)


def test_a_shuffle_that_tells_another_motion_is_not_pushed_away():
    motions = torch.nn.functional.normalize(torch.randn(2, 8), dim=-1)
    texts = torch.cat([motions, motions[1:]]).requires_grad_()  # the shuffle of text 0 tells exactly motion 1
    same = same_story([("a", "b"), ("b", "a"), ("b", "a")], [("a", "b"), ("b", "a")])
    chronological_contrast(texts, motions, same, 0.1).backward()
    pushed_by_motion_0_only = texts.grad[2]
    assert torch.allclose(torch.nn.functional.normalize(pushed_by_motion_0_only, dim=-1), motions[0], atol=1e-5)
