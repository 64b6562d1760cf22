import json
from dataclasses import replace
from itertools import islice

import pytest
import torch

from chronomotion.model.backbone import TextBackbone
from chronomotion.model.config import ModelConfig
from chronomotion.model.motion_text import MotionTextModel
from chronomotion.model.text_states import TextStates
from chronomotion.training.config import ObjectiveConfig, TrainingConfig
from chronomotion.training.estimate import estimate
from chronomotion.training.optimiser import rate
from chronomotion.training.pair_task import PairTask
from chronomotion.training.processes import Processes
from chronomotion.training.run import Run
from chronomotion.training.train import train


@pytest.fixture(scope="module")
def states(backbone, tmp_path_factory):
    return TextStates(TextBackbone(str(backbone)), tmp_path_factory.mktemp("states"))


def config(*, model=None, objective=None, **changes):
    sizes = {"latent_dim": 16, "ff_size": 32, "num_layers": 1, "num_heads": 2, "dropout": 0.0, "frames_per_token": 4}
    settings = {"epochs": 2, "batch_size": 16, "warmup_steps": 5, "learning_rate": 3e-3, **changes}
    return TrainingConfig(
        model=ModelConfig(**{**sizes, **(model or {})}), objective=ObjectiveConfig(**(objective or {})), **settings
    )


def run_of(corpus, states, folder, settings):
    processes = Processes()
    run = Run(PairTask(corpus, settings, states, processes), folder, processes)
    run.task.model.train()
    return run


def gradients(run):
    return {name: one.grad.clone() for name, one in run.task.model.named_parameters() if one.grad is not None}


def test_accumulated_gradients_are_the_mean_of_those_of_the_batches(toy_corpus, states, tmp_path):
    settings = config(clip_norm=0.0)
    batches = list(islice(run_of(toy_corpus, states, tmp_path, settings).task.batches(0, ahead=False), 2))
    found = []
    for together in (batches[:1], batches[1:], batches):
        run = run_of(toy_corpus, states, tmp_path, settings)
        figures = run.stepper.step(0, together)
        found.append((figures.loss, gradients(run)))
    (one, first), (two, second), (both, together) = found
    assert both == pytest.approx((one + two) / 2, abs=1e-5)
    for name, gradient in together.items():
        assert torch.allclose(gradient, (first[name] + second[name]) / 2, atol=1e-5), name


def test_an_accumulating_run_takes_fewer_steps(toy_corpus, states, tmp_path):
    train(toy_corpus, tmp_path, config(accumulate=4), states=states)
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [1, 2, 3]  # 12 batches
    assert set(lines[0]) == {"step", "loss", "learning_rate", "gradient", "seconds", "padding"}
    assert lines[0]["learning_rate"] == pytest.approx(3e-3 / 5)
    assert 0 <= lines[0]["padding"] < 1


@pytest.mark.parametrize(
    ("model", "objective", "names"),
    [
        ({}, {"kind": "graded"}, {"others", "order", "jumbled"}),
        (
            {"vae": True, "decoder": True},
            {"reconstruction_weight": 1.0, "divergence_weight": 1e-5, "latent_weight": 1e-5, "filter": "sentences"},
            {"contrast", "latent", "motion from text", "motion from motion", "text to motion", "motion to text",
             "motion to normal", "text to normal"},
        ),
        ({"text_head": True}, {"filter": "none", "latent_weight": 1.0}, {"contrast", "latent"}),
        ({"tune_text_model": True}, {"kind": "graded", "filter": "stories"}, {"others", "order", "jumbled"}),
    ],
)  # fmt: skip
def test_every_kind_of_recipe_learns(toy_corpus, states, tmp_path, model, objective, names):
    settings = config(model=model, objective=objective, epochs=8, learning_rate=1e-2, text_learning_rate=1e-3)
    trained = train(toy_corpus, tmp_path, settings, states=states)
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert set(lines[0].get("terms", {"contrast": 0})) == names
    losses = [line["loss"] for line in lines]
    assert sum(losses[-6:]) < 0.95 * sum(losses[:6])
    again = MotionTextModel.from_pretrained(tmp_path, states=states)
    assert all(torch.equal(one, again.state_dict()[name]) for name, one in trained.state_dict().items())


def test_a_tuned_language_model_has_its_own_learning_rate(toy_corpus, states, tmp_path):
    run = run_of(toy_corpus, states, tmp_path, config(model={"tune_text_model": True}, text_learning_rate=1e-5))
    before = {name: one.clone() for name, one in run.task.model.language_model.named_parameters()}
    run.stepper.step(5, [next(run.task.batches(0, ahead=False))])
    moved = max((one - before[name]).abs().max() for name, one in run.task.model.language_model.named_parameters())
    assert 0 < moved < 3e-5  # AdamW's first step is as large as the learning rate
    assert [group["full"] for group in run.stepper.optimizer.param_groups] == [3e-3, 1e-5]


def test_bfloat16_gives_about_the_same_loss_and_float32_weights(toy_corpus, states, tmp_path):
    losses = []
    for precision in ("float32", "bfloat16"):
        run = run_of(toy_corpus, states, tmp_path, config(precision=precision))
        losses.append(run.stepper.step(0, [next(run.task.batches(0, ahead=False))]).loss)
        assert {one.dtype for one in run.task.model.parameters()} == {torch.float32}
    assert losses[0] != losses[1]
    assert losses[1] == pytest.approx(losses[0], rel=0.02)


def test_learning_rates_over_a_run():
    settings = config(warmup_steps=10)
    rates = [rate(settings, done, 110) for done in range(110)]
    assert rates[:10] == pytest.approx([0.1 * i for i in range(1, 11)])
    assert rates[10] == 1.0
    assert rates[60] == pytest.approx(0.525)
    assert rates[-1] == pytest.approx(0.05, abs=1e-3)
    assert {rate(replace(settings, schedule="constant"), done, 110) for done in range(10, 110)} == {1.0}


def judged(values):
    """A judge that gives these values, and remembers the weights that it saw."""
    seen = []

    def judge(model):
        seen.append(torch.cat([one.detach().flatten() for one in model.parameters()]))
        return values[len(seen) - 1]

    return judge, seen


def parameters(model):
    return torch.cat([one.detach().flatten() for one in model.parameters()])


def test_the_best_weights_are_kept(toy_corpus, states, tmp_path):
    judge, seen = judged([1.0, 3.0, 2.0, 2.5])
    model = train(toy_corpus, tmp_path, config(epochs=4), states=states, judge=judge)
    assert len(seen) == 4
    assert torch.equal(parameters(model), seen[1])
    assert torch.equal(parameters(MotionTextModel.from_pretrained(tmp_path, states=states)), seen[1])
    result = json.loads((tmp_path / "training.json").read_text())["result"]
    assert result == {"steps": 24, "best_step": 12, "judged": 3.0}
    assert not list(tmp_path.glob("best-*"))
    again = train(toy_corpus, tmp_path, config(epochs=4), states=states, judge=judge)
    assert torch.equal(parameters(again), seen[1])


@pytest.mark.parametrize(
    ("values", "best"), [([1.0, 3.0, 3.0, 2.0], 2), ([2.0, 2.0, 2.0, 2.0], 1), ([float("-inf"), -2.0, -2.0, -3.0], 2)]
)
def test_an_equal_judgement_does_not_replace_the_best(toy_corpus, states, tmp_path, values, best):
    judge, seen = judged(values)
    model = train(toy_corpus, tmp_path, config(epochs=4), states=states, judge=judge)
    result = json.loads((tmp_path / "training.json").read_text())["result"]
    assert (result["best_step"], result["judged"]) == (6 * best, values[best - 1])
    assert torch.equal(parameters(model), seen[best - 1])


def test_the_judge_comes_every_few_epochs_and_at_the_end(toy_corpus, states, tmp_path):
    judge, seen = judged([1.0, 2.0, 3.0])
    train(toy_corpus, tmp_path, config(epochs=5, judge_every=2), states=states, judge=judge)
    assert len(seen) == 3


@pytest.mark.parametrize("stop", [13, 20])
def test_an_interrupted_run_remembers_its_best_weights(toy_corpus, states, tmp_path, monkeypatch, stop):
    judge, seen = judged([1.0, 3.0, 2.0, 2.5])
    step = Run._step

    def interrupted(self, done, batches):
        if done == stop:
            raise KeyboardInterrupt
        return step(self, done, batches)

    monkeypatch.setattr(Run, "_step", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train(toy_corpus, tmp_path, config(epochs=4), states=states, judge=judge)
    monkeypatch.setattr(Run, "_step", step)
    model = train(toy_corpus, tmp_path, config(epochs=4), states=states, judge=judge)
    assert len(seen) == 4
    assert torch.equal(parameters(model), seen[1])


def test_an_estimate_takes_three_steps_and_writes_nothing(toy_corpus, states, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = estimate(toy_corpus, config(epochs=10, accumulate=2), states=states)
    assert not list(tmp_path.iterdir())
    assert (found.clips, found.epochs, found.steps) == (48, 10, 30)
    assert found.parameters == found.trained > 0
    assert found.memory > 1 << 20
    assert found.hours == pytest.approx((30 * found.seconds_per_step + found.reading_seconds) / 3600)


def test_features_stay_on_disk(toy_corpus, states, tmp_path, monkeypatch):
    """A run over a corpus that is larger than memory reads the clips of the batches under way, no more."""
    run = run_of(toy_corpus, states, tmp_path, config(negatives="shuffled"))
    read = []
    features = type(toy_corpus).features

    def counted(self, name):
        found = features(self, name)
        assert not found.flags.owndata  # a view of the memory-mapped file
        read.append(name)
        return found

    batches = run.task.batches(0, ahead=False)
    next(batches)
    monkeypatch.setattr(type(toy_corpus), "features", counted)
    batch = next(batches)
    assert set(read) == set(batch.names)
