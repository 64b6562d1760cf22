"""Another library poses the files of our made-up rigs as we do: no recording is needed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rigs_in_the_wild import RIGS, write_rig

from chronomotion.motion.formats.bvh import read_bvh

# The other library cuts a joint's name at its first space, so that all joints of such a rig would have one name.
WITHOUT_SPACES = sorted(kind for kind, rig in RIGS.items() if not any(" " in joint for joint in rig.joints))


@pytest.mark.parametrize("kind", WITHOUT_SPACES)
def test_poses_of_rigs_agree_with_bvhio(kind: str, tmp_path: Path) -> None:
    """Among them one with position channels on every joint, and orders of rotation of several kinds."""
    bvhio = pytest.importorskip("bvhio")
    path = write_rig(tmp_path, RIGS[kind], frames=4, spread=60.0)
    take = read_bvh(path)
    hierarchy = bvhio.readAsHierarchy(str(path))
    joints = {joint.Name: joint for joint, _, _ in hierarchy.layout()}
    for frame in range(4):
        hierarchy.loadPose(frame, recursive=True)
        for at, name in enumerate(take.joints):
            if not take.ends[at]:
                # The other library works in single precision.
                expected = np.array(joints[name].PositionWorld)
                np.testing.assert_allclose(take.positions[frame, at], expected, rtol=1e-5, atol=2e-4)
