"""Makes the pictures of docs/page.md: ``python benchmarks/page_screenshots.py [FOLDER [NAME...]]``."""

from __future__ import annotations

import io
import sys
import tempfile
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
    """Write all pictures, or those that are named."""
    folder, wanted = Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS, sys.argv[2:]
    with served(makes=True) as address, chromium() as browser:
        for name, (settings, path, act) in PICTURES.items():
            if wanted and name not in wanted:
                continue
            context = browser.new_context(**settings)
            page = context.new_page()
            page.goto(address + path)
            page.wait_for_selector(".card[data-id], #lengths .end")
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


def _drop(page: Any) -> None:
    """A file is held over the right half."""
    page.evaluate(
        """() => {
            const data = new DataTransfer();
            data.items.add(new File(["x"], "take.bvh"));
            const at = (target, kind) => target.dispatchEvent(
                new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: data }));
            at(document.body, "dragenter");
            at(document.querySelectorAll("#drop .part")[1], "dragover");
        }"""
    )


def _adding(page: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        take, broken = Path(folder) / "my_walk.bvh", Path(folder) / "broken.bvh"
        take.write_bytes(page.request.get(page.url.partition("?")[0] + "api/clips/14/file").body())
        broken.write_text("HIERARCHY")
        page.set_input_files("#added", [str(take), str(broken)])
        page.wait_for_selector(".adding[data-state=failed]")
        page.wait_for_selector(".adding[data-state=done]")
    page.locator(".adding summary").first.click()


def _made(page: Any) -> None:
    page.locator(".end").first.focus()
    page.keyboard.press("PageUp")
    page.locator("#make-it").click()
    page.wait_for_selector("#variants .card[data-id] >> nth=3")
    page.wait_for_timeout(2500)
    page.locator("#variants .open").nth(1).click()
    page.wait_for_timeout(1500)


MAKE = "?make=1&q=a+person+walks,+then+claps,+then+bows"
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
    "drop": (WIDE, QUERY, _drop),
    "make": (WIDE, MAKE, _made),
    "make-phone": (PHONE, MAKE, _nothing),
    "adding": (WIDE, "", _adding),
}

if __name__ == "__main__":
    main()
