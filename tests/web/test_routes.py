"""Every path, asked in this process."""

from __future__ import annotations

import json
from dataclasses import fields

import numpy as np
import pytest
from asking import problem

from chronomotion.motion.formats import read_motion
from chronomotion.search.records import EventMatch, Hit, LibraryClip, MotionReference, OrderScore, Query, SearchResult
from chronomotion.version import __version__
from chronomotion.web import messages


def test_library(asking):
    said = asking.get("/api/library").json()
    assert (said["name"], said["clips"], said["windows"], said["model"]) == ("takes", 6, 42, "toy")
    assert said["version"] == __version__
    assert said["examples"] == ["a person walks"]
    seconds = sum(clip.duration for clip in asking.service.collection.libraries()[0].clips.values())
    assert said["hours"] == pytest.approx(seconds / 3600, abs=1e-3)


def test_health(asking):
    assert asking.get("/api/health").json() == {"status": "ok"}


def test_search_by_parameters_and_by_query_give_the_same(asking):
    by_parameters = asking.get("/api/search?q=clap&top=2&where=duration+%3C+100").json()
    query = {"text": "clap", "top": 2, "where": "duration < 100"}
    assert asking.post("/api/search", json=query).json() == by_parameters
    assert [hit["clip"]["name"] for hit in by_parameters["hits"]] == ["clap_02", "walk_01"]
    assert by_parameters["hits"][0]["clip"]["id"] == "2"
    assert by_parameters["hits"][0]["events"][0]["text"] == "clap"
    assert by_parameters["good"] == 1
    assert by_parameters["total"] == 6
    assert by_parameters["notes"] == ["a note"]


def test_numbers_that_are_none_are_null(asking):
    hit = asking.get("/api/search?q=clap&top=1").json()["hits"][0]
    assert hit["order_margin"] is None
    assert hit["events"][0]["presence"] is None


def test_what_is_repeated_keeps_its_order(asking, library, monkeypatch):
    seen = []
    search = library.search
    monkeypatch.setattr(library, "search", lambda query, motion=None: seen.append(query) or search(query, motion))
    asking.get(
        "/api/search?event=bow&event=kneel&event=bow&not=falls&not=lies&order=0.5&rerank=7&sort=date&offset=3&fold=false"
    )
    assert seen == [
        Query(
            events=("bow", "kneel", "bow"),
            without=("falls", "lies"),
            order=0.5,
            rerank=7,
            sort="date",
            offset=3,
            fold=False,
        )
    ]


def test_like_a_clip_and_like_a_part_of_it(asking):
    whole = asking.get("/api/search?like=5&top=1").json()["hits"][0]
    assert (whole["clip"]["id"], whole["score"]) == ("5", 0.0)
    part = asking.post("/api/search", json={"like": {"path": "5", "start": 0.1, "end": 0.4}, "top": 1}).json()
    assert part["hits"][0]["score"] < 0
    assert "no frame" in problem(asking.get("/api/search?like=5&start=1000"), 422)
    assert "there is no clip 'walk_01'" in problem(asking.get("/api/search?like=walk_01"), 404)


def test_like_is_never_a_path_of_the_server(asking, library):
    library.write_file(1)
    path = str(library.folder / library.clips[1].file)
    problem(asking.get("/api/search", params={"like": path}), 404)
    problem(asking.post("/api/search", json={"like": {"path": path}}), 404)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("q=x&like=1", "give one of a sentence"),
        ("q=x&tpo=3", "no parameter 'tpo'"),
        ("q=x&start=1", "start and end are of like"),
        ("q=x&top=0", "top"),
        ("q=x&top=101", "top"),
        ("q=x&offset=1001", "offset"),
        ("q=x&order=nan", "order"),
        ("q=x&order=2.1", "order"),
        ("q=x&sort=random", "sort"),
        ("q=" + 1001 * "x", "q"),
        ("&".join(13 * ["event=x"]), "event"),
        ("event=" + 301 * "x", "events.0"),
        ("event=", "events.0"),
        ("q=a%00b", "control character"),
        ("q=x&where=%07", "where"),
        ("q=x&where=nonsense", "'nonsense' is not understood"),
    ],
)
def test_what_a_search_refuses(asking, query, says):
    assert says in problem(asking.get(f"/api/search?{query}"), 422)


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (b"{", 422, "no JSON"),
        (b"\xff\xfe", 422, "no JSON"),
        (b'{"text": "\\ud800"}', 422, "text"),
        (b'{"text": "a\\u0000"}', 422, "control character"),
        (b'{"txt": "walk"}', 422, "txt"),
        (b'{"order": NaN}', 422, "order"),
        (b'{"top": 1e999}', 422, "top"),
        (b'{"like": {"path": "1", "start": -1}}', 422, "like.start"),
        (b"[]", 422, "body"),
        (b"null", 422, "body"),
        (b"", 422, "body"),
        (b"[" * 30000, 422, ""),
    ],
)
def test_bodies_that_are_no_query(asking, body, status, says):
    answer = asking.post("/api/search", content=body, headers={"content-type": "application/json"})
    if body.startswith(b"[["):  # too deep: the parser gives up in its own way
        assert answer.status_code in (400, 422)
        return
    assert says in problem(answer, status)


def test_a_clip(asking):
    said = asking.get("/api/clips/2").json()
    assert (said["id"], said["number"], said["name"], said["labels"]) == ("2", 2, "clap_02", ["clap"])
    assert said["duration"] == pytest.approx(said["frames"] / 20)


@pytest.mark.parametrize("name", ["0", "7", "02", "-1", "1.5", "takes.2", "x", "%00", "%FF", "1" * 30, "²", "..%2F1"])
@pytest.mark.parametrize("what", ["", "/frames", "/file", "/events?q=x", "/captions"])
def test_a_clip_that_there_is_not(asking, name, what):
    problem(asking.get(f"/api/clips/{name}{what}"), 404)


def test_frames(asking, library):
    answer = asking.get("/api/clips/3/frames")
    motion = library.motion(3)
    assert answer.headers["x-frames"] == str(motion.frames)
    assert (answer.headers["x-joints"], answer.headers["x-fps"]) == ("22", "20")
    frames = np.frombuffer(answer.content, "<f2").reshape(motion.frames, 22, 3)
    np.testing.assert_allclose(frames, motion.positions, atol=2e-3)
    assert answer.headers["cache-control"] == "private, max-age=3600"


@pytest.mark.parametrize("what", ["frames", "file"])
def test_what_the_client_has_is_not_sent_again(asking, what):
    first = asking.get(f"/api/clips/3/{what}")
    tag = first.headers["etag"]
    for condition in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = asking.get(f"/api/clips/3/{what}", headers={"if-none-match": condition})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert asking.get(f"/api/clips/3/{what}", headers={"if-none-match": '"other"'}).content == first.content
    assert asking.get(f"/api/clips/4/{what}").headers["etag"] != tag


def test_the_file_is_the_original_or_written(asking, library, tmp_path):
    written = asking.get("/api/clips/1/file")
    assert written.headers["content-disposition"] == "attachment; filename*=UTF-8''walk_01.bvh"
    (tmp_path / "got.bvh").write_bytes(written.content)
    motion = read_motion(tmp_path / "got.bvh")
    np.testing.assert_allclose(motion.positions, library.motion(1).positions, atol=2e-3)
    original = library.folder / "walk_01.bvh"
    assert written.headers["x-offset"] == "0"
    original.write_bytes(b"HIERARCHY of its own")
    answer = asking.get("/api/clips/1/file")
    assert (answer.content, answer.headers["x-offset"]) == (b"HIERARCHY of its own", "0.25")


def test_a_name_of_any_letters_is_a_file_name(asking, library):
    from fake_library import renamed

    renamed(library, 1, 'dance/"1"\r\nx: é舞')
    answer = asking.get("/api/clips/1/file")
    assert answer.headers["content-disposition"] == (
        "attachment; filename*=UTF-8''dance_%221%22%0D%0Ax%3A%20%C3%A9%E8%88%9E.bvh"
    )


def test_events_and_captions(asking):
    said = asking.get("/api/clips/2/events?event=walk&event=clap").json()
    assert [match["text"] for match in said] == ["walk", "clap"]
    (caption,) = asking.get("/api/clips/2/captions").json()
    assert (caption["text"], caption["score"], caption["found"]) == ("a person does clap", 0.5, True)
    assert caption["span"] == [0, pytest.approx(asking.get("/api/clips/2").json()["duration"])]
    assert "not by another motion" in problem(asking.get("/api/clips/2/events?like=1"), 422)


def test_every_order_of_the_events(asking):
    orders = asking.get("/api/clips/2/orders?event=walk&event=clap").json()
    assert [order["events"] for order in orders] == [["walk", "clap"], ["clap", "walk"]]
    assert [order["asked"] for order in orders] == [True, False]
    assert orders[0]["score"] > orders[1]["score"]
    assert "not by another motion" in problem(asking.get("/api/clips/2/orders?like=1"), 422)
    problem(asking.get("/api/clips/99/orders?q=walk"), 404)


def test_head_is_get_without_the_body(asking):
    head, get = asking("HEAD", "/api/clips/3/frames"), asking.get("/api/clips/3/frames")
    assert (head.status_code, head.headers["etag"]) == (200, get.headers["etag"])


def test_other_paths_and_methods_are_problems(asking):
    assert "there is no" in problem(asking.get("/api/nothing"), 404).lower()
    answer = asking("DELETE", "/api/search")
    problem(answer, 405)
    assert answer.headers["allow"]
    problem(asking.get("/static/../app.py"), 404)
    problem(asking.get("/static/%2e%2e/app.py"), 404)
    problem(asking.get("/docs"), 404)
    problem(asking("POST", "/static/page.js"), 405)


def test_an_unexpected_error_says_nothing_to_the_client(asking, caplog):
    answer = asking.get("/api/search?q=broken")
    assert "secret" not in answer.text
    assert problem(answer, 500) == "an unexpected error; the server's log has more"
    assert "a secret of the library" in caplog.text


def test_a_library_that_breaks_is_the_servers_fault(asking, library, monkeypatch, caplog):
    from chronomotion.errors import CorpusError

    def broken(query, motion=None):
        raise CorpusError("/home/someone/takes: damaged")

    monkeypatch.setattr(library, "search", broken)
    assert "/home" not in problem(asking.get("/api/search?q=x"), 500)
    assert "/home/someone/takes: damaged" in caplog.text


def test_the_page_and_its_files(asking):
    page = asking.get("/")
    assert page.headers["content-type"].startswith("text/html")
    assert "<title>Chronomotion</title>" in page.text
    for file in ("/static/page.js", "/static/index.css"):
        assert file in page.text
        answer = asking.get(file)
        assert answer.headers["cache-control"] == "no-cache"
        assert asking.get(file, headers={"if-none-match": answer.headers["etag"]}).status_code == 304
    for forbidden in ("style=", "onclick", "<script>", "http://", "https://"):
        assert forbidden not in page.text


@pytest.mark.parametrize(
    ("message", "record", "more"),
    [
        (messages.ClipMessage, LibraryClip, {"id", "duration"}),
        (messages.EventMessage, EventMatch, set()),
        (messages.HitMessage, Hit, set()),
        (messages.ResultMessage, SearchResult, {"good"}),
        (messages.OrderMessage, OrderScore, set()),
        (messages.QueryMessage, Query, set()),
        (messages.LikeMessage, MotionReference, set()),
    ],
)
def test_messages_have_the_fields_of_the_records(message, record, more):
    assert set(message.model_fields) == {field.name for field in fields(record)} | more


def test_openapi_documents_every_status_and_has_examples(asking):
    schema = asking.get("/api/openapi.json").json()
    assert sorted(schema["paths"]) == [
        "/api/additions", "/api/additions/{id}",
        "/api/clips/{id}", "/api/clips/{id}/captions", "/api/clips/{id}/events", "/api/clips/{id}/file",
        "/api/clips/{id}/frames", "/api/clips/{id}/orders", "/api/generate", "/api/generate/about",
        "/api/generate/plan", "/api/generate/{id}", "/api/generate/{id}/{n}/file", "/api/generate/{id}/{n}/frames",
        "/api/health", "/api/library", "/api/motions", "/api/search",
    ]  # fmt: skip
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            documented = set(operation["responses"])
            posted = {"/api/generate": "202", "/api/additions": "202"}
            right = {"delete": "204", "post": posted.get(path, "200")}.get(method, "200")
            assert {right, "400", "401", "403", "405", "408", "413", "500"} <= documented, (path, method)
            assert path == "/api/health" or "503" in documented
            assert operation["summary"]
    text = json.dumps(schema)
    assert "#/components/schemas/HTTPValidationError" not in text
    assert "walks, turns around, then sits" in text
    assert schema["components"]["schemas"]["ClipMessage"]["examples"]
