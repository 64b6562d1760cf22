"""The command in a process of its own that can be killed at any moment, started quickly.

A server process imports everything once, and every command is a fork of it.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

_CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.truncate"}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(
    ["chronomotion.cli.app", "chronomotion.training.train", "chronomotion.evaluation.evaluate", "transformers"]
)


@dataclass(frozen=True)
class Done:
    """How a command ended (-9: killed), how often it was about to change something on the disk, what it said."""

    status: int
    changes: int
    said: str


class Verb:
    """A command that is going on."""

    def __init__(
        self,
        *arguments: str | int | Path,
        cwd: Path,
        kill_at: int = 0,
        limit: int = 0,
        name: str = "first",
        by: int = signal.SIGKILL,
    ) -> None:
        """``kill_at``: the process is killed right before its change of that number, from 1. ``limit``: bytes that a
        file may have at the most. ``by``: another signal than SIGKILL.
        """
        self.output = cwd.parent / f"{cwd.name}.{name}"
        self.output.unlink(missing_ok=True)
        given = [str(one) for one in arguments]
        self.process: BaseProcess = _context.Process(
            target=_run, args=(given, str(cwd), str(self.output), kill_at, limit, by)
        )
        self.process.start()

    def done(self) -> Done:
        """Wait for the end."""
        self.process.join(120)
        assert self.process.exitcode is not None, "it hangs"
        said, _, count = self.output.read_text(encoding="utf-8").partition("\0")
        return Done(self.process.exitcode, int(count or 0), said)

    def kill(self) -> None:
        """SIGKILL from outside."""
        if self.process.pid is not None and self.process.is_alive():
            os.kill(self.process.pid, signal.SIGKILL)
        self.process.join()


def run(*arguments: str | int | Path, cwd: Path, kill_at: int = 0, limit: int = 0) -> Done:
    """The command from beginning to end."""
    return Verb(*arguments, cwd=cwd, kill_at=kill_at, limit=limit).done()


def _run(arguments: list[str], cwd: str, output: str, kill_at: int, limit: int, by: int) -> None:
    from chronomotion.cli.app import launch

    os.chdir(cwd)
    os.environ |= {"CHRONOMOTION_CACHE": f"{cwd}/cache", "HF_HUB_OFFLINE": "1", "TQDM_DISABLE": "1"}
    stream = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(stream, 1)
    os.dup2(stream, 2)
    if limit:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    count = _count_changes(cwd, kill_at, by)
    status = launch(arguments)
    sys.stdout.flush()
    sys.stderr.flush()
    os.write(stream, f"\0{count[0]}".encode())
    os._exit(status)


def _count_changes(cwd: str, kill_at: int, by: int) -> list[int]:
    count = [0]

    def heard(event: str, given: tuple[object, ...]) -> None:
        writes = event == "open" and isinstance(given[2], int) and bool(given[2] & _WRITING)
        if not writes and event not in _CHANGES:
            return
        path = given[0]
        if isinstance(path, int) or path is None:
            return
        name = os.fsdecode(path)  # type: ignore[arg-type]
        if Path(name).is_absolute() and not name.startswith(cwd):
            return
        count[0] += 1
        if count[0] == kill_at:
            os.kill(os.getpid(), by)

    sys.addaudithook(heard)
    return count
