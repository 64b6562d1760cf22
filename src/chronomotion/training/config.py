"""Settings of a training run."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal, get_args

from chronomotion.errors import ConfigError
from chronomotion.model.config import ModelConfig

__all__ = ["Directions", "Negatives", "ObjectiveConfig", "TrainingConfig"]

Directions = Literal["sum", "mean"]
Negatives = Literal["none", "shuffled", "counterfactual"]
Positives = Literal["told", "events", "original"]
Filter = Literal["none", "sentences", "keys", "stories"]
Kind = Literal["contrast", "graded"]
Schedule = Literal["cosine", "constant"]
Precision = Literal["float32", "bfloat16"]


@dataclass(frozen=True)
class ObjectiveConfig:
    """What is optimised (:mod:`chronomotion.training.losses`). Raises ConfigError for a value that cannot be."""

    kind: Kind = "contrast"
    """``contrast``: one softmax, in which jumbled captions are negatives like any other (the CAR paper). ``graded``:
    the right order above a jumbled one, a jumbled one above other events."""
    temperature: float = 0.1
    directions: Directions = "sum"
    """Whether text to motion and motion to text are added (the paper) or averaged (its code); for ``contrast``."""
    filter: Filter = "keys"
    """Which texts are not pushed away from a motion, since they tell what it shows: ``none``; ``sentences``, as
    published: captions with similar sentence embeddings, whatever their order; ``keys``: the same events in the same
    order, shuffled captions included; ``stories``: besides, events that mean the same in the same order."""
    sentence_threshold: float = 0.80
    """(cosine + 1) / 2 of two captions, for ``sentences``."""
    event_threshold: float = 0.85
    """Cosine of two events, for ``stories``."""
    sentence_model: str = ""
    """Language model whose mean-pooled token states are the sentence embeddings; empty: the model's own."""
    order_weight: float = 1.0
    order_margin: float = 0.2
    """By how much the cosine of the right order is to be above that of a jumbled one, for ``graded``."""
    order_temperature: float = 0.05
    jumbled_weight: float = 1.0
    jumbled_margin: float = 0.1
    """By how much a jumbled caption is to be above captions of other events, for ``graded``."""
    jumbled_temperature: float = 0.1
    contrast_weight: float = 1.0
    reconstruction_weight: float = 0.0
    """Of both reconstructions, from the text's latent and from the motion's; needs ``model.decoder``."""
    padded_to: int = 0
    """0: only real frames count in the reconstruction. As published, 224: the mean counts padding up to this length as
    reconstructed without error."""
    divergence_weight: float = 0.0
    """Of the four divergences; they are there with ``model.vae`` only."""
    latent_weight: float = 0.0

    def __post_init__(self) -> None:
        _one_of(self, {"kind": Kind, "filter": Filter, "directions": Directions}, "objective.")
        for name in ("temperature", "order_temperature", "jumbled_temperature"):
            _at_least(self, name, 0, "objective.", beyond=True)
        for one in fields(self):
            if one.name.endswith("_weight") or one.name == "padded_to":
                _at_least(self, one.name, 0, "objective.")
        for name in ("sentence_threshold", "event_threshold"):
            _share(self, name, "objective.")


@dataclass(frozen=True)
class TrainingConfig:
    """What a run does. Raises ConfigError for a value that cannot be."""

    model: ModelConfig = field(default_factory=ModelConfig)
    objective: ObjectiveConfig = field(default_factory=ObjectiveConfig)
    negatives: Negatives = "counterfactual"
    """``none``: other captions of the batch only. ``shuffled``: also each caption's events in another order (the CAR
    paper). ``counterfactual``: besides, each clip comes with a twin, motion and caption re-ordered together (needs
    event times)."""
    shuffles: int = 1
    """Shuffled captions of each pair, where negatives are not ``none``."""
    positives: Positives = "told"
    """How a caption is put: ``told``: its events with connectives or in neutral wording (``narrated_share``).
    ``events``: its events as written, one after the other (published, event->event). ``original``: the caption as it
    is, shuffles as ``events`` (published, orig->event)."""
    narrated_share: float = 0.5
    """Share of captions told with connectives ("walks, then sits"); the others have one neutral sentence an event."""
    rounds: int = 4
    """Epochs after which words and orders repeat: what the language model has read by then serves for the rest of the
    run.
    """
    compound_share: float = 0.0
    """Share of clips that are joined with one or two others, their captions the events of the whole, in any order and
    with a twin in another one: order can be learnt from captioned clips of unknown event times."""
    crop_share: float = 0.0
    """Share of pairs cropped at random, as far as the caption allows: to consecutive events, where their times are
    known, told anew; else with more or less of what is around the caption's span."""
    longest: float = 0.0
    """Seconds: captions of longer spans are left out (published: 10); 0: there is no limit."""
    shortest: float = 0.0
    """Seconds: captions of shorter spans are left out (published: 2)."""
    epochs: int = 20
    batch_size: int = 32
    """Pairs in a batch, of each process; a twin counts as a pair."""
    accumulate: int = 1
    """Batches whose gradients are averaged before a step."""
    learning_rate: float = 1e-4
    text_learning_rate: float = 1e-5
    """Of a language model that is tuned."""
    schedule: Schedule = "cosine"
    """``cosine``: down to a twentieth; ``constant`` as published."""
    warmup_steps: int = 50
    """Steps over which the learning rate rises."""
    weight_decay: float = 0.01
    clip_norm: float = 1.0
    """Largest norm of a step's gradient; 0: any."""
    precision: Precision = "float32"
    """``bfloat16``: matrix products in bfloat16 (autocast), weights in float32."""
    compile: bool = False
    """Compile the layers with torch.compile: the first steps take long. Meant for GPUs: processors gain nothing."""
    seed: int = 0
    split: str = "train"
    judge_every: int = 1
    """Epochs between judgements, where the caller has a judge: the best weights by then are kept."""
    trackers: str = ""
    """Names of trackers that accelerate knows (tensorboard, wandb, ...), separated by commas."""
    checkpoint_seconds: float = 60.0
    """Time between checkpoints: what an interrupted run can lose at the most."""

    def __post_init__(self) -> None:
        kinds = {"negatives": Negatives, "positives": Positives, "schedule": Schedule, "precision": Precision}
        _one_of(self, kinds)
        least = {"epochs": 1, "rounds": 1, "batch_size": 2, "shuffles": 1, "accumulate": 1, "judge_every": 1}
        for name, value in least.items():
            _at_least(self, name, value)
        for name in ("warmup_steps", "longest", "shortest", "clip_norm", "weight_decay"):
            _at_least(self, name, 0)
        for name in ("narrated_share", "compound_share", "crop_share"):
            _share(self, name)
        for name in ("learning_rate", "text_learning_rate"):
            _at_least(self, name, 0, beyond=True)
        if self.negatives == "counterfactual" and self.batch_size % 2:
            raise ConfigError(f"batch_size must be even with counterfactual twins, not {self.batch_size}")
        if self.objective.reconstruction_weight and not self.model.decoder:
            raise ConfigError("objective.reconstruction_weight needs a decoder: set model.decoder = true, or it to 0")

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as saved beside the weights."""
        return asdict(self)


def _one_of(settings: object, kinds: dict[str, Any], where: str = "") -> None:
    for name, kind in kinds.items():
        value = getattr(settings, name)
        if value not in get_args(kind):
            raise ConfigError(f"{where}{name} must be one of {', '.join(get_args(kind))}, not {value!r}")


def _at_least(settings: object, name: str, least: int, where: str = "", *, beyond: bool = False) -> None:
    value = getattr(settings, name)
    if not (value > least if beyond else value >= least):
        said = "positive" if beyond else f"at least {least}"
        raise ConfigError(f"{where}{name} must be {said}, not {value}")


def _share(settings: object, name: str, where: str = "") -> None:
    value = getattr(settings, name)
    if not 0 <= value <= 1:
        raise ConfigError(f"{where}{name} must be between 0 and 1, not {value}")
