import json
import zlib

import numpy as np
import pytest

from chronomotion.corpus import Clip, CorpusWriter
from chronomotion.errors import CorpusError, FormatError
from chronomotion.evaluation.chronology import ChronologyTest, bootstrap_interval, make_trials
from chronomotion.evaluation.evaluate import evaluate
from chronomotion.evaluation.report import Report
from chronomotion.language.caption import Caption, Events
from chronomotion.language.wording import neutral

ACTS = ("walks", "sits down", "jumps", "waves")
DIM = 24


def place(events):
    """A vector that tells which event stands at which place."""
    vector = np.zeros((4, len(ACTS)))
    for at, event in enumerate(events):
        vector[at, ACTS.index(event)] = 1
    return vector.ravel()


def corpus_of(folder, stories):
    """Clips whose features tell their stories: one number a frame for every place and act."""
    with CorpusWriter(folder, dim=16, fps=20.0, description={}) as writer:
        for number, story in enumerate(stories):
            events = Events(tuple(f"a person {act}." for act in story), source="test")
            writer.add(
                Clip(f"{number:03d}", np.tile(place(story), (5, 1)).astype(np.float32), (Caption("x", events=events),))
            )
        return writer.finish({"test": [f"{number:03d}" for number in range(len(stories))]})


def stories(count=60, seed=0):
    rng = np.random.default_rng(seed)
    return [tuple(rng.permutation(ACTS)[: rng.integers(2, 5)].tolist()) for _ in range(count)]


class Oracle:
    """Reads the order from motion and text alike."""

    def encode_text(self, texts):
        told = [[sentence.strip().removeprefix("a person ") for sentence in text.split(".")[:-1]] for text in texts]
        return np.stack([place(events) for events in told])

    def encode_motion(self, motions):
        return np.stack([motion.mean(0) for motion in motions]).astype(np.float64)


class Bag(Oracle):
    """Knows which events there are and nothing of their order."""

    def encode_text(self, texts):
        return super().encode_text(texts).reshape(-1, 4, len(ACTS)).sum(1)

    def encode_motion(self, motions):
        return super().encode_motion(motions).reshape(-1, 4, len(ACTS)).sum(1)


class Chance:
    """A random vector for every text and motion."""

    def encode_text(self, texts):
        return np.stack([np.random.default_rng(zlib.crc32(text.encode())).normal(size=DIM) for text in texts])

    def encode_motion(self, motions):
        return np.stack([np.random.default_rng(i).normal(size=DIM) for i, _ in enumerate(motions)])


class Prejudice(Chance):
    """Prefers texts in alphabetical order and never looks at the motion."""

    def encode_text(self, texts):
        told = [[neutral(s) for s in text.split(".") if s.strip()] for text in texts]
        pairs = [[a < b for i, a in enumerate(e) for b in e[i + 1 :]] for e in told]
        share = np.array([np.mean(one) if one else 0.5 for one in pairs])
        return np.stack([share, np.sqrt(np.maximum(1e-9, 1 - share**2))], axis=1)

    def encode_motion(self, motions):
        return np.tile([1.0, 0.0], (len(motions), 1))


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return corpus_of(tmp_path_factory.mktemp("chronology") / "c", stories())


def measured(model, corpus, **settings):
    return ChronologyTest(model, corpus, corpus.split("test"), **settings)


def test_a_model_that_knows_order_wins_everything(corpus):
    test = measured(Oracle(), corpus)
    assert test.car().value == 100.0
    assert test.car_all().value == 100.0
    assert (test.margins() > 0).all()
    assert set(test.car_by_events()) == {2, 3, 4}
    assert sum(one.clips for one in test.car_by_events().values()) == test.car().clips == 60


def test_a_bag_of_events_ties_and_ties_are_not_won(corpus):
    test = measured(Bag(), corpus)
    for verdict in (test.car(), test.car_all()):
        assert (verdict.value, verdict.ties) == (0.0, 100.0)


def test_chance_is_half(tmp_path):
    test = measured(Chance(), corpus_of(tmp_path / "c", stories(400)), k=3)
    verdict = test.car()
    assert verdict.low <= 50.0 <= verdict.high
    assert abs(test.blind_exchange().value - 50) < 5


def test_the_blind_controls_show_a_preference_for_orders(tmp_path):
    habit = [tuple(sorted(story)) for story in stories(100)]
    test = measured(Prejudice(), corpus_of(tmp_path / "c", habit))
    assert test.car().value > 95
    assert test.blind_exchange().value > 95
    assert test.blind_mean().value > 95


def test_exchanged_motions_are_other_motions_of_as_many_events(corpus):
    test = measured(Oracle(), corpus)
    for number in range(5):
        for trial, given in zip(test.trials, test._exchanged(number), strict=True):
            (partner,) = [i for i, m in enumerate(test.motions) if np.array_equal(m, given)][:1]
            assert test.trials[partner].count == trial.count


def test_trials_do_not_depend_on_each_other(corpus):
    names = corpus.split("test")
    whole = {trial.clip: trial for trial in make_trials(corpus, names, k=4, seed=1)}
    (alone,) = make_trials(corpus, names[17:18], k=4, seed=1)
    assert whole[alone.clip] == alone
    assert len(alone.shuffled) == 4
    assert len(alone.others) == {2: 1, 3: 5, 4: 23}[alone.count]
    assert alone.right not in alone.shuffled + alone.others


def test_equal_events_have_no_trial(tmp_path):
    corpus = corpus_of(tmp_path / "c", [("walks", "walks"), ("jumps",)])
    with pytest.raises(CorpusError, match="none of 2 clips .* has two different events"):
        measured(Oracle(), corpus)


def test_the_interval_holds_the_mean_and_is_the_same_every_time():
    values = np.random.default_rng(0).integers(0, 2, 200).astype(float)
    low, high = bootstrap_interval(values, "x", 0)
    assert low < values.mean() < high
    assert (low, high) == bootstrap_interval(values, "x", 0)
    assert 0.10 < high - low < 0.17  # 2 * 1.96 * sqrt(.25 / 200) = 0.139


def test_a_report_is_saved_and_read_again(corpus, tmp_path):
    report = evaluate(Oracle(), corpus, model_name="oracle")
    report.save(tmp_path / "reports" / "oracle.json")
    assert Report.load(tmp_path / "reports" / "oracle.json") == report
    assert "| CAR | 100.0 [100.0, 100.0] |" in (tmp_path / "reports" / "oracle.md").read_text()
    assert report.corpus_fingerprint == corpus.fingerprint
    assert report.retrieval["t2m"]["R@1"] == 100.0
    assert report.order_tolerance["R@1"] < 50.0
    path = tmp_path / "other.json"
    path.write_text(json.dumps({**json.loads(report.model_dump_json()), "format_version": 2}))
    with pytest.raises(FormatError, match=r"other\.json: not a report of ours"):
        Report.load(path)
