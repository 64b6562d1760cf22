"""How long a motion and a text take to encode at the published sizes, the language model included.

The naive twin does what the published evaluation does: one by one, motions padded to 224 frames, texts to 128 tokens.
Ours goes in batches of similar length. Weights are random: the time does not depend on them. The language model is of
DistilBERT's size, or the one that is given.

Run with ``python benchmarks/encoders.py [--pairs N] [--repeats N] [--text-model NAME] [--cpu-time] [--json]``. On a
machine that others use, ``--cpu-time`` counts what the processor spent on this program, with one thread.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import torch

from chronomotion.model.backbone import TextBackbone
from chronomotion.model.config import DEFAULT_TEXT_MODEL, ModelConfig
from chronomotion.model.motion_text import MotionTextModel
from machine import machine

FRAMES, TOKENS = 224, 128
"""What the published code pads to."""

CLAUSES = (
    "a person walks forward", "turns around to the left", "sits down on a chair", "raises both arms above the head",
    "picks something up from the floor", "jumps twice", "kicks with the right leg", "waves with one hand",
)  # fmt: skip


def main() -> None:
    """Encode the same motions and texts every way, compare the vectors, and print milliseconds."""
    options = _options()
    clock = time.process_time if options.cpu_time else time.perf_counter
    if options.cpu_time:
        torch.set_num_threads(1)  # threads that wait for each other burn processor time
    with tempfile.TemporaryDirectory() as scratch:
        model = _model(options.text_model, Path(scratch))
    rng = np.random.default_rng(0)
    texts = _texts(options.pairs, rng)
    ids = model.language_model.tokenise(texts) if model.language_model else []
    result: dict[str, Any] = {
        "machine": machine(),
        "threads": torch.get_num_threads(),
        "time": "of the processor" if options.cpu_time else "of the clock",
        "text_model": options.text_model or "of DistilBERT's size",
        "tokens a text": round(float(np.mean([len(row) for row in ids])), 1),
        "pairs": options.pairs,
        "milliseconds": {},
    }
    for name, low, high in (("2 to 10 s", 40, 200), ("all of 224 frames", FRAMES, FRAMES)):
        motions = _motions(options.pairs, low, high, rng)
        result["milliseconds"][name] = _compared(model, motions, texts, options.repeats, clock)
    print(json.dumps(result, indent=1) if options.json else _table(result))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=64, help="motions and texts (default 64)")
    parser.add_argument("--repeats", type=int, default=3, help="runs; the fastest counts (default 3)")
    parser.add_argument("--text-model", default="", help="a language model, instead of one of DistilBERT's size")
    parser.add_argument("--cpu-time", action="store_true", help="processor time of one thread, not the clock's")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    return parser.parse_args()


def _model(text_model: str, scratch: Path) -> MotionTextModel:
    """A model of the published sizes with random weights."""
    if not text_model:
        from transformers import DistilBertConfig, DistilBertModel

        TextBackbone(DEFAULT_TEXT_MODEL).module(weights=False).save_description(scratch)  # for its tokenizer
        DistilBertModel(DistilBertConfig()).save_pretrained(scratch)
        text_model = str(scratch)
    dim = TextBackbone(text_model).module(weights=False).dim
    return MotionTextModel(ModelConfig(text_model=text_model, text_dim=dim, vae=True, own_text_model=True)).eval()


def _texts(count: int, rng: np.random.Generator) -> list[str]:
    return [", then ".join(rng.choice(CLAUSES, size=rng.integers(1, 5), replace=False)) + "." for _ in range(count)]


def _motions(count: int, low: int, high: int, rng: np.random.Generator) -> list[np.ndarray]:
    return [rng.normal(size=(int(rng.integers(low, high + 1)), 263)).astype(np.float32) for _ in range(count)]


def _compared(
    model: MotionTextModel, motions: list[np.ndarray], texts: list[str], repeats: int, clock: Callable[[], float]
) -> dict[str, dict[str, float]]:
    """Milliseconds for a motion, a text and both, by way; the vectors of all ways have to agree."""
    expected = np.concatenate([_naive_motions(model, motions), _naive_texts(model, texts)])
    rows = {}
    for name, motion_way, text_way, precision in (
        ("naive, float32", _naive_motions, _naive_texts, None),
        ("ours, float32", MotionTextModel.encode_motion, MotionTextModel.encode_text, None),
        ("ours, bfloat16", MotionTextModel.encode_motion, MotionTextModel.encode_text, torch.bfloat16),
    ):
        with torch.autocast("cpu", precision) if precision else nullcontext():
            found = np.concatenate([motion_way(model, motions), text_way(model, texts)])
            motion = _milliseconds(lambda way=motion_way: way(model, motions), repeats, clock) / len(motions)  # type: ignore[misc]
            text = _milliseconds(lambda way=text_way: way(model, texts), repeats, clock) / len(texts)  # type: ignore[misc]
        lowest = float((found * expected).sum(axis=1).min())
        rows[name] = {"motion": motion, "text": text, "pair": motion + text, "lowest cosine with naive": lowest}
    return rows


@torch.no_grad()
def _naive_motions(model: MotionTextModel, motions: list[np.ndarray]) -> np.ndarray:
    rows = []
    for motion in motions:
        padded = np.zeros((1, FRAMES, motion.shape[1]), dtype=np.float32)
        padded[0, : len(motion)] = motion
        rows.append(model.embed_motions(torch.from_numpy(padded), torch.tensor([len(motion)])).numpy())
    return np.concatenate(rows)


@torch.no_grad()
def _naive_texts(model: MotionTextModel, texts: list[str]) -> np.ndarray:
    rows = []
    language_model = model.language_model
    assert language_model is not None
    for text in texts:
        read = language_model.tokenizer(text, padding="max_length", max_length=TOKENS, truncation=True)
        ids, lengths = torch.tensor([read["input_ids"]]), torch.tensor([sum(read["attention_mask"])])
        rows.append(model.token_latent(ids, lengths).unit.numpy())
    return np.concatenate(rows)


def _milliseconds(function: Callable[[], object], repeats: int, clock: Callable[[], float]) -> float:
    """The fastest of some calls."""
    times = []
    for _ in range(repeats):
        start = clock()
        function()
        times.append(clock() - start)
    return 1000 * min(times)


def _table(result: dict[str, Any]) -> str:
    lines = [
        f"{result['pairs']} pairs on {result['machine']}, threads: {result['threads']}, time {result['time']}; "
        f"language model {result['text_model']}, {result['tokens a text']} tokens a text"
    ]
    for lengths, ways in result["milliseconds"].items():
        naive = ways["naive, float32"]["pair"]
        lines += ["", f"| motions {lengths} | motion, ms | text, ms | pair, ms | naive / this | lowest cosine |"]
        lines += ["|---|---|---|---|---|---|"]
        lines += [
            f"| {way} | {row['motion']:.2f} | {row['text']:.2f} | {row['pair']:.2f} | {naive / row['pair']:.1f} x | "
            f"{row['lowest cosine with naive']:.5f} |"
            for way, row in ways.items()
        ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
