"""How many searches a second a server answers to 50 clients at a time, how long each waits, and whether any fails.

Run with ``python benchmarks/serving.py [LIB]``: a real ``chronomotion serve`` on the loopback, clients in this process
that keep their connections. Half of the queries are new ones, two phrases of the bundled bank in an order, which have
to be encoded; the others are asked again and again. Without LIB a library of procedural takes is made with the starter.
Exit status 1 when a request failed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from urllib.parse import quote

import numpy as np

from chronomotion.corpus.compose.sources import ProceduralClips
from chronomotion.motion.formats import write_motion
from chronomotion.search.phrase_bank import phrases
from chronomotion.seeding import generator
from machine import machine

HEADERS = "Host: localhost\r\nConnection: keep-alive\r\n\r\n"


def main() -> int:
    """Print the table; 1 when a request failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("library", nargs="?", type=Path)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--takes", type=int, default=60, help="of the library that is made")
    options = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory(prefix="serving-") as name:
        library = options.library or made_library(Path(name), options.takes)
        server, port = started(library)
        try:
            asyncio.run(asked_for(port, options.clients, 3.0, "warm"))
            failures = sum(report(port, server, path, options.clients, options.seconds) for path in PATHS)
        finally:
            server.terminate()
            server.wait(20)
    return 1 if failures else 0


def made_library(folder: Path, takes: int) -> Path:
    """A library of procedural takes, made with the starter."""
    from chronomotion.search.stored.indexing import index

    source = ProceduralClips(5)
    for number in range(takes):
        action = source.actions[number % len(source.actions)]
        path = folder / "takes" / f"{action}-{number}.npz"
        path.parent.mkdir(exist_ok=True)
        write_motion(source.clip(action, "test", number), path)
    index([folder / "takes"], folder / "library", "starter")
    return folder / "library"


def started(library: Path) -> tuple[subprocess.Popen[str], int]:
    """A server, and its port once it listens."""
    command = [sys.executable, "-m", "chronomotion", "serve", str(library), "--port", "0"]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert server.stderr is not None
    for line in server.stderr:
        match = re.search(r"serving .* at http://\S+:(\d+) ", line)
        if match:
            # Its log goes on; nobody may wait for a full pipe.
            subprocess.Popen(["cat"], stdin=server.stderr, stdout=subprocess.DEVNULL)
            return server, int(match[1])
    raise SystemExit("the server did not start")


def search_path(client: str, number: int) -> str:
    """A search: every other one is new."""
    bank = phrases()
    identity = (client, number) if number % 2 else ("again", number % 16)
    first, second = generator("serving", *identity).choice(len(bank), size=2, replace=False)
    return f"/api/search?top=10&q={quote(f'{bank[first]}, then {bank[second]}')}"


PATHS = {"search": search_path, "health": lambda *_: "/api/health", "frames": lambda *_: "/api/clips/1/frames"}


async def asked_for(port: int, clients: int, seconds: float, run: str, path: str = "search") -> list[tuple[int, float]]:
    """(status, seconds) of every request."""
    end = time.monotonic() + seconds
    answers: list[tuple[int, float]] = []

    async def client(name: str) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        number = 0
        while time.monotonic() < end:
            began = time.perf_counter()
            writer.write(f"GET {PATHS[path](name, number)} HTTP/1.1\r\n{HEADERS}".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head, re.I)
            await reader.readexactly(int(length[1]) if length else 0)
            answers.append((int(head.split()[1]), time.perf_counter() - began))
            number += 1
        writer.close()

    await asyncio.gather(*(client(f"{run}-{number}") for number in range(clients)))
    return answers


def report(port: int, server: subprocess.Popen[str], path: str, clients: int, seconds: float) -> int:
    """Print a line; how many requests failed."""
    seconds = seconds if path == "search" else min(seconds, 10.0)
    processor = processor_seconds(server.pid)
    answers = asyncio.run(asked_for(port, clients, seconds, "run", path))
    processor = processor_seconds(server.pid) - processor
    milliseconds = 1000 * np.array([taken for _, taken in answers])
    p50, p95, p99 = np.percentile(milliseconds, [50, 95, 99])
    statuses = Counter(status for status, _ in answers)
    failures = sum(count for status, count in statuses.items() if status != 200)
    print(
        f"{path}: {clients} clients, {seconds:g} s: {len(answers) / seconds:.1f} requests a second, p50 {p50:.0f} ms, "
        f"p95 {p95:.0f} ms, p99 {p99:.0f} ms, {failures} failed {json.dumps(statuses)}; "
        f"{1000 * processor / len(answers):.1f} ms of the server's processor a request, load average "
        f"{os.getloadavg()[0]:.1f}",
        flush=True,
    )
    return failures


def processor_seconds(pid: int) -> float:
    """Of a process, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main())
