"""Who may ask, and what a browser is told."""

from __future__ import annotations

import hmac
import re

import pytest

from chronomotion.errors import ConfigError
from chronomotion.web import security
from chronomotion.web.app import Access
from chronomotion.web.security import checked_origin, is_loopback, read_token
from chronomotion.web.server import checked_access
from conftest import problem

TOKEN = "a-token-of-32-letters-0123456789"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@pytest.mark.parametrize(
    "path",
    ["/", "/static/page.js", "/api/library", "/api/clips/1/frames", "/api/clips/99", "/no", "/api/search?q=broken"],
)
def test_every_answer_tells_the_browser_what_it_may_do(asking, path):
    headers = asking.get(path).headers
    assert headers["content-security-policy"] == POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"]
    assert "server" not in headers


@pytest.mark.parametrize("refused", ["host", "origin", "token", "body"])
def test_refusals_have_these_headers_too(serving, refused):
    asking = serving(access=Access(TOKEN if refused == "token" else None))
    headers = {"host": {"host": "evil.example"}, "origin": {"origin": "http://evil.example"}}.get(refused, {})
    answer = asking.post("/api/search", content=b"x" * 70_000, headers=headers)
    assert answer.status_code == {"host": 403, "origin": 403, "token": 401, "body": 413}[refused]
    assert answer.headers["content-security-policy"] == POLICY


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8000", "LOCALHOST:9", "127.0.0.1:8000", "127.9.9.9", "[::1]:8000", "[::1]"]
)
def test_a_loopback_server_answers_to_loopback_names(asking, host):
    assert asking.get("/api/health", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.7", "", "a b",
             "[evil]", "127.0.0.1@evil.example", "0x7f000001"]
)  # fmt: skip
def test_a_loopback_server_answers_to_no_other_name(asking, host):
    """A page can let a name of its own lead here (DNS rebinding): then the browser takes it for the same origin."""
    assert "is not called" in problem(asking.get("/api/health", headers={"host": host}), 403)


def test_two_hosts_are_refused(asking):
    answer = asking.get("/api/health", headers=[("host", "localhost"), ("host", "evil.example")])
    assert "one Host" in problem(answer, 400)


def test_a_public_server_answers_to_addresses_and_named_hosts(serving):
    asking = serving(access=Access(None, ["0.0.0.0", "motions.example"], any_address=True))
    for host in ("10.0.0.7:8000", "motions.example", "Motions.Example:443", "[fe80::1]", "localhost"):
        assert asking.get("/api/health", headers={"host": host}).status_code == 200
    problem(asking.get("/api/health", headers={"host": "evil.example"}), 403)


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://localhost:3000", "file://", "https://127.0.0.1:80"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_pages_of_other_sites_are_refused(asking, origin, method):
    answer = asking(method, "/api/search", headers={"origin": origin, "content-type": "text/plain"})
    assert "--allow-origin" in problem(answer, 403)
    assert "access-control-allow-origin" not in answer.headers


def test_the_servers_own_page_may_ask(asking):
    answer = asking.post("/api/search", json={"text": "walk"}, headers={"origin": "http://127.0.0.1:8000"})
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers


def test_an_origin_that_is_allowed_may_ask_and_no_other(serving):
    asking = serving(access=Access(TOKEN, origins=["https://app.example"]))
    asks = {"origin": "https://app.example", "access-control-request-method": "POST",
            "access-control-request-headers": "authorization,content-type"}  # fmt: skip
    preflight = asking("OPTIONS", "/api/search", headers=asks)
    assert preflight.status_code == 200  # without a token: browsers send none
    assert preflight.headers["access-control-allow-origin"] == "https://app.example"
    assert "credentials" not in str(preflight.headers)
    asked = {"origin": "https://app.example", "authorization": f"Bearer {TOKEN}"}
    answer = asking.get("/api/clips/1/frames", headers=asked)
    assert answer.headers["access-control-allow-origin"] == "https://app.example"
    assert "X-Frames" in answer.headers["access-control-expose-headers"]
    problem(asking.get("/api/library", headers={**asked, "origin": "https://other.example"}), 403)
    problem(asking.get("/api/library", headers={"origin": "https://app.example"}), 401)


def test_the_token_is_asked_of_everything_but_page_and_health(serving):
    asking = serving(access=Access(TOKEN))
    for path in ("/", "/static/page.js", "/api/health"):
        assert asking.get(path).status_code == 200
    for path in (
        "/api/library",
        "/api/openapi.json",
        "/api/search?q=x",
        "/api/clips/1/frames",
        "/nothing",
        "/api/health/",
    ):
        answer = asking.get(path)
        assert "Authorization: Bearer" in problem(answer, 401)
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert asking.get(path, headers={"authorization": f"Bearer {TOKEN}"}).status_code != 401
    assert asking.get("/api/library", headers={"authorization": f"bearer  {TOKEN}"}).status_code == 200


@pytest.mark.parametrize(
    "given",
    ["", "Bearer", "Bearer ", f"Bearer {TOKEN[:-1]}", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN, "Bearer é\xff"],
)
def test_a_wrong_token(serving, given):
    asking = serving(access=Access(TOKEN))
    problem(asking.get("/api/library", headers={"authorization": given.encode("latin-1")}), 401)


def test_a_token_in_the_address_does_not_count(serving):
    asking = serving(access=Access(TOKEN))
    for name in ("token", "access_token", "authorization"):
        problem(asking.get(f"/api/library?{name}={TOKEN}"), 401)


def test_tokens_are_compared_in_constant_time(serving, monkeypatch):
    compared, compare_digest = [], hmac.compare_digest

    def compare(left, right):
        compared.append((left, right))
        return compare_digest(left, right)

    monkeypatch.setattr(security.hmac, "compare_digest", compare)
    serving(access=Access(TOKEN)).get("/api/library", headers={"authorization": "Bearer guess"})
    assert compared == [(b"guess", TOKEN.encode())]


def test_a_request_without_a_token_is_refused_before_its_body_is_read(serving):
    asking = serving(access=Access(TOKEN))

    async def never():
        raise AssertionError("the body was read")
        yield b""

    answer = asking.post("/api/motions", content=never(), headers={"content-type": "multipart/form-data; boundary=x"})
    problem(answer, 401)


@pytest.mark.parametrize(("host", "expected"), [("127.0.0.1", True), ("localhost", True), ("::1", True), ("127.0.0.9", True),
                                                ("0.0.0.0", False), ("::", False), ("10.1.2.3", False)])  # fmt: skip
def test_which_addresses_are_this_machines_own(host, expected):
    assert is_loopback(host) is expected


def test_an_address_that_there_is_not():
    with pytest.raises(ConfigError, match="--host 'no such host' is no address"):
        is_loopback("no such host")


def test_other_machines_need_a_token(tmp_path):
    with pytest.raises(ConfigError, match=re.escape("token_urlsafe(32))' > token.txt")) as refusal:
        checked_access("0.0.0.0", None, [], [])
    assert "\n" not in str(refusal.value)
    (tmp_path / "token.txt").write_text(TOKEN + "\n")
    (tmp_path / "token.txt").chmod(0o600)
    access = checked_access("0.0.0.0", tmp_path / "token.txt", ["motions.example"], ["https://App.example"])
    assert access == Access(TOKEN, ["0.0.0.0", "motions.example"], ["https://app.example"], any_address=True)
    assert checked_access("127.0.0.1", None, [], []) == Access(None, ["127.0.0.1"], [], any_address=False)


@pytest.mark.parametrize(
    ("content", "mode", "says"),
    [
        (b"short\n", 0o600, "at least 16 letters"),
        (b"", 0o600, "at least 16 letters"),
        (b"two lines of letters\nand another", 0o600, "one line"),
        ("höchst geheimes Wort".encode(), 0o600, "letters, digits"),
        (b"\xff" * 20, 0o600, "cannot be read"),
        (TOKEN.encode(), 0o644, "chmod 600"),
        (None, 0, "cannot be read"),
    ],
)
def test_a_file_without_a_good_token(tmp_path, content, mode, says):
    path = tmp_path / "token.txt"
    if content is not None:
        path.write_bytes(content)
        path.chmod(mode)
    with pytest.raises(ConfigError, match=says):
        read_token(path)


@pytest.mark.parametrize(
    "origin", ["*", "app.example", "https://app.example/", "ftp://app.example", "https://", "null"]
)
def test_an_origin_that_no_browser_sends(origin):
    with pytest.raises(ConfigError, match="--allow-origin takes"):
        checked_origin(origin)
