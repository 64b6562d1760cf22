"""How much a request may send. Bodies are counted as they arrive, before anything parses them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chronomotion.web.problems import problem_response

__all__ = ["BodyLimit", "Limits"]

MIB = 2**20


@dataclass(frozen=True)
class Limits:
    """What the server takes on.

    - ``upload_bytes`` of a motion file, ``json_bytes`` of any other body, which has to arrive in ``body_seconds``;
    - ``uploads``: motion files that arrive or are read at a time;
    - ``waiting``: searches that wait for a thread;
    - ``upload_duration``: seconds of motion, which may take ``upload_memory`` bytes, ``upload_cpu`` and
      ``upload_seconds`` to read;
    - ``kept_uploads`` motions are kept, each for ``kept_seconds``;
    - ``waiting_generations``: requests for motions that wait for the one that is worked on, each for
      ``variants`` at most; ``kept_generations`` of them are kept, each for ``kept_seconds``;
    - ``additions``: files that wait to be added to a library while another one is.
    """

    upload_bytes: int = 64 * MIB
    json_bytes: int = 64 * 1024
    body_seconds: float = 60.0
    uploads: int = 4
    waiting: int = 64
    upload_duration: float = 600.0
    upload_memory: int = 512 * MIB
    upload_cpu: int = 10
    upload_seconds: float = 20.0
    kept_uploads: int = 32
    kept_seconds: float = 3600.0
    waiting_generations: int = 8
    variants: int = 8
    kept_generations: int = 32
    additions: int = 16


class BodyLimit:
    """ASGI: answers 413 where a body is too large, said or sent; 408 where it does not come; 503 where too many motion
    files arrive at a time. The application sees a client that went away, and what it answers is not sent.
    """

    def __init__(self, app: ASGIApp, limits: Limits, upload_paths: frozenset[str]) -> None:
        self._app, self._limits, self._upload_paths = app, limits, upload_paths
        self._uploads = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, and its body as far as that may go."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        uploads = scope["path"] in self._upload_paths and scope["method"] == "POST"
        body = _CountedBody(self._limits.upload_bytes if uploads else self._limits.json_bytes, self._limits, receive)
        if body.is_announced_too_large(scope):
            await body.refuse(scope, receive, send)
        elif not uploads:
            await self._counted(scope, body, send)
        elif self._uploads >= self._limits.uploads:
            detail = f"{self._uploads} motion files are being read already: try again in a moment"
            await problem_response(503, detail, {"Retry-After": "2", "Connection": "close"})(scope, receive, send)
        else:
            self._uploads += 1
            try:
                await self._counted(scope, body, send)
            finally:
                self._uploads -= 1

    async def _counted(self, scope: Scope, body: _CountedBody, send: Send) -> None:
        started = False

        async def answer(message: Message) -> None:
            nonlocal started
            if body.fault and not started:
                return  # the application's word on a body that it did not get
            if message["type"] == "http.response.start" and body.has_more(scope):
                MutableHeaders(scope=message)["Connection"] = "close"  # else the rest would be read, and dropped
            started = True
            await send(message)

        try:
            await self._app(scope, body.receive, answer)
        except Exception:
            if not body.fault or started:
                raise
        if body.fault and not started:
            await body.refuse(scope, body.receive, send)


class _CountedBody:
    """The body of a request on its way; ``fault`` is the status where it went wrong."""

    def __init__(self, limit: int, limits: Limits, receive: Receive) -> None:
        self._limit, self._seconds, self._receive = limit, limits.body_seconds, receive
        self._bytes = 0
        self._whole = False
        self._deadline: float | None = None
        self.fault = 0

    def is_announced_too_large(self, scope: Scope) -> bool:
        """Whether Content-Length says more than the limit. What is no number h11 has refused."""
        for name, value in scope["headers"]:
            if name == b"content-length" and value.isdigit() and int(value[:20]) > self._limit:
                self.fault = 413
        return bool(self.fault)

    def has_more(self, scope: Scope) -> bool:
        """Whether some of the body has not arrived yet."""
        names = {name for name, value in scope["headers"] if (name, value) != (b"content-length", b"0")}
        return not self._whole and bool(names & {b"content-length", b"transfer-encoding"})

    async def receive(self) -> Message:
        """The next message; a disconnect once the body is too large or too late."""
        if self.fault:
            return {"type": "http.disconnect"}
        if self._whole:
            return await self._receive()
        loop = asyncio.get_running_loop()
        self._deadline = self._deadline or loop.time() + self._seconds
        try:
            message = await asyncio.wait_for(self._receive(), max(0.001, self._deadline - loop.time()))
        except TimeoutError:
            self.fault = 408
            return {"type": "http.disconnect"}
        if message["type"] == "http.request":
            self._bytes += len(message.get("body", b""))
            self._whole = not message.get("more_body", False)
            if self._bytes > self._limit:
                self.fault = 413
                return {"type": "http.disconnect"}
        return message

    async def refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and hang up: nobody reads the rest of the body."""
        details = {
            408: f"the body did not arrive within {self._seconds:g} s",
            413: f"the body is larger than the {self._limit} bytes that are read here",
        }
        await problem_response(self.fault, details[self.fault], {"Connection": "close"})(scope, receive, send)
