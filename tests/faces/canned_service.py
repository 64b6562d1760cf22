"""A small HTTP server that answers as `chronomotion serve` does, of two clips whose answers are written down here."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import numpy as np

from chronomotion.motion.formats.bvh_write import bvh_bytes
from chronomotion.search.records import EventMatch, Hit, LibraryClip, SearchResult
from walker import walking

Answer = tuple[int, str, bytes, dict[str, str]]
"""Status, type, body, headers."""

TOKEN = "a-token"
MOTION = walking(60, fps=30.0)
CLIPS = {
    "7": LibraryClip(7, "walks/take_007", "takes", "take_007.bvh", 60, 30.0, 1.7e9, ("a person walks",), ("walk",)),
    "b.9": LibraryClip(9, "sits", "takes", "sits.bvh", 90, 30.0, 1.6e9),
}
EVENTS = (
    EventMatch("a person walks", (0.5, 1.25), 0.8, 0.99, True),
    EventMatch("a person falls", None, 0.1, 0.2, False),
)
RESULT = SearchResult(
    ("a person walks", "a person falls"),
    (
        Hit(CLIPS["7"], 0.9, (0.5, 1.25), EVENTS, 0.25, True, (CLIPS["b.9"],)),
        Hit(CLIPS["b.9"], 0.4, (0.0, 3.0), (), float("nan"), False),
    ),
    2,
    ("'a person falls' is probably not in this library",),
)


def served(record: Any) -> Any:
    """A record as JSON has it: clips with their ids, null in the place of what is not a number."""
    if isinstance(record, LibraryClip):
        (name,) = (name for name, clip in CLIPS.items() if clip == record)
        return {**asdict(record), "id": name, "duration": record.duration}
    if hasattr(record, "__dataclass_fields__"):
        return {name: served(getattr(record, name)) for name in record.__dataclass_fields__}
    if isinstance(record, tuple):
        return [served(item) for item in record]
    return None if record != record else record


@dataclass
class CannedService:
    """Its address, the requests that came, and answers (status, type, body) with ``headers`` that go
    before the proper ones."""

    url: str = ""
    requests: list[tuple[str, str, bytes]] = field(default_factory=list)
    instead: dict[str, tuple[int, str, bytes]] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    token: str | None = None

    def answer(self, method: str, target: str, body: bytes, token: str | None) -> Answer:
        self.requests.append((method, target, body))
        path = urlsplit(target).path
        if path in self.instead:
            return (*self.instead[path], self.headers)
        if self.token is not None and token != f"Bearer {self.token}":
            return problem(401, "Unauthorized", "this service asks for a token")
        if path == "/api/library":
            return document(LIBRARY)
        if path == "/api/search":
            return document(served(RESULT))
        if path == "/api/motions" and method == "POST":
            return document({"id": "up-1", "expires": 600}, 201)
        return self.of_clip(*path.removeprefix("/api/clips/").partition("/")[::2], target)

    def of_clip(self, name: str, what: str, target: str) -> Answer:
        clip = CLIPS.get(unquote(name))
        if clip is None:
            return problem(404, "Not Found", f"no clip {unquote(name)!r}\nin this library")
        match what:
            case "":
                return document(served(clip))
            case "frames":
                shape = {"X-Frames": str(MOTION.frames), "X-Joints": "22", "X-Fps": "30.0"}
                return 200, "application/octet-stream", MOTION.positions.astype("<f2").tobytes(), shape
            case "file":
                return 200, "text/plain", bvh_bytes(MOTION), {"X-Offset": "0.5"}
            case "events":
                asked = parse_qs(urlsplit(target).query)["q"][0]
                return document([served(event) for event in EVENTS if event.text in asked])
            case "captions":
                return document([{"text": "a person walks", "score": 0.7}])
        return problem(404, "Not Found", f"nothing at {target}")


LIBRARY = {
    "name": "takes", "clips": 2, "hours": 0.1, "windows": 40, "model": "starter",
    "examples": ["a person walks"], "version": "0.1.0",
}  # fmt: skip


def document(value: Any, status: int = 200) -> Answer:
    return status, "application/json", json.dumps(value, allow_nan=False).encode(), {}


def problem(status: int, title: str, detail: str) -> Answer:
    told = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return status, "application/problem+json", json.dumps(told).encode(), {}


@contextmanager
def canned_service(token: str | None = None) -> Iterator[CannedService]:
    """The server, on a free port of this machine, until the block ends."""
    service = CannedService(token=token)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            token = self.headers.get("Authorization")
            status, kind, body, more = service.answer(self.command, self.path, self.rfile.read(length), token)
            self.send_response(status)
            for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **more}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    service.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()


def frames_as_sent() -> np.ndarray:
    """What float16 leaves of the frames."""
    return MOTION.positions.astype(np.float16).astype(np.float32)
