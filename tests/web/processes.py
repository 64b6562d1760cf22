"""A server in a process of its own."""

from __future__ import annotations

import json
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

HERE = Path(__file__).parent
PATIENCE = 120
"""Seconds to start: other programs may want the processors too."""


class Server:
    """Started, and killed at the end of the block. ``said`` is what it has written to standard error so far."""

    def __init__(self, *command, cwd=None, **environment):
        self.process = subprocess.Popen(
            [sys.executable, *map(str, command)],
            stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, cwd=cwd, env={**os.environ, **environment},
            start_new_session=True,
        )  # fmt: skip
        self.said: list[str] = []
        addresses: queue.Queue[str] = queue.Queue()

        def read():
            for line in self.process.stderr:
                self.said.append(line)
                match = re.search(r"http://\S+:\d+", line)
                if match:
                    addresses.put(match[0])
            addresses.put("")

        self._reader = threading.Thread(target=read, daemon=True)
        self._reader.start()
        self.address = addresses.get(timeout=PATIENCE)
        if not self.address:
            self.process.wait(10)
            raise AssertionError("".join(self.said))
        self.port = int(self.address.rpartition(":")[2])

    def end(self, number=signal.SIGTERM, patience=30):
        """Send a signal; (exit status, seconds until the process has ended)."""
        began = time.monotonic()
        self.process.send_signal(number)
        status = self.process.wait(patience)
        self._reader.join(10)
        return status, time.monotonic() - began

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def fake_server(*folders, limits=None, access=None):
    """A server of fake libraries."""
    return Server(
        HERE / "fake_server.py", *folders, "--limits", json.dumps(limits or {}), "--access", json.dumps(access or {})
    )
