"""A running service (``chronomotion serve LIB``) as a Python object."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar
from urllib.parse import quote

import httpx
import numpy as np
from jaxtyping import Float32
from pydantic import BeforeValidator, TypeAdapter, ValidationError

from chronomotion.atomic_write import atomic_write
from chronomotion.errors import ConfigError, ServiceError
from chronomotion.search.records import EventMatch, Hit, LibraryClip, MotionReference, Query, SearchResult
from chronomotion.settings import complaint

__all__ = ["Client", "ServedCaption", "ServedClip", "ServedEvent", "ServedHit", "ServedLibrary", "ServedResult"]

Answer = TypeVar("Answer")
_QUERY = TypeAdapter(Query)
Number = Annotated[float, BeforeValidator(lambda number: float("nan") if number is None else number)]
"""JSON has no NaN: a service says null."""


@dataclass(frozen=True)
class ServedClip(LibraryClip):
    """A clip of a service; ``id`` is how the service calls it, which serves one library or several."""

    id: str = ""


@dataclass(frozen=True)
class ServedEvent(EventMatch):
    """An event of the query in a motion."""

    score: Number
    presence: Number


@dataclass(frozen=True)
class ServedHit(Hit):
    """A hit whose clips have the service's ids."""

    clip: ServedClip
    score: Number
    events: tuple[ServedEvent, ...] = ()
    order_margin: Number = float("nan")
    duplicates: tuple[ServedClip, ...] = ()


@dataclass(frozen=True)
class ServedResult(SearchResult):
    """The answer of a service to a search."""

    hits: tuple[ServedHit, ...]


@dataclass(frozen=True)
class ServedLibrary:
    """What a service has: clips, hours of motion, windows, the model's name, queries to try, its version, and the names
    of its libraries."""

    name: str
    clips: int
    hours: float
    windows: int
    model: str
    examples: tuple[str, ...] = ()
    version: str = ""
    libraries: tuple[str, ...] = ()


@dataclass(frozen=True)
class ServedCaption:
    """A sentence that may describe a motion, and how well it fits."""

    text: str
    score: Number


class Client:
    """A service at an address, ``http://localhost:8000``; ``token`` where the service asks for one.

    Every method raises ServiceError, in one line, when the service cannot be reached or refuses. A clip is named by
    its id, or by the ServedClip that a search returned. Connections are kept: close the client, or use it as a context
    manager. Threads may share one.
    """

    def __init__(self, url: str, token: str | None = None, *, timeout: float = 60.0) -> None:
        try:
            parts = httpx.URL(url)
        except httpx.InvalidURL as error:
            raise ConfigError(f"no address of a service: {url!r}: {error}") from error
        if parts.scheme not in {"http", "https"} or not parts.host:
            raise ConfigError(f"the address of a service starts with http:// or https://, not {url!r}")
        if token is not None and not (token.isascii() and token.isprintable()):
            raise ConfigError("a token has printable ASCII characters only; this one has others")
        self.url = url.rstrip("/")
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        self._http = httpx.Client(headers=headers, timeout=timeout)

    def library(self) -> ServedLibrary:
        """What the service has."""
        return self._json(TypeAdapter(ServedLibrary).validate_json, "GET", "/api/library")

    def search(self, query: str | Query = "", **options: Any) -> ServedResult:
        """Search; ``options`` are the fields of Query: ``client.search("a person walks", order=1.5, top=3)``.

        To search with a motion file: ``client.search(like=client.upload("take.bvh"))``.
        Raises ConfigError for an option that is not there.
        """
        base = query if isinstance(query, Query) else Query(text=query)
        unknown = sorted(set(options) - set(vars(base)))
        if unknown:
            raise ConfigError(f"a search has no option {unknown[0]!r}; there are {', '.join(vars(base))}")
        try:
            asked = _QUERY.validate_python({**vars(base), **options})
        except ValidationError as error:
            raise ConfigError(complaint(error)) from error
        # Only what differs travels: a service of another version knows the options that are used, or says so.
        body, headers = _QUERY.dump_json(asked, exclude_defaults=True), {"Content-Type": "application/json"}
        return self._json(TypeAdapter(ServedResult).validate_json, "POST", "/api/search", content=body, headers=headers)

    def clip(self, clip: str | ServedClip) -> ServedClip:
        """What is known of a clip."""
        return self._json(TypeAdapter(ServedClip).validate_json, "GET", _path_of(clip))

    def frames(self, clip: str | ServedClip) -> Float32[np.ndarray, "frames joints 3"]:
        """Joint positions in metres, y up."""
        answer = self._answer("GET", f"{_path_of(clip)}/frames")
        try:
            shape = (int(answer.headers["X-Frames"]), int(answer.headers["X-Joints"]), 3)
            return np.frombuffer(answer.content, dtype="<f2").reshape(shape).astype(np.float32)
        except (KeyError, ValueError) as error:
            raise ServiceError(f"{answer.url}: {len(answer.content)} bytes are not the frames of a motion") from error

    def file(self, clip: str | ServedClip, to: str | os.PathLike[str]) -> Path:
        """Write the clip's motion file to ``to``: a file, or a folder that is there. Returns the file."""
        path = Path(to)
        if path.is_dir():
            path /= f"{quote(_id_of(clip), safe='')}.bvh"  # a service's id leads to no other folder
        answer = self._answer("GET", f"{_path_of(clip)}/file")
        with atomic_write(path) as part:
            part.write_bytes(answer.content)
        return path

    def events(self, clip: str | ServedClip, query: str) -> tuple[ServedEvent, ...]:
        """When each event of a sentence happens in a clip."""
        read = TypeAdapter(tuple[ServedEvent, ...]).validate_json
        return self._json(read, "GET", f"{_path_of(clip)}/events", params={"q": query})

    def captions(self, clip: str | ServedClip) -> tuple[ServedCaption, ...]:
        """Sentences that may describe a clip, best first."""
        return self._json(TypeAdapter(tuple[ServedCaption, ...]).validate_json, "GET", f"{_path_of(clip)}/captions")

    def upload(self, path: str | os.PathLike[str]) -> MotionReference:
        """Send a motion file to search with; the service forgets it after a while. Raises OSError when unreadable."""
        file = Path(path)
        with file.open("rb") as stream:
            form = {"file": (file.name, stream)}
            given = self._json(TypeAdapter(_Uploaded).validate_json, "POST", "/api/motions", files=form)
        return MotionReference(given.id)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _json(self, read: Callable[[bytes], Answer], method: str, path: str, **request: Any) -> Answer:
        """What the service answers, as a record."""
        answer = self._answer(method, path, **request)
        try:
            return read(answer.content)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            reason = f"{where}: {first['msg']}" if where else first["msg"]
            raise ServiceError(f"{answer.url}: not the answer of a chronomotion service ({reason})") from error

    def _answer(self, method: str, path: str, **request: Any) -> httpx.Response:
        try:
            answer = self._http.request(method, f"{self.url}{path}", **request)
        except httpx.HTTPError as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            raise ServiceError(f"{self.url}: no answer: {reason}; is `chronomotion serve` running there?") from error
        if not answer.is_success:
            raise ServiceError(_problem(answer), status=answer.status_code)
        return answer


@dataclass(frozen=True)
class _Uploaded:
    id: str


def _id_of(clip: str | ServedClip) -> str:
    return clip.id if isinstance(clip, ServedClip) else clip


def _path_of(clip: str | ServedClip) -> str:
    return f"/api/clips/{quote(_id_of(clip), safe='')}"


def _problem(answer: httpx.Response) -> str:
    """A refusal in one line: title and detail of its problem (RFC 9457), or the status alone."""
    try:
        problem = answer.json()
    except ValueError:
        problem = None
    told = problem if isinstance(problem, Mapping) else {}
    words = [str(told[key]) for key in ("title", "detail") if told.get(key)]
    reason = ": ".join(words) or answer.reason_phrase
    return " ".join(f"{answer.url.copy_with(query=None)}: {reason} ({answer.status_code})".split())
