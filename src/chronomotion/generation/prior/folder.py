"""A prior on disk.

===================== ========================================================================================
``config.json``       format_version, kind "motion-prior", the settings, the tokenizer's facts, the text model
``model.safetensors`` the weights
``text/``             a motion-text model that it reads texts by, where it is one
``README.md``         the card, where it has one
===================== ========================================================================================
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_model, save_model
from torch import nn

from chronomotion.atomic_write import atomic_write
from chronomotion.errors import ChronomotionError, ModelError
from chronomotion.generation.prior.config import CodeSpace, PriorConfig
from chronomotion.generation.prior.texts import TextSource
from chronomotion.model.description import check_format, read_description

__all__ = ["FORMAT_VERSION", "PriorCard", "SavedPrior", "read_prior", "read_weights_of", "save_prior"]

FORMAT_VERSION = 1
KIND = "motion-prior"
_UNREADABLE = (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError, ChronomotionError)


@dataclass(frozen=True)
class PriorCard:
    """Facts about a prior besides its settings: shown as README.md, kept in config.json."""

    data: str
    fingerprint: str
    licence: str
    clips: int
    recipe: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, float] = field(default_factory=dict)

    def text(self, name: str, config: PriorConfig, space: CodeSpace) -> str:
        """The card as Markdown."""
        seconds = config.max_tokens / space.tokens_per_second
        rows = {
            "corpus": self.data,
            "fingerprint": self.fingerprint,
            "licence of the corpus": self.licence,
            "clips": self.clips,
            "longest motion, seconds": f"{seconds:g}",
            "texts read by": config.text_model,
            "tokenizer": f"{space.codes} codes, {space.fingerprint}",
        }
        table = "\n".join(f"| {key} | {str(value).replace('|', ' ')} |" for key, value in rows.items())
        figures = "\n".join(f"| {key} | {value:.4g} |" for key, value in self.figures.items())
        return (
            f"# {name}\n\nFrom text to motion, trained with Chronomotion: {config.layers} layers of {config.width}, "
            f"kind `{config.kind}`, conditioned by `{config.conditioning}`. What it generates is made of what it was "
            f"trained on: the licence of the corpus may bind it. Trained up to {seconds:g} seconds.\n\n"
            f'## Use\n\n```\nchronomotion generate "a person walks forward, then sits down" --model {name}\n```\n\n'
            f"## Data\n\n| | |\n|---|---|\n{table}\n\n## Figures\n\n| | |\n|---|---|\n{figures}\n\n"
            f"## Recipe\n\n```json\n{json.dumps(self.recipe, indent=1, default=str)}\n```\n"
        )


@dataclass(frozen=True)
class SavedPrior:
    """What the config.json of a prior says."""

    config: PriorConfig
    space: CodeSpace
    text_fingerprint: str
    card: PriorCard | None

    def check(self, texts: TextSource, folder: Path) -> None:
        """Raises ModelError when the texts are read by another model than in the training."""
        if texts.fingerprint != self.text_fingerprint:
            raise ModelError(
                f"{folder} reads texts by {self.config.text_model!r} ({self.text_fingerprint[:12]}), not by "
                f"{texts.name!r} ({texts.fingerprint[:12]}): give the text model that it was trained with"
            )


def save_prior(
    folder: Path, network: nn.Module, config: PriorConfig, space: CodeSpace, texts: TextSource, card: PriorCard | None
) -> None:
    """Write a prior's folder; each file appears whole or not at all."""
    texts.save(folder)
    with atomic_write(folder / "model.safetensors") as part:
        save_model(network, str(part))
    info: dict[str, Any] = {
        "format_version": FORMAT_VERSION,
        "kind": KIND,
        "prior": asdict(config),
        "tokenizer": asdict(space),
        "text_fingerprint": texts.fingerprint,
    }
    if card is not None:
        info["card"] = asdict(card)
        with atomic_write(folder / "README.md") as part:
            part.write_text(card.text(folder.resolve().name, config, space), encoding="utf-8")
    with atomic_write(folder / "config.json") as part:
        part.write_text(json.dumps(info, indent=1, default=str) + "\n", encoding="utf-8")


def read_prior(folder: Path) -> SavedPrior:
    """The settings of a prior. Raises ModelError when there is none, or they cannot be read."""
    path = folder / "config.json"
    info = read_description(folder)
    if info is None:
        raise ModelError(f"{folder} does not hold a generator{_next_step(folder)}")
    kind = info.get("kind") if isinstance(info, dict) else None
    if kind != KIND:
        raise ModelError(f"{folder} does not hold a generator: it is {_called(kind)}; a prior says kind {KIND!r}")
    check_format(info.get("format_version"), FORMAT_VERSION, path)
    try:
        card = PriorCard(**info["card"]) if "card" in info else None
        return SavedPrior(
            PriorConfig(**info["prior"]), CodeSpace(**info["tokenizer"]), str(info["text_fingerprint"]), card
        )
    except _UNREADABLE as error:
        raise ModelError(f"{path}: no prior of ours ({error})") from error


def read_weights_of(network: nn.Module, folder: Path) -> None:
    """Fill a network with the weights of a folder. Raises ModelError when they are not those of this network."""
    try:
        load_model(network, str(folder / "model.safetensors"))
    except _UNREADABLE as error:
        raise ModelError(f"{folder / 'model.safetensors'}: cannot be read ({str(error).splitlines()[0]})") from error


def _called(kind: object) -> str:
    return f"a {kind}" if isinstance(kind, str) else "a motion-text model" if kind is None else f"{kind!r}"


def _next_step(folder: Path) -> str:
    """What to do with a place that holds no prior."""
    if not folder.exists():
        return ": there is no such folder"
    if (folder / "corpus.json").is_file():
        return f": it is a corpus; `chronomotion train-generator {folder} GENERATOR` makes a generator of it"
    if (folder / "checkpoint.pt").is_file() or (folder / "tokenizer").is_dir():
        return ": its training is not complete; the same `chronomotion train-generator` goes on from there"
    return " (config.json with model.safetensors)"
