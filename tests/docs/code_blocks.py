"""The code blocks of a Markdown page, and a shell that runs them as a reader would: in order, from an empty folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Block", "Shell", "blocks", "fences"]

_BLOCK = re.compile(
    r"(?:<!-- not run: (?P<reason>[^>]*) -->\n)?^```(?P<kind>sh|python)\n(?P<code>.*?)^```$", re.M | re.S
)
_FENCE = re.compile(r"^\s*```(?P<kind>.*)$", re.M)


@dataclass(frozen=True)
class Block:
    """A fenced block of shell commands or Python. ``not_run`` is the reason why it is left out, if it is:
    ``<!-- not run: REASON -->`` on the line above.
    """

    page: str
    line: int
    kind: str
    code: str
    not_run: str = ""

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"


def blocks(page: Path) -> list[Block]:
    """All shell and Python blocks of a Markdown page, in order."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(
            page.name, text.count("\n", 0, match.start("kind")) + 1, match["kind"], match["code"], match["reason"] or ""
        )
        for match in _BLOCK.finditer(text)
    ]


def fences(page: Path) -> list[str]:
    """The language of every fenced block of a page, of those that nobody runs too."""
    return [match["kind"].strip() for match in list(_FENCE.finditer(page.read_text(encoding="utf-8")))[::2]]


class Shell:
    """Runs shell blocks in ``folder``, each in a bash of its own that stops at the first error. ``chronomotion`` and
    ``python`` are those of the test; ``pip`` does nothing, because everything is installed. Nothing may download.
    """

    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder = folder
        programs.mkdir()
        for name, script in {
            "chronomotion": f'exec "{sys.executable}" -m chronomotion "$@"',
            "python": f'exec "{sys.executable}" "$@"',
            "pip": "exit 0",
        }.items():
            program = programs / name
            program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
            program.chmod(0o755)
        path = os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ["PATH"]])
        self.environment = os.environ | {"PATH": path, "PIP_NO_INDEX": "1", "HF_HUB_OFFLINE": "1"}

    def run(self, block: Block) -> str:
        """Standard output of the block. Raises AssertionError with the failing command and what it said."""
        done = subprocess.run(
            ["bash", "-exo", "pipefail", "-c", block.code],
            capture_output=True,
            text=True,
            cwd=self.folder,
            env=self.environment,
        )
        assert done.returncode == 0, f"{block.place}: {done.stderr[-2000:]}"
        return done.stdout
