"""Splitting many captions, and counting on the way what came of them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from chronomotion.language.decompose.decomposition import Decomposer, Decomposition
from chronomotion.language.decompose.event_lines import CaptionOfClip, record_of
from chronomotion.language.decompose.summary import Summary
from chronomotion.progress import progress

__all__ = ["SplitCaption", "decomposed"]


@dataclass(frozen=True)
class SplitCaption:
    """A caption and what came of it."""

    caption: CaptionOfClip
    decomposition: Decomposition

    def record(self, *, explain: bool = False) -> dict[str, Any]:
        """The object of a JSON line."""
        return record_of(self.caption, self.decomposition, explain=explain)

    def explained(self) -> str:
        """The caption, its events by number, why it was split so, and what is out of the ordinary or in doubt, as lines
        for a person.
        """
        split = self.decomposition
        lines = [self.caption.text]
        lines += [f"  {number}  {text}" for number, text in enumerate(split.events.texts, start=1)]
        reasons = [*split.why, split.mark, split.doubt and f"in doubt: {split.doubt}"]
        return "\n".join([*lines, *(f"     {reason}" for reason in reasons if reason)])


def decomposed(
    captions: Sequence[CaptionOfClip],
    decomposer: Decomposer,
    summary: Summary,
    write_suspicious: Callable[[str], object] | None = None,
) -> Iterator[SplitCaption]:
    """What comes of every caption, counted in ``summary`` on the way; ``write_suspicious`` gets a line for each
    suspicious one.

    ``summary.seconds`` is the time of the decomposer alone.
    """
    decompositions = iter(decomposer.decompose(captions))
    seconds = 0.0
    for caption in progress(captions, "decomposing", total=len(captions), unit="caption"):
        began = time.perf_counter()
        split = SplitCaption(caption, next(decompositions))
        seconds += time.perf_counter() - began
        summary.seconds = seconds
        suspicions = summary.add(split.decomposition)
        if suspicions and write_suspicious is not None:
            row = split.record(explain=True) | {"suspicious": {each.kind: each.detail for each in suspicions}}
            write_suspicious(json.dumps(row, ensure_ascii=False) + "\n")
        yield split
