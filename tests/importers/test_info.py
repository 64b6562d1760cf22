"""What is said of a corpus."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from chronomotion.corpus import Clip, Corpus, CorpusWriter
from chronomotion.corpus.info import describe_corpus
from chronomotion.language.caption import Caption, Events


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    two = Events(("a person walks.", "a person sits."))
    description = {"skeleton": "humanml3d", "licence": "CC0-1.0", "source": "a test"}
    with CorpusWriter(tmp_path / "corpus", dim=263, fps=20.0, description=description) as writer:
        for number in range(11):
            captions = [Caption("x", 1.0, 2.0), Caption("y", events=two)] if number else []
            writer.add(Clip(f"c{number}", np.ones((20 * (number + 1), 263), np.float32), tuple(captions)))
        return writer.finish({"train": ["c0", "c1"], "test": ["c2"]})


def test_figures(corpus: Corpus) -> None:
    info = describe_corpus(corpus)
    assert (info.clips, info.captions, info.part_captions) == (11, 20, 10)
    assert info.hours == pytest.approx(66 / 3600)
    assert info.seconds == pytest.approx((1.5, 6.0, 10.5))
    assert info.captions_a_clip == {0: 1, 2: 10}
    assert info.events_a_caption == {"none": 10, "2": 10}
    assert info.splits == {"test": 1, "train": 2}
    assert info.fingerprint == corpus.fingerprint


def test_table_and_json(corpus: Corpus) -> None:
    info = describe_corpus(corpus)
    table = info.table()
    for part in (
        "median 6.00 s, 5 to 95 %: 1.50 to 10.50 s",
        "none: 10, 2: 10",
        "test 1, train 2",
        "CC0-1.0",
        "a test",
    ):
        assert part in table
    assert corpus.fingerprint in table
    assert json.loads(json.dumps(info.to_dict()))["events_a_caption"] == {"none": 10, "2": 10}


def test_an_empty_corpus_has_figures_too(tmp_path: Path) -> None:
    with CorpusWriter(tmp_path / "corpus", dim=263, fps=20.0, description={}) as writer:
        info = describe_corpus(writer.finish({}))
    assert (info.clips, info.seconds, info.licence) == (0, (0.0, 0.0, 0.0), "unknown")
    assert "captions a clip   none" in info.table()
