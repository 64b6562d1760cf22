"""Search motions by sentence with numpy, onnxruntime and tokenizers, without torch and Chronomotion.

    chronomotion export runs/mine exported
    python search_onnx.py exported motions "a person walks, then sits down"

``motions`` is a folder of features, one .npy file for each motion, float32 (frames, dim).
"""

import sys
from pathlib import Path

import numpy as np
from onnxruntime import InferenceSession
from tokenizers import Tokenizer


class Encoders:
    """The encoders of an exported model; every row that they return is a unit vector."""

    def __init__(self, folder: Path) -> None:
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.texts = InferenceSession(folder / "text_encoder.onnx")
        self.motions = InferenceSession(folder / "motion_encoder.onnx")

    def text(self, texts: list[str]) -> np.ndarray:
        """Texts -> (texts, latent)."""
        encodings = self.tokenizer.encode_batch(texts)
        ids = np.array([encoding.ids for encoding in encodings], dtype=np.int64)
        lengths = np.array([sum(encoding.attention_mask) for encoding in encodings], dtype=np.int64)
        return self.texts.run(None, {"ids": ids, "lengths": lengths})[0]

    def motion(self, features: np.ndarray) -> np.ndarray:
        """Features of one motion (frames, dim) -> (latent,)."""
        rows, lengths = features[None].astype(np.float32), np.array([len(features)], dtype=np.int64)
        return self.motions.run(None, {"motions": rows, "lengths": lengths})[0][0]


def main(exported: str, motions: str, query: str) -> None:
    """Print the five motions that match the query best."""
    encoders, files = Encoders(Path(exported)), sorted(Path(motions).glob("*.npy"))
    scores = np.stack([encoders.motion(np.load(file)) for file in files]) @ encoders.text([query])[0]
    for i in np.argsort(-scores)[:5]:
        sys.stdout.write(f"{scores[i]:.4f}  {files[i].stem}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
