"""Tables of cells, as Markdown and as LaTeX with booktabs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["ReportTable"]

_SPECIAL = {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    **{sign: "\\" + sign for sign in "&%$#_{}"},
}  # fmt: skip


@dataclass(frozen=True)
class ReportTable:
    """Cells as text: the first column holds words, the others hold figures. ``caption`` says what the table shows."""

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]

    def markdown(self) -> str:
        """The table under its caption."""
        lines = [self.heads, ["---", *["---:"] * (len(self.heads) - 1)], *self.rows]
        body = "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)
        return f"**{self.caption}**\n\n{body}\n"

    def latex(self) -> str:
        """A ``table`` with ``booktabs`` rules, which the document has to load."""
        lines = [" & ".join(map(_escaped, line)) + r" \\" for line in (self.heads, *self.rows)]
        return "\n".join(
            [
                r"\begin{table}",
                r"\centering",
                rf"\caption{{{_escaped(self.caption)}}}",
                rf"\begin{{tabular}}{{l{'r' * (len(self.heads) - 1)}}}",
                r"\toprule",
                lines[0],
                r"\midrule",
                *lines[1:],
                r"\bottomrule",
                r"\end{tabular}",
                r"\end{table}",
                "",
            ]
        )


def _escaped(text: str) -> str:
    """Text that LaTeX prints verbatim. LaTeX would read a bracket after a line's end as an argument."""
    escaped = re.sub(r"[\\~^&%$#_{}]", lambda sign: _SPECIAL[sign[0]], text)
    return escaped.replace("[", "{[}").replace("]", "{]}")
