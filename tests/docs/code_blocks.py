"""Code blocks of a page, and running them as a reader would: one after the other, from an empty folder."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Block", "blocks"]

_BLOCK = re.compile(r"(?:<!-- not run: (?P<reason>.*?) -->\n)?^```(?P<kind>sh|python)\n(?P<code>.*?)^```$", re.M | re.S)


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
    def commands(self) -> list[str]:
        """The lines of a shell block, comments left out, continued lines joined."""
        joined = self.code.replace("\\\n", " ")
        lines = (re.sub(r"(^|\s)#.*", "", line).strip() for line in joined.splitlines())
        return [line for line in lines if line]


def blocks(page: Path) -> list[Block]:
    """All blocks of a Markdown page, in order."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(
            page.name, text.count("\n", 0, match.start("kind")) + 1, match["kind"], match["code"], match["reason"] or ""
        )
        for match in _BLOCK.finditer(text)
    ]
