"""A report as a picture: CAR by number of events with its blind controls, and the margins of the right orders.

The colours are Okabe and Ito's, which all kinds of colour vision distinguish. Markers and line styles repeat them.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from chronomotion.atomic_write import atomic_write
from chronomotion.errors import ConfigError, require
from chronomotion.evaluation.report import Report
from chronomotion.evaluation.report_records import HEADLINE, Interval, OrderTest

__all__ = ["SUFFIXES", "draw", "picture_paths"]

SUFFIXES = (".svg", ".png")

_BLUE, _ORANGE, _GREEN, _PURPLE = "#0072B2", "#D55E00", "#009E73", "#B0578D"
_GREY, _INK = "#767676", "#222222"

_BLIND = {
    "other motions": ("blind_exchange", _ORANGE, (0, (5, 2))),
    "motions of other events": ("blind_disjoint", _PURPLE, (0, (1, 1.5))),
    "mean motion": ("blind_mean", _GREY, (0, (7, 2, 1, 2))),
}
"""Blind controls: label -> (field of a test, colour, dashes)."""

_STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 10.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": _INK,
    "axes.labelcolor": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "text.color": _INK,
    "svg.fonttype": "none",  # text stays text, so that it can be searched and set in the paper's font
    "svg.hashsalt": "chronomotion",  # the same picture, the same bytes
}


def picture_paths(path: str | Path) -> list[Path]:
    """The files that :func:`draw` would write. Called before a long evaluation, it raises errors of :func:`draw` early.

    Raises ConfigError for a suffix that is neither .svg nor .png, MissingExtraError without matplotlib.
    """
    path = Path(path)
    if path.suffix and path.suffix not in SUFFIXES:
        raise ConfigError(f"{path}: a picture is written as {' or '.join(SUFFIXES)}, not {path.suffix}")
    require("matplotlib", "plots")
    return [path] if path.suffix else [path.with_suffix(suffix) for suffix in SUFFIXES]


def draw(report: Report, path: str | Path) -> list[Path]:
    """Write the picture, as ``.svg`` or ``.png`` by the path's suffix; without one, as both.

    Raises ConfigError for another suffix or a report without order tests, MissingExtraError without matplotlib.
    """
    paths = picture_paths(path)
    test = report.headline
    matplotlib = require("matplotlib", "plots")
    figures, backend = require("matplotlib.figure", "plots"), require("matplotlib.backends.backend_agg", "plots")
    with matplotlib.rc_context(_STYLE):
        figure = figures.Figure(figsize=(11.0, 5.6), layout="constrained")
        backend.FigureCanvasAgg(figure)
        histogram = test.margins is not None and bool(test.margins.counts)
        axes = figure.subplots(1, 2 if histogram else 1, squeeze=False, width_ratios=[1.15, 1] if histogram else [1])[0]
        _draw_car(axes[0], report)
        if histogram:
            _draw_margins(axes[1], test)
        figure.suptitle(_title(report), fontsize=13, fontweight="bold", x=0.01, ha="left")
        figure.supxlabel(_caption(report), fontsize=9, x=0.01, ha="left", color=_GREY)
        for target in paths:
            with atomic_write(target) as part:
                figure.savefig(part, dpi=160, metadata={"Date": None} if target.suffix == ".svg" else None)
    return paths


def _title(report: Report) -> str:
    return f"Does {report.model or 'the model'} know which came first? ({report.corpus}, {report.split})"


def _caption(report: Report) -> str:
    text = (
        f"Left: share of {report.shuffles} wrong orders of a clip's events that the right order beats (CAR), "
        f"{report.clips} clips, neutral wording; bars and bands are 95 % intervals over clusters of clips. "
        "Blind: other motions in the own one's place; where all orders are equally likely this has to be 50. "
        "Both ways: the clip, and the clip re-ordered to what a wrong order tells; a taste for some orders, without a "
        "look at the motion, gets 50 whatever the corpus. Right: what the right order is ahead of the best wrong one. "
        f"chronomotion {report.chronomotion}, corpus {report.corpus_fingerprint[:8]}."
    )
    return textwrap.fill(text, 158)


def _draw_car(axes: Any, report: Report) -> None:
    """Figures by number of events, all clips first; blind controls as lines over all of them."""
    test, swapped = report.headline, report.swapped
    counts = list(test.car_by_events)
    places = [0.0, *(1.4 + i for i in range(len(counts)))]
    axes.axhline(50, color="#BBBBBB", linewidth=1, zorder=0)
    axes.text(places[-1] + 0.77, 50, "chance", color=_GREY, fontsize=9, va="center", ha="left")
    for words, (field, colour, dashes) in _BLIND.items():
        control: Interval | None = getattr(test, field)
        if control is not None:
            axes.axhspan(control.low, control.high, color=colour, alpha=0.12, linewidth=0, zorder=1)
            label = f"blind: {words} ({control.value:.1f})"
            axes.axhline(control.value, color=colour, linewidth=1.8, linestyle=dashes, label=label, zorder=2)
    shift = 0.0 if swapped is None else 0.16
    intervals = [test.car, *test.car_by_events.values()]
    _draw_points(axes, [place - shift for place in places], intervals, _BLUE, "o", "right motion (CAR)")
    if swapped is not None:
        both_ways = [swapped.car_both_ways, *(swapped.by_events.get(count) for count in counts)]
        _draw_points(
            axes, [place + shift for place in places], both_ways, _GREEN, "s", "both ways, re-ordered motion as well"
        )
    names = ["all", *counts]
    axes.set_xticks(
        places, [f"{name}\n{interval.clips} clips" for name, interval in zip(names, intervals, strict=True)]
    )
    axes.set_xlim(-0.85, places[-1] + 0.75)
    axes.set_ylim(0, 112)
    axes.set_yticks(range(0, 101, 25))
    axes.set_xlabel("number of events")
    axes.set_ylabel("percent")
    axes.set_title(f"Right orders told from wrong ones ({HEADLINE})", loc="left", fontsize=11)
    axes.legend(loc="upper left", bbox_to_anchor=(-0.02, -0.22), frameon=False, fontsize=9)


def _draw_points(
    axes: Any, places: Sequence[float], intervals: Sequence[Interval | None], colour: str, marker: str, label: str
) -> None:
    """Values with their intervals as error bars, and each value as a label."""
    known = [(place, interval) for place, interval in zip(places, intervals, strict=True) if interval is not None]
    values = [interval.value for _, interval in known]
    # At 0 or 100 a rounding error can put the value just outside its percentile interval.
    below = [max(0.0, interval.value - interval.low) for _, interval in known]
    above = [max(0.0, interval.high - interval.value) for _, interval in known]
    axes.errorbar(
        [place for place, _ in known], values, yerr=[below, above], fmt=marker, markersize=7, color=colour, capsize=4,
        elinewidth=1.8, label=label, zorder=4,
    )  # fmt: skip
    # Labels stand beyond the intervals, one series above and one below, so that they never overlap.
    above_all = marker == "o"
    for place, interval in known:
        axes.annotate(
            f"{interval.value:.1f}", (place, interval.high if above_all else interval.low),
            xytext=(0, 5 if above_all else -5),
            textcoords="offset points", ha="center", va="bottom" if above_all else "top", color=colour,
            fontweight="bold", fontsize=9.5, zorder=5, bbox={"facecolor": "white", "alpha": 0.75, "lw": 0, "pad": 0.6},
        )  # fmt: skip


def _draw_margins(axes: Any, test: OrderTest) -> None:
    """Histogram of the margins of clips; lost clips have another colour and are hatched."""
    assert test.margins is not None
    edges, counts, tied = test.margins.edges, test.margins.counts, test.margins.tied
    clips, width = sum(counts) + tied, edges[1] - edges[0]
    for sign, colour, hatch, words in (
        (1, _BLUE, "", "right order first"),
        (-1, _ORANGE, "///", "a wrong order first"),
    ):
        chosen = [(edge, count) for edge, count in zip(edges, counts, strict=False) if (edge >= 0) == (sign > 0)]
        share = 100 * sum(count for _, count in chosen) / clips
        axes.bar(
            [edge for edge, _ in chosen], [count for _, count in chosen], width=width, align="edge",
            color=colour if not hatch else "white", edgecolor=colour, hatch=hatch, linewidth=0.8,
            label=f"{words}: {share:.1f} % of clips",
        )  # fmt: skip
    if tied:
        axes.bar([0], [tied], width=width / 2, color=_GREY, label=f"tied: {100 * tied / clips:.1f} % of clips")
    axes.axvline(0, color=_INK, linewidth=1)
    axes.axvline(
        test.margins.median, color=_INK, linewidth=1.4, linestyle=(0, (4, 2)), label=f"median {test.margins.median:.3f}"
    )
    axes.set_xlim(edges[0], edges[-1])
    axes.set_xlabel("score of the right order less that of the best wrong one")
    axes.set_ylabel("clips")
    axes.set_title("By how much", loc="left", fontsize=11)
    axes.legend(loc="upper left", bbox_to_anchor=(-0.02, -0.22), frameon=False, fontsize=9)
