"""The mirror image by features is that by way of the motion."""

from __future__ import annotations

import numpy as np
import pytest
from random_motions import random_motion

from chronomotion.errors import FormatError
from chronomotion.motion.feature_mirror import mirrored_features
from chronomotion.motion.features import features_of, motion_of
from chronomotion.motion.layout import HUMANML3D_LAYOUT, KITML_LAYOUT, Layout


@pytest.mark.parametrize("layout", [HUMANML3D_LAYOUT, KITML_LAYOUT], ids=["humanml3d", "kitml"])
@pytest.mark.parametrize("seed", range(4))
def test_the_mirror_image_is_that_of_the_motion(layout: Layout, seed: int) -> None:
    motion = motion_of(features_of(random_motion(seed, layout.skeleton)))
    features = features_of(motion, retarget=False)
    by_motion = features_of(motion.mirrored(), retarget=False)
    mirrored = mirrored_features(features)
    assert np.abs(mirrored - features).max() > 0.1
    assert np.allclose(mirrored, by_motion, atol=2e-4)


def test_twice_mirrored_is_the_motion_itself() -> None:
    features = np.random.default_rng(0).normal(size=(7, 263)).astype(np.float32)
    assert np.array_equal(mirrored_features(mirrored_features(features)), features)


def test_features_of_no_known_layout_are_refused() -> None:
    with pytest.raises(FormatError, match="rows of 12 numbers"):
        mirrored_features(np.zeros((3, 12), np.float32))
