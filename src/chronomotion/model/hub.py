"""Models from the Hugging Face hub: ``owner/name`` or ``owner/name/sub/folder``."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from chronomotion.errors import ModelError, require

__all__ = ["ask_hub", "fetched", "is_hub_id", "push"]

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
    """The local folder with a model's files from the hub; files that are in the cache are not downloaded again.

    Raises ModelError when the files are not available.
    """
    hub = require("huggingface_hub", "model")
    owner, repository, *inside = name.split("/")
    prefix = "".join(f"{part}/" for part in inside)
    try:
        folder = hub.snapshot_download(f"{owner}/{repository}", allow_patterns=[prefix + pattern for pattern in _FILES])
    except Exception as error:  # no network, no repository, no permission: many exception types, from three packages
        raise ModelError(
            f"{name} is no folder here, and cannot be had from the hub ({_reason(error)}); offline, "
            "a folder works: one of ours, one with best_model_mt.pt and .hydra/config.yaml, or TMR's last_weights"
        ) from error
    model_folder = Path(folder, *inside)
    if not model_folder.is_dir():
        raise ModelError(f"{owner}/{repository} on the hub has no model in {'/'.join(inside)!r}")
    return model_folder


def push(save: Callable[[Path], None], name: str, *, private: bool, token: str | None) -> str:
    """Upload what ``save`` writes into a folder to ``owner/name``; returns the address of the commit.

    Raises ModelError when the hub cannot be reached, or refuses.
    """
    hub = require("huggingface_hub", "model")
    if re.fullmatch(r"[A-Za-z0-9][\w.-]*/[\w.-]+", name) is None:
        raise ModelError(f"{name!r} is no name on the hub: expected owner/name")
    try:
        with tempfile.TemporaryDirectory() as folder:
            save(Path(folder))
            hub.create_repo(name, private=private, token=token, exist_ok=True)
            commit = hub.upload_folder(
                repo_id=name, folder_path=folder, token=token, commit_message="Chronomotion model"
            )
    except Exception as error:  # no net, no such owner, no leave to write: of many kinds, from three packages
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ModelError(f"{name} cannot be put on the hub ({reason}); `hf auth login` sets a token") from error
    return str(commit.commit_url)
