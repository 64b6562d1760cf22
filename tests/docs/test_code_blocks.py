"""Every code block of README and docs runs, in order, from an empty folder. A block that cannot be run says why, in a
comment above it.
"""

import re
import sys
from pathlib import Path

import pytest
from code_blocks import Shell, blocks, fences

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SHOWN = {"text", "toml", "json", "csv"}
"""Languages of blocks that are shown and not run."""


@pytest.fixture
def shell(tmp_path):
    (tmp_path / "reader").mkdir()
    return Shell(tmp_path / "reader", tmp_path / "programs")


def page_of(tmp_path, text):
    page = tmp_path / "page.md"
    page.write_text(text)
    return page


def test_blocks_of_a_page(tmp_path):
    page = page_of(
        tmp_path,
        "# x\n```sh\npip install x   # why\nchronomotion info \\\n  corpus\n```\n<!-- not run: no block -->\ntext\n"
        "<!-- not run: needs a net -->\n```python\nprint(1)\n```\n```text\nchronomotion no\n```\n",
    )
    commands, python = blocks(page)
    assert (commands.place, commands.code) == (
        "page.md:2",
        "pip install x   # why\nchronomotion info \\\n  corpus\n",
    )
    assert commands.not_run == ""
    assert (python.kind, python.code, python.not_run) == ("python", "print(1)\n", "needs a net")
    assert fences(page) == ["sh", "python", "text"]


def test_a_shell_block_is_run_as_bash_runs_it(tmp_path, shell):
    page = page_of(
        tmp_path,
        "```sh\npip install nothing  # prepared already\ncat > name.txt <<'END'\nsome name\nEND\n```\n"
        "```sh\nmkdir sub && cd sub\nN=$(cat ../name.txt) python -c \"import os; print(os.environ['N'])\"\n```\n"
        "```sh\nchronomotion --version | cat\n```\n",
    )
    outputs = [shell.run(block) for block in blocks(page)]
    assert outputs[:2] == ["", "some name\n"]
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*\n", outputs[2].split()[-1] + "\n")


@pytest.mark.parametrize("failing", ["false", "chronomotion info nowhere", "false | cat", "no-such-program"])
def test_a_failing_command_is_named(tmp_path, shell, failing):
    page = page_of(tmp_path, f"text\n\n```sh\ntrue\n{failing}\necho not reached\n```\n")
    with pytest.raises(AssertionError, match=rf"page\.md:3: [\s\S]*\+ {failing.split()[0]}"):
        shell.run(blocks(page)[0])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_block_escapes(page):
    """A block in a language that nobody knows would never be run."""
    assert set(fences(page)) <= {"sh", "python"} | SHOWN
    assert [kind for kind in fences(page) if kind not in SHOWN] == [block.kind for block in blocks(page)]


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_does_what_it_says(page, shell, tmp_path, monkeypatch):
    monkeypatch.chdir(shell.folder)
    monkeypatch.setattr(sys, "path", [str(shell.folder), *sys.path])
    monkeypatch.setenv("CHRONOMOTION_CACHE", str(tmp_path / "cache"))
    shell.environment["CHRONOMOTION_CACHE"] = str(tmp_path / "cache")
    namespace = {}
    for block in blocks(page):
        if block.not_run:
            continue
        if block.kind == "python":
            exec(compile(block.code, block.place, "exec"), namespace)
        else:
            shell.run(block)


def test_the_numpy_model_is_printed_as_it_is():
    example = (ROOT / "examples" / "numpy_model.py").read_text()
    assert f"\ncat > numpy_model.py <<'END'\n{example}END\n" in (ROOT / "docs" / "any-model.md").read_text()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    """Every link into the repository names a file that is there, and a heading that it has."""
    broken = []
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", page.read_text()):
        name, _, anchor = target.partition("#")
        linked = (page.parent / name).resolve() if name else page
        if not linked.exists() or (anchor and anchor not in anchors(linked)):
            broken.append(target)
    assert broken == []


def anchors(page: Path) -> set[str]:
    """What GitHub calls the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}
