import json

import numpy as np
import pytest
from placed_events import Bag, Chance, Oracle, asked, corpus_of, stories

from chronomotion.evaluation.answers import Matrix
from chronomotion.evaluation.protocols import PROTOCOLS, ProtocolInputs
from chronomotion.evaluation.questions import Questions
from chronomotion.evaluation.retrieval import order_tolerance, retrieval


def filler(count):
    return [("walks", "waves")] * count


@pytest.mark.parametrize("case", [0, 1, 2])
@pytest.mark.parametrize(("protocol", "key"), [("all", "all"), ("threshold", "threshold_095")])
def test_the_published_metric_gives_the_same_figures(golden_files, tmp_path, case, protocol, key):
    """Every figure of the golden file, both ways, through the protocols themselves."""
    expected = json.loads((golden_files / "ranking.json").read_text())[case]
    with np.load(golden_files / "ranking.npz", allow_pickle=False) as arrays:
        scores, sentences = arrays[f"scores_{case}"], arrays[f"sentence_embeddings_{case}"]
    count = expected["n"]
    questions = Questions(corpus_of(tmp_path / "c", filler(count), captions=[f"caption {i}" for i in range(count)]))
    matrix = np.zeros((len(questions.texts), len(questions.motions)))
    matrix[np.ix_(questions.captions, np.arange(count))] = scores
    found, _, _ = retrieval(questions, Matrix(matrix), ProtocolInputs(sentences=sentences))
    for way in ("t2m", "m2t"):
        figures = getattr(found[protocol], way)
        for at in (1, 2, 3, 5, 10):
            assert round(figures[f"R@{at}"], 2) == round(expected[key][f"{way}/R{at:02d}"], 2)
        assert figures["MedR"] == expected[key][f"{way}/MedR"]
    assert found[protocol].texts == expected[key]["t2m/len"]


def test_small_batches_are_the_published_ones(tmp_path):
    """Sorted ids, shuffled by the legacy generator with seed 0, in batches of 32, the remainder left out."""
    names = [f"{i:03d}" for i in np.random.default_rng(1).permutation(100)]
    questions, answers = asked(Chance(), corpus_of(tmp_path / "c", stories(100, acts=8), names=names))
    found, ranks, _ = retrieval(questions, answers, ProtocolInputs())
    order = np.arange(100)
    np.random.RandomState(0).shuffle(order)
    by_name, top = sorted(names), []
    for start in (0, 32, 64):
        clips = [names.index(by_name[i]) for i in order[start : start + 32]]
        scores = answers.scores([questions.captions[clip] for clip in clips], clips)
        top.append(np.mean(np.diag(scores) >= scores.max(axis=1)))
    assert found["small_batches"].t2m["R@1"] == pytest.approx(100 * np.mean(top))
    assert sorted(by_name[i] for i in order[:96]) == sorted(questions.clips[i] for i in ranks["small_batches"].places)


def test_dissimilar_takes_its_ids_from_a_list_or_from_the_corpus(tmp_path):
    names = [f"{i:03d}" for i in range(40)]
    corpus = corpus_of(tmp_path / "c", stories(40, acts=8), splits={"test": names, "nsim_test": names[30:20:-1]})
    questions, answers = asked(Chance(), corpus)
    found, ranks, _ = retrieval(questions, answers, ProtocolInputs())
    assert found["dissimilar"].motions == 10
    assert ranks["dissimilar"].places == list(range(21, 31))
    places = list(range(30, 20, -1))
    scores = answers.scores([questions.captions[place] for place in places], places)
    expected = (scores > np.diag(scores)[:, None]).sum(axis=1)[::-1]
    assert ranks["dissimilar"].t2m == expected.tolist()
    found, _, _ = retrieval(questions, answers, ProtocolInputs(dissimilar=names[:3]))
    assert found["dissimilar"].motions == 3
    _, _, reasons = retrieval(questions, answers, ProtocolInputs(dissimilar=["000", "M77"]))
    assert "1 of 2 dissimilar ids are not in split test (first: 'M77')" in reasons["dissimilar"]


def test_what_is_missing_is_said(tmp_path):
    questions, answers = asked(Chance(), corpus_of(tmp_path / "c", stories(20)))
    found, ranks, reasons = retrieval(questions, answers, ProtocolInputs())
    assert set(reasons) == {"threshold", "dissimilar", "small_batches"}
    assert set(found) == set(ranks) == {protocol.name for protocol in PROTOCOLS} - set(reasons)
    assert reasons["small_batches"] == "needs 32 clips, split test has 20"


def test_identical_captions_are_right_where_the_protocol_says_so(tmp_path):
    told = [("walks", "waves"), ("waves", "jumps"), ("jumps", "walks")]
    corpus = corpus_of(tmp_path / "c", told, captions=["same", "same", "other"])
    questions = Questions(corpus)
    matrix = np.zeros((len(questions.texts), len(questions.motions)))
    matrix[questions.captions[0], :3] = [0.2, 0.9, 0.5]
    matrix[questions.captions[2], :3] = [0.1, 0.3, 0.8]
    found, ranks, _ = retrieval(questions, Matrix(matrix), ProtocolInputs())
    assert ranks["identical"].t2m == [0.0, 0.0, 0.0]
    assert ranks["all"].t2m == [2.0, 0.0, 0.0]
    assert found["identical"].t2m["R@1"] == 100.0


def test_motions_of_one_story_are_all_right(tmp_path):
    told = [("walks", "waves"), ("walks", "waves"), ("waves", "walks")]
    questions, answers = asked(Oracle(), corpus_of(tmp_path / "c", told))
    _, ranks, _ = retrieval(questions, answers, ProtocolInputs())
    assert ranks["story"].t2m == ranks["story"].m2t == [0.0, 0.0, 0.0]
    assert ranks["all"].t2m == [0.5, 0.5, 0.0]  # as published: the other one counts half
    bag, _, _ = retrieval(*asked(Bag(), questions.corpus), ProtocolInputs())
    assert bag["story"].t2m["MedR"] == 1.5


def test_shuffled_captions_as_distractors(tmp_path):
    """A model that knows order is not disturbed by them; a bag of events ties with every one."""
    corpus = corpus_of(tmp_path / "c", [("walks", "waves"), ("jumps", "bows"), ("turns", "claps")])
    found, ranks, _ = retrieval(*asked(Oracle(), corpus), ProtocolInputs())
    assert ranks["story_distractors"].m2t == ranks["distractors"].m2t == [0.0, 0.0, 0.0]
    assert (found["distractors"].texts, found["distractors"].motions) == (6, 3)
    assert found["distractors"].t2m is None
    _, ranks, _ = retrieval(*asked(Bag(), corpus), ProtocolInputs())
    assert ranks["story_distractors"].m2t == ranks["distractors"].m2t == [0.5, 0.5, 0.5]


def test_a_protocol_says_which_wording_it_lacks(tmp_path):
    corpus = corpus_of(tmp_path / "c", [("walks", "waves"), ("jumps", "bows")])
    results, _, left_out = retrieval(*asked(Oracle(), corpus, wordings=("neutral",)), ProtocolInputs())
    assert left_out["distractors"] == "needs the events in the wording 'as written', which was not asked for"
    assert "story_distractors" in results


def test_a_shuffle_that_tells_what_a_motion_shows_is_right_for_it(tmp_path):
    """Twins: the shuffle of each is the text of the other."""
    corpus = corpus_of(tmp_path / "c", [("walks", "waves"), ("waves", "walks")])
    _, ranks, _ = retrieval(*asked(Oracle(), corpus), ProtocolInputs())
    assert ranks["story_distractors"].m2t == [0.0, 0.0]


def test_order_tolerance_looks_for_the_motion_of_the_original_order(tmp_path):
    corpus = corpus_of(tmp_path / "c", [("walks", "waves"), ("waves", "walks"), ("jumps", "bows")])
    tolerant, strict = order_tolerance(*asked(Bag(), corpus)), order_tolerance(*asked(Oracle(), corpus))
    assert tolerant["R@1"] == 100.0
    assert (strict["R@1"], strict["R@2"]) == (0.0, 100.0)
