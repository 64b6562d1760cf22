import numpy as np

from chronomotion.corpus import Clip, CorpusWriter
from chronomotion.language.caption import Caption, Events
from chronomotion.training.event_times import with_event_times


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
