"""Models from the Hugging Face hub: ``owner/name`` or ``owner/name/sub/folder``."""

from __future__ import annotations

import re
from pathlib import Path

from chronomotion.errors import ModelError, require

__all__ = ["fetched", "is_hub_id"]

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
"""Files of a model in any format; no other files are downloaded."""


def is_hub_id(name: str) -> bool:
    """Whether a name can be a hub id: it has the form OWNER/NAME, and is no path into an existing folder."""
    looks = re.fullmatch(r"[A-Za-z0-9][\w.-]*(/[\w.-]+)+", name) is not None
    return looks and not Path(name.partition("/")[0]).exists()


def fetched(name: str) -> Path:
    """The local folder with a model's files from the hub; files that are in the cache are not downloaded again.

    Raises ModelError when the files are not available.
    """
    hub = require("huggingface_hub", "model")
    owner, repository, *inside = name.split("/")
    prefix = "".join(f"{part}/" for part in inside)
    try:
        folder = hub.snapshot_download(f"{owner}/{repository}", allow_patterns=[prefix + pattern for pattern in _FILES])
    except Exception as error:  # no network, no repository, no permission: many exception types, from three packages
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ModelError(
            f"{name} is no folder here, and cannot be had from the hub ({reason}); offline, "
            "a folder works: one of ours, one with best_model_mt.pt and .hydra/config.yaml, or TMR's last_weights"
        ) from error
    model_folder = Path(folder, *inside)
    if not model_folder.is_dir():
        raise ModelError(f"{owner}/{repository} on the hub has no model in {'/'.join(inside)!r}")
    return model_folder
