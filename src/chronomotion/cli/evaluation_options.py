"""Options of ``chronomotion evaluate`` that name the model and the questions, and what they open."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

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

__all__ = [
    "ModelOptions",
    "OpenedModel",
    "QuestionOptions",
    "QuestionSettings",
    "RequestOptions",
    "opened_model",
    "question_settings",
]

Flag = Parameter(negative="")
BothWays = Literal["all", "matched"]


@Parameter(name="*")
@dataclass(frozen=True)
class ModelOptions:
    """The model, by its name or by its embeddings, and where its embeddings are stored."""

    model: Annotated[
        str | None,
        Parameter(
            help="The model: the folder or the hub id of a Chronomotion model, package.module:object for any other "
            "model, or a reference model (random, bag-of-events)."
        ),
    ] = None
    embeddings: Annotated[
        Path | None, Parameter(help="Safetensors file that answers a --request, instead of a model.")
    ] = None
    store: Annotated[
        str | None, Parameter(help="Store embeddings under this name; needed only for a model without a fingerprint.")
    ] = None
    no_store: Annotated[bool, Flag, Parameter(help="Do not store embeddings between runs.")] = False


@Parameter(name="*")
@dataclass(frozen=True)
class QuestionOptions:
    """The questions: those of a suite, or of a split of any corpus."""

    suite: Annotated[
        str | None,
        Parameter(
            help="Named benchmark: procedural, composed (needs --clips and --labels), humanml3d, kitml or seed (need "
            "CORPUS)."
        ),
    ] = None
    clips: Clips = None
    labels: Labels = None
    split: Annotated[
        str | None, Parameter(help="Split to evaluate. Default: test; of a suite with several splits, each of them.")
    ] = None
    shuffles: Annotated[
        int | None, Parameter(validator=Number(gte=1), help="Wrong orders to draw for each clip. Default: 5.")
    ] = None
    seed: Annotated[int | None, Parameter(help="Seed of the wrong orders. Default: 0.")] = None
    canonical: Annotated[
        bool, Flag, Parameter(help="Reduce all texts to what a motion can show, for a model trained on such captions.")
    ] = False
    both_ways: Annotated[
        BothWays,
        Parameter(help="Motions to re-order: all, or only those whose poses meet at every join (matched)."),
    ] = "all"
    propagated: Annotated[
        bool,
        Flag,
        Parameter(help="With a corpus of BONES-SEED: use timelines that were carried over from another take, too."),
    ] = False
    sentences: Annotated[
        str | None,
        Parameter(help="Language model (folder or hub id) that compares captions, for the protocol threshold."),
    ] = None
    dissimilar: Annotated[
        Path | None,
        Parameter(
            help="File of clip ids, one per line, for the protocol dissimilar. Default: the corpus' split nsim_test."
        ),
    ] = None


@Parameter(name="*")
@dataclass(frozen=True)
class RequestOptions:
    """Writing out what is to be embedded, for a model that runs elsewhere."""

    request: Annotated[
        bool,
        Flag,
        Parameter(help="Write the texts and motions to embed to the folder of --to; measure nothing."),
    ] = False
    pointers: Annotated[
        bool,
        Flag,
        Parameter(help="With --request: name the corpus' own motions, and write only those made for the questions."),
    ] = False


@dataclass(frozen=True)
class QuestionSettings:
    """A corpus, and how the questions about it are drawn."""

    corpus: Corpus
    split: str
    """Empty: all splits of the suite (:meth:`by_split`)."""
    k: int
    seed: int
    suite: Suite | None
    command: str
    """The command that draws these questions again."""
    canonical: bool = False
    """Whether all texts are reduced to what a motion can show."""
    both_ways: BothWays = "all"
    propagated: bool = False

    @property
    def arguments(self) -> dict[str, Any]:
        """What :class:`~chronomotion.evaluation.questions.Questions` takes beside the corpus."""
        from chronomotion.evaluation.caption_roles import ALL_TIMELINES

        return {
            "split": self.split,
            "k": self.k,
            "seed": self.seed,
            "roles": ALL_TIMELINES if self.propagated else None,
            "both_ways": self.both_ways,
            "canonical": self.canonical,
        }

    def by_split(self) -> list[QuestionSettings]:
        """These settings for each split of the suite that has clips, or for the one split that was named."""
        if self.split:
            return [self]
        assert self.suite is not None  # any other corpus has one split
        return [replace(self, split=split) for split in self.suite.splits if self.corpus.split(split)]

    def protocol_inputs(self, options: QuestionOptions) -> ProtocolInputs:
        """Inputs of the published protocols besides the questions: embeddings of a language model, a list of ids."""
        from chronomotion.evaluation.protocols import ProtocolInputs

        ids = None if options.dissimilar is None else existing(options.dissimilar).read_text(encoding="utf-8").split()
        return ProtocolInputs(None if options.sentences is None else self._sentences(options.sentences), ids)

    def _sentences(self, language_model: str) -> Float[np.ndarray, "clips dim"]:
        from chronomotion.evaluation.caption_roles import roles_for
        from chronomotion.model.backbone import TextBackbone
        from chronomotion.model.text_states import SentenceVectors, TextStates

        roles = roles_for(self.corpus)
        captions_by_clip = [self.corpus.captions(name) for name in self.corpus.split(self.split)]
        vectors = SentenceVectors(TextStates(TextBackbone(language_model), cache_folder() / "text"))
        return vectors([roles.description(captions).text for captions in captions_by_clip if captions])


@dataclass(frozen=True)
class OpenedModel:
    """A model, its name in the report, and the store of its embeddings."""

    model: Model
    name: str
    store: Store


def question_settings(place: str | None, options: QuestionOptions) -> QuestionSettings:
    """Open the corpus at ``place``, or that of a suite. Raises CycloptsError for options that contradict each other."""
    settings = _of_corpus(place, options) if options.suite is None else _of_suite(place, options)
    if not options.propagated and options.both_ways == "all":
        return settings
    from chronomotion.evaluation.caption_roles import has_timelines

    if options.propagated and not has_timelines(settings.corpus):
        raise CycloptsError(msg=f"--propagated goes with a corpus of BONES-SEED, not with {settings.corpus.folder}")
    words = [*(["--both-ways", options.both_ways] if options.both_ways != "all" else [])]
    words += ["--propagated"] * options.propagated
    command = f"{settings.command} {shlex.join(words)}"
    return replace(settings, command=command, both_ways=options.both_ways, propagated=options.propagated)


def _of_corpus(place: str | None, options: QuestionOptions) -> QuestionSettings:
    """The settings for any corpus."""
    if options.clips or options.labels:
        raise CycloptsError(msg="--clips and --labels go with --suite composed")
    if place is None:
        raise CycloptsError(msg="evaluate needs a CORPUS, or --suite NAME")
    split, k, seed = options.split or "test", _or(options.shuffles, 5), _or(options.seed, 0)
    command = ["chronomotion", "evaluate", place, "--split", split, "--shuffles", str(k), "--seed", str(seed)]
    command += ["--canonical"] * options.canonical
    corpus = opened_corpus(Path(place))
    return QuestionSettings(corpus, split, k, seed, None, shlex.join(command), options.canonical)


def _of_suite(place: str | None, options: QuestionOptions) -> QuestionSettings:
    """The settings that a suite fixes. Of a suite with several splits, one can be named."""
    from chronomotion.evaluation.suites import SUITES, SuiteData, open_suite

    assert options.suite is not None  # the caller sees to it
    splits = SUITES[options.suite].splits if options.suite in SUITES else ()
    fixed = {
        "--split": options.split if len(splits) < 2 else None,
        "--shuffles": options.shuffles,
        "--seed": options.seed,
    }
    overrides = [name for name, value in fixed.items() if value is not None] + ["--canonical"] * options.canonical
    if overrides:
        raise CycloptsError(
            msg=f"suite {options.suite} fixes {', '.join(overrides)}: leave it out, or evaluate a corpus"
        )
    if options.split is not None and options.split not in splits:
        raise CycloptsError(msg=f"suite {options.suite} has the splits {' and '.join(splits)}, not {options.split!r}")
    where = None if place is None else Path(place)
    with wrong_usage():
        suite, corpus = open_suite(options.suite, SuiteData(cache_folder(), where, options.clips, options.labels))
    data = (
        [place] if place else ["--clips", str(options.clips), "--labels", str(options.labels)] if options.clips else []
    )
    split = options.split or (suite.split if len(suite.splits) == 1 else "")
    command = ["chronomotion", "evaluate", *data, "--suite", suite.name]
    command += ["--split", split] if options.split else []
    return QuestionSettings(corpus, split, suite.k, suite.seed, suite, shlex.join(command))


def opened_model(options: ModelOptions, loading: LoadingOptions, seed: int) -> OpenedModel:
    """Open the model of the options. Raises CycloptsError for options of a model of ours with any other model."""
    from chronomotion.evaluation.models import fingerprint_of, is_ours, open_model
    from chronomotion.evaluation.request import EmbeddingsFile
    from chronomotion.evaluation.store import Store

    ours = options.model is not None and is_ours(options.model)
    if not ours and (loading.stats is not None or loading.text_model is not None):
        raise CycloptsError(msg=f"--stats and --text-model go with a model's folder, not with {_named(options)}")
    if options.embeddings is not None:
        file = EmbeddingsFile(existing(options.embeddings))
        return OpenedModel(file, file.name, Store())
    assert options.model is not None  # the caller sees to it
    arguments = loading.arguments() if ours else {}
    model = open_model(options.model, seed=seed, cache=cache_folder() / "text", **arguments)
    key = None if options.no_store else options.store or fingerprint_of(model)
    name = options.model if ":" in options.model else Path(options.model).name
    return OpenedModel(model, name, Store(cache_folder() / "embeddings", key))


def _named(options: ModelOptions) -> str:
    return "--embeddings" if options.embeddings is not None else str(options.model)


def _or(value: int | None, default: int) -> int:
    return default if value is None else value
