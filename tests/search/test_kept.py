"""What searches keep makes them cheaper and changes no answer: every figure is what it is when nothing was kept."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from toy_library import FPS, ToyLibrary

from chronomotion.language.caption import Events
from chronomotion.model.matching import Matcher
from chronomotion.model.motion_windows import MATCH_SECONDS, MotionWindows
from chronomotion.search.asking.moments import ClipView
from chronomotion.search.asking.prepared import PreparedLibrary
from chronomotion.search.asking.searching import Searcher
from chronomotion.search.calibration import Calibration
from chronomotion.search.order import late_scores
from chronomotion.search.phrase_bank import PhraseBank
from chronomotion.search.recent import Recent
from chronomotion.search.records import MotionReference, Query, SearchResult
from chronomotion.search.windows import WindowTable, ids_of, spans_of
from chronomotion.seeding import generator

TAKES = {
    "a01": [("walk", 3), ("sit", 3)],
    "a02": [("sit", 3), ("walk", 3)],
    "a03": [("jump", 2), ("wave", 2), ("bow", 2)],
    "a04": [("kneel", 0.6)],
    "a05": [("jump", 8), ("walk", 4), ("kneel", 8), ("sit", 4)],
    "a06": [("walk", 3.2), ("sit", 2.9)],
}
QUERIES = [
    Query("a person walks, then sits down"),
    Query("a person walks, then sits down", order=0.0),
    Query("a person sits down, then walks", order=2.0),
    Query("a person walks, then sits down", where="duration < 10", top=2, offset=1),
    Query("a person walks, then sits down", without=("a person jumps",), fold=False),
    Query("a person walks", rerank=2, sort="duration"),
    Query(events=("jumps", "waves", "bows")),
    Query("a01"),
    Query(),
]


@pytest.fixture(scope="module")
def library():
    return ToyLibrary(TAKES, groups={"a06": "a01"})


def test_answers_do_not_depend_on_what_was_asked_before(library):
    searcher = Searcher(library)
    first = [repr(searcher(query)) for query in QUERIES]
    again = [repr(searcher(query)) for query in reversed(QUERIES)][::-1]
    alone = [repr(Searcher(library)(query)) for query in QUERIES]
    assert first == alone
    assert again == alone


def test_an_answer_is_made_once(library, monkeypatch):
    searcher = Searcher(library)
    result = searcher(QUERIES[0])
    monkeypatch.setattr(Searcher, "_answer", lambda *_: pytest.fail("made again"))
    assert searcher("a person walks, then sits down") is result
    with pytest.raises(pytest.fail.Exception):
        searcher("a person walks, then sits down", top=3)


def test_lists_of_events_are_taken_as_tuples_are(library):
    searcher = Searcher(library)
    query = Query()
    object.__setattr__(query, "events", ["walks", "sits"])  # types are only looked at in tests
    assert searcher(query) is searcher(Query(events=("walks", "sits")))


def test_a_motion_to_search_with_is_looked_at_each_time(library, monkeypatch):
    searcher = Searcher(library)
    query = Query(like=MotionReference("a01"))
    searcher(query)
    anew = SearchResult((), (), 0)
    monkeypatch.setattr(Searcher, "_answer", lambda *_: anew)
    assert searcher(query) is anew


def test_what_is_kept_of_clips_is_bounded(library, monkeypatch):
    monkeypatch.setattr("chronomotion.search.asking.prepared._VIEWS", 1)
    monkeypatch.setattr("chronomotion.search.asking.prepared._PLACED", 1)
    monkeypatch.setattr("chronomotion.search.asking.prepared._PROBED", 1)
    monkeypatch.setattr("chronomotion.search.asking.searching._HITS", 1)
    small = Searcher(library)
    forgetful = [repr(small(query)) for query in QUERIES]
    assert forgetful == [repr(Searcher(library)(query)) for query in QUERIES]
    prepared = small._prepared
    assert [len(kept) for kept in (prepared._views, prepared._placed, prepared._probed)] == [0, 1, 0]


def test_the_last_used_are_kept_up_to_their_size():
    recent = Recent(10, len)
    for word in ("abcd", "efgh", "ij"):
        recent.put(word, word)
    assert recent.get("abcd") == "abcd"  # used now, so that the next one to go is another
    recent.put("klmn", "klmn")
    assert [recent.get(word) for word in ("abcd", "efgh", "ij", "klmn")] == ["abcd", None, "ij", "klmn"]
    recent.put("a long one that never fits", "a long one that never fits")
    assert len(recent) == 0


@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0, 2.0])
def test_late_scores_are_those_of_all_windows_together(library, strength):
    """The slow twin: no views, one gallery of the windows of all clips."""
    prepared = PreparedLibrary(library)
    events = Events(("a person walks.", "a person sits."))
    numbers, cosines = np.array(sorted(library.clips)), np.linspace(0.1, 0.6, len(library.clips))
    table = library.windows("short").of(numbers)
    short = table.spans[:, 1] - table.spans[:, 0] <= round(max(MATCH_SECONDS) * FPS)
    rows = short | ~np.isin(table.clips, table.clips[short])
    counts = np.array([(table.clips[rows] == number).sum() for number in numbers])
    windows = MotionWindows(table.vectors[rows], table.spans[rows], counts, prepared._mean)
    twin = late_scores(Matcher(windows, prepared.event_vectors(events.texts)), events, cosines, strength)
    scores = prepared.moments(numbers, events.texts).late_scores(events, cosines, strength)
    np.testing.assert_allclose(scores, twin, atol=1e-6)
    order = np.argsort(-scores, kind="stable")
    np.testing.assert_array_equal(order, np.argsort(-twin, kind="stable"))


def test_z_of_many_clips_is_z_of_each(library):
    bank = PhraseBank.encode(library.model, [f"a person {act}s." for act in ("walk", "sit", "jump", "bow", "fall")])
    table = library.windows("short")
    vectors = np.asarray(table.vectors, dtype=np.float32)
    calibration = Calibration.fit(bank, vectors, table.spans, table.clips, fps=FPS)
    events = bank.vectors[:3]
    clips = [(vectors[table.clips == n], table.spans[table.clips == n]) for n in sorted(library.clips)]
    together = calibration.z_of(events, [calibration.moments(*clip) for clip in clips])
    np.testing.assert_array_equal(together, np.stack([calibration.z(events, *clip) for clip in clips], axis=1))


def windows_of(seconds, dim=32):
    spans = spans_of("short", round(seconds * FPS), FPS)
    vectors = generator("a long take", round(seconds)).normal(size=(len(spans), dim)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True), spans


def test_steps_of_a_long_take_are_those_of_its_definition():
    vectors, spans = windows_of(150)
    steps = MotionWindows(vectors, spans, np.array([len(spans)]), np.zeros(32, np.float32)).steps
    bounds = np.unique(np.append(spans, 0))
    assert len(bounds) > 2 * 256
    inside = (spans[:, :1] <= bounds[:-1]) & (bounds[1:] <= spans[:, 1:])
    np.testing.assert_allclose(steps.vectors, (inside / inside.sum(axis=0)).T @ vectors, atol=1e-6)
    np.testing.assert_array_equal(steps.frames, np.diff(bounds))


def test_a_take_of_ten_minutes_needs_little_memory(library):
    """Its windows with its steps would be a table of 9,500 x 2,400."""
    vectors, spans = windows_of(600)
    mean = np.zeros(32, np.float32)
    tracemalloc.start()
    try:
        table = WindowTable(ids_of(1, len(spans)), np.ones(len(spans), np.int32), spans, (vectors,))
        view = ClipView.of(table, FPS, mean, library.calibration)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(view.steps.frames) > 2000
    assert peak < 16e6
