"""One request through the openai SDK, and what comes back or goes wrong."""

from __future__ import annotations

import json
import os
from socket import gaierror
from ssl import SSLCertVerificationError
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlsplit, urlunsplit

from chronomotion.errors import ConfigError, ModelError, require
from chronomotion.version import __version__

__all__ = ["KEYS", "Connection", "NoReplyError", "RefusedError"]

KEYS = ("CHRONOMOTION_LLM_KEY", "OPENAI_API_KEY")
"""Environment variables that an API key is taken from; the first that is set."""

_LONGEST_DETAIL = 300
_NOBODY_THERE = (ConnectionRefusedError, gaierror, SSLCertVerificationError)


class NoReplyError(ModelError):
    """No connection, no reply in time, a reply that was cut, or one that is no chat completion."""

    def __init__(self, message: str, *, hopeless: bool = False) -> None:
        super().__init__(message)
        self.hopeless = hopeless
        """Nobody is there: not worth another try before anything has been answered."""


class RefusedError(ModelError):
    """The server answered with a status other than 2xx. ``detail`` is its own explanation."""

    def __init__(self, status: int, detail: str, retry_after: str | None) -> None:
        super().__init__(f"{status} {detail}".rstrip())
        self.status = status
        self.detail = detail
        self.retry_after = retry_after


class Connection:
    """The chat completions of ``base_url``, asked with the API key of the environment if there is one.

    The key is held in memory only, and struck out of whatever a server says. Raises ConfigError when the address, the
    key or a proxy of the environment cannot be used, MissingExtraError without the SDK.
    """

    def __init__(self, base_url: str, timeout: float) -> None:
        parts = _address(base_url)
        parts = parts._replace(path=parts.path.rstrip("/").removesuffix("/chat/completions"), fragment="")
        self.shown = urlunsplit(parts._replace(path=f"{parts.path}/chat/completions", query=""))
        self._timeout = timeout
        self._key = _key()
        self.has_key = bool(self._key)
        self._sdk = require("openai", "llm")
        self._headers = {
            "Authorization": f"Bearer {self._key}" if self._key else self._sdk.Omit(),
            "User-Agent": f"chronomotion/{__version__}",
        }
        try:
            # Made here, not at the first request: the threads that share it would race for its lazy parts.
            self._create = self._client(parts).chat.completions.with_raw_response.create
        except Exception as error:  # of the HTTP library, which has no base class for a bad proxy or address
            fix = "check the address, and the proxies and certificates of the environment"
            raise ConfigError(f"{self.shown} cannot be asked: {error}; {fix}") from error

    def _client(self, parts: SplitResult) -> Any:
        """The SDK's client. The pace that all threads share decides when to try again, never the SDK.

        The SDK's tries wait in the thread that asks: they cannot be stopped, take none of the requests per minute,
        keep no other thread from asking, and their pauses differ from run to run and from version to version.
        """
        return self._sdk.OpenAI(
            base_url=urlunsplit(parts._replace(query="")),
            default_query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            api_key=self._key or "none",  # the SDK insists on one; what is sent are the headers of ``ask``
            timeout=self._timeout,
            max_retries=0,
            # A redirect would take the key along to another address.
            http_client=self._sdk.DefaultHttpxClient(follow_redirects=False),
        )

    def ask(self, messages: list[dict[str, str]], **settings: object) -> str:
        """The text of the first choice that is sent back. Raises RefusedError, NoReplyError."""
        # Models leave lone surrogates behind in a broken escape, and UTF-8 cannot write them.
        turns = [{name: text.encode("utf-8", "replace").decode() for name, text in turn.items()} for turn in messages]
        try:
            return _text_of(self._create(messages=turns, extra_headers=self._headers, **settings).content)
        except self._sdk.APIStatusError as error:
            detail = self._in_one_line(_complaint(error.body) or error.response.reason_phrase)
            # Not "from error": the SDK's message repeats what the server said, and a traceback would show a key in it.
            raise RefusedError(error.status_code, detail, error.response.headers.get("Retry-After")) from None
        except self._sdk.APITimeoutError as error:
            raise NoReplyError(f"no reply within {self._timeout:g} s") from error
        except self._sdk.APIConnectionError as error:
            cause = link = error.__cause__ or error
            while link is not None and not isinstance(link, _NOBODY_THERE):
                link = link.__cause__ or link.__context__
            text = self._in_one_line(str(cause) or type(cause).__name__)
            raise NoReplyError(text, hopeless=link is not None) from error

    def _in_one_line(self, text: str) -> str:
        text = " ".join((text.replace(self._key, "***") if self._key else text).split())
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


def _key() -> str:
    """The key of the environment, or "". Raises ConfigError for one that no header can carry."""
    key = next((os.environ[name].strip() for name in KEYS if os.environ.get(name, "").strip()), "")
    if not (key.isascii() and key.isprintable()):
        raise ConfigError(f"the API key in {' or '.join(KEYS)} has characters that no key has; set it anew")
    return key


def _complaint(said: object) -> str:
    """The message of an error body, as different servers put it, or the body itself."""
    for name in ("error", "message", "detail"):
        if isinstance(said, dict) and said.get(name):
            said = said[name]
    return said if isinstance(said, str) else json.dumps(said)


def _text_of(body: bytes) -> str:
    """The content of the first choice; "" when the model said nothing. Raises NoReplyError for anything else.

    Read here and not by the SDK, which leaves a reply unread that does not say that it is JSON, and checks no types.
    """
    try:
        content = json.loads(body)["choices"][0]["message"].get("content")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise NoReplyError("the reply is not a chat completion with a choice") from error
    return content if isinstance(content, str) else ""
