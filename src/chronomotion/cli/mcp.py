"""``chronomotion mcp``: a library as tools for language models."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from chronomotion.cli.options import TO, LoadingOptions

__all__ = ["run"]


def run(
    library: Path,
    *,
    to: Annotated[Path | None, Parameter(name=TO)] = None,
    loading: LoadingOptions | None = None,
) -> None:
    """Offer a library to a language model's program (MCP), on standard input and output.

    Not to be typed: a program starts it. docs/mcp.md says how to enter it there.

    Example: chronomotion mcp LIB

    Parameters
    ----------
    library
        Folder of a library.
    to
        Folder for motion files that have to be written. Default: a new one where temporary files are.
    """
    from chronomotion.errors import require

    require("mcp", "mcp")
    from chronomotion.mcp_server import mcp_server, serve
    from chronomotion.search.stored.library import Library

    opened = Library.open(library, **(loading or LoadingOptions()).arguments())
    serve(mcp_server(opened, to))
