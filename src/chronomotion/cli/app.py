"""The program: global flags, errors as one line, exit statuses."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Annotated, Any

from cyclopts import App, CycloptsError, Group, Parameter

from chronomotion.cli import (
    compare,
    compose,
    convert,
    decompose,
    demo,
    evaluate,
    evaluate_motions,
    event_times,
    export,
    generate,
    import_,
    index,
    info,
    locate,
    mcp,
    render,
    search,
    serve,
    train,
    train_generator,
    train_judge,
)
from chronomotion.cli.options import UsageError, wrong_usage
from chronomotion.errors import ChronomotionError, missing_extra
from chronomotion.threads import set_up_threads
from chronomotion.version import __version__

__all__ = ["launch", "main"]

_HELP = """Motion search that knows what came first.

Results go to standard output, messages and progress to standard error. Exit status: 0 success, 1 error (one line says
what is wrong, where, and the fix), 2 wrong usage, 130 interrupted, 143 terminated. After the last two, the same command
resumes a training."""

app = App(name="chronomotion", help=_HELP, version=__version__, suppress_keyboard_interrupt=False)
for verb in (
    import_,
    convert,
    info,
    compose,
    decompose,
    train,
    train_generator,
    train_judge,
    event_times,
    evaluate,
    evaluate_motions,
    compare,
    index,
    search,
    locate,
    generate,
    serve,
    mcp,
    render,
    export,
    demo,
):
    app.command(verb.run, name=verb.__name__.rpartition(".")[2].rstrip("_").replace("_", "-"))
_RENAMED_OPTIONS = {
    "convert": {"--to": "--format"},
    "demo": {"--out": "--to"},
    "evaluate": {"--out": "--to"},
    "render": {"--out": "--to"},
    "search": {"--strips": "--to"},
}
"""Earlier names of options, by verb: they still work, and help does not list them."""

app.meta.suppress_keyboard_interrupt = False  # launch() prints the message and returns the status
app.meta.group_parameters = Group("Global options", sort_key=0)


@app.meta.default
def _launch(
    *tokens: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
    verbose: Annotated[bool, Parameter(name=["--verbose", "-v"], negative="", help="Print more messages.")] = False,
    quiet: Annotated[bool, Parameter(name=["--quiet", "-q"], negative="", help="Print errors only.")] = False,
    debug: Annotated[bool, Parameter(negative="", help="Print the traceback of an error.")] = False,
    threads: Annotated[
        int | None, Parameter(help="Compute threads. Default: CHRONOMOTION_THREADS, else one per available core.")
    ] = None,
) -> int:
    level = logging.INFO if verbose else logging.ERROR if quiet else logging.WARNING
    logging.basicConfig(level=level, format="%(message)s", stream=sys.stderr, force=True)
    if quiet:
        os.environ["TQDM_DISABLE"] = "1"
    try:
        with wrong_usage():
            set_up_threads(threads)  # before a verb imports torch
        app(_current_names(tokens), exit_on_error=False, print_error=False, result_action="return_value")
    except BrokenPipeError:
        raise  # not an error: main() ends quietly
    except (ChronomotionError, OSError, ImportError) as error:
        known = missing_extra(error) if isinstance(error, ImportError) else error
        if debug or known is None:
            raise
        print(f"chronomotion: {_message(known)}", file=sys.stderr)
        return 2 if isinstance(error, UsageError) else 1
    return 0


def _message(error: Exception) -> str:
    """The error in one line; errors of the operating system in our style: file, colon, what is wrong."""
    if isinstance(error, ChronomotionError) or not isinstance(error, OSError):
        return str(error)
    if error.filename is None or not error.strerror:
        return str(error)
    return f"{error.filename}: {error.strerror[0].lower()}{error.strerror[1:]}"


def _current_names(tokens: Sequence[str]) -> list[str]:
    """The arguments, with earlier names of options replaced by the current ones."""
    current = _RENAMED_OPTIONS.get(tokens[0], {}) if tokens else {}
    words: list[str] = []
    for token in tokens:
        name, equals, value = token.partition("=")
        words.append(f"{current[name]}{equals}{value}" if name in current and "--" not in words else token)
    return words


def launch(tokens: Sequence[str]) -> int:
    """Run the command with these arguments; returns the exit status."""
    options: dict[str, Any] = {"exit_on_error": False, "print_error": False, "result_action": "return_value"}
    try:
        return int(app.meta(tokens, **options) or 0)
    except CycloptsError as error:
        print(f"chronomotion: {error} (see chronomotion --help)", file=sys.stderr)
        return 2
    except _Terminated as end:
        print(f"chronomotion: {end}", file=sys.stderr)
        return end.status
    except KeyboardInterrupt:
        print("chronomotion: interrupted", file=sys.stderr)
        return 130


class _Terminated(KeyboardInterrupt):
    """Ended by a signal other than that of Ctrl-C; the cleanup is that of an interrupt."""

    def __init__(self, number: int) -> None:
        super().__init__(f"ended by {signal.Signals(number).name}")
        self.status = 128 + number


def _end(number: int, _: FrameType | None) -> None:
    raise _Terminated(number)


def _handle_signals() -> None:
    """SIGTERM (kill, timeout, a batch system) and SIGHUP (a terminal that closes) end the program as Ctrl-C does."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == signal.SIG_DFL:  # nohup ignores SIGHUP: leave it so
            signal.signal(number, _end)


def main() -> None:
    """Entry point of the ``chronomotion`` command."""
    try:
        _handle_signals()
        status = launch(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of our output has gone, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    sys.exit(status)
