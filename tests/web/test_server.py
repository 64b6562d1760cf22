"""A real server in a process of its own: how it ends, what it survives, what it writes."""

from __future__ import annotations

import re
import signal
import socket
import sys
import threading
import time

import httpx
import pytest
from processes import fake_server

from chronomotion.errors import ConfigError
from chronomotion.web.server import address_of, bound_socket
from conftest import problem

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="signals are others there"),
]
LIMIT = 5.0
"""Seconds from the signal to the end. Measured on a machine that does nothing else they are 0.3 and 3.3."""


@pytest.fixture
def server(tmp_path):
    with fake_server(tmp_path / "takes") as running:
        yield running


def raw(server, text):
    """A connection on which this was sent."""
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=20)
    connection.sendall(text.encode("latin-1"))
    return connection


def test_it_answers(server):
    assert httpx.get(f"{server.address}/api/health").json() == {"status": "ok"}
    assert httpx.get(f"{server.address}/").status_code == 200
    assert "server" not in httpx.get(f"{server.address}/api/health").headers


def test_sigterm_ends_it_with_open_connections(server):
    """Kept alive, half a request, half a body, and a search that goes on longer than it may: none of them holds it up."""
    with httpx.Client() as client:
        client.get(f"{server.address}/api/health")
        open_ones = [
            raw(server, ""),
            raw(server, "GET /api/health HTT"),
            raw(server, "POST /api/search HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"),
            raw(server, "POST /api/motions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
                        "Content-Type: multipart/form-data; boundary=x\r\n\r\n5\r\n--x\r\n"),
            raw(server, "GET /api/search?q=stuck HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        ]  # fmt: skip
        time.sleep(0.5)
        status, seconds = server.end()
    assert status == 143
    assert seconds < LIMIT
    assert "Traceback" not in "".join(server.said)
    for connection in open_ones:
        connection.close()


def test_sigterm_lets_a_request_end(server):
    answers = []
    thread = threading.Thread(
        target=lambda: answers.append(httpx.get(f"{server.address}/api/search?q=slow", timeout=30))
    )
    thread.start()
    time.sleep(0.4)
    status, seconds = server.end()
    thread.join()
    assert answers[0].status_code == 200
    assert status == 143
    assert seconds < LIMIT
    assert server.said[-1] == "ended: ended by SIGTERM\n"


def test_ctrl_c_ends_it_and_a_second_one_at_once(server):
    stuck = raw(server, "GET /api/search?q=stuck HTTP/1.1\r\nHost: localhost\r\n\r\n")
    time.sleep(0.5)
    began = time.monotonic()
    server.process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    assert server.process.poll() is None, "the first one waits for the search"
    status, _ = server.end(signal.SIGINT)
    assert status == 130
    assert time.monotonic() - began < 3
    stuck.close()


def test_ctrl_c_without_work(server):
    status, seconds = server.end(signal.SIGINT)
    assert (status, server.said[-1]) == (130, "ended: interrupted\n")
    assert seconds < LIMIT


def test_sigterm_while_a_file_is_being_read(server, tmp_path):
    form = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.bvh"\r\n\r\n'
        + b"HIERARCHY x"
        + b"\r\n--x--\r\n"
    )
    sending = [
        raw(server, "POST /api/motions HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n"
                    f"Content-Length: {len(form)}\r\n\r\n" + form.decode())
        for _ in range(4)
    ]  # fmt: skip
    status, seconds = server.end()
    assert status == 143
    assert seconds < LIMIT
    for connection in sending:
        connection.close()


def test_killed_during_an_upload_the_library_is_as_it_was(tmp_path):
    def contents():
        return {path.name: path.read_bytes() for path in (tmp_path / "takes").iterdir()}

    with fake_server(tmp_path / "takes") as server:
        before = contents()
        sending = raw(server, "POST /api/motions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000000\r\n"
                              "Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\nContent-Disposition: form-data; "
                              'name="file"; filename="../takes/library.json"\r\n\r\n' + 100_000 * "x")  # fmt: skip
        time.sleep(0.5)
        assert server.end(signal.SIGKILL)[0] == -9
        sending.close()
    assert contents() == before
    with fake_server(tmp_path / "takes") as server:
        assert httpx.get(f"{server.address}/api/library").json()["clips"] == 6


def test_the_log_is_short_and_knows_no_token(tmp_path):
    token = "a-token-of-32-letters-0123456789"
    with fake_server(tmp_path / "takes", access={"token": token}) as server:
        headers = {"Authorization": f"Bearer {token}"}
        httpx.get(f"{server.address}/api/search?q=walk&token={token}", headers=headers)
        httpx.get(f"{server.address}/api/search?q=walk", headers=headers)
        httpx.get(f"{server.address}/api/library")
        httpx.get(f"{server.address}/api/clips/%1b%5b31m%0a{'x' * 500}", headers=headers)
        httpx.get(f"{server.address}/api/search?q=broken", headers=headers)
        server.end()
    said = "".join(server.said)
    assert token not in said
    lines = [line for line in server.said if re.match(r"[A-Z]+ /", line)]
    assert [" ".join(line.split()[:3]) for line in lines[:3]] == [
        "GET /api/search 422", "GET /api/search 200", "GET /api/library 401",
    ]  # fmt: skip
    assert re.fullmatch(r"GET /api/search 200 \d+ ms\n", lines[1])
    assert all(len(line) < 250 and line[:-1].isprintable() for line in lines)
    assert "RuntimeError: a secret of the library" in said, "the traceback is for whoever runs the server"


def test_a_body_without_end_is_cut_off(tmp_path):
    """Chunk after chunk, to a server that takes 100 kB: it answers, and hangs up."""
    with fake_server(tmp_path / "takes", limits={"upload_bytes": 100_000}) as server:
        connection = raw(server, "POST /api/motions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
                                 "Content-Type: multipart/form-data; boundary=x\r\n\r\n"
                                 '46\r\n--x\r\nContent-Disposition: form-data; name="file"; filename="a.bvh"\r\n\r\n\r\n')  # fmt: skip
        chunk = b"2710\r\n" + b"x" * 10_000 + b"\r\n"
        sent = 0
        try:
            while sent < 100_000_000:
                connection.sendall(chunk)
                sent += 10_000
        except OSError:
            pass
        assert sent < 20_000_000  # what the kernel keeps in its buffers
        connection.close()
        with httpx.Client() as client:
            answer = client.post(
                f"{server.address}/api/motions",
                content=b"x" * 100_001,
                headers={"content-type": "multipart/form-data; boundary=x"},
            )
        problem(answer, 413)


def test_many_clients_get_an_answer_each(tmp_path):
    """40 at a time to a queue of 4: each is answered, some of them that there is too much to do."""
    with fake_server(tmp_path / "takes", limits={"waiting": 4}) as server:
        statuses, health = asked_by_many(server, 40)
    assert health == 200
    assert set(statuses) == {200, 503}
    assert len(statuses) == 40


def asked_by_many(server, clients):
    statuses, start = [], threading.Barrier(clients + 1)

    def ask():
        with httpx.Client(timeout=60) as client:
            start.wait()
            answer = client.get(f"{server.address}/api/search?q=slow")
        statuses.append(answer.status_code)
        if answer.status_code == 503:
            assert int(answer.headers["retry-after"]) >= 1

    threads = [threading.Thread(target=ask) for _ in range(clients)]
    for thread in threads:
        thread.start()
    start.wait()
    health = httpx.get(f"{server.address}/api/health", timeout=60).status_code
    for thread in threads:
        thread.join()
    return statuses, health


@pytest.mark.parametrize("path", ["/api/motions", "/api/search", "/api/nothing", "/static/page.js", "/api/clips/1"])
def test_the_rest_of_a_body_is_not_read_once_it_is_answered(server, path):
    """Refused at its first bytes, of a wrong form, of a path that takes none: nobody goes on reading."""
    connection = raw(server, f"POST {path} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
                             "Content-Type: multipart/form-data; boundary=x\r\n\r\n")  # fmt: skip
    sent = 0
    try:
        while sent < 100_000_000:
            connection.sendall(b"2710\r\n" + b"y" * 10_000 + b"\r\n")
            sent += 10_000
    except OSError:
        pass
    connection.close()
    assert sent < 30_000_000


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.0\r\n\r\n",
        b"\x00\x01\x02\r\n\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
        b"POST /api/search HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST /api/search HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"GET /%ff%00%fe HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /api/search?q=%ff%fe HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        b"GET /api/health HTTP/1.1\r\nHost: localhost\r\nOrigin: \xff\xfe\r\n\r\n",
        b"GET /api/clips/1/frames HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: \xff\r\n\r\n",
    ],
)
def test_requests_that_are_none(server, request_bytes):
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(request_bytes)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while block := connection.recv(65536):
            answer += block
    if answer:
        assert not answer.startswith(b"HTTP/1.1 5"), answer[:500]
        assert b"Traceback" not in answer
    assert httpx.get(f"{server.address}/api/health").status_code == 200


def test_a_port_that_is_taken_is_told_in_a_line():
    with bound_socket("127.0.0.1", 0) as taken:
        taken.listen()
        assert address_of(taken) == f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ConfigError, match=r"--host 127.0.0.1 --port \d+: Address already in use: choose another"):
            bound_socket("127.0.0.1", taken.getsockname()[1])
    for port in (-1, 70_000):
        with pytest.raises(ConfigError, match=f"--port is from 0 to 65535, not {port}"):
            bound_socket("127.0.0.1", port)
