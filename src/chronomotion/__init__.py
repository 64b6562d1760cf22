"""Motion search that knows what came first.

The public names are loaded when they are first used, so that ``import chronomotion`` stays quick and works without the
optional packages.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from chronomotion.errors import missing_extra
from chronomotion.version import __version__

if TYPE_CHECKING:
    from chronomotion.client import Client
    from chronomotion.corpus import Clip, Corpus
    from chronomotion.corpus.compose.compose import compose
    from chronomotion.corpus.importers import import_corpus
    from chronomotion.evaluation.evaluate import evaluate
    from chronomotion.evaluation.report import Report
    from chronomotion.language.canonical import canonical
    from chronomotion.language.caption import Caption, Events
    from chronomotion.language.decompose import decompose
    from chronomotion.model.motion_text import MotionTextModel
    from chronomotion.motion.features import features_of, motion_of
    from chronomotion.motion.formats import read_motion, write_motion
    from chronomotion.motion.motion import Motion
    from chronomotion.search import CorpusSearch
    from chronomotion.search.stored.indexing import index
    from chronomotion.search.stored.library import Library
    from chronomotion.training.settings import read_recipe
    from chronomotion.training.train import train

__all__ = [
    "Caption",
    "Client",
    "Clip",
    "Corpus",
    "CorpusSearch",
    "Events",
    "Library",
    "Motion",
    "MotionTextModel",
    "Report",
    "__version__",
    "canonical",
    "compose",
    "decompose",
    "evaluate",
    "features_of",
    "import_corpus",
    "index",
    "motion_of",
    "read_motion",
    "read_recipe",
    "train",
    "write_motion",
]

_HOMES = {
    "Caption": "language.caption",
    "Client": "client",
    "Clip": "corpus",
    "Corpus": "corpus",
    "Events": "language.caption",
    "CorpusSearch": "search",
    "Library": "search.stored.library",
    "Motion": "motion.motion",
    "MotionTextModel": "model.motion_text",
    "Report": "evaluation.report",
    "canonical": "language.canonical",
    "compose": "corpus.compose.compose",
    "decompose": "language.decompose",
    "evaluate": "evaluation.evaluate",
    "features_of": "motion.features",
    "import_corpus": "corpus.importers",
    "index": "search.stored.indexing",
    "motion_of": "motion.features",
    "read_motion": "motion.formats",
    "read_recipe": "training.settings",
    "train": "training.train",
    "write_motion": "motion.formats",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'chronomotion' has no attribute {name!r}")
    try:
        return getattr(importlib.import_module(f"chronomotion.{_HOMES[name]}"), name)
    except ImportError as error:
        raise missing_extra(error) or error from error


def __dir__() -> list[str]:
    return __all__
