"""Settings that came later leave runs that do not use them as they were: identity, schedule and steps."""

from dataclasses import replace

import pytest
import torch

from chronomotion.errors import ConfigError
from chronomotion.training.config import RunSettings, TrainingConfig
from chronomotion.training.optimiser import make_optimiser, rate
from chronomotion.training.settings import read_recipe

LATER = {"step_milestone", "beta1", "beta2"}


@pytest.mark.parametrize(
    "settings", [RunSettings(), TrainingConfig(), read_recipe(preset="small", environment={}).config]
)
def test_runs_that_do_not_use_them_do_not_name_them(settings):
    assert not LATER & settings.to_dict().keys()
    assert {"epochs", "learning_rate", "weight_decay", "seed"} <= settings.to_dict().keys()


def test_runs_that_use_them_do():
    settings = RunSettings(beta1=0.5, beta2=0.99, schedule="constant", step_milestone=0.5)
    named = settings.to_dict()
    assert (named["beta1"], named["beta2"], named["step_milestone"]) == (0.5, 0.99, 0.5)
    assert RunSettings(**named) == settings
    assert set(replace(settings, beta1=0.9).to_dict()) & LATER == {"beta2", "step_milestone"}


def test_the_optimiser_is_torch_s_own_unless_told():
    weights = [torch.nn.Parameter(torch.zeros(3))]
    plain = make_optimiser([{"params": weights}], RunSettings())
    assert plain.defaults["betas"] == torch.optim.AdamW(weights).defaults["betas"]
    told = make_optimiser([{"params": weights}], RunSettings(beta1=0.5, beta2=0.9))
    assert told.defaults["betas"] == (0.5, 0.9)


def test_a_constant_rate_falls_to_a_twentieth_at_its_milestone():
    settings = RunSettings(schedule="constant", step_milestone=2 / 3, warmup_steps=10)
    rates = [rate(settings, done, 300) for done in range(300)]
    assert rates[:10] == pytest.approx([(done + 1) / 10 for done in range(10)])
    assert set(rates[10:200]) == {1.0}
    assert set(rates[200:]) == {0.05}
    assert {rate(replace(settings, step_milestone=0.0), done, 300) for done in range(10, 300)} == {1.0}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"step_milestone": 0.5}, 'step_milestone needs schedule = "constant", not .cosine.'),
        ({"step_milestone": 1.5, "schedule": "constant"}, "step_milestone must be at most 1"),
        ({"beta1": 1.0}, "beta1 must be below 1"),
        ({"beta2": -0.1}, "beta2 must be at least 0"),
    ],
)
def test_settings_that_cannot_be(values, message):
    for kind in (RunSettings, TrainingConfig):
        with pytest.raises(ConfigError, match=message):
            kind(**values)
