"""One evaluation of one model on one split: chronology, blind controls and retrieval."""

from __future__ import annotations

from chronomotion.corpus.corpus import Corpus
from chronomotion.evaluation.caption_roles import CaptionRoles
from chronomotion.evaluation.cut_texts import decidable
from chronomotion.evaluation.localisation import Placer, localisation
from chronomotion.evaluation.measure import measure
from chronomotion.evaluation.models import Model, answers_of, fingerprint_of
from chronomotion.evaluation.protocols import ProtocolInputs
from chronomotion.evaluation.questions import BothWays, Questions
from chronomotion.evaluation.report import Report
from chronomotion.evaluation.store import Store

__all__ = ["evaluate"]


def evaluate(
    model: Model,
    corpus: Corpus,
    *,
    split: str = "test",
    k: int = 5,
    seed: int = 0,
    model_name: str = "",
    suite: str = "",
    store: Store | None = None,
    material: ProtocolInputs | None = None,
    place: Placer | None = None,
    roles: CaptionRoles | None = None,
    both_ways: BothWays = "all",
    canonical: bool = False,
) -> Report:
    """Measure a model on a split of a corpus; ``k`` shuffles a clip.

    Everything is encoded once and kept in ``store``; ``material`` holds the inputs of the protocols ``threshold``
    and ``dissimilar``. Where event times are known, ``place`` predicts the spans of events
    (:mod:`chronomotion.evaluation.localisation`). Trials whose right and wrong texts differ only in parts that the
    model does not read are left out (:mod:`chronomotion.evaluation.cut_texts`). With ``canonical`` all texts are
    reduced to what a motion can show. ``roles`` says which caption of a clip gives its events
    (:mod:`chronomotion.evaluation.caption_roles`); ``both_ways`` "matched" cuts only motions whose poses meet at every
    join. Raises CorpusError for an unknown split, or when no clip of it has a caption,
    ModelError when the model's answers cannot be used.
    """
    questions = Questions(corpus, split, k=k, seed=seed, roles=roles, both_ways=both_ways, canonical=canonical)
    answers = answers_of(model, questions, store)
    decided, cut_texts = decidable(questions, model)
    return measure(
        decided,
        answers,
        model_name=model_name,
        model_fingerprint=fingerprint_of(model) or "",
        suite=suite,
        material=material,
        localised=None if place is None else localisation(questions, place),
        cut_texts=cut_texts,
    )
