"""A locator that says which events a motion shows: other sentences and what scores mean come from the phrase bank."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from chronomotion.model.background import Background
from chronomotion.model.boundary_head import BoundaryHead
from chronomotion.model.locator import Locator
from chronomotion.model.motion_text import MotionTextModel
from chronomotion.model.motion_windows import MotionWindows
from chronomotion.search.calibration import Calibration
from chronomotion.search.phrase_bank import PhraseBank

__all__ = ["calibrated_locator"]


def calibrated_locator(
    model: MotionTextModel, source: str | Path, fps: float, windows: MotionWindows, bank: PhraseBank | None = None
) -> Locator:
    """A locator for the windows of one motion, with the bundled phrases as other sentences.

    ``source`` is where the model is from: beside it lies what scores mean, and a boundary head. Where they do not, the
    motion itself tells. ``bank``, where known, is that of the model.
    """
    bank = PhraseBank.encode(model) if bank is None else bank
    calibration = Calibration.beside(source, bank) or Calibration.fit(
        bank, windows.vectors, windows.spans, np.zeros(len(windows.spans), dtype=np.intp), fps=fps
    )
    head = BoundaryHead.beside(source, model.fingerprint)
    return Locator(model, fps, background=Background(bank.vectors), head=head, presence=calibration.presence_at)
