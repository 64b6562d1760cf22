"""A service over libraries without a model, asked in this process or in one of its own."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

for needed in ("fastapi", "httpx"):
    pytest.importorskip(needed, reason="the extra serve, or httpx, is not installed")
sys.path[:0] = [str(Path(__file__).parent)]

from asking import Asking  # noqa: E402
from fake_library import FakeLibrary  # noqa: E402
from toy_maker import ToyMaker  # noqa: E402

from chronomotion.web.collection import Collection  # noqa: E402
from chronomotion.web.limits import Limits  # noqa: E402
from chronomotion.web.service import Service  # noqa: E402


@pytest.fixture
def library(tmp_path):
    return FakeLibrary(tmp_path / "takes")


@pytest.fixture
def serving(library):
    """Makes an application for the library, or for others."""
    made = []

    def make(*libraries, access=None, limits=None, threads=2, maker=None, alone=False, **more):
        by_folder = {each.folder: each for each in libraries or (() if alone else (library,))}
        collection = Collection(list(by_folder), lambda folder, _: by_folder[folder])
        service = Service(collection, limits or Limits(), threads, maker)
        made.append(service)
        return Asking(service, access, **more)

    yield make
    for service in made:
        if isinstance(service.maker, ToyMaker):
            service.maker.go.set()
        service.close()


@pytest.fixture
def asking(serving):
    return serving()


@pytest.fixture
def making(serving):
    """An application with a library and a toy generator."""
    return serving(maker=ToyMaker())
