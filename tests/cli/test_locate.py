"""``chronomotion locate``: what it prints, draws and says of what cannot be done."""

import json

import numpy as np
import pytest
from test_cli import SMALL, run

from chronomotion.corpus import Corpus
from chronomotion.motion.features import motion_of


@pytest.fixture(scope="module")
def workplace(tmp_path_factory):
    """A corpus, a model, and a clip of the corpus as a file."""
    folder = tmp_path_factory.mktemp("locate")
    (folder / "small.toml").write_text(SMALL)
    run("compose", "corpus", "--train", 24, "--val", 0, "--test", 4, cwd=folder)
    run("train", "corpus", "model", "--config", "small.toml", "--negatives", "none", cwd=folder)
    corpus = Corpus(folder / "corpus")
    np.save(folder / "take.npy", motion_of(corpus.features("test-00000")).positions)
    np.save(folder / "short.npy", motion_of(corpus.features("test-00000")).positions[:4])
    return folder


WITH = ["--model", "model"]
QUERY = "a person walks, then sits down"


def test_a_file_and_a_clip_have_the_same_events(workplace):
    file = json.loads(run("locate", QUERY, "take.npy", *WITH, "--json", cwd=workplace).stdout)
    clip = json.loads(run("locate", QUERY, "corpus", "--clip", "test-00000", *WITH, "--json", cwd=workplace).stdout)
    assert [event["text"] for event in file["events"]] == ["a person walks.", "a person sits down."]
    assert [event["start"] for event in file["events"]] == pytest.approx(
        [event["start"] for event in clip["events"]], abs=0.3
    )
    first, second = file["events"]
    assert 0 <= first["start"] < first["end"] <= second["start"] < second["end"]
    assert set(first) == {"text", "start", "end", "score", "presence", "found"}
    assert file["orders"] == 2
    assert sorted(file["best_order"]) == ["a person sits down.", "a person walks."]
    assert isinstance(file["margin"], float)


def test_events_can_be_told_instead_of_a_query(workplace):
    told = run("locate", "take.npy", "--events", "walks", "sits down", *WITH, "--json", cwd=workplace)
    split = run("locate", QUERY, "take.npy", *WITH, "--json", cwd=workplace)
    assert told.stdout == split.stdout
    single = json.loads(run("locate", "take.npy", *WITH, "--json", "--events", "walks", cwd=workplace).stdout)
    assert single["margin"] is None


def test_lines_and_a_strip(workplace):
    done = run("locate", QUERY, "take.npy", *WITH, "--strip", "pictures/found.png", cwd=workplace)
    *events, words = done.stdout.splitlines()
    assert [line.split("  ")[-1] for line in events] == ["a person walks.", "a person sits down."]
    assert "order" in words
    assert (workplace / "pictures" / "found.png").read_bytes().startswith(b"\x89PNG")


def test_all_lists_every_occurrence(workplace):
    rows = json.loads(run("locate", QUERY, "take.npy", *WITH, "--all", "--json", cwd=workplace).stdout)["events"]
    assert {row["text"] for row in rows} == {"a person walks.", "a person sits down."}
    for row in rows:
        assert row["found"] == (row["start"] is not None)
    assert run("locate", QUERY, "take.npy", *WITH, "--all", cwd=workplace).stdout.count("found") == len(rows)


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        ([QUERY], 2, f'name the motion file behind the query: chronomotion locate "{QUERY}" FILE'),
        (["...", "take.npy"], 2, "the query is empty: give a sentence"),
        ([" ", "nowhere.bvh"], 2, "the query is empty: give a sentence"),
        ([QUERY, "take.npy", "--events", "walks", " "], 2, "--events: one of the events is empty"),
        ([QUERY, "nowhere.bvh"], 1, "nowhere.bvh: no such file or folder"),
        ([QUERY, "corpus"], 2, "corpus is a corpus: name a clip with --clip, for example --clip train-00000"),
        ([QUERY, "corpus", "--clip", "nobody"], 1, "nobody"),
        ([QUERY, "take.npy", "--clip", "test-00000"], 2, "--clip test-00000: take.npy is a file"),
        ([QUERY, "take.npy", "--strip", "found.jpg"], 2, "--strip found.jpg: film strips are .png, not '.jpg'"),
        ([QUERY, "take.npy", "--model", "nowhere"], 1, "nowhere does not hold a model of ours"),
        (["walks, sits, jumps, then waves", "short.npy", *WITH], 1, "short.npy: 3 frames hold no 4 events"),
    ],
)
def test_what_cannot_be_done_is_one_line(workplace, arguments, status, message):
    before = sorted(workplace.rglob("*"))
    done = run("locate", *arguments, cwd=workplace, check=False)
    assert done.returncode == status
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert message in done.stderr
    assert [path for path in sorted(workplace.rglob("*")) if "cache" not in path.parts] == [
        path for path in before if "cache" not in path.parts
    ]
