"""Whether a motion shows an event at all, and whether a library does: scores compared with those of other sentences.

A cosine says little by itself: one sentence is near to everything, another to nothing. What counts is whether a moment
is nearer to the event than to whatever else people do. For the event e and a moment with the vector w:

    f(e, w) = e.w - T log sum over phrases b of u_b exp(b.w / T)          T = .1; u: phrase_bank.py
    F(e, clip) = the highest mean of f over a second of the clip - level(e)
    z(e, clip) = (F(e, clip) - centre) / spread

``level`` is a quarter of what the event scores in the best twentieth of the library's moments: some events are near to
much there. ``centre`` and ``spread`` are those of F over phrases and clips. Most phrases are shown by few clips,
so that the lower half of all F is of phrases that a clip does NOT show: they are the median and the quartile below it,
as of a normal distribution. ``presence`` is the share of sentences that a clip does not show which score lower than the
event there: at :data:`THRESHOLD` one of twenty of them is taken for shown.

A library has many clips, and the best of many scores high by chance: :meth:`Calibration.library_presence` compares it
with the best of other phrases.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import NormalDist
from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Float, Int
from pydantic import BaseModel, ConfigDict, ValidationError

from chronomotion.atomic_write import atomic_write
from chronomotion.errors import ModelError
from chronomotion.model.companions import companion, is_of
from chronomotion.model.timeline import PresenceAt
from chronomotion.search.phrase_bank import PhraseBank

__all__ = ["THRESHOLD", "Calibration", "ClipMomentRows", "clips_to_fit", "inside", "share_below"]

THRESHOLD = 0.95
"""A presence from which on an event counts as shown: 5 % false alarms."""

_FILE = "calibration.json"

_STEP_SECONDS = 0.25
_RUN = 4
"""Steps of a second: what a single moment looks like by chance does not last."""

_CLIPS, _MOMENTS = 400, 64
"""Clips from which a calibration is made, and moments of each at which the phrases' usual scores are taken."""

_BLOCK = 256
"""ClipMomentRows at a time: of a long take the windows around them are few."""

_HIGH = 0.95
_LEVEL = 0.25
"""Share of what an event scores in the best moments of the library that is taken off."""

_NORMAL = NormalDist()
_QUARTILE = -_NORMAL.inv_cdf(0.25)
_LEAST_SPREAD = 1e-3
_STRICTEST = _NORMAL.inv_cdf(0.995)

EventRows = Float[np.ndarray, "events dim"]


class ClipMomentRows(NamedTuple):
    """What comparing a clip with events needs, whatever the events: the vectors of its moments, a quarter of a second
    apart, and how near each of them is to what people do."""

    vectors: Float[np.ndarray, "moments dim"]
    background: Float[np.ndarray, " moments"]


class _Normal(BaseModel):
    """A normal distribution."""

    model_config = ConfigDict(frozen=True)

    centre: float
    spread: float

    @classmethod
    def of_lower_half(cls, values: Float[np.ndarray, "*_"]) -> _Normal:
        """The one with the same median and lower quartile: what stands far above both changes nothing."""
        median, quartile = np.quantile(values, [0.5, 0.25]).tolist()
        return cls(centre=round(median, 4), spread=round(max((median - quartile) / _QUARTILE, _LEAST_SPREAD), 4))

    def z(self, values: np.ndarray) -> np.ndarray:
        """Values in spreads above the centre."""
        return np.asarray((values - self.centre) / self.spread)


class Calibration(BaseModel):
    """What the scores of a library mean; a few kB of JSON.

    Made by :meth:`fit`. Read from JSON it lacks the vectors of the phrases: :meth:`with_bank` gives them.

    - ``levels``: of every phrase, what is taken off its scores;
    - ``of_clips``: of F over phrases and clips; ``of_library``: of a phrase's best z over all clips;
    - ``fps``: frames a second of spans;
    - ``model``: fingerprint of the model whose scores they are, ``phrases``: hash of the phrases; each is empty where
      it is not known.
    """

    model_config = ConfigDict(frozen=True)

    format_version: Literal[1] = 1
    levels: tuple[float, ...]
    of_clips: _Normal
    of_library: _Normal
    fps: float
    model: str = ""
    phrases: str = ""
    _bank: PhraseBank | None = None

    @classmethod
    def fit(
        cls,
        bank: PhraseBank,
        vectors: Float[np.ndarray, "windows dim"],
        spans: Int[np.ndarray, "windows 2"],
        clips: Int[np.ndarray, " windows"],
        *,
        fps: float = 20.0,
    ) -> Calibration:
        """The calibration of a library, from the short windows of its clips, or of :func:`clips_to_fit`.

        ``spans`` are (start, end) in frames, ``clips`` the clip of each window. A function of its arguments. Raises
        ValueError without windows.
        """
        numbers = np.unique(clips)
        if not len(numbers):
            raise ValueError("a library without windows cannot be calibrated")
        highest, figures = [], []
        for number in clips_to_fit(numbers):
            moments = _moments(vectors[clips == number], spans[clips == number], fps)
            of_phrases = _figures(bank, bank.vectors, moments)
            highest.append(_lasting(of_phrases).max(axis=1))
            some = _evenly(len(moments), _MOMENTS)
            figures.append(of_phrases[:, some])
        levels = _LEVEL * np.quantile(np.concatenate(figures, axis=1), _HIGH, axis=1)
        best = np.stack(highest) - levels
        of_clips = _Normal.of_lower_half(best)
        calibration = cls(
            levels=_rounded(levels),
            of_clips=of_clips,
            of_library=_of_library(of_clips.z(best)),
            fps=fps,
            model=bank.model,
            phrases=bank.phrases,
        )
        return calibration.with_bank(bank)

    @classmethod
    def beside(cls, model: str | Path, bank: PhraseBank) -> Calibration | None:
        """The calibration in a model's folder, or of a model of the package; None where there is none.

        None, too, and a warning in one line, where it was made with another model or other phrases than ``bank``.
        Raises ModelError when it cannot be read.
        """
        path = companion(model, _FILE)
        if path is None:
            return None
        try:
            calibration = cls.model_validate_json(path.read_bytes())
        except (OSError, ValidationError) as error:
            raise ModelError(f"{path}: no calibration of ours ({str(error).splitlines()[0]}): remove it") from error
        fits = is_of(path, calibration.model, bank.model) and is_of(
            path, calibration.phrases, bank.phrases, "phrase bank"
        )
        return calibration.with_bank(bank) if fits else None

    def save(self, folder: Path) -> None:
        """Write it into the folder of its model. Raises WriteError when it cannot be written."""
        with atomic_write(folder / _FILE) as part:
            part.write_bytes(self.model_dump_json().encode() + b"\n")

    def with_bank(self, bank: PhraseBank) -> Calibration:
        """The same, with the vectors of the phrases. Raises ValueError for other phrases than it was made with."""
        others = bank.phrases != self.phrases and bank.phrases and self.phrases
        if len(bank) != len(self.levels) or others:
            raise ValueError(
                f"a calibration of {len(self.levels)} phrases, and a bank of {len(bank)} others: make it again"
            )
        copy = self.model_copy()
        copy._bank = bank
        return copy

    @property
    def bank(self) -> PhraseBank:
        """The phrases. Raises ValueError before :meth:`with_bank`."""
        if self._bank is None:
            raise ValueError("this calibration has no vectors of its phrases: use with_bank")
        return self._bank

    @property
    def threshold(self) -> float:
        """A presence from which on an event is found: 5 % of what a clip does not show is."""
        return THRESHOLD

    def z(
        self, events: EventRows, vectors: Float[np.ndarray, "windows dim"], spans: Int[np.ndarray, "windows 2"]
    ) -> Float[np.ndarray, " events"]:
        """z of each event with one clip, given its short windows: how far it stands out from what is not shown."""
        return self.z_of(events, [self.moments(vectors, spans)])[:, 0]

    def moments(self, vectors: Float[np.ndarray, "windows dim"], spans: Int[np.ndarray, "windows 2"]) -> ClipMomentRows:
        """The moments of one clip, given its short windows: what :meth:`z` needs of them for every event."""
        moments = _moments(vectors, spans, self.fps)
        return ClipMomentRows(moments, self.bank.background(moments))

    def z_of(self, events: EventRows, clips: Sequence[ClipMomentRows]) -> Float[np.ndarray, "events clips"]:
        """:meth:`z` of each event with each of some clips."""
        best = [_lasting(events @ clip.vectors.T - clip.background).max(axis=1) for clip in clips]
        return self.of_clips.z(np.stack(best, axis=1) - self._levels(events)[:, None])

    def presence(
        self, events: EventRows, vectors: Float[np.ndarray, "windows dim"], spans: Int[np.ndarray, "windows 2"]
    ) -> Float[np.ndarray, " events"]:
        """How sure it is that a clip shows each event, from 0 to 1, given its short windows.

        Of a sentence of several events the least of its events' counts.
        """
        return share_below(self.z(events, vectors, spans))

    def presence_at(
        self, events: EventRows, vectors: Float[np.ndarray, "windows dim"], spans: Int[np.ndarray, "windows 2"]
    ) -> PresenceAt:
        """How sure it is that a motion, given its short windows, shows each event, by its row, at a span in frames.

        What is placed somewhere has to stand out there, and in the motion.
        """
        whole = self.z(events, vectors, spans)

        def presence(event: int, span: tuple[int, int]) -> float:
            rows = inside(spans, span)
            there = self.z(events[event : event + 1], vectors[rows], spans[rows])
            return float(share_below(np.minimum(there, whole[event]))[0])

        return presence

    def library_presence(self, best: Float[np.ndarray, " events"]) -> Float[np.ndarray, " events"]:
        """How sure it is that the library shows each event, given its highest :meth:`z` over all clips.

        Below the threshold it is probably not in this library.
        """
        return share_below(self.of_library.z(best))

    def _levels(self, events: EventRows) -> Float[np.ndarray, " events"]:
        return self.bank.between(events, np.array(self.levels))


def inside(spans: Int[np.ndarray, "windows 2"], span: tuple[int, int]) -> Int[np.ndarray, " rows"]:
    """The windows whose middle lies in a span, or those nearest to it."""
    middles = spans.sum(axis=1)
    away = np.maximum(0, np.maximum(2 * span[0] - middles, middles - 2 * span[1]))
    return np.flatnonzero(away == away.min())


def share_below(z: np.ndarray) -> np.ndarray:
    """The share of a normal distribution below each z."""
    return np.array([_NORMAL.cdf(each) for each in z.ravel().tolist()]).reshape(z.shape)


def clips_to_fit(numbers: Sequence[int] | Int[np.ndarray, " clips"]) -> Int[np.ndarray, " chosen"]:
    """The clips that a calibration is made from: all of them, or 400 taken evenly."""
    ordered = np.unique(np.asarray(numbers, dtype=np.int64))
    return np.asarray(ordered[_evenly(len(ordered), _CLIPS)])


def _evenly(count: int, most: int) -> Int[np.ndarray, " chosen"]:
    """Places of at most so many of ``count`` things, evenly from the first to the last."""
    return np.linspace(0, count - 1, min(count, most)).round().astype(np.intp)


def _of_library(z: Float[np.ndarray, "clips phrases"]) -> _Normal:
    """Of the best z of each phrase: as if a library showed a quarter of the phrases.

    It may show most of them: no more is asked of an event than that its best clip is one of two hundred by chance.
    """
    median, upper = np.quantile(z.max(axis=0), [0.5, 0.75]).tolist()
    limit = min(upper, _STRICTEST)
    spread = max(limit - median, _LEAST_SPREAD) / _NORMAL.inv_cdf(THRESHOLD)
    return _Normal(centre=round(limit - spread * _NORMAL.inv_cdf(THRESHOLD), 4), spread=round(spread, 4))


def _figures(
    bank: PhraseBank, events: EventRows, moments: Float[np.ndarray, "moments dim"]
) -> Float[np.ndarray, "events moments"]:
    """f of each event and moment."""
    return np.asarray(events @ moments.T - bank.background(moments))


def _lasting(figures: Float[np.ndarray, "events moments"]) -> Float[np.ndarray, "events runs"]:
    """Means over a second, of a shorter clip over all of it."""
    run = min(_RUN, figures.shape[1])
    running = np.zeros((len(figures), figures.shape[1] + 1))
    np.cumsum(figures, axis=1, dtype=np.float64, out=running[:, 1:])
    return np.asarray((running[:, run:] - running[:, :-run]) / run)


def _moments(
    vectors: Float[np.ndarray, "windows dim"], spans: Int[np.ndarray, "windows 2"], fps: float
) -> Float[np.ndarray, "moments dim"]:
    """A vector every quarter of a second: the mean of the windows in whose middle half the moment lies, or, where there
    is none, in which it lies at all. Where no window is there is no moment."""
    step = max(1.0, _STEP_SECONDS * fps)
    times = (np.arange(max(1, int(spans[:, 1].max() // step))) + 0.5) * step
    rows = []
    for first in range(0, len(times), _BLOCK):
        at = times[first : first + _BLOCK, None]
        near = (spans[:, 0] <= at[-1]) & (spans[:, 1] > at[0])
        begins, ends = spans[near].T
        margins = (ends - begins) / 4
        middle = (begins + margins <= at) & (at < ends - margins)
        held = np.where(middle.any(axis=1, keepdims=True), middle, (begins <= at) & (at < ends)).astype(np.float32)
        held = held[held.any(axis=1)]
        rows.append(held @ vectors[near].astype(np.float32, copy=False) / held.sum(axis=1, keepdims=True))
    moments = np.concatenate(rows)
    return moments if len(moments) else vectors.mean(axis=0, keepdims=True, dtype=np.float32)


def _rounded(values: Float[np.ndarray, " phrases"]) -> tuple[float, ...]:
    return tuple(np.round(values.astype(np.float64), 4).tolist())
