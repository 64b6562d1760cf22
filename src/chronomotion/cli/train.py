"""``chronomotion train``: a model from a corpus."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from chronomotion.cli.options import cache_folder

__all__ = ["run"]


def run(
    corpus: Path,
    dest: Path,
    *,
    config: Annotated[Path | None, Parameter(help="TOML file of settings; flags win over it.")] = None,
    negatives: Literal["none", "shuffled", "counterfactual"] | None = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    learning_rate: float | None = None,
    seed: int | None = None,
    device: str = "cpu",
) -> None:
    """Train a model. The same command after an interrupt goes on where it stopped.

    Example: chronomotion train corpora/habit runs/counterfactual --negatives counterfactual --epochs 10

    Parameters ---------- corpus
        Folder of the corpus; its split "train" is used.
    dest
        Folder of the model.
    negatives
        none: other captions of the batch. shuffled: also each caption's events in another order. counterfactual:
        besides,
        motion and caption re-ordered together where event times are known.
    """
    from chronomotion.corpus import Corpus
    from chronomotion.model.backbone import TextBackbone
    from chronomotion.model.text_states import TextStates
    from chronomotion.training.config import TrainingConfig
    from chronomotion.training.loop import train

    settings = TrainingConfig.read(
        config,
        {
            "negatives": negatives,
            "epochs": epochs,
            "batch_size": batch_size,
            "learning_rate": learning_rate,
            "seed": seed,
        },
    )
    states = TextStates(TextBackbone(settings.model.text_model, device), cache_folder() / "text")
    model = train(Corpus(corpus), dest, settings, states=states, device=device)
    print(f"{dest}: a model of {sum(p.numel() for p in model.parameters()) / 1e6:.1f} million parameters")
