"""The model card: the data, the recipe, the figures and the use of a model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chronomotion.model.config import ModelConfig

__all__ = ["ModelCard"]

_UNKNOWN = "not recorded"

_USE = """\
```python
from chronomotion import MotionTextModel

model = MotionTextModel.from_pretrained("{name}")
model.similarity(["a person walks. a person sits down."], [features])
```

`features` are float32 (frames, {dim}) at {fps:g} frames a second, not normalised."""


@dataclass(frozen=True)
class ModelCard:
    """Facts about a model besides its architecture. Kept in config.json, and shown as README.md."""

    data: str = _UNKNOWN
    """Name of the corpus."""
    fingerprint: str = _UNKNOWN
    """Fingerprint of the corpus."""
    licence: str = _UNKNOWN
    """Licence of the corpus; the weights inherit it."""
    recipe: Mapping[str, Any] = field(default_factory=dict)
    """Settings of the training."""
    metrics: Mapping[str, float] = field(default_factory=dict)
    """Figures by name; a name says on which data the figure was measured."""

    def text(self, name: str, config: ModelConfig) -> str:
        """The card in Markdown, for a model in the folder ``name``."""
        parts = [
            "---\nlibrary_name: chronomotion\ntags: [motion, text-to-motion-retrieval]\n---",
            f"# {name}",
            "A motion-language model, made with Chronomotion: motions and sentences in one space of "
            f"{config.latent_dim} numbers. Language model: `{config.text_model}`"
            + (", trained with it." if config.tune_text_model else ", frozen."),
            "## Use",
            _USE.format(name=name, dim=config.motion_dim, fps=config.fps),
            "## Data",
            _table({"corpus": self.data, "fingerprint": self.fingerprint, "licence": self.licence}),
        ]
        if self.metrics:
            parts += ["## Figures", _table(self.metrics)]
        if self.recipe:
            parts += ["## Recipe", f"```json\n{json.dumps(dict(self.recipe), indent=1, default=str)}\n```"]
        return "\n\n".join(parts) + "\n"


def _table(rows: Mapping[str, object]) -> str:
    lines = [f"| {_cell(key)} | {_cell(value)} |" for key, value in rows.items()]
    return "\n".join(["| | |", "|---|---|", *lines])


def _cell(value: object) -> str:
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    return " ".join(text.replace("|", "\\|").split())
