"""chronomotion.Client against a server on this machine."""

from __future__ import annotations

import json
import math
import socket
from dataclasses import fields

import numpy as np
import pytest

pytest.importorskip("httpx")

from canned_service import CLIPS, EVENTS, MOTION, RESULT, TOKEN, canned_service, frames_as_sent

import chronomotion
from chronomotion.client import Client, ServedClip
from chronomotion.errors import ChronomotionError, ConfigError, ServiceError
from chronomotion.search.records import EventMatch, LibraryClip, MotionReference, Query


@pytest.fixture
def service():
    with canned_service() as running:
        yield running


@pytest.fixture
def client(service):
    with Client(service.url) as opened:
        yield opened


def as_library_clip(clip):
    return LibraryClip(**{one.name: getattr(clip, one.name) for one in fields(LibraryClip)})


def as_event(event):
    return EventMatch(**{one.name: getattr(event, one.name) for one in fields(EventMatch)})


def test_it_is_a_public_name():
    assert chronomotion.Client is Client


def test_the_library(client):
    library = client.library()
    assert (library.name, library.clips, library.hours, library.model) == ("takes", 2, 0.1, "starter")
    assert library.examples == ("a person walks",)


def test_a_search_returns_the_records_with_ids(client):
    result = client.search("a person walks, then falls")
    assert [hit.clip.id for hit in result.hits] == ["7", "b.9"]
    assert [as_library_clip(hit.clip) for hit in result.hits] == list(CLIPS.values())
    first, second = result.hits
    assert tuple(map(as_event, first.events)) == EVENTS
    assert (first.score, first.best, first.order_margin) == (0.9, (0.5, 1.25), 0.25)
    assert first.duplicates[0].id == "b.9"
    assert math.isnan(second.order_margin)
    assert (result.good, result.total, result.notes, result.events) == (1, 2, RESULT.notes, RESULT.events)
    assert first.clip.duration == 2.0


def test_the_query_travels_whole(service, client):
    like = MotionReference("7", 0.5, 1.5)
    client.search(Query(events=("walks", "sits"), order=1.5), like=like, without=["falls"], top=3, where="duration < 8")
    method, path, body = service.requests[-1]
    assert (method, path) == ("POST", "/api/search")
    sent = json.loads(body)
    assert sent == {
        "events": ["walks", "sits"], "like": {"path": "7", "start": 0.5, "end": 1.5}, "order": 1.5,
        "where": "duration < 8", "without": ["falls"], "top": 3,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tops": 3}, "a search has no option 'tops'; there are text, events, like, order, "),
        ({"sort": "size"}, "sort must be one of score, name, date, duration, not 'size'"),
        ({"top": "many"}, "top: input should be a valid integer"),
        ({"events": "walks"}, "events: input should be a valid tuple"),
    ],
)
def test_a_wrong_option_is_told_before_anything_is_sent(service, client, options, message):
    with pytest.raises(ConfigError) as error:
        client.search("walks", **options)
    assert str(error.value).startswith(message)
    assert service.requests == []


def test_a_clip_and_its_frames(client):
    clip = client.clip("b.9")
    assert isinstance(clip, ServedClip)
    assert (clip.id, clip.name) == ("b.9", "sits")
    frames = client.frames(clip)
    assert frames.dtype == np.float32
    assert frames.shape == (MOTION.frames, 22, 3)
    np.testing.assert_array_equal(frames, frames_as_sent())
    np.testing.assert_allclose(frames, MOTION.positions, atol=2e-3)
    frames[0] = 0  # the reader's to change


def test_a_file_lands_whole_and_reads_as_the_motion(client, tmp_path):
    named = client.file("7", tmp_path / "new" / "take.bvh")
    assert named == tmp_path / "new" / "take.bvh"
    assert client.file("b.9", tmp_path) == tmp_path / "b.9.bvh"
    motion = chronomotion.read_motion(named)
    np.testing.assert_allclose(motion.positions, chronomotion.read_motion(tmp_path / "b.9.bvh").positions)
    assert motion.frames == MOTION.frames
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["b.9.bvh", "new", "take.bvh"]


def test_an_id_of_a_service_leads_to_no_other_folder(service, client, tmp_path):
    service.instead["/api/clips/..%2F..%2Fout/file"] = (200, "text/plain", b"HIERARCHY")
    inside = tmp_path / "inside"
    inside.mkdir()
    path = client.file("../../out", inside)
    assert path.parent == inside
    assert [one.name for one in tmp_path.iterdir()] == ["inside"]


def test_events_captions_and_an_upload(service, client, tmp_path):
    assert tuple(map(as_event, client.events("7", "a person walks"))) == EVENTS[:1]
    assert [(one.text, one.score) for one in client.captions("7")] == [("a person walks", 0.7)]
    file = tmp_path / "take.bvh"
    file.write_bytes(b"HIERARCHY of a take")
    reference = client.upload(file)
    assert reference == MotionReference("up-1")
    body = service.requests[-1][2]
    assert b'filename="take.bvh"' in body
    assert b"HIERARCHY of a take" in body
    client.search(like=reference)
    assert json.loads(service.requests[-1][2])["like"]["path"] == "up-1"


def test_a_token_goes_in_the_header():
    with canned_service(TOKEN) as service:
        with Client(service.url, TOKEN) as client:
            assert client.library().name == "takes"
        with Client(service.url) as client, pytest.raises(ServiceError, match="asks for a token") as refusal:
            client.library()
    assert refusal.value.status == 401
    assert all(TOKEN not in path for _, path, _ in service.requests)


def test_a_problem_is_one_line_with_what_and_where(service, client):
    with pytest.raises(ChronomotionError) as error:
        client.clip("no such/clip?")
    where = f"{service.url}/api/clips/no%20such%2Fclip%3F"
    assert str(error.value) == f"{where}: Not Found: no clip 'no such/clip?' in this library (404)"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((503, "text/html", b"<html>\nbusy</html>"), "/api/library: Service Unavailable (503)"),
        ((302, "text/plain", b""), "/api/library: Found (302)"),
        ((422, "application/problem+json", b'["a list"]'), "/api/library: Unprocessable Entity (422)"),
        ((200, "text/html", b"<html>another server</html>"), "not the answer of a chronomotion service (Invalid JSON"),
        (
            (200, "application/json", b'{"name": "x"}'),
            "answer of a chronomotion service (clips: Field required",
        ),
    ],
)
def test_another_server_at_that_address(service, client, answer, message):
    service.instead["/api/library"] = answer
    with pytest.raises(ServiceError) as error:
        client.library()
    assert message in str(error.value)
    assert len(str(error.value).splitlines()) == 1


def test_frames_that_are_cut_off(service, client):
    service.instead["/api/clips/7/frames"] = (200, "application/octet-stream", b"\0\0\0\0")
    with pytest.raises(ServiceError, match=r"/api/clips/7/frames: 4 bytes are not the frames of a motion"):
        client.frames("7")


def test_nobody_answers(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with Client(url) as client, pytest.raises(ServiceError) as error:
        client.file("7", tmp_path / "x.bvh")
    assert str(error.value).startswith(f"{url}: no answer: ")
    assert str(error.value).endswith("is `chronomotion serve` running there?")
    assert len(str(error.value).splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://here", "", "http://", "http://a b\n", "http://x:port"])
def test_an_address_that_is_none(url):
    with pytest.raises(ChronomotionError) as error, Client(url) as client:
        client.library()
    assert len(str(error.value).splitlines()) == 1


def test_a_token_that_is_none():
    with pytest.raises(ConfigError, match="printable ASCII"):
        Client("http://localhost:1", "one\ntwo")
