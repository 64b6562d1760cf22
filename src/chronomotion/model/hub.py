"""Models from the Hugging Face hub: ``owner/name`` or ``owner/name/sub/folder``."""

from __future__ import annotations

import re
from pathlib import Path

from chronomotion.errors import ModelError, require

__all__ = ["ask_hub", "fetched", "is_hub_id"]

_FILES = (
    "config.json",
    "model.safetensors",
    "README.md",
    "text_model/*",
    "best_model_*.pt",
    "last_model.pt",
    ".hydra/config.yaml",
    "mean.pt",
    "std.pt",
    "stats/*.pt",
    "motion_encoder.pt",
    "text_encoder.pt",
    "motion_decoder.pt",
    "last_weights/*.pt",
)
"""What a model of any kind consists of; nothing else is fetched."""


def is_hub_id(name: str) -> bool:
    """Whether a name can be one of the hub: it looks like one, and is no path into a folder that is here."""
    looks = re.fullmatch(r"[A-Za-z0-9][\w.-]*(/[\w.-]+)+", name) is not None
    return looks and not Path(name.partition("/")[0]).exists()


_PATIENCE = 5.0
"""Seconds in which the hub has to answer a first question; a download may take longer."""


def ask_hub(name: str) -> None:
    """Ask the hub once whether it has a repository, before anything that tries again and again is begun.

    Raises ModelError with the reason, also for a name that is none of the hub; at once without a net, or where
    HF_HUB_OFFLINE is set.
    """
    if not re.fullmatch(r"\w[\w.-]*(/[\w.-]+)?", name):
        raise ModelError("there is no such folder")
    hub = require("huggingface_hub", "model")
    try:
        hub.HfApi().model_info(name, timeout=_PATIENCE)
    except Exception as error:  # no net, no such repository, no leave to read it: of many kinds, from three packages
        raise ModelError(f"no such folder here, and the hub does not give it: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def fetched(name: str) -> Path:
    """The folder on this machine with the hub's files of a model; what was fetched before is not fetched again.

    Raises ModelError when they cannot be had.
    """
    hub = require("huggingface_hub", "model")
    owner, repository, *inside = name.split("/")
    prefix = "".join(f"{part}/" for part in inside)
    try:
        folder = hub.snapshot_download(f"{owner}/{repository}", allow_patterns=[prefix + one for one in _FILES])
    except Exception as error:  # as above
        raise ModelError(
            f"{name} is no folder here, and cannot be had from the hub ({_reason(error)}); offline, "
            "a folder works: one of ours, one with best_model_mt.pt and .hydra/config.yaml, or TMR's last_weights"
        ) from error
    found = Path(folder, *inside)
    if not found.is_dir():
        raise ModelError(f"{owner}/{repository} on the hub has no model in {'/'.join(inside)!r}")
    return found
