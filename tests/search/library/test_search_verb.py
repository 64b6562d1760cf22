"""`chronomotion search LIB QUERY`, as it is typed."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from chronomotion.cli.app import launch
from chronomotion.cli.search_library import lines_of
from chronomotion.search.records import EventMatch, Hit, LibraryClip, MotionReference, Query, SearchResult
from chronomotion.search.stored.indexing import index


@pytest.fixture(scope="module")
def home(toy_takes: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with takes and their library LIB. Not to be changed."""
    home = tmp_path_factory.mktemp("home")
    (home / "takes").symlink_to(toy_takes)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(Path(__file__).parent))
        patch.chdir(home)
        index([Path("takes")], Path("LIB"), "library_toys:model", workers=1)
    return home


@pytest.fixture
def typed(home: Path, monkeypatch, capsys):
    monkeypatch.chdir(home)
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    monkeypatch.setattr(sys, "argv", ["chronomotion"])

    def run(*arguments: object) -> tuple[int, str, str]:
        status = launch(["search", *map(str, arguments)])
        output = capsys.readouterr()
        return status, output.out, output.err

    return run


def names(out: str) -> list[str]:
    return [hit["clip"]["name"] for hit in json.loads(out)["hits"]]


def test_a_sentence(typed):
    status, out, _ = typed("LIB", "a person moves, then nods", "--unfold")
    assert status == 0
    rows = [line for line in out.splitlines() if not line.strip().startswith("below")]
    assert [row.split()[0] for row in rows] == ["1", "2", "3", "4"]
    assert sum("below: probably not in this library" in line for line in out.splitlines()) <= 1


def test_wide_names_keep_the_columns() -> None:
    names_of = ["take", "\u304a\u8f9e\u5100", "e\u0301te\u0301"]  # 4, 6 and 3 columns of a terminal
    clips = [LibraryClip(n, name, "takes", "f.bvh", 40, 20.0, 0.0, (), ()) for n, name in enumerate(names_of)]
    hits = tuple(Hit(clip, 1.0, (0.0, 2.0), (), float("nan"), good=True, duplicates=()) for clip in clips)
    lines = list(lines_of(SearchResult((), hits, 3, ()), Query("x"), coloured=False))
    assert [line.partition("1.000  ")[2].partition("2.00 s")[0] for line in lines] == [
        "take      ",
        "\u304a\u8f9e\u5100    ",
        "e\u0301te\u0301       ",
    ]


def test_a_sentence_that_is_too_long_is_told_with_both_lengths(typed) -> None:
    assert typed("LIB", "walk " * 3000)[2].strip().endswith("has 15000 characters, at most 10000 are read")


def test_a_file_in_the_place_of_a_library(typed, home: Path) -> None:
    file = next((home / "takes").iterdir())
    status, _, err = typed(file, "walks")
    assert status == 1
    assert err.strip().endswith("is a file, and a library is a folder: name another one")


def test_what_a_clip_is_called(typed):
    status, out, _ = typed("LIB", "take2", "--json")
    assert status == 0
    assert names(out)[0] == "take2"
    result = json.loads(out)
    assert result["total"] == 4
    assert result["hits"][0]["good"]
    assert result["hits"][0]["order_margin"] is None  # JSON has no NaN
    assert names(typed("LIB", "moves 3", "--json")[1])[0] == "take3"


def test_without_a_sentence_clips_are_listed(typed):
    status, out, _ = typed("LIB", "--where", 'name ~ take and not name = "take1"', "--sort", "name", "--unfold")
    assert status == 0
    assert [line.split()[1] for line in out.splitlines()] == ["take0", "take2", "take3"]
    assert names(typed("LIB", "--top", 2, "--offset", 1, "--json", "--unfold")[1]) == ["take1", "take2"]
    status, out, err = typed("LIB", "a person nods", "--where", "duration > 100")
    assert (status, out) == (0, "")
    assert err == "note: none of the 4 clips fits the filter\n"


def test_a_motion_as_query(typed):
    status, out, _ = typed("LIB", "--like", "take0", "--unfold", "--json")
    assert status == 0
    assert sorted(names(out)) == ["take1", "take2", "take3"]
    _, by_file, _ = typed("LIB", "--like", "takes/take0.npz", "--unfold", "--json")
    assert names(by_file) == names(out)  # the file is that clip, which is left out
    status, out, _ = typed("LIB", "--like", "takes/take0.npz@0.2-1.0", "--unfold")
    assert status == 0
    assert len(out.splitlines()) >= 3


def test_sentences_for_a_motion(typed):
    status, out, _ = typed("LIB", "--like", "take0", "--captions", "--top", 3)
    assert status == 0
    assert len(out.splitlines()) == 3
    assert all(line.endswith(("(library)", "(phrases)")) for line in out.splitlines())
    assert len(json.loads(typed("LIB", "--like", "take0", "--captions", "--json")[1])[0]["captions"]) == 10


def test_events_one_by_one(typed):
    status, out, _ = typed("LIB", "--events", "walks", "turns around", "--order", 2, "--json")
    assert status == 0
    assert json.loads(out)["events"] == ["walks", "turns around"]


def test_orders_of_the_query_at_0(typed):
    lists = [
        typed("LIB", "--events", *events, "--order", 0, "--json")[1]
        for events in (("nods", "walks"), ("walks", "nods"))
    ]
    first, second = ([(hit["clip"], hit["score"]) for hit in json.loads(out)["hits"]] for out in lists)
    assert first == second


def test_pictures_and_copies(typed, tmp_path):
    pytest.importorskip("PIL")
    strip, each, copies = tmp_path / "deep" / "strip.png", tmp_path / "strips", tmp_path / "copies"
    arguments = ["LIB", "take2", "--top", 1, "--strip", strip, "--to", each, "--copy-to", copies]
    status, out, err = typed(*arguments)
    assert status == 0
    assert len(out.splitlines()) == 1
    assert strip.read_bytes().startswith(b"\x89PNG")
    assert [path.name for path in each.iterdir()] == ["01-take2.png"]
    assert [path.name for path in copies.iterdir()] == ["take2.npz"]
    assert f"1 files in {copies}" in err
    (copies / "take2.npz").write_bytes(b"mine")
    assert typed(*arguments)[0] == 0
    assert (copies / "take2.npz").read_bytes() == b"mine"
    assert (copies / "take2-2.npz").is_file()


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        ([], 2, "give a library and a sentence: chronomotion search LIB"),
        (["LIB", "a", "person", "walks"], 2, 'in quotes: chronomotion search LIB "a person walks"'),
        (["LIB", "person", "walks"], 2, 'in quotes: chronomotion search LIB "person walks"'),
        (["nowhere", "walks"], 1, "nowhere: there is no such library; `chronomotion index SOURCE --to nowhere`"),
        (["takes", "walks"], 1, "takes is not a library: it has no library.json; `chronomotion index takes --to LIB`"),
        (["LIB", "walks", "--order", "3"], 2, "order is 3, expected 0 to 2"),
        (["LIB", "walks", "--order", "nan"], 2, "order is nan, expected 0 to 2"),
        (["LIB", "walks", "--where", "lenght < 3"], 2, "at 'lenght': no field of a clip"),
        (["LIB", "walks", "--where", "duration <"], 2, "ends too early"),
        (["LIB", "walks", "--top", "0"], 2, "top is 0"),
        (["LIB", "walks", "--rerank", "-1"], 2, "rerank is -1"),
        (["LIB", "walks", "--not", ""], 2, "none of them empty"),
        (["LIB", "walks", "--like", "take0"], 2, "a query has a sentence and a motion to be like: give one of them"),
        (["LIB", "walks", "--split", "test"], 2, "--split is for a corpus"),
        (["LIB", "walks", "--captions"], 2, "give one with --like"),
        (["LIB", "walks", "--strip", "strip.jpg"], 2, "a film strip is a .png, not '.jpg'"),
        (["LIB", "--like", "take9"], 1, "nor a motion file: there is no such file, and clips are called take"),
        (["LIB", "--like", "takes/captions.csv"], 1, "it is a file, and motion files are .amc, .bvh,"),
        (["LIB", "--like", "takes"], 1, "'takes' is neither a clip of the library nor a motion file: it is a folder"),
        (["LIB", "walks, " * 16 + "sits"], 2, "the query has 17 events, at most 16 are placed"),
        (["LIB", "--events", *["walks"] * 17], 2, "the query has 17 events, at most 16 are placed"),
        (["LIB", "--like", "take0@1-0.5"], 2, "ends at 0.5 s, not behind its start at 1 s"),
        (["LIB", "--like", "take0@5-6"], 1, "take0 has 1.45 s, the part to search with begins at 5 s"),
        (["a", "b", "walks", "--where", "duration < 3"], 2, "--where is for libraries"),
        (["a", "b", "walks", "--not", "falls"], 2, "--not is for libraries"),
        (["a", "b", "c", "d"], 2, "give a library and a sentence"),
    ],
)  # fmt: skip
def test_errors_are_one_line(typed, arguments, status, message):
    done, out, err = typed(*arguments)
    assert (done, out) == (status, "")
    assert message in err
    assert err.startswith("chronomotion: ")
    assert err.count("\n") == 1


def hit(name: str, good: bool, events: tuple[EventMatch, ...] = (), alike: int = 0) -> Hit:
    clip = LibraryClip(1, name, "takes", f"{name}.bvh", 80, 20.0, 0.0)
    return Hit(clip, 1.5, (1.0, 2.0), events, good=good, duplicates=(clip,) * alike)


def test_lines_say_when_and_where_results_stop_being_good():
    walks = EventMatch("a person walks.", (0.5, 2.25), 0.7, 0.99, True)
    falls = EventMatch("a person falls.", (3.0, 4.0), 0.1, 0.2, False)
    nowhere = EventMatch("a person falls.", None, float("nan"), 0.0, False)
    result = SearchResult(
        ("a person walks.", "a person falls."),
        (
            hit("take_1", True, (walks, walks)),
            hit("a", False, (walks, falls), alike=2),
            hit("b", False, (nowhere, falls)),
        ),
        9,
    )
    lines = list(lines_of(result, Query("a person walks, then falls", offset=10), coloured=False))
    assert lines == [
        " 11   1.500  take_1    4.00 s  walks 0.5-2.2  walks 0.5-2.2",
        "     below: probably not in this library",
        " 12   1.500  a         4.00 s  walks 0.5-2.2  falls: not found  (+2 alike)",
        " 13   1.500  b         4.00 s  falls: not found  falls: not found",
    ]
    coloured = list(lines_of(result, Query("a person walks, then falls"), coloured=True))
    assert not coloured[0].startswith("\x1b")
    assert all(line.startswith("\x1b[2m") and line.endswith("\x1b[0m") for line in coloured[1:])


def test_lines_of_a_motion_as_query():
    result = SearchResult((), (hit("a", True), hit("b", False)), 2)
    lines = list(lines_of(result, Query(like=MotionReference("take.bvh")), coloured=False))
    assert lines[0] == "  1   1.500  a    4.00 s  1.0-2.0"
    assert lines[1] == "     below: no more alike than other clips of this library"
    assert list(lines_of(SearchResult((), (), 0), Query(), coloured=False)) == []
    assert np.isnan(result.hits[0].order_margin)
