"""``chronomotion serve``: libraries over HTTP."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from chronomotion.cli.options import wrong_usage
from chronomotion.errors import require
from chronomotion.threads import VARIABLE, cores, set_up_threads

__all__ = ["run"]


def run(
    library: Path,
    *more: Path,
    host: str = "127.0.0.1",
    port: int = 8000,
    token_file: Path | None = None,
    allow_host: list[str] | None = None,
    allow_origin: list[str] | None = None,
    read_only: bool = False,
) -> None:
    """Serve one or several libraries over HTTP, for the page, programs and plug-ins, until Ctrl-C.

    Example: chronomotion serve takes-library --port 8000

    The global option --threads says how many searches run at a time, each on one thread. Default: one per core.

    Parameters
    ----------
    library
        Folder of a library, made by `chronomotion index`.
    more
        Folders of more libraries, made with the same model; their results are merged.
    host
        Address to listen at. Any but this machine's own needs --token-file.
    port
        Port to listen at; 0 takes a free one.
    token_file
        File with the token that requests have to send in a header.
    allow_host
        Name under which a reverse proxy or another machine reaches this server; may be repeated.
    allow_origin
        Origin, https://HOST, whose pages may ask; may be repeated.
    read_only
        Let nobody add motion files to the library.
    """
    for package in ("fastapi", "uvicorn", "python_multipart", "threadpoolctl"):
        require(package, "serve")
    threads = int(os.environ.get(VARIABLE) or cores())
    set_up_threads(1)  # threads of searches are enough: those of one search would only fight with the others
    from chronomotion.web.server import bound_socket, checked_access, run_server

    with wrong_usage():
        access = checked_access(host, token_file, allow_host or [], allow_origin or [])
        bound = bound_socket(host, port)
    from threadpoolctl import threadpool_limits

    from chronomotion.web.collection import Collection
    from chronomotion.web.library_face import LibraryOpener
    from chronomotion.web.service import Service

    log = logging.getLogger("chronomotion.web")
    if not log.isEnabledFor(logging.INFO) and log.isEnabledFor(logging.WARNING):
        log.setLevel(logging.INFO)  # a line for every request, unless --quiet
    with bound, threadpool_limits(1):
        service = Service(Collection([library, *more], LibraryOpener()), threads=threads, read_only=read_only)
        service.warm_up()
        run_server(service, access, bound, ", ".join(map(str, [library, *more])))
