"""The report of an evaluation: one JSON file, and the same as Markdown."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from chronomotion.errors import FormatError
from chronomotion.whole_file import whole_file

__all__ = ["Interval", "Report"]


class Interval(BaseModel):
    """A share in percent with its 95 % bootstrap interval over clips."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    value: float
    low: float
    high: float
    ties: float
    clips: int

    def __str__(self) -> str:
        return f"{self.value:.1f} [{self.low:.1f}, {self.high:.1f}]"


class Report(BaseModel):
    """Everything that an evaluation found, and what is needed to compare it with another one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format_version: Literal[1] = 1
    chronomotion: str
    date: str
    model: str
    corpus: str
    corpus_fingerprint: str
    split: str
    wording: Literal["neutral"]
    shuffles: int
    seed: int
    tie_rule: str
    clips: int
    car: Interval
    car_all: Interval
    car_by_events: dict[str, Interval]
    blind_exchange: Interval
    blind_mean: Interval
    margin_median: float
    retrieval: dict[str, dict[str, float]]
    order_tolerance: dict[str, float]

    def save(self, path: str | Path) -> None:
        """Write JSON to ``path`` and Markdown beside it, each whole or not at all."""
        path = Path(path)
        for target, text in (
            (path, self.model_dump_json(indent=1) + "\n"),
            (path.with_suffix(".md"), self.to_markdown()),
        ):
            with whole_file(target) as part:
                part.write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, path: str | Path) -> Report:
        """Read a saved report. Raises FormatError when it is not one."""
        try:
            return cls.model_validate_json(Path(path).read_text(encoding="utf-8"))
        except (OSError, ValidationError) as error:
            raise FormatError(f"not a report of ours ({str(error).splitlines()[0]})", str(path)) from error

    def to_markdown(self) -> str:
        """A table of the figures, with what they were measured on below."""
        rows = [
            ("CAR", str(self.car)),
            ("CAR, all orders", str(self.car_all)),
            *((f"CAR, {count} events", str(one)) for count, one in self.car_by_events.items()),
            ("blind: other motions", str(self.blind_exchange)),
            ("blind: mean motion", str(self.blind_mean)),
            *(
                (f"{way} {name}", f"{value:.1f}")
                for way, found in self.retrieval.items()
                for name, value in found.items()
            ),
            ("order tolerance, R@10", f"{self.order_tolerance['R@10']:.1f}"),
        ]
        table = "\n".join(f"| {name} | {value} |" for name, value in rows)
        return (
            f"# {self.model or 'A model'} on {self.corpus}, split {self.split}\n\n"
            f"| figure | percent [95 % interval] |\n|---|---|\n{table}\n\n"
            f"{self.clips} clips with two different events or more; neutral wording; {self.shuffles} shuffles a clip; "
            f"seed {self.seed}; {self.tie_rule}. Tied CAR comparisons, none counts as won: {self.car.ties:.1f} %. "
            f"Corpus {self.corpus_fingerprint}; chronomotion {self.chronomotion}; {self.date}.\n"
        )
