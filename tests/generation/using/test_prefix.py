"""Going on from a motion, wherever it is: the first frames are where it ends, and nothing jumps."""

from dataclasses import replace

import numpy as np
import pytest
from toy_generator import toy_generator

from chronomotion.corpus.compose.sources import ProceduralClips
from chronomotion.errors import FormatError, ModelError
from chronomotion.evaluation.generation.physical import joint_jerk
from chronomotion.generation import GenerationRequest
from chronomotion.generation.prefix import Prefix
from chronomotion.motion.formats import read_motion
from chronomotion.motion.layout import layout_of
from chronomotion.motion.motion import Motion
from chronomotion.motion.rotation import about_y, normalise, rotate
from chronomotion.motion.skeleton import KITML

PROCEDURAL = ("walk", "run", "wave-left-hand", "sit-down", "jumping-jack", "turn-left", "kneel")
PLACES = [(0.0, (0, 0, 0)), (2.1, (3, 0, -7)), (np.pi, (-40, 0.35, 12)), (-1.3, (0, -1.0, 0))]
STILL = 0.006
"""Metres a frame: what moves less covers no 3 cm in 5 frames."""


@pytest.fixture(scope="module")
def generator():
    return toy_generator()


def moved(motion, angle, place):
    turned = rotate(about_y(np.array(angle)), motion.positions.astype(np.float64))
    return replace(motion, positions=turned + np.array(place))


def bones(positions):
    return normalise(positions[:, 1:] - positions[:, layout_of(Motion(positions, 20.0).skeleton).parents])


def check(generator, take, text="a person squats"):
    """What holds for every motion that goes on from a take."""
    made = generator.generate([GenerationRequest(text, after=take)])[0]
    read = Prefix.of(take, generator.tokenizer).take.positions.astype(np.float64)
    new = made.motion.positions.astype(np.float64)
    np.testing.assert_allclose(read[-1], take.positions[-1], atol=1e-5)
    speed = np.linalg.norm(read[-1] - read[-2], axis=-1)
    apart = np.linalg.norm(new[:5] - read[-1], axis=-1)
    angles = np.degrees(np.arccos(np.clip((bones(new[:5]) * bones(read[-1:])).sum(axis=-1), -1, 1)))
    turning = np.degrees(np.arccos(np.clip((bones(read[-1:]) * bones(read[-2:-1])).sum(axis=-1), -1, 1)))
    steps = np.arange(1, 6)[:, None]
    slack = 0 if speed.max() < STILL and turning.max() < 3 else 1
    assert (apart <= 0.03 + 1e-4 + slack * steps * np.maximum(speed, speed[0])).all()
    assert (angles <= 15 + 0.1 + slack * steps * turning).all()
    # No jump in place, in speed or in acceleration: never above what the take and the new motion themselves do.
    jerk = joint_jerk(np.concatenate([read, new]))
    join = len(read)
    seam = jerk[join - 3 : join + 1].max()
    assert seam <= 1.5 * max(jerk[: join - 3].max(), jerk[join + 12 :].max())
    lengths = np.linalg.norm(new[:, 1:] - new[:, layout_of(take.skeleton).parents], axis=-1)
    assert np.ptp(lengths, axis=0).max() < 1e-3
    return made


@pytest.mark.parametrize(
    ("action", "angle", "place"),
    [(action, *PLACES[number % len(PLACES)]) for number, action in enumerate(PROCEDURAL)],
)
def test_procedural_takes(generator, action, angle, place):
    take = moved(ProceduralClips().clip(action, "val", 1), angle, place)
    check(generator, take)
    check(generator, replace(take, positions=take.positions[: take.frames * 2 // 3]))


def test_real_takes(generator, shared):
    files = sorted((shared / "data" / "bandai").glob("*.bvh"))[::16]
    takes = [read_motion(path) for path in files]
    assert len(takes) >= 10
    for number, take in enumerate(take for take in takes if take.duration >= 1):
        check(generator, moved(take, *PLACES[number % len(PLACES)]))


def test_a_turned_take_gives_the_turned_motion(generator):
    take = ProceduralClips().clip("walk", "val", 2)
    here = check(generator, take).motion
    there = check(generator, moved(take, 2.1, (3, 0, -7))).motion
    np.testing.assert_allclose(moved(here, 2.1, (3, 0, -7)).positions, there.positions, atol=2e-3)


def test_a_motion_goes_on_with_the_body_and_on_the_floor_of_its_take(generator):
    take = ProceduralClips().clip("walk", "val", 2)
    giant = replace(take, positions=take.positions * 1.3 + np.array([0, 2.0, 0], dtype=np.float32))
    made = check(generator, giant)
    ours, theirs = (np.linalg.norm(bone, axis=-1) for bone in (_vectors(made.motion)[20], _vectors(giant)[-1]))
    np.testing.assert_allclose(ours, theirs, atol=2e-3)
    assert abs(made.motion.positions[..., 1].min() - giant.positions[..., 1].min()) < 0.03
    assert made.figures["floor"] < 60


def _vectors(motion):
    return motion.positions[:, 1:] - motion.positions[:, layout_of(motion.skeleton).parents]


@pytest.mark.parametrize("fps", [20.0, 24.0, 30.0, 60.0, 119.88])
def test_any_frame_rate(generator, fps):
    check(generator, ProceduralClips().clip("wave-left-hand", "val", 1).resample(fps))


def test_the_prior_hears_the_last_second(generator):
    take = ProceduralClips().clip("walk", "train", 0)
    generator.prior.asked.clear()
    made = generator.generate([GenerationRequest("a person squats", after=take, seconds=2.0)])[0]
    ((prompt, tokens, prefix),) = generator.prior.asked
    assert (prompt.spans, tokens, len(prefix)) == (((5, 15),), 10, 5)
    assert made.motion.frames == made.raw.frames == 40
    assert made.spans == ((0.0, 2.0),)


def test_raw_is_moved_and_nothing_else(generator):
    take = moved(ProceduralClips().clip("walk", "val", 1), 1.0, (5, 0, 5))
    (made,) = generator.generate([GenerationRequest("a person squats", after=take)], clean=False)
    root = take.positions[-1, 0] - made.raw.positions[0, 0]
    assert np.linalg.norm(root[[0, 2]]) < 0.3
    np.testing.assert_array_equal(made.motion.positions, made.raw.positions)


def test_a_take_of_a_second_is_enough_and_less_is_not(generator):
    take = ProceduralClips().clip("walk", "val", 1)
    check(generator, replace(take, positions=take.positions[:20]))
    check(generator, replace(take.resample(30.0), positions=take.resample(30.0).positions[:30]))
    short = replace(take, positions=take.positions[:19], name="short.bvh")
    with pytest.raises(FormatError, match=r"short.bvh: the motion lasts 0.95 s: to go on from it takes 1 s or more"):
        generator.generate([GenerationRequest("a person squats", after=short)])


def test_a_take_of_another_skeleton_is_refused(generator):
    kit = Motion(np.random.default_rng(0).normal(size=(40, 21, 3)), 12.5, KITML, "kit")
    with pytest.raises(
        ModelError, match=r"kit: a motion on skeleton kitml .251 .* this generator makes humanml3d .263"
    ):
        generator.generate([GenerationRequest("a person squats", after=kit)])


def test_a_take_that_is_not_finite_is_refused(generator):
    take = ProceduralClips().clip("walk", "val", 1)
    broken = take.positions.copy()
    broken[-3, 4] = np.nan
    with pytest.raises(FormatError, match="left_knee"):
        generator.generate([GenerationRequest("a person squats", after=replace(take, positions=broken))])
