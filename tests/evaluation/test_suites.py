"""Benchmarks with a name: the same corpus everywhere, or an error that says so."""

import logging
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "importers"))
from wild_folders import annotation, annotations, humanml3d, kitml, save, text, toy_features

from chronomotion.corpus.importers import import_corpus
from chronomotion.errors import ConfigError, CorpusError
from chronomotion.evaluation import suites
from chronomotion.evaluation.evaluate import evaluate
from chronomotion.evaluation.reference import BagOfEvents, RandomVectors
from chronomotion.evaluation.suites import SUITES, SuiteData, open_suite
from toys import MOVES, move

ANOTHER_PROCESSOR = {
    "OPENBLAS_CORETYPE": "Nehalem",
    "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX2 FMA3 AVX512F AVX512CD AVX512_SKX AVX512_ICL AVX512_SPR",
}
"""Makes numpy and OpenBLAS compute as on a machine of 2008; names that the machine has not do nothing."""


def on_two_machines(code, folder):
    """What the code prints here and as on another processor, in two processes at the same time; the folders are its
    arguments."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", code, str(folder / name)],
            env={**os.environ, **env},
            stdout=subprocess.PIPE,
            text=True,
        )
        for name, env in (("here", {}), ("there", ANOTHER_PROCESSOR))
    ]
    return [process.communicate()[0].strip() for process in processes]


COMPOSE = """
import sys
from chronomotion.corpus.compose.compose import compose
from chronomotion.corpus.compose.sources import ProceduralClips
print(compose(ProceduralClips(7), sys.argv[1], {"train": 8, "test": 12}, order="uniform", seed=7).fingerprint)
"""


def test_a_procedural_corpus_has_the_same_bytes_in_every_process(tmp_path):
    """The pinned fingerprint was computed with numpy 2.4; 1.26 gives it, too."""
    assert on_two_machines(COMPOSE, tmp_path) == ["e74239c8d235cf6bcbfdf37e6adf6510"] * 2
    for name in ("captions.jsonl", "motions.arrow", "corpus.json", "splits/test.txt"):
        assert (tmp_path / "here" / name).read_bytes() == (tmp_path / "there" / name).read_bytes()


OPEN = """
import sys
from pathlib import Path
from chronomotion.evaluation.suites import SuiteData, open_suite
print(open_suite("procedural", SuiteData(Path(sys.argv[1])))[1].fingerprint)
"""


@pytest.mark.slow
def test_the_procedural_suite_is_what_its_fingerprint_says(tmp_path):
    assert on_two_machines(OPEN, tmp_path) == [SUITES["procedural"].fingerprint] * 2
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    suite, corpus = open_suite("procedural", SuiteData(tmp_path / "here"))
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before, "it is made once"
    random = evaluate(RandomVectors(), corpus, suite=suite.name)
    assert random.car.low <= 50 <= random.car.high
    assert random.protocols["story"].t2m["R@10"] < 5
    bag = evaluate(BagOfEvents(), corpus, suite=suite.name)
    for test in bag.order.values():
        assert (test.car.value, test.car.ties, test.car_all.value) == (0.0, 100.0, 0.0)
    assert bag.protocols["story"].t2m["R@10"] > 99
    assert not set(suite.protocols) & set(bag.left_out)


@pytest.fixture
def small(monkeypatch):
    """Composed suites of a few motions; nothing is pinned for them."""
    monkeypatch.setattr(suites, "_COUNTS", {"train": 4, "test": 6})
    for name in ("procedural", "composed"):
        monkeypatch.setitem(SUITES, name, replace(SUITES[name], fingerprint=None))


def test_another_corpus_than_the_pinned_one_is_refused(small, monkeypatch, tmp_path):
    monkeypatch.setitem(SUITES, "procedural", replace(SUITES["procedural"], fingerprint="f" * 32))
    with pytest.raises(CorpusError, match=r"suite procedural: .* has the fingerprint [0-9a-f]{32}, expected f{32}: "):
        open_suite("procedural", SuiteData(tmp_path))


def labelled(folder, count=10):
    """Toy takes of two actions with their table."""
    rows = ["file,label"]
    for action in sorted(MOVES)[:4]:
        for i in range(count):
            save(folder / "takes" / f"{action}-{i}.npy", move(action, np.random.default_rng(i)).positions)
            rows.append(f"{action}-{i}.npy,{action}")
    text(folder / "labels.csv", *rows)
    return folder / "takes", folder / "labels.csv"


def test_a_suite_of_the_users_recordings(small, tmp_path, caplog):
    clips, labels = labelled(tmp_path)
    data = SuiteData(tmp_path / "cache", clips=clips, labels=labels)
    with caplog.at_level(logging.INFO):
        suite, corpus = open_suite("composed", data)
    assert suite.statement(corpus) in caplog.messages
    assert f"corpus {corpus.fingerprint}, split test (6 clips), 5 shuffles, seed 0" in suite.statement(corpus)
    assert open_suite("composed", data)[1].folder == corpus.folder
    save(clips / "nod-0.npy", move("nod", np.random.default_rng(99)).positions)
    assert open_suite("composed", data)[1].folder != corpus.folder, "other recordings are another corpus"
    with pytest.raises(ConfigError, match="give --clips FOLDER and --labels TABLE"):
        open_suite("composed", SuiteData(tmp_path / "cache", clips=clips))


def opened(name, corpus):
    return open_suite(name, SuiteData(corpus.parent / "cache", corpus=corpus))


def test_humanml3d_as_published(tmp_path, caplog):
    src = humanml3d(tmp_path / "HumanML3D", ids=42)
    names = [f"{number:06d}" for number in range(2, 42)]
    text(src / "nsim_test.txt", *names[:5])
    import_corpus(src, tmp_path / "corpus")
    suite, corpus = opened("humanml3d", tmp_path / "corpus")
    assert caplog.messages == [
        "suite humanml3d: split test has 40 clips, the published one 4384: published figures are of another test"
    ]
    assert corpus.split(suite.split) == names
    report = evaluate(RandomVectors(), corpus, split=suite.split, k=suite.k, seed=suite.seed, suite=suite.name)
    assert report.suite == "humanml3d"
    assert report.protocols["dissimilar"].texts == 5
    caplog.clear()
    suite.check(report)
    assert [message.split(" was ")[0] for message in caplog.messages] == [
        "suite humanml3d: protocol threshold",
        "suite humanml3d: protocol distractors",
    ]
    assert "it needs sentence embeddings" in caplog.messages[0]


def test_humanml3d_with_events_has_order_too(tmp_path):
    """The layout of ChronAccRet brings events."""
    spoken = {name: annotation(name, (f"{name} walks, then sits.", 0, 3), path=name) for name in ("000001", "000002")}
    src = annotations(tmp_path / "src", spoken, files={name: toy_features(i) for i, name in enumerate(spoken)})
    for name in spoken:
        text(src / "event_texts" / f"{name}_0.json", '{"events": ["A person walks.", "The person sits."]}')
    text(src / "splits" / "test.txt", *spoken)
    import_corpus(src, tmp_path / "corpus")
    suite, corpus = opened("humanml3d", tmp_path / "corpus")
    report = evaluate(BagOfEvents(), corpus, suite=suite.name)
    assert (report.clips, report.car.ties) == (2, 100.0)


def test_kitml_as_published(tmp_path):
    src = kitml(tmp_path / "KIT-ML")
    text(src / "test.txt", "00002")
    import_corpus(src, tmp_path / "corpus")
    suite, corpus = opened("kitml", tmp_path / "corpus")
    assert corpus.split(suite.split) == ["00002"]
    with pytest.raises(CorpusError, match=r"no corpus for suite humanml3d: it has skeleton kitml, 251 numbers a frame"):
        opened("humanml3d", tmp_path / "corpus")


def test_what_no_suite_can_be_measured_on(tmp_path, toy_corpus):
    with pytest.raises(ConfigError, match="no suite 'kit'; there are procedural, composed, humanml3d, kitml"):
        open_suite("kit", SuiteData(tmp_path))
    with pytest.raises(ConfigError, match="suite kitml needs your corpus: chronomotion evaluate MODEL CORPUS"):
        open_suite("kitml", SuiteData(tmp_path))
    with pytest.raises(
        CorpusError, match=r"src is not a corpus: import it first, chronomotion import .*src NEW_FOLDER"
    ):
        opened("humanml3d", humanml3d(tmp_path / "src"))
    with pytest.raises(CorpusError, match="was not imported .it is toy motions of the tests.: suite humanml3d is"):
        opened("humanml3d", toy_corpus.folder)
