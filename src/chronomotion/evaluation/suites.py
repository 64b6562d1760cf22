"""Named benchmarks: every setting that two labs have to share for their figures to be comparable.

A suite fixes split, number of shuffles, seed and protocols, and the source of its corpus. The corpus of ``procedural``
is generated, with the same bytes on every machine, and its fingerprint is pinned here. The corpora of the other suites
are made of data that cannot be shipped; reports hold their fingerprints, and equal fingerprints are equal corpora.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from chronomotion.corpus.compose.compose import compose
from chronomotion.corpus.compose.labelled import LabelledClips
from chronomotion.corpus.compose.sources import ProceduralClips, Source
from chronomotion.corpus.corpus import Corpus
from chronomotion.corpus.label_tables import read_labels
from chronomotion.errors import ConfigError, CorpusError
from chronomotion.evaluation.caption_roles import has_timelines
from chronomotion.evaluation.report import Report
from chronomotion.motion.layout import HUMANML3D_LAYOUT, KITML_LAYOUT, Layout

__all__ = ["SUITES", "Suite", "SuiteData", "open_suite"]

log = logging.getLogger(__name__)

_STORIES = ("story", "story_distractors")
_SENTENCES = ("story", "story_distractors", "all", "identical", "small_batches", "distractors")
_PUBLISHED = ("all", "threshold", "dissimilar", "small_batches", "distractors")

_COUNTS = {"train": 500, "test": 500}
"""Motions of the composed suites: enough to fit a small model, and for intervals of two or three points."""

_PROCEDURAL_SEED = 2407
"""Differs from the default of ``compose``, so that these motions do not end up in training data by accident."""


@dataclass(frozen=True)
class SuiteData:
    """The input folders of a suite, and the folder for the corpora that it makes."""

    cache: Path
    corpus: Path | None = None
    """An imported corpus, for ``humanml3d`` and ``kitml``."""
    clips: Path | None = None
    labels: Path | None = None
    """A folder of recordings of single actions and its table, for ``composed``."""


@dataclass(frozen=True)
class Suite:
    """A benchmark. Settings without a field (wordings, blind controls, ties ...) are the same in every evaluation."""

    name: str
    description: str
    make: Callable[[Suite, SuiteData], Corpus]
    protocols: tuple[str, ...]
    """Retrieval protocols of the suite; only figures of the same protocol can be compared."""
    splits: tuple[str, ...] = ("test",)
    """Each is measured apart, and has a report of its own."""
    localise: Literal["windows", "order"] | None = None
    """How events are placed in time, of models with vectors."""
    k: int = 5
    seed: int = 0
    fingerprint: str | None = None
    """Fingerprint of the corpus; None where the corpus depends on the user's data."""
    clips: tuple[int, ...] = ()
    """Number of ids in each published split; empty where no split is published."""

    @property
    def split(self) -> str:
        """The first split; the only one in most suites."""
        return self.splits[0]

    def statement(self, corpus: Corpus) -> str:
        """One line that states the corpus and the settings; equal lines mean comparable figures."""
        splits = ", ".join(f"split {split} ({len(corpus.split(split))} clips)" for split in self.splits)
        return (
            f"suite {self.name}: corpus {corpus.fingerprint}, {splits}, {self.k} shuffles, "
            f"seed {self.seed}, protocols {', '.join(self.protocols)}"
        )

    def check(self, report: Report) -> None:
        """Log a warning for every protocol of the suite that a report leaves out."""
        for name in self.protocols:
            if name in report.left_out:
                log.warning("suite %s: protocol %s was left out: it %s", self.name, name, report.left_out[name])
        if self.localise is not None and report.localisation is None:
            log.warning("suite %s: no event was placed in time: it needs timelines and a model with vectors", self.name)


def open_suite(name: str, data: SuiteData) -> tuple[Suite, Corpus]:
    """A suite and its corpus, which is made when it does not exist yet.

    Raises ConfigError for an unknown suite or missing data, CorpusError when the corpus is not the suite's.
    """
    if name not in SUITES:
        raise ConfigError(f"no suite {name!r}; there are {', '.join(SUITES)}")
    suite = SUITES[name]
    corpus = suite.make(suite, data)
    if suite.fingerprint is not None and corpus.fingerprint != suite.fingerprint:
        raise CorpusError(
            f"suite {name}: the corpus in {corpus.folder} has the fingerprint {corpus.fingerprint}, expected "
            f"{suite.fingerprint}: remove the folder; if it comes out so again, this version makes other motions, and "
            "its figures cannot be compared with those of the suite"
        )
    empty = [split for split in suite.splits if not corpus.split(split)]
    if len(empty) == len(suite.splits):
        raise CorpusError(f"{corpus.folder} has no clip in split {' and in split '.join(empty)}")
    for split in empty:
        log.warning("suite %s: split %s has no clip, and is left out", name, split)
    for split, published in zip(suite.splits, suite.clips, strict=False):
        count = len(corpus.split(split))
        if count not in (0, published):
            log.warning(
                "suite %s: split %s has %d clips, the published one %d: published figures are of another test",
                name, split, count, published,
            )  # fmt: skip
    log.info("%s", suite.statement(corpus))
    return suite, corpus


def _procedural(suite: Suite, data: SuiteData) -> Corpus:
    folder = data.cache / "suites" / f"{suite.name}-{(suite.fingerprint or '')[:8]}"
    return _composed_once(folder, lambda: ProceduralClips(_PROCEDURAL_SEED), _PROCEDURAL_SEED)


def _composed(suite: Suite, data: SuiteData) -> Corpus:
    if data.clips is None or data.labels is None:
        raise ConfigError(f"suite {suite.name} is composed of your recordings: give --clips FOLDER and --labels TABLE")
    clips, labels = data.clips, data.labels
    folder = data.cache / "suites" / f"{suite.name}-{_digest(clips, labels)}"
    return _composed_once(folder, lambda: LabelledClips(clips, labels, seed=suite.seed), suite.seed)


def _composed_once(folder: Path, source: Callable[[], Source], seed: int) -> Corpus:
    """A corpus with all orders equally likely, in twins of an order and its reverse: a blind model gets 50 %."""
    if (folder / "corpus.json").is_file():
        return Corpus(folder)
    return compose(source(), folder, _COUNTS, order="uniform", seed=seed)


def _digest(clips: Path, labels: Path) -> str:
    """Hash of a table and of the files that it names."""
    digest = hashlib.blake2b(digest_size=8)
    for label, names in sorted(read_labels(labels).items()):
        for name in sorted(names):
            digest.update(f"{label}\0{name}\0".encode())
            path = clips / name
            digest.update(path.read_bytes() if path.is_file() else b"")
    return digest.hexdigest()


def _imported(layout: Layout) -> Callable[[Suite, SuiteData], Corpus]:
    """The maker of a suite on an imported corpus of this layout."""

    def opened(suite: Suite, data: SuiteData) -> Corpus:
        if data.corpus is None:
            raise ConfigError(
                f"suite {suite.name} needs your corpus: chronomotion evaluate MODEL CORPUS --suite {suite.name}"
            )
        if not (data.corpus / "corpus.json").is_file() and data.corpus.is_dir():
            raise CorpusError(
                f"{data.corpus} is not a corpus: import it first, chronomotion import {data.corpus} NEW_FOLDER"
            )
        corpus = Corpus(data.corpus)
        actual = (str(corpus.info.get("skeleton")), corpus.dim, corpus.fps)
        expected = (layout.skeleton.name, layout.width, layout.fps)
        if actual != expected:
            raise CorpusError(
                f"{data.corpus} is no corpus for suite {suite.name}: "
                f"it has {_described(*actual)}, expected {_described(*expected)}"
            )
        if "imported" not in corpus.info:
            raise CorpusError(
                f"{data.corpus} was not imported (it is {corpus.info.get('source', 'of unknown source')}): "
                f"suite {suite.name} is measured on the published clips and splits"
            )
        return corpus

    return opened


def _seed(suite: Suite, data: SuiteData) -> Corpus:
    corpus = _imported(HUMANML3D_LAYOUT)(suite, data)
    if not has_timelines(corpus):
        raise CorpusError(
            f"{corpus.folder} was not imported from BONES-SEED (it is {corpus.info.get('source', 'of unknown source')})"
            f": suite {suite.name} is measured on its timelines"
        )
    missing = [split for split in suite.splits if split not in corpus.splits]
    if missing:
        raise CorpusError(
            f"{corpus.folder} has no split {' and no split '.join(missing)} (it has {', '.join(corpus.splits)}): "
            "import BONES-SEED again, with --split-files DIR"
        )
    return corpus


def _described(skeleton: str, dim: int, fps: float) -> str:
    return f"skeleton {skeleton}, {dim} numbers a frame, {fps:g} frames a second"


SUITES = {
    suite.name: suite
    for suite in (
        Suite(
            "procedural",
            "compound motions of 31 actions made by rule, in all orders alike; made on the spot, nothing to download",
            _procedural,
            _STORIES,
            fingerprint="43e741684ecb66192f644710ff7cc843",
        ),
        Suite(
            "composed",
            "compound motions of your labelled recordings of single actions, all orders alike; takes are split first",
            _composed,
            _STORIES,
        ),
        Suite(
            "humanml3d",
            "HumanML3D, imported: the official test split and the published protocols; order where events are known",
            _imported(HUMANML3D_LAYOUT),
            _PUBLISHED,
            clips=(4384,),
        ),
        Suite(
            "kitml",
            "KIT-ML, imported: the official test split and the published protocols; order where events are known",
            _imported(KITML_LAYOUT),
            _PUBLISHED,
            clips=(786,),
        ),
        Suite(
            "seed",
            "BONES-SEED, imported: order by the annotated timelines, retrieval by people's sentences, events in time; "
            "content never seen in training and other takes of seen content apart",
            _seed,
            _SENTENCES,
            splits=("test_content", "test_repetition"),
            localise="windows",
            clips=(7017, 6888),
        ),
    )
}
"""Suites by name."""
