"""What the verbs that train have in common."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from chronomotion.cli.options import UsageError

__all__ = ["DryRun", "JudgeSplit", "SettingsFile", "is_first_process", "setting_pairs"]

SettingsFile = Annotated[Path | None, Parameter(help="TOML file of settings; flags override it.")]
JudgeSplit = Annotated[str, Parameter(help="Split whose scores select the best weights; none: keep the last weights.")]
DryRun = Annotated[
    bool, Parameter(negative="", help="Estimate parameters, steps, memory and time from three steps; write nothing.")
]


def is_first_process() -> bool:
    """Whether this is the only process, or the first of several."""
    return os.environ.get("RANK", "0") == "0"


def setting_pairs(settings: Sequence[str], example: str) -> dict[str, str]:
    """``--set KEY=VALUE`` as a mapping. Raises UsageError, with the example, for one without an equals sign."""
    for setting in settings:
        if "=" not in setting:
            raise UsageError(f"--set {setting}: expected KEY=VALUE, for example --set {example}")
    return {key.strip(): value.strip() for key, _, value in (setting.partition("=") for setting in settings)}
