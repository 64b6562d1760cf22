import threading

import pytest
from misbehaving_server import MisbehavingServer, cut, events, hang, page, status

from chronomotion.errors import ConfigError, ModelError
from chronomotion.language.caption import Events
from chronomotion.language.decompose.decomposition import Described
from chronomotion.language.decompose.llm import Endpoint, LlmDecomposer

WALK = "a person walks, then sits down"
WALKED = ("a person walks.", "a person sits down.")


def run(decomposer, *texts):
    return list(decomposer.decompose([Described(text) for text in texts]))


@pytest.mark.parametrize(
    "trouble",
    [
        status(500, "out of memory"),
        status(503),
        status(408),
        status(409),
        status(429),
        cut,
        page(200, b"{broken json"),
        page(200, b'{"choices": []}'),
        page(200, b'{"choices": null}'),
        page(200, b"[]"),
        page(200, b"[" * 100_000),
        page(200, b""),
    ],
)
def test_passing_trouble_is_tried_again(make, server, trouble, clock):
    server.script[WALK] = [trouble, trouble, events(*WALKED)]
    (result,) = run(make(clock), WALK)
    assert result.events.texts == WALKED
    assert len(server.asked) == 3
    assert len(clock.slept) == 2
    assert 0.5 <= clock.slept[0] < 1.5
    assert 1.0 <= clock.slept[1] < 3.0


def test_back_off_depends_on_seed_and_caption_alone(make, server, tmp_path, clock):
    def pauses(text, name, **settings):
        clock.slept.clear()
        server.script[text] = [status(500)]
        run(make(clock, cache=tmp_path / name, **settings), text)
        return list(clock.slept)

    first = pauses(WALK, "a")
    assert len(first) == 3
    assert pauses(WALK, "b") == first
    assert pauses(WALK, "c", seed=1) != first
    assert pauses("a person waves", "d") != first


@pytest.mark.parametrize(("value", "seconds"), [("7", 7.0), ("Sun, 06 Nov 1994 08:49:47 GMT", 10.0)])
def test_retry_after_is_honoured(make, server, value, seconds, clock):
    server.script[WALK] = [status(429, Retry_After=value), events(*WALKED)]
    (result,) = run(make(clock), WALK)
    assert result.events.texts == WALKED
    assert clock.slept == [pytest.approx(seconds)]


def test_all_captions_rest_when_the_server_asks_for_it(make, server, clock):
    server.script[WALK] = [status(429, Retry_After="30")]
    left = []
    server.before = lambda body: left.append(clock.time)
    run(make(clock, retries=0, concurrency=1), WALK, "a person waves")
    assert left == pytest.approx([0.0, 30.0])


def test_a_rest_of_hours_ends_the_run_in_one_line(make, server):
    server.script[WALK] = [status(429, "quota", Retry_After="7200")]
    with pytest.raises(ModelError, match="429 quota; it asks to wait 7200 s") as raised:
        run(make(), WALK)
    assert "\n" not in str(raised.value)


def test_a_slow_server_is_given_up_after_the_timeout_and_asked_again(make, server):
    server.script[WALK] = [hang, events(*WALKED)]
    (result,) = run(make(timeout=0.1), WALK)
    assert result.events.texts == WALKED


def test_no_answer_after_all_tries_falls_back_with_a_mark_and_is_asked_again_next_time(make, server):
    server.script[WALK] = [*[status(500, "out of memory")] * 4, events(*WALKED)]
    (result,) = run(make(), WALK)
    assert result.events == Events((WALK,), source="whole/1")
    assert result.why == ("it is one",)
    assert result.mark.startswith("fell back to whole/1: http://127.0.0.1:")
    assert result.mark.endswith("/v1/chat/completions: 500 out of memory (4 tries)")
    assert run(make(), WALK)[0].events.texts == WALKED


def test_a_server_that_is_down_does_not_turn_a_corpus_over_to_the_fallback(make, server):
    captions = [f"a person jumps {n} times" for n in range(20)]
    server.script = {caption: [status(502)] for caption in captions[1:]}
    decomposer = make(retries=0, concurrency=1)
    with pytest.raises(ModelError, match="8 captions in a row without an answer, .*answers.jsonl: run the same again"):
        run(decomposer, *captions)
    server.script = {}
    assert len(run(decomposer, *captions)) == 20


def test_single_captions_without_an_answer_do_not_end_the_run(make, server):
    captions = [f"a person jumps {n} times" for n in range(16)]
    server.script = {caption: [status(502)] for n, caption in enumerate(captions) if n % 8}
    results = run(make(retries=0, concurrency=1), *captions)
    assert [bool(result.mark) for result in results] == [bool(n % 8) for n in range(16)]


def test_one_caption_that_is_never_answered_does_not_stop_the_others(make, server):
    server.script["a person waves"] = [status(400, "content policy")]
    results = run(make(concurrency=1), WALK, "a person waves", "a person jumps")
    assert [result.events.source for result in results] == ["llm/toy/1", "whole/1", "llm/toy/1"]
    assert server.asked.count("a person waves") == 1
    assert "400 content policy" in results[1].mark


@pytest.mark.parametrize(
    ("code", "fix"),
    [
        (401, r"401 who are you \(no key is set: set CHRONOMOTION_LLM_KEY or OPENAI_API_KEY\)"),
        (403, "403 who are you .no key is set"),
        (404, "404 who are you .is there a model 'toy', and does base_url end right"),
        (302, "302 who are you .is there a model"),
    ],
)
def test_what_no_caption_would_mend_ends_the_run_at_once_in_one_line(make, server, code, fix):
    server.script[WALK] = [status(code, "who are\nyou", Location="http://127.0.0.1:9/elsewhere")]
    with pytest.raises(ModelError, match=fix) as raised:
        run(make(concurrency=1), WALK, WALK, WALK)
    assert "\n" not in str(raised.value)
    assert len(server.asked) == 1


def test_nobody_there_is_said_without_waiting(make, server, tmp_path, whole, clock):
    with MisbehavingServer() as gone:
        pass
    decomposer = LlmDecomposer(Endpoint(gone.url, "toy"), tmp_path / "answers.jsonl", whole, clock=clock.clock)
    with pytest.raises(ModelError, match="is the server running"):
        run(decomposer, WALK)
    assert clock.slept == []


@pytest.mark.parametrize(
    ("refused", "kind"),
    [({"json_schema"}, "json_object"), ({"json_schema", "json_object"}, None)],
)
def test_a_server_without_json_schema_is_asked_in_a_poorer_way_for_the_rest_of_the_run(make, server, refused, kind):
    def before(body):
        asked = body.get("response_format", {}).get("type")
        return status(400, f"response_format {asked} is not supported") if asked in refused else None

    server.before = before
    results = run(make(concurrency=1), WALK, "a person waves", "a person jumps")
    assert all(result.mark == "" for result in results)
    asked = [body.get("response_format", {}).get("type") for body in server.bodies]
    assert asked[: len(refused)] == ["json_schema", "json_object"][: len(refused)]
    assert asked[len(refused) :] == [kind] * 3


def test_settings_that_a_reasoning_model_refuses_are_left_out(make, server):
    def before(body):
        if "max_tokens" in body:
            return status(400, "Unsupported parameter: use 'max_completion_tokens' instead of 'max_tokens'")
        return status(400, "Unsupported value: 'temperature'") if "temperature" in body else None

    server.before = before
    assert run(make(concurrency=1), WALK, "a person waves")[1].mark == ""
    assert len(server.bodies) == 4
    assert server.bodies[-1]["max_completion_tokens"] == 512
    assert server.bodies[-1]["response_format"]["type"] == "json_schema"


def test_a_400_for_every_form_is_about_the_caption_and_changes_nothing(make, server):
    server.script["a person waves"] = [status(400, "content policy")]
    results = run(make(concurrency=1), "a person waves", WALK)
    assert "content policy" in results[0].mark
    assert server.bodies[-1]["response_format"]["type"] == "json_schema"


def test_no_more_requests_at_a_time_than_allowed(make, server):
    server.gather = threading.Barrier(3)
    run(make(concurrency=3), *[f"a person jumps {n} times" for n in range(12)])
    assert server.most_at_once == 3


def test_requests_a_minute_are_spaced_evenly(make, server, clock):
    left = []
    server.before = lambda body: left.append(clock.time)
    run(make(clock, concurrency=1, requests_per_minute=30.0), *[f"a person jumps {n} times" for n in range(5)])
    assert left == pytest.approx([0.0, 2.0, 4.0, 6.0, 8.0])


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({"base_url": "localhost:8000"}, "base_url 'localhost:8000' is not an address like"),
        ({"base_url": "file:///etc/passwd"}, "is not an address"),
        ({"base_url": "http://127.0.0.1:none/v1"}, "is not an address"),
        ({"base_url": "http://me:secret@127.0.0.1/v1"}, "set CHRONOMOTION_LLM_KEY instead"),
        ({"model": " "}, "name of the language model is empty"),
        ({"concurrency": 0}, "concurrency is 0; it has to be at least 1"),
        ({"retries": -1}, "retries is -1"),
        ({"timeout": 0.0}, "timeout is 0.0; it has to be above 0"),
        ({"requests_per_minute": 0.0}, "requests_per_minute is 0.0"),
    ],
)
def test_settings_that_cannot_work_are_said_at_once(tmp_path, whole, settings, match):
    with pytest.raises(ConfigError, match=match) as raised:
        LlmDecomposer(
            Endpoint(**{"base_url": "http://127.0.0.1/v1", "model": "toy", **settings}), tmp_path / "a", whole
        )
    assert "secret" not in str(raised.value)
    assert list(tmp_path.iterdir()) == []
