"""The page in a real browser, over a real server of a library without a model."""

from __future__ import annotations

import pytest
from story_server import BROWSER, served_stories

pytest.importorskip("fastapi", reason="the extra serve is not installed")
pytest.importorskip("playwright", reason="playwright is not installed")
SOFTWARE = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
WIDE = {"width": 1280, "height": 900}


@pytest.fixture(scope="session")
def address(tmp_path_factory):
    """Where the page is served, by a process of its own."""
    with served_stories(tmp_path_factory.mktemp("page") / "stories") as place:
        yield place


@pytest.fixture(scope="session")
def browser():
    if BROWSER is None:
        pytest.skip("no Chromium here: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=BROWSER, args=SOFTWARE)
        yield chromium
        chromium.close()


class Visit:
    """A page that is open, and everything that it should not have done."""

    def __init__(self, context, address):
        self.address, self.page, self.faults = address, context.new_page(), []
        self.page.set_default_timeout(60_000)
        self.page.on("console", lambda line: line.type == "error" and self.faults.append(line.text))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("request", self._asked)
        self.page.add_init_script(
            "window.violations = []; addEventListener('securitypolicyviolation', e => violations.push(e.blockedURI))"
        )

    def _asked(self, request):
        if not request.url.startswith((self.address, "blob:")):
            self.faults.append(f"asked {request.url}")

    def open(self, path=""):
        self.page.goto(self.address + path)
        self.page.wait_for_selector(".card[data-id], .say")
        return self.page

    def search(self, text):
        self.page.fill("#query", text)
        self.page.wait_for_selector(f".chip:has-text('{text.split(',')[0]}'), .say, .one-event .card[data-id]")
        self.idle()

    def idle(self):
        """Waits until the last answer is shown."""
        self.page.wait_for_timeout(250)
        self.page.wait_for_selector("#found:not([aria-busy])")

    def until(self, condition, seconds=30):
        """Waits until an expression is true. (The browser's own waiting would need a policy that allows eval.)"""
        for _ in range(10 * seconds):
            if self.page.evaluate(f"(() => {{ try {{ return {condition} }} catch {{ return false }} }})()"):
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"not within {seconds} s: {condition}")

    def names(self):
        return [name.split(" ", 1)[1] for name in self.page.locator(".card h2").all_inner_texts()]

    def chips(self):
        return self.page.locator(".chip .words").all_inner_texts()

    def drawn(self):
        return self.page.evaluate("chronomotion.stage.drawn")

    def select(self, place=0):
        """Opens a card and waits until its motion is there."""
        self.page.locator(".card .open").nth(place).click()
        self.until("[...chronomotion.stage.views].some((view) => view.large)")

    def times(self):
        """Of the selected clip, and of the one beside it."""
        return self.page.evaluate("[...chronomotion.stage.views].filter(v => v.large).map(v => v.time)")

    def forgive(self, words):
        """Forgets the browser's own lines about an answer that the test asked for."""
        self.faults = [fault for fault in self.faults if words not in fault]

    def check(self):
        assert self.page.evaluate("violations") == []
        assert self.faults == []


@pytest.fixture
def visit(browser, address):
    """Opens the page with settings of a context; at the end nothing may have gone wrong in the browser."""
    visits = []

    def make(**settings):
        # People stand still where a test does not want them to move: a processor draws them slowly.
        context = browser.new_context(**{"viewport": WIDE, "reduced_motion": "reduce", **settings})
        visits.append((context, Visit(context, address)))
        return visits[-1][1]

    yield make
    for context, each in visits:
        each.check()
        context.close()
