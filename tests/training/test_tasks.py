"""A run knows nothing of what it trains but a task: a second one, with nothing of motions or captions in it."""

import json
from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from chronomotion.seeding import generator
from chronomotion.training.config import RunSettings
from chronomotion.training.estimate import estimate_task
from chronomotion.training.processes import Processes
from chronomotion.training.run import Run

ROWS, WIDTH, INNER = 96, 6, 3


@dataclass
class AutoEncoder:
    """A linear auto-encoder of rows that lie on a plane: its loss can go to nothing."""

    settings: RunSettings
    shared_terms: tuple[str, ...] = ()

    def __post_init__(self):
        with torch.random.fork_rng():
            torch.manual_seed(self.settings.seed)
            self.model = nn.Sequential(nn.Linear(WIDTH, INNER), nn.Dropout(0.1), nn.Linear(INNER, WIDTH))
        rng = np.random.default_rng(0)
        self.rows = (rng.normal(size=(ROWS, INNER)) @ rng.normal(size=(INNER, WIDTH))).astype(np.float32)
        self.batches_per_epoch = ROWS // self.settings.batch_size

    def identity(self):
        return {"data": "a plane", **self.settings.to_dict()}

    def batches(self, done, *, ahead=True):
        first, skip = divmod(done, self.batches_per_epoch)
        for epoch in range(first, self.settings.epochs):
            order = generator("rows", self.settings.seed, epoch).permutation(ROWS)
            for i in range(skip if epoch == first else 0, self.batches_per_epoch):
                yield order[i * self.settings.batch_size : (i + 1) * self.settings.batch_size]

    def terms(self, batch):
        rows = torch.from_numpy(self.rows[batch])
        return {"error": nn.functional.mse_loss(self.model(rows), rows)}

    def names(self, batch):
        return [f"row {i}" for i in batch]

    def figures(self, batches):
        return {"rows": float(sum(map(len, batches)))}

    def learns(self, figures):
        return figures.gradient > 0

    def standstill_cause(self, batches):
        return "the data are all zero"

    def size(self, batches):
        return sum(map(len, batches))

    def parameter_groups(self):
        return [{"params": list(self.model.parameters()), "full": self.settings.learning_rate}]

    def with_precision(self, precision):
        return AutoEncoder(replace(self.settings, precision=precision))

    def preparation_seconds(self, batches):
        return 0.0

    def save(self, folder, result):
        save_file(self.model.state_dict(), folder / "model.safetensors")


SETTINGS = RunSettings(epochs=5, batch_size=16, learning_rate=5e-2, warmup_steps=2)


def weights(folder):
    return torch.cat([tensor.flatten() for _, tensor in sorted(load_file(folder / "model.safetensors").items())])


def trained(folder, settings=SETTINGS, judge=None):
    run = Run(AutoEncoder(settings), folder, Processes())
    assert not run.finished
    run.go(judge)
    return run


def test_another_task_is_trained(tmp_path):
    run = trained(tmp_path)
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == list(range(1, 31))
    assert lines[0]["rows"] == 16
    assert lines[-1]["loss"] < 0.7 * lines[0]["loss"]
    assert {path.name for path in tmp_path.iterdir()} == {"log.jsonl", "model.safetensors", "training.json"}
    assert run.finished
    assert json.loads((tmp_path / "training.json").read_text())["data"] == "a plane"


@pytest.mark.parametrize("stop", [1, 8, 29])
def test_an_interrupted_run_of_another_task_ends_with_the_same_weights(tmp_path, monkeypatch, stop):
    trained(tmp_path / "whole")
    step = Run._step

    def interrupted(self, done, batches):
        if done == stop:
            raise KeyboardInterrupt
        return step(self, done, batches)

    monkeypatch.setattr(Run, "_step", interrupted)
    with pytest.raises(KeyboardInterrupt):
        trained(tmp_path / "parts")
    monkeypatch.setattr(Run, "_step", step)
    trained(tmp_path / "parts")
    assert torch.equal(weights(tmp_path / "whole"), weights(tmp_path / "parts"))


def test_the_best_weights_of_another_task_are_kept(tmp_path):
    seen = []

    def judge(model):
        seen.append(torch.cat([one.detach().flatten() for _, one in sorted(model.state_dict().items())]))
        return [1.0, 3.0, 3.0, 2.0, 2.5][len(seen) - 1]

    trained(tmp_path, judge=judge)
    assert torch.equal(weights(tmp_path), seen[1])


def test_an_epoch_that_teaches_nothing_is_told(tmp_path, caplog):
    task = AutoEncoder(replace(SETTINGS, weight_decay=0.0))
    task.rows[:] = 0.0
    nn.init.zeros_(task.model[2].bias)
    nn.init.zeros_(task.model[0].bias)
    Run(task, tmp_path, Processes()).go()
    assert caplog.messages[0].startswith("nothing was learnt in the epoch that ends with step 6 of 30")
    assert caplog.messages[0].endswith("the data are all zero")
    assert len(caplog.messages) == 5


def test_accumulation_and_estimates_know_no_pairs(tmp_path):
    run = trained(tmp_path, replace(SETTINGS, accumulate=3))
    assert run.steps == 10
    estimate = estimate_task(AutoEncoder(SETTINGS), Processes(), clips=ROWS)
    assert (estimate.steps, estimate.clips, estimate.reading_seconds) == (30, ROWS, 0.0)
    assert estimate.parameters == estimate.trained == 2 * WIDTH * INNER + WIDTH + INNER
    assert 0 < estimate.quiet_hours <= estimate.hours


def test_a_loss_of_another_task_that_is_not_finite_names_its_rows(tmp_path):
    task = AutoEncoder(SETTINGS)
    task.rows[:] = np.inf
    with pytest.raises(Exception, match=r"the loss is (nan|inf) at step 1, clips row \d+, row"):
        Run(task, tmp_path, Processes()).go()
