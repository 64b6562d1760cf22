"""One request to an endpoint, and what comes back or goes wrong."""

from __future__ import annotations

import json
import os
import urllib.request
from contextlib import suppress
from http.client import HTTPException
from socket import gaierror
from ssl import SSLCertVerificationError
from typing import Any
from urllib.error import HTTPError
from urllib.parse import SplitResult, urlsplit, urlunsplit

from chronomotion.errors import ConfigError, ModelError
from chronomotion.version import __version__

__all__ = ["KEYS", "NoReplyError", "RefusedError", "Wire"]

KEYS = ("CHRONOMOTION_LLM_KEY", "OPENAI_API_KEY")
"""Environment variables that an API key is taken from; the first that is set."""

_LONGEST_DETAIL = 300


class NoReplyError(ModelError):
    """No connection, no reply in time, a reply that was cut, or one that is no chat completion."""

    def __init__(self, message: str, *, hopeless: bool = False) -> None:
        super().__init__(message)
        self.hopeless = hopeless
        """Nobody is there: not worth another try before anything has been answered."""


class RefusedError(ModelError):
    """The server answered with a status other than 200. ``detail`` is its own explanation."""

    def __init__(self, status: int, detail: str, retry_after: str | None) -> None:
        super().__init__(f"{status} {detail}".rstrip())
        self.status = status
        self.detail = detail
        self.retry_after = retry_after


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect would take the key along to another host, and turn the request into a GET."""

    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        return None


class Wire:
    """Posts JSON to ``base_url``/chat/completions, with the API key of the environment if there is one.

    The key is held in memory only, and struck out of whatever a server says. Raises ConfigError when the address or the
    key cannot be used.
    """

    def __init__(self, base_url: str, timeout: float) -> None:
        parts = _address(base_url)
        path = parts.path.rstrip("/").removesuffix("/chat/completions") + "/chat/completions"
        self._url = urlunsplit(parts._replace(path=path, fragment=""))
        self.shown = urlunsplit(parts._replace(path=path, query="", fragment=""))
        self._timeout = timeout
        self._key = next((os.environ[name].strip() for name in KEYS if os.environ.get(name, "").strip()), "")
        if not (self._key.isascii() and self._key.isprintable()):
            raise ConfigError(f"the API key in {' or '.join(KEYS)} has characters that no key has; set it anew")
        self._opener = urllib.request.build_opener(_NoRedirects)

    @property
    def has_key(self) -> bool:
        """Whether the environment has a key."""
        return bool(self._key)

    def post(self, body: dict[str, object]) -> str:
        """The text of the first choice that is sent back. Raises RefusedError, NoReplyError."""
        headers = {"Content-Type": "application/json", "User-Agent": f"chronomotion/{__version__}"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        request = urllib.request.Request(self._url, json.dumps(body).encode("ascii"), headers, method="POST")
        try:
            with self._opener.open(request, timeout=self._timeout) as response:
                return _text_of(response.read())
        except HTTPError as error:
            raise RefusedError(error.code, self._explained(error), error.headers.get("Retry-After")) from error
        except (OSError, HTTPException) as error:
            raise self._no_reply(error) from error

    def _no_reply(self, error: OSError | HTTPException) -> NoReplyError:
        cause = getattr(error, "reason", error)
        if isinstance(cause, TimeoutError):
            return NoReplyError(f"no reply within {self._timeout:g} s")
        said = " ".join(str(cause).split()) or type(cause).__name__
        return NoReplyError(
            said, hopeless=isinstance(cause, (ConnectionRefusedError, gaierror, SSLCertVerificationError))
        )

    def _explained(self, error: HTTPError) -> str:
        """What the server says in its body, in one line; else what its status means."""
        body = b""
        with suppress(OSError, HTTPException):
            body = error.read()
        text = _complaint(body) or str(error.reason)
        if self._key:
            text = text.replace(self._key, "***")
        text = " ".join(text.split())
        return text if len(text) <= _LONGEST_DETAIL else f"{text[:_LONGEST_DETAIL]} ..."


def _address(base_url: str) -> SplitResult:
    """The parts of an address that can be posted to. Raises ConfigError."""
    try:
        parts = urlsplit(base_url)
        good = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        good = False
    if not good:
        raise ConfigError(f"base_url {base_url!r} is not an address like http://127.0.0.1:8000/v1")
    if parts.username is not None:
        raise ConfigError(f"base_url has a name or password in it; set {KEYS[0]} instead, which is never shown")
    return parts


def _complaint(body: bytes) -> str:
    """The message of an error body, as different servers put it, or the body itself."""
    text = body.decode("utf-8", "replace")
    try:
        said = json.loads(text)
    except ValueError:
        return text
    for name in ("error", "message", "detail"):
        if isinstance(said, dict) and said.get(name):
            said = said[name]
    return said if isinstance(said, str) else json.dumps(said)


def _text_of(body: bytes) -> str:
    """The content of the first choice; "" when the model said nothing. Raises NoReplyError for anything else."""
    try:
        content = json.loads(body)["choices"][0]["message"].get("content")
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise NoReplyError("the reply is not a chat completion with a choice") from error
    return content if isinstance(content, str) else ""
