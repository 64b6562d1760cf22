"""A prior on disk, and what reads its texts."""

import json

import numpy as np
import pytest
import torch
from toy_priors import SIT, SIZES, SPACE, WALK, WAVE, ToyTexts, prior, prompt, some_codes

from chronomotion.errors import ConfigError, ModelError
from chronomotion.generation.prior.config import PriorConfig, Sampling
from chronomotion.generation.prior.folder import PriorCard
from chronomotion.generation.prior.motion_prior import MotionPrior
from chronomotion.generation.prior.texts import ClipTexts, LanguageTexts, ModelTexts, TextSource, texts_of
from chronomotion.model.backbone import TextBackbone
from chronomotion.model.config import ModelConfig
from chronomotion.model.motion_text import MotionTextModel
from chronomotion.model.text_states import TextStates

PROMPTS = [prompt(WALK, SIT), prompt(WAVE, spans=((0, 9),))]
RAISES, LIFTS = "a person raises the left hand.", "a person lifts the right leg."


def test_a_saved_prior_gives_the_same_codes(tmp_path):
    model = prior()
    card = PriorCard("a corpus", "abc", "CC0-1.0", 12, {"epochs": 2}, {"steps": 10.0})
    model.save_pretrained(tmp_path / "g", card)
    assert {path.name for path in (tmp_path / "g").iterdir()} == {"config.json", "model.safetensors", "README.md"}
    loaded = MotionPrior.from_pretrained(tmp_path / "g", texts=ToyTexts())
    assert loaded.fingerprint == model.fingerprint
    assert (loaded.codes, loaded.tokenizer_fingerprint, loaded.seconds_limit) == (20, "toy tokenizer", 4.8)
    assert loaded.card == card
    assert not loaded.training
    for one, other in zip(*(m.sample(PROMPTS, seeds=[1, 2]) for m in (model, loaded)), strict=True):
        assert np.array_equal(one, other)
    info = json.loads((tmp_path / "g" / "config.json").read_text())
    assert (info["kind"], info["format_version"]) == ("motion-prior", 1)
    assert "the licence of the corpus may bind it" in (tmp_path / "g" / "README.md").read_text()


def test_fingerprints_tell_weights_settings_tokenizers_and_texts_apart():
    other_space = MotionPrior(prior().config, SPACE.__class__(20, "another"), ToyTexts())
    other_space.load_state_dict(prior().state_dict())
    prints = {
        prior().fingerprint, prior(seed=1).fingerprint, prior(plan=False).fingerprint,
        prior(texts=ToyTexts("2")).fingerprint, other_space.fingerprint, prior(max_tokens=25).fingerprint,
    }  # fmt: skip
    assert len(prints) == 6
    assert prior().fingerprint == prior().fingerprint


def test_another_text_model_is_refused_by_both_names(tmp_path):
    prior().save_pretrained(tmp_path)
    with pytest.raises(ModelError, match=r"reads texts by .*minilm.* \(toy texts 1\), not by 'toy texts' \(other\)"):
        MotionPrior.from_pretrained(tmp_path, texts=ToyTexts("other"))


def damage(folder, change):
    info = json.loads((folder / "config.json").read_text())
    change(info)
    (folder / "config.json").write_text(json.dumps(info))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda info: info.update(format_version=2), r"config.json: format_version 2, this version reads 1"),
        (lambda info: info.update(kind="motion-tokenizer"), r"does not hold a generator: it is a motion-tokenizer"),
        (lambda info: info.pop("kind"), r"does not hold a generator: it is a motion-text model"),
        (lambda info: info["prior"].update(layers=0), r"config.json: no prior of ours \(prior.model.layers must be at"),
        (lambda info: info["prior"].update(width=32), r"model.safetensors: cannot be read"),
        (lambda info: info.pop("tokenizer"), r"config.json: no prior of ours \('tokenizer'\)"),
    ],
)
def test_a_damaged_folder_is_told(tmp_path, change, message):
    prior().save_pretrained(tmp_path)
    damage(tmp_path, change)
    with pytest.raises(ModelError, match=message):
        MotionPrior.from_pretrained(tmp_path, texts=ToyTexts())


def test_what_is_no_prior_is_told(tmp_path):
    with pytest.raises(ModelError, match=r"none does not hold a generator: there is no such folder"):
        MotionPrior.from_pretrained(tmp_path / "none")
    with pytest.raises(ModelError, match=r"does not hold a generator \(config.json with model.safetensors\)"):
        MotionPrior.from_pretrained(tmp_path)
    (tmp_path / "corpus.json").write_text("{}")
    with pytest.raises(ModelError, match=r"it is a corpus; `chronomotion train-generator .* GENERATOR` makes"):
        MotionPrior.from_pretrained(tmp_path)
    (tmp_path / "corpus.json").unlink()
    (tmp_path / "tokenizer").mkdir()
    with pytest.raises(ModelError, match=r"its training is not complete; the same `chronomotion train-generator` goes"):
        MotionPrior.from_pretrained(tmp_path)
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(ModelError, match=r"config.json: cannot be read"):
        MotionPrior.from_pretrained(tmp_path)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"width": 30, "heads": 4}, r"prior.model.width must be even and a multiple of heads = 4, not 30"),
        ({"min_tokens": 30, "max_tokens": 20}, r"prior.model.min_tokens must be at most max_tokens = 20, not 30"),
        ({"kind": "vector"}, r'prior.model.kind = "vector" reads one vector: conditioning = "vector", plan = false'),
        ({"conditioning": "words"}, r"prior.model.conditioning must be one of states, states-without-index, vector"),
    ],
)
def test_impossible_settings_are_told(values, message):
    with pytest.raises(ConfigError, match=message):
        PriorConfig(**values)


# --- text sources


def test_a_language_model_reads_every_text_by_itself(backbone, tmp_path):
    source = LanguageTexts(str(backbone), cache=tmp_path)
    assert isinstance(source, TextSource)
    texts = [RAISES, "a person nods", LIFTS + " then " + RAISES]
    source.prepare(texts)
    states = source.states(texts)
    assert [rows.shape[1] for rows in states] == [32] * 3
    assert np.allclose(source.vectors(texts)[0], states[0].mean(axis=0))
    for text, rows in zip(texts, states, strict=True):
        (alone,) = LanguageTexts(str(backbone)).states([text])
        assert alone.tobytes() == rows.tobytes()
    again = LanguageTexts(str(backbone), cache=tmp_path)
    again._states.backbone.token_states = None  # read from the disk
    assert all(np.array_equal(a, b) for a, b in zip(again.states(texts), states, strict=True))
    assert source.fingerprint != TextBackbone(str(backbone)).fingerprint


def text_model(backbone, **sizes):
    config = ModelConfig(
        text_model=str(backbone), text_dim=32, latent_dim=16, ff_size=16, num_layers=1, num_heads=2, **sizes
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return MotionTextModel(config, states=TextStates(TextBackbone(str(backbone)))).eval()


@pytest.mark.parametrize("tuned", [False, True])
def test_a_motion_text_model_gives_its_vectors_and_its_states(backbone, tmp_path, tuned):
    model = text_model(backbone, tune_text_model=tuned)
    if tuned:
        with torch.no_grad():
            for weights in model.language_model.parameters():
                weights.add_(torch.randn_like(weights) * 0.1)
    source = ModelTexts(model, "mine")
    assert isinstance(source, TextSource)
    assert np.array_equal(source.vectors([RAISES, LIFTS])[1], model.encode_text(LIFTS))
    (states,) = source.states([RAISES])
    plain = LanguageTexts(str(backbone)).states([RAISES])[0]
    assert states.shape == plain.shape
    assert np.allclose(states, plain, atol=1e-2) == (not tuned)
    assert (source.vector_dim, source.state_dim) == (16, 32)


def test_a_prior_keeps_its_text_model_with_it(backbone, tmp_path):
    model = text_model(backbone, tune_text_model=True)
    model.save_pretrained(tmp_path / "text-model")
    source = texts_of(str(tmp_path / "text-model"))
    assert isinstance(source, ModelTexts)
    config = PriorConfig(**SIZES, text_model=str(tmp_path / "text-model"))
    made = MotionPrior(config, SPACE, source).eval()
    made.save_pretrained(tmp_path / "g")
    expected = made.sample([prompt(RAISES, LIFTS)], seeds=[3], sampling=Sampling(guidance=2.0))
    (tmp_path / "text-model").rename(tmp_path / "gone")
    loaded = MotionPrior.from_pretrained(tmp_path / "g")
    assert np.array_equal(
        loaded.sample([prompt(RAISES, LIFTS)], seeds=[3], sampling=Sampling(guidance=2.0))[0], expected[0]
    )
    assert loaded.fingerprint == made.fingerprint
    assert loaded.log_likelihoods([prompt(RAISES)], some_codes(4)).shape == (1,)


def test_clip_gives_its_projected_vector(tmp_path):
    from transformers import CLIPTextConfig, CLIPTextModelWithProjection, CLIPTokenizer

    letters = "a b c d e f".split()
    words = ["<|startoftext|>", "<|endoftext|>", *letters, *(f"{letter}</w>" for letter in letters)]
    (tmp_path / "vocab.json").write_text(json.dumps({word: i for i, word in enumerate(words)}))
    (tmp_path / "merges.txt").write_text("#version: 0.2\n")
    CLIPTokenizer(str(tmp_path / "vocab.json"), str(tmp_path / "merges.txt")).save_pretrained(tmp_path)
    config = CLIPTextConfig(
        vocab_size=len(words), hidden_size=16, intermediate_size=32, projection_dim=6, num_hidden_layers=1,
        num_attention_heads=2, max_position_embeddings=9, eos_token_id=1, bos_token_id=0, pad_token_id=1,
    )  # fmt: skip
    torch.manual_seed(0)
    CLIPTextModelWithProjection(config).save_pretrained(tmp_path)
    source = texts_of(f"clip:{tmp_path}")
    assert isinstance(source, ClipTexts)
    assert isinstance(source, TextSource)
    assert (source.vector_dim, source.state_dim) == (6, 16)
    model = CLIPTextModelWithProjection.from_pretrained(tmp_path).eval()
    with torch.inference_mode():
        expected = model(input_ids=torch.tensor([[0, 8, 9, 10, 1]])).text_embeds[0].numpy()
    assert np.allclose(source.vectors(["a b c"])[0], expected, atol=1e-6)
    assert source.states(["a b c"])[0].shape == (5, 16)
    assert source.states(["a " * 40])[0].shape == (9, 16)
    assert source.fingerprint == ClipTexts(f"clip:{tmp_path}").fingerprint
    with pytest.raises(ModelError, match=r"CLIP model '.*' cannot be loaded .*--text-model clip:FOLDER"):
        ClipTexts(f"clip:{tmp_path / 'none'}").vectors(["a"])
