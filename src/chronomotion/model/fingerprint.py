"""What tells one set of weights from another."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

__all__ = ["weights_fingerprint"]


def weights_fingerprint(settings: Any, tensors: Mapping[str, Tensor], *others: str) -> str:
    """Hash of settings (JSON values), named tensors and the fingerprints of what is used beside them."""
    digest = hashlib.blake2b(json.dumps(settings, sort_keys=True).encode(), digest_size=16)
    for name, tensor in sorted(tensors.items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().reshape(-1).view(torch.uint8).numpy().data)
    for other in others:
        digest.update(other.encode())
    return digest.hexdigest()
