"""bfloat16 inside, float32 around: what training at `precision = "bfloat16"` computes."""

import torch

from chronomotion.model.decoder import MotionDecoder
from chronomotion.model.transformer import SequenceEncoder

LENGTHS = torch.tensor([30, 22, 9, 17])


def gradients(precision):
    torch.manual_seed(0)
    encoder = SequenceEncoder(20, 32, 64, 3, 4, 0.0)
    decoder = MotionDecoder(20, 32, 64, 3, 4, 0.0)
    motions = torch.randn(4, 30, 20)
    with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"):
        latent = encoder(motions, LENGTHS)[:, 0]
        decoded = decoder(latent, LENGTHS)
    (torch.nn.functional.smooth_l1_loss(decoded.float(), motions) + latent.float()[:, :8].pow(2).mean()).backward()
    weights = [*encoder.parameters(), *decoder.parameters()]
    return decoded, torch.cat([one.grad.double().flatten() for one in weights if one.grad is not None])


def test_gradients_in_bfloat16_are_those_of_float32_but_for_rounding():
    wide, narrow = gradients("float32"), gradients("bfloat16")
    assert wide[0].dtype == torch.float32
    assert narrow[0].dtype == torch.bfloat16
    assert torch.cosine_similarity(wide[1], narrow[1], dim=0) > 0.999
    assert abs(narrow[1].norm() / wide[1].norm() - 1) < 0.01
