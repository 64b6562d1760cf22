"""Settings of a training run: defaults < TOML file < flags; an unknown key is an error that names the file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_args

from chronomotion.errors import ConfigError
from chronomotion.model.config import ModelConfig

__all__ = ["Negatives", "TrainingConfig"]

Negatives = Literal["none", "shuffled", "counterfactual"]


@dataclass(frozen=True)
class TrainingConfig:
    """What a run does. Raises ConfigError for a value that cannot be."""

    model: ModelConfig = field(default_factory=ModelConfig)
    negatives: Negatives = "counterfactual"
    """``none``: other captions of the batch only. ``shuffled``: also each caption's events in another order (the CAR
    paper). ``counterfactual``: besides, each clip comes with a twin, motion and caption re-ordered together (needs
    event times)."""
    shuffles: int = 1
    """Shuffled captions of each pair, where negatives are not ``none``."""
    narrated_share: float = 0.5
    """Share of captions told with connectives ("walks, then sits"); the others have one neutral sentence an event."""
    rounds: int = 4
    """Epochs after which words and orders repeat: what the language model has read by then serves for the rest of the
    run.
    """
    epochs: int = 20
    batch_size: int = 32
    """Pairs in a batch; a twin counts as a pair."""
    learning_rate: float = 1e-4
    warmup_steps: int = 50
    """Steps over which the learning rate rises; after that it falls to a twentieth along a cosine."""
    weight_decay: float = 0.01
    temperature: float = 0.1
    clip_norm: float = 1.0
    seed: int = 0
    split: str = "train"
    checkpoint_seconds: float = 60.0
    """Time between checkpoints: what an interrupted run can lose at the most."""

    def __post_init__(self) -> None:
        _one_of_the_negatives(self.negatives)
        for name, least in (("epochs", 1), ("rounds", 1), ("batch_size", 2), ("shuffles", 1), ("warmup_steps", 0)):
            if getattr(self, name) < least:
                raise ConfigError(f"{name} must be at least {least}, not {getattr(self, name)}")
        if not 0 <= self.narrated_share <= 1:
            raise ConfigError(f"narrated_share must be between 0 and 1, not {self.narrated_share}")
        for name in ("learning_rate", "temperature", "clip_norm"):
            if not getattr(self, name) > 0:
                raise ConfigError(f"{name} must be positive, not {getattr(self, name)}")

    @classmethod
    def read(cls, path: str | Path | None, overrides: Mapping[str, Any] | None = None) -> TrainingConfig:
        """Settings from a TOML file (sizes of the model under ``[model]``) and overrides of its keys, which win.

        Raises ConfigError naming the file for an unknown key or a file that cannot be read.
        """
        values: dict[str, Any] = {}
        where = "flags"
        if path is not None:
            where = str(path)
            try:
                values = tomllib.loads(Path(path).read_text(encoding="utf-8"))
            except (OSError, ValueError) as error:
                raise ConfigError(f"{path}: cannot be read ({error})") from error
        sizes = values.pop("model", {})
        _known(sizes, ModelConfig, f"{where}: [model]")
        _known(values, cls, where)
        _one_of_the_negatives(values.get("negatives", cls.negatives))
        given = {name: value for name, value in (overrides or {}).items() if value is not None}
        return cls(model=ModelConfig(**sizes), **{**values, **given})

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as saved beside the weights."""
        return asdict(self)


def _one_of_the_negatives(value: Any) -> None:
    if value not in get_args(Negatives):
        raise ConfigError(f"negatives must be one of {', '.join(get_args(Negatives))}, not {value!r}")


def _known(values: Mapping[str, Any], kind: type[Any], where: str) -> None:
    names = {one.name: one for one in fields(kind)}
    for key, value in values.items():
        if key not in names:
            raise ConfigError(f"{where}: unknown key {key!r}; known are {', '.join(names)}")
        wanted = str(names[key].type)
        fits = {"int": isinstance(value, int), "float": isinstance(value, int | float), "str": isinstance(value, str)}
        if not fits.get(wanted, True) or isinstance(value, bool):
            raise ConfigError(f"{where}: {key} must be {wanted}, not {value!r}")
