"""Example queries are sentences whose best clips are told so."""

from __future__ import annotations

import numpy as np
from library_toys import NumpyModel

from chronomotion.search.records import LibraryClip
from chronomotion.search.stored.examples import example_queries
from chronomotion.search.windows import WindowTable, ids_of


class Words(NumpyModel):
    """The vector of a text is that of its last word."""

    def encode_text(self, texts) -> np.ndarray:
        return super().encode_text([text.split()[-1] for text in texts])


MODEL = Words(dim=32)
WORDS = ["walks", "sits", "jumps", "bows", "turns"]


def clips_of(captions: dict[int, str]) -> dict[int, LibraryClip]:
    return {
        number: LibraryClip(number, f"clip{number}", "takes", "x", 40, 20.0, 0.0, (text,) if text else ())
        for number, text in captions.items()
    }


def table_of(shown: dict[int, str], rng: np.random.Generator) -> WindowTable:
    """Two windows a clip: what it shows, with some noise, and something else."""
    vectors = []
    for text in shown.values():
        (vector,) = MODEL.encode_text([text])
        vectors += [vector / np.linalg.norm(vector) + rng.normal(size=32) * 0.03, rng.normal(size=32)]
    rows = np.array(vectors)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    ids = np.concatenate([ids_of(number, 2) for number in shown])
    spans = np.tile(np.array([[0, 20], [20, 40]], np.int32), (len(shown), 1))
    return WindowTable(ids, np.repeat(list(shown), 2).astype(np.int32), spans, (rows[:7], rows[7:]))


def test_captions_that_find_their_own_clips_come_before_those_that_do_not() -> None:
    captions = {number: f"a person {WORDS[number - 1]}" for number in range(1, 6)}
    shown = captions | {4: "a person turns", 5: "a person bows"}  # two captions are wrong
    found = example_queries(MODEL, clips_of(captions), table_of(shown, np.random.default_rng(0)), ["a person kneels"])
    assert sorted(found) == ["a person jumps", "a person sits", "a person walks"]


def test_without_captions_the_phrases_that_stand_out_are_taken() -> None:
    shown = {number: f"someone {word}" for number, word in enumerate(WORDS[:3], start=1)}
    phrases = [f"a person {word}" for word in ("kneels", "walks", "crawls", "jumps", "rolls", "sits")]
    table = table_of(shown, np.random.default_rng(0))
    found = example_queries(MODEL, clips_of(dict.fromkeys(shown, "")), table, phrases)
    assert sorted(found) == ["a person jumps", "a person sits", "a person walks"]
    assert example_queries(MODEL, clips_of(dict.fromkeys(shown, "")), table, phrases[::-1]) == found


class Bags(NumpyModel):
    """The vector of a text is the sum of its verbs', in whatever order."""

    def encode_text(self, texts) -> np.ndarray:
        return super().encode_text([" ".join(word for word in WORDS if word in text) for text in texts])


def test_an_order_and_its_reverse_are_one_story() -> None:
    """All are answered rightly, and those that stand out most are two orders of the same events."""
    model = Bags(dim=32)
    stories = [("walks", "sits"), ("sits", "walks"), ("walks", "jumps"), ("bows",), ("turns",), ("turns", "bows")]
    captions = {n: "a person " + ", then ".join(story) for n, story in enumerate(stories, start=1)}
    noise = dict.fromkeys(captions, 0.3) | {1: 0.0, 2: 0.0, 3: 0.1}
    rng, rows = np.random.default_rng(0), []
    for number, text in captions.items():
        (vector,) = model.encode_text([text])
        rows.append(vector / np.linalg.norm(vector) + rng.normal(size=32) * noise[number] / 6)
    vectors = np.array(rows) / np.linalg.norm(rows, axis=1, keepdims=True)
    ids = np.concatenate([ids_of(number, 1) for number in captions])
    table = WindowTable(ids, np.array(list(captions), np.int32), np.tile(np.int32([[0, 20]]), (6, 1)), (vectors,))
    chosen = example_queries(model, clips_of(captions), table, [])
    assert len(chosen) == 3
    told = [frozenset(word for word in WORDS if word in text) for text in chosen]
    assert len(set(told)) == 3
    assert not told[0] & told[1]


def test_there_are_as_many_as_asked_where_all_find_the_same_clip() -> None:
    table = table_of({1: "a person walks"}, np.random.default_rng(0)).of([1])
    phrases = [f"a person {word}" for word in WORDS]
    assert len(example_queries(MODEL, clips_of({1: ""}), table, phrases)) == 3


def test_nothing_to_search_has_no_examples() -> None:
    assert example_queries(MODEL, {}, WindowTable.none(32), ["a person walks"]) == []
