"""A motion of more events, or more seconds, than a prior has learnt: stretch by stretch, each going on from the last
second of the one before.

The stretches share their codes, not their poses: all codes are decoded as one row, so that a place where two stretches
meet is a place like any other.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from chronomotion.generation.prior.prompt import Prompt
from chronomotion.generation.roles import Codes, CodeTokenizer

__all__ = ["Stretch", "decoded", "stretches"]

_WINDOW, _AROUND = 256, 32
"""Tokens that are decoded at a time, and those on both sides that are read with them: more than a decoder sees."""


@dataclass(frozen=True)
class Stretch:
    """Some events of a motion that are made in one go; ``tokens`` of each, None where they end by themselves."""

    text: str
    events: tuple[str, ...]
    tokens: tuple[int, ...] | None

    def prompt(self, prefix: int) -> Prompt:
        """What the prior is asked for, behind a prefix of so many tokens."""
        if self.tokens is None:
            return Prompt(self.text, self.events)
        edges = np.cumsum([prefix, *self.tokens]).tolist()
        return Prompt(self.text, self.events, tuple(itertools.pairwise(edges)))

    @property
    def length(self) -> int | None:
        """Tokens of all events."""
        return None if self.tokens is None else sum(self.tokens)


def stretches(
    prompt: Prompt, tokens: tuple[int, ...] | None, *, most_tokens: int, most_events: int, prefix: int, begun: bool
) -> list[Stretch]:
    """The events in stretches, each as long as the limits allow; all in one where they fit.

    ``most_tokens`` holds for a stretch with its prefix of ``prefix`` tokens; with ``begun`` the first has one as well.
    Events without ``tokens``, of which nobody knows when they end, come one by one where they are too many.
    """
    count = len(prompt.events)
    room = most_tokens - (prefix if begun else 0)
    if count <= most_events and (tokens is None or sum(tokens) <= room):
        return [Stretch(prompt.text, prompt.events, tokens)]
    if tokens is None:
        return [Stretch(event, (event,), None) for event in prompt.events]
    made = []
    for first, after in _groups(tokens, most_tokens - prefix, most_events):
        events = prompt.events[first:after]
        made.append(Stretch(" ".join(events), events, tokens[first:after]))
    return made


def _groups(tokens: Sequence[int], room: int, most: int) -> Iterator[tuple[int, int]]:
    """[first, after) of neighbours that fit into ``room`` and are no more than ``most``."""
    first, length = 0, 0
    for place, each in enumerate(tokens):
        if place > first and (length + each > room or place - first == most):
            yield first, place
            first, length = place, 0
        length += each
    yield first, len(tokens)


def decoded(tokenizer: CodeTokenizer, codes: Codes) -> Float[np.ndarray, "frames dim"]:
    """The features of a row of codes of any length, in bounded memory."""
    step = tokenizer.frames_per_token
    parts = []
    for first in range(0, len(codes), _WINDOW):
        after, begin = min(first + _WINDOW, len(codes)), max(0, first - _AROUND)
        features = tokenizer.decode(codes[begin : min(after + _AROUND, len(codes))])
        parts.append(features[(first - begin) * step : (after - begin) * step])
    return np.concatenate(parts)
