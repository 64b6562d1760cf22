"""What is asked of a generator: a text, its events and their seconds, a seed, and what it goes on from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from chronomotion.errors import ConfigError
from chronomotion.generation.prior.prompt import Prompt
from chronomotion.motion.motion import Motion
from chronomotion.seeding import integer
from chronomotion.text_files import MAX_CAPTION

__all__ = ["MOST_EVENTS", "GenerationRequest", "TokenLimits", "asked_tokens"]

MOST_EVENTS = 100
"""Of one motion: some minutes."""

_MOST_EVENT_WORDS = 100
"""An event has a handful of words; language models read a text only so far, and say nothing of the rest."""


@dataclass(frozen=True)
class GenerationRequest:
    """One motion that is asked for.

    - ``text``: a sentence or more; its events are found by the rules, unless ``events`` tells them in order;
    - ``seconds``: of each event, or of the whole, or None: as long as the generator takes for it;
    - ``seed`` and ``variant``: other numbers give other motions, the same numbers the same bytes;
    - ``after``: a motion that this one goes on from.
    """

    text: str
    events: tuple[str, ...] | None = None
    seconds: tuple[float, ...] | float | None = None
    seed: int = 0
    after: Motion | None = None
    variant: int = 0

    def __post_init__(self) -> None:
        if self.events is not None:  # lists would be no keys
            object.__setattr__(self, "events", tuple(self.events))
        if self.seconds is not None and not isinstance(self.seconds, int | float):
            object.__setattr__(self, "seconds", tuple(self.seconds))

    def variants(self, count: int) -> list[GenerationRequest]:
        """``count`` requests for motions that differ. The first ones are the same whatever the count."""
        return [replace(self, variant=number) for number in range(count)]

    def seed_of(self, attempt: int, stretch: int) -> int:
        """The seed of one stretch of one attempt: depends on seed, text and variant, and on nothing beside them."""
        return integer("generate", self.seed, self.text, self.variant, attempt, stretch)

    def prompt(self) -> Prompt:
        """The text and its events, in order. Raises ConfigError where nothing, or too much, is asked for."""
        text = self.text if self.text.strip() or not self.events else " ".join(self.events)
        if not any(letter.isalnum() for letter in text):
            text = ""  # which the prompt refuses
        if len(text) > MAX_CAPTION:
            raise ConfigError(
                f"the text has {len(text):,} characters ({len(text.split()):,} words), at most {MAX_CAPTION:,} are "
                "read: divide it into several motions"
            )
        prompt = Prompt.of_text(text) if self.events is None else Prompt(text, tuple(self.events))
        if len(prompt.events) > MOST_EVENTS:
            raise ConfigError(
                f"{len(prompt.events)} events, at most {MOST_EVENTS} are made in one motion: divide the text, "
                "and let each motion go on after the one before (--after)"
            )
        for number, event in enumerate(prompt.events, start=1):
            words = len(event.split())
            if words > _MOST_EVENT_WORDS:
                raise ConfigError(
                    f"event {number} of {len(prompt.events)} has {words} words, at most {_MOST_EVENT_WORDS} are read "
                    f"({event[:40]!r} ...): say it in fewer words, or in several events"
                )
        return prompt


@dataclass(frozen=True)
class TokenLimits:
    """How many tokens an event may take, and how long one of them is."""

    least: int
    longest: int
    per_second: float

    def tokens(self, seconds: float) -> int:
        """Seconds as tokens, one at the least."""
        return max(1, round(seconds * self.per_second))


def asked_tokens(
    seconds: tuple[float, ...] | float | None, predicted: Sequence[float], limits: TokenLimits, events: Sequence[str]
) -> tuple[int, ...]:
    """Tokens of each event: those asked for, or ``predicted`` seconds; a whole is divided as the predicted ones are.

    Raises ConfigError for seconds that cannot be, or are more or fewer than the events.
    """
    count = len(predicted)
    if seconds is None:
        return tuple(min(max(limits.tokens(each), limits.least), limits.longest) for each in predicted)
    if isinstance(seconds, tuple):
        if len(seconds) != count:
            told = "; ".join(f"{number} {event[:40]}" for number, event in enumerate(events, start=1))
            raise ConfigError(f"{len(seconds)} seconds for {count} events: give one number for each of: {told}")
        for number, each in enumerate(seconds, start=1):
            _check_seconds(each, limits, 1, f" for event {number}" if count > 1 else "")
        return tuple(limits.tokens(each) for each in seconds)
    _check_seconds(seconds, limits, count, f" for {count} events" if count > 1 else "")
    return _divided(limits.tokens(seconds), predicted, limits)


def _check_seconds(seconds: float, limits: TokenLimits, events: int, place: str) -> None:
    least, longest = (events * tokens / limits.per_second for tokens in (limits.least, limits.longest))
    if not (math.isfinite(seconds) and least - 1e-6 <= seconds <= longest + 1e-6):
        more = "" if not seconds > longest else "; for a longer motion tell more events, or go on with --after"
        raise ConfigError(f"seconds of {seconds:g}{place}: this generator makes {least:g} to {longest:g} s there{more}")


def _divided(whole: int, predicted: Sequence[float], limits: TokenLimits) -> tuple[int, ...]:
    """A whole number of tokens in shares like the predicted seconds, each within the limits."""
    wanted = [max(each, 1e-6) for each in predicted]
    share = whole / sum(wanted)
    tokens = [min(max(int(share * each), limits.least), limits.longest) for each in wanted]
    while sum(tokens) != whole:
        step = 1 if sum(tokens) < whole else -1
        room = [k for k, now in enumerate(tokens) if limits.least <= now + step <= limits.longest]
        # The event that is furthest from its share; of equal ones the first.
        tokens[max(room, key=lambda k: step * (share * wanted[k] - tokens[k]) / wanted[k])] += step
    return tuple(tokens)
