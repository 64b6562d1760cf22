"""Small things to test with: a source of simple motions, and a language model of a few hundred words."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from chronomotion.motion.layout import HUMANML3D_LAYOUT
from chronomotion.motion.motion import Motion
from chronomotion.motion.retarget import to_reference
from chronomotion.seeding import generator

MOVES = {
    "raise-left-hand": (16, 18, 20),
    "raise-right-hand": (17, 19, 21),
    "lift-left-leg": (1, 4, 7, 10),
    "lift-right-leg": (2, 5, 8, 11),
    "nod": (15,),
}


def rest_bones() -> np.ndarray:
    """Bones of the reference body standing with its arms down, (bones, 3)."""
    lengths = np.array(HUMANML3D_LAYOUT.bone_lengths)[1:]
    return HUMANML3D_LAYOUT.rest_directions * lengths[:, None]


def move(action: str, rng: np.random.Generator, frames: int | None = None) -> Motion:
    """A body that swings one limb forward and back."""
    frames = frames or int(rng.integers(16, 28))
    angle = rng.uniform(0.8, 1.3) * np.sin(np.linspace(0, np.pi, frames)) ** 2
    bones = np.repeat(rest_bones()[None], frames, axis=0)
    for joint in MOVES[action]:
        _, y, z = rest_bones()[joint - 1]
        bones[:, joint - 1, 1] = y * np.cos(angle) - z * np.sin(angle)
        bones[:, joint - 1, 2] = z * np.cos(angle) - y * np.sin(angle)
    positions = HUMANML3D_LAYOUT.path_to @ bones + np.array([0, 1.0, 0])
    positions[..., 2] += np.linspace(0, rng.uniform(0.0, 0.4), frames)[:, None]
    return to_reference(Motion(positions, 20.0, name=action))


class ToyClips:
    """A source of single actions (chronomotion.corpus.compose.sources.Source) that is quick to compute."""

    def __init__(self) -> None:
        self.actions = tuple(sorted(MOVES))
        self.description = {"source": "toy motions of the tests", "licence": "CC0-1.0"}

    def clip(self, action: str, split: str, *identity: str | int) -> Motion:
        return move(action, generator("toy", split, action, *identity))


WORDS = (
    "[PAD] [UNK] [CLS] [SEP] . , a person the then and after that before first next finally they raises raise raising "
    "lifts lift lifting nods nod nodding left right hand leg arm up both puts put putting"
).split()


def tiny_backbone(folder: Path) -> Path:
    """A BERT with random weights (the same every time) and a vocabulary of a few words, as transformers saves it."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.txt").write_text("\n".join(WORDS) + "\n")
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        config = BertConfig(
            vocab_size=len(WORDS), hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64
        )
        BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    return folder
