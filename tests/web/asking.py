"""Requests to an application in this process, and what a problem looks like."""

from __future__ import annotations

import asyncio

import httpx

from chronomotion.web.app import Access, create_app


class Asking:
    """Requests to an application in this process; each waits for its answer."""

    def __init__(self, service, access=None, address="http://127.0.0.1:8000"):
        self.service, self.app, self.address = service, create_app(service, access or Access()), address

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
