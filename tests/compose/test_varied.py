"""More procedural actions and ways: sound bodies, sides that are right, the pinned list untouched."""

from __future__ import annotations

import numpy as np
import pytest

from chronomotion.corpus.compose.procedural import ACTIONS, VARIED_ACTIONS, perform, perform_varied
from chronomotion.corpus.compose.wordings import wordings
from chronomotion.errors import ConfigError
from chronomotion.motion.retarget import facing
from chronomotion.motion.skeleton import HUMANML3D
from chronomotion.seeding import generator


@pytest.mark.parametrize("action", sorted(VARIED_ACTIONS))
def test_bodies_are_sound(action: str) -> None:
    parents = list(HUMANML3D.parents[1:])
    for number in range(6):
        motion = perform_varied(action, generator("varied test", action, number))
        assert np.isfinite(motion.positions).all()
        assert 1.0 <= motion.duration <= 16.0
        lengths = np.linalg.norm(motion.positions[:, 1:] - motion.positions[:, parents], axis=-1)
        assert np.ptp(lengths, axis=0).max() < 2e-3
        steps = np.linalg.norm(np.diff(motion.positions, axis=0), axis=-1) * motion.fps
        assert steps.max() < 16, "metres a second"
        assert motion.positions[..., 1].min() > -0.02


def test_every_action_of_the_pinned_list_is_there_and_unknown_ones_are_refused() -> None:
    assert set(ACTIONS) < set(VARIED_ACTIONS)
    with pytest.raises(ConfigError, match="no procedural action 'moonwalk'"):
        perform_varied("moonwalk", np.random.default_rng(0))
    with pytest.raises(ConfigError, match="no procedural action 'salute'"):
        perform("salute", np.random.default_rng(0))


@pytest.mark.parametrize(
    ("action", "sign"), [("walk-turn-left", 1), ("walk-turn-right", -1), ("turn-left", 1), ("turn-right", -1)]
)
def test_turns_go_to_their_side(action: str, sign: int) -> None:
    for number in range(8):
        motion = perform_varied(action, generator("turn test", action, number))
        forward = facing(motion.positions.astype(float))
        yaw = np.unwrap(np.arctan2(forward[:, 0], forward[:, 2]))
        assert sign * np.degrees(yaw[-1] - yaw[0]) > 40


@pytest.mark.parametrize("kind", ["raise", "wave"])
@pytest.mark.parametrize("side", ["left", "right"])
def test_hands_go_up_on_their_side(kind: str, side: str) -> None:
    other = {"left": "right", "right": "left"}[side]
    for number in range(8):
        motion = perform_varied(f"{kind}-{side}-hand", generator("hand test", kind, side, number))
        high = motion.positions[:, HUMANML3D.index(f"{side}_wrist"), 1].max()
        assert high > motion.positions[:, HUMANML3D.index(f"{other}_wrist"), 1].max() + 0.05


def test_every_action_has_many_wordings_and_the_pinned_ones_come_first() -> None:
    for action in VARIED_ACTIONS:
        many = wordings(action, many=True)
        assert len(many) >= 3, action
        assert len(set(many)) == len(many), action
        if action in ACTIONS:
            assert many[: len(wordings(action))] == wordings(action)


def test_no_wording_stands_for_two_actions() -> None:
    told: dict[str, str] = {}
    for action in VARIED_ACTIONS:
        for words in wordings(action, many=True):
            assert told.setdefault(words, action) == action, words
