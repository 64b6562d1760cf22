"""Files that lie in the folder of the model that they were fitted on, and are of no use to another one."""

from __future__ import annotations

import logging
from pathlib import Path

from chronomotion.model.packaged import packaged_model

__all__ = ["companion", "is_of"]

log = logging.getLogger(__name__)


def companion(model: str | Path, name: str) -> Path | None:
    """A file in a model's folder, or in that of a model of the package; None where there is none."""
    path = (packaged_model(str(model)) or Path(model)) / name
    return path if path.is_file() else None


def is_of(path: Path, kept: str, current: str, what: str = "model") -> bool:
    """Whether a file says that it is of the current ``what``; else a warning says in one line that it is ignored."""
    if kept == current:
        return True
    of = f"another {what} ({kept})" if kept else f"a {what} that it does not name"
    log.warning("%s: ignored: it was fitted on %s, this one is %s: fit it again or remove it", path, of, current)
    return False
