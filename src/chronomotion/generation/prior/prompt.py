"""What a prior is asked for: a text, its events in order and, where known, when each happens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from chronomotion.errors import ConfigError
from chronomotion.language.caption import Caption
from chronomotion.language.decompose.rules import RuleDecomposer
from chronomotion.text_files import MAX_CAPTION

__all__ = ["Prompt", "contiguous_spans"]

MAX_WORDS = 1_000
"""A sentence about a motion of some seconds has dozens."""


@dataclass(frozen=True)
class Prompt:
    """A text and its events, in the order in which they HAPPEN.

    ``spans`` are the tokens [first, after) of each event, one behind the other, counted from the start of the sequence
    (a prefix included: what lies before the first event belongs to none). None: no plan.

    Raises ConfigError for an empty text, one of more than 1,000 words, or spans that do not fit.
    """

    text: str
    events: tuple[str, ...]
    spans: tuple[tuple[int, int], ...] | None = None

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise ConfigError("the text is empty: say what happens, for example 'a person walks forward, then sits'")
        words = len(self.text.split())
        if words > MAX_WORDS or len(self.text) > MAX_CAPTION:
            raise ConfigError(
                f"the text has {words:,} words, at most {MAX_WORDS:,} are read: divide it into several motions"
            )
        if not self.events or any(not event.strip() for event in self.events):
            raise ConfigError(f"an event of {self.text[:60]!r} is empty: every event needs a sentence")
        if self.spans is not None:
            _check_spans(self.spans, len(self.events))

    @classmethod
    def of_text(cls, text: str) -> Prompt:
        """The events that the rules find in a text."""
        if not text.strip() or len(text) > MAX_CAPTION:
            return cls(text, (text,))  # which raises
        return cls(text, tuple(RuleDecomposer().split(text).events.texts))

    @classmethod
    def of_caption(cls, caption: Caption, *, tokens: int | None = None, tokens_per_second: float = 5.0) -> Prompt:
        """A caption of a corpus, with the times of its events where known. ``tokens`` is the length of the motion that
        the caption is about, so that the last event goes on to its end."""
        if caption.events is None:
            return cls.of_text(caption.text)
        spans = None
        if caption.events.spans is not None:
            times = [(start - caption.start, end - caption.start) for start, end in caption.events.spans]
            spans = contiguous_spans(times, tokens_per_second, tokens)
        return cls(caption.text, caption.events.texts, spans)

    @property
    def tokens(self) -> int | None:
        """Tokens of the whole plan; None without one."""
        return None if self.spans is None else self.spans[-1][1]

    def without_plan(self) -> Prompt:
        """The same text and events, without times."""
        return replace(self, spans=None)


def contiguous_spans(
    times: Sequence[tuple[float, float]], tokens_per_second: float, tokens: int | None = None
) -> tuple[tuple[int, int], ...] | None:
    """Seconds (start, end) of events as tokens, without gaps: a transition is shared by the events at its sides.

    None where events overlap too far to come one behind the other, or one is shorter than a token.
    """
    if not times or times[0][0] < 0:
        return None
    middles = [(before[1] + after[0]) / 2 for before, after in pairwise(times)]
    last = round(times[-1][1] * tokens_per_second)
    after = last if tokens is None else tokens
    edges = [0, *(round(middle * tokens_per_second) for middle in middles), after]
    spans = tuple(pairwise(edges))
    return spans if all(first < end for first, end in spans) else None


def _check_spans(spans: Sequence[tuple[int, int]], events: int) -> None:
    if len(spans) != events:
        raise ConfigError(f"a plan of {len(spans)} spans for {events} events: give one for each")
    edge = spans[0][0]
    for first, after in spans:
        if first != edge or after <= first or first < 0:
            raise ConfigError(
                f"the plan {list(spans)} has gaps or empty events: each [first, after) begins where the last ends"
            )
        edge = after
