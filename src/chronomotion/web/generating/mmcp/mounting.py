"""The application of the SDK within the service: strict JSON in, the protocol's own errors out."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chronomotion.errors import MissingExtraError, require
from chronomotion.web.generating.generations import Generations
from chronomotion.web.pool import BoundedPool
from chronomotion.web.problems import problem_response

__all__ = ["MMCP_PATH", "mmcp_app"]

log = logging.getLogger(__name__)

MMCP_PATH = "/mmcp"
_PATHS = frozenset({"/capabilities", "/generate"})
"""Paths of the protocol. The SDK's pages of documentation load scripts from elsewhere."""
_LARGEST_NUMBER = 2**53
_RETRY = "5"


def mmcp_app(generations: Generations, pool: BoundedPool) -> ASGIApp:
    """The protocol's paths for a generator; without the extra, one that names it."""
    try:
        require("motionmcp", "mmcp")
    except MissingExtraError as error:
        log.info("animation programs cannot ask at %s: %s", MMCP_PATH, error)
        return _Missing(str(error))
    from motionmcp import build_app

    from chronomotion.web.generating.mmcp.backbone import GeneratorBackbone

    app = build_app(GeneratorBackbone(generations, pool))
    app.add_exception_handler(Exception, _unexpected)
    return _Guard(app)


class _Missing:
    """ASGI: says on every path what is missing."""

    def __init__(self, detail: str) -> None:
        self._detail = detail

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await problem_response(501, self._detail)(scope, receive, send)


class _Guard:
    """ASGI: gives the SDK the paths of the protocol and bodies that are strict JSON, for it answers others with a 500;
    and ends what is being made for a client that has gone.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it."""
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if path not in _PATHS:
            await problem_response(404, f"MMCP has {', '.join(sorted(_PATHS))}")(scope, receive, send)
            return
        if scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        body = await Request(scope, receive).body()
        fault = _fault_of(body)
        if fault:
            await _error(422, "schema_validation", f"request body is not valid JSON: {fault}")(scope, receive, send)
            return
        await self._while_there(scope, body, receive, send)

    async def _while_there(self, scope: Scope, body: bytes, receive: Receive, send: Send) -> None:
        """Answer a request, as long as the client waits for it."""

        async def again() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 503:
                MutableHeaders(scope=message)["Retry-After"] = _RETRY
            await send(message)

        work = asyncio.ensure_future(self._app(scope, again, answer))
        gone = asyncio.ensure_future(receive())
        try:
            await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                await work
        finally:
            gone.cancel()
            work.cancel()
            await asyncio.wait({work})


def _fault_of(body: bytes) -> str:
    """What is wrong with a body that is to be JSON: no text, numbers that are none or too large for others to read."""

    def whole(digits: str) -> int:
        if len(digits) > 17 or abs(int(digits)) > _LARGEST_NUMBER:
            raise ValueError("a number is too large")
        return int(digits)

    def real(text: str) -> float:
        if abs(float(text)) > _LARGEST_NUMBER:
            raise ValueError("a number is too large")
        return float(text)

    def none(name: str) -> Any:
        raise ValueError(f"{name} is no number")

    try:
        value = json.loads(body, parse_int=whole, parse_float=real, parse_constant=none)
        json.dumps(value, ensure_ascii=False).encode()
    except RecursionError:
        return "it is nested too deep"
    except UnicodeError:
        return "a text holds half a character"
    except ValueError as error:
        return str(error)[:200]
    return ""


def _error(status: int, code: str, message: str) -> Response:
    """An error in the form of the protocol."""
    return JSONResponse({"error": {"code": code, "message": message, "details": {}}}, status)


async def _unexpected(_: Request, __: Exception) -> Response:
    return _error(500, "internal_error", "an unexpected error; the server's log has more")
