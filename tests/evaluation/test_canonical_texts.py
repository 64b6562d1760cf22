"""Questions in canonical texts, and the options that ask them."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "cli"))
from test_cli import run

from chronomotion.corpus import Clip, CorpusWriter
from chronomotion.evaluation.evaluate import evaluate
from chronomotion.evaluation.questions import Questions
from chronomotion.evaluation.reference import BagOfEvents
from chronomotion.language.canonical import canonical
from chronomotion.language.caption import Caption, Events

CLIPS = {
    "a": ("A happy man strolls in the park, then lifts a box", ("a happy man strolls in the park.", "he lifts a box.")),
    "b": ("He grabs a cup and then a ball", ("he grabs a cup.", "he grabs a ball.")),
    "c": ("She jogs and sits", ("she jogs.", "she sits.")),
    "d": ("A sad man waves on stage", None),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("texts")
    rng = np.random.default_rng(0)
    with CorpusWriter(folder / "corpus", dim=263, fps=20.0, description={"licence": "CC0-1.0"}) as writer:
        for name, (text, events) in CLIPS.items():
            told = None if events is None else Events(events, spans=((0.0, 1.0), (1.0, 2.0)))
            features = rng.normal(size=(40, 263)).astype(np.float32)
            writer.add(Clip(name, features, (Caption(text, events=told),)))
        writer.finish({"test": list(CLIPS)})
    return folder


@pytest.fixture
def corpus(folder):
    from chronomotion.corpus import Corpus

    return Corpus(folder / "corpus")


def test_every_text_is_canonical(corpus):
    questions = Questions(corpus, canonical=True)
    assert [canonical(text) for text in questions.texts] == questions.texts
    assert [questions.texts[place] for place in questions.captions] == [
        "a person walks. a person raises something.",
        "a person grabs something. a person grabs something.",
        "a person runs. a person sits.",
        "a person waves.",
    ]
    plain = Questions(corpus)
    assert plain.texts[0] == CLIPS["a"][0]
    assert plain.fingerprint != questions.fingerprint
    assert plain.fingerprint == Questions(corpus, canonical=False).fingerprint


def test_events_that_are_told_alike_are_no_trial(corpus):
    assert [trial.place for trial in Questions(corpus).trials] == [0, 1, 2]
    questions = Questions(corpus, canonical=True)
    assert [trial.place for trial in questions.trials] == [0, 2]
    for trial in questions.trials:
        for texts in trial.texts_by_wording.values():
            assert texts.right not in (*texts.shuffled, *texts.others)


def test_the_reference_model_knows_the_events_in_canonical_words(corpus):
    questions = Questions(corpus, canonical=True)
    answers = BagOfEvents().answers(questions)
    for trial in questions.trials:
        for texts in trial.texts_by_wording.values():
            assert np.allclose(answers.texts[texts.right], answers.motions[trial.place])


def test_a_report_has_the_trials_that_are_left(corpus):
    assert evaluate(BagOfEvents(), corpus).clips == 3
    assert evaluate(BagOfEvents(), corpus, canonical=True).clips == 2


def test_evaluate_and_request_with_canonical(folder):
    done = run("evaluate", "bag-of-events", "corpus", "--canonical", "--json", cwd=folder)
    report = json.loads(done.stdout)
    assert report["model"] == "bag-of-events, canonical texts"
    run("evaluate", "--request", "corpus", "--canonical", "--to", "request", cwd=folder)
    texts = [json.loads(line)["text"] for line in (folder / "request/texts.jsonl").read_text().splitlines()]
    assert texts == Questions(_opened(folder), canonical=True).texts
    assert "--canonical --embeddings" in (folder / "request/README.md").read_text()


def _opened(folder):
    from chronomotion.corpus import Corpus

    return Corpus(folder / "corpus")


def test_a_suite_fixes_its_texts(folder):
    done = run("evaluate", "random", "--suite", "procedural", "--canonical", cwd=folder, check=False)
    assert done.returncode == 2
    assert "suite procedural fixes --canonical: leave it out, or evaluate a corpus" in done.stderr


def test_decompose_says_the_canonical_caption(folder):
    (folder / "captions.txt").write_text("Before sitting, a man happily strolls across the room\n")
    row = json.loads(run("decompose", "captions.txt", "--canonical", cwd=folder).stdout)
    assert row["canonical"] == "a person walks. a person sits."
    assert "canonical" not in json.loads(run("decompose", "captions.txt", cwd=folder).stdout)
    said = run("decompose", "captions.txt", "--canonical", "--explain", cwd=folder).stdout
    assert said.rstrip().endswith("=  a person walks. a person sits.")
    done = run("decompose", "corpus", "--canonical", "--to", "copy", cwd=folder, check=False)
    assert done.returncode == 2
    assert "--canonical goes with JSON lines, not with a copy of a corpus: use --to FILE, not copy" in done.stderr
    assert not (folder / "copy").exists()


def test_search_asks_in_canonical_words(folder, monkeypatch):
    pytest.importorskip("torch")
    from chronomotion.cli import search as verb
    from chronomotion.model import motion_text

    asked = []

    class Silent:
        def __init__(self, *_):
            pass

        def search(self, query, top):
            asked.append(query)
            return []

    monkeypatch.setattr("chronomotion.search.CorpusSearch", Silent)
    monkeypatch.setattr(motion_text.MotionTextModel, "from_pretrained", lambda *_, **__: None)
    for canonical_query in (False, True):
        verb.run(str(folder), str(folder / "corpus"), "A man strolls on stage", canonical=canonical_query)
    assert asked == ["A man strolls on stage", "a person walks."]
