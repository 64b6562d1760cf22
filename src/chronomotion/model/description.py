"""The config.json that tells what a folder holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from chronomotion.errors import ModelError

__all__ = ["check_format", "read_description"]


def read_description(folder: Path) -> Any:
    """The contents of a folder's config.json; None where there is none. Raises ModelError when it cannot be read."""
    path = folder / "config.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise ModelError(f"{path}: cannot be read ({error})") from error


def check_format(version: object, readable: int, where: Path) -> None:
    """Raises ModelError for a format version that is not the readable one."""
    if version != readable:
        raise ModelError(f"{where}: format_version {version}, this version reads {readable}")
