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


@pytest.fixture(scope="module")
def second(workplace):
    """A second corpus, and a file of settings that names both with weights."""
    run("compose", "other", "--train", 32, "--val", 8, "--test", 0, "--seed", 3, cwd=workplace)
    corpora = 'corpora = ["corpus", {path = "other", weight = 2}]\nstatistics = "each"'
    settings = SETTINGS.replace('corpus = "corpus"', corpora).replace('dest = "model"', 'dest = "two"')
    (workplace / "two.toml").write_text(settings.replace("epochs = 2", "epochs = 1"))
    return workplace


def test_a_file_names_several_corpora_and_the_command_line_too(second):
    run("train", "two.toml", cwd=second)
    saved = json.loads((second / "two" / "training.json").read_text())
    assert [part["weight"] for part in saved["corpus"]] == [1, 2]
    assert (saved["statistics"], saved["batches"]) == ("each", "mixed")
    assert saved["result"]["steps"] == 12, "32 clips and twice 32; 8 and their twins a batch"
    assert {"judged on corpus", "judged on other"} <= saved["result"].keys()
    same = [*("corpus", "other", "two"), "--weights", "1,2", "--config", "two.toml", "--resume"]
    done = run("train", *same, cwd=second, check=False)
    assert "--resume: two has no checkpoint.pt" in done.stderr
    run("train", "corpus", "other", "two", "--weights", "1,2", "--config", "two.toml", cwd=second)
    assert json.loads((second / "two" / "training.json").read_text()) == saved, "it is the same run, which is over"
    done = run("train", "other", "corpus", "two", "--config", "two.toml", cwd=second, check=False)
    assert "holds a model of another run: corpus is" in done.stderr


def test_a_dry_run_of_several_counts_the_clips_of_an_epoch(second):
    said = run("train", "two.toml", "nowhere", "--dry-run", cwd=second).stdout
    assert "steps         12 (1 epochs of 96 clips)" in said


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["corpus", "other"], 2, "other is a corpus, and the model would go there"),
        (["corpus", "other", "new", "--weights", "1"], 2, "--weights 1: 1 for 2 corpora; give one for each"),
        (["corpus", "other", "new", "--weights", "1,x"], 2, "--weights 1,x: expected numbers with commas"),
        (["corpus", "other", "new", "--weights", "1,0"], 1, "the weight of other is 0: it must be a positive number"),
        (["two.toml", "corpus", "new"], 2, "two.toml names its corpora itself: only the folder of the model"),
        (["corpus", "corpus", "new"], 1, "corpus and corpus cannot be trained on together: they are the same corpus"),
        (["corpus", "other", "nowhere", "new"], 1, "nowhere is not a corpus"),
        (["corpus", "other", "new", "--set", "batches=all"], 2, "flags: batches must be one of mixed, one-corpus, not"),
    ],
)
def test_mistakes_with_several_corpora_are_one_line(second, arguments, status, message):
    done = run("train", *arguments, cwd=second, check=False)
    assert done.returncode == status
    assert done.stderr.startswith(f"chronomotion: {message}")
    assert done.stderr.count("\n") == 1
    assert not (second / "new").exists()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("corpora = []", "corpora must be a list of folders, not []"),
        ('corpora = "a"', "corpora must be a list of folders, not 'a'"),
        ('corpora = ["a", 3]', "corpora, entry 2: expected a folder, or {path = FOLDER, weight = 2}, not 3"),
        ('corpora = [{path = "a", wieght = 2}]', "corpora, entry 1: unknown key 'wieght'; known are path, weight"),
        ('corpora = [{path = "a", weight = -1}]', "corpora, entry 1: weight must be a positive number, not -1"),
        ('corpora = [{path = "a", weight = true}]', "corpora, entry 1: weight must be a positive number, not True"),
        ('corpora = ["a"]\ncorpus = "b"', "both corpus and corpora: give the one or the other"),
        ('corpus = ["a", "b"]', "corpus is one folder, not ['a', 'b']: call the list corpora"),
    ],
)
def test_a_list_of_corpora_in_a_file_is_checked(tmp_path, line, message):
    (tmp_path / "run.toml").write_text(line)
    done = run("train", "run.toml", "new", cwd=tmp_path, check=False)
    assert done.returncode == 2
    assert done.stderr == f"chronomotion: run.toml: {message}\n"


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
