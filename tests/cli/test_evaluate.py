"""``chronomotion evaluate`` on models of every kind, as a user calls it."""

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file
from test_cli import interrupted, run

from chronomotion.evaluation import suites
from chronomotion.evaluation.suites import SUITES

STRANGER = """
import time
import numpy as np

class Stranger:
    pause = 0.0

    def encode_text(self, texts):
        time.sleep(self.pause)
        with open("calls.txt", "a") as stream:
            stream.writelines(f"{text}\\n" for text in texts)
        return np.array([[1.0, len(text), text.count(".")] for text in texts])

    def encode_motion(self, motions):
        return np.array([[1.0, len(motion), np.abs(motion).mean()] for motion in motions])

class Slow(Stranger):
    pause = 2.0
    fingerprint = "slow 1"

class Broken(Stranger):
    def encode_motion(self, motions):
        return np.full((len(motions), 3), np.nan)

class Compares:
    def similarity(self, texts, motions):
        return np.array([[float(len(text) % 7 - len(motion) % 5) for motion in motions] for text in texts])
"""


@pytest.fixture(scope="module")
def workplace(tmp_path_factory):
    """A folder with a corpus and a stranger's module."""
    folder = tmp_path_factory.mktemp("evaluate")
    run("compose", "corpus", "--train", 0, "--val", 0, "--test", 40, cwd=folder)
    (folder / "stranger.py").write_text(STRANGER)
    return folder


@pytest.fixture(autouse=True)
def forgotten(workplace, monkeypatch):
    """The module is imported anew, from the folder that is current in the command."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield
    sys.modules.pop("stranger", None)


def report(*arguments, cwd):
    return json.loads(run("evaluate", *arguments, "--json", cwd=cwd).stdout)


def test_a_model_in_python(workplace):
    found = report("--model", "stranger:Stranger", "corpus", cwd=workplace)
    assert (found["model"], found["model_fingerprint"]) == ("stranger:Stranger", "")
    assert found["clips"] == 40
    assert found == {**report("stranger:Stranger", "corpus", cwd=workplace), "date": found["date"]}


def test_a_model_with_a_similarity_alone(workplace):
    found = report("--model", "stranger:Compares", "corpus", cwd=workplace)
    assert found["order"]["events, neutral"]["car"]["clips"] == 40


def test_the_reference_models(workplace):
    random = report("random", "corpus", cwd=workplace)["order"]["events, neutral"]["car"]
    assert random["low"] <= 50 <= random["high"]
    bag = report("bag-of-events", "corpus", cwd=workplace)
    assert {(test["car"]["value"], test["car"]["ties"]) for test in bag["order"].values()} == {(0.0, 100.0)}


def test_without_any_code(workplace):
    """What is asked is written to a folder, and one file answers it."""
    said = run("evaluate", "--request", "corpus", "--out", "request", "--shuffles", 3, cwd=workplace).stdout
    assert said.startswith("request: ")
    info = json.loads((workplace / "request" / "request.json").read_text())
    rng = np.random.default_rng(0)
    tensors = {name: rng.normal(size=(info[name], 6)).astype(np.float16) for name in ("texts", "motions")}
    metadata = {"request": info["fingerprint"], "model": "somebody's"}
    save_file(tensors, workplace / "answers.safetensors", metadata=metadata)
    steps = (workplace / "request" / "README.md").read_text()
    command = "chronomotion evaluate corpus --split test --shuffles 3 --seed 0 --embeddings answers.safetensors"
    assert f"`{command}`" in steps
    found = report(*command.split()[2:], cwd=workplace)
    assert (found["model"], found["shuffles"], len(found["model_fingerprint"])) == ("somebody's", 3, 32)
    done = run("evaluate", "corpus", "--embeddings", "answers.safetensors", cwd=workplace, check=False)
    assert done.returncode == 1
    assert "answers.safetensors answers request" in done.stderr


def test_embeddings_are_kept_for_a_model_that_is_named(workplace):
    calls = workplace / "calls.txt"
    for arguments, encodes in ((["--store", "mine"], True), (["--store", "mine"], False), ([], True)):
        calls.unlink(missing_ok=True)
        report("stranger:Stranger", "corpus", *arguments, cwd=workplace)
        assert calls.exists() == encodes
    calls.unlink()
    report("stranger:Stranger", "corpus", "--store", "mine", "--no-store", cwd=workplace)
    assert calls.exists()


def test_the_numpy_model_of_the_examples(workplace, monkeypatch):
    """A stranger's model from end to end: trained on one corpus, measured on another one."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "examples"))
    run("compose", "practice", "--train", 150, "--val", 0, "--test", 0, "--seed", 5, cwd=workplace)
    monkeypatch.setenv("TRAIN", "practice")
    found = report("numpy_model:Ridge", "corpus", cwd=workplace)
    test = found["order"]["events, neutral"]
    assert test["car"]["low"] > 60
    assert test["blind_exchange"]["value"] < 60
    assert found["protocols"]["story"]["t2m"]["R@10"] > 50  # chance is 25


def test_a_suite_fixes_what_is_asked(workplace, monkeypatch):
    monkeypatch.setattr(suites, "_COUNTS", {"test": 34})
    monkeypatch.setitem(SUITES, "procedural", replace(SUITES["procedural"], fingerprint=None))
    found = report("random", "--suite", "procedural", cwd=workplace)
    assert (found["suite"], found["split"], found["shuffles"], found["clips"]) == ("procedural", "test", 5, 34)
    run("evaluate", "--request", "--suite", "procedural", "--out", "asked", "--pointers", cwd=workplace)
    assert "`chronomotion evaluate --suite procedural --embeddings" in (workplace / "asked" / "README.md").read_text()


def test_several_corpora_are_measured_apart_and_a_table_shows_all(workplace, tmp_path):
    run("compose", "other", "--train", 0, "--val", 0, "--test", 30, "--seed", 5, cwd=workplace)
    places = ["corpus", "other"]
    alone = [report("stranger:Stranger", place, cwd=workplace) for place in places]
    done = run("evaluate", "stranger:Stranger", *places, "--to", tmp_path / "reports", "--json", cwd=workplace)
    together = json.loads(done.stdout)
    assert [{**one, "date": ""} for one in together] == [{**one, "date": ""} for one in alone]
    files = {path.name for path in (tmp_path / "reports").iterdir()}
    assert files == {f"{place}{ending}" for place in places for ending in (".json", ".md", ".tex")}
    said = run("evaluate", "stranger:Stranger", *places, cwd=workplace).stdout
    table = said[said.index("| corpus |") :].splitlines()
    car = [one["order"]["events, neutral"]["car"]["value"] for one in alone]
    assert table[2].startswith(f"| corpus | 40 | {car[0]:.1f} |")
    assert table[3].startswith(f"| other | 30 | {car[1]:.1f} |")


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        ([], 2, "evaluate needs a MODEL: a folder, --model, --embeddings or --request"),
        (["random"], 2, "evaluate needs a CORPUS, or --suite NAME"),
        (["random", "corpus", "corpus", "--suite", "humanml3d"], 2, "--suite goes with one CORPUS, not with 2: corpus"),
        (["--request", "corpus", "corpus"], 2, "--request goes with one CORPUS, not with 2: corpus corpus"),
        (["random", "corpus", "corpus", "--picture", "a"], 2, "--picture goes with one CORPUS, not with 2"),
        (["random", "corpus", "corpus", "--to", "a.json"], 2, "of several corpora --to names a folder"),
        (["random", "corpus", "--own-stats", "--stats", "corpus"], 2, "--own-stats and --stats exclude one another"),
        (["random", "corpus", "--own-stats"], 2, "--stats and --text-model go with a model's folder, not with random"),
        (["--model", "random", "--embeddings", "x", "corpus"], 2, "--model and --embeddings exclude one another"),
        (["--request", "corpus"], 2, "--request needs --to FOLDER"),
        (["random", "--suite", "procedural", "--shuffles", 2], 2, "suite procedural fixes --shuffles"),
        (["random", "corpus", "--clips", "x"], 2, "--clips and --labels go with --suite composed"),
        (["random", "--suite", "kit"], 2, "no suite 'kit'; there are procedural, composed, humanml3d, kitml"),
        (["random", "--suite", "humanml3d"], 2, "suite humanml3d needs your corpus"),
        (["random", "corpus", "--suite", "kitml"], 1, "corpus is no corpus for suite kitml: it has skeleton humanml3d"),
        (
            ["stranger:Nobody", "corpus"],
            1,
            "stranger has no 'Nobody'; it has time, np, Stranger, Slow, Broken, Compares",
        ),
        (["stranger:Broken", "corpus"], 1, "encode_motion gave numbers that are not finite for input 0 ('test-00000')"),
        (["--embeddings", "stranger.py", "corpus"], 1, "stranger.py cannot be read as a safetensors file"),
    ],
)
def test_errors_are_one_line(workplace, arguments, status, message):
    done = run("evaluate", *arguments, cwd=workplace, check=False)
    assert (done.returncode, done.stdout) == (status, "")
    assert len(done.stderr.splitlines()) == 1
    assert message in done.stderr


@pytest.mark.slow
def test_an_interrupted_evaluation_goes_on(workplace):
    """SIGINT in the middle: status 130, one line more, and the second run encodes what the first had not."""
    calls = workplace / "calls.txt"
    calls.unlink(missing_ok=True)
    shutil.rmtree(workplace / "cache" / "embeddings", ignore_errors=True)
    kept = workplace / "cache" / "embeddings"
    status, errors = interrupted(
        "evaluate", "stranger:Slow", "corpus", cwd=workplace, when=lambda: list(kept.glob("*/texts-00000*"))
    )
    assert status == 130, errors
    assert "the same command goes on from there" in errors
    assert errors.endswith("chronomotion: interrupted\n")
    assert len(list(kept.glob("*/texts-*"))) == 1
    first = calls.read_text().splitlines()
    calls.unlink()
    found = report("stranger:Slow", "corpus", cwd=workplace)
    second = calls.read_text().splitlines()
    assert len(first) == 256
    assert second
    assert not set(first) & set(second)
    assert found["model_fingerprint"] == "slow 1"
    calls.unlink()
    report("stranger:Slow", "corpus", cwd=workplace)
    assert not calls.exists()
