"""Randomness as a function of a seed and an identity, never of call order: the same on every machine."""

from __future__ import annotations

import hashlib

import numpy as np

__all__ = ["generator", "integer", "share"]

Part = str | int


def integer(*identity: Part) -> int:
    """A 64-bit number that depends on the parts of the identity alone.

    Parts are told apart by type and by their places, so ``("a", "bc")``, ``("ab", "c")`` and ``(1,)``, ``("1",)`` all
    differ.
    """
    digest = hashlib.blake2b(digest_size=8)
    for part in identity:
        encoded = str(part).encode()
        digest.update(f"{'i' if isinstance(part, int) else 's'}{len(encoded)}:".encode())
        digest.update(encoded)
    return int.from_bytes(digest.digest(), "big")


def generator(*identity: Part) -> np.random.Generator:
    """A numpy generator for this identity."""
    return np.random.Generator(np.random.PCG64(integer(*identity)))


def share(*identity: Part) -> float:
    """A number in [0, 1), uniform over identities."""
    return integer(*identity) / 2**64
