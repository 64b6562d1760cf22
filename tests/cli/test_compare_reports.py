"""``chronomotion compare`` as a user calls it."""

import json
from pathlib import Path

import pytest
from test_cli import run

OLD = Path(__file__).parents[1] / "evaluation" / "reports" / "format_1.json"


@pytest.fixture
def two(tmp_path):
    """Two reports of one test, and one of another corpus."""
    found = json.loads(OLD.read_text())
    for name, change in {"a": {}, "b": {"model": "other"}, "elsewhere": {"corpus_fingerprint": "feed"}}.items():
        (tmp_path / f"{name}.json").write_text(json.dumps({**found, **change}))
    return tmp_path


def test_a_table_in_three_styles(two):
    assert "| figure | shuffled | other | gain |" in run("compare", "a.json", "b.json", cwd=two).stdout
    assert r"\toprule" in run("compare", "a.json", "b.json", "--format", "latex", cwd=two).stdout
    found = json.loads(run("compare", "a.json", "b.json", "--json", cwd=two).stdout)
    assert found["models"] == ["shuffled", "other"]


@pytest.mark.parametrize(
    ("files", "status", "message"),
    [
        (["a.json", "elsewhere.json"], 1, "corpus_fingerprint is"),
        (["a.json"], 2, "1 report to compare"),
        (["a.json", "nothing.json"], 1, "nothing.json: no such file"),
    ],
)
def test_what_cannot_be_compared_is_told_in_one_line(two, files, status, message):
    done = run("compare", *files, cwd=two, check=False)
    assert done.returncode == status
    assert done.stdout == ""
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_evaluate_draws_places_and_takes_ids(tmp_path):
    run("compose", "corpus", "--train", 2, "--val", 0, "--test", 6, cwd=tmp_path)
    (tmp_path / "ids.txt").write_text("test-00003\ntest-00001\n")
    done = run(
        "evaluate", "random", "corpus", "--localise", "windows", "--dissimilar", "ids.txt",
        "--picture", "figures/random",
        "--json", cwd=tmp_path,
    )  # fmt: skip
    report = json.loads(done.stdout)
    assert report["protocols"]["dissimilar"]["motions"] == 2
    assert report["localisation"]["clips"] == 6
    assert (tmp_path / "figures" / "random.svg").is_file()
    assert (tmp_path / "figures" / "random.png").is_file()
    refused = run("evaluate", "nowhere", "corpus", "--picture", "x.gif", cwd=tmp_path, check=False)
    assert "x.gif: a picture is written as .svg or .png, not .gif" in refused.stderr  # before the model is looked for
    refused = run("evaluate", "bag-of-events", "corpus", "--localise", "order", cwd=tmp_path, check=False)
    assert refused.returncode == 1
    assert "--localise needs a model with encode_text and encode_motion" in refused.stderr
