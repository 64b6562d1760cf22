"""The command as a user calls it."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from typing import NamedTuple

import numpy as np
import pytest

from chronomotion.cli.app import app, launch
from chronomotion.errors import ChronomotionError
from chronomotion.motion.motion import Motion


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


def run(*arguments, cwd, check=True):
    """The command in this process, which has imported everything already."""
    out, errors = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(errors):
        patch.chdir(cwd)
        patch.setenv("CHRONOMOTION_CACHE", str(cwd / "cache"))
        status = launch([str(one) for one in arguments])
    if check:
        assert status == 0, errors.getvalue()
    return Done(status, out.getvalue(), errors.getvalue())


def interrupted(*arguments, cwd, when):
    """Status and standard error of the command in its own process, interrupted (SIGINT) when ``when()`` is true."""
    env = {**os.environ, "CHRONOMOTION_CACHE": str(cwd / "cache")}
    parts = [sys.executable, "-m", "chronomotion", *map(str, arguments)]
    with subprocess.Popen(parts, cwd=cwd, env=env, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and not when() and process.poll() is None:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        errors = process.stderr.read()
    return process.returncode, errors


SMALL = """
epochs = 2
batch_size = 16
learning_rate = 1e-3
[model]
latent_dim = 32
ff_size = 64
num_layers = 1
frames_per_token = 8
"""


@pytest.fixture(scope="module")
def workplace(tmp_path_factory):
    """A folder with a corpus and a model, made by the command."""
    folder = tmp_path_factory.mktemp("cli")
    (folder / "small.toml").write_text(SMALL)
    run("compose", "corpus", "--train", 32, "--val", 0, "--test", 12, cwd=folder)
    run("train", "corpus", "model", "--config", "small.toml", "--negatives", "shuffled", cwd=folder)
    return folder


def test_compose_says_what_it_made(workplace):
    done = run("compose", "again", "--train", 4, "--val", 2, "--test", 4, "--json", cwd=workplace)
    info = json.loads(done.stdout)
    assert info["splits"] == {"test": 4, "train": 4, "val": 2}
    assert len(info["composed"]["actions"]) >= 24


def test_evaluate_prints_and_saves(workplace):
    table = run("evaluate", "model", "corpus", "--out", "reports/model.json", cwd=workplace).stdout
    assert "| CAR, all orders |" in table
    saved = json.loads((workplace / "reports" / "model.json").read_text())
    printed = json.loads(run("evaluate", "model", "corpus", "--json", cwd=workplace).stdout)
    assert {**saved, "date": ""} == {**printed, "date": ""}


def test_search_finds_and_draws(workplace):
    query = "a person walks, then sits down"
    done = run("search", "model", "corpus", query, "--top", 2, "--strips", "found", "--json", cwd=workplace)
    rows = json.loads(done.stdout)
    assert [row["rank"] for row in rows] == [1, 2]
    assert all((workplace / row["strip"]).is_file() for row in rows)


def test_render_of_a_file_and_of_a_clip(workplace):
    run("render", "corpus", "--clip", "test-00001", "-o", "clip.png", cwd=workplace)
    assert (workplace / "clip.png").read_bytes().startswith(b"\x89PNG")
    done = run("render", "corpus", cwd=workplace, check=False)
    assert done.returncode == 2
    assert done.stderr == "chronomotion: corpus is a corpus: name a clip with --clip, for example --clip train-00000\n"
    np.save(workplace / "joints.npy", Motion(np.random.default_rng(0).normal(size=(9, 22, 3)), 20.0).positions)
    run("render", "joints.npy", cwd=workplace)
    assert (workplace / "joints.png").is_file()


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["evaluate", "model", "nowhere"], 1, "nowhere is not a corpus"),
        (["evaluate", "nowhere", "corpus"], 1, "nowhere does not hold a model of ours"),
        (["evaluate", "model", "corpus", "--split", "dev"], 1, "has no split 'dev'; it has test, train"),
        (["compose", "corpus"], 1, "corpus holds another corpus"),
        (["compose", "x", "--clips", "takes"], 2, "--clips FOLDER and --labels TABLE go together"),
        (
            ["train", "corpus", "model", "--config", "small.toml", "--negatives", "none"],
            1,
            "negatives is 'shuffled' there",
        ),
        (["compose"], 2, "--dest"),
        (["frobnicate"], 2, "frobnicate"),
        (["compose", "x", "--order", "sometimes"], 2, "sometimes"),
    ],
)
def test_errors_are_one_line(workplace, arguments, status, message):
    done = run(*arguments, cwd=workplace, check=False)
    assert done.returncode == status
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert message in done.stderr
    assert not (workplace / "x").exists()


def test_debug_shows_where_an_error_came_from(workplace):
    with pytest.raises(ChronomotionError, match="nowhere is not a corpus"):
        run("--debug", "evaluate", "model", "nowhere", cwd=workplace)


@pytest.mark.slow
def test_an_interrupted_training_goes_on(workplace):
    """SIGINT in the middle of a run: status 130, one line, and the same command ends where the whole run ended."""
    command = ["train", "corpus", "{}", "--config", "small.toml", "--epochs", "12", "--negatives", "counterfactual"]
    log = workplace / "parts" / "log.jsonl"
    status, errors = interrupted(
        *[c.format("parts") for c in command], cwd=workplace, when=lambda: log.exists() and log.stat().st_size > 0
    )
    assert status == 130, errors
    assert "the same command goes on from there" in errors
    assert errors.endswith("chronomotion: interrupted\n")
    assert "Traceback" not in errors
    assert (workplace / "parts" / "checkpoint.pt").exists()
    run(*[c.format("parts") for c in command], cwd=workplace)
    run(*[c.format("whole") for c in command], cwd=workplace)
    whole, again = ((workplace / name / "model.safetensors").read_bytes() for name in ("whole", "parts"))
    assert whole == again


@pytest.mark.slow
def test_a_small_demo(workplace):
    small = ["demo", "--train", 64, "--test", 20, "--out", "demo", "--json"]
    first = json.loads(run(*small, cwd=workplace).stdout)
    assert [row["recipe"] for row in first["rows"]] == ["none", "shuffled", "counterfactual", "chronomotion"]
    assert (workplace / first["found"]["strip"]).is_file()
    again = json.loads(run(*small, cwd=workplace).stdout)
    assert again == first
    done = run("demo", "--train", 64, "--test", 20, "--out", "demo", "--seed", 1, cwd=workplace, check=False)
    assert done.returncode == 1
    assert "holds another corpus" in done.stderr


def test_version_and_help(workplace):
    assert run("--version", cwd=workplace).stdout.startswith("0.")
    text = run("--help", cwd=workplace).stdout
    verbs = [name for name in app if not name.startswith("-")]
    assert len(verbs) >= 12
    for verb in verbs:
        assert verb in text
        said = run(verb, "--help", cwd=workplace).stdout
        assert f"Example: chronomotion {verb}" in said
        assert "----" not in said, "a heading of the docstring that was not understood as one"
