"""The command line: one file for every verb, thin: parse, call, print."""

from __future__ import annotations

import sys

from chronomotion.errors import missing_extra

__all__ = ["main"]


def main() -> None:
    """Entry point of the ``chronomotion`` command."""
    try:
        from chronomotion.cli.app import main as run
    except ImportError as error:
        message = missing_extra(error)
        if message is None:
            raise
        sys.exit(f"chronomotion: {message}")  # on standard error, exit status 1
    run()
