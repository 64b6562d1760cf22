"""`chronomotion event-times` as a user calls it: a second model learns from times that a first one found."""

import json
from itertools import pairwise

import pytest
from test_cli import run

from chronomotion.corpus import Clip, Corpus, CorpusWriter
from chronomotion.language.caption import Events

SIZE = ["--set", "model.latent_dim=32", "--set", "model.ff_size=64", "--set", "model.num_layers=1", "--batch-size", 8]


@pytest.fixture(scope="module")
def workplace(tmp_path_factory):
    """A corpus whose events have neither labels nor times, and a first model of it."""
    from dataclasses import replace

    folder = tmp_path_factory.mktemp("times")
    run("compose", "known", "--train", 24, "--val", 0, "--test", 0, cwd=folder)
    known = Corpus(folder / "known")
    with CorpusWriter(folder / "corpus", dim=known.dim, fps=known.fps, description={"licence": "CC0-1.0"}) as writer:
        for name in known.names:
            (caption,) = known.captions(name)
            told = replace(caption, events=Events(caption.events.texts))
            writer.add(Clip(name, known.features(name), (told,)))
        writer.finish({"train": known.names})
    run("train", "corpus", "first", "--epochs", 1, "--judge", "none", "--preset", "plain", *SIZE, cwd=folder)
    return folder


def test_a_second_model_trains_on_what_the_first_one_found(workplace):
    loose = ["--model", "first", "--least-gap", "-2"]
    counts = json.loads(run("event-times", "corpus", "timed", *loose, "--json", cwd=workplace).stdout)
    assert counts == {"dest": "timed", "known": 0, "estimated": 24, "untimed": 0}
    timed = Corpus(workplace / "timed")
    for name in timed.names:
        spans = timed.captions(name)[0].events.spans
        assert spans[0][0] == 0.0
        assert all(a[1] == b[0] for a, b in pairwise(spans))
    run("train", "timed", "second", "--epochs", 1, "--judge", "none", *SIZE, cwd=workplace)
    assert json.loads((workplace / "second" / "training.json").read_text())["negatives"] == "counterfactual"


def test_a_stricter_gap_leaves_captions_without_times(workplace):
    done = run("event-times", "corpus", "strict", "--model", "first", "--least-gap", "2", cwd=workplace)
    assert "strict: 24 captions of two events or more" in done.stdout
    assert "without times    24 (another order fits as well or better" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["corpus", "known", "--model", "first"], "known holds another corpus (event_times is None there"),
        (["known", "new", "--model", "first"], "known: no caption has two events or more without times"),
        (["corpus", "new", "--model", "nowhere"], "nowhere"),
    ],
)
def test_mistakes_are_one_line(workplace, arguments, message):
    done = run("event-times", *arguments, cwd=workplace, check=False)
    assert done.returncode == 1
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (workplace / "new").exists()
