"""Fixtures for all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

# Nothing in the tests may reach a hub; the packaged backbone is read from disk.
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with golden files and real recordings; tests that need it are skipped where it is absent."""
    folder = Path(os.environ.get("CHRONOMOTION_SHARED", Path(__file__).parents[2] / "shared"))
    if not (folder / "golden").is_dir():
        pytest.skip(f"no recordings or golden files at {folder} (set CHRONOMOTION_SHARED to their folder)")
    return folder
