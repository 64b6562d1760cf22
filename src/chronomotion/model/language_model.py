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
from chronomotion.model.config import DEFAULT_TEXT_MODEL
from chronomotion.model.hub import ask_hub
from chronomotion.model.transformer import padding_mask

__all__ = ["LanguageModel", "load_language_model"]

_UNREADABLE = (OSError, ValueError, KeyError, TypeError)
"""What transformers raises for a model that is not there, or not whole."""

_MANY = 1 << 20
"""Tokenizers that know no limit claim a number beyond this."""


class LanguageModel(nn.Module):
    """A transformers model with its tokenizer. ``limit`` tokens of a text are read, the rest is cut."""

    def __init__(self, model: nn.Module, tokenizer: Any, text_tokens: int) -> None:
        super().__init__()
        self.model = model
        self.tokenizer = tokenizer
        self._tokenizing = threading.Lock()
        config: Any = model.config
        self.dim = int(getattr(config, "hidden_size", 0) or config.d_model)
        self.limit = min(text_tokens, tokenizer.model_max_length, _positions_of(config))
        self._decodes = config.model_type == "t5" and hasattr(model, "decoder")
        self._padding = int(tokenizer.pad_token_id or 0)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_tokenizing"}  # no lock is copied

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)  # type: ignore[no-untyped-call]
        self._tokenizing = threading.Lock()

    @property
    def words(self) -> int:
        """Token ids that it has embeddings for."""
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
        """States of all tokens; those behind a text are of no meaning."""
        mask = padding_mask(lengths, ids.shape[1]).long()
        if self._decodes:
            shifted = nn.functional.pad(ids[:, :-1], (1, 0), value=int(self.model.config.decoder_start_token_id))  # type: ignore[union-attr, arg-type]
            out = self.model(input_ids=ids, attention_mask=mask, decoder_input_ids=shifted)
        else:
            out = self.model(input_ids=ids, attention_mask=mask)
        states: Tensor = out.last_hidden_state
        return states

    def save_description(self, folder: Path) -> None:
        """Write the configuration and the tokenizer, without weights, so that ``load_language_model`` can build it."""
        self.model.config.save_pretrained(folder)  # type: ignore[union-attr, operator]
        self.tokenizer.save_pretrained(folder)


def load_language_model(
    folder: str,
    *,
    text_tokens: int = 128,
    t5_decoder: bool = False,
    dtype: torch.dtype = torch.float32,
    weights: bool = True,
    name: str | None = None,
) -> LanguageModel:
    """A language model from a folder or the hub, in evaluation mode and frozen.

    What was fetched from the hub before is not asked for again; a hub that does not answer is asked once.
    Without ``weights`` it is built from its configuration and its numbers are random: they come from elsewhere.
    ``name`` is what errors call it. Raises ModelError when it cannot be had.
    """
    read = partial(_read, folder, t5_decoder=t5_decoder, dtype=dtype, weights=weights)
    try:
        try:
            model, tokenizer = read(local_files_only=True)
        except _UNREADABLE:
            if Path(folder).exists():
                raise
            ask_hub(folder)
            model, tokenizer = read(local_files_only=False)
    except (*_UNREADABLE, ModelError) as error:
        raise ModelError(
            f"text model {name or folder!r} cannot be loaded ({str(error).splitlines()[0]}); offline, give a folder "
            f"with it (--text-model FOLDER; train: --set model.text_model=FOLDER; Python: text_model=FOLDER), or train "
            f"a model that reads {DEFAULT_TEXT_MODEL!r}"
        ) from error
    return LanguageModel(model, tokenizer, text_tokens).eval().requires_grad_(False)


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


def _class_of(transformers: Any, config: Any, t5_decoder: bool) -> tuple[Any, dict[str, Any]]:
    """The class that gives token states and nothing else, and the arguments that keep poolers out."""
    if config.model_type == "t5":
        return (transformers.T5Model if t5_decoder else transformers.T5EncoderModel), {}
    if config.model_type in {"clip", "clip_text_model"}:
        return transformers.CLIPTextModel, {}
    kind = transformers.MODEL_MAPPING[type(config)]
    pooled = config.model_type in {"bert", "roberta", "xlm-roberta", "mpnet", "camembert"}
    return kind, {"add_pooling_layer": False} if pooled else {}


def _positions_of(config: Any) -> int:
    """How many tokens a model has positions for. RoBERTa and MPNet count theirs from behind the padding's id."""
    positions = int(getattr(config, "max_position_embeddings", None) or _MANY)
    if config.model_type in {"roberta", "xlm-roberta", "camembert", "mpnet"}:
        return positions - int(config.pad_token_id) - 1
    return positions


@contextmanager
def _quiet(transformers: Any) -> Iterator[None]:
    """No warnings and no bars while a model is read."""
    level = logging.getLogger("transformers").level
    try:
        transformers.utils.logging.set_verbosity_error()
        transformers.utils.logging.disable_progress_bar()
        yield
    finally:
        logging.getLogger("transformers").setLevel(level)
