"""How much a request may send, how many may wait."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from chronomotion.web.limits import BodyLimit, Limits
from chronomotion.web.pool import BoundedPool
from chronomotion.web.problems import ProblemError
from conftest import problem

FORM = {"content-type": "multipart/form-data; boundary=x"}


def form(content, name="take.bvh"):
    return (
        f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
        + content
        + b"\r\n--x--\r\n"
    )


async def chunks(total, size=1000, sent=None):
    """A chunked body, counted as it is taken."""
    for _ in range(total // size):
        if sent is not None:
            sent.append(size)
        yield b"x" * size


def test_a_body_that_is_announced_too_large_is_not_read(serving):
    asking = serving(limits=Limits(json_bytes=1000, upload_bytes=5000))
    sent = []
    for path, limit in (("/api/search", 1000), ("/api/motions", 5000), ("/api/clips/1", 1000)):
        answer = asking.post(path, content=chunks(100_000, sent=sent), headers={"content-length": str(limit + 1)})
        assert f"larger than the {limit} bytes" in problem(answer, 413)
        assert answer.headers["connection"] == "close"
    assert sum(sent) <= 3000  # httpx takes a chunk before it asks


@pytest.mark.parametrize("path", ["/api/search", "/api/motions"])
def test_a_body_that_does_not_say_how_large_it_is_is_counted(serving, path):
    asking = serving(limits=Limits(json_bytes=5000, upload_bytes=5000))
    sent = []

    async def body():
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.bvh"\r\n\r\n'
        async for chunk in chunks(100_000, sent=sent):
            yield chunk

    assert "larger than the 5000 bytes" in problem(asking.post(path, content=body(), headers=FORM), 413)
    assert sum(sent) <= 7000


def test_a_length_of_many_digits(serving):
    asking = serving(limits=Limits(json_bytes=1000))
    problem(asking.post("/api/search", content=b"", headers={"content-length": "9" * 5000}), 413)


def test_a_body_that_does_not_come(serving):
    asking = serving(limits=Limits(body_seconds=0.2))

    async def slow():
        yield b"{"
        await asyncio.sleep(5)
        yield b"}"

    began = time.monotonic()
    answer = asking.post("/api/search", content=slow(), headers={"content-type": "application/json"})
    assert "within 0.2 s" in problem(answer, 408)
    assert time.monotonic() - began < 3


def test_a_body_within_the_limit_arrives_whole():
    """What the layer lets through is what was sent, and the answer is the application's."""
    seen = []

    async def application(scope, receive, send):
        while (message := await receive()).get("more_body"):
            seen.append(message["body"])
        seen.append(message["body"])
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def run():
        waiting = [{"type": "http.request", "body": b"ab", "more_body": True}, {"type": "http.request", "body": b"c"}]
        answered = []

        async def receive():
            return waiting.pop(0)

        async def send(message):
            answered.append(message)

        layer = BodyLimit(application, Limits(json_bytes=3), frozenset())
        await layer({"type": "http", "method": "POST", "path": "/", "headers": []}, receive, send)
        return answered

    answered = asyncio.run(run())
    assert b"".join(seen) == b"abc"
    assert answered[0]["status"] == 204


def test_only_so_many_files_arrive_at_a_time(serving):
    asking = serving(limits=Limits(uploads=2, body_seconds=5.0))

    async def run():
        hold = asyncio.Event()

        async def held():
            yield form(b"HIERARCHY")[:50]
            await hold.wait()
            yield form(b"HIERARCHY")[50:]

        slow = [asyncio.create_task(asking.ask("POST", "/api/motions", content=held(), headers=FORM)) for _ in range(2)]
        await asyncio.sleep(0.2)
        refused = await asking.ask("POST", "/api/motions", content=form(b"x"), headers=FORM)
        search = await asking.ask("GET", "/api/search?q=x")
        hold.set()
        return refused, search, await asyncio.gather(*slow)

    refused, search, slow = asyncio.run(run())
    assert "are being read already" in problem(refused, 503)
    assert int(refused.headers["retry-after"]) >= 1
    assert search.status_code == 200
    for answer in slow:
        problem(answer, 422)
    assert asking.post("/api/motions", content=form(b"x"), headers=FORM).status_code == 422  # there is room again


@pytest.mark.parametrize(
    ("content", "kind", "status", "says"),
    [
        (b"", "multipart/form-data; boundary=x", 422, "no file"),
        (b"x", "application/octet-stream", 415, "multipart/form-data"),
        (b"x", "", 415, "multipart/form-data"),
        (b"nonsense", "multipart/form-data; boundary=x", 400, ""),
        (form(b"x"), "multipart/form-data", 400, "boundary"),
        (
            b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\ntext\r\n--x--\r\n',
            FORM["content-type"],
            422,
            "no file",
        ),
        (form(b"x").replace(b'"file"', b'"other"'), FORM["content-type"], 422, "no file"),
        (form(b"x")[:-9] + b"\r\n" + form(b"y"), FORM["content-type"], 400, "Too many files"),
        (form(b"x", name="notes.txt"), FORM["content-type"], 415, "'.txt'"),
        (form(b"x", name=""), FORM["content-type"], 415, "without a suffix"),
    ],
)
def test_forms_that_hold_no_motion_file(asking, content, kind, status, says):
    answer = asking.post("/api/motions", content=content, headers={"content-type": kind} if kind else {})
    assert says in problem(answer, status)


def test_the_pool_runs_so_many_and_lets_so_many_wait():
    pool = BoundedPool(2, 1, "test")
    gate, running = threading.Event(), []

    def task(number):
        running.append(number)
        gate.wait(10)
        return number

    async def run():
        tasks = [asyncio.create_task(pool.run(task, number)) for number in range(3)]
        await asyncio.sleep(0.2)
        assert len(running) == 2
        with pytest.raises(ProblemError, match="3 requests wait already") as refusal:
            await pool.run(task, 9)
        assert refusal.value.status == 503
        assert refusal.value.headers["Retry-After"] == "1"
        gate.set()
        assert await asyncio.gather(*tasks) == [0, 1, 2]
        assert await pool.run(task, 4) == 4

    asyncio.run(run())
    assert pool.tasks == 0
    pool.close()


def test_a_task_that_nobody_waits_for_still_counts():
    pool = BoundedPool(1, 0, "test")
    gate = threading.Event()

    async def run():
        task = asyncio.create_task(pool.run(gate.wait, 10))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        with pytest.raises(ProblemError):
            await pool.run(print)

    asyncio.run(run())
    gate.set()
    deadline = time.monotonic() + 5
    while pool.tasks and time.monotonic() < deadline:
        time.sleep(0.01)
    assert pool.tasks == 0
    pool.close()


def test_the_wait_is_told_from_how_long_tasks_take():
    pool = BoundedPool(1, 9, "test")
    pool._seconds = 3.0
    gate = threading.Event()

    async def run():
        tasks = [asyncio.create_task(pool.run(gate.wait, 10)) for _ in range(10)]
        await asyncio.sleep(0.1)
        with pytest.raises(ProblemError) as refusal:
            await pool.run(print)
        gate.set()
        await asyncio.gather(*tasks)
        return refusal.value.headers["Retry-After"]

    assert asyncio.run(run()) == "30"
    pool.close()


def test_a_closed_pool_refuses():
    pool = BoundedPool(1, 1, "test")
    pool.close()
    with pytest.raises(ProblemError, match="ending"):
        asyncio.run(pool.run(print))
    assert pool.tasks == 0


def test_searches_that_are_too_many_are_told_to_come_back(serving):
    asking = serving(limits=Limits(waiting=0), threads=1)

    async def run():
        slow = asyncio.create_task(asking.ask("GET", "/api/search?q=slow"))
        await asyncio.sleep(0.3)
        refused = await asking.ask("GET", "/api/search?q=x")
        health = await asking.ask("GET", "/api/health")
        return refused, health, await slow

    refused, health, slow = asyncio.run(run())
    assert "ask again" in problem(refused, 503)
    assert refused.headers["retry-after"]
    assert (health.status_code, slow.status_code) == (200, 200)
