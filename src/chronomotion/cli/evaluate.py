"""``chronomotion evaluate``: what a model understands of order."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import CycloptsError, Parameter

from chronomotion.cli.measured import Asked, ModelOptions, QuestionOptions, asked, measured
from chronomotion.cli.options import TO, Json, LoadingOptions, wrong_usage

if TYPE_CHECKING:
    from chronomotion.evaluation.localisation import Placer
    from chronomotion.evaluation.models import Model
    from chronomotion.evaluation.report import Report

__all__ = ["run"]

log = logging.getLogger(__name__)


def run(
    *places: str,
    options: ModelOptions | None = None,
    loading: LoadingOptions | None = None,
    questions: QuestionOptions | None = None,
    request: Annotated[bool, Parameter(negative="")] = False,
    pointers: Annotated[bool, Parameter(negative="")] = False,
    localise: Literal["windows", "order"] | None = None,
    out: Annotated[Path | None, Parameter(name=TO)] = None,
    picture: Path | None = None,
    as_json: Json = False,
) -> None:
    """Measure chronologically accurate retrieval (CAR), its blind controls, and retrieval, of any model.

    A model is embedded once, whatever is measured; after an interrupt the same command goes on.

    Example: chronomotion evaluate runs/counterfactual corpora/uniform --to reports/counterfactual.json

    Example: chronomotion evaluate --model my_package.my_module:model --suite procedural

    Example: chronomotion evaluate --request corpora/uniform --to request

    Parameters
    ----------
    places
        MODEL CORPUS; MODEL goes with --model or --embeddings, and CORPUS with a suite that makes its own.
    request
        Write to the folder of --to what has to be embedded, for --embeddings, and measure nothing.
    pointers
        With --request: name the corpus' own motions, and write only those that are made for the questions.
    localise
        Ask the model where events are, too: each by itself (windows), or all of them in their order (order). Takes
        long; needs event times and a model with vectors.
    out
        Write the report here: one of NAME.json, NAME.md and NAME.tex, and the other two beside it.
    picture
        Draw CAR by number of events here, as .svg or .png, or as both where the name has no such ending.
    """
    options, questions = options or ModelOptions(), questions or QuestionOptions()
    with wrong_usage():
        _check(None if request else out, picture)
    options, place = _split(places, options, request)
    found = asked(place, questions)
    if request:
        _request(out, found, pointers, as_json)
        return
    from chronomotion.evaluation.evaluate import evaluate

    model = measured(options, loading or LoadingOptions(), found.seed)
    report = evaluate(
        model.model,
        found.corpus,
        split=found.split,
        k=found.k,
        seed=found.seed,
        model_name=f"{model.name}, canonical texts" if found.canonical else model.name,
        suite="" if found.suite is None else found.suite.name,
        store=model.store,
        material=found.material(questions),
        place=None if localise is None else _placer(model.model, found, localise),
        canonical=found.canonical,
    )
    _tell(report, found, out, picture, as_json)


def _check(out: Path | None, picture: Path | None) -> None:
    """Say what could not be written or drawn before anything is measured."""
    if out is not None:
        from chronomotion.evaluation.report import report_paths

        report_paths(out)
    if picture is not None:
        from chronomotion.evaluation.picture import picture_paths

        picture_paths(picture)


def _tell(report: Report, found: Asked, out: Path | None, picture: Path | None, as_json: bool) -> None:
    """Save, draw and print a report, and what a suite misses in it."""
    from chronomotion.evaluation.report_text import markdown

    if found.suite is not None:
        found.suite.check(report)
    if out is not None:
        report.save(out)
    if report.cut_texts is not None and report.cut_texts.texts:
        log.warning("%s", report.cut_texts)
    if "order" in report.left_out:
        log.warning("no CAR: it %s", report.left_out["order"])
    if picture is not None:
        from chronomotion.evaluation.picture import draw

        draw(report, picture)
    print(report.to_json() if as_json else markdown(report))


def _placer(model: Model, found: Asked, name: str) -> Placer:
    """The windows of a model. Raises ModelError when it has no vectors."""
    from chronomotion.errors import ModelError
    from chronomotion.evaluation.localisation import PLACERS
    from chronomotion.model.encoder import MotionTextEncoder

    if not isinstance(model, MotionTextEncoder):
        raise ModelError("--localise needs a model with encode_text and encode_motion: leave it out for this one")
    return PLACERS[name](model, found.corpus.fps)


def _split(places: tuple[str, ...], options: ModelOptions, request: bool) -> tuple[ModelOptions, str | None]:
    """The model and the corpus that are meant. Raises CycloptsError when there are too many of one, or no model."""
    left = list(places)
    given = [
        name
        for name, value in (("--model", options.model), ("--embeddings", options.embeddings), ("--request", request))
        if value
    ]
    if len(given) > 1:
        raise CycloptsError(msg=f"{' and '.join(given)} exclude one another")
    if not given:
        if not left:
            raise CycloptsError(msg="evaluate needs a MODEL: a folder, --model, --embeddings or --request")
        options = replace(options, model=left.pop(0))
    if len(left) > 1:
        raise CycloptsError(msg=f"one CORPUS is measured, not {len(left)}: {' '.join(left)}")
    return options, left[0] if left else None


def _request(out: Path | None, found: Asked, pointers: bool, as_json: bool) -> None:
    if out is None:
        raise CycloptsError(msg="--request needs --to FOLDER")
    from chronomotion.evaluation.questions import Questions
    from chronomotion.evaluation.request import write_request

    questions = Questions(found.corpus, found.split, k=found.k, seed=found.seed, canonical=found.canonical)
    write_request(questions, out, found.command, recorded=not pointers)
    if as_json:
        counts = {"texts": len(questions.texts), "motions": len(questions.motions)}
        print(json.dumps({"folder": str(out), **counts, "fingerprint": questions.fingerprint}))
        return
    print(
        f"{out}: {len(questions.texts)} texts and {len(questions.motions)} motions to embed, fingerprint "
        f"{questions.fingerprint}; README.md has the steps"
    )
