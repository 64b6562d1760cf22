"""Make the golden files of this folder: what the published ones prove, in numbers of our own.

    python tests/golden/make.py [FOLDER]     # all of them, into tests/golden unless a folder is given

Nothing here is computed by the code under test. Features come from tests/motion/naive_features.py, outputs and losses
of the published architecture from plain_model.py (numpy, float64), ranking figures from ranking_by_hand.py: slow twins
written from the published description. Random numbers come from numpy's legacy generator, whose numbers never change.
Tests read the files; one slow test makes them anew and compares.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "motion")]

import plain_model as plain  # noqa: E402
import ranking_by_hand  # noqa: E402
from naive_features import HUMANML3D_BODY, KITML_BODY, naive_features, naive_joints  # noqa: E402
from random_motions import random_motion  # noqa: E402

Arrays = dict[str, np.ndarray]

FRAMES = 17
"""Of the motions whose features are kept: the Gaussian that smooths headings reaches over all of them."""
CLIPS, LONGEST, TOKENS, HEADS, THRESHOLD = 4, 7, 12, 4, 0.95
LATENT, SPREAD, LAYERS = 16, 32, 2
DISTILBERT = {"vocab_size": 200, "dim": 24, "hidden_dim": 48, "n_layers": 2, "n_heads": HEADS,
              "max_position_embeddings": 16}  # fmt: skip
WIDTHS = {"vae": 263, "novae": 251}
"""Features of HumanML3D with VAE, of KIT-ML without: both widths are read."""


def make(folder: Path) -> None:
    """Write every golden file into a folder."""
    from safetensors.numpy import save_file

    np.savez_compressed(folder / "features.npz", **features())
    for variant in WIDTHS:
        tensors, metadata = checkpoint(variant)
        path = folder / f"chronaccret_{variant}_small.safetensors"
        save_file(tensors, path, metadata)
        path.chmod(0o644)  # safetensors leaves them to their owner alone
    cases, arrays = ranking()
    (folder / "ranking.json").write_text(json.dumps(cases, indent=1) + "\n")
    np.savez_compressed(folder / "ranking.npz", **arrays)


def features() -> Arrays:
    """A procedural motion of a person who walks in a curve, and a made-up one on KIT-ML's skeleton: joints, features,
    and the joints that come back.

    KIT-ML's are in the unit and the mirrored frame of the published files. ``lengths`` are the reference body's bones.
    """
    from chronomotion.corpus.compose.sources import ProceduralClips
    from chronomotion.motion.layout import HUMANML3D_LAYOUT
    from chronomotion.motion.skeleton import KITML

    lengths = np.array(HUMANML3D_LAYOUT.bone_lengths)
    walk = ProceduralClips(7).clip("turn-left", "golden").resample(20.0).positions[:FRAMES].astype(np.float32)
    kit = random_motion(3, KITML, FRAMES, turning=0.03).positions.astype(np.float32)
    published = kit.astype(np.float64) * [-640, 640, 640]
    rows = naive_features(walk.tolist(), HUMANML3D_BODY, lengths.tolist())
    kept = naive_features(walk.tolist(), HUMANML3D_BODY, None)
    kit_rows = naive_features(published.tolist(), KITML_BODY, None)
    return {
        "lengths": lengths,
        "humanml3d_joints": walk,
        "humanml3d_features": np.array(rows, dtype=np.float32),
        "humanml3d_features_own_bones": np.array(kept, dtype=np.float32),
        "humanml3d_back": np.array(naive_joints(rows, 22), dtype=np.float32),
        "kitml_joints": kit,
        "kitml_features": np.array(kit_rows, dtype=np.float32),
        "kitml_back": np.array(naive_joints(kit_rows, 21), dtype=np.float32),
    }


def checkpoint(variant: str) -> tuple[Arrays, dict[str, str]]:
    """A random instance of the published architecture, what it is given, what it says, and every loss term.

    Weights and motions are kept as float16, which holds them exactly: they were rounded before anything was computed.
    """
    rng = np.random.RandomState(2024 + list(WIDTHS).index(variant))
    vae, width = variant == "vae", WIDTHS[variant]
    weights = _weights(rng, vae, width)
    given = _inputs(rng, width)
    exact = {name: one.astype(np.float64) for name, one in weights.items()}
    said = _outputs(exact, given, vae)
    losses = _losses(given, said, vae)
    tensors = {f"weights/{name}": one for name, one in weights.items()}
    tensors |= {f"inputs/{name}": one for name, one in given.items()}
    tensors |= {f"outputs/{name}": one.astype(np.float32) for name, one in said.items()}
    tensors |= {f"losses/{name}": np.array([value], dtype=np.float32) for name, value in losses.items()}
    return tensors, {"config": json.dumps(_config(vae, width)), "distilbert": json.dumps(DISTILBERT)}


def _weights(rng: np.random.RandomState, vae: bool, width: int) -> Arrays:
    shapes: dict[str, tuple[int, ...]] = {}
    words = DISTILBERT["dim"]

    def linear(name: str, inside: int, outside: int) -> None:
        shapes[f"{name}.weight"], shapes[f"{name}.bias"] = (outside, inside), (outside,)

    def norm(name: str, dim: int) -> None:
        shapes[f"{name}.weight"], shapes[f"{name}.bias"] = (dim,), (dim,)

    def attention(name: str) -> None:
        shapes[f"{name}.in_proj_weight"], shapes[f"{name}.in_proj_bias"] = (3 * LATENT, LATENT), (3 * LATENT,)
        linear(f"{name}.out_proj", LATENT, LATENT)

    def layers(name: str, attentions: list[str]) -> None:
        for layer in (f"{name}.layers.{i}" for i in range(LAYERS)):
            for i, one in enumerate(attentions):
                attention(f"{layer}.{one}")
                norm(f"{layer}.norm{i + 1}", LATENT)
            norm(f"{layer}.norm{len(attentions) + 1}", LATENT)
            linear(f"{layer}.linear1", LATENT, SPREAD)
            linear(f"{layer}.linear2", SPREAD, LATENT)

    for part, dim in (("motion_encoder", width), ("text_encoder", words)):
        linear(f"{part}.projection", dim, LATENT)
        if part == "text_encoder" and not vae:
            linear("text_encoder.fc", LATENT, LATENT)
            norm("text_encoder.layer_norm", LATENT)
        else:
            shapes[f"{part}.tokens"] = (2 if vae else 1, LATENT)
            layers(f"{part}.seqTransEncoder", ["self_attn"])
    layers("motion_decoder.seqTransDecoder", ["self_attn", "multihead_attn"])
    linear("motion_decoder.final_layer", LATENT, width)
    bert = "text_model.text_model"
    shapes[f"{bert}.embeddings.word_embeddings.weight"] = (DISTILBERT["vocab_size"], words)
    shapes[f"{bert}.embeddings.position_embeddings.weight"] = (DISTILBERT["max_position_embeddings"], words)
    norm(f"{bert}.embeddings.LayerNorm", words)
    for layer in (f"{bert}.transformer.layer.{i}" for i in range(DISTILBERT["n_layers"])):
        for one in ("q_lin", "k_lin", "v_lin", "out_lin"):
            linear(f"{layer}.attention.{one}", words, words)
        norm(f"{layer}.sa_layer_norm", words)
        linear(f"{layer}.ffn.lin1", words, DISTILBERT["hidden_dim"])
        linear(f"{layer}.ffn.lin2", DISTILBERT["hidden_dim"], words)
        norm(f"{layer}.output_layer_norm", words)
    return {name: _drawn(rng, name, shape) for name, shape in shapes.items()}


def _drawn(rng: np.random.RandomState, name: str, shape: tuple[int, ...]) -> np.ndarray:
    """Numbers so large that attention is uneven and no branch is idle; biases and norms are nowhere 0 or 1."""
    if name.endswith(("tokens", "embeddings.weight")):
        values = rng.normal(size=shape)
    elif len(shape) == 2:
        values = rng.normal(size=shape) * shape[1] ** -0.5
    elif name.endswith("weight"):
        values = rng.uniform(0.6, 1.4, size=shape)
    else:
        values = rng.normal(size=shape) * 0.2
    return values.astype(np.float16)


def _inputs(rng: np.random.RandomState, width: int) -> Arrays:
    """Captions with shuffles of several lengths, motions with padding, and two captions that say the same."""
    lengths = np.array([LONGEST, 5, 6, 3])
    motion = rng.normal(size=(CLIPS, LONGEST, width)).astype(np.float16)
    for row, length in zip(motion, lengths, strict=True):
        row[length:] = 0
    token_lengths, shuffled_lengths = np.array([5, TOKENS, 3, 7]), np.array([5, 8, 3, 6])
    sentences = rng.normal(size=(CLIPS, 8))
    sentences[2] = sentences[0] + 0.4 * rng.normal(size=8)
    sentences /= np.linalg.norm(sentences, axis=1, keepdims=True)
    return {
        "motion": motion,
        "motion_lengths": lengths,
        "token_ids": _ids(rng, token_lengths),
        "token_lengths": token_lengths,
        "shuffled_token_ids": _ids(rng, shuffled_lengths),
        "shuffled_token_lengths": shuffled_lengths,
        "event_counts": np.array([2, 3, 1, 2]),
        "sentence_embeddings": sentences.astype(np.float32),
    }


def _ids(rng: np.random.RandomState, lengths: np.ndarray) -> np.ndarray:
    ids = rng.randint(4, DISTILBERT["vocab_size"], size=(len(lengths), TOKENS)).astype(np.int64)
    for row, length in zip(ids, lengths, strict=True):
        row[length:] = 0
    return ids


def _outputs(weights: Arrays, given: Arrays, vae: bool) -> Arrays:
    """One clip at a time, without padding."""
    said: Arrays = {}
    motions = _cut(given["motion"].astype(np.float64), given["motion_lengths"])
    latents = {"motion": [plain.encoded(weights, "motion_encoder", motion, HEADS) for motion in motions]}
    for who, prefix in (("text", ""), ("shuffled", "shuffled_")):
        latents[who] = []
        for ids in _cut(given[f"{prefix}token_ids"], given[f"{prefix}token_lengths"]):
            states = plain.distilbert(weights, ids, HEADS)
            encoded = plain.encoded(weights, "text_encoder", states, HEADS) if vae else plain.projected(weights, states)
            latents[who].append(encoded if vae else encoded[None])
    for who, rows in latents.items():
        said[f"{who}_{'mu' if vae else 'latent'}"] = np.array([row[0] for row in rows])
        if vae and who != "shuffled":
            said[f"{who}_logvar"] = np.array([row[1] for row in rows])
    for who in ("motion", "text"):
        decoded = np.zeros(given["motion"].shape)
        for row, tokens, length in zip(decoded, latents[who], given["motion_lengths"], strict=True):
            row[:length] = plain.decoded(weights, tokens[0], int(length), HEADS)
        said[f"decoded_from_{who}"] = decoded
    return said


def _losses(given: Arrays, said: Arrays, vae: bool) -> dict[str, float]:
    kind = "mu" if vae else "latent"
    text, motion = said[f"text_{kind}"], said[f"motion_{kind}"]
    wrong = said[f"shuffled_{kind}"][given["event_counts"] > 1]
    sentences = given["sentence_embeddings"].astype(np.float64)
    padded = given["motion"].astype(np.float64)
    both = np.concatenate([text, wrong])
    losses = {
        "recons_text": plain.smooth_l1(said["decoded_from_text"], padded),
        "recons_motion": plain.smooth_l1(said["decoded_from_motion"], padded),
        "latent": plain.smooth_l1(text, motion),
        "contrast_with_shuffled": plain.contrast(both, motion, sentences, 0.1),
        "contrast_without_shuffled": plain.contrast(text, motion, sentences, 0.1),
        "contrast_unfiltered_with_shuffled": plain.contrast(both, motion, None, 0.1),
    }
    if vae:
        texts, motions = (text, said["text_logvar"]), (motion, said["motion_logvar"])
        standard = np.zeros_like(text), np.zeros_like(text)
        losses["kl_text_motion"] = plain.kullback_leibler(*texts, *motions)
        losses["kl_motion_text"] = plain.kullback_leibler(*motions, *texts)
        losses["kl_motion_ref"] = plain.kullback_leibler(*motions, *standard)
        losses["kl_text_ref"] = plain.kullback_leibler(*texts, *standard)
    return losses


def _config(vae: bool, width: int) -> dict[str, object]:
    """The keys of .hydra/config.yaml that a published run has and ours reads."""
    layers = {"latent_dim": LATENT, "ff_size": SPREAD, "num_layers": LAYERS, "num_heads": HEADS, "dropout": 0.1}
    return {
        "mean_path": "./stats/humanml3d/guoh3dfeats/mean.pt",
        "std_path": "./stats/humanml3d/guoh3dfeats/std.pt",
        "model": {"text_model_name": "distilbert-base-uncased", "token_num": TOKENS},
        "motion_encoder": {"nfeats": width, "vae": vae, **layers},
        "text_encoder": {"nfeats": DISTILBERT["dim"], "vae": vae, **layers},
        "motion_decoder": {"nfeats": width, **layers},
        "dataset": {"max_motion_length": LONGEST},
        "train": {"train_text_encoder": False},
    }


def _cut(rows: np.ndarray, lengths: np.ndarray) -> list[np.ndarray]:
    return [row[:length] for row, length in zip(rows, lengths, strict=True)]


def ranking() -> tuple[list[dict[str, object]], Arrays]:
    """Score matrices with and without ties, sentence embeddings some of which are alike, and every figure."""
    cases: list[dict[str, object]] = []
    arrays: Arrays = {}
    for seed, (count, step) in enumerate([(90, None), (61, None), (64, 0.25)]):
        rng = np.random.RandomState(seed)
        scores = rng.normal(size=(count, count)) + 2 * np.eye(count)
        if step is not None:  # a coarse grid: many candidates tie with the right one
            scores = np.round(scores / step) * step
        sentences = rng.normal(size=(count, 6))
        again = rng.permutation(count)[: count // 5]  # captions that say nearly what the one before says
        sentences[again] = sentences[again - 1] + 0.1 * rng.normal(size=(len(again), 6))
        sentences = (sentences / np.linalg.norm(sentences, axis=1, keepdims=True)).astype(np.float32)
        cosines = sentences.astype(np.float64) @ sentences.T
        assert np.abs((cosines + 1) / 2 - THRESHOLD).min() > 1e-6, "a pair on the threshold itself"
        scores = scores.astype(np.float16)
        rows = scores.astype(np.float64).tolist()
        right = ranking_by_hand.alike(sentences.astype(np.float64).tolist(), THRESHOLD)
        own = [[i == j for j in range(count)] for i in range(count)]
        figures = {"all": own, "threshold_095": right}
        cases.append(
            {"seed": seed, "n": count, "ties": step is not None, "alike": sum(map(sum, right)) - count}
            | {name: ranking_by_hand.both_ways(rows, allowed) for name, allowed in figures.items()}
        )
        arrays |= {f"scores_{seed}": scores, f"sentence_embeddings_{seed}": sentences}
    return cases, arrays


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
