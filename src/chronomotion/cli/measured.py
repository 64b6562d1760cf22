"""What ``chronomotion evaluate`` is to measure: which model, on which questions."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
from cyclopts import CycloptsError, Parameter
from cyclopts.validators import Number
from jaxtyping import Float

from chronomotion.cli.options import Clips, Labels, LoadingOptions, cache_folder, existing, opened_corpus, wrong_usage

if TYPE_CHECKING:
    from chronomotion.corpus import Corpus
    from chronomotion.evaluation.models import Model
    from chronomotion.evaluation.protocols import ProtocolInputs
    from chronomotion.evaluation.store import Store
    from chronomotion.evaluation.suites import Suite

__all__ = ["Asked", "Measured", "ModelOptions", "QuestionOptions", "asked", "measured"]

Flag = Parameter(negative="")


@Parameter(name="*")
@dataclass(frozen=True)
class ModelOptions:
    """The model, by its name or by its embeddings, and where its embeddings are kept."""

    model: Annotated[
        str | None,
        Parameter(
            help="A folder or a hub's id of a model of ours, package.module:object for any other, or random or "
            "bag-of-events, the reference models."
        ),
    ] = None
    embeddings: Annotated[
        Path | None, Parameter(help="Embeddings in the order of a request, as safetensors, in a model's place.")
    ] = None
    store: Annotated[
        str | None, Parameter(help="Keep embeddings under this name; needed only for a model without a fingerprint.")
    ] = None
    no_store: Annotated[bool, Flag, Parameter(help="Keep no embeddings between runs.")] = False


@Parameter(name="*")
@dataclass(frozen=True)
class QuestionOptions:
    """What is asked: a suite, or a split of any corpus."""

    suite: Annotated[
        str | None,
        Parameter(
            help="A benchmark with a name: procedural, composed (--clips, --labels), humanml3d or kitml (CORPUS)."
        ),
    ] = None
    clips: Clips = None
    labels: Labels = None
    split: Annotated[str | None, Parameter(help="Split of the corpus; test unless given.")] = None
    shuffles: Annotated[
        int | None, Parameter(validator=Number(gte=1), help="Wrong orders drawn for each clip; 5 unless given.")
    ] = None
    seed: Annotated[int | None, Parameter(help="Draws the wrong orders; 0 unless given.")] = None
    canonical: Annotated[
        bool, Flag, Parameter(help="Reduce all texts to what a motion can show, as for a model trained on such ones.")
    ] = False
    sentences: Annotated[
        str | None,
        Parameter(help="Language model that compares captions, for the protocol threshold: a folder or a hub's name."),
    ] = None
    dissimilar: Annotated[
        Path | None,
        Parameter(help="Ids for the protocol dissimilar, one a line; the corpus' split nsim_test unless given."),
    ] = None


@dataclass(frozen=True)
class Asked:
    """The questions that were settled on."""

    corpus: Corpus
    split: str
    k: int
    seed: int
    suite: Suite | None
    command: str
    """That asks them."""
    canonical: bool = False

    def material(self, options: QuestionOptions) -> ProtocolInputs:
        """What the published protocols need beside the questions: embeddings of a language model, a list of ids."""
        from chronomotion.evaluation.protocols import ProtocolInputs

        ids = None if options.dissimilar is None else existing(options.dissimilar).read_text(encoding="utf-8").split()
        return ProtocolInputs(None if options.sentences is None else self._sentences(options.sentences), ids)

    def _sentences(self, language_model: str) -> Float[np.ndarray, "clips dim"]:
        from chronomotion.model.backbone import TextBackbone
        from chronomotion.model.text_states import SentenceVectors, TextStates

        spoken = [self.corpus.captions(name) for name in self.corpus.split(self.split)]
        vectors = SentenceVectors(TextStates(TextBackbone(language_model), cache_folder() / "text"))
        return vectors([captions[0].text for captions in spoken if captions])


@dataclass(frozen=True)
class Measured:
    """The model that was opened."""

    model: Model
    name: str
    store: Store


def asked(place: str | None, options: QuestionOptions) -> Asked:
    """The questions of the options, on the corpus at ``place``. Raises CycloptsError where they contradict."""
    fixed = {"--split": options.split, "--shuffles": options.shuffles, "--seed": options.seed}
    given = [name for name, value in fixed.items() if value is not None] + ["--canonical"] * options.canonical
    if options.suite is None:
        if options.clips or options.labels:
            raise CycloptsError(msg="--clips and --labels go with --suite composed")
        if place is None:
            raise CycloptsError(msg="evaluate needs a CORPUS, or --suite NAME")
        split, k, seed = options.split or "test", _or(options.shuffles, 5), _or(options.seed, 0)
        command = ["chronomotion", "evaluate", place, "--split", split, "--shuffles", str(k), "--seed", str(seed)]
        command += ["--canonical"] * options.canonical
        return Asked(opened_corpus(Path(place)), split, k, seed, None, shlex.join(command), options.canonical)
    if given:
        raise CycloptsError(msg=f"suite {options.suite} fixes {', '.join(given)}: leave it out, or evaluate a corpus")
    from chronomotion.evaluation.suites import SuiteData, open_suite

    where = None if place is None else Path(place)
    with wrong_usage():
        suite, corpus = open_suite(options.suite, SuiteData(cache_folder(), where, options.clips, options.labels))
    data = (
        [place] if place else ["--clips", str(options.clips), "--labels", str(options.labels)] if options.clips else []
    )
    command = ["chronomotion", "evaluate", *data, "--suite", suite.name]
    return Asked(corpus, suite.split, suite.k, suite.seed, suite, shlex.join(command))


def measured(options: ModelOptions, loading: LoadingOptions, seed: int) -> Measured:
    """The model of the options. Raises CycloptsError for options of a model of ours with any other model."""
    from chronomotion.evaluation.models import fingerprint_of, is_ours, open_model
    from chronomotion.evaluation.request import EmbeddingsFile
    from chronomotion.evaluation.store import Store

    ours = options.model is not None and is_ours(options.model)
    if not ours and (loading.stats is not None or loading.text_model is not None):
        raise CycloptsError(msg=f"--stats and --text-model go with a model's folder, not with {_named(options)}")
    if options.embeddings is not None:
        file = EmbeddingsFile(existing(options.embeddings))
        return Measured(file, file.name, Store())
    assert options.model is not None  # the caller sees to it
    arguments = loading.arguments() if ours else {}
    model = open_model(options.model, seed=seed, cache=cache_folder() / "text", **arguments)
    kept = None if options.no_store else options.store or fingerprint_of(model)
    name = options.model if ":" in options.model else Path(options.model).name
    return Measured(model, name, Store(cache_folder() / "embeddings", kept))


def _named(options: ModelOptions) -> str:
    return "--embeddings" if options.embeddings is not None else str(options.model)


def _or(value: int | None, default: int) -> int:
    return default if value is None else value
