"""The page of a library in Debian's Chromium with software rendering, for what is measured and pictured of it.

The library is that of the tests: procedural motions, no model, so that nothing of it is a recording of somebody.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

STORIES = Path(__file__).parents[1] / "tests/web/page/story_library.py"
SOFTWARE = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
QUERY = "?q=a+person+walks,+then+claps,+then+bows"


@contextmanager
def served(times: int = 1, *, makes: bool = False) -> Iterator[str]:
    """The address of a page over the library of stories, each told so many times, and with a generator where wanted."""
    with socket.socket() as free, tempfile.TemporaryDirectory() as folder:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        command = [
            sys.executable,
            str(STORIES),
            str(Path(folder) / "stories"),
            str(port),
            str(times),
            *(["make"] if makes else []),
        ]
        server = subprocess.Popen(command, env={**os.environ, "OMP_NUM_THREADS": "1"})
        address = f"http://127.0.0.1:{port}/"
        try:
            _wait(address, server)
            yield address
        finally:
            server.terminate()
            server.wait(20)


def _wait(address: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        try:
            urllib.request.urlopen(address + "api/health", timeout=5).read()
        except OSError:
            if server.poll() is not None:
                raise SystemExit("the server ended") from None
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the server does not answer")


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        raise SystemExit("no Chromium here: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=SOFTWARE)
        yield browser
        browser.close()
