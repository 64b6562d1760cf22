"""Language models from transformers: token states of texts, whatever the family.

========================== ============================== ================ =====================================
family                     read by                        causal           states
========================== ============================== ================ =====================================
BERT, DistilBERT, RoBERTa, ``AutoModel`` without a pooler no               last hidden state
MPNet, MiniLM, ...
T5                         ``T5EncoderModel``             no               the encoder's
T5, ``t5_decoder``         ``T5Model``                    yes              the decoder's, on the shifted text
CLIP                       ``CLIPTextModel``              yes              last hidden state, final norm included
========================== ============================== ================ =====================================
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from chronomotion.errors import ModelError, require
from chronomotion.model.bert import load_bert
from chronomotion.model.config import DEFAULT_TEXT_MODEL, INSTALL_DEFAULT
from chronomotion.model.hub import ask_hub
from chronomotion.model.transformer import padding_mask

__all__ = ["LanguageModel", "load_language_model"]

_UNREADABLE = (OSError, ValueError, KeyError, TypeError)
"""What transformers raises for a model that is not there, or not whole."""

_OLDEST = (4, 56)
"""The first transformers whose models take ``dtype``; pyproject.toml asks for it."""

_MANY = 1 << 20
"""Tokenizers that know no limit claim a number beyond this."""


class LanguageModel(nn.Module):
    """A transformers model with its tokenizer. ``limit`` tokens of a text are read, the rest is cut.

    States are those of the last layer; with ``words_too`` each is preceded by the token's input embedding.
    """

    def __init__(self, model: nn.Module, tokenizer: Any, text_tokens: int, *, words_too: bool = False) -> None:
        super().__init__()
        self._words_too = words_too
        self.model = model
        self.tokenizer = tokenizer
        self._tokenizing = threading.Lock()
        config: Any = model.config
        self.dim = int(getattr(config, "hidden_size", 0) or config.d_model) * (2 if words_too else 1)
        self.limit = min(text_tokens, tokenizer.model_max_length, _positions_of(config))
        self._decodes = config.model_type == "t5" and hasattr(model, "decoder")
        self._padding = int(tokenizer.pad_token_id or 0)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_tokenizing"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)  # type: ignore[no-untyped-call]
        self._tokenizing = threading.Lock()  # a copy is used by threads of its own

    @property
    def words(self) -> int:
        """Number of token ids that have embeddings."""
        embeddings: Any = self.model.get_input_embeddings()  # type: ignore[operator]
        return int(embeddings.num_embeddings)

    def tokenise(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each text, special tokens included. Raises ModelError for a text without any token."""
        with self._tokenizing:  # a fast tokenizer refuses a second thread while its truncation is being set
            ids: list[list[int]] = self.tokenizer(list(texts), truncation=True, max_length=self.limit)["input_ids"]
        for text, row in zip(texts, ids, strict=True):
            if not row:
                raise ModelError(f"the text {text!r} has no token, and this language model adds none: say something")
        return ids

    def is_cut(self, texts: Sequence[str], ids: Sequence[Sequence[int]]) -> list[bool]:
        """Whether texts have more tokens than the ``ids`` that :meth:`tokenise` gave."""
        suspects = [place for place, row in enumerate(ids) if len(row) >= self.limit]
        cut = [False] * len(ids)
        if suspects:
            whole = self.tokenizer([texts[place] for place in suspects], truncation=False, verbose=False)["input_ids"]
            for place, row in zip(suspects, whole, strict=True):
                cut[place] = len(row) > self.limit
        return cut

    def pad(
        self, ids: Sequence[Sequence[int]], device: torch.device | str = "cpu"
    ) -> tuple[Int[Tensor, "batch longest"], Int[Tensor, " batch"]]:
        """Token ids of texts as one tensor, padded to the longest of them as the tokenizer pads, and their lengths."""
        lengths = torch.tensor([len(row) for row in ids])
        padded = torch.full((len(ids), int(lengths.max())), self._padding)
        for i, row in enumerate(ids):
            padded[i, : len(row)] = torch.tensor(row)
        return padded.to(device), lengths.to(device)

    def forward(self, ids: Int[Tensor, "batch tokens"], lengths: Tensor) -> Float[Tensor, "batch tokens dim"]:
        """States of all tokens; the states of padding are meaningless."""
        mask = padding_mask(lengths, ids.shape[1]).long()
        if self._decodes:
            shifted = nn.functional.pad(ids[:, :-1], (1, 0), value=int(self.model.config.decoder_start_token_id))  # type: ignore[union-attr, arg-type]
            out = self.model(input_ids=ids, attention_mask=mask, decoder_input_ids=shifted)
        else:
            out = self.model(input_ids=ids, attention_mask=mask, output_hidden_states=self._words_too)
        states: Tensor = out.last_hidden_state
        return torch.cat([out.hidden_states[0], states], dim=-1) if self._words_too else states

    def save_description(self, folder: Path) -> None:
        """Write configuration and tokenizer, without weights; ``load_language_model`` builds the model from them."""
        self.model.config.save_pretrained(folder)  # type: ignore[union-attr, operator]
        self.tokenizer.save_pretrained(folder)


def load_language_model(
    folder: str,
    *,
    text_tokens: int = 128,
    t5_decoder: bool = False,
    words_too: bool = False,
    dtype: torch.dtype = torch.float32,
    weights: bool = True,
    name: str | None = None,
    reads_only: bool = False,
) -> LanguageModel:
    """A language model from a folder or the hub, in evaluation mode and frozen.

    What was fetched from the hub before is not asked for again; a hub that does not answer is asked once.
    Without ``weights`` the model is built from its configuration with random weights, and the caller loads them. One
    that ``reads_only`` is not trained or saved: the packaged one is then loaded without transformers. Errors use
    ``name``. Raises ModelError when the model is not available.
    """
    lean = reads_only and name == DEFAULT_TEXT_MODEL
    if not lean:
        _check_version(require("transformers", "model").__version__)
    read = partial(_read, folder, t5_decoder=t5_decoder, dtype=dtype, weights=weights)
    try:
        try:
            model, tokenizer = load_bert(Path(folder), dtype) if lean else read(local_files_only=True)
        except _UNREADABLE:
            if Path(folder).exists():
                raise
            ask_hub(folder)
            model, tokenizer = read(local_files_only=False)
    except (*_UNREADABLE, ModelError) as error:
        raise ModelError(
            f"text model {name or folder!r} cannot be loaded ({str(error).splitlines()[0]}); {_instead(name)}"
        ) from error
    return LanguageModel(model, tokenizer, text_tokens, words_too=words_too).eval().requires_grad_(False)


def _read(
    folder: str, *, t5_decoder: bool, dtype: torch.dtype, weights: bool, local_files_only: bool
) -> tuple[nn.Module, Any]:
    """The model and its tokenizer."""
    transformers = require("transformers", "model")
    where: dict[str, Any] = {"local_files_only": local_files_only}
    with _quiet(transformers):
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder, **where)
        config = transformers.AutoConfig.from_pretrained(folder, **where)
        kind, options = _class_of(transformers, config, t5_decoder)
        if weights:
            return kind.from_pretrained(folder, dtype=dtype, **options, **where), tokenizer
        with torch.random.fork_rng(devices=[]):  # the numbers are thrown away: the caller's must not change
            return kind(getattr(config, "text_config", config), **options).to(dtype), tokenizer


def _check_version(version: str) -> None:
    """Raises ModelError for a transformers that does not know how models are loaded here."""
    if tuple(map(int, version.split(".")[:2])) < _OLDEST:
        oldest = ".".join(map(str, _OLDEST))
        raise ModelError(
            f"transformers {version} is too old, {oldest} or later is needed: pip install 'transformers>={oldest}'"
        )


def _instead(name: str | None) -> str:
    """What works where a model cannot be loaded, other than that very model."""
    if name == DEFAULT_TEXT_MODEL:
        return f"its files are damaged: {INSTALL_DEFAULT.replace('install', 'install --force-reinstall')}"
    return (
        f"offline, {DEFAULT_TEXT_MODEL!r} ({INSTALL_DEFAULT}) works for a new model, or a folder with this very one: "
        "--text-model FOLDER (train: --set model.text_model=FOLDER; Python: text_model=FOLDER)"
    )


def _class_of(transformers: Any, config: Any, t5_decoder: bool) -> tuple[Any, dict[str, Any]]:
    """The class that computes token states alone, and the arguments that leave poolers out."""
    if config.model_type == "t5":
        return (transformers.T5Model if t5_decoder else transformers.T5EncoderModel), {}
    if config.model_type in {"clip", "clip_text_model"}:
        return transformers.CLIPTextModel, {}
    kind = transformers.MODEL_MAPPING[type(config)]
    pooled = config.model_type in {"bert", "roberta", "xlm-roberta", "mpnet", "camembert"}
    return kind, {"add_pooling_layer": False} if pooled else {}


def _positions_of(config: Any) -> int:
    """Number of tokens that a model has positions for. RoBERTa and MPNet number positions from the padding id + 1."""
    positions = int(getattr(config, "max_position_embeddings", None) or _MANY)
    if config.model_type in {"roberta", "xlm-roberta", "camembert", "mpnet"}:
        return positions - int(config.pad_token_id) - 1
    return positions


@contextmanager
def _quiet(transformers: Any) -> Iterator[None]:
    """No warnings and no progress bars while a model is loaded."""
    level = logging.getLogger("transformers").level
    try:
        transformers.utils.logging.set_verbosity_error()
        transformers.utils.logging.disable_progress_bar()
        yield
    finally:
        logging.getLogger("transformers").setLevel(level)
