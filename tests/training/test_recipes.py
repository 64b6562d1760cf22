from dataclasses import replace
from pathlib import Path

import pytest

from chronomotion.demo import demo_settings
from chronomotion.errors import ConfigError
from chronomotion.training.config import TrainingConfig
from chronomotion.training.settings import preset_names, read_recipe


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "run.toml"
        path.write_text(text)
        return path

    return write


def test_each_source_wins_over_those_before(file):
    path = file('preset = "chronaccret"\nepochs = 3\nseed = 4\n[model]\nlatent_dim = 64\n')
    environment = {"CHRONOMOTION_TRAIN_SEED": "5", "CHRONOMOTION_TRAIN_MODEL__FF_SIZE": "128", "PATH": "elsewhere"}
    read = read_recipe(path, flags={"epochs": 7, "batch_size": None}, environment=environment)
    config = read.config
    assert read.preset == "chronaccret"
    assert (config.negatives, config.positives, config.batch_size) == ("shuffled", "events", 32)  # preset
    assert config.model.latent_dim == 64  # file over preset
    assert (config.seed, config.model.ff_size) == (5, 128)  # environment over file
    assert config.epochs == 7  # flag over file


def test_texts_of_flags_are_read_as_the_fields_type():
    flags = {"model.vae": "true", "model.decoder": "True", "objective.reconstruction_weight": "1", "epochs": "3"}
    config = read_recipe(preset="plain", flags=flags, environment={}).config
    assert (config.model.vae, config.model.decoder, config.objective.reconstruction_weight) == (True, True, 1.0)
    assert config.epochs == 3


def test_without_anything_it_is_our_preset():
    assert read_recipe(environment={}).preset == "chronomotion"
    assert read_recipe(preset="plain", environment={}).config == TrainingConfig()


def test_places_lie_beside_the_file(file):
    path = file('corpus = "corpora/one"\ndest = "runs/one"\n')
    places = read_recipe(path, environment={}).places
    assert places == {"corpus": path.parent / "corpora/one", "dest": path.parent / "runs/one"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("epoch = 3", r"run\.toml: unknown key 'epoch'; known are .*epochs"),
        ("[model]\nlayers = 3", r"run\.toml: \[model\]: unknown key 'layers'; known are .*num_layers"),
        ("[modell]\nlatent_dim = 3", r"run\.toml: \[modell\]: unknown key 'latent_dim'"),
        ('epochs = "3"', r"run\.toml: epochs must be int, not '3'"),
        ("epochs = true", r"run\.toml: epochs must be int, not True"),
        ("epochs = 0", "epochs must be at least 1, not 0"),
        ('negatives = "many"', r"run\.toml: negatives must be one of none, shuffled, counterfactual, not 'many'"),
        ("negatives = 3", r"run\.toml: negatives must be one of none, shuffled, counterfactual, not 3"),
        ("epochs = ", r"run\.toml: cannot be read"),
        ("[objective]\ntemperature = -1.0", r"objective\.temperature must be positive, not -1\.0"),
        ("narrated_share = 2.0", "narrated_share must be at most 1, not 2.0"),
        ("narrated_share = -1.0", "narrated_share must be at least 0, not -1.0"),
        ("batch_size = 1", "batch_size must be at least 2, not 1"),
        ("batch_size = 31", "batch_size must be even with counterfactual twins, not 31"),
        ("[objective]\nreconstruction_weight = 1.0", "reconstruction_weight needs a decoder"),
        ('preset = "best"', r"run\.toml: no preset 'best'; there are chronaccret"),
    ],
)
def test_settings_that_cannot_be(file, text, message):
    with pytest.raises(ConfigError, match=message):
        read_recipe(file(text), environment={})


def test_an_error_names_the_variable_or_the_flag():
    with pytest.raises(ConfigError, match="CHRONOMOTION_TRAIN_EPOCH: unknown key 'epoch'"):
        read_recipe(environment={"CHRONOMOTION_TRAIN_EPOCH": "3"})
    with pytest.raises(ConfigError, match="CHRONOMOTION_TRAIN_EPOCHS: epochs must be int, not 'three'"):
        read_recipe(environment={"CHRONOMOTION_TRAIN_EPOCHS": "three"})
    with pytest.raises(ConfigError, match=r"flags: \[model\]: unknown key 'size'"):
        read_recipe(flags={"model.size": "3"}, environment={})


@pytest.mark.parametrize(
    ("old", "new"), [("longest", "max_seconds"), ("shortest", "min_seconds"), ("rounds", "repeat_after_epochs")]
)
def test_a_setting_of_an_earlier_version_is_told_its_name(file, old, new):
    with pytest.raises(ConfigError, match=rf"run\.toml: {old} is now {new}$"):
        read_recipe(file(f"{old} = 3"), environment={})
    with pytest.raises(ConfigError, match=f"^CHRONOMOTION_TRAIN_{old.upper()}: {old} is now {new}$"):
        read_recipe(environment={f"CHRONOMOTION_TRAIN_{old.upper()}": "3"})
    with pytest.raises(ConfigError, match=f"^flags: {old} is now {new}$"):
        read_recipe(flags={old: "3"}, environment={})
    assert getattr(read_recipe(flags={new: "3"}, environment={}).config, new) == 3


@pytest.mark.parametrize("name", preset_names())
def test_presets_are_settings(name):
    assert read_recipe(preset=name, environment={}).config.model.latent_dim == (128 if name == "small" else 256)


def test_the_small_preset_is_ours_at_another_size():
    """Model, epochs and learning rate apart."""
    ours, small = (read_recipe(preset=name, environment={}).config for name in ("chronomotion", "small"))
    sized = replace(ours, model=small.model, epochs=small.epochs, learning_rate=small.learning_rate)
    assert small == sized != ours


PUBLISHED = {
    "vae": ({"model.vae": True}, {"model.vae": False, "model.text_head": True}),
    "decoder": ({}, {"model.decoder": False, "objective.reconstruction_weight": 0.0}),
    "tuned": ({"model.tune_text_model": False}, {"model.tune_text_model": True}),
    "negatives": ({"negatives": "shuffled"}, {"negatives": "none"}),
    "protocol": ({"positives": "events"}, {"positives": "original"}),
}


@pytest.mark.parametrize("choice", range(32))
def test_every_published_variant_is_a_few_keys_away(choice):
    flags = {}
    for bit, ways in enumerate(PUBLISHED.values()):
        flags |= ways[choice >> bit & 1]
    config = read_recipe(preset="chronaccret", flags=flags, environment={}).config
    assert config.objective.directions == "mean"
    assert config.model.vae != config.model.text_head


def test_the_example_settings_are_the_small_preset_with_plain_twins():
    path = Path(__file__).parents[2] / "examples" / "small.toml"
    assert read_recipe(path, environment={}).config == demo_settings("counterfactual", 0)
