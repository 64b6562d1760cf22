"""Published folders whose numbers cannot be what they are published as: refused with a reason, or noted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from test_published import imported
from wild_folders import humanml3d, kit_motion, kitml, save, toy_features, toy_motion

from chronomotion.corpus.importers import import_corpus
from chronomotion.motion.layout import KITML_LAYOUT


def joints_only(folder: Path, change) -> Path:
    """A folder of HumanML3D with new_joints alone, every clip changed."""
    src = humanml3d(folder)
    for path in (src / "new_joint_vecs").iterdir():
        positions = toy_motion(int(path.stem)).positions
        positions = positions - np.array([0, positions[..., 1].min(), 0], np.float32)
        save(src / "new_joints" / path.name, change(positions))
        path.unlink()
    return src


def reasons(src: Path) -> list[str]:
    result = import_corpus(src, src.parent / "corpus")
    assert result.corpus is None
    return [remark.detail for remark in result.skipped]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda j: j * 1000, "mm rather than metres, so multiply them by 0.001"),
        (lambda j: j * 100, "cm rather than metres, so multiply them by 0.01"),
        (
            lambda j: j[..., [0, 2, 1]] * [1, -1, 1],
            "the body stands on the floor along z, but published joints are y up",
        ),
    ],
)
def test_joints_in_another_unit_or_with_another_axis_up(change, message: str, tmp_path: Path) -> None:
    details = reasons(joints_only(tmp_path / "HumanML3D", change))
    assert len(details) == 3
    assert all(message in detail for detail in details)


def test_who_lies_on_the_floor_is_not_taken_for_z_up(tmp_path: Path) -> None:
    """Stretched out along z, still, and low: a published clip of somebody who lies."""

    def lying(joints: np.ndarray) -> np.ndarray:
        down = joints[..., [0, 2, 1]] * np.array([1, -1, 1], np.float32)
        return down - np.array([0, down[..., 1].min(), down[..., 2].mean()], np.float32)

    _, result = imported(joints_only(tmp_path / "HumanML3D", lying))
    assert (result.imported, result.notes) == (3, ())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f * 1000, "another unit: divide them by 1000"),
        (lambda f: (f - f.mean(0)) / np.maximum(f.std(0), 1e-3), "normalised: undo that"),
    ],
)
def test_features_that_are_none(change, message: str, tmp_path: Path) -> None:
    src = humanml3d(tmp_path / "HumanML3D")
    for path in (src / "new_joint_vecs").iterdir():
        save(path, change(toy_features(int(path.stem))))
    assert all(message in detail for detail in reasons(src))


def test_a_root_of_an_odd_height_is_noted(tmp_path: Path) -> None:
    src = humanml3d(tmp_path / "HumanML3D")
    features = toy_features(1).copy()
    features[:, 3] += 3
    save(src / "new_joint_vecs" / "000001.npy", features)
    corpus, result = imported(src)
    np.testing.assert_array_equal(corpus.features("000001"), features)
    (note,) = result.notes
    assert (note.clip, note.reason) == ("000001", "in doubt")
    assert "m above the floor, expected 0.2 to 2" in note.detail


def test_kitml_is_measured_in_its_own_unit(tmp_path: Path) -> None:
    src = kitml(tmp_path / "KIT-ML")
    assert imported(src)[1].notes == ()
    other = kitml(tmp_path / "other" / "KIT-ML")
    for number, path in enumerate(sorted((other / "new_joint_vecs").iterdir())):
        motion = kit_motion(number)
        save(other / "new_joints" / path.name, KITML_LAYOUT.to_units(motion.positions.astype(np.float64)))
        path.unlink()
    _, result = imported(other)
    assert (result.layout, result.imported, result.notes) == ("kitml", 2, ())
