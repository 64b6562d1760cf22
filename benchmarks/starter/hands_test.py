"""Does a model tell a hand that waves from one that is raised? On recordings, and on procedural motions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from chronomotion.corpus.compose.sources import VariedClips
from chronomotion.corpus.compose.wordings import wordings
from chronomotion.model.encoder import MotionTextEncoder, encode_motions, encode_texts, unit
from chronomotion.motion.features import features_of
from chronomotion.motion.motion import Motion
from chronomotion.motion.retarget import facing
from chronomotion.motion.skeleton import HUMANML3D

__all__ = ["hand_movements", "waves_above_raises"]

_SIDES = ("left-hand", "right-hand", "both-hands")

_MEAN = 15
"""Frames of the moving mean that is taken away."""


def waves_above_raises(
    model: MotionTextEncoder, clips: Mapping[str, Sequence[Motion]], count: int = 50
) -> dict[str, tuple[float, float]]:
    """Hands -> (on recordings, on varied procedural motions of the split ``test``): in how many percent of all pairs of
    a wave and a raised hand the wave has the higher difference of its scores for "waves" and "raises". 50 by chance.
    """
    source = VariedClips(1)
    figures = {}
    for side in _SIDES:
        texts = unit(np.stack([_mean(model, f"{verb}-{side}") for verb in ("wave", "raise")]))
        recorded = [clips[f"wave-{side}"], clips[f"raise-up-{side}"]]
        made = [[source.clip(f"{verb}-{side}", "test", i) for i in range(count)] for verb in ("wave", "raise")]
        figures[side] = (_above(model, texts, *recorded), _above(model, texts, *made))
    return figures


def _mean(model: MotionTextEncoder, label: str) -> np.ndarray:
    texts = [f"a person {words}." for words in wordings(label)]
    told = encode_texts(model, texts)
    return np.asarray(np.mean([told[text] for text in texts], axis=0))


def _above(model: MotionTextEncoder, texts: np.ndarray, waves: Sequence[Motion], raises: Sequence[Motion]) -> float:
    waved, raised = (
        encode_motions(model, [features_of(take, retarget=False) for take in takes]) @ (texts[0] - texts[1])
        for takes in (waves, raises)
    )
    return 100 * float(np.mean(waved[:, None] > raised[None]))


def hand_movements(takes: Sequence[Motion], side: str) -> dict[str, np.ndarray]:
    """What the hand of a side does, as percentiles 10, 50 and 90 over takes: seconds of the take; its share in which
    the wrist is above the shoulder; and while it is, metres of the movement to and fro, and movements a second.
    """
    rows = np.array([[take.duration, *_to_and_fro(take, side)] for take in takes])
    heads = ("seconds", "share above the shoulder", "metres to and fro", "times a second")
    return dict(zip(heads, np.percentile(rows, [10, 50, 90], axis=0).T, strict=True))


def _to_and_fro(take: Motion, side: str) -> tuple[float, float, float]:
    """Share above the shoulder; amplitude along the main direction, without what is slower than 0.75 s; its rate."""
    positions = take.positions.astype(float)
    arm = positions[:, HUMANML3D.index(f"{side}_wrist")] - positions[:, HUMANML3D.index(f"{side}_shoulder")]
    forward = facing(positions)
    yaw = np.arctan2(forward[:, 0], forward[:, 2])
    cos, sin = np.cos(yaw), np.sin(yaw)
    arm = np.stack([cos * arm[:, 0] - sin * arm[:, 2], arm[:, 1], sin * arm[:, 0] + cos * arm[:, 2]], axis=1)
    above = arm[:, 1] > 0
    if above.sum() <= _MEAN:
        return float(above.mean()), 0.0, 0.0
    padded = np.pad(arm, ((_MEAN // 2, _MEAN // 2), (0, 0)), mode="edge")
    slow = np.stack([np.convolve(column, np.ones(_MEAN) / _MEAN, "valid") for column in padded.T], axis=1)
    quick = (arm - slow)[np.flatnonzero(above)[3:-3]]
    quick = quick - quick.mean(axis=0)
    along = quick @ np.linalg.svd(quick, full_matrices=False)[2][0]
    turns = int((np.diff(np.sign(along)) != 0).sum())
    return float(above.mean()), float(np.sqrt(2) * along.std()), turns / 2 / (len(along) / take.fps)
