"""The calibration of a library: made at indexing, kept in its manifest, and read with the vectors of the phrases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from chronomotion.errors import WriteError
from chronomotion.model.encoder import MotionTextEncoder
from chronomotion.search.calibration import Calibration, clips_to_fit
from chronomotion.search.phrase_bank import PhraseBank
from chronomotion.search.stored.folder import PHRASES
from chronomotion.search.windows import WindowTable

__all__ = ["fit_calibration", "kept_calibration"]


def fit_calibration(folder: Path, model: MotionTextEncoder, table: WindowTable, fps: float) -> Calibration:
    """What scores mean in a library whose short windows are in ``table``."""
    rows = table.of(clips_to_fit(np.unique(table.clips)))
    return Calibration.fit(_bank(folder, model), rows.vectors, rows.spans, rows.clips, fps=fps)


def kept_calibration(folder: Path, model: MotionTextEncoder, kept: Any) -> Calibration | None:
    """The calibration that a manifest keeps; None where there is none, or one of another version of the phrases."""
    if kept is None:
        return None
    try:
        return Calibration.model_validate(kept).with_bank(_bank(folder, model))
    except (ValidationError, ValueError):
        return None


def _bank(folder: Path, model: MotionTextEncoder) -> PhraseBank:
    """The phrases, from the library's folder; encoded again where that can neither be read nor be written to."""
    try:
        return PhraseBank.kept(model, folder / PHRASES)
    except WriteError:
        return PhraseBank.encode(model)
