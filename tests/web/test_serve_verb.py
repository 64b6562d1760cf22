"""``chronomotion serve`` over real libraries on the disk, made with a model of a few lines of numpy."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import numpy as np
import pytest
from processes import Server

from chronomotion.errors import ConfigError
from chronomotion.web.collection import Collection
from chronomotion.web.library_face import LibraryOpener

TESTS = Path(__file__).parents[1]
TOYS = [str(TESTS / "search" / "library"), str(TESTS)]
MODEL = "library_toys:model"


def environment():
    return {"PYTHONPATH": os.pathsep.join([*TOYS, os.environ.get("PYTHONPATH", "")])}


@pytest.fixture(scope="module", autouse=True)
def toy_modules():
    sys.path[:0] = TOYS
    yield
    for place in TOYS:
        sys.path.remove(place)


@pytest.fixture(scope="module")
def libraries(tmp_path_factory):
    """Three libraries of two takes each, and one of all six."""
    from library_toys import write_captions, write_take

    from chronomotion.search.stored.indexing import index

    home = tmp_path_factory.mktemp("libraries")
    for name, numbers in {"a": (0, 1), "b": (2, 3), "c": (4, 5), "all": range(6)}.items():
        takes = home / "takes" / name
        for number in numbers:
            write_take(takes / f"take{number}.npz", number, frames=60)
        write_captions(takes, {f"take{number}.npz": f"a person moves {number}" for number in numbers})
        index([takes], home / name, MODEL, workers=1)
    return home


def opened(libraries, *names):
    return Collection([libraries / name for name in names], LibraryOpener())


def test_a_real_library_is_searched(serving, libraries):
    from asking import Asking

    from chronomotion.web.service import Service

    asking = Asking(Service(opened(libraries, "all"), threads=1))
    said = asking.get("/api/library").json()
    assert (said["name"], said["clips"], said["model"]) == ("all", 6, MODEL)
    assert said["windows"] > 6
    result = asking.get("/api/search?q=a+person+moves+3&top=6&order=0.5&fold=false").json()
    assert result["total"] == 6
    assert {hit["clip"]["name"] for hit in result["hits"]} == {f"take{n}" for n in range(6)}
    assert (
        asking.get("/api/search?top=3&fold=false").json()["hits"][0]["clip"]["name"] == "take0"
    )  # nothing asked: a list
    name = asking.get("/api/search?q=take_4").json()["hits"][0]["clip"]
    assert name["name"] == "take4"
    clip = f"/api/clips/{name['id']}"
    frames = np.frombuffer(asking.get(f"{clip}/frames").content, "<f2").reshape(-1, 22, 3)
    library = asking.service.collection.libraries()[0]
    np.testing.assert_allclose(frames, library.motion(name["number"]).positions, atol=2e-3)
    assert asking.get(f"{clip}/file").content.startswith(b"HIERARCHY")
    events = asking.get(f"{clip}/events?event=walks&event=sits").json()
    assert [match["text"].rstrip(".") for match in events] == ["walks", "sits"]
    assert asking.get(f"{clip}/captions").json()
    assert asking.get("/api/search", params={"where": "duration < 100 and name = 'take1'"}).json()["total"] == 1
    for wrong in ("duration <", "(" * 400, "nothing = 3", "name ~ '" + "(" * 300):
        assert asking.get("/api/search", params={"where": wrong}).status_code == 422
    asking.service.close()


def test_like_a_clip_or_a_sent_file(libraries):
    from asking import Asking

    from chronomotion.web.service import Service

    asking = Asking(Service(opened(libraries, "a", "b", "c"), threads=1))
    hits = asking.get("/api/search?like=b.1&top=6&fold=false").json()["hits"]
    assert len(hits) == 5, "its own library leaves the clip itself out"
    assert "b.1" not in {hit["clip"]["id"] for hit in hits}
    part = asking.get("/api/search?like=b.1&start=0.5&end=1.5&top=6")
    assert part.status_code == 200
    content = (libraries / "takes" / "c" / "take5.npz").read_bytes()
    sent = asking.post("/api/motions", files={"file": ("mine.npz", content)}).json()
    hits = asking.get(f"/api/search?like={sent['id']}&top=6&fold=false").json()["hits"]
    assert hits[0]["clip"]["name"] == "take5"
    asking.service.close()


def test_three_libraries_answer_as_one_library_of_all(libraries):
    """The scores of a query by a motion are cosines: sharded or not, they are the same, and so is the order."""
    from chronomotion.search.records import MotionReference, Query

    sharded, whole = opened(libraries, "a", "b", "c"), opened(libraries, "all")
    motion = whole.libraries()[0].motion(1)
    query = Query(like=MotionReference("sent"), top=4, offset=1, fold=False)
    in_parts, at_once = sharded.search(query, motion), whole.search(query, motion)
    grades = [{(round(hit.score, 5), hit.clip.name) for _, hit in result.hits} for result in (in_parts, at_once)]
    if all(hit.good for result in (in_parts, at_once) for _, hit in result.hits):
        assert grades[0] == grades[1]
    assert in_parts.total == at_once.total == 6
    everything = Query(like=MotionReference("sent"), top=6, fold=False)
    scores = [
        {hit.clip.name: round(hit.score, 5) for _, hit in each.search(everything, motion).hits}
        for each in (sharded, whole)
    ]
    assert scores[0] == scores[1]


def test_libraries_of_one_model_share_it(libraries):
    first, second = opened(libraries, "a", "b").libraries()
    assert first.library.model is second.library.model


def test_a_library_that_is_indexed_again_is_served_anew(libraries, tmp_path):
    import shutil

    from asking import Asking
    from library_toys import write_take

    from chronomotion.search.stored.indexing import index
    from chronomotion.web.service import Service

    takes = shutil.copytree(libraries / "takes" / "a", tmp_path / "takes")
    index([takes], tmp_path / "lib", MODEL, workers=1)
    asking = Asking(Service(Collection([tmp_path / "lib"], LibraryOpener()), threads=1))
    assert asking.get("/api/library").json()["clips"] == 2
    before = asking.service.collection.libraries()[0]
    write_take(takes / "new.npz", "new", frames=60)
    index([], tmp_path / "lib", workers=1)
    assert asking.get("/api/search?q=new&top=1").json()["hits"][0]["clip"]["name"] == "new"
    after = asking.service.collection.libraries()[0]
    assert after.library.model is before.library.model, "not loaded again"
    asking.service.close()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nowhere"], "nowhere"),
        (["lib", "--host", "0.0.0.0"], "--host 0.0.0.0 lets other machines in, so a token is needed: python -c"),
        (["lib", "--host", "no such host"], "is no address"),
        (["lib", "--port", "99999"], "--port is from 0 to 65535"),
        (["lib", "--token-file", "nothing.txt"], "nothing.txt: the token cannot be read: No such file or directory"),
        (["lib", "--allow-origin", "*"], "--allow-origin takes https://HOST"),
        (["lib", "--threads", "0"], "--threads must be a whole number"),
    ],
)
def test_what_it_refuses_in_a_line(tmp_path, arguments, says):
    done = subprocess.run(
        [sys.executable, "-m", "chronomotion", "serve", *arguments], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode in (1, 2)
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_two_libraries_of_a_name(libraries, tmp_path):
    (tmp_path / "a").symlink_to(libraries / "a")
    with pytest.raises(ConfigError, match="2 libraries are called 'a'"):
        Collection([libraries / "a", tmp_path / "a"], LibraryOpener())


@pytest.mark.slow
def test_the_command_serves_and_ends(libraries, tmp_path):
    token = "a-token-of-32-letters-0123456789"
    (tmp_path / "token.txt").write_text(token)
    (tmp_path / "token.txt").chmod(0o600)
    arguments = ["-m", "chronomotion", "serve", libraries / "a", libraries / "b", libraries / "c", "--port", 0]
    with Server(*arguments, "--token-file", tmp_path / "token.txt", "--threads", 2, **environment()) as server:
        with httpx.Client(headers={"Authorization": f"Bearer {token}"}, base_url=server.address, timeout=60) as client:
            assert client.get("/api/library").json()["clips"] == 6
            ids = {
                hit["clip"]["id"] for hit in client.get("/api/search?q=a+person+moves&top=6&fold=false").json()["hits"]
            }
            assert ids == {f"{name}.{number}" for name in "abc" for number in (1, 2)}
        assert httpx.get(f"{server.address}/api/library").status_code == 401
        status, seconds = server.end()
    assert status == 143
    assert seconds < 5
    assert server.said[-1] == "chronomotion: ended by SIGTERM\n"
    assert token not in "".join(server.said)


@pytest.mark.slow
def test_quiet_says_nothing(libraries):
    command = [sys.executable, "-m", "chronomotion", "--quiet", "serve", str(libraries / "a"), "--port", "0"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, env={**os.environ, **environment()})
    try:
        process.communicate(timeout=10)
    except subprocess.TimeoutExpired:
        process.terminate()
    assert process.communicate(timeout=60)[1] == b"chronomotion: ended by SIGTERM\n"
    assert json.dumps(process.returncode) == "143"
