"""``chronomotion evaluate``: measure how well a model understands the order of events."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import CycloptsError, Parameter

from chronomotion.cli.evaluation_options import (
    ModelOptions,
    QuestionOptions,
    QuestionSettings,
    RequestOptions,
    opened_model,
    question_settings,
)
from chronomotion.cli.evaluation_splits import publish_splits, refuse_several_splits, splits_to_measure, warn_of
from chronomotion.cli.options import TO, Json, LoadingOptions, wrong_usage

if TYPE_CHECKING:
    from chronomotion.evaluation.localisation import Placer
    from chronomotion.evaluation.models import Model
    from chronomotion.evaluation.report import Report

__all__ = ["run"]


def run(
    *places: str,
    model: ModelOptions | None = None,
    loading: LoadingOptions | None = None,
    questions: QuestionOptions | None = None,
    request: RequestOptions | None = None,
    localise: Literal["windows", "order"] | None = None,
    out: Annotated[Path | None, Parameter(name=TO)] = None,
    picture: Path | None = None,
    own_stats: Annotated[bool, Parameter(negative="")] = False,
    as_json: Json = False,
) -> None:
    """Measure chronologically accurate retrieval (CAR), its blind controls, and retrieval, of any model.

    Embeddings are computed once and stored. After an interrupt, the same command resumes.

    Example: chronomotion evaluate runs/counterfactual corpora/uniform --to reports/counterfactual.json

    Example: chronomotion evaluate runs/counterfactual corpora/uniform corpora/takes --to reports

    Example: chronomotion evaluate --model my_package.my_module:model --suite procedural

    Example: chronomotion evaluate runs/counterfactual corpora/seed --suite seed --to reports/seed.json

    Example: chronomotion evaluate --request corpora/uniform --to request

    Parameters
    ----------
    places
        MODEL CORPUS ... Omit MODEL with --model, --embeddings or --request, and CORPUS with a suite that makes its own.
        Several corpora are measured apart; a table shows them together.
    localise
        Measure event localisation, too: each event by itself (windows), or all events in their order (order). Slow;
        needs event times and a model that gives vectors. The suite seed measures it anyway, by windows.
    out
        Report to write: NAME.json, NAME.md or NAME.tex; the other two are written beside it. Of several corpora, a
        folder for the report of each. Of a suite with several splits, NAME-SPLIT.json for each.
    picture
        Chart of CAR by number of events to write: .svg or .png; a name without such a suffix gets both.
    own_stats
        Normalise the motions of a corpus by its own mean and standard deviation, not by the model's.
    """
    request, questions = request or RequestOptions(), questions or QuestionOptions()
    loading = loading or LoadingOptions()
    if own_stats and loading.stats is not None:
        raise CycloptsError(msg="--own-stats and --stats exclude one another")
    model, corpora = _model_and_corpora(places, model or ModelOptions(), request.request)
    if len(corpora) > 1:
        _refuse_several(corpora, model, questions, request, out, picture)
    with wrong_usage():
        _check_outputs(None if request.request or len(corpora) > 1 else out, picture)
    if request.request or model.embeddings is not None:
        refuse_several_splits(questions)
    corpus_places: list[str | None] = [*corpora] or [None]
    tests = [part for place in corpus_places for part in question_settings(place, questions).by_split()]
    if request.request:
        _write_request(out, tests[0], request.pointers, as_json)
        return
    reports = []
    for settings in tests:
        stats = settings.corpus.folder if own_stats else loading.stats
        reports.append(_report(settings, model, replace(loading, stats=stats), questions, localise))
    if len(corpora) > 1:
        _publish_several(corpora, reports, out, as_json)
    elif len(splits_to_measure(questions)) > 1:
        publish_splits(reports, tests[0], out, picture, as_json)
    else:
        _publish(reports[0], tests[0], out, picture, as_json)


def _report(
    settings: QuestionSettings,
    model: ModelOptions,
    loading: LoadingOptions,
    questions: QuestionOptions,
    localise: str | None,
) -> Report:
    """The report of the model on one split of a corpus."""
    from chronomotion.evaluation.evaluate import evaluate
    from chronomotion.model.encoder import MotionTextEncoder

    opened = opened_model(model, loading, settings.seed)
    if localise is None and settings.suite is not None and isinstance(opened.model, MotionTextEncoder):
        localise = settings.suite.localise
    return evaluate(
        opened.model,
        settings.corpus,
        **settings.arguments,
        model_name=f"{opened.name}, canonical texts" if settings.canonical else opened.name,
        suite="" if settings.suite is None else settings.suite.name,
        store=opened.store,
        material=settings.protocol_inputs(questions),
        place=None if localise is None else _placer(opened.model, settings, localise),
    )


def _refuse_several(
    corpora: list[str],
    model: ModelOptions,
    questions: QuestionOptions,
    request: RequestOptions,
    out: Path | None,
    picture: Path | None,
) -> None:
    """Say what cannot be done for several corpora at once. Raises CycloptsError."""
    single = {
        "--suite": questions.suite,
        "--request": request.request,
        "--embeddings": model.embeddings,
        "--picture": picture,
        "--dissimilar": questions.dissimilar,
    }
    for name, value in single.items():
        if value:
            raise CycloptsError(msg=f"{name} goes with one CORPUS, not with {len(corpora)}: {' '.join(corpora)}")
    if out is not None and (out.is_file() or out.suffix.lower() in (".json", ".md", ".tex")):
        raise CycloptsError(msg=f"of several corpora --to names a folder, which gets a report of each, not {out}")


def _check_outputs(out: Path | None, picture: Path | None) -> None:
    """Refuse names that cannot be written or drawn, before anything is measured."""
    if out is not None:
        from chronomotion.evaluation.report import report_paths

        report_paths(out)
    if picture is not None:
        from chronomotion.evaluation.picture import picture_paths

        picture_paths(picture)


def _publish(report: Report, settings: QuestionSettings, out: Path | None, picture: Path | None, as_json: bool) -> None:
    """Save, draw and print a report. Warn about what a suite or a reader should expect and the report lacks."""
    from chronomotion.evaluation.report_text import markdown

    if settings.suite is not None:
        settings.suite.check(report)
    if out is not None:
        report.save(out)
    warn_of(report)
    if picture is not None:
        from chronomotion.evaluation.picture import draw

        draw(report, picture)
    print(report.to_json() if as_json else markdown(report))


def _publish_several(places: list[str], reports: list[Report], out: Path | None, as_json: bool) -> None:
    """Save and print the reports of several corpora, and a table of all."""
    from chronomotion.evaluation.report_text import markdown
    from chronomotion.evaluation.transfer import corpora_table
    from chronomotion.names import distinct_names

    names = distinct_names(places)
    for name, report in zip(names, reports, strict=True):
        if out is not None:
            report.save(out / f"{name}.json")
        warn_of(report)
    if as_json:
        print(f"[{','.join(report.to_json() for report in reports)}]")
        return
    for report in reports:
        print(markdown(report))
    print(corpora_table(names, reports).markdown())


def _placer(model: Model, settings: QuestionSettings, name: str) -> Placer:
    """How the model places events in time. Raises ModelError when it has no vectors."""
    from chronomotion.errors import ModelError
    from chronomotion.evaluation.localisation import PLACERS
    from chronomotion.model.encoder import MotionTextEncoder

    if not isinstance(model, MotionTextEncoder):
        raise ModelError("--localise needs a model with encode_text and encode_motion: leave it out for this one")
    return PLACERS[name](model, settings.corpus.fps)


def _model_and_corpora(places: tuple[str, ...], options: ModelOptions, request: bool) -> tuple[ModelOptions, list[str]]:
    """The model and the corpora. Raises CycloptsError when there is no model, or more than one."""
    left = list(places)
    sources = [
        name
        for name, value in (("--model", options.model), ("--embeddings", options.embeddings), ("--request", request))
        if value
    ]
    if len(sources) > 1:
        raise CycloptsError(msg=f"{' and '.join(sources)} exclude one another")
    if not sources:
        if not left:
            raise CycloptsError(msg="evaluate needs a MODEL: a folder, --model, --embeddings or --request")
        options = replace(options, model=left.pop(0))
    return options, left


def _write_request(out: Path | None, settings: QuestionSettings, pointers: bool, as_json: bool) -> None:
    if out is None:
        raise CycloptsError(msg="--request needs --to FOLDER")
    from chronomotion.evaluation.questions import Questions
    from chronomotion.evaluation.request import write_request

    questions = Questions(settings.corpus, **settings.arguments)
    write_request(questions, out, settings.command, recorded=not pointers)
    if as_json:
        counts = {"texts": len(questions.texts), "motions": len(questions.motions)}
        print(json.dumps({"folder": str(out), **counts, "fingerprint": questions.fingerprint}))
        return
    print(
        f"{out}: {len(questions.texts)} texts and {len(questions.motions)} motions to embed, fingerprint "
        f"{questions.fingerprint}; README.md has the steps"
    )
