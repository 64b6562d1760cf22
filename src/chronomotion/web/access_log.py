"""A short line for every request, on standard error: method, path, status, milliseconds. No query and no header, so no
token. What nobody caught ends here, as a problem for the client and with its traceback in the log."""

from __future__ import annotations

import asyncio
import logging
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chronomotion.web.problems import problem_response

__all__ = ["AccessLog"]

log = logging.getLogger(__name__)

_LONGEST_PATH = 200


class AccessLog:
    """ASGI: logs every request at INFO, unexpected errors at ERROR."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.monotonic(), 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, answer)
        except asyncio.CancelledError:  # the server ends, and this request took longer than it may
            if not status:
                ending = problem_response(503, "the server is ending", {"Retry-After": "5", "Connection": "close"})
                await ending(scope, receive, answer)
        except Exception:
            log.exception("%s %s", scope["method"], _path(scope))
            if not status:
                await problem_response(500, "an unexpected error; the server's log has more")(scope, receive, answer)
        finally:
            milliseconds = 1000 * (time.monotonic() - began)
            log.info("%s %s %d %.0f ms", scope["method"], _path(scope), status, milliseconds)


def _path(scope: Scope) -> str:
    """As it was sent, percent signs and all: no control character reaches the terminal."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    return ascii(raw.decode("latin-1"))[1:-1][:_LONGEST_PATH]
