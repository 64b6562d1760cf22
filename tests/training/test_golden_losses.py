"""Every loss term of the published code, from its outputs (REFERENCE 5)."""

import math
import sys
from pathlib import Path

import pytest
import torch

sys.path.insert(0, str(Path(__file__).parents[1] / "model"))  # for golden_runs.py

from golden_runs import read_golden, write_chronaccret, write_distilbert, write_stats

from chronomotion.model.latent import Latent
from chronomotion.model.motion_text import MotionTextModel
from chronomotion.model.transformer import padding_mask
from chronomotion.training.feed import Batch
from chronomotion.training.losses import (
    Relations,
    chronological_contrast,
    divergence,
    latent_distance,
    reconstruction_error,
    similar_sentences,
)
from chronomotion.training.objective import Objective
from chronomotion.training.processes import Processes
from chronomotion.training.settings import read_recipe

unit = torch.nn.functional.normalize


@pytest.fixture(params=["vae", "novae"])
def variant(request):
    return request.param


def read(golden_files, variant):
    published = read_golden(golden_files, variant)
    kind = "mu" if published.vae else "latent"
    named = {who: published.tensors[f"outputs/{who}_{kind}"] for who in ("text", "motion", "shuffled")}
    return published.tensors | named | {"longest": published.settings["dataset"]["max_motion_length"]}


@pytest.fixture
def golden(golden_files, variant):
    return read(golden_files, variant)


def agrees(golden, name, found):
    return math.isclose(found.item(), golden[f"losses/{name}"].item(), abs_tol=1e-5)


def test_reconstruction(golden):
    motions, lengths = golden["inputs/motion"], golden["inputs/motion_lengths"]
    mask = padding_mask(lengths, motions.shape[1])
    for who in ("text", "motion"):
        decoded = golden[f"outputs/decoded_from_{who}"]
        assert agrees(
            golden, f"recons_{who}", reconstruction_error(decoded, motions, mask, padded_to=golden["longest"])
        )
        longest = int(lengths[1:].max())  # without padding of its own, the same number
        cut = decoded[1:, :longest], motions[1:, :longest], mask[1:, :longest]
        short = reconstruction_error(*cut, padded_to=golden["longest"])
        assert math.isclose(
            short.item(), torch.nn.functional.smooth_l1_loss(decoded[1:], motions[1:]).item(), abs_tol=1e-6
        )


def test_divergences(golden_files):
    golden = read(golden_files, "vae")
    text = golden["text"], golden["outputs/text_logvar"]
    motion = golden["motion"], golden["outputs/motion_logvar"]
    assert agrees(golden, "kl_text_motion", divergence(*text, *motion))
    assert agrees(golden, "kl_motion_text", divergence(*motion, *text))
    assert agrees(golden, "kl_motion_ref", divergence(*motion))
    assert agrees(golden, "kl_text_ref", divergence(*text))


def test_latent_distance(golden):
    assert agrees(golden, "latent", latent_distance(golden["text"], golden["motion"]))


def test_contrast(golden):
    shuffled = golden["shuffled"][golden["inputs/event_counts"] > 1]
    texts = unit(torch.cat([golden["text"], shuffled]), dim=-1)
    motions = unit(golden["motion"], dim=-1)
    count = len(motions)
    none = torch.zeros(len(texts), count, dtype=torch.bool)
    published = none.clone()
    published[:count] = similar_sentences(golden["inputs/sentence_embeddings"], 0.80)
    assert published[:count].sum() > count, "the golden batch has false negatives to filter"
    for name, rows, same in (
        ("contrast_with_shuffled", len(texts), published),
        ("contrast_without_shuffled", count, published),
        ("contrast_unfiltered_with_shuffled", len(texts), none),
    ):
        assert agrees(golden, name, chronological_contrast(texts[:rows], motions, same[:rows], 0.1, "mean"))


def test_the_objective_of_the_preset_on_a_published_checkpoint(golden_files, tmp_path, monkeypatch, variant):
    """From the checkpoint's files to every term: motions and words in, the published numbers out."""
    published = read_golden(golden_files, variant)
    text_model = write_distilbert(tmp_path / "distilbert", published, weights=False)
    folder = write_chronaccret(tmp_path / "output" / "bert_neg", published, text_model)
    write_stats(tmp_path / "stats" / "humanml3d" / "guoh3dfeats", published.width)
    model = MotionTextModel.from_pretrained(folder).eval()
    monkeypatch.setattr(Latent, "sample", lambda self: self.mu)  # the golden losses are those of the means
    # The golden token ids stand for no words: they are given as texts of numbers, without special tokens.
    monkeypatch.setattr(
        model.language_model, "tokenise", lambda texts: [list(map(int, text.split())) for text in texts]
    )
    # Words come to the language model inside the checkpoint, as they do when it is tuned.
    flags = {"model.tune_text_model": True, "objective.padded_to": published.settings["dataset"]["max_motion_length"]}
    flags |= {} if published.vae else {"model.vae": False, "model.text_head": True}
    config = read_recipe(preset="chronaccret", flags=flags, environment={}).config
    terms = Objective(model, config, Processes())(golden_batch(published.part("inputs")))
    losses = {name: value.item() for name, value in published.part("losses").items()}
    expected = {
        "contrast": 0.1 * losses["contrast_with_shuffled"],
        "latent": 1e-5 * losses["latent"],
        "motion from text": losses["recons_text"],
        "motion from motion": losses["recons_motion"],
    }
    if published.vae:
        expected |= {
            "text to motion": 1e-5 * losses["kl_text_motion"],
            "motion to text": 1e-5 * losses["kl_motion_text"],
            "motion to normal": 1e-5 * losses["kl_motion_ref"],
            "text to normal": 1e-5 * losses["kl_text_ref"],
        }
    assert {name: value.item() for name, value in terms.items()} == pytest.approx(expected, rel=1e-5, abs=1e-9)


def golden_batch(given):
    """The golden inputs as a batch: captions of all clips, shuffled ones of those with several events."""
    count, several = len(given["motion"]), given["event_counts"] > 1
    rows = [*numbers(given["token_ids"], given["token_lengths"])]
    wrong = [*numbers(given["shuffled_token_ids"][several], given["shuffled_token_lengths"][several])]
    same = torch.zeros(count + len(wrong), count, dtype=torch.bool)
    same[:count] = similar_sentences(given["sentence_embeddings"], 0.80)
    lengths = given["motion_lengths"].tolist()
    return Batch(
        names=tuple("abcdef"[:count]),
        motions=[motion[:length].numpy() for motion, length in zip(given["motion"], lengths, strict=True)],
        texts=(*rows, *wrong),
        captions=(count,),
        shuffled=(len(wrong),),
        found=Relations(same, torch.zeros_like(same)),
    )


def numbers(ids, lengths):
    return (" ".join(map(str, row[:length])) for row, length in zip(ids.tolist(), lengths.tolist(), strict=True))
