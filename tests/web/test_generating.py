"""``/api/generate``: from a sentence to variants, their frames and files; what is refused, waits and is cancelled."""

from __future__ import annotations

import io
import time

import numpy as np
import pytest
from asking import problem
from toy_maker import ToyMaker

from chronomotion.motion.formats import read_motion
from chronomotion.web.limits import Limits

TWO = {"events": ["a person walks", "a person sits down"], "seconds": [2.0, 1.0]}


def begun(asking, **wish):
    answer = asking.post("/api/generate", json=wish)
    assert answer.status_code == 202, answer.text
    assert set(answer.json()) == {"id"}
    assert answer.headers["location"] == f"/api/generate/{answer.json()['id']}"
    return answer.json()["id"]


def ended(asking, generation_id, patience=10):
    """The generation once it is done or has failed."""
    return until(asking, generation_id, lambda said: said["state"] in {"done", "failed"}, patience)


def until(asking, generation_id, condition, patience=10):
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        said = asking.get(f"/api/generate/{generation_id}").json()
        if condition(said):
            return said
        time.sleep(0.01)
    raise AssertionError(said)


def frames_of(asking, generation_id, number=0):
    answer = asking.get(f"/api/generate/{generation_id}/{number}/frames")
    assert answer.status_code == 200, answer.text
    shape = [int(answer.headers[name]) for name in ("X-Frames", "X-Joints")]
    assert answer.headers["X-Fps"] == "20"
    return np.frombuffer(answer.content, "<f2").reshape(*shape, 3)


def test_about(making):
    assert making.get("/api/generate/about").json() == {
        "name": "toy", "fingerprint": "fingerprint of toy", "seconds_limit": 20.0, "events_limit": 5, "fps": 20.0,
    }  # fmt: skip


def test_a_plan_of_a_sentence_and_of_events(making):
    said = making.post("/api/generate/plan", json={"text": "a person walks, then sits down"}).json()
    assert [event.rstrip(".") for event in said["events"]] == ["a person walks", "a person sits down"]
    assert said["seconds"] == pytest.approx([1.3, 1.4])
    said = making.post("/api/generate/plan", json={"text": "anything", "events": ["walks", "sits down"]}).json()
    assert said == {"events": ["walks", "sits down"], "seconds": pytest.approx([1.1, 1.2])}


def test_variants_are_made_and_drawn(making):
    generation_id = begun(making, **TWO, text="a person walks, then sits down", seed=7, count=3)
    said = ended(making, generation_id)
    assert (said["state"], said["done"], said["of"], said["problem"]) == ("done", 3, 3, None)
    assert said["events"] == TWO["events"]
    assert [row["seed"] for row in said["results"]] == [7, 8, 9]
    assert [row["id"] for row in said["results"]] == [f"{generation_id}.{number}" for number in range(3)]
    for row in said["results"]:
        assert row["seconds"] == 3.0
        assert row["spans"] == [[0.0, 2.0], [2.0, 3.0]]
        assert row["found"] is None
        assert row["figures"] == {"skating": 2.5, "floor": None}
    frames = [frames_of(making, generation_id, number) for number in range(3)]
    assert {each.shape for each in frames} == {(60, 22, 3)}
    assert np.abs(frames[0] - frames[1]).max() > 0.05
    motion = making.service.generations.get(generation_id).made[1].motion
    np.testing.assert_allclose(frames[1], motion.positions, atol=2e-3)


def test_a_variant_alone_is_the_same_motion(making):
    several, alone = begun(making, **TWO, seed=3, count=2), begun(making, **TWO, seed=4)
    ended(making, several), ended(making, alone)
    np.testing.assert_array_equal(frames_of(making, several, 1), frames_of(making, alone))


def test_what_a_wish_says_reaches_the_generator(making):
    ended(making, begun(making, text="a person walks, then sits down", guidance=2.5, temperature=0.5, top_p=0.9))
    (wish,) = making.service.maker.asked
    assert wish.text == "a person walks, then sits down"
    assert (wish.events, wish.seconds, wish.seed, wish.clean) == (None, None, 0, True)
    assert (wish.guidance, wish.temperature, wish.top_p) == (2.5, 0.5, 0.9)
    ended(making, begun(making, **TWO))
    wish = making.service.maker.asked[-1]
    assert (wish.text, wish.events, wish.seconds) == ("", tuple(TWO["events"]), (2.0, 1.0))
    assert (wish.guidance, wish.temperature, wish.top_p) == (None, None, None)


@pytest.mark.parametrize("kind", ["bvh", "glb", "npz"])
def test_a_variant_as_a_file_that_is_read_back(making, tmp_path, kind):
    generation_id = begun(making, **TWO, text="walks / \u4e2d and sits")
    ended(making, generation_id)
    answer = making.get(f"/api/generate/{generation_id}/0/file?format={kind}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"].endswith(f"UTF-8''walks%20_%20%E4%B8%AD%20and%20sits.{kind}")
    (tmp_path / f"made.{kind}").write_bytes(answer.content)
    read = read_motion(tmp_path / f"made.{kind}")
    motion = making.service.generations.get(generation_id).made[0].motion
    assert read.frames == motion.frames
    np.testing.assert_allclose(read.positions, motion.positions, atol=2e-3)
    tag = answer.headers["etag"]
    again = making.get(f"/api/generate/{generation_id}/0/file?format={kind}", headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")


def test_a_generated_motion_is_searched_with_and_read_as_a_clip(making):
    generation_id = begun(making, **TWO)
    ended(making, generation_id)
    said = making.get(f"/api/search?like={generation_id}.0&top=3").json()
    assert len(said["hits"]) == 3
    frames = making.get(f"/api/clips/{generation_id}.0/frames")
    assert frames.content == making.get(f"/api/generate/{generation_id}/0/frames").content
    assert making.get(f"/api/clips/{generation_id}.0/file").content.startswith(b"HIERARCHY")
    for wrong in (f"{generation_id}.1", f"{generation_id}.x", generation_id, "made-nothing.0"):
        problem(making.get(f"/api/search?like={wrong}"), 404)


WRONG = {
    "nothing": ({}, "give a sentence (text) or events"),
    "an empty text": ({"text": " \n"}, "give a sentence (text) or events"),
    "no events": ({"text": "", "events": []}, "give a sentence (text) or events"),
    "an empty event": ({"events": ["a person walks", " "]}, "events.1"),
    "2,000 words": ({"text": "walk " * 2000}, "at most 1000 characters"),
    "60 events": ({"events": ["a person walks"] * 60}, "60 are too many: this generator takes 5"),
    "100 events": ({"events": ["a person walks"] * 100}, "at most 64 items"),
    "a control character": ({"text": "a\u0000b"}, "control character"),
    "an option that there is not": ({"text": "walks", "cfg": 2}, "cfg"),
}
WRONG_WISHES = {
    "seconds of another number": ({**TWO, "seconds": [1.0]}, "1 seconds for 2 events"),
    "seconds of 0": ({**TWO, "seconds": [0, 1]}, "greater than 0"),
    "seconds of 600": ({**TWO, "seconds": [600, 1]}, "601 s in all are too many: this generator makes 20 s"),
    "seconds beyond": ({**TWO, "seconds": [6000, 1]}, "less than or equal to 600"),
    "no variant": ({**TWO, "count": 0}, "count"),
    "nine variants": ({**TWO, "count": 9}, "count"),
    "a seed below 0": ({**TWO, "seed": -1}, "seed"),
    "a seed of half": ({**TWO, "seed": 0.5}, "seed"),
    "a seed of 2^64": ({**TWO, "seed": 2**64}, "seed"),
    "top_p of 0": ({**TWO, "top_p": 0}, "top_p"),
    "temperature of 0": ({**TWO, "temperature": 0}, "temperature"),
}


@pytest.mark.parametrize(("wish", "says"), WRONG.values(), ids=WRONG)
def test_what_a_plan_is_refused_for_in_a_line(making, wish, says):
    for path in ("/api/generate/plan", "/api/generate"):
        assert says in problem(making.post(path, json=wish), 422)
    assert making.service.maker.asked == []


@pytest.mark.parametrize(("wish", "says"), WRONG_WISHES.values(), ids=WRONG_WISHES)
def test_what_a_wish_is_refused_for_in_a_line(making, wish, says):
    assert says in problem(making.post("/api/generate", json=wish), 422)
    assert making.service.generations.tasks == 0


@pytest.mark.parametrize(("text", "says"), [("refused", "does not do that"), ("broken", "an unexpected error")])
def test_what_fails_while_it_is_made(making, text, says):
    generation_id = begun(making, text=text, count=2)
    said = ended(making, generation_id)
    assert (said["state"], said["done"], said["results"]) == ("failed", 0, [])
    assert says in said["problem"]
    assert "secret" not in said["problem"]
    assert "0 of 2 are made" in problem(making.get(f"/api/generate/{generation_id}/0/frames"), 404)
    assert ended(making, begun(making, text="walks"))["state"] == "done", "the worker goes on"


def test_ids_that_there_are_not(making):
    generation_id = begun(making, text="walks")
    ended(making, generation_id)
    for path in (
        "made-nothing",
        "nothing",
        "made-nothing/0/frames",
        f"{generation_id}/1/frames",
        f"{generation_id}/1/file",
    ):
        problem(making.get(f"/api/generate/{path}"), 404)
    for path in (f"{generation_id}/-1/frames", f"{generation_id}/x/frames", f"{generation_id}/0/file?format=fbx"):
        problem(making.get(f"/api/generate/{path}"), 422)
    problem(making("DELETE", "/api/generate/made-nothing"), 404)


def test_without_a_generator(asking):
    for method, path in (
        ("GET", "about"), ("GET", "made-x"), ("DELETE", "made-x"), ("GET", "made-x/0/frames"), ("GET", "made-x/0/file"),
    ):  # fmt: skip
        assert "start it with --generate" in problem(asking(method, f"/api/generate/{path}"), 404)
    for path in ("/api/generate", "/api/generate/plan"):
        assert "start it with --generate" in problem(asking.post(path, json={"text": "walks"}), 404)
    problem(asking.get("/api/clips/made-x.0/frames"), 404)


def test_without_a_library(serving):
    asking = serving(maker=ToyMaker(), alone=True)
    assert ended(asking, begun(asking, text="walks"))["state"] == "done"
    said = asking.get("/api/library").json()
    assert (said["generator"], said["libraries"], said["clips"], said["extensible"]) == ("toy", [], 0, [])
    assert "no library is served here" in problem(asking.get("/api/search?q=walks"), 404)
    problem(asking.get("/api/clips/1"), 404)
    assert asking.get("/api/health").status_code == 200


def test_results_come_one_by_one_and_others_wait(making):
    maker = making.service.maker
    first, second = begun(making, text="held", count=2), begun(making, text="walks")
    assert until(making, first, lambda said: said["state"] == "working")["done"] == 0
    assert making.get(f"/api/generate/{second}").json()["state"] == "waiting"
    assert "0 of 2 are made" in problem(making.get(f"/api/generate/{first}/0/frames"), 404)
    maker.go.set()
    assert ended(making, first)["done"] == 2
    assert ended(making, second)["done"] == 1


def test_only_so_many_wait(serving):
    asking = serving(maker=ToyMaker(), limits=Limits(waiting_generations=2))
    ids = [begun(asking, text="held") for _ in range(3)]
    answer = asking.post("/api/generate", json={"text": "walks"})
    assert "3 requests wait already" in problem(answer, 503)
    assert int(answer.headers["retry-after"]) >= 1
    asking("DELETE", f"/api/generate/{ids[2]}")
    begun(asking, text="walks")  # there is room again
    asking.service.maker.go.set()
    assert ended(asking, ids[1])["state"] == "done"


def test_a_generation_is_cancelled_between_variants(making):
    maker = making.service.maker
    running, waiting = begun(making, text="held", count=8), begun(making, text="never", count=2)
    until(making, running, lambda said: said["state"] == "working")
    for generation_id in (running, waiting):
        answer = making("DELETE", f"/api/generate/{generation_id}")
        assert (answer.status_code, answer.content) == (204, b"")
        problem(making.get(f"/api/generate/{generation_id}"), 404)
        problem(making("DELETE", f"/api/generate/{generation_id}"), 404)
    maker.go.set()
    assert ended(making, begun(making, text="last"))["state"] == "done"
    assert [wish.text for wish in maker.asked] == ["held", "last"]


def test_only_so_many_are_kept(serving):
    asking = serving(maker=ToyMaker(), limits=Limits(kept_generations=2))
    ids = []
    for _ in range(3):
        ids.append(begun(asking, text="walks"))
        ended(asking, ids[-1])
    problem(asking.get(f"/api/generate/{ids[0]}"), 404)
    assert [asking.get(f"/api/generate/{kept}").status_code for kept in ids[1:]] == [200, 200]


def test_npz_holds_the_motion(making):
    generation_id = begun(making, **TWO)
    ended(making, generation_id)
    content = making.get(f"/api/generate/{generation_id}/0/file?format=npz").content
    with np.load(io.BytesIO(content)) as archive:
        assert archive["positions"].shape == (60, 22, 3)
        assert float(archive["fps"]) == 20.0
