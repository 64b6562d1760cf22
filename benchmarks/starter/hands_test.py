"""Does a model tell a hand that waves from one that is raised? On recordings, and on procedural motions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from chronomotion.corpus.compose.sources import VariedClips
from chronomotion.corpus.compose.wordings import wordings
from chronomotion.model.encoder import MotionTextEncoder, encode_motions, encode_texts, unit
from chronomotion.motion.features import features_of
from chronomotion.motion.motion import Motion

__all__ = ["waves_above_raises"]

_SIDES = ("left-hand", "right-hand", "both-hands")


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
