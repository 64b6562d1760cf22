"""``chronomotion evaluate``: what a model understands of order."""

from __future__ import annotations

from pathlib import Path

from chronomotion.cli.options import Json, cache_folder

__all__ = ["run"]


def run(
    model: Path,
    corpus: Path,
    *,
    split: str = "test",
    shuffles: int = 5,
    seed: int = 0,
    out: Path | None = None,
    as_json: Json = False,
) -> None:
    """Measure chronologically accurate retrieval (CAR), its blind controls, and retrieval.

    Example: chronomotion evaluate runs/counterfactual corpora/uniform --out reports/counterfactual.json

    Parameters
    ----------
    model
        Folder of a trained model.
    corpus
        Folder of a corpus with events.
    shuffles
        Wrong orders drawn for each clip.
    out
        Write the report here as JSON, and beside it as Markdown and LaTeX.
    """
    from chronomotion.corpus import Corpus
    from chronomotion.evaluation.evaluate import evaluate
    from chronomotion.evaluation.report_text import markdown
    from chronomotion.model.motion_text import MotionTextModel

    loaded = MotionTextModel.from_pretrained(model, cache=cache_folder() / "text")
    report = evaluate(loaded, Corpus(corpus), split=split, k=shuffles, seed=seed, model_name=model.name)
    if out is not None:
        report.save(out)
    print(report.to_json() if as_json else markdown(report))
