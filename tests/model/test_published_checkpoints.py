"""Published checkpoints: in their own layout on disk, through from_pretrained, against what the published code said."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import yaml
from golden_runs import read_golden, write_chronaccret, write_distilbert, write_stats, write_tmr

from chronomotion.errors import ModelError
from chronomotion.model.motion_text import MotionTextModel

WORDS = ["w7 w8 w9", "w10", "w150 w4 w4 w199 w20 w33 w41"]


@pytest.fixture(scope="module", params=["vae", "novae"])
def golden(golden_files, request):
    return read_golden(golden_files, request.param)


@pytest.fixture(scope="module")
def vae(golden_files):
    return read_golden(golden_files, "vae")


@pytest.fixture
def run(golden, tmp_path):
    text_model = write_distilbert(tmp_path / "distilbert", golden, weights=False)
    folder = write_chronaccret(tmp_path / "output" / "bert_neg", golden, text_model)
    write_stats(
        tmp_path / "stats" / "humanml3d" / "guoh3dfeats", golden.width
    )  # where the settings say, seen from the run's start
    return folder


def close(found, expected):
    assert found.shape == expected.shape
    assert (found - expected).abs().max() < 1e-5


def check_outputs(model, golden):
    given, said = golden.part("inputs"), golden.part("outputs")
    mu = "mu" if golden.vae else "latent"
    with torch.no_grad():
        motion = model.motion_latent(given["motion"], given["motion_lengths"])
        text = model.token_latent(given["token_ids"], given["token_lengths"])
        shuffled = model.token_latent(given["shuffled_token_ids"], given["shuffled_token_lengths"])
        close(motion.mu, said[f"motion_{mu}"])
        close(text.mu, said[f"text_{mu}"])
        close(shuffled.mu, said[f"shuffled_{mu}"])
        if golden.vae:
            close(motion.logvar, said["motion_logvar"])
            close(text.logvar, said["text_logvar"])
        else:
            assert motion.logvar is None
            assert text.logvar is None
        close(model.decode(motion.mu, given["motion_lengths"]), said["decoded_from_motion"])
        close(model.decode(text.mu, given["motion_lengths"]), said["decoded_from_text"])


def test_every_output_of_a_published_checkpoint(run, golden):
    model = MotionTextModel.from_pretrained(run)
    assert (model.config.vae, model.config.text_head) == (golden.vae, not golden.vae)
    assert not any(p.requires_grad for p in model.language_model.parameters())  # train_text_encoder is False there
    check_outputs(model, golden)


def test_the_weights_of_a_run_are_chosen(run, golden):
    best, last = run / "best_model_mt.pt", run / "last_model.pt"
    weights = torch.load(best, weights_only=True)
    torch.save({name: torch.zeros_like(one) for name, one in weights.items()}, last)
    check_outputs(MotionTextModel.from_pretrained(run), golden)
    assert not MotionTextModel.from_pretrained(last).motion_encoder.tokens.any()
    best.rename(run / "best_model_tm.pt")
    check_outputs(MotionTextModel.from_pretrained(run), golden)
    with pytest.raises(ModelError, match="does not hold a model of ours"):
        MotionTextModel.from_pretrained(best)


def test_outputs_do_not_depend_on_gradients(run, golden):
    """Without gradients torch takes another way through the decoder's attention; both have to say the same."""
    model = MotionTextModel.from_pretrained(run)
    given, said = golden.part("inputs"), golden.part("outputs")
    with torch.enable_grad():
        motion = model.motion_latent(given["motion"].clone().requires_grad_(), given["motion_lengths"])
    assert motion.mu.requires_grad
    close(motion.mu.detach(), said["motion_mu" if golden.vae else "motion_latent"])
    decoded = model.decode(motion.mu, given["motion_lengths"])
    assert decoded.requires_grad
    close(decoded.detach(), said["decoded_from_motion"])


def test_saved_as_ours_it_needs_nothing_of_the_published_folder(run, golden, tmp_path):
    published = MotionTextModel.from_pretrained(run)
    published.save_pretrained(tmp_path / "ours")
    expected = published.encode_text(WORDS)
    for path in (tmp_path / "distilbert").iterdir():
        path.unlink()
    ours = MotionTextModel.from_pretrained(tmp_path / "ours")
    check_outputs(ours, golden)
    assert np.array_equal(ours.encode_text(WORDS), expected)


def test_texts_are_read_by_the_language_model_of_the_checkpoint(run, golden):
    model = MotionTextModel.from_pretrained(run)
    ids = model.language_model.tokenise(WORDS)
    assert ids[1] == [2, 10, 3]
    rows = torch.cat([model.token_latent(torch.tensor([row]), torch.tensor([len(row)])).unit for row in ids])
    assert np.abs(model.encode_text(WORDS) - rows.detach().numpy()).max() < 1e-5


def test_a_tuned_language_model_gets_gradients(run, golden):
    path = run / ".hydra" / "config.yaml"
    settings = yaml.safe_load(path.read_text())
    settings["train"]["train_text_encoder"] = True
    path.write_text(yaml.safe_dump(settings))
    model = MotionTextModel.from_pretrained(run).train()
    model.embed_texts(WORDS)[:, 0].sum().backward()  # the sum of all is constant: the last layer is a norm
    assert model.language_model.training
    embeddings = model.language_model.model.embeddings.word_embeddings.weight
    assert embeddings.grad is not None
    assert embeddings.grad[10].abs().sum() > 0


@pytest.mark.parametrize("inside", [False, True])
def test_tmr(vae, tmp_path, inside):
    run = write_tmr(tmp_path / "run", vae)
    text_model = str(write_distilbert(tmp_path / "distilbert", vae, weights=True))
    folder = run / "last_weights" if inside else run
    model = MotionTextModel.from_pretrained(folder, stats=write_stats(tmp_path / "stats"), text_model=text_model)
    given, said = vae.part("inputs"), vae.part("outputs")
    published = MotionTextModel.from_pretrained(
        write_chronaccret(tmp_path / "output", vae, tmp_path / "distilbert"), stats=write_stats(tmp_path / "stats")
    )
    with torch.no_grad():
        states = published.language_model(given["token_ids"], given["token_lengths"])
        close(model.state_latent(states, given["token_lengths"]).mu, said["text_mu"])
        motion = model.motion_latent(given["motion"], given["motion_lengths"])
        close(motion.mu, said["motion_mu"])
        close(model.decode(motion.mu, given["motion_lengths"]), said["decoded_from_motion"])
    assert np.abs(model.encode_text(WORDS) - published.encode_text(WORDS)).max() < 1e-2  # its states are kept as halves


def test_statistics_normalise_the_features(run, golden):
    rng = np.random.default_rng(0)
    mean, std = rng.normal(size=golden.width), rng.uniform(0.5, 2, size=golden.width)
    model = MotionTextModel.from_pretrained(run, stats=(mean, std))
    given, said = golden.part("inputs"), golden.part("outputs")
    raw = given["motion"].numpy() * std + mean
    motions = [row[:length].astype(np.float32) for row, length in zip(raw, given["motion_lengths"], strict=True)]
    expected = torch.nn.functional.normalize(said["motion_mu" if golden.vae else "motion_latent"], dim=-1)
    assert np.abs(model.encode_motion(motions) - expected.numpy()).max() < 1e-4


def test_what_a_published_folder_lacks_is_said(run, golden, tmp_path):
    def refused(message, **options):
        with pytest.raises(ModelError, match=message) as caught:
            MotionTextModel.from_pretrained(run, **options)
        assert "\n" not in str(caught.value)

    refused(r"no mean\.pt and std\.pt in .*; give --stats FOLDER, in Python stats=FOLDER", stats=tmp_path / "nowhere")
    refused(
        rf"stats: mean and std of shapes \(5,\) and \(5,\), the model needs \({golden.width},\)",
        stats=(np.zeros(5), np.ones(5)),
    )
    refused(
        "standard deviation of feature 0 is 0.0, not positive", stats=(np.zeros(golden.width), np.zeros(golden.width))
    )
    refused("text model .*nowhere.* cannot be loaded", text_model=str(tmp_path / "nowhere"))
    path = run / ".hydra" / "config.yaml"
    settings = yaml.safe_load(path.read_text())
    path.write_text(yaml.safe_dump({**settings, "motion_encoder": {**settings["motion_encoder"], "num_layers": 3}}))
    refused("best_model_mt.pt: does not fit its settings .*Missing key")
    path.write_text(yaml.safe_dump({**settings, "text_encoder": {**settings["text_encoder"], "vae": not golden.vae}}))
    refused("vae is .* for motions and .* for texts")
    path.write_text(yaml.safe_dump({k: v for k, v in settings.items() if k != "train"}))
    refused(r"config\.yaml lacks 'train'")
    path.write_text("a: [")
    refused(r"config\.yaml: the settings of best_model_mt\.pt cannot be read")


def test_a_checkpoint_that_is_a_program_is_not_run(run, tmp_path):
    class Evil:
        def __reduce__(self):
            return (type(tmp_path).touch, (tmp_path / "run",))

    torch.save(Evil(), run / "best_model_mt.pt")
    with pytest.raises(ModelError, match="cannot be read as weights"):
        MotionTextModel.from_pretrained(run)
    assert not (tmp_path / "run").exists()


def test_a_name_on_the_hub_offline(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError, match="no folder here, and cannot be had from the hub .*; offline, a folder works"):
        MotionTextModel.from_pretrained("line-corporation/ChronAccRet/HumanML3D/bert_neg")
    (tmp_path / "runs").mkdir()
    with pytest.raises(ModelError, match="runs/mine does not hold a model of ours"):
        MotionTextModel.from_pretrained("runs/mine")


def test_a_folder_inside_a_repository_of_the_hub(vae, tmp_path, monkeypatch):
    """What the hub's client is asked for, and what is made of its answer."""
    import huggingface_hub

    monkeypatch.chdir(tmp_path)
    text_model = write_distilbert(tmp_path / "distilbert", vae, weights=False)
    write_chronaccret(tmp_path / "snapshot" / "HumanML3D" / "bert_neg", vae, text_model)
    write_stats(tmp_path / "stats")
    asked = []

    def snapshot(repository, allow_patterns):
        asked.append((repository, allow_patterns))
        return str(tmp_path / "snapshot")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot)
    name = "line-corporation/ChronAccRet/HumanML3D/bert_neg"
    check_outputs(MotionTextModel.from_pretrained(name, stats=tmp_path / "stats"), vae)
    ((repository, patterns),) = asked
    assert repository == "line-corporation/ChronAccRet"
    assert {"HumanML3D/bert_neg/best_model_*.pt", "HumanML3D/bert_neg/last_model.pt"} <= set(patterns)
    assert all(pattern.startswith("HumanML3D/bert_neg/") for pattern in patterns)
    with pytest.raises(ModelError, match="has no model in 'HumanML3D/other'"):
        MotionTextModel.from_pretrained("line-corporation/ChronAccRet/HumanML3D/other")


def test_distilbert_needs_no_hub(vae, tmp_path, monkeypatch):
    """Its sizes are known and its vocabulary is the packaged model's; here its sizes are the golden file's."""
    import transformers

    from chronomotion.model.backbone import TextBackbone

    small = transformers.DistilBertConfig(**vae.distilbert)
    monkeypatch.setattr(transformers, "DistilBertConfig", lambda: small)
    run = write_chronaccret(tmp_path / "run", vae, "distilbert-base-uncased")
    model = MotionTextModel.from_pretrained(run, stats=write_stats(tmp_path / "stats"))
    check_outputs(model, vae)
    text = ["a person walks forward, then sits down."]
    assert model.language_model.tokenise(text) == TextBackbone().module(weights=False).tokenise(text)
    assert model.language_model.limit == vae.settings["model"]["token_num"]
