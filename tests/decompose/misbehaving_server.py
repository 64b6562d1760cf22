"""A chat completions endpoint on 127.0.0.1 that does what a test tells it to, good or bad."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

__all__ = ["Behaviour", "MisbehavingServer", "cut", "events", "hang", "page", "says", "status"]

Behaviour = Callable[["MisbehavingServer", BaseHTTPRequestHandler], None]


def page(code: int, body: bytes, headers: dict[str, str] | None = None, *, length: int | None = None) -> Behaviour:
    """Any reply; ``length`` is a false Content-Length."""

    def behave(_server: MisbehavingServer, handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in (headers or {}).items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body) if length is None else length))
        handler.end_headers()
        handler.wfile.write(body)

    return behave


def status(code: int, message: str = "", **headers: str) -> Behaviour:
    """An error as OpenAI sends it; ``Retry_After="7"`` is a header."""
    body = json.dumps({"error": {"message": message}}).encode()
    return page(code, body, {name.replace("_", "-"): value for name, value in headers.items()})


def says(content: str | None) -> Behaviour:
    """A good reply with this content."""
    return page(200, json.dumps({"choices": [{"message": {"role": "assistant", "content": content}}]}).encode())


def events(*texts: str) -> Behaviour:
    """A good reply with these events."""
    return says(json.dumps({"events": texts}))


def cut(_server: MisbehavingServer, handler: BaseHTTPRequestHandler) -> None:
    """The connection ends in the middle of the body."""
    page(200, b'{"choices": [{"message": {"con', length=500)(_server, handler)
    handler.close_connection = True


def hang(server: MisbehavingServer, _handler: BaseHTTPRequestHandler) -> None:
    """No reply until the test is over."""
    server.over.wait()


class MisbehavingServer:
    """``script`` says what to do with the first, second, ... request for a caption; the last one is repeated.

    Captions without a script are answered well: split at ", then ". ``before`` may answer instead, whatever the
    caption. ``asked`` are the captions in the order in which they were asked, ``bodies``, ``headers`` and ``paths``
    the whole requests; ``most_at_once`` is the number of requests that were there at one time. ``gather`` makes every
    request wait until so many are there together (or no more come).
    """

    def __init__(self) -> None:
        self.script: dict[str, Sequence[Behaviour]] = {}
        self.before: Callable[[dict[str, Any]], Behaviour | None] = lambda body: None
        self.asked: list[str] = []
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[Message] = []
        self.paths: list[str] = []
        self.most_at_once = 0
        self.over = threading.Event()
        self.gather: threading.Barrier | None = None
        self._at_once = 0
        self._times: defaultdict[str, int] = defaultdict(int)
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def __enter__(self) -> MisbehavingServer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                behave = outer._arrived(self.path, body, self.headers)
                try:
                    if outer.gather is not None:
                        with suppress(threading.BrokenBarrierError):
                            outer.gather.wait(0.5)
                    behave(outer, self)
                finally:
                    with outer._lock:
                        outer._at_once -= 1

            def log_message(self, *_words: object) -> None:
                """Say nothing."""

        return Handler

    def _arrived(self, path: str, body: dict[str, Any], headers: Message) -> Behaviour:
        caption = body["messages"][-1]["content"].rpartition("Caption: ")[2].partition("\n")[0]
        with self._lock:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            self.asked.append(caption)
            self.bodies.append(body)
            self.headers.append(headers)
            self.paths.append(path)
            turn = self._times[caption]
            self._times[caption] += 1
        if path.partition("?")[0] != "/v1/chat/completions":
            return status(404, f"no {path} here")
        refusal = self.before(body)
        script = self.script.get(caption)
        if refusal or not script:
            return refusal or events(
                *(f"a person {part}" for part in caption.removeprefix("a person ").split(", then "))
            )
        return script[min(turn, len(script) - 1)]
