"""From a query to its result, on takes of which everything is known."""

from __future__ import annotations

import threading
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toy_library import ToyLibrary, ToyScale

from chronomotion.errors import ConfigError, CorpusError
from chronomotion.search.asking.searching import Searcher
from chronomotion.search.records import MotionReference, Query

TAKES = {
    "a01": [("walk", 3), ("sit", 3)],
    "a02": [("sit", 3), ("walk", 3)],
    "a03": [("walk", 4)],
    "a04": [("jump", 2), ("wave", 2), ("bow", 2)],
    "a05": [("bow", 2), ("wave", 2), ("jump", 2)],
    "a06": [("kneel", 3)],
    "a07": [("walk", 3), ("fall", 2)],
    "long": [("jump", 8), ("walk", 4), ("kneel", 8), ("sit", 4), ("bow", 8)],
    "take_0421": [("bow", 2.5)],
    "a08": [("walk", 3), ("wave", 3), ("sit", 3)],
    "a09": [("walk", 3.2), ("sit", 2.9)],
}
LABELS = {"a06": ["moonwalk"], "a03": ["stroll"]}


@pytest.fixture(scope="module")
def library():
    return ToyLibrary(TAKES, labels=LABELS, groups={"a09": "a01"})


@pytest.fixture(scope="module")
def searcher(library):
    return Searcher(library)


def names(result):
    return [hit.clip.name for hit in result.hits]


def test_events_are_found_in_their_order(searcher):
    result = searcher("a person walks, then sits down", order=1.0)
    assert result.events == ("a person walks.", "a person sits down.")
    assert names(result)[0] in {"a01", "a09"}
    assert result.total == len(TAKES)
    reverse = searcher("a person sits down, then walks", order=1.0)
    assert names(reverse)[0] == "a02"


def test_each_event_has_its_time(searcher):
    hit = next(hit for hit in searcher("a person walks, then sits down", top=20).hits if hit.clip.name == "long")
    (walk, sit) = hit.events
    assert walk.found
    assert sit.found
    assert walk.span == pytest.approx((8, 12), abs=0.75)
    assert sit.span == pytest.approx((20, 24), abs=0.75)
    assert hit.best == (walk.span[0], sit.span[1])


def test_a_clip_is_listed_once_and_all_are_listed(searcher):
    result = searcher("a person walks, then sits down", top=100, fold=False)
    assert sorted(names(result)) == sorted(TAKES)


def test_where_results_stop_being_good(searcher):
    for order, good in (
        (1.0, {"a01", "a08", "a09", "long"}),
        (0.0, {"a01", "a02", "a08", "a09", "long"}),  # a02 has both, the other way round
    ):
        result = searcher("a person walks, then sits down", top=100, fold=False, order=order)
        assert set(names(result)[: result.good]) == good
        assert result.notes == ()
        for hit in result.hits:
            assert hit.good is (hit.clip.name in good)
            assert hit.good is all(match.found for match in hit.events)


def test_how_much_better_the_asked_order_fits(searcher):
    margins = {hit.clip.name: hit.order_margin for hit in searcher("walks, then sits down", top=100, fold=False).hits}
    assert margins["a01"] > 0.1
    assert margins["a02"] < -0.1
    assert all(np.isnan(hit.order_margin) for hit in searcher("walks, then sits down", order=0.0).hits)
    assert all(np.isnan(hit.order_margin) for hit in searcher("walks").hits)


def test_a_best_clip_that_stands_out_no_more_than_by_chance_is_in_doubt(searcher, monkeypatch):
    def by_chance(_: ToyScale, best: np.ndarray) -> np.ndarray:
        return np.full(len(best), 0.5)

    monkeypatch.setattr(ToyScale, "library_presence", by_chance)
    searcher = Searcher(searcher.library)  # keeps no answer from before
    result = searcher("a person walks")
    assert result.good == 0  # one clip in twenty looks so of an event that the library does not have
    assert result.hits[0].events[0].found
    assert searcher("a03").good == 1  # what is called so is good all the same
    assert result.notes == (
        '"a person walks" is probably not in this library: its best clip stands out no more than by chance',
    )


def test_what_is_not_in_the_library_is_said(searcher):
    result = searcher("a person walks, then turns around")
    assert result.good == 0
    assert result.notes == ('"a person turns around" is probably not in this library',)
    assert len(result.hits) == 10  # and the nearest are shown all the same
    assert [match.found for match in result.hits[0].events] == [True, False]
    assert (
        searcher("a person walks, then jumps", where="name in (a03, a04)").notes == ()
    )  # both are there, in no clip together


def test_what_only_a_name_a_label_or_a_caption_says_is_told_so(searcher):
    says = "was found by names, labels or captions: as a motion it is probably not in this library"
    assert searcher("moonwalks").notes == (f'"a person moonwalks" {says}',)
    assert searcher("a person walks, then moonwalks").notes == (f'"a person moonwalks" {says}',)
    assert searcher("moonwalks", where="name != a06").notes == ('"a person moonwalks" is probably not in this library',)


def test_words_that_no_motion_shows_are_told(searcher):
    result = searcher("a person walks in the kitchen")
    assert any('"in the kitchen"' in note for note in result.notes)


@pytest.mark.parametrize(
    ("text", "first"), [("take_0421", "take_0421"), ("moonwalk", "a06"), ("stroll", "a03"), ("Take 421", "take_0421")]
)
def test_what_is_called_so_comes_first(searcher, text, first):
    result = searcher(text)
    assert names(result)[0] == first
    assert result.hits[0].good


def test_a_name_that_no_clip_has(searcher):
    result = searcher("take_0999")
    assert names(result) == ["take_0421"]  # "take" is all that it has of the name
    assert result.good == 0
    assert result.notes == ('no clip is called "take_0999"',)
    assert searcher("quokka_99").hits == ()


def test_filters(searcher):
    result = searcher("a person walks, then sits down", where="duration > 6.5", top=100)
    assert sorted(names(result)) == ["a08", "long"]
    assert result.total == 2
    nothing = searcher("a person walks", where="duration > 600")
    assert nothing.hits == ()
    assert nothing.notes == ("none of the 11 clips fits the filter",)
    with pytest.raises(ConfigError, match="no field of a clip"):
        searcher("a person walks", where="lenght < 1")


def test_a_query_of_nothing_lists_the_clips(searcher, library):
    assert names(searcher("", top=100, fold=False)) == sorted(TAKES)
    assert names(searcher("", where="label = moonwalk")) == ["a06"]
    newest = searcher("", sort="date", top=3)
    assert names(newest) == ["a01", "a02", "a03"]
    shortest = searcher("", sort="duration", top=2)
    assert names(shortest) == ["take_0421", "a06"]


def test_sorting_keeps_good_matches_first(searcher):
    result = searcher("a person walks, then sits down", sort="name", top=100, fold=False)
    assert names(result)[: result.good] == ["a01", "a08", "a09", "long"]
    assert names(result)[result.good :] == sorted(names(result)[result.good :])


def test_pages_are_parts_of_one_list(searcher):
    for rerank in (100, 3, 0):
        whole = names(searcher("a person walks, then sits down", top=10, rerank=rerank))
        pages = [searcher("a person walks, then sits down", top=3, offset=at, rerank=rerank) for at in (0, 3, 6, 9)]
        assert [name for page in pages for name in names(page)] == whole
    assert names(searcher("a person walks", offset=50)) == []


def test_what_should_not_be_seen_is_pushed_down(searcher):
    plain = searcher("a person walks", top=100, fold=False)
    assert "a07" in names(plain)[: plain.good]
    result = searcher("a person walks", without=("falls", "a person sits down"), top=100, fold=False)
    assert set(names(result)[-6:]) >= {"a07", "a01", "a02", "a08", "a09", "long"}
    assert names(result)[0] == "a03"
    assert not any(hit.good for hit in result.hits[-6:])
    assert names(searcher("", without=("falls",), top=100))[-1] == "a07"


def test_near_duplicates_are_folded_under_the_best(searcher):
    result = searcher("a person walks, then sits down", top=100)
    assert len(result.hits) == len(TAKES) - 1
    hit = result.hits[0]
    assert {hit.clip.name, *(clip.name for clip in hit.duplicates)} == {"a01", "a09"}
    assert searcher("", where="name != a09", top=100).hits[0].duplicates == ()


def test_scores_fall_within_a_grade(searcher):
    for rerank in (100, 4, 0):
        hits = searcher("a person walks, then sits down", top=100, rerank=rerank, fold=False).hits
        for grade in (True, False):
            scores = [hit.score for hit in hits if hit.good is grade]
            assert scores == sorted(scores, reverse=True)


def test_a_clip_as_query(searcher, library):
    before = library.model.motions
    result = searcher(Query(like=MotionReference("a01"), fold=False))
    assert names(result)[0] == "a09"
    assert result.hits[0].good
    assert not result.hits[-1].good
    assert "a01" not in names(result)
    assert library.model.motions == before  # its vectors are there
    assert result.events == ()


def test_a_part_of_a_clip_as_query(searcher, library):
    result = searcher(Query(like=MotionReference("long", 12.5, 15.0)))
    assert names(result)[0] == "a06"
    assert "long" not in names(result)
    (hit,) = searcher(Query(like=MotionReference("a06"), where="name = long")).hits
    assert 11.5 <= hit.best[0] < hit.best[1] <= 20.5
    with pytest.raises(ConfigError, match=r"long has 32\.00 s, the part to search with begins at 40 s"):
        searcher(Query(like=MotionReference("long", 40.0, 41.0)))
    with pytest.raises(CorpusError, match="'nothing' is neither a clip of the library nor a motion file"):
        searcher(Query(like=MotionReference("nothing")))


def test_a_query_encodes_nothing_but_itself(library):
    searcher, model = Searcher(library), library.model
    model.texts.clear()
    before = model.motions
    searcher("a person walks, then sits down", order=0.5)
    assert model.motions == before
    assert {text for text in model.texts if "." in text.rstrip(".")} == {
        "a person walks. a person sits down.",
        "a person sits down. a person walks.",
    }
    model.texts.clear()
    searcher("a person sits down, then walks", order=1.5)  # another order of the same events
    searcher("a person walks, then sits down", order=0.0, where="duration < 7")
    assert model.texts == []


EVENTS = st.lists(st.sampled_from(["walks", "sits down", "jumps", "waves", "bows"]), min_size=2, max_size=4)


@settings(max_examples=10)
@given(EVENTS, st.randoms(use_true_random=False))
def test_at_0_the_order_of_events_makes_no_difference(searcher, events, chance):
    asked = [f"a person {event}" for event in events]
    other = list(asked)
    chance.shuffle(other)
    results = [searcher(Query(events=tuple(told), order=0.0, top=20)) for told in (asked, other)]
    rows = [
        [
            (hit.clip, np.float64(hit.score).tobytes(), hit.best, hit.good, hit.duplicates,
             sorted((match.text, match.span, match.score, match.presence) for match in hit.events))
            for hit in result.hits
        ]
        for result in results
    ]  # fmt: skip
    assert rows[0] == rows[1]
    assert results[0].total == results[1].total


def test_at_0_sentences_in_another_order_are_the_same(searcher):
    lists = set()
    for order in permutations(["walks", "waves", "sits down"]):
        result = searcher(f"a person {order[0]}, then {order[1]} and {order[2]}", order=0.0, top=100)
        lists.add(tuple((hit.clip.name, hit.score) for hit in result.hits))
    assert len(lists) == 1


def test_the_dial_turns_the_order(searcher):
    def lead(strength):
        hits = {h.clip.name: h.score for h in searcher("jumps, then waves, then bows", order=strength, top=99).hits}
        return hits["a04"] - hits["a05"]

    leads = [lead(strength) for strength in (0.0, 0.5, 1.0, 2.0)]
    assert abs(leads[0]) < 0.05
    assert leads == sorted(leads)
    assert leads[3] > leads[2] > 0.1


def test_one_dense_take_does_not_hide_the_others():
    takes = {"dense": [("walk", 120)]} | {f"b{n}": [("jump", 2), ("walk", 1.2)] for n in range(20)}
    result = Searcher(ToyLibrary(takes))("a person walks", top=20, rerank=20)
    assert len(result.hits) == 20
    assert names(result)[0] == "dense"


def test_threads_get_what_one_gets(library):
    texts = ["a person walks", "a person sits down, then walks", "moonwalk", "jumps and bows"]
    alone = [Searcher(library)(text) for text in texts]
    searcher, results = Searcher(library), {}

    def work(number):
        results[number] = [searcher(text) for text in texts]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 8
    for result in results.values():
        assert [repr(one) for one in result] == [repr(one) for one in alone]


def test_locating_in_a_clip(searcher):
    sit, walk = searcher.locate("a person sits down, then walks", "a02")
    assert sit.span == pytest.approx((0, 3), abs=0.5)
    assert walk.span == pytest.approx((3, 6), abs=0.5)
    with pytest.raises(CorpusError):
        searcher.locate("a person walks", "nothing")
    for query in ("", "take_0421"):
        with pytest.raises(ConfigError, match="nothing to look for"):
            searcher.locate(query, "a02")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"order": 2.5}, "order is 2.5, expected 0 to 2"),
        ({"order": float("nan")}, "order is nan"),
        ({"order": -0.1}, "order is -0.1"),
        ({"top": 0}, "top is 0, expected 1 to 10000"),
        ({"top": 10**9}, "top is 1000000000, expected 1 to 10000"),
        ({"offset": -1}, "offset is -1"),
        ({"rerank": -5}, "rerank is -5"),
        ({"without": ("",)}, "none of them empty"),
        ({"text": "a person walks", "events": ("walks",)}, "a query has a sentence and events: give one of them"),
        ({"text": "a person walks", "like": MotionReference("a01")}, "a sentence and a motion to be like: give one"),
        ({"text": "", "events": ("walks", " ")}, "none of them may be empty"),
        ({"text": "", "events": ("walks",) * 17}, "17 events, at most 16"),
        ({"text": "x" * 20_000}, "has 20000 characters, at most 10000 are read"),
        ({"text": "", "like": MotionReference("a01", 3.0, 2.0)}, "begins at 3 s, which is not before its end at 2 s"),
        ({"text": "", "like": MotionReference("a01", float("inf"))}, "start is inf"),
        ({"tpo": 5}, "a query has no 'tpo'"),
    ],
)  # fmt: skip
def test_queries_that_cannot_be(searcher, changes, message):
    with pytest.raises(ConfigError, match=message) as raised:
        searcher(Query("a person walks"), **changes)
    assert "\n" not in str(raised.value)


def test_an_unknown_sort(searcher):
    query = Query("a person walks")
    object.__setattr__(query, "sort", "size")  # the tests check types when a query is made
    with pytest.raises(ConfigError, match="sort is 'size', expected one of score, name, date, duration"):
        searcher(query)


def test_a_library_without_clips():
    empty = ToyLibrary({})
    assert Searcher(empty)("a person walks").notes == ("this library has no clips",)


def test_more_events_than_frames():
    library = ToyLibrary({"tiny": [("walk", 0.1)], "b": [("walk", 3), ("sit", 3)]})
    result = Searcher(library)(Query(events=("walks", "sits", "walks", "sits"), top=5))
    tiny = next(hit for hit in result.hits if hit.clip.name == "tiny")
    assert [match.span for match in tiny.events] == [None] * 4
    assert not tiny.good
