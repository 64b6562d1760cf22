"""Rotations of posed skeletons: exact, without jumps whichever way a figure faces, turned as bent limbs show."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from acrobats import JOINTS, Acrobat, curve, waving

from chronomotion.motion.cleaning import cleaned
from chronomotion.motion.formats import read_motion, write_motion
from chronomotion.motion.formats.kinematics import euler_rotations
from chronomotion.motion.motion import Motion
from chronomotion.motion.posing import PosedSkeleton, pose_skeleton

SECOND = 20


def turn(rotations: np.ndarray) -> np.ndarray:
    """Degrees from frame to frame."""
    return angle(rotations[:-1], rotations[1:])


def angle(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Degrees between rotations."""
    trace = np.einsum("...ab,...ab->...", first, second)
    return np.degrees(np.arccos(np.clip((trace - 1) / 2, -1, 1)))


def local(posed: PosedSkeleton, at: int) -> np.ndarray:
    node = posed.nodes[at]
    return node.rotations if node.parent < 0 else posed.nodes[node.parent].rotations.swapaxes(-1, -2) @ node.rotations


def bone_turn(posed: PosedSkeleton, at: int) -> np.ndarray:
    """Degrees by which the directions of a node's bones turn in the world, from frame to frame: the most of them."""
    turns = [np.zeros(len(posed.nodes[at].rotations) - 1)]
    for child in (node for node in posed.nodes if node.parent == at):
        if child.offset.any():
            seen = posed.nodes[at].rotations @ (child.offset / np.linalg.norm(child.offset))
            turns.append(np.degrees(np.arccos(np.clip(np.einsum("fi,fi->f", seen[1:], seen[:-1]), -1, 1))))
    return np.max(turns, axis=0)


def jumps(motion: Motion) -> list[tuple[str, int, float]]:
    """(joint, frame, degrees) where a joint turns by more than 60 degrees from frame to frame against the one above,
    and by 30 more than its bones and those of the joint above turn."""
    posed = pose_skeleton(motion)
    jumped = []
    for at, node in enumerate(posed.nodes):
        turned = turn(local(posed, at))
        allowed = bone_turn(posed, at) + (bone_turn(posed, node.parent) if node.parent >= 0 else 0) + 30
        frames = np.flatnonzero(turned > np.maximum(60, allowed))
        jumped += [(node.name, int(frame), float(turned[frame])) for frame in frames]
    return jumped


def acrobatics() -> dict[str, Acrobat]:
    """Figures that move arms and legs while the whole body turns."""
    frames = 6 * SECOND
    around = curve((0, 0), (6, 360), frames=frames)
    arms_up = Acrobat(frames).arms(-88.0, 4.0).legs(curve((0, 0), (3, 20), (6, 0), frames=frames), 3.0)
    swing = curve((0, 95), (2, -90), (4, 95), (6, -90), frames=frames)
    return {
        "turns": waving(frames, 1).turn("pelvis", "Y", around),
        "turns twice": waving(frames, 2).turn("pelvis", "Y", 180 + 2 * around),
        "rolls forward": waving(frames, 3).turn("pelvis", "X", around),
        "rolls on the floor": waving(frames, 4).turn("pelvis", "XY", -90.0, around),
        "cartwheel": waving(frames, 5).turn("pelvis", "YZ", 90.0, around),
        "lies": waving(frames, 6).turn("pelvis", "X", curve((0, 0), (2, -90), (6, -90), frames=frames)),
        "handstand": arms_up.turn("pelvis", "X", curve((0, 0), (2, 180), (4, 180), (6, 0), frames=frames)),
        "arms up and down": Acrobat(frames).arms(swing, 2.0),
        "arms bent up and down": Acrobat(frames).arms(swing, 60.0),
        "salutes": Acrobat(frames).arms(curve((0, 80), (3, -60), (6, 80), frames=frames), 140.0, 70.0),
        "kicks high": Acrobat(frames).legs(curve((0, 0), (1, 150), (2, 0), (6, 0), frames=frames), 5.0),
    }


@pytest.mark.parametrize("name", acrobatics())
def test_no_joint_jumps_and_the_file_is_exact(name: str, tmp_path: Path) -> None:
    acrobat = acrobatics()[name]
    motion = acrobat.motion()
    assert jumps(motion) == []
    posed = pose_skeleton(motion)
    assert max(turn(local(posed, at)).max() for at in range(len(posed.nodes))) < 45
    write_motion(motion, tmp_path / "m.bvh")
    back = read_motion(tmp_path / "m.bvh", unit="cm", up="y")
    np.testing.assert_allclose(back.positions, motion.positions, atol=1e-3)


@pytest.mark.parametrize("degrees", [(0.0, 0.0, 180.0), (90.0, 20.0, 45.0), (0.0, 180.0, 0.0), (-170.0, 60.0, 100.0)])
def test_joints_turn_alike_whichever_way_the_figure_faces(degrees: tuple[float, float, float]) -> None:
    motion = waving(30, 1).motion()
    around = euler_rotations("ZXY", np.array(degrees))
    posed = pose_skeleton(motion)
    other = pose_skeleton(replace(motion, positions=motion.positions @ around.T))
    for at in range(1, len(posed.nodes)):
        assert angle(local(posed, at), local(other, at)).max() < 3
    assert angle(around @ posed.nodes[0].rotations, other.nodes[0].rotations).max() < 0.5


@pytest.mark.parametrize("joint", ["left_shoulder", "right_shoulder", "left_hip", "right_hip"])
def test_upper_arms_and_thighs_turn_about_themselves_as_bent_joints_show(joint: str) -> None:
    frames = 4 * SECOND
    twist = curve((0, -35), (2, 40), (4, -35), frames=frames)
    acrobat = Acrobat(frames).arms(60.0, 70.0, twist).legs(50.0, 70.0, 0.6 * twist)
    acrobat.turn("pelvis", "Y", curve((0, 0), (4, 300), frames=frames))
    posed = pose_skeleton(acrobat.motion())
    at = [node.name for node in posed.nodes].index(joint)
    assert angle(posed.nodes[at].rotations, acrobat.world()[:, JOINTS.index(joint)]).max() < 12


def test_the_turn_is_carried_over_straight_phases_and_slight_overstretching() -> None:
    frames = 4 * SECOND
    bend = curve((0, 70), (1.2, -8), (1.8, -8), (3, 70), (4, 70), frames=frames)
    acrobat = Acrobat(frames).arms(70.0, bend, 50.0).legs(30.0, bend, 20.0)
    posed = pose_skeleton(acrobat.motion())
    names = [node.name for node in posed.nodes]
    for joint, limit in (("left_shoulder", 40), ("right_shoulder", 40), ("left_hip", 25), ("right_hip", 25)):
        rotations = posed.nodes[names.index(joint)].rotations
        assert turn(rotations).max() < 12
        # The straight phase drifts towards rest by a part of the way, not to the other side.
        assert angle(rotations, acrobat.world()[:, JOINTS.index(joint)]).max() < limit


def test_straight_limbs_turn_about_themselves_no_more_than_at_rest() -> None:
    acrobat = Acrobat(30).arms(85.0, 0.0).legs(0.0, 0.0)
    posed = pose_skeleton(acrobat.motion())
    limbs = [f"{side}_{joint}" for side in ("left", "right") for joint in ("hip", "knee", "shoulder", "elbow")]
    for node in posed.nodes:
        if node.name in limbs:  # feet and collars of this figure point elsewhere at rest, which is no turn
            assert angle(node.rotations, acrobat.world()[:, JOINTS.index(node.name)]).max() < 9


def test_the_spine_shares_the_turn_of_the_shoulders() -> None:
    acrobat = Acrobat(30)
    for joint in ("spine1", "spine2", "spine3"):
        acrobat.turn(joint, "Y", 20.0)
    posed = pose_skeleton(acrobat.motion())
    for at, node in enumerate(posed.nodes):
        if node.name in ("spine1", "spine2", "spine3"):
            assert angle(local(posed, at), np.eye(3)).max() == pytest.approx(20, abs=6)


@pytest.mark.parametrize("seed", range(2))
def test_noisy_motions_do_not_jump(seed: int) -> None:
    noise = np.random.default_rng(seed).normal(0, 1, (120, 22, 3))
    for _ in range(4):
        noise = (np.roll(noise, 1, axis=0) + noise + np.roll(noise, -1, axis=0)) / 3
    motion = waving(120, seed).turn("pelvis", "Y", curve((0, 0), (6, 400), frames=120)).motion()
    noisy = cleaned(replace(motion, positions=motion.positions + 0.01 * noise / noise.std()))
    assert jumps(noisy) == []


@pytest.mark.parametrize("fps", [12.5, 60.0, 120.0])
def test_other_frame_rates_give_the_same_turns(fps: float) -> None:
    frames = round(3 * fps)
    twist = curve((0, -35), (3, 40), frames=frames, fps=fps)
    acrobat = Acrobat(frames, fps).arms(60.0, 70.0, twist)
    posed = pose_skeleton(acrobat.motion())
    at = [node.name for node in posed.nodes].index("left_shoulder")
    assert angle(posed.nodes[at].rotations, acrobat.world()[:, JOINTS.index("left_shoulder")]).max() < 12


def test_a_bone_without_length_in_some_frames_does_not_turn_there() -> None:
    motion = waving(40, 3).motion()
    positions = motion.positions.copy()
    positions[10:14, JOINTS.index("head")] = positions[10:14, JOINTS.index("neck")]
    posed = pose_skeleton(replace(motion, positions=positions))
    for node in posed.nodes:
        product = node.rotations @ node.rotations.swapaxes(-1, -2)
        np.testing.assert_allclose(product, np.broadcast_to(np.eye(3), product.shape), atol=1e-9)
    assert posed.stretched == "head"


@pytest.mark.slow
def test_no_real_take_jumps(shared: Path) -> None:
    for file in sorted((shared / "data" / "bandai").glob("*.bvh"))[::12]:
        assert jumps(read_motion(file).resample(20.0)) == [], file.name
