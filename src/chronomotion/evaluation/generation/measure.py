"""Measuring sets of generated motions against real ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple

from chronomotion.errors import ConfigError
from chronomotion.evaluation.generation.action_judge import ActionJudge
from chronomotion.evaluation.generation.distances import TooFewError, fid
from chronomotion.evaluation.generation.evaluators import Evaluator
from chronomotion.evaluation.generation.matching import EmbeddedSet, SetMatcher, repeated
from chronomotion.evaluation.generation.motion_set import MotionSet
from chronomotion.evaluation.generation.physical import Floor, physical_figures
from chronomotion.evaluation.generation.realised_order import realised_order
from chronomotion.evaluation.generation.records import Identity, RealisedOrder, Repeated, SetFigures, ViewFigures
from chronomotion.evaluation.generation.report import GenerationReport
from chronomotion.evaluation.generation.timeline_judge import TimelineJudge
from chronomotion.seeding import generator
from chronomotion.version import __version__

__all__ = ["measure_set", "order_of"]

REPEATS = 20


def measure_set(
    reference: MotionSet,
    generated: Sequence[MotionSet] = (),
    *,
    corpus: Identity,
    train: MotionSet | None = None,
    evaluator: Evaluator | None = None,
    judge: ActionJudge | TimelineJudge | None = None,
    judge_name: str = "judge",
    floor: Floor = "zero",
    seed: int = 0,
    repeats: int = REPEATS,
) -> GenerationReport:
    """Measure sets of motions, and the real ones beside them: distances by an evaluator, order by a judge, physics.

    ``reference`` are real motions, those of the captions where there are such; ``train`` other real ones, for the floor
    of FID; ``corpus`` says what both are of. Every set is measured as it is and after features -> joints -> features.
    Without an evaluator there are no distances, without a judge no order.

    Example::

        real = MotionSet.of_corpus(corpus, "test")
        made = MotionSet.generated("ordered", real.clips, features, lengths="own")
        print(measure_set(real, [made], corpus=Identity(name="bandai", fingerprint=corpus.fingerprint), judge=judge))

    Raises ConfigError where two sets have one name, ModelError where evaluator or judge cannot read the motions.
    """
    names = [one.name for one in (reference, *generated)]
    if len(set(names)) < len(names):
        raise ConfigError(f"two sets of motions have one name, of {', '.join(names)}")
    matcher = None if evaluator is None else SetMatcher(evaluator, seed, repeats)
    views = {one.name: (_View.of(one, matcher), _View.of(one.round_trip(), matcher)) for one in (reference, *generated)}
    real = views[reference.name][0].embedded
    sets = []
    for one in (reference, *generated):
        against = None if one is reference else real
        given, trip = (view.figures(matcher, against, judge, seed) for view in views[one.name])
        sets.append(
            SetFigures(
                name=one.name,
                motions=len(one),
                lengths=one.lengths,
                left_out=one.left_out,
                physical=physical_figures(one.motions, one.spans(), floor=floor),
                given=given,
                round_trip=trip,
            )
        )
    floors = _Floors.of(matcher, real, train, seed)
    return GenerationReport(
        chronomotion=__version__,
        date=datetime.now(UTC).strftime("%Y-%m-%d"),
        reference=corpus,
        evaluator=None if evaluator is None else Identity(name=evaluator.name, fingerprint=evaluator.fingerprint),
        judge=None if judge is None else Identity(name=judge_name, fingerprint=judge.fingerprint),
        seed=seed,
        repeats=repeats if evaluator is not None else 0,
        floor=floor,
        sets=sets,
        draws={name: list(view.embedded.draws) for name, (view, _) in views.items() if view.embedded is not None},
        **floors._asdict(),
    )


def order_of(motions: MotionSet, judge: ActionJudge | TimelineJudge, seed: int = 0) -> RealisedOrder | None:
    """Realised order of a set; None where the asked actions of a motion are not known.

    Raises ModelError for an action that the judge does not know.
    """
    if isinstance(judge, TimelineJudge):
        return judge.order_of(motions, seed)
    labels = motions.labels()
    if labels is None:
        return None
    asked = [judge.indices(actions) for actions in labels]
    return realised_order(
        judge.log_probs(motions.features), asked, fps=motions.fps, clusters=motions.clusters, seed=seed
    )


class _View(NamedTuple):
    """A set, as it is or after the round trip, and embedded where there is an evaluator that reads it."""

    motions: MotionSet
    embedded: EmbeddedSet | None

    @classmethod
    def of(cls, motions: MotionSet, matcher: SetMatcher | None) -> _View:
        return cls(motions, None if matcher is None else matcher.embedded(motions))

    def figures(
        self,
        matcher: SetMatcher | None,
        reference: EmbeddedSet | None,
        judge: ActionJudge | TimelineJudge | None,
        seed: int,
    ) -> ViewFigures:
        return ViewFigures(
            match=None if matcher is None or self.embedded is None else matcher.figures(self.embedded, reference),
            order=None if judge is None else order_of(self.motions, judge, seed),
        )


class _Floors(NamedTuple):
    """FID of real motions against real ones."""

    fid_train: Repeated | None = None
    fid_train_motions: int = 0
    fid_halves: Repeated | None = None
    fid_halves_motions: int = 0
    left_out: dict[str, str] = {}

    @classmethod
    def of(cls, matcher: SetMatcher | None, real: EmbeddedSet | None, train: MotionSet | None, seed: int) -> _Floors:
        if matcher is None or real is None:
            reason = "no evaluator" if matcher is None else "the evaluator reads none of the reference's motions"
            return cls(left_out={"distances": reason})
        left_out: dict[str, str] = {}
        halves = against = None
        others = 0
        try:
            halves = matcher.fid_halves(real)
        except TooFewError as error:
            left_out["FID of two halves"] = str(error)
        try:
            if train is None:
                left_out["FID of train"] = "no training motions were given"
            else:
                embedded = matcher.embedded(_as_many(train, len(real.motions), seed))
                if embedded is None:
                    raise TooFewError("the evaluator reads none of the training motions")
                others = len(embedded.motions)
                pairs = zip(embedded.rows, real.rows, strict=True)
                against = repeated([fid(rows, other) for rows, other in pairs])
        except TooFewError as error:
            left_out["FID of train"] = str(error)
        return cls(against, others, halves, len(real.motions) // 2, left_out)


def _as_many(train: MotionSet, count: int, seed: int) -> MotionSet:
    """So many training motions: a distance depends on the number of motions."""
    if len(train) <= count:
        return train
    chosen = sorted(generator("floor", seed, len(train)).permutation(len(train))[:count].tolist())
    return replace(train, clips=tuple(train.clips[place] for place in chosen), joints=None)
