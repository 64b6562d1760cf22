"""Requests made from the OpenAPI description, right ones and wrong ones, to a real server: none gives a 5xx or a status
that is not documented. Run in a process of its own, because its plugin of pytest is not for our tests."""

from __future__ import annotations

import subprocess
import sys

import httpx
import pytest
from processes import fake_server

pytest.importorskip("schemathesis", reason="schemathesis is not installed")

ASK = """
import sys
import httpx
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance, response_schema_conformance, status_code_conformance,
)

address, examples = sys.argv[1], int(sys.argv[2])
schema = schemathesis.openapi.from_url(f"{address}/api/openapi.json")
checks = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
kept = settings(max_examples=examples, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
                suppress_health_check=list(HealthCheck))
total = 0
made = httpx.post(f"{address}/api/generate", json={"text": "walks"}).json()["id"]
for result in schema.get_all_operations():
    operation = result.ok()
    counts = {}
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        @kept
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case):
            global total
            if total % 2 and case.path_parameters:  # else hardly an id would be one of a clip
                generated = case.path.startswith("/api/generate")
                case.path_parameters["id"] = made if generated else str(1 + total % 6)
                if "n" in case.path_parameters and total % 4 == 1:
                    case.path_parameters["n"] = 0
            answer = case.call(timeout=30)
            case.validate_response(answer, checks=list(checks))
            counts[answer.status_code] = counts.get(answer.status_code, 0) + 1
            total += 1
        try:
            ask()
        except BaseException as error:
            if "Unsatisfiable" not in type(error).__name__:
                raise
    print(operation.method.upper(), operation.path, dict(sorted(counts.items())), flush=True)
print("requests:", total)
"""


@pytest.mark.slow
def test_no_request_breaks_the_server(tmp_path):
    with fake_server(
        tmp_path / "takes", limits={"waiting": 200, "waiting_generations": 1000, "kept_generations": 1000}
    ) as server:
        done = subprocess.run(
            [sys.executable, "-c", ASK, server.address, "40"], capture_output=True, text=True, timeout=900
        )
        assert done.returncode == 0, done.stdout + done.stderr[-4000:]
        operations = done.stdout.splitlines()
        assert len(operations) == 21  # twenty operations and the total
        assert "{200:" in done.stdout
        assert httpx.get(f"{server.address}/api/health").status_code == 200
    assert "Traceback" not in "".join(server.said)


@pytest.mark.slow
@pytest.mark.parametrize(
    "body", [b"\x00", b"\xff\xfe\x00", b'"\x00"', b'{"text": "\xc3\x28"}', b'{"text": "\x00"}', b"\x80" * 100]
)
@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "text/plain",
        "application/json; charset=utf-16",
        "\xff",
        "multipart/form-data; boundary=\xff",
    ],
)
def test_bytes_that_are_no_text(server_of_toys, body, kind):
    """NUL and invalid UTF-8, in bodies of every kind: what gives a 500 elsewhere."""
    for path in ("/api/search", "/api/motions", "/api/clips/1/frames", "/api/health"):
        answer = httpx.post(
            f"{server_of_toys.address}{path}", content=body, headers={"content-type": kind.encode("latin-1")}
        )
        assert 400 <= answer.status_code < 500
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.fixture(scope="module")
def server_of_toys(tmp_path_factory):
    with fake_server(tmp_path_factory.mktemp("toys") / "takes") as server:
        yield server
