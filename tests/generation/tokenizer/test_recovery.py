"""The root's path and the joints in torch are those of ``motion_of``."""

import numpy as np
import pytest
import torch

from chronomotion.generation.tokenizer.recovery import recovered_joints, root_path
from chronomotion.motion.features import motion_of
from chronomotion.motion.layout import HUMANML3D_LAYOUT, KITML_LAYOUT


def turning(layout, frames, seed):
    """Features of somebody who turns and walks about: any rows will do."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(frames, layout.width)) * 0.3
    rows[:, layout.columns.yaw] = 0.05 * rng.normal(size=(frames, 1)) + 0.03
    rows[:, layout.columns.path] = 0.05 * rng.normal(size=(frames, 2)) + (0.01, 0.04)
    return rows


@pytest.mark.parametrize("layout", [HUMANML3D_LAYOUT, KITML_LAYOUT], ids=["humanml3d", "kit"])
def test_joints_of_a_batch_are_those_of_each_motion(layout):
    rows = np.stack([turning(layout, 160, seed) for seed in range(3)])
    joints = recovered_joints(torch.from_numpy(rows), layout).numpy()
    for motion, wanted in zip(joints, rows, strict=True):
        np.testing.assert_allclose(layout.to_metres(motion), motion_of(wanted).positions, atol=1e-9)
    single = recovered_joints(torch.from_numpy(rows).float(), layout).numpy()
    np.testing.assert_allclose(single, joints, atol=1e-4)  # 160 steps in single precision


def test_joints_of_composed_motions(toy_corpus):
    for name in toy_corpus.split("test")[:6]:
        rows = toy_corpus.features(name)
        joints = recovered_joints(torch.from_numpy(rows[None].copy()), HUMANML3D_LAYOUT)[0].numpy()
        np.testing.assert_allclose(joints, motion_of(rows).positions, atol=1e-5)


def test_the_root_of_joints_is_the_path():
    rows = torch.from_numpy(turning(HUMANML3D_LAYOUT, 50, 0))[None]
    headings, places = root_path(rows, HUMANML3D_LAYOUT)
    assert torch.equal(recovered_joints(rows, HUMANML3D_LAYOUT)[:, :, 0, [0, 2]], places)
    torch.testing.assert_close(headings[0, -1], 2 * rows[0, :-1, 0].sum())
    assert headings[0, 0] == 0
    assert (places[0, 0] == 0).all()


def test_an_early_turn_moves_every_later_place():
    rows = torch.from_numpy(turning(HUMANML3D_LAYOUT, 40, 0))[None].requires_grad_()
    root_path(rows, HUMANML3D_LAYOUT).places[0, -1, 0].backward()
    gradient = rows.grad[0]
    assert (gradient[:-2, 0] != 0).all()
    assert gradient[-1].abs().max() == 0  # its step leads beyond
    assert gradient[:, 4:].abs().max() == 0
