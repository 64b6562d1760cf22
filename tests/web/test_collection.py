"""Several libraries as one, and a library that changes while it is served."""

from __future__ import annotations

import itertools
import json
import logging
import os
import threading
from dataclasses import replace

import pytest
from fake_library import ACTIONS, FakeLibrary, three_libraries

from chronomotion.errors import ConfigError, CorpusError
from chronomotion.search.records import Query
from chronomotion.web.collection import Collection
from chronomotion.web.service import Service
from conftest import Asking, problem


@pytest.fixture
def three(tmp_path):
    return three_libraries(tmp_path)


def collection_of(libraries):
    by_folder = {library.folder: library for library in libraries}
    return Collection(list(by_folder), lambda folder, _: by_folder[folder])


@pytest.mark.parametrize("sort", ["score", "name", "date", "duration"])
def test_three_libraries_answer_as_one_with_all_clips(three, tmp_path, sort):
    """The naive twin: everything that the libraries have, in one list, sorted, then cut."""
    collection = collection_of(three.values())
    rows = [(library, hit) for library in three.values() for hit in library.search(Query("a walk squat", top=99)).hits]
    keys = {"score": lambda hit: -hit.score, "name": lambda hit: hit.clip.name, "date": lambda hit: -hit.clip.date,
            "duration": lambda hit: hit.clip.duration}  # fmt: skip
    rows.sort(key=lambda row: (not row[1].good, keys[sort](row[1])))
    for offset, top in itertools.product((0, 1, 3, 5, 9), (1, 2, 6)):
        result = collection.search(Query("a walk squat", sort=sort, top=top, offset=offset))
        assert [(library.name, hit.clip) for library, hit in result.hits] == [
            (library.name, hit.clip) for library, hit in rows[offset : offset + top]
        ]
        assert result.total == 6
        assert result.notes == ("a note",)


def test_ids_say_the_library(serving, three):
    asking = serving(*three.values())
    hits = asking.get("/api/search?q=squat&top=6").json()["hits"]
    assert hits[0]["clip"]["id"] == "beta.2"
    assert {hit["clip"]["id"] for hit in hits} == {f"{name}.{n}" for name in three for n in (1, 2)}
    for hit in hits:  # every id leads back to its clip, a name with a dot in it too
        clip = asking.get(f"/api/clips/{hit['clip']['id']}").json()
        assert clip == hit["clip"]
        assert asking.get(f"/api/clips/{clip['id']}/frames").headers["x-frames"] == str(clip["frames"])
    for wrong in ("1", "alpha.3", "delta.1", ".1", "alpha.01", "gamma.1", "alpha."):
        problem(asking.get(f"/api/clips/{wrong}"), 404)


def test_a_clip_of_one_library_is_searched_for_in_all(serving, three):
    asking = serving(*three.values())
    hits = asking.get("/api/search?like=gamma.v2.1&top=6").json()["hits"]
    assert hits[0]["clip"]["id"] == "gamma.v2.1"
    assert len(hits) == 6


def test_what_is_served_is_told(serving, three):
    said = serving(*three.values()).get("/api/library").json()
    assert (said["name"], said["clips"], said["windows"]) == ("alpha, beta, gamma.v2", 6, 42)
    assert said["libraries"] == ["alpha", "beta", "gamma.v2"]


def test_two_libraries_of_one_name_are_refused(tmp_path):
    libraries = [FakeLibrary(tmp_path / "a" / "takes"), FakeLibrary(tmp_path / "b" / "takes")]
    with pytest.raises(ConfigError, match=r"2 libraries are called 'takes' \(.*a/takes, .*b/takes\): ids"):
        collection_of(libraries)


def test_libraries_of_two_models_are_refused(tmp_path):
    libraries = [FakeLibrary(tmp_path / "a"), FakeLibrary(tmp_path / "b", model="other")]
    with pytest.raises(ConfigError, match=r"a was made with the model 'toy' and .*b with 'other': their scores"):
        collection_of(libraries)


class Reindexed:
    """A library that is opened anew, with what it has now, or an error."""

    def __init__(self, folder):
        self.folder, self.actions, self.error, self.model, self.given = folder, ACTIONS[:2], None, "toy", []

    def open(self, folder, before):
        self.given.append(before)
        if self.error:
            raise self.error
        return FakeLibrary(folder, self.actions, self.model)

    def commit(self, actions):
        """As indexing does it: another manifest takes the place of this one."""
        self.actions = actions
        new = self.folder / "library.json.new"
        new.write_text(json.dumps(actions))
        os.replace(new, self.folder / "library.json")


@pytest.fixture
def reindexed(tmp_path):
    made = Reindexed(tmp_path / "takes")
    FakeLibrary(made.folder)
    return made


def test_a_library_that_is_indexed_again_is_opened_again(reindexed):
    asking = Asking(Service(Collection([reindexed.folder], reindexed.open), threads=1))
    assert asking.get("/api/library").json()["clips"] == 2
    first = reindexed.given
    assert first == [None]
    reindexed.commit(ACTIONS[:5])
    assert asking.get("/api/clips/5").json()["name"] == "kneel_05"
    assert asking.get("/api/library").json()["clips"] == 5
    assert len(reindexed.given) == 2, "once, however many requests follow"
    assert reindexed.given[1].clips.keys() == {1, 2}, "the opener may keep the model of the library before"
    asking.service.close()


def test_a_library_that_cannot_be_opened_again_stays_as_it_was(reindexed, caplog):
    caplog.set_level(logging.INFO)
    collection = Collection([reindexed.folder], reindexed.open)
    reindexed.error = CorpusError("damaged")
    reindexed.commit(ACTIONS)
    for _ in range(3):
        assert len(collection.libraries()[0].clips) == 2
    assert caplog.text.count("stays as it was: damaged") == 1
    assert len(reindexed.given) == 2, "it is not tried again before it changes again"
    reindexed.error, reindexed.model = None, "other"
    reindexed.commit(ACTIONS[:3])
    assert len(collection.libraries()[0].clips) == 2, "scores of another model mean something else"
    reindexed.model = "toy"
    reindexed.commit(ACTIONS[:4])
    assert len(collection.libraries()[0].clips) == 4


def test_a_library_whose_manifest_is_away_stays(reindexed):
    collection = Collection([reindexed.folder], reindexed.open)
    (reindexed.folder / "library.json").unlink()
    assert len(collection.libraries()[0].clips) == 2
    assert len(reindexed.given) == 1


def test_others_are_answered_while_a_library_is_opened_again(reindexed):
    opening, gate = threading.Event(), threading.Event()

    def slowly(folder, before):
        if before is not None:
            opening.set()
            gate.wait(10)
        return reindexed.open(folder, before)

    collection = Collection([reindexed.folder], slowly)
    reindexed.commit(ACTIONS)
    thread = threading.Thread(target=collection.libraries)
    thread.start()
    assert opening.wait(10)
    assert len(collection.libraries()[0].clips) == 2
    gate.set()
    thread.join()
    assert len(collection.libraries()[0].clips) == 6


def test_duplicates_have_ids_too(serving, three, monkeypatch):
    beta = three["beta"]
    search = beta.search

    def folded(query, motion=None):
        result = search(query, motion)
        hits = [replace(hit, duplicates=(beta.clips[1],)) for hit in result.hits]
        return replace(result, hits=tuple(hits))

    monkeypatch.setattr(beta, "search", folded)
    hit = serving(*three.values()).get("/api/search?q=squat&top=1").json()["hits"][0]
    assert [clip["id"] for clip in hit["duplicates"]] == ["beta.1"]
