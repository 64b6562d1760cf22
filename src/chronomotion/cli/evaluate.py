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
    own_stats: Annotated[bool, Parameter(negative="")] = False,
    as_json: Json = False,
) -> None:
    """Measure chronologically accurate retrieval (CAR), its blind controls, and retrieval, of any model.

    A model is embedded once, whatever is measured; after an interrupt the same command goes on.

    Example: chronomotion evaluate runs/counterfactual corpora/uniform --to reports/counterfactual.json

    Example: chronomotion evaluate runs/counterfactual corpora/uniform corpora/takes --to reports

    Example: chronomotion evaluate --model my_package.my_module:model --suite procedural

    Example: chronomotion evaluate --request corpora/uniform --to request

    Parameters
    ----------
    places
        MODEL CORPUS ...; MODEL goes with --model or --embeddings, and CORPUS with a suite that makes its own. Several
        corpora are measured apart, and a table shows all.
    request
        Write to the folder of --to what has to be embedded, for --embeddings, and measure nothing.
    pointers
        With --request: name the corpus' own motions, and write only those that are made for the questions.
    localise
        Ask the model where events are, too: each by itself (windows), or all of them in their order (order). Takes
        long; needs event times and a model with vectors.
    out
        Write the report here: one of NAME.json, NAME.md and NAME.tex, and the other two beside it; of several corpora,
        a folder that gets a report of each.
    picture
        Draw CAR by number of events here, as .svg or .png, or as both where the name has no such ending.
    own_stats
        Normalise the motions of a corpus by its own mean and standard deviation, not by the model's.
    """
    options, questions = options or ModelOptions(), questions or QuestionOptions()
    loading = loading or LoadingOptions()
    if own_stats and loading.stats is not None:
        raise CycloptsError(msg="--own-stats and --stats exclude one another")
    options, corpora = _split(places, options, request)
    if len(corpora) > 1:
        _refuse_several(corpora, options, questions, request, out, picture)
    with wrong_usage():
        _check(None if request or len(corpora) > 1 else out, picture)
    material = [asked(place, questions) for place in corpora] or [asked(None, questions)]
    if request:
        _request(out, material[0], pointers, as_json)
        return
    reports = []
    for found in material:
        stats = found.corpus.folder if own_stats else loading.stats
        reports.append(_measured(found, options, replace(loading, stats=stats), questions, localise))
    if len(reports) > 1:
        _tell_several(corpora, reports, out, as_json)
    else:
        _tell(reports[0], material[0], out, picture, as_json)


def _measured(
    found: Asked, options: ModelOptions, loading: LoadingOptions, questions: QuestionOptions, localise: str | None
) -> Report:
    """The report of the model on what is asked."""
    from chronomotion.evaluation.evaluate import evaluate

    model = measured(options, loading, found.seed)
    return evaluate(
        model.model,
        found.corpus,
        split=found.split,
        k=found.k,
        seed=found.seed,
        model_name=model.name,
        suite="" if found.suite is None else found.suite.name,
        store=model.store,
        material=found.material(questions),
        place=None if localise is None else _placer(model.model, found, localise),
    )


def _refuse_several(
    corpora: list[str],
    options: ModelOptions,
    questions: QuestionOptions,
    request: bool,
    out: Path | None,
    picture: Path | None,
) -> None:
    """Say what cannot be done for several corpora at once. Raises CycloptsError."""
    single = {
        "--suite": questions.suite,
        "--request": request,
        "--embeddings": options.embeddings,
        "--picture": picture,
        "--dissimilar": questions.dissimilar,
    }
    for name, value in single.items():
        if value:
            raise CycloptsError(msg=f"{name} goes with one CORPUS, not with {len(corpora)}: {' '.join(corpora)}")
    if out is not None and (out.is_file() or out.suffix.lower() in (".json", ".md", ".tex")):
        raise CycloptsError(msg=f"of several corpora --to names a folder, which gets a report of each, not {out}")


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
    _warn(report)
    if picture is not None:
        from chronomotion.evaluation.picture import draw

        draw(report, picture)
    print(report.to_json() if as_json else markdown(report))


def _tell_several(places: list[str], reports: list[Report], out: Path | None, as_json: bool) -> None:
    """Save and print the reports of several corpora, and a table of all."""
    from chronomotion.evaluation.report_text import markdown
    from chronomotion.evaluation.transfer import corpora_table
    from chronomotion.names import distinct_names

    names = distinct_names(places)
    for name, report in zip(names, reports, strict=True):
        if out is not None:
            report.save(out / f"{name}.json")
        _warn(report)
    if as_json:
        print(f"[{','.join(report.to_json() for report in reports)}]")
        return
    for report in reports:
        print(markdown(report))
    print(corpora_table(names, reports).markdown())


def _warn(report: Report) -> None:
    """What a reader of the figures should know."""
    if report.cut_texts is not None and report.cut_texts.texts:
        log.warning("%s", report.cut_texts)
    if "order" in report.left_out:
        log.warning("no CAR: it %s", report.left_out["order"])


def _placer(model: Model, found: Asked, name: str) -> Placer:
    """The windows of a model. Raises ModelError when it has no vectors."""
    from chronomotion.errors import ModelError
    from chronomotion.evaluation.localisation import PLACERS
    from chronomotion.model.encoder import MotionTextEncoder

    if not isinstance(model, MotionTextEncoder):
        raise ModelError("--localise needs a model with encode_text and encode_motion: leave it out for this one")
    return PLACERS[name](model, found.corpus.fps)


def _split(places: tuple[str, ...], options: ModelOptions, request: bool) -> tuple[ModelOptions, list[str]]:
    """The model and the corpora that are meant. Raises CycloptsError for two models, or none."""
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
    return options, left


def _request(out: Path | None, found: Asked, pointers: bool, as_json: bool) -> None:
    if out is None:
        raise CycloptsError(msg="--request needs --to FOLDER")
    from chronomotion.evaluation.questions import Questions
    from chronomotion.evaluation.request import write_request

    questions = Questions(found.corpus, found.split, k=found.k, seed=found.seed)
    write_request(questions, out, found.command, recorded=not pointers)
    if as_json:
        counts = {"texts": len(questions.texts), "motions": len(questions.motions)}
        print(json.dumps({"folder": str(out), **counts, "fingerprint": questions.fingerprint}))
        return
    print(
        f"{out}: {len(questions.texts)} texts and {len(questions.motions)} motions to embed, fingerprint "
        f"{questions.fingerprint}; README.md has the steps"
    )
