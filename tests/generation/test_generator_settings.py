"""Settings of a generator come from where those of a training come from, by the same reader."""

import pytest

from chronomotion.errors import ConfigError
from chronomotion.generation.settings import GeneratorSettings, generator_preset_names, read_generator_recipe


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "run.toml"
        path.write_text(text)
        return path

    return write


def test_presets_are_settings_and_the_default_is_ours():
    assert generator_preset_names() == ["ordered", "small", "t2m-gpt"]
    read = {name: read_generator_recipe(preset=name, environment={}) for name in generator_preset_names()}
    assert read_generator_recipe(environment={}) == read["ordered"]
    assert read["ordered"].preset == "ordered"
    kinds = {name: recipe.settings.tokenizer.model.quantiser for name, recipe in read.items()}
    assert kinds == {"ordered": "fsq", "small": "fsq", "t2m-gpt": "vq"}
    assert all(isinstance(recipe.settings, GeneratorSettings) for recipe in read.values())


def test_the_published_preset_is_as_published():
    tokenizer = read_generator_recipe(preset="t2m-gpt", environment={}).settings.tokenizer
    sizes = tokenizer.model
    assert (sizes.width, sizes.down, sizes.depth, sizes.dilation_growth, sizes.codebook_size) == (512, 2, 3, 3, 512)
    assert (sizes.decay, sizes.reset_below, sizes.root_weight, sizes.contact_weight) == (0.99, 1.0, 25.0, 25.0)
    assert (tokenizer.window, tokenizer.batch_size, tokenizer.by_length) == (64, 256, False)
    assert (tokenizer.position_weight, tokenizer.commitment_weight) == (0.5, 0.02)
    assert (tokenizer.heading_weight, tokenizer.path_weight, tokenizer.velocity_weight) == (0, 0, 0)
    rates = tokenizer.learning_rate, tokenizer.beta1, tokenizer.beta2, tokenizer.weight_decay, tokenizer.warmup_steps
    assert rates == (2e-4, 0.9, 0.99, 0.0, 1000)
    assert (tokenizer.schedule, tokenizer.clip_norm) == ("constant", 0.0)


def test_each_source_wins_over_those_before(file):
    path = file(
        'preset = "small"\ndest = "runs/one"\n[tokenizer]\nseed = 4\nwindow = 32\n[tokenizer.model]\nwidth = 8\n'
    )
    environment = {"CHRONOMOTION_GENERATOR_TOKENIZER__SEED": "5", "CHRONOMOTION_GENERATOR_PRIOR__EPOCHS": "2"}
    flags = {"tokenizer.model.width": "16", "tokenizer.model.levels": "8, 6,5", "prior.epochs": None}
    recipe = read_generator_recipe(path, flags=flags, environment=environment)
    tokenizer = recipe.settings.tokenizer
    assert recipe.preset == "small"
    assert recipe.places == {"dest": path.parent / "runs/one"}
    assert (tokenizer.seed, tokenizer.window, tokenizer.model.width) == (5, 32, 16)
    assert tokenizer.model.levels == (8, 6, 5)
    assert recipe.settings.prior.epochs == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("epochs = 3", r"run\.toml: unknown key 'epochs'; known are tokenizer, prior$"),
        ("[tokenizer]\nepoch = 3", r"run\.toml: \[tokenizer\]: unknown key 'epoch'; known are epochs, .*model, window"),
        ("[tokenizer.model]\nsize = 3", r"run\.toml: \[tokenizer\.model\]: unknown key 'size'; known are dim, fps"),
        ("[prior.modell]\nwidth = 3", r"run\.toml: \[prior\.modell\]: unknown key 'width'"),
        ("[tokenizer]\nmodel = 3", r"run\.toml: \[tokenizer\]: unknown key 'model'|run\.toml: tokenizer\.model"),
        ('[tokenizer]\nepochs = "3"', r"run\.toml: tokenizer\.epochs must be int, not '3'"),
        ("[tokenizer.model]\nlevels = 8", r"run\.toml: tokenizer\.model\.levels must be a list of int, not 8"),
        ('[tokenizer.model]\nlevels = [8, "x"]', r"tokenizer\.model\.levels, entry 2 must be int, not 'x'"),
        ("[tokenizer.model]\nlevels = [8, true]", r"tokenizer\.model\.levels, entry 2 must be int, not True"),
        ("[tokenizer.model]\nlevels = [8, 2]", r"tokenizer\.model\.levels\.1 must be at least 3, not 2"),
        ("[tokenizer]\nwindow = 66", r"tokenizer\.window must be a multiple of the 4 frames of a code, not 66"),
        ("[tokenizer]\nepochs = 0", r"tokenizer\.epochs must be at least 1, not 0"),
        ("[tokenizer]\nstep_milestone = 0.5", 'step_milestone needs schedule = "constant", not .cosine.'),
        ('preset = "best"', r"run\.toml: no preset 'best'; there are ordered, small, t2m-gpt"),
        ("[tokenizer", r"run\.toml: cannot be read"),
    ],
)
def test_settings_that_cannot_be(file, text, message):
    with pytest.raises(ConfigError, match=message):
        read_generator_recipe(file(text), environment={})


def test_an_error_names_the_variable_or_the_flag():
    with pytest.raises(ConfigError, match="CHRONOMOTION_GENERATOR_EPOCHS: unknown key 'epochs'"):
        read_generator_recipe(environment={"CHRONOMOTION_GENERATOR_EPOCHS": "3"})
    with pytest.raises(ConfigError, match=r"flags: tokenizer\.model\.levels, entry 1 must be int, not 'many'"):
        read_generator_recipe(flags={"tokenizer.model.levels": "many"}, environment={})
    with pytest.raises(ConfigError, match="--preset: no preset 'best'"):
        read_generator_recipe(preset="best", environment={})
