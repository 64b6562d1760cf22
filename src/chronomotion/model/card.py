"""The model card: the data, the recipe, the figures and the use of a model."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chronomotion.errors import require
from chronomotion.model.config import DEFAULT_TEXT_MODEL, ModelConfig

__all__ = ["ModelCard"]

_UNKNOWN = "not recorded"

_LICENCES = frozenset({"mit", "apache-2.0", "cc0-1.0", "cc-by-4.0", "cc-by-nc-4.0", "cc-by-sa-4.0", "cc-by-nc-sa-4.0"})
"""Licences that a hub knows, as it writes them; any other is named in the card."""

_BASE_MODELS = {DEFAULT_TEXT_MODEL: "sentence-transformers/all-MiniLM-L6-v2"}
"""Names on the hub of language models that come as packages."""

_NO_FIGURES = frozenset({"steps", "best_step"})
"""What a training records beside its figures."""

_USE = """\
```python
from chronomotion import MotionTextModel

model = MotionTextModel.from_pretrained("{name}")
model.similarity(["a person walks. a person sits down."], [features])
```

`features` are float32 (frames, {dim}) at {fps:g} frames a second, not normalised."""

_SHARED_STATISTICS = "Mean and standard deviation of the features are those of all these corpora together."

_OWN_STATISTICS = (
    "In training, the features of each corpus were normalised by its own mean and standard deviation. The model keeps "
    "those of all together, for motions of none of them; for motions of one, load it with those of the corpus: "
    "`from_pretrained(..., stats=CORPUS)`, on the command line `--stats CORPUS`."
)


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
    corpora: Sequence[Mapping[str, Any]] = ()
    """Of a training on several: name, fingerprint, licence and weight of each. ``data``, ``fingerprint`` and
    ``licence`` list them in one line."""

    def text(self, name: str, config: ModelConfig) -> str:
        """The card in Markdown, for a model in the folder ``name``."""
        parts = [
            f"---\n{self._metadata(name, config)}\n---",
            f"# {name}",
            "A motion-language model, made with Chronomotion: motions and sentences in one space of "
            f"{config.latent_dim} numbers. Language model: `{config.text_model}`"
            + (", trained with it." if config.tune_text_model else ", frozen."),
            "## Use",
            _USE.format(name=name, dim=config.motion_dim, fps=config.fps),
            "## Data",
            self._data(),
        ]
        if self.metrics:
            parts += ["## Figures", _table(self.metrics)]
        if self.recipe:
            parts += ["## Recipe", f"```json\n{json.dumps(dict(self.recipe), indent=1, default=str)}\n```"]
        return "\n\n".join(parts) + "\n"

    def _data(self) -> str:
        """What the model was trained on."""
        if not self.corpora:
            return _table({"corpus": self.data, "fingerprint": self.fingerprint, "licence": self.licence})
        rows = [
            f"| {_cell(part['name'])} | {part['weight']:g} | {_cell(part['licence'])} | {_cell(part['fingerprint'])} |"
            for part in self.corpora
        ]
        table = ["| corpus | weight | licence | fingerprint |", "|---|---|---|---|", *rows]
        said = _OWN_STATISTICS if self.recipe.get("statistics") == "each" else _SHARED_STATISTICS
        return "\n".join(table) + f"\n\n{said}"

    def _metadata(self, name: str, config: ModelConfig) -> str:
        """What a hub reads of the card, as YAML: library, task, tags, licence, data, language model, figures."""
        hub = require("huggingface_hub", "model")
        licence = self.licence.lower().replace(" ", "-")
        known_licence = licence in _LICENCES
        known = self.data != _UNKNOWN
        names = [str(part["name"]) for part in self.corpora] or [self.data]
        on_hub = _is_hub_id(config.text_model)
        figures = {key: value for key, value in self.metrics.items() if key not in _NO_FIGURES}
        results = [
            hub.EvalResult(
                task_type="text-to-motion-retrieval",
                dataset_type=_hub_word(self.data),
                dataset_name=self.data,
                metric_type=_hub_word(key),
                metric_name=key,
                metric_value=round(float(value), 4),
            )
            for key, value in figures.items()
        ]
        data = hub.ModelCardData(
            library_name="chronomotion",
            pipeline_tag="feature-extraction",
            tags=["motion", "text-to-motion-retrieval", "chronology"],
            license=licence if known_licence else "other",
            license_name=None if known_licence else _hub_word(self.licence),
            base_model=_BASE_MODELS.get(config.text_model) or (config.text_model if on_hub else None),
            datasets=[_hub_word(name) for name in names] if known else None,
            model_name=name if results else None,
            eval_results=results or None,
        )
        return str(data.to_yaml())


def _hub_word(text: str) -> str:
    """A name in the letters that a hub takes."""
    return re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-") or "unknown"


def _is_hub_id(name: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9][\w.-]*(/[\w.-]+)?", name) is not None and not Path(name).exists()


def _table(rows: Mapping[str, object]) -> str:
    lines = [f"| {_cell(key)} | {_cell(value)} |" for key, value in rows.items()]
    return "\n".join(["| | |", "|---|---|", *lines])


def _cell(value: object) -> str:
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    return " ".join(text.replace("|", "\\|").split())
