"""``chronomotion decompose`` as a user calls it."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from test_cli import run

sys.path.insert(0, str(Path(__file__).parents[1] / "decompose"))
from misbehaving_server import MisbehavingServer, events, status

from chronomotion.corpus import Clip, Corpus, CorpusWriter
from chronomotion.language.caption import Caption, Events

CAPTIONS = ["A person walks forward, then sits down.", "A man jumps.", "Ein Mann läuft"]


@pytest.fixture
def workplace(tmp_path: Path) -> Path:
    (tmp_path / "captions.txt").write_text("\n".join(CAPTIONS) + "\n\n", encoding="utf-8")
    rows = [{"n": n, "text": text, "kind": "x"} for n, text in enumerate(CAPTIONS, start=5)]
    (tmp_path / "captions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    table = {
        "000001": {
            "path": "a",
            "annotations": [{"text": 3}, *({"text": text, "start": 0, "end": 1} for text in CAPTIONS)],
        },
        "000002": {"path": "b", "annotations": []},
    }
    (tmp_path / "annotations.json").write_text(json.dumps(table))
    return tmp_path


def corpus_in(folder: Path) -> Corpus:
    """Two clips: the captions of one nobody has split, those of the other carry events with times."""
    known = Events(("a person walks.", "a person sits."), ((0.0, 1.0), (1.0, 2.0)), ("walk", "sit"), "test 1")
    with CorpusWriter(folder, dim=5, fps=20.0, description={"licence": "CC0-1.0", "source": "test"}) as writer:
        tagged = Caption(CAPTIONS[0], 0.5, 1.5, tags=(("walk", "VERB"),))
        writer.add(Clip("000001", np.zeros((40, 5), np.float32), (tagged, Caption(CAPTIONS[1]))))
        writer.add(Clip("000002", np.ones((40, 5), np.float32), (Caption("A person walks, then sits.", events=known),)))
        return writer.finish({"train": ["000001"], "test": ["000002"]})


def rows_of(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def test_text_becomes_json_lines_and_a_summary_goes_aside(workplace: Path) -> None:
    done = run("decompose", "captions.txt", cwd=workplace)
    rows = rows_of(done.stdout)
    assert [row["text"] for row in rows] == CAPTIONS
    assert rows[0]["events"] == ["a person walks forward.", "a person sits down."]
    assert {row["source"] for row in rows} == {"rules/2"}
    assert "läuft" in done.stdout
    assert done.stderr.startswith("3 captions, ")
    assert "by rules/2: 3" in done.stderr
    assert run("-q", "decompose", "captions.txt", cwd=workplace).stderr == ""


def test_what_the_lines_are_numbered_by_is_kept(workplace: Path) -> None:
    rows = rows_of(run("decompose", "captions.jsonl", cwd=workplace).stdout)
    assert [(row["n"], row["text"]) for row in rows] == list(enumerate(CAPTIONS, start=5))
    assert list(rows[0]) == ["n", "text", "events", "source"]
    for source in ("annotations.json", "."):
        rows = rows_of(run("decompose", source, cwd=workplace).stdout)
        assert [(row["id"], row["n"], row["text"]) for row in rows] == [
            ("000001", number, text) for number, text in enumerate(CAPTIONS, start=1)
        ]


@pytest.mark.parametrize("file", ["captions.txt", "captions.jsonl"])
def test_standard_input(workplace: Path, file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told = io.TextIOWrapper(io.BytesIO((workplace / file).read_bytes()))
    monkeypatch.setattr(sys, "stdin", told)
    done = run("decompose", "-", cwd=workplace)
    assert done.stdout == run("decompose", file, cwd=workplace).stdout


def test_explain_says_why(workplace: Path) -> None:
    told = run("decompose", "captions.txt", "--explain", cwd=workplace).stdout
    first = told.splitlines()[:4]
    assert first[:3] == [CAPTIONS[0], "  1  a person walks forward.", "  2  a person sits down."]
    assert "then" in first[3]
    run("decompose", "captions.txt", "--explain", "--out", "out/events.jsonl", cwd=workplace)
    rows = rows_of((workplace / "out" / "events.jsonl").read_text(encoding="utf-8"))
    assert rows[0]["why"]
    assert "why" not in rows[1]
    as_json = run("decompose", "captions.txt", "--explain", "--json", cwd=workplace)
    assert rows_of(as_json.stdout) == rows
    assert json.loads(as_json.stderr)["events_a_caption"]["2"] == 1


def test_explain_says_what_the_check_of_words_doubts(workplace: Path) -> None:
    row = {"text": "A man juggles.", "events": ["a person waits."], "doubt": "lost: juggles", "mark": "by hand"}
    (workplace / "doubted.jsonl").write_text(json.dumps(row) + "\n")
    explained = run("decompose", "doubted.jsonl", "--with", "recorded", "--explain", cwd=workplace).stdout
    assert explained.splitlines() == [
        "A man juggles.",
        "  1  a person waits.",
        "     by hand",
        "     in doubt: lost: juggles",
    ]


def test_what_is_suspicious_goes_to_a_file(workplace: Path) -> None:
    rows = [
        {"text": "a", "events": ["a person walks then sits."]},
        {"text": "b", "events": ["a person walks."]},
        {"text": "c"},
    ]
    (workplace / "odd.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = run(
        "decompose", "odd.jsonl", "--with", "recorded", "--suspicious", "odd.out", "--out", "o", "--json", cwd=workplace
    )
    summary = json.loads(done.stdout)
    assert done.stderr == ""
    assert (summary["captions"], summary["suspicious"]) == (3, 2)
    first, second = rows_of((workplace / "odd.out").read_text())
    assert first["suspicious"] == {"a connective left inside": "a person walks then sits."}
    assert second["mark"] == "no events recorded, left in one piece"


@pytest.mark.parametrize("source", ["captions.txt", "captions.jsonl", "annotations.json", "corpus"])
def test_a_round_trip_loses_nothing(workplace: Path, source: str) -> None:
    corpus_in(workplace / "corpus")
    run("decompose", source, "--explain", "--out", "events.jsonl", cwd=workplace)
    again = ["--with", "recorded", "--recorded", "events.jsonl", "--explain", "--out"]
    run("decompose", source, *again, "again.jsonl", cwd=workplace)
    run("decompose", "events.jsonl", "--with", "recorded", "--explain", "--out", "own.jsonl", cwd=workplace)
    assert (workplace / "events.jsonl").read_bytes() == (workplace / "again.jsonl").read_bytes()
    assert (workplace / "events.jsonl").read_bytes() == (workplace / "own.jsonl").read_bytes()


def test_a_corpus_gets_events(workplace: Path) -> None:
    before = corpus_in(workplace / "corpus")
    done = run("decompose", "corpus", "--into", "split", cwd=workplace)
    after = Corpus(workplace / "split")
    assert f"fingerprint {after.fingerprint}" in done.stdout
    first, second = after.captions("000001")
    assert first.events == Events(("a person walks forward.", "a person sits down."), source="rules/2")
    assert (first.start, first.end, first.tags) == (0.5, 1.5, (("walk", "VERB"),))
    assert second.events is not None
    assert after.info["licence"] == "CC0-1.0"
    assert {split: after.split(split) for split in after.splits} == {"train": ["000001"], "test": ["000002"]}
    np.testing.assert_array_equal(after.stats[0], before.stats[0])
    run("decompose", "corpus", "--with", "recorded", "--into", "same", cwd=workplace)
    kept = Corpus(workplace / "same")
    assert kept.captions("000002") == before.captions("000002")
    assert "events by" in run("info", "split", cwd=workplace).stdout


def test_published_events_of_a_corpus(workplace: Path) -> None:
    """The corpus has lost the first caption of its source: numbers are those of the annotations."""
    corpus_in(workplace / "corpus")
    (workplace / "event_texts").mkdir()
    for number, texts in enumerate((["wrong"], ["A person walks.", "The person sits."], ["A man jumps."])):
        (workplace / "event_texts" / f"000001_{number}.json").write_text(json.dumps({"events": texts}))
    published = ["--with", "recorded", "--recorded", "event_texts"]
    rows = rows_of(run("decompose", "corpus", *published, cwd=workplace).stdout)
    assert [row["events"] for row in rows[:2]] == [["A person walks.", "The person sits."], ["A man jumps."]]
    assert [row["source"] for row in rows] == ["event_texts", "event_texts", "test 1"]
    (workplace / "annotations.json").unlink()
    done = run("decompose", "corpus", *published, cwd=workplace, check=False)
    assert done.returncode == 1
    assert "numbered by the captions of annotations.json, which is not beside it" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["nowhere.txt"], 1, "nowhere.txt: cannot be read: No such file"),
        (["empty"], 1, "empty is neither a corpus nor a folder with annotations.json"),
        (["bad.jsonl"], 1, "bad.jsonl:2: text: expected text, found int"),
        (["bad.json"], 1, "bad.json: '7': expected an object with a list of annotations"),
        (["blank.txt"], 1, "blank.txt: no captions"),
        (["latin.txt"], 1, "latin.txt:1: not UTF-8 text"),
        (["captions.txt", "--into", "x"], 2, "--into makes a copy of a corpus, but captions.txt is none"),
        (["corpus", "--into", "corpus"], 1, "corpus exists and is not empty"),
        (["corpus", "--into", "x", "--out", "y"], 2, "--out and --into"),
        (["captions.txt", "--recorded", "x"], 2, "--recorded x goes with --with recorded, not with rules"),
        (["captions.txt", "--with", "recorded", "--recorded", "nowhere"], 1, "nowhere: cannot be read"),
        (["captions.txt", "--with", "recorded", "--recorded", "bad.jsonl"], 1, "bad.jsonl:2: text"),
        (["captions.txt", "--with", "llm"], 2, "--with llm needs --base-url"),
        (["captions.txt", "--dry-run"], 2, "--dry-run goes with --with llm"),
        (["captions.txt", "--with", "magic"], 2, "magic"),
        (["--frob", "captions.txt"], 2, "--frob"),
        (["captions.txt", "--frob"], 2, "--frob"),
        ([], 2, "SOURCE"),
    ],
)
def test_errors_are_one_line(workplace: Path, arguments: list[str], status: int, message: str) -> None:
    (workplace / "empty").mkdir()
    (workplace / "bad.jsonl").write_text('{"text": "walks"}\n{"text": 7}\n')
    (workplace / "bad.json").write_text('{"7": 7}')
    (workplace / "blank.txt").write_text("\n \n")
    (workplace / "latin.txt").write_bytes("läuft".encode("latin-1"))
    corpus_in(workplace / "corpus")
    before = sorted(path.name for path in workplace.iterdir())
    done = run("decompose", *arguments, cwd=workplace, check=False)
    assert done.returncode == status
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert message in done.stderr
    assert sorted(path.name for path in workplace.iterdir()) == before


def test_a_dry_run_asks_nothing(workplace: Path) -> None:
    options = ["--with", "llm", "--base-url", "http://127.0.0.1:9/v1", "--model", "m", "--dry-run"]
    done = run("decompose", "captions.txt", *options, cwd=workplace)
    assert done.stdout.startswith("3 captions, 3 of them distinct")
    assert done.stderr == ""


def test_a_language_model_is_asked_once(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was answered is kept, what cannot be used falls back to the rules with a mark, in the summary too."""
    for name in ("CHRONOMOTION_LLM_KEY", "OPENAI_API_KEY", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with MisbehavingServer() as server:
        server.script[CAPTIONS[1]] = [events("A man eats."), events("A man sleeps.")]
        options = ["--with", "llm", "--base-url", server.url, "--model", "toy", "--answers", "answers.jsonl", "--json"]
        done = run("-v", "decompose", "captions.txt", *options, cwd=workplace)
        asked = len(server.asked)
        again = run("decompose", "captions.txt", *options, cwd=workplace)
        assert len(server.asked) == asked
    rows = rows_of(done.stdout)
    assert again.stdout == done.stdout
    assert (rows[0]["source"], rows[1]["source"]) == ("llm/toy/1", "rules/2")
    assert rows[1]["mark"].startswith("fell back to rules/2: ")
    assert "HTTP" not in done.stderr
    assert json.loads(done.stderr)["suspicious_by_kind"]["not split by the chosen method"] == 1


def test_a_refusing_language_model_is_one_line(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHRONOMOTION_LLM_KEY", "wrong")
    with MisbehavingServer() as server:
        server.before = lambda body: status(401, "no such key")
        options = ["--with", "llm", "--base-url", server.url, "--model", "toy", "--answers", "a.jsonl", "--out", "x"]
        done = run("decompose", "captions.txt", *options, cwd=workplace, check=False)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "401" in done.stderr
    assert not (workplace / "x").exists()


def test_tags_from_spacy_are_said_in_the_source(workplace: Path) -> None:
    pytest.importorskip("spacy")
    rows = rows_of(run("decompose", "captions.txt", "--tagger", "spacy", cwd=workplace).stdout)
    assert rows[0]["events"] == ["a person walks forward.", "a person sits down."]
    assert {row["source"] for row in rows} == {"rules+spacy/2"}


def test_nothing_half_written_stays_after_an_error(workplace: Path) -> None:
    """The second caption's record is broken: the first one was done by then."""
    (workplace / "event_texts").mkdir()
    (workplace / "event_texts" / "000001_1.json").write_text('{"events": ["walks"]}')
    (workplace / "event_texts" / "000001_2.json").write_text("{")
    options = ["--with", "recorded", "--recorded", "event_texts", "--out", "out.jsonl", "--suspicious", "odd.jsonl"]
    before = sorted(path.name for path in workplace.iterdir())
    done = run("decompose", "annotations.json", *options, cwd=workplace, check=False)
    assert done.returncode == 1
    assert "000001_2.json:1: not JSON" in done.stderr
    assert sorted(path.name for path in workplace.iterdir()) == before


@pytest.mark.slow
def test_a_reader_that_goes_away_is_no_error(workplace: Path) -> None:
    (workplace / "many.txt").write_text("A person walks, then sits.\n" * 20_000)
    command = [sys.executable, "-m", "chronomotion", "decompose", "many.txt"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=workplace, env={**os.environ}, stdout=pipe, stderr=pipe, text=True) as process:
        assert json.loads(process.stdout.readline())["events"] == ["a person walks.", "a person sits."]
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 0


@pytest.mark.slow
def test_an_interrupt_is_one_line_and_leaves_nothing(workplace: Path) -> None:
    (workplace / "many.txt").write_text("A person walks, then sits.\n" * 400_000)
    before = sorted(path.name for path in workplace.iterdir())
    command = [sys.executable, "-m", "chronomotion", "decompose", "many.txt", "--out", "out.jsonl"]
    with subprocess.Popen(command, cwd=workplace, env={**os.environ}, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and not list(workplace.glob(".*.part*")) and process.poll() is None:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        errors = process.stderr.read()
    assert process.returncode == 130, errors
    assert errors == "chronomotion: interrupted\n"
    assert sorted(path.name for path in workplace.iterdir()) == before
