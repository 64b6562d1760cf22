"""Every code block of README and docs runs, in order, from an empty folder. A block that cannot be run says why, in a
comment above it.
"""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from code_blocks import Block, blocks

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
NOT_OURS = {"pip"}
"""Commands that prepare the machine: what they bring is here already."""


def test_blocks_are_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "# x\n```sh\npip install x   # why\nchronomotion info \\\n  corpus\n```\ntext\n"
        "<!-- not run: needs a net -->\n```python\nprint(1)\n```\n```text\nchronomotion no\n```\n"
    )
    shell, python = blocks(page)
    assert (shell.line, shell.commands) == (2, ["pip install x", "chronomotion info    corpus"])
    assert shell.not_run == ""
    assert (python.kind, python.code, python.not_run) == ("python", "print(1)\n", "needs a net")


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_does_what_it_says(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHRONOMOTION_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    namespace = {}
    for block in blocks(page):
        if block.not_run:
            continue
        if block.kind == "python":
            exec(compile(block.code, f"{page.name}:{block.line}", "exec"), namespace)
        else:
            run_commands(block)


def run_commands(block: Block):
    for command in block.commands:
        program, *arguments = shlex.split(command)
        if program in NOT_OURS:
            continue
        assert program == "chronomotion", f"{block.page}:{block.line}: {program}: run it, or say above why not"
        done = subprocess.run(
            [sys.executable, "-m", "chronomotion", *arguments], capture_output=True, text=True, env=os.environ
        )
        assert done.returncode == 0, f"{block.page}:{block.line}: {command}: {done.stderr}"
