"""A service over libraries without a model, asked in this process or in one of its own."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="the extra serve is not installed")
pytest.importorskip("httpx", reason="httpx is not installed")
sys.path[:0] = [str(Path(__file__).parent)]

import httpx
from fake_library import FakeLibrary

from chronomotion.web.app import Access, create_app
from chronomotion.web.collection import Collection
from chronomotion.web.limits import Limits
from chronomotion.web.service import Service


class Asking:
    """Requests to an application in this process; each waits for its answer."""

    def __init__(self, service, access=Access(), address="http://127.0.0.1:8000"):
        self.service, self.app, self.address = service, create_app(service, access), address

    async def ask(self, method, path, **request):
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url=self.address) as client:
            return await client.request(method, path, **request)

    def __call__(self, method, path, **request):
        return asyncio.run(self.ask(method, path, **request))

    def get(self, path, **request):
        return self("GET", path, **request)

    def post(self, path, **request):
        return self("POST", path, **request)


@pytest.fixture
def library(tmp_path):
    return FakeLibrary(tmp_path / "takes")


@pytest.fixture
def serving(library):
    """Makes an application for the library, or for others."""
    made = []

    def make(*libraries, access=Access(), limits=Limits(), threads=2, **more):
        by_folder = {each.folder: each for each in libraries or (library,)}
        collection = Collection(list(by_folder), lambda folder, _: by_folder[folder])
        service = Service(collection, limits, threads)
        made.append(service)
        return Asking(service, access, **more)

    yield make
    for service in made:
        service.close()


@pytest.fixture
def asking(serving):
    return serving()


def problem(answer, status):
    """The detail of a problem, of one line."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    assert set(said) == {"type", "title", "status", "detail"}
    assert said["status"] == status
    assert "\n" not in said["detail"]
    assert "Traceback" not in answer.text
    return said["detail"]
