"""``chronomotion train-generator``: a tokenizer, codes, a prior; one folder, and interrupts wherever they come."""

import json

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from toy_priors import ToyTexts, toy_tokenizer

from chronomotion.cli.app import launch
from chronomotion.corpus.compose.compose import compose
from chronomotion.errors import ModelError, TrainingError
from chronomotion.generation.prior.motion_prior import MotionPrior
from chronomotion.generation.prior.prompt import Prompt
from chronomotion.generation.settings import read_generator_recipe
from chronomotion.generation.tokenizer.motion_tokenizer import MotionTokenizer
from chronomotion.generation.train import estimate_generator, train_generator
from chronomotion.training.run import Run
from toys import ToyClips

SMALL = {
    "tokenizer.epochs": 1, "tokenizer.batch_size": 8, "tokenizer.window": 16, "tokenizer.model.width": 8,
    "tokenizer.model.depth": 1, "prior.epochs": 1, "prior.batch_size": 8, "prior.model.layers": 1,
    "prior.model.width": 16, "prior.model.heads": 2, "prior.model.max_tokens": 24,
}  # fmt: skip


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("generator") / "corpus"
    return compose(ToyClips(), folder, {"train": 16, "val": 6}, order="uniform", events=(2, 3))


def settings(**flags):
    return read_generator_recipe(flags={**SMALL, **flags}, environment={}).settings


def weights(folder):
    files = (folder / "model.safetensors", folder / "tokenizer" / "model.safetensors")
    return torch.cat([tensor.flatten().float() for path in files for _, tensor in sorted(load_file(path).items())])


def made(corpus, folder, **how):
    return train_generator(corpus, folder, settings(), texts=ToyTexts(), **how)


def test_one_folder_has_both(corpus, tmp_path):
    prior = made(corpus, tmp_path / "g", cache=tmp_path / "cache")
    tokenizer = MotionTokenizer.from_pretrained(tmp_path / "g" / "tokenizer")
    assert prior.tokenizer_fingerprint == tokenizer.fingerprint
    assert {"config.json", "model.safetensors", "training.json", "README.md", "tokenizer"} <= {
        path.name for path in (tmp_path / "g").iterdir()
    }
    codes = prior.sample([Prompt("a person nods", ("a person nods.",))], seeds=[0], tokens=[8])
    assert tokenizer.decode(codes[0]).shape == (32, 263)
    assert list((tmp_path / "cache" / "codes").glob("*.safetensors"))
    assert made(corpus, tmp_path / "g", cache=tmp_path / "cache").fingerprint == prior.fingerprint


@pytest.mark.parametrize("stop", [1, 3, 5, 6])
def test_an_interrupt_anywhere_ends_with_the_same_weights(corpus, tmp_path, monkeypatch, stop):
    """Step 1 is the tokenizer's, the last ones are the prior's."""
    step, steps = Run._step, []

    def counted(self, done, batches):
        steps.append(self.folder.name)
        if len(steps) == stop + 1 and self.folder.name in {"parts", "tokenizer"} and interrupting:
            raise KeyboardInterrupt
        return step(self, done, batches)

    interrupting = False
    monkeypatch.setattr(Run, "_step", counted)
    made(corpus, tmp_path / "whole")
    assert stop < len(steps)
    assert set(steps) == {"tokenizer", "whole"}
    steps.clear()
    interrupting = True
    with pytest.raises(KeyboardInterrupt):
        made(corpus, tmp_path / "parts")
    interrupting = False
    made(corpus, tmp_path / "parts")
    assert torch.equal(weights(tmp_path / "whole"), weights(tmp_path / "parts"))


def test_a_given_tokenizer_is_copied_and_no_other_one_is_mixed_in(corpus, tmp_path):
    toy_tokenizer(corpus).save_pretrained(tmp_path / "a")
    toy_tokenizer(corpus, seed=1).save_pretrained(tmp_path / "b" / "tokenizer")
    first = made(corpus, tmp_path / "g", tokenizer=tmp_path / "a")
    assert first.tokenizer_fingerprint == toy_tokenizer(corpus).fingerprint
    assert made(corpus, tmp_path / "h", tokenizer=tmp_path / "b").tokenizer_fingerprint != first.tokenizer_fingerprint
    with pytest.raises(ModelError) as told:
        made(corpus, tmp_path / "g", tokenizer=tmp_path / "b")
    for one in (toy_tokenizer(corpus), toy_tokenizer(corpus, seed=1)):
        assert one.fingerprint[:12] in str(told.value)
    assert "is another tokenizer" in str(told.value)


def test_a_tokenizer_of_another_width_is_refused(corpus, tmp_path):
    from chronomotion.generation.tokenizer.config import TokenizerConfig

    config = TokenizerConfig(dim=251, fps=12.5, width=8, depth=1)
    MotionTokenizer(config, (np.zeros(251), np.ones(251))).save_pretrained(tmp_path / "kit")
    with pytest.raises(TrainingError, match=r"has 263 features a frame, the tokenizer reads 251: train one on it"):
        made(corpus, tmp_path / "g", tokenizer=tmp_path / "kit")


def test_a_dry_run_tells_both_and_writes_nothing(corpus, tmp_path):
    forecasts = estimate_generator(corpus, settings(), texts=ToyTexts())
    assert list(forecasts) == ["tokenizer", "prior"]
    assert forecasts["prior"].clips == 16
    assert all(forecast.steps > 0 and forecast.seconds_per_step > 0 for forecast in forecasts.values())
    assert forecasts["prior"].parameters == sum(part.numel() for part in made(corpus, tmp_path / "g").parameters())


def test_the_verb(corpus, backbone, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("CHRONOMOTION_CACHE", str(tmp_path / "cache"))
    given = [part for key, value in SMALL.items() for part in ("--set", f"{key}={value}")]
    command = ["train-generator", str(corpus.folder), str(tmp_path / "g"), "--text-model", str(backbone), *given]
    assert launch([*command, "--dry-run", "--device", "cpu"]) == 0
    assert "tokenizer\n  parameters" in capsys.readouterr().out
    assert not (tmp_path / "g").exists()
    assert launch([*command, "--seed", "3", "--json", "--device", "cpu"]) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told["seconds_limit"] == 4.8
    prior = MotionPrior.from_pretrained(tmp_path / "g")
    assert told["parameters"] == sum(part.numel() for part in prior.parameters())
    record = json.loads((tmp_path / "g" / "training.json").read_text())
    assert (record["seed"], record["model"]["text_model"]) == (3, str(backbone))
    assert launch(["train-generator", str(tmp_path / "none"), str(tmp_path / "x")]) == 1
    assert "is not a corpus" in capsys.readouterr().err
    assert launch([*command, "--preset", "huge"]) == 2
    assert "no preset 'huge'; there are ordered, small, t2m-gpt" in capsys.readouterr().err
    assert launch([*command, "--set", "prior.layers=3"]) == 2
    assert "unknown key 'layers'" in capsys.readouterr().err
    assert launch(["train-generator", str(corpus.folder)]) == 2
    assert "where is the generator to go?" in capsys.readouterr().err
    assert launch(["train-generator", str(corpus.folder), str(corpus.folder)]) == 2
    assert "is a corpus, and the generator would go there" in capsys.readouterr().err
