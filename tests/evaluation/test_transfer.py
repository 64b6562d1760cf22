"""Models by corpora, and names of single actions."""

import numpy as np
import pytest

from chronomotion.corpus import Clip, CorpusWriter
from chronomotion.evaluation.action_names import name_actions
from chronomotion.evaluation.reference import RandomVectors
from chronomotion.evaluation.transfer import corpora_table, measured_on, transfer_table
from chronomotion.language.caption import Caption, Events
from chronomotion.language.wording import neutral
from chronomotion.names import distinct_names

ACTIONS = {"nod": "a person nods.", "raise": "a person raises a hand.", "lift": "a person lifts a leg."}


class Reader:
    """A model that reads the action of a motion off its first number; ``shift`` makes it take the next one."""

    def __init__(self, shift=0):
        self.shift = shift
        self.frames = []

    def encode_text(self, texts):
        order = [neutral(text) for text in ACTIONS.values()]
        return np.array([np.eye(3)[order.index(text)] if text in order else np.ones(3) for text in texts])

    def encode_motion(self, motions):
        self.frames += [len(motion) for motion in motions]
        return np.array([np.eye(3)[(round(float(motion[:, 0].mean())) + self.shift) % 3] for motion in motions])


def corpus_of(folder, clips, dim=263):
    """Clips of (labels, seconds of each event or None): the first number of each frame is the number of its action."""
    with CorpusWriter(folder, dim=dim, fps=20.0, description={}) as writer:
        for i, (labels, seconds) in enumerate(clips):
            numbers = [list(ACTIONS).index(label) for label in labels]
            rows = np.repeat(numbers, [round(20 * (seconds or 1)) for _ in numbers])
            texts = tuple(ACTIONS[label] for label in labels)
            spans = tuple((j * seconds, (j + 1) * seconds) for j in range(len(labels))) if seconds else None
            events = Events(texts, spans, tuple(labels))
            features = np.tile(rows[:, None], (1, dim)).astype(np.float32)
            writer.add(Clip(f"c{i}", features, (Caption(" ".join(texts), events=events),)))
        return writer.finish({"test": [f"c{i}" for i in range(len(clips))]})


def test_events_are_cut_out_and_named(tmp_path):
    corpus = corpus_of(tmp_path / "a", [(["nod", "raise"], 1.5), (["lift"], None), (["lift", "nod"], 0.5)])
    model = Reader()
    named = name_actions(model, corpus)
    assert (named.motions, named.actions, named.top1) == (5, 3, 100)
    assert named.chance == pytest.approx(100 / 3)
    assert sorted(model.frames) == [10, 10, 20, 30, 30]
    assert name_actions(Reader(shift=1), corpus).top1 == 0


def test_canonical_names_and_questions_are_told_in_canonical_words(tmp_path):
    """The model knows one verb for a thing; the corpus tells it in another one ("lifts a hand" is canonically "raises
    a hand")."""
    words = {"nod": "a man nods.", "raise": "a person lifts a hand.", "lift": "a person kicks happily."}
    texts = []

    class Recorder(Reader):
        def encode_text(self, asked):
            texts.extend(asked)
            return np.array(
                [np.eye(3)[np.argmax([verb in text for verb in ("nods", "raises", "kicks")])] for text in asked]
            )

    with CorpusWriter(tmp_path / "c", dim=263, fps=20.0, description={}) as writer:
        for i, (label, text) in enumerate(words.items()):
            events = Events((text,), ((0.0, 1.0),), (label,))
            writer.add(Clip(label, np.full((20, 263), i, dtype=np.float32), (Caption(text, events=events),)))
        corpus = writer.finish({"test": list(words)})
    cell = measured_on(Recorder(), "m", corpus, "c", canonical=True)
    assert cell.named is not None
    assert cell.named.top1 == 100
    assert set(texts) == {"a person nods.", "a person raises a hand.", "a person kicks."}
    assert measured_on(Recorder(), "m", corpus, "c").named.top1 < 100


def test_without_labels_times_or_a_choice_nothing_is_named(tmp_path):
    assert name_actions(Reader(), corpus_of(tmp_path / "a", [(["nod", "raise"], None)])) is None
    assert name_actions(Reader(), corpus_of(tmp_path / "b", [(["nod"], 1.0)])) is None


def test_the_table_has_a_row_a_model_and_columns_a_corpus(toy_corpus, tmp_path):
    silent = corpus_of(tmp_path / "single", [(["nod"], 1.0), (["raise"], 1.0), (["lift"], 1.0)])
    cells = [
        measured_on(model, name, corpus, place)
        for name, model in (("one", RandomVectors(0)), ("two", RandomVectors(1)))
        for place, corpus in (("toys", toy_corpus), ("single", silent))
    ]
    table = transfer_table(cells)
    assert table.heads[:6] == [
        "model",
        "toys: both ways",
        "toys: all orders",
        "toys: R@10",
        "toys: names",
        "single: both ways",
    ]
    assert [row[0] for row in table.rows] == ["one", "two"]
    first = cells[0].report
    assert table.rows[0][1:5] == [
        f"{first.swapped.car_both_ways.value:.1f}",
        f"{first.car_all.value:.1f}",
        f"{first.retrieval['t2m']['R@10']:.1f}",
        f"{cells[0].named.top1:.1f}",
    ]
    assert table.rows[0][5:7] == ["-", "-"], "a clip of one event has no order"
    assert "names 20.0 on toys; 33.3 on single" in table.caption
    both = corpora_table(["toys", "single"], [cell.report for cell in cells[:2]])
    assert [row[0] for row in both.rows] == ["toys", "single"]
    assert both.rows[1][1:5] == ["0", "-", "-", "-"]


def test_names_of_places_differ():
    assert distinct_names(["a/x", "b/x", "c/y", "my.module:model"]) == ("x (1)", "x (2)", "y", "my.module:model")
