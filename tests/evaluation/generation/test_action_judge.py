"""The judge: what it reads, that no batch changes it, its folder, and that a training teaches it actions."""

import json

import numpy as np
import pytest
import torch
from placed_events import corpus_of

from chronomotion.cli.app import launch
from chronomotion.errors import ConfigError, ModelError, TrainingError
from chronomotion.evaluation.generation.action_judge import ActionJudge, JudgeConfig
from chronomotion.evaluation.generation.motion_set import MotionSet
from chronomotion.evaluation.generation.realised_order import realised_order
from chronomotion.generation.judge_task import JudgeSettings, JudgeTask, train_judge
from chronomotion.training.processes import Processes
from chronomotion.training.run import Run

ACTIONS = ("bow", "run", "sit")


@pytest.fixture(scope="module")
def judge():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        rng = np.random.default_rng(0)
        stats = rng.normal(size=263), rng.uniform(0.5, 2, size=263)
        return ActionJudge(JudgeConfig(dim=263, actions=ACTIONS, width=8, dilations=(1, 2)), stats=stats).eval()


def motions(*lengths):
    return [np.random.default_rng(n).normal(size=(n, 263)).astype(np.float32) for n in lengths]


def test_log_probabilities_of_every_frame(judge):
    for values, frames in zip(judge.log_probs(motions(7, 30, 1)), (7, 30, 1), strict=True):
        assert values.shape == (frames, 3)
        assert np.exp(values).sum(axis=1) == pytest.approx(np.ones(frames), abs=1e-5)


def test_no_batch_changes_a_judgement(judge):
    together = judge.log_probs(motions(12, 40, 25))
    for values, motion in zip(together, motions(12, 40, 25), strict=True):
        assert values == pytest.approx(judge.log_probs([motion])[0], abs=1e-5)


def test_only_what_joints_are_recovered_from_is_read(judge):
    (motion,) = motions(20)
    changed = motion.copy()
    changed[:, 67:] += 3.0
    assert np.array_equal(judge.log_probs([motion])[0], judge.log_probs([changed])[0])
    changed[5, 66] += 3.0
    assert not np.allclose(judge.log_probs([motion])[0], judge.log_probs([changed])[0])


def test_a_folder_gives_the_same_judge(judge, tmp_path):
    judge.save_pretrained(tmp_path / "judge")
    loaded = ActionJudge.from_pretrained(tmp_path / "judge")
    assert loaded.fingerprint == judge.fingerprint
    assert loaded.actions == ACTIONS
    assert np.array_equal(loaded.log_probs(motions(9))[0], judge.log_probs(motions(9))[0])
    with torch.no_grad():
        loaded.last.bias[0] += 1
    assert loaded.fingerprint != judge.fingerprint


@pytest.mark.parametrize(
    ("motion", "message"),
    [
        (np.zeros((5, 251), np.float32), r"motion 0: features of shape \(5, 251\).*trained on \(frames, 263\)"),
        (np.zeros((0, 263), np.float32), "shape"),
        (np.full((4, 263), np.nan, np.float32), "feature 0 of frame 0 is nan"),
    ],
)
def test_features_that_it_cannot_judge(judge, motion, message):
    with pytest.raises(ModelError, match=message):
        judge.log_probs([motion])


def test_an_action_that_it_does_not_know(judge):
    assert judge.indices(("sit", "bow")) == (2, 0)
    with pytest.raises(ModelError, match="does not know the action 'fly'; it knows bow, run, sit"):
        judge.indices(("bow", "fly"))


def test_folders_that_hold_no_judge(judge, tmp_path):
    with pytest.raises(ModelError, match="no config.json"):
        ActionJudge.from_pretrained(tmp_path)
    (tmp_path / "config.json").write_text('{"kind": "motion-tokenizer"}')
    with pytest.raises(ModelError, match="not hold an action judge, but motion-tokenizer"):
        ActionJudge.from_pretrained(tmp_path)
    judge.save_pretrained(tmp_path)
    info = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**info, "format_version": 9}))
    with pytest.raises(ModelError, match="format_version 9, this version reads 1"):
        ActionJudge.from_pretrained(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps({**info, "judge": {**info["judge"], "width": 9}}))
    with pytest.raises(ModelError, match="does not hold an action judge"):
        ActionJudge.from_pretrained(tmp_path)
    with pytest.raises(ConfigError, match="actions"):
        JudgeConfig(dim=263, actions=("bow",))


SETTINGS = JudgeSettings(epochs=6, batch_size=8, width=24, dilations=(1, 2, 4), frames=64, warmup_steps=5)


@pytest.fixture(scope="module")
def trained(toy_corpus, tmp_path_factory):
    folder = tmp_path_factory.mktemp("judge") / "judge"
    return train_judge(toy_corpus, folder, SETTINGS), folder


def test_a_training_teaches_actions(toy_corpus, trained):
    judge, _ = trained
    assert judge.trained_on["fingerprint"] == toy_corpus.fingerprint
    real = MotionSet.of_corpus(toy_corpus, "test")
    asked = [judge.indices(labels) for labels in real.labels()]
    order = realised_order(judge.log_probs(real.features), asked, clusters=real.clusters)
    assert order.all.ordered.value >= 90
    assert set(order.by_events) == {"2", "3"}
    backwards = realised_order(judge.log_probs(real.features), [labels[::-1] for labels in asked])
    assert backwards.all.ordered.value <= 10


def test_a_finished_judge_is_loaded_not_trained_again(toy_corpus, trained):
    judge, folder = trained
    assert train_judge(toy_corpus, folder, SETTINGS).fingerprint == judge.fingerprint
    with pytest.raises(TrainingError, match="another run"):
        train_judge(toy_corpus, folder, JudgeSettings(epochs=1))


def test_an_interrupted_training_ends_with_the_same_judge(toy_corpus, trained, tmp_path, monkeypatch):
    step = Run._step

    def interrupted(self, done, batches):
        if done == 17:
            raise KeyboardInterrupt
        return step(self, done, batches)

    monkeypatch.setattr(Run, "_step", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train_judge(toy_corpus, tmp_path / "judge", SETTINGS)
    monkeypatch.setattr(Run, "_step", step)
    assert train_judge(toy_corpus, tmp_path / "judge", SETTINGS).fingerprint == trained[0].fingerprint


def test_frames_between_events_teach_nothing(toy_corpus):
    task = JudgeTask(toy_corpus, SETTINGS, Processes())
    batch = next(task.batches(0))
    for row, name in enumerate(batch.names):
        (caption,) = toy_corpus.captions(name)
        longest = max(end - start for start, end in caption.events.spans)
        labels = batch.actions[row].tolist()
        assert set(labels) <= {-1, *task.model.indices(caption.events.labels)}
        assert max(map(labels.count, set(labels) - {-1})) <= round(longest * toy_corpus.fps) + 1


def test_a_corpus_without_labels_is_an_error(tmp_path):
    with pytest.raises(TrainingError, match="0 actions have labels and times, a judge needs 2"):
        train_judge(corpus_of(tmp_path / "c", [("walks", "bows")], splits={"train": ["000"]}), tmp_path / "judge")


def test_the_verb_trains_a_judge(toy_corpus, tmp_path, capsys):
    dest = tmp_path / "judge"
    assert launch(["train-judge", str(toy_corpus.folder), str(dest), "--epochs", "1", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    judge = ActionJudge.from_pretrained(dest)
    assert (told["fingerprint"], tuple(told["actions"])) == (judge.fingerprint, judge.actions)
    assert launch(["train-judge", str(tmp_path / "nowhere"), str(dest)]) == 1
    assert "nowhere" in capsys.readouterr().err
