"""What a user hears, in one line, of what cannot be done or is not read; and where answers go."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import torch
from test_cli import SMALL, run

from chronomotion.corpus import Corpus
from chronomotion.corpus.writer import recaptioned
from chronomotion.language.caption import Caption, Events
from chronomotion.model.device import best_device

FAR = " ".join(["on"] * 140)


@pytest.fixture(scope="module")
def workplace(tmp_path_factory):
    """A corpus, one whose captions are longer than the language model reads, one that is not split, and a model."""
    folder = tmp_path_factory.mktemp("one-line")
    (folder / "small.toml").write_text(SMALL)
    run("compose", "corpus", "--train", 32, "--val", 0, "--test", 8, cwd=folder)
    run("train", "corpus", "model", "--config", "small.toml", "--negatives", "none", cwd=folder)
    plain = Corpus(folder / "corpus")
    texts = [plain.captions(name)[0].text for name in plain.names]
    long = [Events((f"a person walks {FAR}.", "a person nods.", f"a person sits {i}.")) for i in range(len(texts))]
    told = [Caption(" ".join(events.texts), events=events) for events in long]
    # Of eight clips to test with, six are short.
    kept = set(plain.split("test")[:6])
    recaptioned(
        plain,
        folder / "long",
        [plain.captions(name) if name in kept else [one] for name, one in zip(plain.names, told, strict=True)],
    )
    recaptioned(plain, folder / "unsplit", [[Caption(text)] for text in texts])
    return folder


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["search", "model", "corpus", ""], "the query is empty: give a sentence"),
        (["search", "nowhere", "corpus", " \t\n"], "the query is empty: give a sentence"),
        (["search", "model", "corpus", "a person walks", "--top", 0], "at least 1 clip has to be asked for, not 0"),
        (["search", "model", "corpus", "a person walks", "--top", -1], "at least 1 clip has to be asked for, not -1"),
        (["evaluate", "model", "corpus", "--out", "folder/"], "a report goes to a file that ends in .json, .md, .tex"),
        (["evaluate", "model", "corpus", "--out", "r.txt"], "r.txt does not end so"),
        (["evaluate", "model", "corpus", "--out", "."], ". is a folder"),
        (["evaluate", "model", "corpus", "--shuffles", "0"], "--shuffles"),
        (["evaluate", "model", "corpus", "--picture", "p.doc"], "a picture is written as .svg or .png"),
        (["evaluate", "model", "--suite", "kit"], "no suite 'kit'; there are procedural"),
        (["compose", "new", "--events", "4", "2"], "events must be (least, most)"),
        (["convert", "corpus", "new", "--features", "--format", "bvh"], "--features are written as .npy"),
        (["decompose", "corpus", "--with", "llm"], "--with llm needs --base-url"),
        (["decompose", "corpus", "--recorded", "x"], "--recorded x goes with --with recorded"),
        (["compare"], "0 report to compare: give two or more"),
        (["render", "corpus"], "corpus is a corpus: name a clip with --clip"),
        (["render", "corpus", "--clip", "test-00001", "--to", "a.txt"], "pictures are .png (film strip)"),
        (["import", "corpus", "new", "--trim", "some"], "--trim must be auto or a number of frames"),
        (["--threads", "0", "info", "corpus"], "--threads must be a whole number from 1 on, not '0'"),
    ],
)
def test_wrong_usage_is_one_line(workplace, arguments, message):
    before = sorted(workplace.iterdir())
    done = run(*arguments, cwd=workplace, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert message in done.stderr
    assert sorted(workplace.iterdir()) == before


ON_A_DEVICE = [
    ["train", "corpus", "new"],
    ["evaluate", "model", "corpus"],
    ["event-times", "corpus", "new", "--model", "model"],
    ["search", "model", "corpus", "a person walks"],
    ["export", "model", "new"],
]


@pytest.mark.parametrize("verb", ON_A_DEVICE, ids=lambda verb: verb[0])
def test_a_device_that_nobody_knows_is_wrong_usage(workplace, verb):
    done = run(*verb, "--device", "quantum", cwd=workplace, check=False)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert re.search(r"\Wauto\W+cpu\W+cuda\W+mps\W", done.stderr)  # quotes differ between versions of cyclopts


@pytest.mark.parametrize(("cuda", "mps", "best"), [(True, True, "cuda"), (False, True, "mps"), (False, False, "cpu")])
def test_the_device_auto_is_the_best_one_there_is(monkeypatch, cuda, mps, best):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert best_device() == best


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is CUDA here")
@pytest.mark.parametrize("verb", ON_A_DEVICE, ids=lambda verb: verb[0])
def test_cuda_where_there_is_none_is_one_line(workplace, verb):
    done = run(*verb, "--device", "cuda", cwd=workplace, check=False)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
    assert "device 'cuda' cannot be used here" in done.stderr
    assert "there are: cpu" in done.stderr


@pytest.mark.parametrize("ending", [".json", ".md", ".tex", ".MD"])
def test_a_report_is_whole_whichever_of_its_files_is_named(workplace, tmp_path, ending):
    (tmp_path / "r.v2.json").write_text("{}")  # of another time
    run("evaluate", "random", "corpus", "--out", tmp_path / f"r.v2{ending}", cwd=workplace)
    names = [f"r.v2{ending if one == ending.lower() else one}" for one in (".json", ".md", ".tex")]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
    assert json.loads((tmp_path / "r.v2.json").read_text())["model"] == "random"
    assert (tmp_path / names[1]).read_text().startswith("# random on corpus")
    assert (tmp_path / names[2]).read_text().startswith("% random on corpus")


def test_json_is_all_that_standard_output_gets(workplace):
    done = run("decompose", "corpus", "--into", "again", "--json", cwd=workplace)
    summary = json.loads(done.stdout)
    assert summary["corpus"] == "again"
    assert summary["fingerprint"] == Corpus(workplace / "again").fingerprint
    done = run("evaluate", "--request", "corpus", "--out", "request", "--json", cwd=workplace)
    asked = json.loads(done.stdout)
    assert asked["fingerprint"] == json.loads((workplace / "request" / "request.json").read_text())["fingerprint"]
    url = ["--base-url", "http://127.0.0.1:9/v1", "--model", "none", "--answers", "answers.jsonl"]
    done = run("decompose", "corpus", "--with", "llm", *url, "--dry-run", "--json", cwd=workplace)
    assert json.loads(done.stdout)["captions"] == 40


def test_an_evaluation_without_events_names_the_command_that_splits_captions(workplace):
    done = run("evaluate", "model", "unsplit", cwd=workplace)
    (line,) = done.stderr.splitlines()
    command = re.search(r"chronomotion (decompose .*)$", line)[1]
    assert line.startswith("no CAR: it needs clips whose first caption has two different events or more")
    assert command in done.stdout
    run(*command.split(), cwd=workplace)
    assert run("evaluate", "model", "unsplit-events", cwd=workplace).stderr == ""


def test_captions_that_are_not_read_to_their_end_are_counted(workplace):
    done = run("train", "long", "model-long", "--config", "small.toml", "--negatives", "none", cwd=workplace)
    expected = "32 of 32 captions of split train are longer than 128 tokens: the rest is not read\n"
    assert done.stderr == expected
    assert run("train", "corpus", "model", "--config", "small.toml", "--negatives", "none", cwd=workplace).stderr == ""


def test_clips_whose_orders_differ_only_behind_what_is_read_are_left_out(workplace):
    done = run("evaluate", "model", "long", "--json", cwd=workplace)
    found = json.loads(done.stdout)
    assert found["clips"] == 6
    assert found["cut_texts"]["trials"] == 2
    assert found["cut_texts"]["tokens"] == 128
    assert re.fullmatch(
        r"\d+ of \d+ texts are longer than 128 tokens: what stands behind is not read; 2 clips whose orders differ "
        r"only there are left out\n",
        done.stderr,
    )
    whole = json.loads(run("evaluate", "model", "corpus", "--json", cwd=workplace).stdout)
    assert (whole["clips"], whole["cut_texts"]["texts"]) == (8, 0)


def test_a_query_that_is_not_read_to_its_end_is_told(workplace):
    done = run("search", "model", "corpus", f"a person walks {FAR}", cwd=workplace)
    assert done.stderr == "the query is longer than 128 tokens: what stands behind them is not read\n"
    assert run("search", "model", "corpus", "a person walks", cwd=workplace).stderr == ""


def test_a_clip_with_a_number_that_is_none_is_named(workplace, monkeypatch):
    features = Corpus.features

    def broken(corpus: Corpus, name: str):
        found = features(corpus, name).copy()
        if name == "test-00003":
            found[7, 5] = float("nan")
        return found

    monkeypatch.setattr(Corpus, "features", broken)
    for arguments in (["search", "model", "corpus", "a person walks"], ["evaluate", "model", "corpus"]):
        done = run(*arguments, *(["--no-store"] if "evaluate" in arguments else []), cwd=workplace, check=False)
        assert (done.returncode, done.stdout) == (1, "")
        assert re.search(r"chronomotion: clip 'test-00003'( of corpus)?: feature 5 of frame 7 is nan", done.stderr)
        assert "Traceback" not in done.stderr


def test_the_help_tells_of_threads_and_of_how_it_ends(workplace: Path):
    said = " ".join(run("--help", cwd=workplace).stdout.split())
    assert "--threads" in said
    assert "143 terminated" in said
