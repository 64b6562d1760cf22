"""A real server that generates, in a process of its own: it ends in time, and is not broken by many clients."""

from __future__ import annotations

import sys
import threading
import time

import httpx
import pytest
from processes import fake_server

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="signals are others there"),
]
LIMIT = 5.0
"""Seconds from the signal to the end."""


def begun(server, text, **wish):
    return httpx.post(f"{server.address}/api/generate", json={"text": text, **wish}, timeout=30)


def test_sigterm_ends_it_while_motions_are_made_and_wait(tmp_path):
    with fake_server(tmp_path / "takes") as server:
        first = begun(server, "stuck", count=8).json()["id"]
        begun(server, "walks")
        while httpx.get(f"{server.address}/api/generate/{first}", timeout=30).json()["state"] == "waiting":
            time.sleep(0.05)
        status, seconds = server.end()
    assert status == 143
    assert seconds < LIMIT
    assert "2 tasks did not end in time" in "".join(server.said) or "1 tasks" in "".join(server.said)
    assert "Traceback" not in "".join(server.said)


def test_many_clients_get_an_answer_each(tmp_path):
    """Twenty at once: some are made, the others are told when to come back; searches and health go on meanwhile."""
    answers, done = [], []

    def ask(server, number):
        answer = begun(server, f"slow {number}")
        answers.append(answer)
        while answer.status_code == 202:
            said = httpx.get(f"{server.address}/api/generate/{answer.json()['id']}", timeout=30).json()
            if said["state"] == "done":
                done.append(said["done"])
                return
            time.sleep(0.2)

    with fake_server(tmp_path / "takes", limits={"waiting_generations": 3}) as server:
        threads = [threading.Thread(target=ask, args=(server, number)) for number in range(20)]
        for thread in threads:
            thread.start()
        assert httpx.get(f"{server.address}/api/search?q=walk", timeout=30).status_code == 200
        for thread in threads:
            thread.join()
        assert httpx.get(f"{server.address}/api/health", timeout=30).status_code == 200
    statuses = [answer.status_code for answer in answers]
    assert set(statuses) == {202, 503}
    assert statuses.count(202) >= 4
    assert done == [1] * statuses.count(202)
    assert all(int(answer.headers["retry-after"]) >= 1 for answer in answers if answer.status_code == 503)
