import json

import numpy as np
import pytest

from chronomotion.corpus import Clip, CorpusWriter
from chronomotion.errors import CorpusError, TrainingError
from chronomotion.language.caption import Caption, Events
from chronomotion.training.event_times import Tally, tally, with_event_times


class Steps:
    """A model of motions that are stretches of one number each: the share of each number in a window."""

    words = ("walks", "sits", "jumps")

    def encode_text(self, texts):
        return np.eye(3)[[next(i for i, word in enumerate(self.words) if word in text) for text in texts]]

    def encode_motion(self, motions):
        return np.stack([[(motion[:, 0] == i).mean() + 1e-3 for i in range(3)] for motion in motions])


def features(*stretches):
    return np.concatenate([np.full((frames, 263), step, np.float32) for step, frames in stretches])


def corpus_of(folder, captions):
    with CorpusWriter(folder, dim=263, fps=20.0, description={"licence": "CC0-1.0"}) as writer:
        writer.add(Clip("one", features((2, 40), (0, 60), (1, 50)), tuple(captions)))
        writer.add(Clip("two", features((0, 30), (1, 30)), (Caption("A person walks."),)))
        return writer.finish({"train": ["one", "two"], "test": []})


def test_events_get_the_times_at_which_they_happen(tmp_path):
    known = Events(("a person walks.", "a person jumps."), spans=((0.0, 1.0), (1.0, 2.0)))
    captions = [
        Caption("A person jumps, walks and sits.", events=Events(("jumps", "He walks", "sits."), source="rules")),
        Caption("Walks, then sits.", 3.0, 7.0, Events(("a person walks.", "a person sits."))),
        Caption("Sits, then walks, wrongly told.", events=Events(("a person sits.", "a person walks."))),
        Caption("Known already.", events=known),
        Caption("Nobody has split this one."),
    ]
    corpus = corpus_of(tmp_path / "c", captions)
    timed = with_event_times(corpus, tmp_path / "timed", Steps(), least_gap=0.05)
    first, second, wrong, same, unsplit = timed.captions("one")
    for found, true in ((first, [(0, 2), (2, 5), (5, 7.5)]), (second, [(3, 5), (5, 7)])):
        assert np.allclose(found.events.spans, true, atol=0.5)
        assert found.events.spans[0][0] == true[0][0]
        assert found.events.spans[-1][1] == true[-1][1]
    assert first.events.source == "rules; times estimated by a model"
    assert wrong.events.spans is None
    assert same.events == known
    assert unsplit.events is None
    assert (timed.split("train"), timed.split("test")) == (["one", "two"], [])
    assert np.array_equal(timed.features("two"), corpus.features("two"))
    assert timed.info["licence"] == "CC0-1.0"
    assert corpus.fingerprint in timed.info["event_times"]
    assert tally(corpus) == Tally(known=1, estimated=0, untimed=3)
    assert tally(timed) == Tally(known=1, estimated=2, untimed=1)


class Counting(Steps):
    """The model, which is interrupted once it has been asked about so many clips."""

    def __init__(self, most=100):
        self.asked, self.most = 0, most

    def encode_motion(self, motions):
        if self.asked == self.most:
            raise KeyboardInterrupt
        self.asked += 1
        return super().encode_motion(motions)


def test_an_interrupted_run_goes_on_and_another_gap_asks_nothing(tmp_path):
    told = Events(("a person walks.", "a person sits."))
    wrong = Events(("a person sits.", "a person walks."))
    with CorpusWriter(tmp_path / "c", dim=263, fps=20.0, description={}) as writer:
        for i in range(4):
            events = (Caption("Right.", events=told), Caption("Wrong.", events=wrong))
            writer.add(Clip(f"clip-{i}", features((0, 40), (1, 30 + i)), events))
        corpus = writer.finish({"train": [f"clip-{i}" for i in range(4)]})
    kept = tmp_path / "kept" / "found.jsonl"
    with pytest.raises(KeyboardInterrupt):
        with_event_times(corpus, tmp_path / "timed", Counting(2), kept=kept)
    assert not (tmp_path / "timed").exists()
    kept.write_text(kept.read_text()[:-20])  # as if the machine had stopped in the middle of the second line
    second = Counting()
    timed = with_event_times(corpus, tmp_path / "timed", second, kept=kept, least_gap=0.05)
    assert second.asked == 3
    third = Counting(0)
    loose = with_event_times(corpus, tmp_path / "loose", third, kept=kept, least_gap=-2.0)
    plain = with_event_times(corpus, tmp_path / "plain", Steps(), least_gap=0.05)
    assert timed.fingerprint == plain.fingerprint
    assert tally(timed) == Tally(0, 4, 4)
    assert tally(loose) == Tally(0, 8, 0)


def test_a_corpus_without_events_is_told_how_to_get_them(tmp_path):
    corpus = corpus_of(tmp_path / "c", [Caption("A person jumps, walks and sits.")])
    with pytest.raises(TrainingError, match=r"no caption has two events .* chronomotion decompose"):
        with_event_times(corpus, tmp_path / "timed", Steps())
    assert not (tmp_path / "timed").exists()


def test_events_that_are_one_action_have_no_other_order(tmp_path):
    """The order of two actions of one name cannot be wrong, and nothing shows that the model recognises them."""
    one = Events(("a person sits.", "a person walks."), labels=("move", "move"))
    corpus = corpus_of(tmp_path / "c", [Caption("Moves twice.", events=one)])
    assert tally(with_event_times(corpus, tmp_path / "timed", Steps())) == Tally(0, 1, 0)
    assert tally(with_event_times(corpus, tmp_path / "strict", Steps(), least_gap=0.01)) == Tally(0, 0, 1)


def test_a_gap_as_large_as_asked_for_is_enough(tmp_path):
    corpus = corpus_of(tmp_path / "c", [Caption("Walks, sits.", 3.0, 7.0, Events(("walks.", "sits.")))])
    kept = tmp_path / "found.jsonl"
    with_event_times(corpus, tmp_path / "any", Steps(), kept=kept)
    ((_, gap),) = json.loads(kept.read_text().splitlines()[1])["found"].values()
    assert gap > 0
    for least, timed in ((gap, 1), (float(np.nextafter(gap, 1)), 0)):
        found = with_event_times(corpus, tmp_path / f"{timed}", Steps(), least_gap=least, kept=kept)
        assert tally(found) == Tally(0, timed, 1 - timed)


def test_a_caption_of_two_frames_an_event_is_the_shortest_that_is_timed(tmp_path):
    told = Events(("walks.", "sits.", "jumps."))
    captions = [Caption("Six frames.", 1.0, 1.3, told), Caption("Five frames.", 1.0, 1.25, told)]
    found = with_event_times(corpus_of(tmp_path / "c", captions), tmp_path / "t", Steps(), least_gap=-2.0)
    six, five = found.captions("one")
    assert six.events.spans is not None
    assert six.events.spans[-1][1] == 1.3
    assert five.events.spans is None


def test_a_finished_folder_of_the_same_work_is_opened_and_of_other_work_refused(tmp_path):
    captions = [Caption("Sits, then walks.", events=Events(("a person sits.", "a person walks.")))]
    corpus = corpus_of(tmp_path / "c", captions)
    timed = with_event_times(corpus, tmp_path / "timed", Steps(), least_gap=-2.0)
    before = {path: path.stat().st_mtime_ns for path in timed.folder.rglob("*")}
    again = with_event_times(corpus, tmp_path / "timed", Steps(), least_gap=-2.0)
    assert again.fingerprint == timed.fingerprint
    with pytest.raises(
        CorpusError, match=r"timed holds another corpus \(.* of caption 1 of one is .* there and .* here"
    ):
        with_event_times(corpus, tmp_path / "timed", Steps(), least_gap=2.0)
    other = corpus_of(tmp_path / "d", [*captions, Caption("And more.")])
    with pytest.raises(CorpusError, match="timed holds another corpus .event_times is 'estimated; from"):
        with_event_times(other, tmp_path / "timed", Steps(), least_gap=-2.0)
    assert {path: path.stat().st_mtime_ns for path in timed.folder.rglob("*")} == before
