import errno
import json
import os

import pytest
import torch

from chronomotion.errors import BusyError, TrainingError
from chronomotion.folder_lock import FolderLock
from chronomotion.model.backbone import TextBackbone
from chronomotion.model.config import ModelConfig
from chronomotion.model.text_states import TextStates
from chronomotion.training import objective
from chronomotion.training.checkpoint import with_current_names
from chronomotion.training.config import ObjectiveConfig, TrainingConfig
from chronomotion.training.run import Run
from chronomotion.training.train import train


@pytest.fixture(scope="module")
def states(backbone, tmp_path_factory):
    return TextStates(TextBackbone(str(backbone)), tmp_path_factory.mktemp("states"))


def config(**changes):
    model = ModelConfig(latent_dim=16, ff_size=32, num_layers=1, num_heads=2, dropout=0.1, frames_per_token=4)
    return TrainingConfig(
        **{"model": model, "epochs": 4, "batch_size": 16, "warmup_steps": 5, "learning_rate": 3e-3, **changes}
    )


def weights(model):
    return torch.cat([tensor.flatten() for tensor in model.state_dict().values()])


def losses(folder):
    return [json.loads(line)["loss"] for line in (folder / "log.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("negatives", ["none", "shuffled", "counterfactual"])
def test_training_lowers_the_loss_and_saves_a_model(toy_corpus, states, tmp_path, negatives):
    model = train(toy_corpus, tmp_path, config(negatives=negatives, epochs=12), states=states)
    found = losses(tmp_path)
    quarter = len(found) // 4
    assert sum(found[-quarter:]) < 0.97 * sum(found[:quarter])
    assert not model.training
    names = {"README.md", "config.json", "log.jsonl", "model.safetensors", "training.json"}
    assert {path.name for path in tmp_path.iterdir()} == names


@pytest.mark.parametrize("stop", [1, 7, 20])
def test_an_interrupted_run_ends_with_the_same_weights(toy_corpus, states, tmp_path, monkeypatch, stop):
    whole = train(toy_corpus, tmp_path / "whole", config(), states=states)
    step = Run._step

    def interrupted(self, done, batch):
        if done == stop:
            raise KeyboardInterrupt
        return step(self, done, batch)

    monkeypatch.setattr(Run, "_step", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train(toy_corpus, tmp_path / "parts", config(), states=states)
    monkeypatch.setattr(Run, "_step", step)
    torch.manual_seed(99)  # the caller's random state has no say
    parts = train(toy_corpus, tmp_path / "parts", config(), states=states)
    assert torch.equal(weights(whole), weights(parts))
    assert losses(tmp_path / "whole") == losses(tmp_path / "parts")


def test_two_runs_in_one_folder_are_one_too_many(toy_corpus, states, tmp_path):
    with FolderLock(tmp_path / "run"):
        with pytest.raises(BusyError, match=r"run: process \d+ on .* is at work there"):
            train(toy_corpus, tmp_path / "run", config(), states=states)
        assert [path.name for path in (tmp_path / "run").iterdir()] == [".lock"]
    train(toy_corpus, tmp_path / "run", config(epochs=1), states=states)
    with FolderLock(tmp_path / "run"):  # a model that is finished may be loaded whoever is at work
        train(toy_corpus, tmp_path / "run", config(epochs=1), states=states)


def test_what_a_run_leaves_that_is_killed_at_its_very_end_is_cleared(toy_corpus, states, tmp_path):
    train(toy_corpus, tmp_path, config(epochs=1), states=states)
    whole = {path.name for path in tmp_path.iterdir()}
    for name in (".lock", "checkpoint.pt", "best-12.safetensors"):
        (tmp_path / name).write_text("left")
    train(toy_corpus, tmp_path, config(epochs=1), states=states)
    assert {path.name for path in tmp_path.iterdir()} == whole


@pytest.mark.parametrize(("saved", "kept"), [(1, "no checkpoint was there yet"), (3, "the checkpoint of step 2 is")])
def test_a_full_disk_says_what_is_kept_and_the_same_call_goes_on(
    toy_corpus, states, tmp_path, monkeypatch, saved, kept
):
    calls = []
    save = torch.save

    def full(*given):
        calls.append(given)
        if len(calls) == saved:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        save(*given)

    whole = train(toy_corpus, tmp_path / "whole", config(), states=states)
    with monkeypatch.context() as patch:
        patch.setattr(torch, "save", full)
        message = rf"checkpoint\.pt: cannot be written: No space left on device; {kept}.*the same command goes on"
        with pytest.raises(TrainingError, match=message):
            train(toy_corpus, tmp_path / "run", config(checkpoint_seconds=0), states=states)
    assert {path.name for path in (tmp_path / "run").iterdir()} <= {"log.jsonl", "checkpoint.pt"}
    parts = train(toy_corpus, tmp_path / "run", config(checkpoint_seconds=0), states=states)
    assert torch.equal(weights(whole), weights(parts))


def test_a_trained_model_says_what_it_was_made_of(toy_corpus, states, tmp_path):
    train(toy_corpus, tmp_path / "run", config(epochs=1), states=states)
    card = (tmp_path / "run" / "README.md").read_text(encoding="utf-8")
    assert toy_corpus.fingerprint in card
    assert f"| licence | {toy_corpus.info['licence']} |" in card
    assert '"negatives": ' in card


def test_training_leaves_the_random_state_of_the_caller_alone(toy_corpus, states, tmp_path):
    torch.manual_seed(5)
    expected = torch.get_rng_state()
    train(toy_corpus, tmp_path, config(epochs=1), states=states)
    assert torch.equal(torch.get_rng_state(), expected)


def test_a_finished_run_is_loaded_and_another_one_refused(toy_corpus, states, tmp_path, monkeypatch):
    first = train(toy_corpus, tmp_path, config(epochs=1), states=states)
    monkeypatch.setattr(Run, "go", lambda self, judge: pytest.fail("trained again"))
    again = train(toy_corpus, tmp_path, config(epochs=1), states=states)
    assert torch.equal(weights(first), weights(again))
    with pytest.raises(TrainingError, match="holds a model of another run: seed is 0 there and 3 here"):
        train(toy_corpus, tmp_path, config(epochs=1, seed=3), states=states)


def test_a_checkpoint_of_other_settings_is_refused(toy_corpus, states, tmp_path, monkeypatch):
    def stop(self, done, batch):
        raise KeyboardInterrupt

    monkeypatch.setattr(Run, "_step", stop)
    with pytest.raises(KeyboardInterrupt):
        train(toy_corpus, tmp_path, config(), states=states)
    with pytest.raises(TrainingError, match=r"is of another run: objective.temperature is 0\.1 there and 0\.2 here"):
        train(toy_corpus, tmp_path, config(objective=ObjectiveConfig(temperature=0.2)), states=states)


OLD_NAMES = {"max_seconds": "longest", "min_seconds": "shortest", "repeat_after_epochs": "rounds"}


def with_old_names(settings):
    assert OLD_NAMES.keys() <= settings.keys()
    return {OLD_NAMES.get(key, key): value for key, value in settings.items()}


def test_a_finished_run_of_an_earlier_version_is_the_same_run(toy_corpus, states, tmp_path, monkeypatch):
    first = train(toy_corpus, tmp_path, config(epochs=1, min_seconds=0.1), states=states)
    saved = tmp_path / "training.json"
    saved.write_text(json.dumps(with_old_names(json.loads(saved.read_text()))))
    monkeypatch.setattr(Run, "go", lambda self, judge: pytest.fail("trained again"))
    again = train(toy_corpus, tmp_path, config(epochs=1, min_seconds=0.1), states=states)
    assert torch.equal(weights(first), weights(again))
    with pytest.raises(TrainingError, match=r"another run: min_seconds is 0\.1 there and 0\.2 here\. "):
        train(toy_corpus, tmp_path, config(epochs=1, min_seconds=0.2), states=states)


def test_a_checkpoint_of_an_earlier_version_goes_on(toy_corpus, states, tmp_path, monkeypatch):
    whole = train(toy_corpus, tmp_path / "whole", config(epochs=2), states=states)
    step = Run._step

    def interrupted(self, done, batch):
        if done == 3:
            raise KeyboardInterrupt
        return step(self, done, batch)

    monkeypatch.setattr(Run, "_step", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train(toy_corpus, tmp_path / "parts", config(epochs=2), states=states)
    path = tmp_path / "parts" / "checkpoint.pt"
    saved = torch.load(path, weights_only=True)
    saved["identity"] = json.dumps(with_old_names(json.loads(saved["identity"])), sort_keys=True)
    torch.save(saved, path)
    with pytest.raises(TrainingError, match=r"another run: repeat_after_epochs is 4 there and 1 here\. "):
        train(toy_corpus, tmp_path / "parts", config(epochs=2, repeat_after_epochs=1), states=states)
    taken = []
    monkeypatch.setattr(Run, "_step", lambda self, done, batch: taken.append(done) or step(self, done, batch))
    parts = train(toy_corpus, tmp_path / "parts", config(epochs=2), states=states)
    assert taken[0] == 3
    assert torch.equal(weights(whole), weights(parts))
    assert OLD_NAMES.keys() <= json.loads((tmp_path / "parts" / "training.json").read_text()).keys()


def test_names_of_another_task_are_its_own():
    assert with_current_names({"rounds": 3}, {"rounds": 4}) == {"rounds": 3}
    assert with_current_names({"rounds": 3}, {"epochs": 4}) == {"rounds": 3}
    assert with_current_names({"rounds": 3, "seed": 1}, {"repeat_after_epochs": 4}) == {
        "repeat_after_epochs": 3,
        "seed": 1,
    }


def test_a_loss_that_is_not_finite_names_the_clips(toy_corpus, states, tmp_path, monkeypatch):
    monkeypatch.setattr(objective, "chronological_contrast", lambda *a: torch.tensor(float("nan"), requires_grad=True))
    with pytest.raises(TrainingError, match=r"the loss is nan at step 1, clips train-000"):
        train(toy_corpus, tmp_path, config(), states=states)


def test_a_corpus_that_is_too_small(toy_corpus, states, tmp_path):
    with pytest.raises(TrainingError, match="split 'train' has 48 clips, a batch needs 64"):
        train(toy_corpus, tmp_path, config(batch_size=64), states=states)
