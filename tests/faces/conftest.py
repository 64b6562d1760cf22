"""A library on the disk, with a model in numpy, for the faces that are programs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

import chronomotion

_TESTS = Path(__file__).parents[1]
_PLACES = [str(Path(chronomotion.__file__).parents[1]), str(_TESTS), str(_TESTS / "search" / "library")]


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    """Of programs: they find this package, and the model of the library."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(_PLACES), "OMP_NUM_THREADS": "1"}


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four takes, and the library of them beside."""
    pytest.importorskip("torch")
    from chronomotion.search.stored.indexing import index

    sys.path[:0] = _PLACES[1:]
    from library_toys import write_takes

    folder = tmp_path_factory.mktemp("library")
    index(write_takes(folder / "takes"), folder / "library", "library_toys:model", workers=1)
    return folder / "library"
