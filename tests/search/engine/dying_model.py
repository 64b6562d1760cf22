"""The toy model, in a process that is killed while it encodes: once, and not again."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np
from library_toys import NumpyModel


class DyingModel(NumpyModel):
    """Kills its process the first time that it encodes, of all processes; DYING_MODEL names the file that says so."""

    def encode_motion(self, motions):
        try:
            Path(os.environ["DYING_MODEL"]).touch(exist_ok=False)
        except FileExistsError:
            return super().encode_motion(motions)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError


class FailingModel(NumpyModel):
    """Answers with what is no number."""

    def encode_motion(self, motions):
        return np.full((len(motions), 16), np.nan)


class BrokenModel(NumpyModel):
    """Has a fault of its own."""

    def encode_motion(self, motions):
        return 1 / 0


dying, failing, broken = DyingModel(), FailingModel(), BrokenModel()
