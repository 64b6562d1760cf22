"""Makes the pictures of docs/page.md: ``python benchmarks/page_screenshots.py [FOLDER]``."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

from page_browser import QUERY, chromium, served

DOCS = Path(__file__).parents[1] / "docs"
WIDE = {"viewport": {"width": 1280, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 1.5}
COLOURS = 128
MOST = 150_000  # bytes


def main() -> None:
    """Write all pictures."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS
    with served() as address, chromium() as browser:
        for name, (settings, path, act) in PICTURES.items():
            context = browser.new_context(**settings)
            page = context.new_page()
            page.goto(address + path)
            page.wait_for_selector(".card[data-id]")
            page.wait_for_timeout(1500)
            act(page)
            # Best quality, at one moment: what moves stands still.
            page.evaluate("Object.assign(chronomotion.stage, {level: 0, adapts: false}); chronomotion.stage.start()")
            page.wait_for_timeout(1500)
            _write(page.screenshot(), folder / f"page-{name}.png")
            context.close()


def _write(picture: bytes, path: Path) -> None:
    image = Image.open(io.BytesIO(picture)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    image.save(path, optimize=True)
    size = path.stat().st_size
    print(f"{path}: {size / 1e3:.0f} kB")
    if size > MOST:
        raise SystemExit(f"{path} has {size} bytes, more than {MOST}")


def _nothing(page: Any) -> None:
    """As it opens."""


def _selected(page: Any) -> None:
    page.locator(".card .open").first.click()
    page.wait_for_timeout(1500)
    page.select_option(".compare", label="walk_jump_clap_08")  # it claps, too
    page.locator("#selected .legend button").nth(1).click()
    page.wait_for_timeout(1500)


def _why(page: Any) -> None:
    page.locator(".card .open").first.click()
    page.locator(".why summary").click()
    page.wait_for_selector(".orders li")
    page.locator(".why").scroll_into_view_if_needed()


def _gone(page: Any) -> None:
    page.route("**/api/search*", lambda route: route.abort())
    page.fill("#query", "a person kneels, then jumps")
    page.wait_for_selector(".say h2:has-text('That did not work')")


PICTURES: dict[str, tuple[dict[str, Any], str, Callable[[Any], None]]] = {
    "welcome": (WIDE, "", _nothing),
    "wide": (WIDE, QUERY, _nothing),
    "phone": (PHONE, QUERY, _nothing),
    "dark": ({**WIDE, "color_scheme": "dark"}, QUERY, _nothing),
    "still": ({**WIDE, "reduced_motion": "reduce"}, QUERY, _nothing),
    "selected": (WIDE, QUERY, _selected),
    "why": (WIDE, QUERY, _why),
    "not-found": (WIDE, "?q=a+dog+swims,+then+a+person+claps", _nothing),
    "error": (WIDE, QUERY, _gone),
}

if __name__ == "__main__":
    main()
