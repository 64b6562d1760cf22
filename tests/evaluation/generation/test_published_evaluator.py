"""The published evaluator against a naive twin: loops over frames and steps, in numpy."""

import pickle

import numpy as np
import pytest
import torch

from chronomotion.errors import ModelError
from chronomotion.evaluation.generation.published_evaluator import PublishedEvaluator, evaluator_stats
from chronomotion.evaluation.generation.word_vectors import TAGS, WordVectors, safe_pickle
from chronomotion.motion.layout import HUMANML3D_LAYOUT

VOCABULARY = ["sos", "eos", "unk", "walk", "person", "a", "left", "slowly", "then", "sit"]
WORD, HIDDEN, LATENT, MOVE = 7, 5, 6, 8


def random_weights(seed=0):
    rng = np.random.default_rng(seed)

    def tensor(*shape):
        return torch.tensor(rng.normal(0, 0.4, size=shape), dtype=torch.float32)

    def reader(width, inner, hidden, between, out):
        gru = {}
        for direction in ("", "_reverse"):
            gru |= {
                f"gru.weight_ih_l0{direction}": tensor(3 * hidden, inner),
                f"gru.weight_hh_l0{direction}": tensor(3 * hidden, hidden),
                f"gru.bias_ih_l0{direction}": tensor(3 * hidden),
                f"gru.bias_hh_l0{direction}": tensor(3 * hidden),
            }
        return gru | {
            "input_emb.weight": tensor(inner, width), "input_emb.bias": tensor(inner), "hidden": tensor(2, 1, hidden),
            "output_net.0.weight": tensor(between, 2 * hidden), "output_net.0.bias": tensor(between),
            "output_net.1.weight": tensor(between), "output_net.1.bias": tensor(between),
            "output_net.3.weight": tensor(out, between), "output_net.3.bias": tensor(out),
        }  # fmt: skip

    return {
        "movement_encoder": {
            "main.0.weight": tensor(9, 259, 4) / 10, "main.0.bias": tensor(9),
            "main.3.weight": tensor(MOVE, 9, 4), "main.3.bias": tensor(MOVE),
            "out_net.weight": tensor(MOVE, MOVE), "out_net.bias": tensor(MOVE),
        },
        "motion_encoder": reader(MOVE, 10, HIDDEN, 11, LATENT),
        "text_encoder": {
            **reader(WORD, 10, HIDDEN, 12, LATENT),
            "pos_emb.weight": tensor(WORD, 15), "pos_emb.bias": tensor(WORD),
        },
    }  # fmt: skip


def write_words(folder, words=VOCABULARY, seed=3):
    folder.mkdir(exist_ok=True)
    vectors = np.random.default_rng(seed).normal(size=(len(words), WORD))
    np.save(folder / "our_vab_data.npy", vectors)
    (folder / "our_vab_words.pkl").write_bytes(pickle.dumps(words))
    (folder / "our_vab_idx.pkl").write_bytes(pickle.dumps({word: row for row, word in enumerate(words)}))
    return folder


def statistics():
    rng = np.random.default_rng(9)
    return rng.normal(size=263), rng.uniform(0.5, 2, size=263)


@pytest.fixture
def evaluator(tmp_path):
    path = tmp_path / "finest.tar"
    torch.save({**random_weights(), "epoch": 3, "opt_text_encoder": {"state": {}}}, path)
    stats = evaluator_stats(*statistics(), HUMANML3D_LAYOUT)
    return PublishedEvaluator.from_files(path, write_words(tmp_path / "glove"), stats)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def leaky(x):
    return np.where(x > 0, x, 0.2 * x)


def naive_conv(frames, weight, bias):
    """Kernel 4, stride 2, a zero at either end."""
    padded = np.concatenate([np.zeros((1, frames.shape[1])), frames, np.zeros((1, frames.shape[1]))])
    return np.array(
        [
            bias + sum(weight[:, :, k] @ padded[2 * step + k] for k in range(4))
            for step in range((len(padded) - 4) // 2 + 1)
        ]
    )


def naive_reader(sequence, weights):
    w = {name: tensor.double().numpy() for name, tensor in weights.items()}
    inputs = [w["input_emb.weight"] @ row + w["input_emb.bias"] for row in sequence]
    last = []
    for number, direction in enumerate(("", "_reverse")):
        state = w["hidden"][number, 0]
        for row in inputs if number == 0 else inputs[::-1]:
            given = w[f"gru.weight_ih_l0{direction}"] @ row + w[f"gru.bias_ih_l0{direction}"]
            kept = w[f"gru.weight_hh_l0{direction}"] @ state + w[f"gru.bias_hh_l0{direction}"]
            (r1, z1, n1), (r2, z2, n2) = np.split(given, 3), np.split(kept, 3)
            reset, update = sigmoid(r1 + r2), sigmoid(z1 + z2)
            state = (1 - update) * np.tanh(n1 + reset * n2) + update * state
        last.append(state)
    hidden = w["output_net.0.weight"] @ np.concatenate(last) + w["output_net.0.bias"]
    hidden = (hidden - hidden.mean()) / np.sqrt(hidden.var() + 1e-5) * w["output_net.1.weight"] + w["output_net.1.bias"]
    return w["output_net.3.weight"] @ leaky(hidden) + w["output_net.3.bias"]


def naive_motion(motion, weights, mean, std):
    w = {name: tensor.double().numpy() for name, tensor in weights["movement_encoder"].items()}
    frames = np.zeros((196, 263))
    frames[: len(motion)] = (motion - mean) / std
    hidden = leaky(naive_conv(frames[:, :-4], w["main.0.weight"], w["main.0.bias"]))
    hidden = leaky(naive_conv(hidden, w["main.3.weight"], w["main.3.bias"]))
    movements = hidden @ w["out_net.weight"].T + w["out_net.bias"]
    return naive_reader(movements[: len(motion) // 4], weights["motion_encoder"])


def naive_text(tagged, weights, folder):
    vectors = np.load(folder / "our_vab_data.npy").astype(np.float32)
    words = [("sos", "OTHER"), *tagged[:20], ("eos", "OTHER")]
    special = {"walk": "Act_VIP", "sit": "Act_VIP", "left": "Loc_VIP", "slowly": "Desc_VIP"}
    sequence = []
    for word, tag in words:
        known = word in VOCABULARY
        one_hot = np.zeros(15)
        one_hot[TAGS.index(special.get(word, tag if tag in TAGS else "OTHER") if known else "OTHER")] = 1
        position = weights["text_encoder"]["pos_emb.weight"].double().numpy() @ one_hot
        vector = vectors[VOCABULARY.index(word if known else "unk")]
        sequence.append(vector + position + weights["text_encoder"]["pos_emb.bias"].double().numpy())
    return naive_reader(sequence, weights["text_encoder"])


def test_motions_are_embedded_as_by_the_naive_twin(evaluator):
    rng = np.random.default_rng(1)
    motions = [rng.normal(size=(length, 263)).astype(np.float32) for length in (40, 196, 76, 43)]
    mean, std = (
        part.astype(np.float32).astype(np.float64) for part in evaluator_stats(*statistics(), HUMANML3D_LAYOUT)
    )
    expected = [naive_motion(motion, random_weights(), mean, std) for motion in motions]
    assert evaluator.embed_motions(motions) == pytest.approx(np.array(expected), abs=1e-5)


def test_texts_are_embedded_as_by_the_naive_twin(evaluator, tmp_path):
    tags = [
        (("a", "DET"), ("person", "NOUN"), ("walk", "VERB"), ("slowly", "ADV")),
        (("a", "DET"), ("zebra", "NOUN"), ("then", "SCONJ"), ("left", "VERB"), ("sit", "VERB")),
        (("walk", "VERB"), ("then", "ADV")) * 12,
    ]
    expected = [naive_text(caption, random_weights(), tmp_path / "glove") for caption in tags]
    embedded = evaluator.embed_texts(["", "", ""], tags)
    assert embedded == pytest.approx(np.array(expected), abs=1e-5)
    cut = evaluator.embed_texts([""], [tags[2][:20]])
    assert np.array_equal(cut[0], embedded[2])


def test_its_statistics_are_derived_from_a_corpus():
    mean, std = statistics()
    derived_mean, derived = evaluator_stats(mean, std, HUMANML3D_LAYOUT)
    assert derived_mean == pytest.approx(mean, rel=1e-6)
    assert derived[0] == pytest.approx(std[0] / 25)
    assert derived[1:3] == pytest.approx(np.full(2, std[1:3].mean() / 25))
    assert derived[3] == pytest.approx(std[3] / 25)
    assert derived[4:67] == pytest.approx(np.full(63, std[4:67].mean()))
    assert derived[67:193] == pytest.approx(np.full(126, std[67:193].mean()))
    assert derived[193:259] == pytest.approx(np.full(66, std[193:259].mean()))
    assert derived[259:] == pytest.approx(np.full(4, std[259:].mean() / 25))


def test_captions_without_tags_are_tagged_by_spacy(evaluator):
    pytest.importorskip("spacy", reason="spaCy is not installed")
    tagged = evaluator.embed_texts([""], [(("a", "DET"), ("person", "NOUN"), ("walk", "VERB"), ("slowly", "ADV"))])
    assert evaluator.embed_texts(["A person walks slowly."]) == pytest.approx(tagged, abs=1e-6)


def test_the_fingerprint_follows_weights_statistics_and_words(evaluator, tmp_path):
    weights, words = random_weights(), WordVectors(tmp_path / "glove")
    stats = evaluator_stats(*statistics(), HUMANML3D_LAYOUT)
    assert PublishedEvaluator(weights, words, stats).fingerprint == evaluator.fingerprint
    others = [
        PublishedEvaluator(random_weights(1), words, stats),
        PublishedEvaluator(weights, words, (stats[0], stats[1] * 2)),
        PublishedEvaluator(weights, WordVectors(write_words(tmp_path / "other", seed=4)), stats),
    ]
    assert len({evaluator.fingerprint, *(other.fingerprint for other in others)}) == 4


class Bomb:
    def __reduce__(self):
        return print, ("run",)


def test_a_pickle_that_names_a_function_is_not_run(tmp_path, capsys):
    (tmp_path / "bad.pkl").write_bytes(pickle.dumps({"word": Bomb()}))
    with pytest.raises(ModelError, match=r"bad.pkl: not read \(it names builtins.print"):
        safe_pickle(tmp_path / "bad.pkl")
    assert capsys.readouterr().out == ""
    content = {"a": np.arange(3), "b": [np.float64(2.0), {"c"}], "d": (1, "x")}
    (tmp_path / "good.pkl").write_bytes(pickle.dumps(content))
    assert safe_pickle(tmp_path / "good.pkl")["a"].tolist() == [0, 1, 2]
    (tmp_path / "cut.pkl").write_bytes(pickle.dumps(content)[:20])
    with pytest.raises(ModelError, match="cut.pkl: not read"):
        safe_pickle(tmp_path / "cut.pkl")


def test_files_that_are_not_those_of_the_evaluator(evaluator, tmp_path):
    words, stats = tmp_path / "glove", evaluator_stats(*statistics(), HUMANML3D_LAYOUT)
    tar = tmp_path / "finest.tar"

    def read(**changed):
        torch.save(random_weights() | changed, tar)
        return PublishedEvaluator.from_files(tar, words, stats)

    with pytest.raises(ModelError, match="cannot be read as weights"):
        PublishedEvaluator.from_files(tmp_path / "none.tar", words, stats)
    torch.save({"vqvae": torch.zeros(2)}, tar)
    with pytest.raises(ModelError, match="has no movement_encoder"):
        PublishedEvaluator.from_files(tar, words, stats)
    with pytest.raises(ModelError, match="are not those of the evaluator .no 'main.0.weight'"):
        read(movement_encoder={})
    torch.save({**random_weights(), "bomb": Bomb()}, tar)
    with pytest.raises(ModelError, match="cannot be read as weights"):
        PublishedEvaluator.from_files(tar, words, stats)
    read()
    (words / "our_vab_idx.pkl").unlink()
    with pytest.raises(ModelError, match="no our_vab_idx.pkl"):
        PublishedEvaluator.from_files(tar, words, stats)


def test_motions_that_it_cannot_read(evaluator):
    with pytest.raises(ModelError, match=r"reads \(frames, 263\)"):
        evaluator.embed_motions([np.zeros((40, 251), np.float32)])
    with pytest.raises(ModelError, match="200 frames, the evaluator reads 4 to 196"):
        evaluator.embed_motions([np.zeros((200, 263), np.float32)])
