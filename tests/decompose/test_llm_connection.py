"""What goes over the wire by the openai SDK: the key, proxies, redirects, other servers' ways."""

import json
import logging
import sys
import traceback

import pytest
from misbehaving_server import MisbehavingServer, events, page, says, status

from chronomotion.errors import ConfigError, MissingExtraError, ModelError
from chronomotion.language.decompose.decomposition import Described
from chronomotion.language.decompose.llm import Endpoint, LlmDecomposer

WALK = "a person walks, then sits down"
WALKED = ("a person walks.", "a person sits down.")


def run(decomposer, *texts):
    return list(decomposer.decompose([Described(text) for text in texts]))


@pytest.fixture
def ask(make):
    """Asks about one caption after another, and gives their results."""

    def ask(*texts, **settings):
        return run(make(concurrency=1, **settings), *texts)

    return ask


@pytest.mark.parametrize(
    "echo",
    [status(401, "Incorrect API key provided: sk-secret."), page(401, b"Incorrect API key provided: sk-secret.")],
)
def test_the_key_goes_to_the_server_and_nowhere_else(ask, server, monkeypatch, tmp_path, caplog, echo):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("CHRONOMOTION_LLM_KEY", " sk-secret\n")
    server.script["a person waves"] = [echo]
    with pytest.raises(ModelError, match=r"provided: \*\*\*\. \(the key was refused: set") as raised:
        ask(WALK, "a person waves")
    assert [headers["Authorization"] for headers in server.headers] == ["Bearer sk-secret"] * 2
    assert "secret" not in "".join(traceback.format_exception(raised.value))
    assert "secret" not in caplog.text
    assert all("secret" not in path.read_text() for path in tmp_path.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("keys", "sent"),
    [
        ({}, None),
        ({"CHRONOMOTION_LLM_KEY": " ", "OPENAI_API_KEY": ""}, None),
        ({"OPENAI_ADMIN_KEY": "sk-admin", "OPENAI_CUSTOM_HEADERS": "Authorization: Bearer sk-other"}, None),
        ({"OPENAI_API_KEY": "sk-openai"}, "Bearer sk-openai"),
        ({"OPENAI_API_KEY": "sk-openai", "CHRONOMOTION_LLM_KEY": "sk-ours"}, "Bearer sk-ours"),
    ],
)
def test_our_key_is_sent_before_openais_and_none_without_one(ask, server, monkeypatch, keys, sent):
    for name, value in keys.items():
        monkeypatch.setenv(name, value)
    ask(WALK)
    assert server.headers[0]["Authorization"] == sent
    assert server.headers[0]["User-Agent"].startswith("chronomotion/")


def test_a_key_with_strange_characters_is_refused_without_showing_it(make, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-sec\nret")
    with pytest.raises(ConfigError, match="the API key in .* has characters that no key has") as raised:
        make()
    assert "sec" not in str(raised.value)


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_no_redirect_takes_the_key_along(ask, server, monkeypatch, code):
    monkeypatch.setenv("CHRONOMOTION_LLM_KEY", "sk-secret")
    with MisbehavingServer() as elsewhere:
        server.script[WALK] = [status(code, "moved", Location=f"{elsewhere.url}/chat/completions")]
        with pytest.raises(ModelError, match=f"{code} moved .is there a model 'toy'"):
            ask(WALK)
        assert elsewhere.asked == []
    assert len(server.asked) == 1


def test_without_the_sdk_the_extra_is_named(make, monkeypatch):
    monkeypatch.setitem(sys.modules, "openai", None)
    with pytest.raises(MissingExtraError, match=r"needs the package 'openai': pip install 'chronomotion\[llm\]'"):
        make()


def test_proxies_of_the_environment_are_used(server, monkeypatch, tmp_path, whole):
    monkeypatch.setenv("http_proxy", server.url.removesuffix("/v1"))
    endpoint = Endpoint("http://language.model.invalid/v1", "toy", retries=0)
    with pytest.raises(ModelError, match="404 no http://language.model.invalid/v1/chat/completions here"):
        run(LlmDecomposer(endpoint, tmp_path / "a", whole), WALK)
    monkeypatch.setenv("no_proxy", "language.model.invalid")
    with pytest.raises(ModelError, match="is the server running"):
        run(LlmDecomposer(endpoint, tmp_path / "a", whole), WALK)
    assert len(server.asked) == 1


def test_a_proxy_that_cannot_be_used_is_said_at_once(make, monkeypatch):
    monkeypatch.setenv("http_proxy", "carrier-pigeon://127.0.0.1")
    with pytest.raises(
        ConfigError, match="chat/completions cannot be asked: .*; check the address, and the prox"
    ) as raised:
        make()
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("ending", "path"),
    [
        ("", "/v1/chat/completions"),
        ("/", "/v1/chat/completions"),
        ("/chat/completions", "/v1/chat/completions"),
        ("?api-version=2&x=1", "/v1/chat/completions?api-version=2&x=1"),
        ("/chat/completions?api-version=2#top", "/v1/chat/completions?api-version=2"),
    ],
)
def test_addresses_as_people_copy_them_all_lead_there(server, tmp_path, whole, ending, path):
    (result,) = run(LlmDecomposer(Endpoint(server.url + ending, "toy"), tmp_path / "a", whole), WALK)
    assert result.events.texts == WALKED
    assert server.paths == [path]


@pytest.mark.parametrize("kind", ["application/json", "text/plain; charset=utf-8", "nonsense"])
def test_a_reply_is_read_whatever_it_says_that_it_is(ask, server, kind):
    answer = json.dumps({"choices": [{"message": {"content": json.dumps({"events": WALKED})}}]})
    server.script[WALK] = [page(200, answer.encode(), {"Content-Type": kind})]
    assert ask(WALK)[0].events.texts == WALKED


def test_half_a_surrogate_pair_in_an_answer_or_a_caption_does_no_harm(ask, server):
    server.script[WALK] = [says('{"events": ["a person dances \ud83d"]}'), events(*WALKED)]
    results = ask(WALK, "a person waves \udc83")
    assert results[0].events.texts == WALKED
    assert server.bodies[1]["messages"][-2]["content"] == '{"events": ["a person dances ?"]}'
    assert server.asked[2] == "a person waves ?"
    assert results[1].events.source == "llm/toy/1"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"detail": "no such thing"}', "500 no such thing"),
        (b'{"message": "no such thing"}', "500 no such thing"),
        (b'{"error": "no such thing"}', "500 no such thing"),
        (b'{"detail": [{"loc": ["body"]}]}', '500 [{"loc": ["body"]}]'),
        (b"<html>\n  gateway  </html>", "500 <html> gateway </html>"),
        (b"", "500 Internal Server Error"),
        (b"\xff\xfe", "500 \N{REPLACEMENT CHARACTER}"),
        (b"[" * 100_000, f"500 {'[' * 300} ..."),
    ],
)
def test_what_servers_say_of_an_error_is_shown_in_one_line(ask, server, body, said):
    server.script[WALK] = [page(500, body)]
    (result,) = ask(WALK, retries=0)
    assert f": {said}" in result.mark
    assert "\n" not in result.mark
