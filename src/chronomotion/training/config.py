"""Settings of a training run."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from chronomotion.errors import ConfigError
from chronomotion.model.config import ModelConfig
from chronomotion.settings import Field, settings

__all__ = [
    "OF_SEVERAL_CORPORA",
    "RENAMED",
    "Directions",
    "Negatives",
    "ObjectiveConfig",
    "Precision",
    "RunSettings",
    "TrainingConfig",
]

RENAMED = {"longest": "max_seconds", "shortest": "min_seconds", "rounds": "repeat_after_epochs"}
"""Settings of earlier versions -> their names now. Runs saved under the old names are still recognised."""

OF_SEVERAL_CORPORA = ("statistics", "batches")
"""Settings that say nothing about a training on one corpus."""

_OF_EARLIER_RUNS = {"step_milestone": 0.0, "beta1": 0.9, "beta2": 0.999}
"""Settings that runs of earlier versions do not name, and what they did."""

_NONE = object()

Directions = Literal["sum", "mean"]
Negatives = Literal["none", "shuffled", "counterfactual"]
Positives = Literal["told", "events", "original"]
Filter = Literal["none", "sentences", "keys", "stories"]
Kind = Literal["contrast", "graded"]
Captions = Literal["as-written", "canonical", "both"]
Schedule = Literal["cosine", "constant"]
Precision = Literal["float32", "bfloat16"]
Statistics = Literal["shared", "each"]
Batches = Literal["mixed", "one-corpus"]

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
AtLeast0 = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=1)]
CountOrNone = Annotated[int, Field(ge=0)]


@settings("objective")
class ObjectiveConfig:
    """The loss and its weights (:mod:`chronomotion.training.losses`). Raises ConfigError for an impossible value."""

    kind: Kind = "contrast"
    """``contrast``: one softmax, in which jumbled captions are negatives like any other (the CAR paper). ``graded``:
    the right order above a jumbled one, a jumbled one above other events."""
    temperature: Positive = 0.1
    directions: Directions = "sum"
    """Whether text to motion and motion to text are added (the paper) or averaged (its code); for ``contrast``."""
    filter: Filter = "keys"
    """How false negatives are recognised, texts that describe what a motion shows and are not pushed away from it.
    ``none``: not at all. ``sentences``, as published: captions with similar sentence embeddings, whatever their order.
    ``keys``: the same events in the same order, shuffled captions included. ``stories``: besides, events that mean the
    same in the same order."""
    sentence_threshold: Share = 0.80
    """(cosine + 1) / 2 of two captions, for ``sentences``."""
    event_threshold: Share = 0.85
    """Cosine of two events, for ``stories``."""
    sentence_model: str = ""
    """Language model whose mean-pooled token states are the sentence embeddings; empty: the model's own."""
    order_weight: AtLeast0 = 1.0
    order_margin: float = 0.2
    """By how much the cosine of the right order is to be above that of a jumbled one, for ``graded``."""
    order_temperature: Positive = 0.05
    jumbled_weight: AtLeast0 = 1.0
    jumbled_margin: float = 0.1
    """By how much a jumbled caption is to be above captions of other events, for ``graded``."""
    jumbled_temperature: Positive = 0.1
    contrast_weight: AtLeast0 = 1.0
    reconstruction_weight: AtLeast0 = 0.0
    """Of both reconstructions, from the text's latent and from the motion's; needs ``model.decoder``."""
    padded_to: Annotated[int, Field(ge=0)] = 0
    """0: only real frames count in the reconstruction. As published, 224: the mean counts padding up to this length as
    reconstructed without error."""
    divergence_weight: AtLeast0 = 0.0
    """Of the four divergences; they are there with ``model.vae`` only."""
    latent_weight: AtLeast0 = 0.0


@settings()
class RunSettings:
    """Settings of any run, whatever it trains. Raises ConfigError for an impossible value."""

    epochs: Count = 20
    batch_size: Count = 32
    """Pairs in a batch, of each process; a twin counts as a pair."""
    accumulate: Count = 1
    """Batches whose gradients are averaged before a step."""
    learning_rate: Positive = 1e-4
    schedule: Schedule = "cosine"
    """``cosine``: down to a twentieth; ``constant`` as published."""
    step_milestone: Share = 0.0
    """Share of the steps after which a ``constant`` rate is a twentieth (published generators: 2/3, 1/2); 0: never."""
    warmup_steps: Annotated[int, Field(ge=0)] = 50
    """Steps over which the learning rate rises."""
    weight_decay: AtLeast0 = 0.01
    beta1: Annotated[float, Field(ge=0, lt=1)] = 0.9
    """Decay of AdamW's mean of gradients."""
    beta2: Annotated[float, Field(ge=0, lt=1)] = 0.999
    """Decay of AdamW's mean of their squares."""
    clip_norm: AtLeast0 = 1.0
    """Largest norm of a step's gradient; 0: any."""
    precision: Precision = "float32"
    """``bfloat16``: matrix products in bfloat16 (autocast), weights in float32."""
    compile: bool = False
    """Compile the layers with torch.compile: the first steps take long. Meant for GPUs: processors gain nothing."""
    seed: int = 0
    judge_every: Count = 1
    """Epochs between judgements, where the caller gives a judge: the best weights so far are kept."""
    trackers: str = ""
    """Names of trackers that accelerate knows (tensorboard, wandb, ...), separated by commas."""
    checkpoint_seconds: float = 60.0
    """Seconds between checkpoints: the most that an interrupted run can lose."""

    def __post_init__(self) -> None:
        if self.step_milestone and self.schedule != "constant":
            raise ConfigError(f'step_milestone needs schedule = "constant", not {self.schedule!r}')

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as saved beside the weights; settings that earlier runs lack only where they differ from what
        those runs did.
        """
        return {key: value for key, value in asdict(self).items() if value != _OF_EARLIER_RUNS.get(key, _NONE)}


@settings(renamed=RENAMED)
class TrainingConfig(RunSettings):
    """Settings of a training on pairs of motions and captions. Raises ConfigError for an impossible value."""

    model: ModelConfig = Field(default_factory=ModelConfig)
    objective: ObjectiveConfig = Field(default_factory=ObjectiveConfig)
    negatives: Negatives = "counterfactual"
    """``none``: other captions of the batch only. ``shuffled``: also each caption's events in another order (the CAR
    paper). ``counterfactual``: besides, each clip comes with a twin, motion and caption re-ordered together (needs
    event times)."""
    shuffles: Count = 1
    """Shuffled captions of each pair, where negatives are not ``none``."""
    foils: CountOrNone = 0
    """Captions of each pair in which one event is another one in similar words, where events have labels
    (:mod:`chronomotion.training.foils`): so actions that are told alike are told apart."""
    positives: Positives = "told"
    """Wording of a caption. ``told``: its events with connectives or in neutral wording (``narrated_share``).
    ``events``: its events as written, one after the other (published, event->event). ``original``: the caption as it
    is, shuffles as ``events`` (published, orig->event)."""
    captions: Captions = "as-written"
    """``canonical``: captions, shuffled ones too, reduced to what a motion can show
    (:func:`chronomotion.language.canonical.canonical`), in place of the wording of ``positives``. ``both``: half of the
    captions, drawn for each epoch."""
    narrated_share: Share = 0.5
    """Share of captions with connectives ("walks, then sits"); the others have one neutral sentence per event."""
    repeat_after_epochs: Count = 4
    """Epochs after which captions, wordings and orders repeat. By then the language model has read every text of the
    run.
    """
    compound_share: Share = 0.0
    """Share of clips that are joined with one or two others to a compound pair, whose events are their captions, in any
    order, with a twin in another order: so order can be learnt from captioned clips without event times."""
    mirror_share: Share = 0.0
    """Share of clips whose events name a side that have their mirror image as twin, with the mirrored caption, in place
    of another order (``counterfactual`` only): so left and right are told apart."""
    feature_shift: AtLeast0 = 0.0
    """Largest spread, in standard deviations of each feature, of a shift that stays the same in all frames of a clip
    and of its twin: constants of bodies and rigs then tell nothing (:mod:`chronomotion.training.augment`)."""
    group_dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Probability with which a clip and its twin lack their rotations, velocities or contacts, each drawn apart."""
    crop_share: Share = 0.0
    """Share of pairs cropped at random: to consecutive events with a caption of their own, where event times are known;
    else to the caption's span with more or less of the motion around it."""
    max_seconds: AtLeast0 = 0.0
    """Seconds: captions of longer spans are left out (published: 10); 0: there is no limit."""
    min_seconds: AtLeast0 = 0.0
    """Seconds: captions of shorter spans are left out (published: 2)."""
    text_learning_rate: Positive = 1e-5
    """Of a language model that is tuned."""
    split: str = "train"
    statistics: Statistics = "shared"
    """Of several corpora. ``shared``: features are normalised by mean and standard deviation over all of them.
    ``each``: in training, by those of their own corpus; the saved model keeps the shared ones, for motions of none of
    them."""
    batches: Batches = "mixed"
    """Of several corpora. ``mixed``: a batch has clips of all. ``one-corpus``: of one, so that the style of a corpus
    does not tell which caption belongs to which motion."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.batch_size < 2:
            raise ConfigError(f"batch_size must be at least 2, not {self.batch_size}: a pair alone has no negatives")
        if self.mirror_share and self.negatives != "counterfactual":
            raise ConfigError(f"mirror_share needs counterfactual twins, not negatives = {self.negatives!r}")
        if self.negatives == "counterfactual" and self.batch_size % 2:
            raise ConfigError(f"batch_size must be even with counterfactual twins, not {self.batch_size}")
        if self.objective.reconstruction_weight and not self.model.decoder:
            raise ConfigError("objective.reconstruction_weight needs a decoder: set model.decoder = true, or it to 0")
