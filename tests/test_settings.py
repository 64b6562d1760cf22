"""Settings of any kind: frozen, checked, and wrong ones told in a line."""

import copy
import pickle
from dataclasses import FrozenInstanceError, asdict, replace

import pytest

from chronomotion.errors import ConfigError
from chronomotion.model.config import ModelConfig
from chronomotion.training.config import TrainingConfig


def test_settings_are_frozen_and_replaced():
    config = TrainingConfig(epochs=3)
    with pytest.raises(FrozenInstanceError):
        config.epochs = 4
    assert replace(config, epochs=4).epochs == 4
    assert pickle.loads(pickle.dumps(config)) == config == copy.deepcopy(config)
    assert TrainingConfig(**{**asdict(config), "model": config.model, "objective": config.objective}) == config
    assert hash(config) == hash(TrainingConfig(epochs=3))


@pytest.mark.parametrize(
    ("kind", "values", "message"),
    [
        (TrainingConfig, {"epochs": 0}, "epochs must be at least 1, not 0"),
        (TrainingConfig, {"learning_rate": 0}, "learning_rate must be positive, not 0"),
        (TrainingConfig, {"precision": "half"}, "precision must be one of float32, bfloat16, not 'half'"),
        (TrainingConfig, {"epoch": 3}, "unknown key 'epoch'"),
        (TrainingConfig, {"longest": 10.0}, "^longest is now max_seconds$"),
        (ModelConfig, {"longest": 10.0}, "model.unknown key 'longest'"),
        (TrainingConfig, {"epochs": "many"}, "epochs: input should be a valid integer.*, not 'many'"),
        (ModelConfig, {"dropout": 1.0}, "model.dropout must be below 1, not 1.0"),
        (ModelConfig, {"fps": -1.0}, "model.fps must be positive, not -1.0"),
        (ModelConfig, {"text_head_token": "middle"}, "model.text_head_token must be one of first, last, not 'middle'"),
    ],
)
def test_a_wrong_value_is_told_in_a_line(kind, values, message):
    with pytest.raises(ConfigError, match=message) as caught:
        kind(**values)
    assert "\n" not in str(caught.value)
    if len(values) == 1 and set(values) <= set(kind.__dataclass_fields__):
        with pytest.raises(ConfigError, match=message):
            replace(kind(), **values)
