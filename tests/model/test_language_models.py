"""Every family of language models: what we read from it, frozen and trained."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import transformers as hf
from tiny_language_models import FAMILIES

from chronomotion.errors import ConfigError, ModelError
from chronomotion.model.backbone import TextBackbone
from chronomotion.model.batching import batches_by_length
from chronomotion.model.config import ModelConfig
from chronomotion.model.motion_text import MotionTextModel
from chronomotion.model.text_states import TextStates

TEXTS = [
    "a person nods",
    "a person lifts the left leg then raises both hands",
    "nods",
    "a person raises the right hand after that a person nods and finally puts the left arm up before they nod",
]
LONG = " ".join(["a person nods and then lifts the right leg"] * 20)


@pytest.fixture(scope="module", params=FAMILIES, ids=lambda family: family.name)
def family(request):
    return request.param


@pytest.fixture(scope="module")
def folder(family, tmp_path_factory):
    return family.save(tmp_path_factory.mktemp("language-model"))


def backbone(family, folder, **options):
    return TextBackbone(str(folder), dtype=torch.float32, **family.ours, **options)


def config(family, folder, **changes):
    sizes = {"motion_dim": 6, "text_dim": 32, "latent_dim": 16, "ff_size": 32, "num_layers": 1, "num_heads": 2}
    return ModelConfig(**{**sizes, "text_model": str(folder), "dropout": 0.0, **family.ours, **changes})


def reference(family, folder, text):
    """What transformers says of one text, with nothing padded."""
    ids = torch.tensor([hf.AutoTokenizer.from_pretrained(folder)(text)["input_ids"]])
    model = hf.AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    with torch.no_grad():
        if family.name.startswith("clip"):
            return getattr(model, "text_model", model)(input_ids=ids).last_hidden_state[0].numpy()
        if family.name == "t5":
            return model.encoder(input_ids=ids).last_hidden_state[0].numpy()
        if family.name == "t5-decoder":
            return model(input_ids=ids, decoder_input_ids=model._shift_right(ids)).last_hidden_state[0].numpy()
        return model(input_ids=ids).last_hidden_state[0].numpy()


def test_states_are_those_of_the_text_alone(family, folder):
    """Neither padding nor the other texts of a batch have a say."""
    together = backbone(family, folder).token_states(TEXTS)
    for text, states in zip(TEXTS, together, strict=True):
        expected = reference(family, folder, text)
        assert states.shape == expected.shape
        assert states.dtype == np.float32
        assert np.abs(states - expected).max() < 1e-5


def test_long_texts_are_cut_at_the_models_own_limit(family, folder):
    ids = backbone(family, folder).module().tokenise([LONG, TEXTS[0]])
    assert len(ids[0]) == family.limit
    assert ids[0][-1] == ids[1][-1]  # the end token stays
    states = backbone(family, folder).token_states([LONG])
    assert states[0].shape == (family.limit, 32)
    assert np.isfinite(states[0]).all()
    assert backbone(family, folder, text_tokens=9).token_states([LONG])[0].shape == (9, 32)


def test_a_tokenizer_that_knows_no_limit(family, folder, tmp_path):
    """The limit then comes from the positions; T5 has none."""
    language_model = backbone(family, folder, text_tokens=10_000).module()
    language_model.tokenizer.model_max_length = int(1e30)
    language_model.tokenizer.save_pretrained(tmp_path)
    language_model.model.config.save_pretrained(tmp_path)
    limit = TextBackbone(str(tmp_path), text_tokens=10_000, **family.ours).module(weights=False).limit
    assert limit == (10_000 if family.name.startswith("t5") else family.limit)


def test_only_causal_models_do_not_see_what_comes_later(family, folder):
    one, other = backbone(family, folder).token_states(["a person nods", "a person lifts"])
    begin = 1 if family.special[2] else 0
    same = np.abs(one[begin] - other[begin]).max() < 1e-6
    if family.name == "t5-decoder":  # it reads the encoder's view of the whole text
        assert not same
    else:
        assert same == family.causal


def test_frozen_it_is_in_evaluation_mode_and_gets_no_gradient(family, folder):
    model = MotionTextModel(config(family, folder, own_text_model=True)).train()
    assert model.training
    assert not any(module.training for module in model.language_model.modules())
    model.embed_texts(TEXTS)[:, 0].sum().backward()
    assert all(p.grad is None for p in model.language_model.parameters())
    assert model.text_encoder.projection.weight.grad is not None


def test_trained_it_gets_gradients_down_to_its_embeddings(family, folder):
    model = MotionTextModel(config(family, folder, tune_text_model=True)).train()
    assert all(module.training for module in model.language_model.modules())
    model.embed_texts(TEXTS)[:, 0].sum().backward()
    embeddings = model.language_model.model.get_input_embeddings().weight
    ids = model.language_model.tokenise(TEXTS[2:3])[0]
    assert embeddings.grad[ids[-2]].abs().max() > 0  # the word "nods"


def test_the_models_own_copy_says_what_the_frozen_one_elsewhere_says(family, folder):
    torch.manual_seed(0)
    elsewhere = MotionTextModel(config(family, folder), states=TextStates(backbone(family, folder))).eval()
    own = MotionTextModel(config(family, folder, own_text_model=True)).eval()
    own.load_state_dict(elsewhere.state_dict(), strict=False)
    assert np.abs(own.encode_text(TEXTS) - elsewhere.encode_text(TEXTS)).max() < 1e-5
    with torch.no_grad():
        assert np.abs(own.embed_texts(TEXTS).numpy() - elsewhere.embed_texts(TEXTS).numpy()).max() < 1e-5


def test_saved_with_the_model_and_loaded_without_the_folder_it_came_from(family, folder, tmp_path):
    model = MotionTextModel(config(family, folder, tune_text_model=True)).eval()
    with torch.no_grad():
        model.language_model.model.get_input_embeddings().weight.mul_(1.5)  # as if it had been trained
    model.save_pretrained(tmp_path / "saved")
    saved = tmp_path / "saved" / "config.json"
    saved.write_text(saved.read_text().replace(str(folder), "gone"))
    loaded = MotionTextModel.from_pretrained(tmp_path / "saved")
    assert np.array_equal(loaded.encode_text(TEXTS), model.encode_text(TEXTS))
    assert loaded.language_model.limit == model.language_model.limit


def test_fingerprints_tell_ways_of_reading_apart(family, folder):
    plain = TextBackbone(str(folder), **family.ours)
    others = [backbone(family, folder), TextBackbone(str(folder), text_tokens=9, **family.ours)]
    assert len({one.fingerprint for one in (plain, *others)}) == 3
    assert plain.fingerprint == TextBackbone(str(folder), **family.ours).fingerprint


def test_the_head_reads_the_first_token_or_the_last(backbone):
    sizes = {"motion_dim": 6, "text_dim": 32, "latent_dim": 16, "num_heads": 2, "num_layers": 1, "text_head": True}
    first = MotionTextModel(ModelConfig(**sizes, text_model=str(backbone))).eval()
    last = MotionTextModel(ModelConfig(**sizes, text_model=str(backbone), text_head_token="last")).eval()
    last.load_state_dict(first.state_dict())
    states, lengths = torch.randn(2, 5, 32), torch.tensor([3, 5])
    assert torch.equal(first.state_latent(states, lengths).mu, last.state_latent(states[:, :1], lengths * 0 + 1).mu)
    expected = torch.stack([states[0, 2], states[1, 4]])[:, None]
    assert torch.equal(last.state_latent(states, lengths).mu, first.state_latent(expected, lengths * 0 + 1).mu)


def test_a_text_without_a_token(tmp_path):
    family = next(one for one in FAMILIES if one.name == "bert")
    family.save(tmp_path)
    language_model = TextBackbone(str(tmp_path)).module()
    language_model.tokenizer._tokenizer.post_processor = None
    with pytest.raises(ModelError, match="the text '' has no token"):
        language_model.tokenise(["a person", ""])


def test_batches_hold_every_index_once_and_keep_to_their_size():
    lengths = [3, 50, 7, 7, 1, 20, 4]
    batches = list(batches_by_length(lengths, 30))
    assert sorted(i for batch in batches for i in batch) == list(range(7))
    assert all(len(batch) == 1 or len(batch) * max(lengths[i] for i in batch) <= 30 for batch in batches)
    assert batches[0] == [1]
    assert max(map(len, batches_by_length(lengths, 1000, most=3))) == 3


def test_settings_that_exclude_each_other():
    with pytest.raises(ConfigError, match="text_head gives no distribution"):
        ModelConfig(text_head=True, vae=True)
    with pytest.raises(ConfigError, match="text_head_token must be one of first, last, not 'middle'"):
        ModelConfig(text_head_token="middle")
    with pytest.raises(ConfigError, match="text_tokens must be at least 1, not 0"):
        ModelConfig(text_tokens=0)
