"""The suite on BONES-SEED: events of the timeline, sentences of people, and joins that never were."""

from __future__ import annotations

import itertools
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from placed_events import corpus_of, stories

from chronomotion.corpus import Clip, Corpus, CorpusWriter
from chronomotion.corpus.importers import import_corpus
from chronomotion.errors import ConfigError, CorpusError
from chronomotion.evaluation.caption_roles import ALL_TIMELINES, FIRST_CAPTION, TIMELINES
from chronomotion.evaluation.compare import compare
from chronomotion.evaluation.evaluate import evaluate
from chronomotion.evaluation.judge import judge_on
from chronomotion.evaluation.localisation import BestWindows
from chronomotion.evaluation.questions import Questions
from chronomotion.evaluation.reference import BagOfEvents, RandomVectors
from chronomotion.evaluation.report import Report
from chronomotion.evaluation.splits_table import splits_table
from chronomotion.evaluation.suites import SuiteData, open_suite
from chronomotion.language.canonical import canonical_events
from chronomotion.language.caption import Caption, Events
from chronomotion.motion.features import features_of
from chronomotion.motion.joins import join
from chronomotion.motion.motion import Motion
from synthetic_seed import write_seed, write_split_files
from toys import move, rest_bones

sys.path.insert(0, str(Path(__file__).parents[1] / "cli"))
from test_cli import run

SEED = {"imported": {"layout": "seed"}, "skeleton": "humanml3d", "source": "BONES-SEED (tests), imported"}
SPLITS = ("test_content", "test_repetition")


def imported_seed(folder: Path, *, labels: str = "temporal_labels", split_files: bool = True) -> Path:
    """A corpus of 30 takes of 5 scripts, of which the last has three events and is test_content."""
    from chronomotion.corpus.importers.seed.options import SeedOptions

    takes = write_seed(folder / "seed", scripts=5, actors=3, seconds=2.0, labels=labels)
    write_split_files(folder / "splits", takes, content=takes[-1].script, repetition="A101")
    options = SeedOptions(split_files=folder / "splits" if split_files else None)
    import_corpus(folder / "seed", folder / "corpus", workers=1, seed=options)
    return folder / "corpus"


@pytest.fixture(scope="module")
def seed_corpus(tmp_path_factory) -> Corpus:
    return Corpus(imported_seed(tmp_path_factory.mktemp("seed")))


def opened(corpus: Path):
    return open_suite("seed", SuiteData(corpus.parent / "cache", corpus=corpus))


# Which caption --------------------------------------------------------------------------------------------------------


def take(motion: Motion, bounds=(0.0, 1.0, 3.0), *, sentence="Somebody does this.", source="timeline", events=None):
    """Features and captions of a take whose timeline has these bounds."""
    spans = tuple((float(a), float(b)) for a, b in itertools.pairwise(bounds))
    texts = events or ("A person stands.", "A person lifts an arm.", "A person rests.")[: len(spans)]
    timeline = Caption(" ".join(texts), events=Events(texts, spans, source=source))
    return features_of(motion, retarget=False), (*((Caption(sentence),) if sentence else ()), timeline)


def corpus_with(folder: Path, info=None, **takes) -> Corpus:
    with CorpusWriter(folder, dim=263, fps=20.0, description=SEED if info is None else info) as writer:
        for name, (features, captions) in takes.items():
            writer.add(Clip(name, features, captions))
        return writer.finish({"test": sorted(takes)})


def nodding(frames: int = 61) -> Motion:
    """Ends as it begins."""
    return move("nod", np.random.default_rng(0), frames)


def lifting(frames: int = 61) -> Motion:
    """Stands for a second, then lifts both arms to the front, slowly, and keeps them there."""
    angle = np.pi / 2 * np.clip((np.arange(frames) - 20) / 40, 0, 1)
    bones = np.repeat(rest_bones()[None], frames, axis=0)
    for joint in (18, 19, 20, 21):
        y = rest_bones()[joint - 1, 1]
        bones[:, joint - 1, 1], bones[:, joint - 1, 2] = y * np.cos(angle), -y * np.sin(angle)
    from chronomotion.motion.layout import HUMANML3D_LAYOUT

    return Motion(HUMANML3D_LAYOUT.path_to @ bones + np.array([0, 1.0, 0]), 20.0)


def test_the_timeline_gives_the_order_and_a_sentence_is_looked_for(tmp_path):
    corpus = corpus_with(tmp_path / "c", a=take(nodding()), b=take(lifting(), sentence="Arms go up."))
    questions = Questions(corpus)
    assert [questions.texts[place] for place in questions.captions] == ["Somebody does this.", "Arms go up."]
    assert [trial.events.texts[0] for trial in questions.trials] == ["A person stands."] * 2
    assert [trial.events.source for trial in questions.trials] == ["timeline"] * 2
    report = evaluate(BagOfEvents(), corpus)
    assert (report.clips, report.events_from) == (2, "timeline")
    assert report.protocols["all"].texts == 2
    assert (report.car.value, report.car.ties) == (0.0, 100.0), "the oracle knows the events of the timeline"
    assert not Questions(corpus, roles=FIRST_CAPTION).trials


def test_a_sentence_with_events_of_its_own_stays_a_sentence(tmp_path):
    """As decompose makes it."""
    features, (_, timeline) = take(nodding())
    split = Caption("Walks, then sits.", events=Events(("walks.", "sits."), source="rules"))
    corpus = corpus_with(tmp_path / "c", a=(features, (split, timeline)))
    (trial,) = Questions(corpus).trials
    assert trial.events.source == "timeline"
    assert Questions(corpus).caption("a") == split
    (trial,) = Questions(corpus, roles=FIRST_CAPTION).trials
    assert trial.events.source == "rules"


def test_a_timeline_is_no_sentence(tmp_path):
    """A take that nobody described takes part in order, and not in retrieval by sentences."""
    corpus = corpus_with(tmp_path / "c", a=take(nodding()), b=take(lifting(), sentence=""))
    questions = Questions(corpus)
    assert (len(questions.trials), questions.described) == (2, [0])
    report = evaluate(RandomVectors(), corpus)
    assert (report.protocols["all"].texts, report.protocols["all"].motions) == (1, 1)
    assert (report.protocols["story"].texts, report.outcomes.ranks["all"].places) == (2, [0])
    nobody = evaluate(RandomVectors(), corpus_with(tmp_path / "d", b=take(lifting(), sentence="")))
    assert nobody.left_out["all"] == "needs clips with a sentence about the whole"
    assert nobody.clips == 1


def test_a_timeline_of_another_part_is_not_held_against_the_sentence(tmp_path):
    features, (sentence, timeline) = take(nodding())
    corpus = corpus_with(tmp_path / "c", a=(features, (replace(sentence, start=1.0), timeline)))
    assert not Questions(corpus).trials


def test_propagated_timelines_are_left_out_unless_wanted(tmp_path):
    carried = take(lifting(), source="timeline (propagated)")
    corpus = corpus_with(tmp_path / "c", a=take(nodding()), b=carried)
    assert [trial.place for trial in Questions(corpus).trials] == [0]
    assert [trial.place for trial in Questions(corpus, roles=ALL_TIMELINES).trials] == [0, 1]
    assert evaluate(RandomVectors(), corpus, roles=ALL_TIMELINES).events_from == "timeline, propagated ones too"
    only = corpus_with(tmp_path / "d", b=carried)
    assert evaluate(RandomVectors(), only).left_out["order"] == (
        "needs clips whose timeline has two different events or more: all 1 timelines of split test are propagated, "
        "--propagated takes them too"
    )
    assert Questions(only).described == [0], "a timeline that was carried over is no sentence either"


def test_other_corpora_go_by_their_first_caption(tmp_path):
    features, (sentence, timeline) = take(nodding())
    corpus = corpus_with(tmp_path / "c", info={"imported": {"layout": "folder"}}, a=(features, (sentence, timeline)))
    report = evaluate(RandomVectors(), corpus)
    assert (report.clips, report.events_from) == (0, "first caption")


def test_canonical_questions_reduce_timelines_too(tmp_path):
    """Sentences and events alike; the sentence tells no events of its own."""
    events = ("A tired person slowly walks to the shop.", "The happy woman waves.")
    corpus = corpus_with(tmp_path / "c", a=take(nodding(), events=events))
    plain, canonical = Questions(corpus), Questions(corpus, canonical=True)
    assert plain.trials[0].events.texts == events
    assert canonical.trials[0].events.texts == tuple(canonical_events(Events(events)).texts) != events
    assert canonical.trials[0].events.spans == plain.trials[0].events.spans
    assert plain.captions[0] not in plain.events_of
    right = plain.trials[0].texts_by_wording["neutral"].right
    assert plain.events_of[right].texts == events


def test_weights_are_chosen_by_timelines(tmp_path):
    assert judge_on(corpus_with(tmp_path / "c", a=take(nodding())), "test") is not None
    assert judge_on(corpus_with(tmp_path / "d", a=take(nodding(), (0.0, 3.0))), "test") is None


# Joins ----------------------------------------------------------------------------------------------------------------


def test_matched_cuts_are_those_whose_poses_meet(tmp_path):
    corpus = corpus_with(tmp_path / "c", near=take(nodding()), far=take(lifting()))
    every, matched = (Questions(corpus, both_ways=which) for which in ("all", "matched"))
    assert [trial.swapped is not None for trial in every.trials] == [True, True]
    assert {questions.clips[trial.place]: trial.swapped is not None for questions in (matched,)
            for trial in questions.trials} == {"near": True, "far": False}  # fmt: skip
    assert (every.unmatched, matched.unmatched) == (0, 1)
    assert len(matched.motions) == len(every.motions) - 2
    assert matched.fingerprint != every.fingerprint
    reports = [evaluate(RandomVectors(), corpus, both_ways=which) for which in ("all", "matched")]
    assert [report.swapped.car_both_ways.clips for report in reports] == [2, 1]
    assert [(report.joins.clips, report.joins.matched, report.joins.unmatched) for report in reports] == [
        (2, 1, 0), (1, 1, 1),
    ]  # fmt: skip
    assert reports[0].order == reports[1].order, "one way is measured on recorded motions"
    none = evaluate(RandomVectors(), corpus_with(tmp_path / "d", far=take(lifting())), both_ways="matched")
    assert none.left_out["swapped"] == "needs motions whose poses meet at the cuts: none of 1 has them"
    with pytest.raises(ConfigError, match="both_ways is 'all' in one and 'matched' in two"):
        compare(reports, ["one", "two"])


def test_a_gap_that_is_cut_out_has_to_meet_as_well(tmp_path):
    """Joined in its recorded order, a motion without its middle jumps."""
    up = lifting()
    there_and_back, _ = join([up, replace(up, positions=up.positions[::-1])])
    features, (sentence, timeline) = take(there_and_back)
    length = len(features) / 20
    spans = ((0.0, 1.0), (3.0, length))
    gap = Caption(timeline.text, events=Events(timeline.events.texts, spans, source="timeline"))
    corpus = corpus_with(tmp_path / "c", a=(features, (sentence, gap)))
    recorded, swapped = Questions(corpus).joins(Questions(corpus).trials[0])
    assert [join.meets for join in swapped] == [True], "the end of the take is its beginning"
    assert [join.meets for join in recorded] == [False]
    assert Questions(corpus, both_ways="matched").unmatched == 1


def test_the_report_says_how_far_joins_are_from_real_ones(tmp_path):
    corpus = corpus_with(tmp_path / "c", a=take(nodding()), b=take(lifting()))
    report = evaluate(RandomVectors(), corpus)
    joins = report.joins
    assert (joins.reordered.joins, joins.recorded.joins) == (2, 2)
    steps = [Questions(corpus).joins(trial) for trial in Questions(corpus).trials]
    by_hand = np.array([swapped[0].pose for _, swapped in steps])
    assert joins.reordered.pose.median == pytest.approx(by_hand.mean())
    assert joins.reordered.pose.p90 == pytest.approx(by_hand.min() + 0.9 * np.ptp(by_hand))
    assert joins.recorded.pose.p90 < 0.02 < joins.reordered.pose.p90
    report.save(tmp_path / "r.json")
    loaded = Report.load(tmp_path / "r.json")
    assert loaded == report
    table = (tmp_path / "r.md").read_text()
    assert "Joins of 2 cut motions: 2 that never were, 2 between neighbours; of 1 motions the poses meet" in table
    assert f"| farthest joint between the poses that meet (cm) | {100 * joins.reordered.pose.median:.1f} |" in table


def test_composed_motions_have_no_joins_that_never_were(toy_corpus):
    report = evaluate(RandomVectors(), toy_corpus)
    assert report.swapped is not None
    assert (report.joins, report.events_from, report.both_ways) == (None, "first caption", "all")


def test_reports_from_before_have_neither(tmp_path, toy_corpus):
    """Format 2 without the fields that came later."""
    evaluate(RandomVectors(), toy_corpus).save(tmp_path / "r.json")
    record = json.loads((tmp_path / "r.json").read_text())
    for field in ("joins", "events_from", "both_ways"):
        del record[field]
    (tmp_path / "old.json").write_text(json.dumps(record))
    assert Report.load(tmp_path / "old.json") == Report.load(tmp_path / "r.json")


# The suite ------------------------------------------------------------------------------------------------------------


def test_each_split_has_its_report(seed_corpus, tmp_path, caplog):
    suite, corpus = opened(seed_corpus.folder)
    assert "split test_content has 6 clips, the published one 7017" in caplog.text
    assert "split test_content (6 clips), split test_repetition (8 clips)" in suite.statement(corpus)
    model = RandomVectors()
    reports = [
        evaluate(model, corpus, split=split, suite=suite.name, model_name="random", place=BestWindows(model, 20.0))
        for split in suite.splits
    ]
    content, repetition = reports
    assert set(content.order) == {
        f"{positive}, {wording}" for positive in ("events", "original") for wording in ("neutral", "as written")
    }
    assert content.clips == content.swapped.car_both_ways.clips == 6
    assert set(content.car_by_events) == {"3"}
    assert content.outcomes.clusters == [0, 0, 1, 1, 2, 2], "a take and its mirror image"
    assert content.localisation.events == 18
    assert content.localisation.equal_parts_iou > 0.95, "the synthetic timelines are equal parts"
    assert repetition.clips == 6, "of four scripts, one has a single event"
    assert not set(suite.protocols) - {"small_batches"} & set(content.left_out)
    table = splits_table(reports)
    assert [len(row) for row in table.rows] == [3] * len(table.rows)
    assert list(table.heads) == ["figure", *SPLITS]
    rows = {row[0]: row[1:] for row in table.rows}
    assert rows["clips with an order"] == ["6", "6"]
    assert rows["CAR (events, neutral)"] == [str(content.car), str(repetition.car)]
    assert rows["sentences, takes of the same sentence are right: R@10"][0] == "100.0"


def test_the_command(seed_corpus, tmp_path):
    outputs = ("--to", "r.json", "--picture", "p.svg")
    done = run("evaluate", "random", seed_corpus.folder, "--suite", "seed", *outputs, cwd=tmp_path)
    for split in SPLITS:
        assert (tmp_path / f"p-{split}.svg").is_file()
        report = Report.load(tmp_path / f"r-{split}.json")
        assert (report.split, report.suite) == (split, "seed")
        assert report.localisation is not None
        assert f"| CAR | {report.car} |" in (tmp_path / f"r-{split}.md").read_text()
        assert str(report.swapped.car_both_ways) in done.stdout
        assert (tmp_path / f"r-{split}.tex").is_file()
    assert done.stdout.startswith("**random on corpus: percent; suite seed, events of the timeline")
    arguments = ("evaluate", "random", seed_corpus.folder, "--suite", "seed", "--both-ways", "matched", "--json")
    reports = json.loads(run(*arguments, cwd=tmp_path).stdout)
    assert [reports[split]["both_ways"] for split in SPLITS] == ["matched", "matched"]
    one = json.loads(run(*arguments, "--split", "test_content", "--localise", "order", cwd=tmp_path).stdout)
    assert (one["split"], one["localisation"]["order_accuracy"]["value"]) == ("test_content", 100.0)


def test_a_split_without_takes_is_left_out(tmp_path):
    """As --package may leave it."""
    with CorpusWriter(tmp_path / "c", dim=263, fps=20.0, description=SEED) as writer:
        features, captions = take(nodding())
        writer.add(Clip("a", features, captions))
        writer.finish({"test_content": ["a"], "test_repetition": []})
    done = run("evaluate", "random", tmp_path / "c", "--suite", "seed", "--json", cwd=tmp_path)
    assert list(json.loads(done.stdout)) == ["test_content"]
    assert "suite seed: split test_repetition has no clip, and is left out" in done.stderr


def test_a_corpus_without_takes_to_test_is_refused(tmp_path):
    with CorpusWriter(tmp_path / "c", dim=263, fps=20.0, description=SEED) as writer:
        writer.add(Clip("a", *take(nodding())))
        corpus = writer.finish({"train": ["a"], "test_content": [], "test_repetition": []})
    with pytest.raises(CorpusError, match="has no clip in split test_content and in split test_repetition"):
        opened(corpus.folder)


def test_a_request_is_of_one_split_and_measured_with_the_same_settings(seed_corpus, tmp_path):
    options = ("--suite", "seed", "--split", "test_content", "--both-ways", "matched", "--propagated")
    run("evaluate", "--request", seed_corpus.folder, *options, "--to", "request", cwd=tmp_path)
    steps = (tmp_path / "request" / "README.md").read_text()
    assert " ".join(options) + " --embeddings answers.safetensors" in steps
    questions = Questions(seed_corpus, "test_content", both_ways="matched", roles=ALL_TIMELINES)
    assert json.loads((tmp_path / "request" / "request.json").read_text())["fingerprint"] == questions.fingerprint


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["--split", "val"], 2, "suite seed has the splits test_content and test_repetition, not 'val'"),
        (["--seed", 1], 2, "suite seed fixes --seed"),
        (["--request", "--to", "x"], 2, "add --split test_content or --split test_repetition"),
    ],
)
def test_what_the_suite_fixes(seed_corpus, tmp_path, arguments, status, message):
    model = [] if "--request" in arguments else ["random"]
    done = run("evaluate", *model, seed_corpus.folder, "--suite", "seed", *arguments, cwd=tmp_path, check=False)
    assert (done.returncode, done.stdout) == (status, "")
    assert len(done.stderr.splitlines()) == 1
    assert message in done.stderr


def test_wrong_corpora_are_refused_in_one_line(tmp_path, toy_corpus):
    toys = corpus_with(tmp_path / "folder", info={**SEED, "imported": {"layout": "folder"}}, a=take(nodding()))
    with pytest.raises(CorpusError, match=r"was not imported from BONES-SEED .it is BONES-SEED .tests., imported."):
        opened(toys.folder)
    with pytest.raises(CorpusError, match=r"was not imported .it is toy motions of the tests"):
        opened(toy_corpus.folder)
    with pytest.raises(CorpusError, match=r"no corpus for suite seed: it has skeleton"):
        opened(corpus_of(tmp_path / "other", stories(3), info=SEED).folder)
    plain = corpus_with(tmp_path / "plain", a=take(nodding()))
    with pytest.raises(
        CorpusError,
        match=r"has no split test_content and no split test_repetition .it has test.: import .* --split-files DIR",
    ):
        opened(plain.folder)
    with pytest.raises(ConfigError, match="suite seed needs your corpus"):
        open_suite("seed", SuiteData(tmp_path))
    done = run("evaluate", "random", toy_corpus.folder, "--propagated", cwd=tmp_path, check=False)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "--propagated goes with a corpus of BONES-SEED" in done.stderr


def test_timelines_that_were_carried_over_and_no_timelines(tmp_path):
    """In the variant that tells more, all takes of a script but one have times of another take."""
    corpus = Corpus(imported_seed(tmp_path, labels="timelines"))
    assert Questions(corpus, "test_content", roles=TIMELINES).trials[0].events.source == "timeline"
    counts = [len(Questions(corpus, "test_content", roles=roles).trials) for roles in (TIMELINES, ALL_TIMELINES)]
    assert counts == [1, 6]
