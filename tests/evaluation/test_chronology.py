import itertools

import numpy as np
import pytest
from placed_events import Bag, Chance, Grammar, Oracle, Prejudice, asked, corpus_of, report_of, stories

from chronomotion.corpus import Clip, CorpusWriter
from chronomotion.errors import CorpusError
from chronomotion.evaluation.chronology import TESTS, ChronologyTest
from chronomotion.evaluation.chronology_blind import disjoint_partners, exchanged_partners
from chronomotion.evaluation.questions import Questions
from chronomotion.evaluation.report_records import HEADLINE
from chronomotion.evaluation.report_text import markdown
from chronomotion.language.wording import tell


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return corpus_of(tmp_path_factory.mktemp("chronology") / "c", stories())


def measured(model, corpus, test=TESTS[0], **settings):
    return ChronologyTest(*asked(model, corpus, **settings), test).result()


def test_a_model_that_knows_order_wins_everything(corpus):
    test = measured(Oracle(), corpus)
    for verdict in (test.car, test.car_all, test.car_single, *test.car_by_events.values()):
        assert (verdict.value, verdict.low, verdict.high, verdict.ties) == (100.0, 100.0, 100.0, 0.0)
    assert set(test.car_by_events) == {"2", "3", "4"}
    assert sum(one.clips for one in test.car_by_events.values()) == test.car.clips == 60
    assert sum(test.margins.counts) == 60
    assert test.margins.median > 0
    assert sum(count for count, edge in zip(test.margins.counts, test.margins.edges, strict=False) if edge < 0) == 0


def test_a_bag_of_events_ties_and_ties_are_not_won(corpus):
    for comparison in TESTS:
        test = measured(Bag(), corpus, comparison)
        for verdict in (test.car, test.car_all, test.car_single, test.blind_exchange, test.blind_mean):
            assert (verdict.value, verdict.ties) == (0.0, 100.0)
        assert (test.margins.tied, sum(test.margins.counts), test.margins.median) == (60, 0, 0.0)


def test_chance_is_half(tmp_path):
    test = measured(Chance(), corpus_of(tmp_path / "c", stories(400, acts=8)), k=3)
    assert test.car.low <= 50.0 <= test.car.high
    assert abs(test.blind_exchange.value - 50) < 5


def test_the_figures_are_those_of_counting(corpus):
    """The naive twin: one comparison after another, as the paper has it."""
    questions, answers = asked(Chance(), corpus, k=4, seed=3)
    found = ChronologyTest(questions, answers, TESTS[0]).result()
    won, won_all = [], []
    for trial in questions.trials:
        trial_texts = trial.texts_by_wording["neutral"]

        def score(text, motion=trial.place):
            return float(answers.texts[text].astype(float) @ answers.motions[motion].astype(float))

        won.append([score(trial_texts.right) > score(wrong) for wrong in trial_texts.shuffled])
        won_all.append(all(score(trial_texts.right) > score(wrong) for wrong in trial_texts.others))
    assert found.car.value == pytest.approx(100 * np.mean(won))
    assert found.car_single.value == pytest.approx(100 * np.mean([one[0] for one in won]))
    assert found.car_all.value == pytest.approx(100 * np.mean(won_all))


def test_the_blind_controls_show_a_preference_for_orders(tmp_path):
    habit = [tuple(sorted(story)) for story in stories(100, acts=8)]
    test = measured(Prejudice(), corpus_of(tmp_path / "c", habit))
    for verdict in (test.car, test.blind_exchange, test.blind_disjoint, test.blind_mean):
        assert verdict.value > 95


def test_as_written_the_article_gives_the_order_away(tmp_path):
    """ "A person" first and "The person" after it: a model that knows nothing else never loses as written, and wins
    whenever another event comes first; in neutral wording it ties."""
    corpus = corpus_of(tmp_path / "c", stories(40), article="The")
    order = report_of(Grammar(), corpus).order
    written = order["events, as written"]
    assert written.car.value + written.car.ties == pytest.approx(100.0)
    assert written.car_by_events["2"].value == 100.0
    assert written.blind_mean.value == written.car.value > 80.0
    assert (order["events, neutral"].car.value, order["events, neutral"].car.ties) == (0.0, 100.0)


def test_original_captions_can_be_told_by_their_style(corpus):
    """orig->event: whoever prefers captions to lists of events wins without any notion of order."""

    class Stylist(Prejudice):
        def encode_text(self, texts):
            liked = np.array([0.9 if text.startswith("Somebody") else 0.1 for text in texts])
            return np.stack([liked, np.sqrt(1 - liked**2)], axis=1)

    order = report_of(Stylist(), corpus).order
    assert set(order) == {test.name for test in TESTS}
    assert order["original, neutral"].car.value == order["original, neutral"].blind_mean.value == 100.0
    assert order[HEADLINE].car.value == 0.0


def test_exchanged_motions_are_other_motions_of_as_many_events(corpus):
    trials = Questions(corpus).trials
    partners = exchanged_partners(trials, 0, 7)
    assert partners.shape == (60, 7)
    for i, row in enumerate(partners.tolist()):
        assert i not in row
        assert len(set(row)) == 7
        assert {trials[j].count for j in row} == {trials[i].count}


def test_disjoint_partners_share_no_event(tmp_path):
    trials = Questions(corpus_of(tmp_path / "c", stories(80, acts=8))).trials
    partners = disjoint_partners(trials, 0, 3)
    assert (partners[:, 0] >= 0).mean() > 0.5
    for i, j in itertools.product(range(80), range(3)):
        if partners[i, j] >= 0:
            assert trials[i].count == trials[partners[i, j]].count
            assert not set(trials[i].events.keys) & set(trials[partners[i, j]].events.keys)


def test_where_nobody_can_stand_in_the_blind_figure_is_left_out(tmp_path):
    test = measured(Oracle(), corpus_of(tmp_path / "c", [("walks", "waves"), ("walks", "waves", "jumps")]))
    assert test.blind_exchange is None
    assert test.blind_disjoint is None
    assert test.blind_mean.clips == 2


def test_questions_of_a_clip_do_not_depend_on_the_others(tmp_path):
    told = stories(30)
    names = [f"{i:03d}" for i in range(30)]
    corpus = corpus_of(tmp_path / "c", told, splits={"test": names, "one": names[17:18]})
    whole, alone = Questions(corpus, k=4, seed=1), Questions(corpus, "one", k=4, seed=1)
    (trial,) = alone.trials
    same = next(one for one in whole.trials if whole.clips[one.place] == "017")
    assert trial.events == same.events
    for wording in ("neutral", "as written"):
        here, there = trial.texts_by_wording[wording], same.texts_by_wording[wording]
        assert alone.texts[here.right] == whole.texts[there.right]
        for kind in ("shuffled", "others"):
            assert [alone.texts[i] for i in getattr(here, kind)] == [whole.texts[i] for i in getattr(there, kind)]
        assert len(here.shuffled) == 4
        assert len(here.others) == {2: 1, 3: 5, 4: 23}[trial.count]
        assert here.right not in here.shuffled + here.others


def test_every_text_is_asked_once(corpus):
    questions = Questions(corpus)
    assert len(set(questions.texts)) == len(questions.texts)
    assert len(set(questions.motions)) == len(questions.motions) == 61
    trial = questions.trials[5]
    assert questions.texts[trial.texts_by_wording["neutral"].right] == tell(trial.events.texts)
    assert Questions(corpus).fingerprint == questions.fingerprint != Questions(corpus, seed=1).fingerprint


def test_equal_events_have_no_trial_and_without_one_order_is_left_out(tmp_path):
    report = report_of(Oracle(), corpus_of(tmp_path / "c", [("walks", "walks"), ("jumps",)]))
    assert set(report.protocols) == {"all", "identical"}
    assert "two different events" in report.left_out["order"]
    assert (report.clips, report.order, report.order_tolerance, report.retrieval) == (0, {}, {}, {})
    with pytest.raises(CorpusError, match="CAR was not measured, it needs clips whose first caption has two"):
        _ = report.car
    assert "order was left out" in markdown(report)


def test_without_captions_nothing_can_be_asked(tmp_path):
    with CorpusWriter(tmp_path / "c", dim=3, fps=20.0, description={}) as writer:
        writer.add(Clip("a", np.ones((4, 3), np.float32), ()))
        corpus = writer.finish({"test": ["a"]})
    with pytest.raises(CorpusError, match="none of 1 clips of .*, split test, has a caption"):
        Questions(corpus)


def test_five_events_are_held_against_24_orders(tmp_path):
    questions = Questions(corpus_of(tmp_path / "c", [("walks", "waves", "jumps", "turns", "bows")]))
    assert len(set(questions.trials[0].texts_by_wording["neutral"].others)) == 24
