"""The evaluator of Guo et al. (CVPR 2022), which published figures of text-to-motion are made with.

Its weights (``text_mot_match/model/finest.tar``) and word vectors are the user's: neither can be shipped. Read in
github.com/EricGuo5513/text-to-motion (``networks/modules.py``, ``networks/evaluator_wrapper.py``).

- Motions: normalised, without the contacts, zeros to 196 frames; two strided convolutions give a vector for four
  frames, and a bidirectional recurrent network reads frames // 4 of them.
- Its statistics are not the data set's. The mean is; the standard deviation is averaged in each group of columns, and
  that of the root's yaw, path and height and of the contacts is divided by 25 (by 5, twice: the published code changes
  one array in place for the train and the validation set).
- Texts: lemmas with parts of speech, 20 at most.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from chronomotion.errors import ModelError
from chronomotion.evaluation.generation.evaluators import Tags
from chronomotion.evaluation.generation.word_vectors import TAGS, WordVectors
from chronomotion.language.decompose.spacy_tags import SpacyLemmas
from chronomotion.model.encoder import check_features
from chronomotion.model.stats import Stats, checked
from chronomotion.motion.layout import Layout, layout_of_width

__all__ = ["LONGEST", "ROOT_WEIGHT", "SHORTEST", "PublishedEvaluator", "evaluator_stats"]

ROOT_WEIGHT = 25.0
"""By how much the standard deviations of the root and of the contacts are divided: 5, twice."""

SHORTEST, LONGEST = 40, 199
"""Frames of the clips that are measured: 40 <= frames < 200."""

_PADDED = 196
_STEP = 4
"""Frames of one vector."""
_CONTACTS = 4
"""Last columns, which the evaluator does not read."""
_AT_ONCE = 64


def evaluator_stats(mean: Float[np.ndarray, " dim"], std: Float[np.ndarray, " dim"], layout: Layout) -> Stats:
    """The statistics that the evaluator normalises by, derived from mean and std of a corpus's features."""
    columns = layout.columns
    derived = np.empty(layout.width, dtype=np.float64)
    for group in columns:
        derived[group] = np.asarray(std[group], dtype=np.float64).mean()
    for group in (columns.yaw, columns.path, columns.height, columns.contacts):
        derived[group] /= ROOT_WEIGHT
    return checked(np.asarray(mean), derived, layout.width, "statistics of the corpus")


class PublishedEvaluator(nn.Module):
    """The published evaluator, of a user's files. ``stats`` are mean and standard deviation that it normalises by: give
    :func:`evaluator_stats` of a corpus, or those that came with the weights.

    Raises ModelError when the files are not such a network or do not fit together.
    """

    mean: Tensor
    std: Tensor

    def __init__(
        self, weights: Mapping[str, Mapping[str, Tensor]], words: WordVectors, stats: Stats, *, name: str = "Guo et al."
    ) -> None:
        super().__init__()
        self.name, self.words = name, words
        with _fitting(name):
            self.movement_encoder = _Movements(weights["movement_encoder"])
            self.motion_encoder = _SequenceReader(weights["motion_encoder"])
            self.text_encoder = _SequenceReader(weights["text_encoder"])
            self.pos_emb = nn.Linear(len(TAGS), words.width)
            for part in ("movement_encoder", "motion_encoder", "text_encoder"):
                _fill(getattr(self, part), weights[part])
            self.pos_emb.load_state_dict(_under("pos_emb.", weights["text_encoder"]))
        self._layout = layout_of_width(self.movement_encoder.width + _CONTACTS)
        if self.text_encoder.width != words.width:
            raise ModelError(
                f"{name}: reads words of {self.text_encoder.width} numbers, {words.folder} has {words.width}"
            )
        mean, std = checked(*stats, self._layout.width, name)
        self.register_buffer("mean", torch.from_numpy(mean))
        self.register_buffer("std", torch.from_numpy(std))
        self._lemmas: SpacyLemmas | None = None
        self.eval()

    @classmethod
    def from_files(cls, tar: str | Path, words: str | Path, stats: Stats) -> PublishedEvaluator:
        """Read ``finest.tar`` (weights only: nothing in it is run) and a folder of word vectors."""
        path = Path(tar)
        try:
            content = torch.load(path, map_location="cpu", weights_only=True)
        except Exception as error:  # many exception types: a pickle of other objects, a truncated file, no file
            raise ModelError(f"{path}: cannot be read as weights ({str(error).splitlines()[0]})") from error
        parts = ("movement_encoder", "motion_encoder", "text_encoder")
        missing = [part for part in parts if not isinstance(content, Mapping) or part not in content]
        if missing:
            raise ModelError(f"{path}: has no {missing[0]}; expected text_mot_match/model/finest.tar of text-to-motion")
        return cls({part: content[part] for part in parts}, WordVectors(words), stats)

    @property
    def dim(self) -> int:
        """263 for HumanML3D's features, 251 for KIT-ML's."""
        return self._layout.width

    @property
    def frames(self) -> tuple[int, int]:
        """Fewest and most frames of a clip."""
        return SHORTEST, LONGEST

    @property
    def fingerprint(self) -> str:
        """Hash of weights, statistics and word vectors."""
        digest = hashlib.blake2b(digest_size=16)
        for name, tensor in sorted(self.state_dict().items()):
            digest.update(name.encode() + tensor.detach().cpu().contiguous().numpy().tobytes())
        digest.update(self.words.vectors.tobytes())
        digest.update(repr(sorted(self.words.rows.items())).encode())
        return digest.hexdigest()

    def embed_motions(self, motions: Sequence[Float[np.ndarray, "_ features"]]) -> Float[np.ndarray, "motions dim"]:
        """A row for every motion of 4 to 196 frames. Raises ModelError for another width or length."""
        for number, motion in enumerate(motions):
            self._check(motion, f"motion {number}")
        rows = []
        for start in range(0, len(motions), _AT_ONCE):
            batch = motions[start : start + _AT_ONCE]
            padded = torch.zeros(len(batch), _PADDED, self.dim)
            for row, motion in zip(padded, batch, strict=True):
                row[: len(motion)] = (torch.from_numpy(np.array(motion, dtype=np.float32)) - self.mean) / self.std
            lengths = torch.tensor([len(motion) // _STEP for motion in batch])
            with torch.inference_mode():
                movements = self.movement_encoder(padded[..., :-_CONTACTS])
                rows.append(self.motion_encoder(movements, lengths).numpy())
        return np.concatenate(rows)

    def embed_texts(
        self, texts: Sequence[str], tags: Sequence[Tags | None] | None = None
    ) -> Float[np.ndarray, "texts dim"]:
        """A row for every text, by its ``tags``; texts without are tagged by spaCy.

        Raises MissingExtraError or ConfigError where a text has no tags and spaCy or its model is not installed.
        """
        known: list[Tags | None] = [None] * len(texts) if tags is None else list(tags)
        untagged = [place for place, one in enumerate(known) if not one]
        if untagged:
            self._lemmas = self._lemmas or SpacyLemmas()
            for place, words in zip(untagged, self._lemmas([texts[place] for place in untagged]), strict=True):
                known[place] = words
        rows = []
        for start in range(0, len(known), _AT_ONCE):
            read = [self.words.read(one or ()) for one in known[start : start + _AT_ONCE]]
            vectors = torch.from_numpy(np.stack([caption.vectors for caption in read]))
            one_hot = torch.from_numpy(np.stack([caption.tags for caption in read]))
            with torch.inference_mode():
                lengths = torch.tensor([caption.count for caption in read])
                rows.append(self.text_encoder(vectors + self.pos_emb(one_hot), lengths).numpy())
        return np.concatenate(rows)

    def _check(self, motion: np.ndarray, title: str) -> None:
        if motion.ndim != 2 or motion.shape[1] != self.dim:
            raise ModelError(f"{title}: features of shape {motion.shape}, the evaluator reads (frames, {self.dim})")
        if not _STEP <= len(motion) <= _PADDED:
            raise ModelError(f"{title}: {len(motion)} frames, the evaluator reads {_STEP} to {_PADDED}")
        check_features(motion, title)


class _Movements(nn.Module):
    """Frames -> one vector for every four."""

    def __init__(self, weights: Mapping[str, Tensor]) -> None:
        super().__init__()
        hidden, self.width, _ = weights["main.0.weight"].shape
        out, latent = len(weights["out_net.weight"]), len(weights["main.3.weight"])
        self.main = nn.Sequential(
            nn.Conv1d(self.width, hidden, 4, 2, 1),
            nn.Dropout(0.2),
            nn.LeakyReLU(0.2),
            nn.Conv1d(hidden, latent, 4, 2, 1),
            nn.Dropout(0.2),
            nn.LeakyReLU(0.2),
        )
        self.out_net = nn.Linear(latent, out)

    def forward(self, frames: Float[Tensor, "batch frames width"]) -> Float[Tensor, "batch steps out"]:
        steps: Tensor = self.out_net(self.main(frames.transpose(1, 2)).transpose(1, 2))
        return steps


class _SequenceReader(nn.Module):
    """A sequence -> one vector, by the last states of a recurrent network in both directions."""

    def __init__(self, weights: Mapping[str, Tensor]) -> None:
        super().__init__()
        inner, self.width = weights["input_emb.weight"].shape
        hidden, between = weights["hidden"].shape[2], len(weights["output_net.0.weight"])
        self.input_emb = nn.Linear(self.width, inner)
        self.gru = nn.GRU(inner, hidden, batch_first=True, bidirectional=True)
        self.output_net = nn.Sequential(
            nn.Linear(2 * hidden, between),
            nn.LayerNorm(between),
            nn.LeakyReLU(0.2),
            nn.Linear(between, len(weights["output_net.3.weight"])),
        )
        self.hidden = nn.Parameter(torch.zeros(2, 1, hidden))

    def forward(self, sequence: Float[Tensor, "batch steps width"], lengths: Tensor) -> Float[Tensor, "batch out"]:
        packed = nn.utils.rnn.pack_padded_sequence(
            self.input_emb(sequence), lengths.cpu(), batch_first=True, enforce_sorted=False
        )
        _, last = self.gru(packed, self.hidden.repeat(1, len(sequence), 1))
        embedded: Tensor = self.output_net(torch.cat([last[0], last[1]], dim=-1))
        return embedded


@contextmanager
def _fitting(name: str) -> Iterator[None]:
    """Any error in building the network of a user's weights becomes a ModelError of one line."""
    try:
        yield
    except (KeyError, ValueError, RuntimeError, TypeError, AttributeError) as error:
        reason = f"no {error}" if isinstance(error, KeyError) else " ".join(str(error).split())[:200]
        raise ModelError(f"{name}: the weights are not those of the evaluator ({reason})") from error


def _fill(part: nn.Module, weights: Mapping[str, Tensor]) -> None:
    part.load_state_dict({name: tensor for name, tensor in weights.items() if not name.startswith("pos_emb.")})


def _under(prefix: str, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in weights.items() if name.startswith(prefix)}
