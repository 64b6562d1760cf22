"""`chronomotion train` as a user calls it: where settings come from, dry runs, resuming, the judge."""

import json

import pytest
from test_cli import run

SETTINGS = """
corpus = "corpus"
dest = "model"
epochs = 2
batch_size = 16
[model]
latent_dim = 32
ff_size = 64
num_layers = 1
frames_per_token = 8
"""


@pytest.fixture(scope="module")
def workplace(tmp_path_factory):
    folder = tmp_path_factory.mktemp("train")
    (folder / "run.toml").write_text(SETTINGS)
    run("compose", "corpus", "--train", 32, "--val", 8, "--test", 0, cwd=folder)
    return folder


def test_one_file_says_everything_and_the_best_weights_are_kept(workplace):
    done = run("train", "run.toml", "--json", cwd=workplace)
    assert json.loads(done.stdout)["parameters"] > 1000
    saved = json.loads((workplace / "model" / "training.json").read_text())
    assert saved["objective"]["kind"] == "graded", "our preset is the default"
    assert saved["result"]["best_step"] in {4, 8}
    assert 0 <= saved["result"]["judged"] <= 100


def test_a_dry_run_trains_nothing(workplace):
    found = json.loads(run("train", "run.toml", "nowhere", "--dry-run", "--json", cwd=workplace).stdout)
    assert not (workplace / "nowhere").exists()
    assert found["steps"] == 8
    assert found["seconds_per_step"] > 0
    assert found["otherwise"] == "bfloat16"
    assert found["seconds_otherwise"] > 0
    said = run(
        "train", "run.toml", "--dry-run", "--preset", "plain", "--set", "precision=bfloat16", cwd=workplace
    ).stdout
    assert "million" in said
    assert "s in bfloat16\n" in said
    assert "s with --set precision=float32\n" in said


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["train", "corpus"], 2, "where is the model to go? Give folders CORPUS DEST"),
        (["train", "run.toml", "--preset", "best"], 2, "--preset: no preset 'best'; there are chronaccret"),
        (["train", "run.toml", "--set", "model.size=3"], 2, "flags: [model]: unknown key 'size'; known are motion_dim"),
        (["train", "run.toml", "--set", "epochs"], 2, "--set epochs: expected KEY=VALUE"),
        (["train", "run.toml", "--batch-size", "1"], 2, "batch_size must be at least 2, not 1"),
        (["train", "run.toml", "new", "--resume"], 1, "--resume: new has no checkpoint.pt"),
        (["train", "nowhere.toml"], 1, "nowhere.toml: no such file"),
        (
            ["train", "run.toml", "--config", "run.toml"],
            2,
            "two files of settings: run.toml and run.toml: give one of them",
        ),
    ],
)
def test_mistakes_are_one_line(workplace, arguments, status, message):
    done = run(*arguments, cwd=workplace, check=False)
    assert done.returncode == status
    assert done.stderr.startswith(f"chronomotion: {message}")
    assert done.stderr.count("\n") == 1


def test_the_judgement_is_high_only_with_order_and_retrieval():
    from types import SimpleNamespace

    from chronomotion.evaluation.judge import judgement

    def report(car, t2m, m2t):
        return SimpleNamespace(car=SimpleNamespace(value=car), retrieval={"t2m": {"R@10": t2m}, "m2t": {"R@10": m2t}})

    assert judgement(report(100.0, 100.0, 100.0)) == 100
    assert judgement(report(45.0, 100.0, 100.0)) == 0
    assert judgement(report(75.0, 40.0, 60.0)) == 50
    assert judgement(report(100.0, 0.0, 0.0)) == 0
