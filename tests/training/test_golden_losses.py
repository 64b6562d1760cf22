"""Every loss term of the published code, from its outputs (REFERENCE 5)."""

import math

import pytest
import torch
from safetensors import safe_open

from chronomotion.model.transformer import padding_mask
from chronomotion.training.losses import (
    chronological_contrast,
    divergence,
    latent_distance,
    reconstruction_error,
    similar_sentences,
)

unit = torch.nn.functional.normalize


def read(shared, variant):
    with safe_open(shared / "golden" / f"chronaccret_{variant}_small.safetensors", "pt") as file:
        found = {name: file.get_tensor(name) for name in file.keys() if not name.startswith("weights/")}  # noqa: SIM118
    kind = "mu" if variant == "vae" else "latent"
    for who in ("text", "motion", "shuffled"):
        found[who] = found[f"outputs/{who}_{kind}"]
    return found


@pytest.fixture(params=["vae", "novae"])
def golden(shared, request):
    return read(shared, request.param)


def agrees(golden, name, found):
    return math.isclose(found.item(), golden[f"losses/{name}"].item(), abs_tol=1e-5)


def test_reconstruction(golden):
    motions, lengths = golden["inputs/motion"], golden["inputs/motion_lengths"]
    mask = padding_mask(lengths, motions.shape[1])
    for who in ("text", "motion"):
        decoded = golden[f"outputs/decoded_from_{who}"]
        assert agrees(golden, f"recons_{who}", reconstruction_error(decoded, motions, mask, padded_to=64))
        longest = int(lengths[1:].max())  # without padding of its own, the same number
        short = reconstruction_error(decoded[1:, :longest], motions[1:, :longest], mask[1:, :longest], padded_to=64)
        assert math.isclose(
            short.item(), torch.nn.functional.smooth_l1_loss(decoded[1:], motions[1:]).item(), abs_tol=1e-6
        )


def test_divergences(shared):
    golden = read(shared, "vae")
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
