"""A folder of four toy takes, a model in numpy, and a library of them."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent)]


@pytest.fixture(scope="session")
def toy_takes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four takes of 1.45 s with captions. Not to be changed."""
    from library_toys import write_takes

    return write_takes(tmp_path_factory.mktemp("toys") / "takes")


@pytest.fixture
def takes(toy_takes: Path, tmp_path: Path) -> Path:
    """A copy of the four takes."""
    return shutil.copytree(toy_takes, tmp_path / "takes")
