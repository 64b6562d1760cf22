"""One tiny random language model of every family, with a tokenizer of a few words, as transformers saves them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
import transformers as hf
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from toys import WORDS

_SPOKEN = [word for word in WORDS if not word.startswith("[")]
_BERT = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
_T5 = {"d_model": 32, "d_kv": 16, "d_ff": 64, "num_layers": 2, "num_heads": 2, "num_decoder_layers": 2}
_CLIP = {**_BERT, "max_position_embeddings": 77, "pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 0}
"""As published, the padding is the end token."""


@dataclass(frozen=True)
class Family:
    """How a model of a family is made, which special tokens its tokenizer has, and how we have to read it."""

    name: str
    make: Callable[[int], Any]
    special: tuple[str, ...]
    """Padding, unknown, begin, end, in the order of their ids; an empty begin is none."""
    limit: int
    ours: dict[str, Any] = field(default_factory=dict)
    """Settings of ours."""
    causal: bool = False

    def save(self, folder: Path) -> Path:
        """Write model and tokenizer."""
        pad, unknown, begin, end = self.special
        words = list(dict.fromkeys([*self._specials(), *_SPOKEN]))
        ids = {word: i for i, word in enumerate(words)}
        tokenizer = Tokenizer(models.WordLevel(ids, unk_token=unknown))
        tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
        around = [one for one in (begin, end) if one]
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{begin} $A {end}".strip(), special_tokens=[(one, ids[one]) for one in around]
        )
        hf.PreTrainedTokenizerFast(
            tokenizer_object=tokenizer, pad_token=pad, unk_token=unknown, eos_token=end, model_max_length=self.limit
        ).save_pretrained(folder)
        with torch.random.fork_rng():
            torch.manual_seed(0)
            self.make(len(words)).save_pretrained(folder)
        return folder

    def _specials(self) -> list[str]:
        """RoBERTa's padding is its second token; its positions are counted from there."""
        pad, unknown, begin, end = self.special
        order = [begin, pad, end, unknown] if self.name in {"roberta", "mpnet"} else [pad, unknown, begin, end]
        return [one for one in order if one]


_SQUARE = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
_ANGLE = ("<pad>", "<unk>", "<s>", "</s>")


def _clip(words: int) -> Any:
    return hf.CLIPTextModel(hf.CLIPTextConfig(vocab_size=words, **_CLIP))


def _whole_clip(words: int) -> Any:
    text = {"vocab_size": words, **_CLIP}
    vision = {**_BERT, "image_size": 8, "patch_size": 4}
    return hf.CLIPModel(hf.CLIPConfig(text_config=text, vision_config=vision, projection_dim=16))


def _t5(words: int) -> Any:
    return hf.T5Model(hf.T5Config(vocab_size=words, decoder_start_token_id=0, pad_token_id=0, eos_token_id=2, **_T5))


def _roberta_like(config: Any, model: Any) -> Callable[[int], Any]:
    return lambda words: model(config(vocab_size=words, max_position_embeddings=42, pad_token_id=1, **_BERT))


FAMILIES = (
    Family(
        "distilbert",
        lambda words: hf.DistilBertModel(
            hf.DistilBertConfig(
                vocab_size=words, dim=32, n_layers=2, n_heads=2, hidden_dim=64, max_position_embeddings=40
            )
        ),
        _SQUARE,
        40,
    ),
    Family(
        "bert",
        lambda words: hf.BertModel(hf.BertConfig(vocab_size=words, max_position_embeddings=40, **_BERT)),
        _SQUARE,
        40,
    ),
    Family("roberta", _roberta_like(hf.RobertaConfig, hf.RobertaModel), _ANGLE, 40),
    Family("mpnet", _roberta_like(hf.MPNetConfig, hf.MPNetModel), _ANGLE, 40),
    Family("t5", _t5, ("<pad>", "<unk>", "", "</s>"), 40),
    Family("t5-decoder", _t5, ("<pad>", "<unk>", "", "</s>"), 40, {"t5_decoder": True}, causal=True),
    Family("clip", _clip, ("<end>", "<unk>", "<start>", "<end>"), 77, causal=True),
    Family("clip, both halves", _whole_clip, ("<end>", "<unk>", "<start>", "<end>"), 77, causal=True),
)
