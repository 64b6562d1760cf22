"""``chronomotion serve``: libraries and a generator over HTTP."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from chronomotion.cli.options import UsageError, wrong_usage
from chronomotion.errors import require
from chronomotion.threads import VARIABLE, cores, set_up_threads

if TYPE_CHECKING:
    from chronomotion.web.generating.generator_face import GeneratorFace
    from chronomotion.web.searchable import Searchable

__all__ = ["run"]


def run(
    *library: Path,
    generate: Path | None = None,
    host: str = "127.0.0.1",
    port: int = 8000,
    token_file: Path | None = None,
    allow_host: list[str] | None = None,
    allow_origin: list[str] | None = None,
    read_only: bool = False,
) -> None:
    """Serve libraries, and a generator of motion, over HTTP, for the page, programs and plug-ins, until Ctrl-C.

    Example: chronomotion serve takes-library --generate models/ordered --port 8000

    The global option --threads says how many searches run at a time, each on one thread. Default: one per core.

    Parameters
    ----------
    library
        Folders of libraries, made by `chronomotion index` with the same model; their results are merged.
    generate
        Folder of a generator, made by `chronomotion train-generator`; with libraries or without. Animation programs ask
        it at /mmcp, where the extra mmcp is installed.
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
    if not library and generate is None:
        raise UsageError("nothing to serve: name the folder of a library, or with --generate that of a generator")
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
        collection = Collection(library, LibraryOpener())
        maker = None if generate is None else _opened(generate, collection.libraries())
        service = Service(collection, threads=threads, maker=maker, read_only=read_only)
        service.warm_up()
        served = [*map(str, library), *([] if generate is None else [f"{generate} (generates)"])]
        run_server(service, access, bound, ", ".join(served))


def _opened(folder: Path, libraries: Sequence[Searchable]) -> GeneratorFace:
    """The generator in a folder; the model of the libraries looks at what it makes."""
    from chronomotion.model.motion_text import MotionTextModel
    from chronomotion.web.generating.generator_face import GeneratorFace
    from chronomotion.web.library_face import LibraryFace

    for library in libraries:
        if isinstance(library, LibraryFace) and isinstance(library.library.model, MotionTextModel):
            return GeneratorFace.open(folder, (library.library.model, library.model_source))
    return GeneratorFace.open(folder)
