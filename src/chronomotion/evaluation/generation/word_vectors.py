"""The words of the published evaluator: GloVe vectors from a user's files, and the tags that it knows.

The tags and the word lists are those of github.com/EricGuo5513/text-to-motion (``utils/word_vectorizer.py``), which its
weights were trained with.
"""

from __future__ import annotations

import io
import pickle
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from chronomotion.errors import ModelError
from chronomotion.evaluation.generation.evaluators import Tags

__all__ = ["TAGS", "WORDS_READ", "TaggedWords", "WordVectors", "safe_pickle"]

TAGS = (
    "VERB", "NOUN", "DET", "ADP", "NUM", "AUX", "PRON", "ADJ", "ADV", "Loc_VIP", "Body_VIP", "Obj_VIP", "Act_VIP",
    "Desc_VIP", "OTHER",
)  # fmt: skip

_LISTS = {
    "Loc_VIP": "left right clockwise counterclockwise anticlockwise forward back backward up down straight curve",
    "Body_VIP": "arm chin foot feet face hand mouth leg waist eye knee shoulder thigh",
    "Obj_VIP": "stair dumbbell chair window floor car ball handrail baseball basketball",
    "Act_VIP": (
        "walk run swing pick bring kick put squat throw hop dance jump turn stumble stop sit lift lower raise wash "
        "stand kneel stroll rub bend balance flap jog shuffle lean rotate spin spread climb"
    ),
    "Desc_VIP": "slowly carefully fast careful slow quickly happy angry sad happily angrily sadly",
}
_TAG_OF_WORD = {word: tag for tag, words in reversed(_LISTS.items()) for word in words.split()}

WORDS_READ = 20
"""Words of a caption that the evaluator reads: of a longer one, what stands behind is not seen."""

_FILES = ("our_vab_data.npy", "our_vab_words.pkl", "our_vab_idx.pkl")

_NUMPY = {(f"numpy.{core}.multiarray", name) for core in ("core", "_core") for name in ("_reconstruct", "scalar")} | {
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
}
_CONTAINERS = {("builtins", name) for name in ("list", "dict", "tuple", "set", "frozenset", "str", "int", "float")}
_ALLOWED = _NUMPY | _CONTAINERS | {("collections", "OrderedDict")}


class _SafeUnpickler(pickle.Unpickler):
    """Builtin containers, texts, numbers and numpy arrays; anything else that a pickle names is refused unread."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"it names {module}.{name}, which is neither a container nor an array")
        return super().find_class(module, name)


def safe_pickle(path: Path) -> Any:
    """What a pickle holds, without running anything that it names. Raises ModelError for any other content."""
    try:
        return _SafeUnpickler(io.BytesIO(path.read_bytes()), encoding="latin1").load()
    except Exception as error:  # a damaged pickle raises many types
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ModelError(f"{path}: not read ({reason})") from error


@dataclass(frozen=True, eq=False)
class TaggedWords:
    """A caption as the evaluator reads it: vectors (22, width), tags one-hot (22, 15), and how many of the 22 count."""

    vectors: Float[np.ndarray, "words width"]
    tags: Float[np.ndarray, "words tags"]
    count: int


class WordVectors:
    """GloVe vectors of a folder with ``our_vab_data.npy``, ``our_vab_words.pkl`` and ``our_vab_idx.pkl``.

    Raises ModelError when a file is missing, is no such file, or they do not fit together.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        missing = [name for name in _FILES if not (self.folder / name).is_file()]
        if missing:
            raise ModelError(f"{folder}: no {missing[0]}; the evaluator's word vectors are {', '.join(_FILES)}")
        data, words, places = (self.folder / name for name in _FILES)
        try:
            vectors = np.asarray(np.load(data, allow_pickle=False), dtype=np.float32)
        except (OSError, ValueError) as error:
            raise ModelError(f"{data}: not read ({str(error).splitlines()[0]})") from error
        listed, index = safe_pickle(words), safe_pickle(places)
        if vectors.ndim != 2 or not isinstance(index, dict) or not all(isinstance(word, str) for word in listed):
            raise ModelError(f"{folder}: expected an array of vectors, a list of words, and a dict from word to row")
        self.vectors = vectors
        try:
            self.rows = {word: int(index[word]) for word in listed}
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"{places}: has no row of the word {error}") from error
        outside = [word for word, row in self.rows.items() if not 0 <= row < len(vectors)]
        unknown = [word for word in ("unk", "sos", "eos") if word not in self.rows]
        if outside or unknown:
            what = f"no vector of {unknown[0]!r}" if unknown else f"{outside[0]!r} has a row beyond {len(vectors)}"
            raise ModelError(f"{folder}: {what}")

    @cached_property
    def width(self) -> int:
        """Numbers of a vector."""
        return int(self.vectors.shape[1])

    def read(self, tags: Tags) -> TaggedWords:
        """A caption, as (lemma, part of speech) pairs: between "sos" and "eos", with "unk" behind, 22 places."""
        words = [("sos", "OTHER"), *tags[:WORDS_READ], ("eos", "OTHER")]
        padded = [*words, *[("unk", "OTHER")] * (WORDS_READ + 2 - len(words))]
        vectors = np.stack([self.vectors[self.rows.get(word, self.rows["unk"])] for word, _ in padded])
        one_hot = np.zeros((len(padded), len(TAGS)), dtype=np.float32)
        one_hot[np.arange(len(padded)), [self._tag(word, tag) for word, tag in padded]] = 1.0
        return TaggedWords(vectors, one_hot, len(words))

    def _tag(self, word: str, tag: str) -> int:
        if word not in self.rows:
            return TAGS.index("OTHER")
        named = _TAG_OF_WORD.get(word, tag)
        return TAGS.index(named if named in TAGS else "OTHER")
