"""The socket, the process and its end."""

from __future__ import annotations

import atexit
import logging
import os
import socket
import sys
from pathlib import Path

import uvicorn

from chronomotion.errors import ConfigError
from chronomotion.web.app import Access, create_app
from chronomotion.web.security import MAKE_TOKEN, checked_origin, is_loopback, read_token
from chronomotion.web.service import Service

__all__ = ["address_of", "bound_socket", "checked_access", "run_server"]

log = logging.getLogger(__name__)

_GRACE = 3
"""Seconds that requests have to end after SIGTERM. Without it uvicorn waits for open connections for ever, and a second
Ctrl-C does nothing."""
_PORTS = 2**16
_STATUS = 130
"""Exit status after Ctrl-C."""


def checked_access(host: str, token_file: Path | None, hosts: list[str], origins: list[str]) -> Access:
    """Who may ask a server at this address.

    Raises ConfigError for an address that other machines reach where there is no token, for a bad token or origin.
    """
    token = None if token_file is None else read_token(token_file)
    loopback = is_loopback(host)
    if not loopback and token is None:
        raise ConfigError(
            f"--host {host} lets other machines in, so a token is needed: {MAKE_TOKEN}, chmod 600 token.txt, and start "
            "with --token-file token.txt"
        )
    return Access(token, [host, *hosts], [checked_origin(origin) for origin in origins], any_address=not loopback)


def bound_socket(host: str, port: int) -> socket.socket:
    """A socket at an address, not yet listening; port 0 takes a free one. Raises ConfigError when that is refused."""
    if not 0 <= port < _PORTS:
        raise ConfigError(f"--port is from 0 to {_PORTS - 1}, not {port}")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as error:
        raise ConfigError(f"--host {host} --port {port}: {error}") from error
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError as error:
        bound.close()
        raise ConfigError(f"--host {host} --port {port}: {error.strerror}: choose another with --port") from error
    return bound


def address_of(bound: socket.socket) -> str:
    """The address of a socket, for a browser."""
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class _AnnouncingServer(uvicorn.Server):
    """Says where it listens once it does."""

    def __init__(self, config: uvicorn.Config, announcement: str) -> None:
        super().__init__(config)
        self._announcement = announcement

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        log.info("%s", self._announcement)


def run_server(service: Service, access: Access, bound: socket.socket, name: str) -> None:
    """Answer requests until a signal comes: SIGTERM and Ctrl-C let requests end, a second Ctrl-C does not.

    ``name`` is what is served, for the line that says so. A search that does not end by then is left behind with the
    process, which then ends here, with the signal's status.
    """
    logging.getLogger("uvicorn").setLevel(logging.ERROR)
    config = uvicorn.Config(
        create_app(service, access),
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        lifespan="off",
        timeout_graceful_shutdown=_GRACE,
    )
    announcement = f"serving {name} at {address_of(bound)} (Ctrl-C ends it)"
    try:
        _AnnouncingServer(config, announcement).run(sockets=[bound])
    except KeyboardInterrupt as end:
        status, running = getattr(end, "status", _STATUS), service.close()
        if running:  # the interpreter would wait for their threads
            log.warning("%d tasks did not end in time", running)
            sys.stderr.flush()
            os._exit(status)
        # To take apart what torch and transformers hold takes a second of processor time: on a busy machine many.
        atexit.register(os._exit, status)
        raise
    finally:
        bound.close()
    service.close()
