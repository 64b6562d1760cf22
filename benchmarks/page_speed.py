"""Frames a second of the page without a graphics card, milliseconds of its own work in a frame, and the bundle's size.

Run with ``python benchmarks/page_speed.py``: Chromium draws with SwiftShader, on the processor. 12 and 24 people are on
the screen of 1280 x 900 and move; each level of what the page gives up on a slow machine is held for a while, then the
page is left to itself. The load of the machine is printed beside: figures of a busy machine are no figures of the page.
"""

from __future__ import annotations

import gzip
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from machine import machine
from page_browser import QUERY, chromium, served

STATIC = Path(__file__).parents[1] / "src/chronomotion/web/static"
LEVELS = ["all", "no antialiasing", "and smaller pixels", "only what is pointed at moves"]
SECONDS = 10.0
GRID = """([columns, height]) => {
  document.getElementById("results").style.gridTemplateColumns = `repeat(${columns}, 1fr)`;
  for (const each of document.querySelectorAll(".legend, .caption, .line, .about")) each.style.display = "none";
  for (const each of document.querySelectorAll(".card .screen")) each.style.height = `${height}px`;
  chronomotion.stage.change();
}"""
HOLD = """(level) => {
  const stage = chronomotion.stage;
  stage.level = level ?? 0;
  stage.adapts = level === null;
  stage.start();
}"""


def main() -> None:
    """Print the table."""
    print(machine())
    for name in ("page.js", "index.css", "index.html", "body.bin"):
        content = (STATIC / name).read_bytes()
        print(f"{name:<11} {len(content) / 1e3:6.1f} kB, {len(gzip.compress(content, 9, mtime=0)) / 1e3:6.1f} kB gzip")
    heads = ["people", "level", "frames a second", "processor ms a frame", "own ms a frame, median / most", "load"]
    print(f"\n| {' | '.join(heads)} |\n{'|---' * len(heads)}|")
    with served(times=3) as address, chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900}, reduced_motion="no-preference")
        for people, columns, height in ((12, 4, 215), (24, 6, 160)):
            page.goto(f"{address}{QUERY}")
            page.wait_for_selector(".card[data-id]")
            if people > 12:
                page.locator(".more").click()
            _fill(page, people, columns, height)
            for level in (0, 1, 2, 3, None):
                print(_row(page, people, level))


def _fill(page: Any, people: int, columns: int, height: int) -> None:
    """Puts so many people on the screen and waits until all have come."""
    for _ in range(600):
        page.evaluate(GRID, [columns, height])
        if page.evaluate("[...chronomotion.stage.views].filter((view) => view.visible()).length") >= people:
            return
        page.wait_for_timeout(100)
    raise SystemExit(f"{people} people do not come on the screen")


def _row(page: Any, people: int, level: int | None) -> str:
    page.evaluate(HOLD, level)
    page.wait_for_timeout(3000 if level is not None else 8000)
    before, began, busy = page.evaluate("chronomotion.stage.drawn"), time.perf_counter(), _processor()
    work: list[float] = []
    while time.perf_counter() - began < SECONDS:
        page.wait_for_timeout(100)
        work.append(page.evaluate("chronomotion.stage.work"))
    frames = page.evaluate("chronomotion.stage.drawn") - before
    rate, cost = frames / (time.perf_counter() - began), (_processor() - busy) / max(1, frames)
    now = page.evaluate("chronomotion.stage.level")
    name = LEVELS[level] if level is not None else f"left to itself: {LEVELS[now]}"
    work.sort()
    own = f"{work[len(work) // 2]:.1f} / {work[-1]:.1f}"
    return f"| {people} | {name} | {rate:.1f} | {1e3 * cost:.0f} | {own} | {os.getloadavg()[0]:.1f} |"


def _processor() -> float:
    """Seconds of the processor that the browser has taken, all its processes together."""
    import psutil  # type: ignore[import-untyped]

    taken = 0.0
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            taken += (times.user + times.system) * ("chrom" in process.name())
    return taken


if __name__ == "__main__":
    main()
