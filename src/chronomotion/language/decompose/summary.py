"""Summary of many decompositions: how many events the captions have, and which of them look wrong."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from chronomotion.language.decompose.decomposition import Decomposition
from chronomotion.language.lexicon import verb_forms
from chronomotion.language.wording import neutral

__all__ = ["Summary", "Suspicion", "suspicions"]

_LONG = 25
"""Words. Of 200 captions split by hand no event has more than 23."""
_CONNECTIVE = re.compile(
    r"\b(?:then|afterwards?|after|before|finally|next|lastly|subsequently|followed by|"
    r"once (?:he|she|they|the|a|up|there))\b"
)
_NO_CONNECTIVE = re.compile(
    r"\bnext to\b|\b(?:one|step|foot|hand|leg) after (?:another|the other|step|one)\b|\bafter (?:it|them|something)\b|"
    r"\bbefore (?:them|(?:its|his|her|their|the) (?:head|face|body|chest))\b"
)
"""Places, things and counts: "one foot after the other", "hands before their face"."""
_WORD = re.compile(r"[a-z]+(?:[-'][a-z]+)*")
_BAR = 30
_LISTED = 20

LONG, EQUAL, CONNECTIVE, NO_VERB, FELL_BACK, NOT_KEPT = (
    "a very long event",
    "equal events",
    "a connective left inside",
    "an event without a verb",
    "not split by the chosen method",
    "words lost or invented",
)


@dataclass(frozen=True)
class Suspicion:
    """Why a decomposition is worth a look: the kind, which many share, and the events or the mark in question."""

    kind: str
    detail: str


def suspicions(made: Decomposition) -> list[Suspicion]:
    """Everything suspicious about a decomposition, each kind once."""
    texts = made.events.texts
    details: dict[str, str] = {}
    if made.mark:
        details[FELL_BACK] = made.mark
    if made.doubt:
        details[NOT_KEPT] = made.doubt
    wordings = [neutral(text) for text in texts]
    for text, words in zip(texts, wordings, strict=True):
        if len(words.split()) > _LONG:
            details.setdefault(LONG, text)
        if _CONNECTIVE.search(_NO_CONNECTIVE.sub("", words)):
            details.setdefault(CONNECTIVE, text)
        if not _has_verb(words):
            details.setdefault(NO_VERB, text)
    twice = [text for text, count in Counter(wordings).items() if count > 1]
    if twice:
        details[EQUAL] = twice[0]
    return [Suspicion(kind, detail) for kind, detail in details.items()]


def _has_verb(words: str) -> bool:
    forms = verb_forms()
    return any(word in forms or word.rpartition("-")[2] in forms for word in _WORD.findall(words))


@dataclass
class Summary:
    """Counts over many decompositions. ``seconds`` is what they took, where that was measured; ``doubts`` are captions
    whose words were not kept, with what was lost.
    """

    captions: int = 0
    events: Counter[int] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    doubts: list[tuple[str, str]] = field(default_factory=list)
    suspicious: int = 0
    seconds: float | None = None

    def add(self, made: Decomposition) -> list[Suspicion]:
        """Count a decomposition; returns what is suspicious about it."""
        findings = suspicions(made)
        self.captions += 1
        self.events[len(made.events)] += 1
        self.sources[made.events.source] += 1
        self.suspicious += bool(findings)
        if made.doubt:
            self.doubts.append((made.caption, made.doubt))
        for suspicion in findings:
            self.kinds[suspicion.kind] += 1
            self.examples.setdefault(suspicion.kind, suspicion.detail)
        return findings

    def to_dict(self) -> dict[str, Any]:
        """The counts for JSON."""
        return {
            "captions": self.captions,
            "seconds": None if self.seconds is None else round(self.seconds, 3),
            "captions_a_second": self._rate(),
            "events_a_caption": {str(count): self.events[count] for count in sorted(self.events)},
            "sources": dict(sorted(self.sources.items())),
            "suspicious": self.suspicious,
            "suspicious_by_kind": {kind: self.kinds[kind] for kind in sorted(self.kinds)},
            "examples": dict(sorted(self.examples.items())),
            "words_not_kept": [{"text": caption, "doubt": doubt} for caption, doubt in self.doubts],
        }

    def table(self) -> str:
        """The counts as lines: a histogram of events, and what is suspicious with an example."""
        rate = self._rate()
        lines = [f"{self.captions} captions" + ("" if rate is None else f", {rate:,.0f} a second")]
        lines += [f"by {source}: {count}" for source, count in self.sources.most_common()]
        most = max(self.events.values(), default=1)
        for count in sorted(self.events):
            share = self.events[count] / max(self.captions, 1)
            bar = "#" * max(1, round(_BAR * self.events[count] / most))
            unit = "event" if count == 1 else "events"
            lines.append(f"{count:>4} {unit:<6}  {bar:<{_BAR}}  {self.events[count]:>6}  {share:6.1%}")
        lines.append(f"suspicious: {self.suspicious} ({self.suspicious / max(self.captions, 1):.1%})")
        for kind, count in self.kinds.most_common():
            lines.append(f"{count:>8}  {kind}, such as {_short(self.examples[kind])!r}")
        return "\n".join([*lines, *self._doubtful()])

    def _doubtful(self) -> list[str]:
        """The captions whose words were not kept, as many as can be read."""
        lines = [f"    {_short(caption)!r} ({_short(doubt)})" for caption, doubt in self.doubts[:_LISTED]]
        if len(self.doubts) > _LISTED:
            lines.append(f"    ... and {len(self.doubts) - _LISTED} more: --suspicious FILE takes all of them")
        return [f"{NOT_KEPT} in:", *lines] if lines else []

    def _rate(self) -> float | None:
        return None if not self.seconds else round(self.captions / self.seconds, 1)


def _short(text: str, most: int = 90) -> str:
    return text if len(text) <= most else text[: most - 3] + "..."
