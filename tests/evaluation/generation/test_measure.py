"""Sets of motions measured together: what each repeat draws, what stands in a report, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest

from chronomotion.corpus import Clip
from chronomotion.errors import ConfigError, CorpusError, FormatError, ModelError
from chronomotion.evaluation.generation.action_judge import ActionJudge, JudgeConfig
from chronomotion.evaluation.generation.distances import diversity, fid, multimodality, r_precision
from chronomotion.evaluation.generation.evaluators import Evaluator, ModelEvaluator
from chronomotion.evaluation.generation.measure import measure_set
from chronomotion.evaluation.generation.motion_set import MotionSet
from chronomotion.evaluation.generation.records import Identity
from chronomotion.evaluation.generation.repeats import draw, drawn_captions, drawn_crops
from chronomotion.evaluation.generation.report import GenerationReport, combined
from chronomotion.language.caption import Caption

HERE = Identity(name="toys", fingerprint="f" * 32)


class Sums:
    """An evaluator of three dimensions: sums of columns of the motion, hashes of the text."""

    def __init__(self, name="sums", fingerprint="a", scale=1.0, frames=(1, None)):
        self.name, self.fingerprint, self.dim, self.frames, self._scale = name, fingerprint, 263, frames, scale

    def embed_motions(self, motions):
        return np.stack([self._scale * motion[:, [3, 60, 130]].mean(axis=0) + 1 for motion in motions])

    def embed_texts(self, texts, tags=None):
        return np.array([[len(text), text.count("a"), text.count("e") + 1] for text in texts], dtype=float) / 20


@pytest.fixture(scope="module")
def real(toy_corpus):
    return MotionSet.of_corpus(toy_corpus, "train", "real")


@pytest.fixture(scope="module")
def made(real):
    """The real motions in the next one's place, bent out of shape in columns that joints do not obey."""
    features = [clip.features.copy() for clip in real.clips]
    for one in features:
        one[:, 130] += 5.0
    return MotionSet.generated("made", real.clips, [*features[1:], features[0]], lengths="own")


@pytest.fixture(scope="module")
def report(real, made, toy_corpus):
    judge = ActionJudge(JudgeConfig(dim=263, actions=_actions(toy_corpus), width=4, dilations=(1,)))
    return measure_set(
        real, [made], corpus=HERE, train=MotionSet.of_corpus(toy_corpus, "test", "train"), evaluator=Sums(),
        judge=judge, judge_name="random", repeats=3,
    )  # fmt: skip


def _actions(corpus):
    return tuple(corpus.info["composed"]["actions"])


def test_a_repeat_is_a_function_of_the_seed_and_names(real):
    first = draw(real, 0, seed=0)
    assert first == draw(real, 0, seed=0)
    assert sorted(first.clips) == list(range(len(real)))
    others = [draw(real, 1, seed=0), draw(real, 0, seed=1)]
    assert all(other != first for other in others)
    backwards = replace(real, clips=real.clips[::-1])
    drawn = {real.clips[crop.clip].name: (crop.start, crop.length) for crop in drawn_crops(first)}
    again = {backwards.clips[crop.clip].name: (crop.start, crop.length) for crop in drawn_crops(draw(backwards, 0, 0))}
    assert drawn == again


def test_crops_are_multiples_of_four_and_a_third_is_shorter(real):
    shorter = total = 0
    for repeat in range(40):
        for crop in drawn_crops(draw(real, repeat, seed=0)):
            frames = len(real.clips[crop.clip].features)
            assert crop.length % 4 == 0
            assert 0 <= crop.start <= frames - crop.length
            assert frames - crop.length < 8
            shorter += frames // 4 * 4 != crop.length
            total += 1
    assert shorter / total == pytest.approx(1 / 3, abs=0.04)


def test_one_of_several_captions_is_drawn_with_its_span():
    clip = Clip("a", np.zeros((40, 263), np.float32), (Caption("first", 0.0, 1.0), Caption("second", 1.0, None)))
    both = MotionSet("both", (clip,), 20.0)
    seen = set()
    for repeat in range(20):
        drawn = draw(both, repeat, seed=0)
        (caption,), (crop,) = drawn_captions(both, drawn), drawn_crops(drawn)
        seen.add(caption.text)
        assert crop.start >= (0 if caption.text == "first" else 20)
        assert crop.start + crop.length <= (20 if caption.text == "first" else 40)
    assert seen == {"first", "second"}


def test_figures_are_those_of_the_distances(report, real, made):
    match = report.sets[1].given.match
    evaluator, values = Sums(), {"fid": [], "top": [], "motions": []}
    for repeat in range(3):
        rows = {}
        for one in (real, made):
            drawn = draw(one, repeat, seed=0)
            motions = evaluator.embed_motions([crop.of(one) for crop in drawn_crops(drawn)]).astype(np.float32)
            texts = evaluator.embed_texts([caption.text for caption in drawn_captions(one, drawn)]).astype(np.float32)
            rows[one.name] = texts, motions
        values["fid"].append(fid(rows["made"][1], rows["real"][1]))
        values["top"].append(r_precision(*rows["made"]))
    assert match.fid.value == pytest.approx(np.mean(values["fid"]))
    assert match.fid.spread == pytest.approx(1.96 * np.std(values["fid"]) / np.sqrt(3))
    assert [one.value for one in match.top] == pytest.approx(np.mean(values["top"], axis=0))


def test_floors_stand_beside(report):
    assert report.fid_train.value > 0
    assert (report.fid_train_motions, report.fid_halves_motions) == (24, 24)
    assert 0 < report.fid_halves.value < report.sets[1].given.match.fid.value
    assert report.sets[0].given.match.fid is None


def test_what_joints_do_not_obey_is_seen_after_the_round_trip(report):
    """A decoder that pleases the evaluator in columns that nobody sees: gone with the round trip."""
    given, trip = report.sets[1].given.match, report.sets[1].round_trip.match
    assert given.fid.value > 10
    assert trip.fid.value < 1
    assert trip.motions == given.motions == 48


def test_real_motions_come_first_and_every_table_has_n(report):
    text = report.markdown()
    assert text.index("| real |") < text.index("| made |")
    assert [table.heads[1] for table in report.tables()[1:]] == ["n", "n"]
    assert report.tables()[0].heads[2] == "n"
    assert "sums (a)" in text
    assert "toys (ffffffffffff)" in text
    assert "seed 0" in text
    assert "diversity draws 300 motions without replacement, there are 48" in text
    assert report.sets[1].physical.motions == 48


def test_a_saved_report_is_the_same_one(report, tmp_path):
    report.save(tmp_path / "report.json")
    assert GenerationReport.load(tmp_path / "report.json") == report
    assert (tmp_path / "report.md").read_text() == report.markdown()
    assert len(report.draws["made"]) == 3
    (tmp_path / "other.json").write_text('{"format_version": 2}')
    with pytest.raises(FormatError, match="not a report of generated motions"):
        GenerationReport.load(tmp_path / "other.json")
    with pytest.raises(ConfigError, match="ends in .json"):
        report.save(tmp_path / "report.txt")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"evaluator": Identity(name="sums", fingerprint="b")}, r"evaluator is sums \(a\) in one, sums \(b\)"),
        ({"judge": None}, "judge is random"),
        ({"reference": Identity(name="toys", fingerprint="e")}, "reference is toys"),
        ({"seed": 1}, "seed is 0 in one, 1 in the other"),
        ({"repeats": 20}, "repeats is 3 in one, 20"),
        ({"floor": "estimated"}, "floor is 'zero' in one, 'estimated'"),
    ],
)
def test_figures_that_cannot_be_compared_are_not_put_in_one_table(report, change, message):
    with pytest.raises(ConfigError, match=message):
        combined([report, report.model_copy(update=change)])


def test_reports_of_the_same_measure_make_one(report):
    other = report.sets[1].model_copy(update={"name": "other"})
    both = combined([report, report.model_copy(update={"sets": [report.sets[0], other]})])
    assert [one.name for one in both.sets] == ["real", "made", "other"]
    worse = report.sets[1].model_copy(update={"motions": 3})
    with pytest.raises(ConfigError, match="different motions under the name 'made'"):
        combined([report, report.model_copy(update={"sets": [report.sets[0], worse]})])
    with pytest.raises(ConfigError, match="no report"):
        combined([])


def test_motions_that_the_evaluator_does_not_read_are_counted(real):
    lengths = sorted(len(clip.features) for clip in real.clips)
    limit = lengths[len(lengths) // 2]
    report = measure_set(real, corpus=HERE, evaluator=Sums(frames=(1, limit)), repeats=2)
    match = report.sets[0].given.match
    assert match.unread == sum(length > limit for length in lengths)
    assert match.motions + match.unread == 48
    assert f"{match.unread} motions are too short or too long for the evaluator" in report.markdown()
    none = measure_set(real, corpus=HERE, evaluator=Sums(frames=(500, None)), repeats=2)
    assert none.sets[0].given.match is None
    assert "no motion has a length that the evaluator reads" in none.markdown()


def test_without_evaluator_and_judge_there_is_physics(real):
    report = measure_set(real, corpus=HERE)
    assert (report.evaluator, report.judge, report.repeats) == (None, None, 0)
    assert len(report.tables()) == 1


def test_thirty_motions_of_a_text_have_a_multimodality(real):
    text = (Caption("a person raises the left hand."),)
    clips = tuple(replace(clip, captions=text) for clip in real.clips[:30])
    several = MotionSet("several", (*clips, *real.clips[30:]), 20.0)
    match = measure_set(several, corpus=HERE, evaluator=Sums(), repeats=1).sets[0].given.match
    drawn = draw(several, 0, seed=0)
    rows = Sums().embed_motions([crop.of(several) for crop in drawn_crops(drawn)]).astype(np.float32)
    place = {clip: row for row, clip in enumerate(drawn.clips)}
    assert match.multimodality.value == pytest.approx(
        multimodality(rows[[place[clip] for clip in range(30)]][None], 0, 0)
    )


def test_any_model_is_an_evaluator():
    class Model:
        fingerprint = "m"

        def encode_text(self, texts):
            return np.array([[len(text), 1.0] for text in texts])

        def encode_motion(self, motions):
            return np.array([[len(motion), 1.0] for motion in motions])

    evaluator = ModelEvaluator(Model(), "mine")
    assert isinstance(evaluator, Evaluator)
    assert (evaluator.name, evaluator.fingerprint, evaluator.dim, evaluator.frames) == ("mine", "m", None, (1, None))
    rows = evaluator.embed_texts(["abc", "a", "abc"])
    assert np.linalg.norm(rows, axis=1) == pytest.approx(np.ones(3))
    assert np.array_equal(rows[0], rows[2])
    assert diversity(evaluator.embed_motions([np.zeros((n, 4)) for n in (3, 4)]), 0, pairs=2) >= 0
    del Model.fingerprint
    with pytest.raises(ModelError, match="mine has no fingerprint"):
        ModelEvaluator(Model(), "mine")


def test_sets_that_cannot_be_measured(real, made):
    with pytest.raises(ConfigError, match="two sets of motions have one name, of real, made, made"):
        measure_set(real, [made, made], corpus=HERE)
    with pytest.raises(ConfigError, match="repeats must be at least 1, not 0"):
        measure_set(real, corpus=HERE, evaluator=Sums(), repeats=0)
    wide = Sums()
    wide.dim = 251
    with pytest.raises(ModelError, match="motions of 263 features a frame, the evaluator sums takes 251"):
        measure_set(real, corpus=HERE, evaluator=wide)
    with pytest.raises(CorpusError, match="none: no motion to measure"):
        MotionSet("none", (), 20.0)
    judge = ActionJudge(JudgeConfig(dim=263, actions=("fly", "swim")))
    with pytest.raises(ModelError, match="does not know the action"):
        measure_set(real, corpus=HERE, judge=judge)
