"""The report of an evaluation: the measures, their settings, and the outcome of every clip.

Format 2. Files of format 1 are read as well; they have no outcomes of single clips, and only one wording.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from chronomotion.atomic_write import atomic_write
from chronomotion.errors import ConfigError, FormatError
from chronomotion.evaluation.report_records import FORMAT_VERSION, HEADLINE, ReportRecord
from chronomotion.evaluation.report_text import latex, markdown

__all__ = ["Report", "report_paths"]


class Report(ReportRecord):
    """A report that can be saved, loaded and shown. Its fields are those of
    :class:`~chronomotion.evaluation.report_records.ReportRecord`.
    """

    def __repr__(self) -> str:
        order = f"CAR {self.car}, all orders {self.car_all}" if HEADLINE in self.order else "order not measured"
        return f"Report({self.model} on {self.corpus}, split {self.split}: {self.clips} clips, {order})"

    __str__ = __repr__

    def to_json(self) -> str:
        """The report as JSON, lists of numbers on one line each."""
        return (
            re.sub(r"\[[-\d.,e\s]*\]", lambda match: "".join(match[0].split()), self.model_dump_json(indent=1)) + "\n"
        )

    def save(self, path: str | Path) -> None:
        """Write JSON, Markdown and LaTeX side by side, each whole or not at all; ``path`` is any of the three files.

        Raises ConfigError for a path that is none of them.
        """
        paths = report_paths(path)
        for target, text in zip(paths, (self.to_json(), markdown(self), latex(self)), strict=True):
            with atomic_write(target) as part:
                part.write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, path: str | Path) -> Report:
        """Read a saved report, of format 1 or 2. Raises FormatError for any other file."""
        try:
            data = json.loads(Path(path).read_text(encoding="utf-8"))
            version = data.get("format_version")
            if version not in (1, FORMAT_VERSION):
                raise FormatError(f"format_version {version}, this version reads 1 and {FORMAT_VERSION}", str(path))
            return cls.model_validate(data if version == FORMAT_VERSION else _from_format_1(data))
        except (OSError, ValueError, ValidationError, AttributeError, KeyError, TypeError) as error:
            raise FormatError(f"not a report of ours ({str(error).splitlines()[0]})", str(path)) from error


def report_paths(path: str | Path) -> tuple[Path, Path, Path]:
    """The files of a report as JSON, as Markdown and as LaTeX, given the path of one of them.

    Raises ConfigError for a folder, or a name with another ending.
    """
    path = Path(path)
    if path.is_dir() or path.suffix.lower() not in _ENDINGS:
        what = "is a folder" if path.is_dir() else "does not end so"
        raise ConfigError(f"a report goes to a file that ends in {', '.join(_ENDINGS)}, and {path} {what}")
    stem = path.with_suffix("")
    json_file, markdown_file, latex_file = (
        path if path.suffix.lower() == ending else stem.with_name(stem.name + ending) for ending in _ENDINGS
    )
    return json_file, markdown_file, latex_file


_ENDINGS = (".json", ".md", ".tex")

_TEST_FIELDS = ("car", "car_all", "car_by_events", "blind_exchange", "blind_mean")


def _from_format_1(data: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of format 1 in the structure of format 2: one test, one protocol, no single clips."""
    report = {key: value for key, value in data.items() if key not in (*_TEST_FIELDS, "wording", "retrieval")}
    test = {key: data[key] for key in _TEST_FIELDS}
    test["margins"] = {"edges": [], "counts": [], "median": report.pop("margin_median")}
    return {
        **report,
        "format_version": FORMAT_VERSION,
        "wordings": [data["wording"]],
        "order": {HEADLINE: test},
        "protocols": {
            "story": {
                "texts": data["clips"],
                "motions": data["clips"],
                "settings": "any motion of the told story is right",
                **data["retrieval"],
            }
        },
    }
