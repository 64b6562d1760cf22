"""Who may ask: host, origin and token of every request, and the headers that tell a browser what it may do."""

from __future__ import annotations

import hmac
import ipaddress
import re
import socket
import stat
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chronomotion.errors import ConfigError
from chronomotion.web.problems import problem_response

__all__ = ["HostAndOrigin", "SafeHeaders", "TokenCheck", "checked_origin", "is_loopback", "read_token"]

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_PUBLIC = frozenset({"/", "/favicon.ico", "/api/health"})
"""Without a token: the page, which asks for it, and what a monitor looks at. Its files are under /static/."""
_LEAST_TOKEN = 16
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]+")
MAKE_TOKEN = "python -c 'import secrets; print(secrets.token_urlsafe(32))' > token.txt"
"""A command that makes a token."""


def is_loopback(host: str) -> bool:
    """Whether only programs of this machine reach a server at this address or name.

    Raises ConfigError for a name that leads nowhere.
    """
    try:
        rows = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ConfigError(f"--host {host!r} is no address of this machine: {error}") from error
    return all(ipaddress.ip_address(str(address[0]).partition("%")[0]).is_loopback for *_, address in rows)


def read_token(path: Path) -> str:
    """The token in a file: one line of at least 16 letters, digits and ``-._~+/=``.

    Raises ConfigError when it is not, or when other users may read the file.
    """
    try:
        token = path.read_text(encoding="utf-8").strip()
        mode = path.stat().st_mode
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise ConfigError(f"{path}: the token cannot be read: {reason}") from error
    if len(token) < _LEAST_TOKEN or not _TOKEN.fullmatch(token):
        raise ConfigError(
            f"{path}: a token is one line of at least {_LEAST_TOKEN} letters, digits and -._~+/=: make one with "
            f"{MAKE_TOKEN}"
        )
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigError(f"{path}: other users of this machine may read the token: chmod 600 {path}")
    return token


def checked_origin(origin: str) -> str:
    """An origin as browsers send it, ``https://host[:port]``; raises ConfigError for anything else."""
    parts = urlsplit(origin)
    if parts.scheme not in {"http", "https"} or not parts.hostname or origin != f"{parts.scheme}://{parts.netloc}":
        raise ConfigError(f"--allow-origin takes https://HOST[:PORT], as the browser sends it, not {origin!r}")
    return origin.lower()


class HostAndOrigin:
    """ASGI: answers only requests that name this server as their host and come from no other page.

    A page of another site can point a name of its own at this machine (DNS rebinding): then Host is that name. An
    address can not be pointed elsewhere. So loopback names are right, with ``any_address`` every address, and
    ``hosts``. A request of a page of another site carries its Origin, and is refused unless ``origins`` has it.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str], origins: Iterable[str], *, any_address: bool) -> None:
        self._app, self._any_address = app, any_address
        self._hosts = {host.lower().strip("[]") for host in hosts}
        self._origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request, or let it through."""
        fault = self._fault(Headers(scope=scope)) if scope["type"] == "http" else None
        if fault is None:
            await self._app(scope, receive, send)
        else:
            await problem_response(*fault, {"Connection": "close"})(scope, receive, send)

    def _fault(self, headers: Headers) -> tuple[int, str] | None:
        hosts = headers.getlist("host")
        if len(hosts) != 1:
            return 400, "the request has to have one Host header"
        name = _host_name(hosts[0])
        if not self._is_ours(name):
            return 403, f"this server is not called {name!r}: start it with --allow-host to let it answer to that name"
        for origin in headers.getlist("origin"):
            ours = urlsplit(origin.lower()).netloc == hosts[0].lower() if "://" in origin else False
            if not ours and origin.lower() not in self._origins:
                return 403, "requests of pages of other sites are refused: start the server with --allow-origin"
        return None

    def _is_ours(self, name: str) -> bool:
        if name in self._hosts or name == "localhost":
            return True
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        return self._any_address or address.is_loopback


class TokenCheck:
    """ASGI: everything but the page and the health check needs ``Authorization: Bearer TOKEN``."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app, self._token = app, token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request without the token, or let it through."""
        if scope["type"] != "http" or self._is_public(scope) or self._is_right(Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        headers = {"WWW-Authenticate": 'Bearer realm="chronomotion"', "Connection": "close"}
        detail = "a token is needed, in the header: Authorization: Bearer TOKEN"
        await problem_response(401, detail, headers)(scope, receive, send)

    @staticmethod
    def _is_public(scope: Scope) -> bool:
        path: str = scope["path"]
        return path in _PUBLIC or path.startswith("/static/")

    def _is_right(self, headers: Headers) -> bool:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        # Compared in bytes: of texts only ASCII can be compared in constant time.
        return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode("latin-1"), self._token)


class SafeHeaders:
    """ASGI: what a browser may do with an answer, on every answer, errors included. HEAD is GET without the body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, and add headers to its answer."""

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(_HEADERS)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        if scope["type"] == "http" and scope["method"] == "HEAD":
            scope = {**scope, "method": "GET"}  # the server sends no body where HEAD was asked
        await self._app(scope, receive, answer)


def _host_name(host: str) -> str:
    """The host without its port, in lower case; of an IPv6 address without its brackets."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower().rstrip(".")
