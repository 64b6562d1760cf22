import json
import signal
import subprocess
import sys
import threading
import time

import pytest
from misbehaving_server import events, hang, says, status

from chronomotion.language.caption import Events
from chronomotion.language.decompose.decomposition import Decomposer, Described
from chronomotion.language.decompose.llm import Endpoint, LlmDecomposer
from chronomotion.language.decompose.llm.pace import Clock

WALK = "a person walks, then sits down"
WALKED = ("a person walks.", "a person sits down.")


def run(decomposer, *texts):
    return list(decomposer.decompose([Described(text) for text in texts]))


def test_a_good_answer_becomes_events_that_say_who_made_them(make, server):
    decomposer = make()
    assert isinstance(decomposer, Decomposer)
    (result,) = run(decomposer, WALK)
    assert result.caption == WALK
    assert result.events == Events(WALKED, source="llm/toy/1")
    assert result.mark == ""
    assert result.why == ("toy says so",)
    (body,) = server.bodies
    assert body["temperature"] == 0
    assert body["model"] == "toy"
    assert body["response_format"]["type"] == "json_schema"


@pytest.mark.parametrize(
    ("bad", "fault"),
    [
        (events("a person walks", "a person sits down on a chair"), "words that the caption does not have: chair"),
        (events("a person walks"), "words of the caption are lost: sits, down"),
        (events(*["a person walks", "a person sits down"] * 4, "a person walks"), "9 events, but 1 to 8 are allowed"),
        (events("a person walks", "a person walks", "a person sits down"), "events 1 and 2 are the same"),
        (says('{"events": ["a person walks", '), 'no JSON object {"events": ["...", ...]} in the answer'),
        (says(None), 'no JSON object {"events": ["...", ...]} in the answer'),
    ],
)
def test_a_wrong_answer_is_sent_back_once_with_what_is_wrong(make, server, bad, fault):
    server.script[WALK] = [bad, events(*WALKED)]
    (result,) = run(make(), WALK)
    assert result.events == Events(WALKED, source="llm/toy/1")
    assert result.why == ("toy says so", f"after repair: {fault}")
    assert fault in server.bodies[1]["messages"][-1]["content"]
    assert server.bodies[1]["messages"][-2]["role"] == "assistant"


def test_a_second_wrong_answer_falls_back_with_the_reason_and_is_not_asked_for_again(make, server):
    server.script[WALK] = [events("a person walks"), events("a person sits down")]
    (result,) = run(make(), WALK)
    assert result.events == Events((WALK,), source="whole/1")
    assert result.mark == "fell back to whole/1: words of the caption are lost: walks"
    assert run(make(), WALK) == [result]
    assert len(server.asked) == 2


def test_prose_and_fences_around_the_json_and_unicode_do_no_harm(make, server):
    caption = "a person dances a pasodoblé, then turns 180° 💃"
    answer = json.dumps({"events": ["a person dances a pasodoblé", "a person turns 180 degrees"]}, ensure_ascii=False)
    server.script[caption] = [says(f"Sure! {{here}} it is:\n```json\n{answer}\n```\nAnything else?")]
    (result,) = run(make(), caption)
    assert result.events.texts == ("a person dances a pasodoblé.", "a person turns 180 degrees.")
    assert run(make(), caption) == [result]
    assert len(server.asked) == 1


def test_a_caption_without_words_is_not_asked_about(make, server):
    (result,) = run(make(), "...")
    assert result.mark == "fell back to whole/1: the caption has no words"
    assert server.asked == []


def test_results_come_in_the_order_of_the_captions_each_distinct_one_asked_once(make, server):
    captions = [f"a person jumps {n % 30} times" for n in range(90)]
    server.script[captions[0]] = [status(500), status(500), events("a person jumps 0 times")]
    results = run(make(concurrency=4), *captions)
    assert [result.caption for result in results] == captions
    assert all(result.mark == "" for result in results)
    assert len(server.asked) == 32


def test_a_second_run_asks_only_for_what_is_missing(make, server):
    first = run(make(), WALK, "a person waves")
    second = run(make(), "a person jumps", WALK, "a person waves")
    assert second[1:] == first
    assert server.asked.count(WALK) == 1
    assert len(server.asked) == 3


def test_other_models_have_other_answers_in_the_same_file(make, server, tmp_path, whole):
    run(make(), WALK)
    other = LlmDecomposer(Endpoint(server.url, "other"), tmp_path / "answers.jsonl", whole)
    assert run(other, WALK)[0].events.source == "llm/other/1"
    assert len(server.asked) == 2


def test_an_interrupt_in_the_consumer_loses_at_most_what_is_in_flight(make, server):
    captions = [f"a person jumps {n} times" for n in range(40)]

    def consume():
        for n, _ in enumerate(make(concurrency=2).decompose([Described(text) for text in captions])):
            if n == 10:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        consume()
    asked = set(server.asked)
    assert len(run(make(), *captions)) == 40
    again = len(server.asked) - 40
    assert 0 <= again <= 2
    assert len(asked) >= 11


def test_an_interrupt_does_not_wait_for_requests_in_flight(server, tmp_path):
    server.script["a person waves"] = [hang]
    program = f"""
from pathlib import Path
from chronomotion.language.decompose.decomposition import Described
from chronomotion.language.decompose.llm import Endpoint, LlmDecomposer
asker = LlmDecomposer(Endpoint({server.url!r}, "toy", timeout=600.0), Path({str(tmp_path / "answers.jsonl")!r}), None)
for _ in asker.decompose([Described("a person jumps"), Described("a person waves")]):
    print("first", flush=True)
"""
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "first\n"
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=30)
        finally:
            process.kill()
    assert "KeyboardInterrupt" in said
    assert "a person jumps" in (tmp_path / "answers.jsonl").read_text()


def test_after_an_interrupt_nothing_is_tried_again(make, server, clock):
    server.script["a person waves"] = [status(500)]
    released = threading.Event()
    clock.clock = Clock(clock.clock.now, clock.clock.wall, lambda seconds: released.wait(5) and None)
    results = make(clock, concurrency=2).decompose([Described("a person jumps"), Described("a person waves")])
    next(results)
    while "a person waves" not in server.asked:
        time.sleep(0.001)
    results.close()
    released.set()
    for thread in threading.enumerate():
        if thread.name.startswith("language model"):
            thread.join(5)
    assert server.asked.count("a person waves") == 1


def test_captions_are_read_lazily(make, server):
    read = []

    def captions():
        for n in range(10_000):
            read.append(n)
            yield Described(f"a person jumps {n} times")

    results = make(concurrency=1).decompose(captions())
    assert read == []
    next(results)
    assert len(read) <= 16
    results.close()


def test_a_plan_counts_what_is_left_to_ask_and_asks_nothing(make, server):
    decomposer = make()
    run(decomposer, WALK)
    server.asked.clear()
    plan = decomposer.plan(
        [Described(text) for text in (WALK, WALK, "a person waves", "a person waves", "a person jumps")]
    )
    assert (plan.captions, plan.distinct, plan.requests) == (5, 3, 2)
    assert server.asked == []
    prompt = sum(len(turn["content"]) for turn in server.bodies[0]["messages"])
    assert 2 * prompt / 4 < plan.prompt_tokens < 2 * prompt / 4 * 1.2
    assert 0 < plan.answer_tokens < 60
    first, second = str(plan).split("\n")
    assert first == "5 captions, 3 of them distinct; 1 answered already, 2 to ask"
    assert second.startswith(f"about {plan.prompt_tokens:,} tokens of prompts")


def test_a_plan_counts_repairs_that_are_still_to_be_asked_for(make, server):
    server.script[WALK] = [events("a person walks"), status(500)]
    decomposer = make()
    run(decomposer, WALK)
    assert decomposer.plan([Described(WALK)]).requests == 1
