from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chronomotion.motion.features import features_of, motion_of
from chronomotion.motion.joins import join, reordered
from chronomotion.motion.layout import HUMANML3D_LAYOUT
from chronomotion.motion.motion import Motion
from chronomotion.motion.retarget import facing
from toys import MOVES, ToyClips, move

moves = st.lists(st.sampled_from(sorted(MOVES)), min_size=2, max_size=4)


def steps(positions):
    return np.linalg.norm(np.diff(positions, axis=0), axis=-1)


@settings(max_examples=25, deadline=None)
@example(["raise-left-hand", "lift-left-leg"], 209)  # roots that hardly move, at heights too far apart for the limit
@given(moves, st.integers(0, 1000))
def test_nothing_jumps_and_bones_keep_their_lengths(actions, seed):
    clips = [ToyClips().clip(action, "train", seed, i) for i, action in enumerate(actions)]
    whole, spans = join(clips)
    longest = max(round((start - end) * whole.fps) for (_, end), (start, _) in pairwise(spans))
    if longest < 30:  # a transition of 1.5 s is as long as one may be, however fast it is
        fastest = max(steps(clip.positions).max() for clip in clips)
        assert steps(whole.positions).max() <= fastest + 1.1e-3
        assert steps(whole.positions)[:, 0].max() <= max(steps(c.positions)[:, 0].max() for c in clips) + 1.1e-3
    bones = whole.positions[:, 1:] - whole.positions[:, list(whole.skeleton.parents[1:])]
    lengths = np.linalg.norm(bones, axis=-1)
    assert np.allclose(lengths, np.array(HUMANML3D_LAYOUT.bone_lengths)[1:], atol=1e-4)
    assert -0.02 < whole.positions[..., 1].min() < 0.02


def test_clips_stay_as_they_are_inside_a_compound_motion():
    clips = [move(action, np.random.default_rng(i)) for i, action in enumerate(("nod", "lift-left-leg", "nod"))]
    whole, spans = join(clips)
    for clip, (start, end) in zip(clips, spans, strict=True):
        part = features_of(whole.slice(start, end), retarget=False)
        # what is not smoothed over time or turned is the same to the last digits
        assert np.allclose(part[:, 3], features_of(clip, retarget=False)[:, 3], atol=1e-5)
        assert len(part) == clip.frames - 1


def test_reordering_gives_the_motion_that_would_have_been_composed():
    clips = [
        move(action, np.random.default_rng(i)) for i, action in enumerate(("nod", "lift-left-leg", "raise-right-hand"))
    ]
    whole, spans = join(clips)
    stored = motion_of(features_of(whole, retarget=False))
    again, _ = reordered(stored, spans, [2, 0, 1])
    composed, _ = join([clips[2], clips[0], clips[1]])
    # features lose one frame of the last clip, which now comes first
    assert abs(again.frames - composed.frames) <= 2
    assert np.allclose(again.positions[-20:] - again.positions[-1, 0], _turned_like(composed, again)[-20:], atol=0.02)


def _turned_like(motion, other):
    """Positions about the last root, turned to the heading of another motion's last frame."""
    centred = motion.positions - motion.positions[-1, 0]
    angle = [np.arctan2(*facing(m.positions[-1:].astype(float))[0, [0, 2]]) for m in (motion, other)]
    turn = angle[1] - angle[0]
    x, y, z = np.moveaxis(centred, -1, 0)
    return np.stack([np.cos(turn) * x + np.sin(turn) * z, y, np.cos(turn) * z - np.sin(turn) * x], axis=-1)


def test_the_walk_goes_on_in_the_direction_the_person_faces():
    walking = np.stack([move("nod", np.random.default_rng(0), 20).positions[0]] * 20)
    walking[..., 2] += np.linspace(0, 1, 20)[:, None]
    clip = Motion(walking, 20.0)
    whole, _ = join([clip, clip])
    assert abs(whole.positions[-1, 0, 0]) < 1e-3
    assert whole.positions[-1, 0, 2] > 2.0


def test_motions_that_cannot_be_joined():
    clip = move("nod", np.random.default_rng(0))
    with pytest.raises(ValueError, match="nothing to join"):
        join([])
    with pytest.raises(ValueError, match=r"cannot join .*20\.0 fps.* and .*10\.0 fps"):
        join([clip, clip.resample(10.0)])
    with pytest.raises(ValueError, match="not a permutation of 2 spans"):
        reordered(clip, [(0.0, 0.2), (0.3, 0.6)], [0, 2])
