"""The program: global flags, errors as one line, exit statuses."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any

from cyclopts import App, CycloptsError, Group, Parameter

from chronomotion.cli import (
    compare,
    compose,
    decompose,
    demo,
    evaluate,
    event_times,
    export,
    import_,
    info,
    render,
    search,
    train,
)
from chronomotion.errors import ChronomotionError, missing_extra
from chronomotion.version import __version__

__all__ = ["launch", "main"]

_HELP = """Motion search that knows what came first.

Data goes to standard output, messages and progress to standard error. Exit status: 0 done, 1 an error (one line says
what, where and the fix), 2 wrong usage, 130 interrupted."""

app = App(name="chronomotion", help=_HELP, version=__version__, suppress_keyboard_interrupt=False)
for verb in (import_, info, compose, decompose, train, event_times, evaluate, compare, search, render, export, demo):
    app.command(verb.run, name=verb.__name__.rpartition(".")[2].rstrip("_").replace("_", "-"))
app.meta.suppress_keyboard_interrupt = False  # launch() says what happened, and gives the status
app.meta.group_parameters = Group("Global options", sort_key=0)


@app.meta.default
def _launch(
    *tokens: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
    verbose: Annotated[
        bool, Parameter(name=["--verbose", "-v"], negative="", help="Say more on standard error.")
    ] = False,
    quiet: Annotated[
        bool, Parameter(name=["--quiet", "-q"], negative="", help="Only errors on standard error.")
    ] = False,
    debug: Annotated[bool, Parameter(negative="", help="Show the traceback of an error.")] = False,
) -> int:
    level = logging.INFO if verbose else logging.ERROR if quiet else logging.WARNING
    logging.basicConfig(level=level, format="%(message)s", stream=sys.stderr, force=True)
    if quiet:
        os.environ["TQDM_DISABLE"] = "1"
    try:
        app(tokens, exit_on_error=False, print_error=False, result_action="return_value")
    except BrokenPipeError:
        raise  # no error: main() ends quietly
    except (ChronomotionError, OSError, ImportError) as error:
        said = missing_extra(error) if isinstance(error, ImportError) else error
        if debug or said is None:
            raise
        print(f"chronomotion: {said}", file=sys.stderr)
        return 1
    return 0


def launch(tokens: Sequence[str]) -> int:
    """Run the command with these arguments; returns the exit status."""
    options: dict[str, Any] = {"exit_on_error": False, "print_error": False, "result_action": "return_value"}
    try:
        return int(app.meta(tokens, **options) or 0)
    except CycloptsError as error:
        print(f"chronomotion: {error} (see chronomotion --help)", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("chronomotion: interrupted", file=sys.stderr)
        return 130


def main() -> None:
    """Entry point of the ``chronomotion`` command."""
    try:
        status = launch(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of our output has gone, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    sys.exit(status)
