"""The score that selects the best weights of a prior's training."""

from __future__ import annotations

from collections.abc import Callable

from chronomotion.generation.prior.coded import CodedCorpus
from chronomotion.generation.prior.motion_prior import MotionPrior

__all__ = ["likelihood_judge"]


def likelihood_judge(coded: CodedCorpus) -> Callable[[MotionPrior], float]:
    """A function that scores a prior by the mean log-likelihood a token of the first caption of each clip, with plans
    and without them, taken together.
    """
    clips = [parts[0] for parts in coded.clips.values()]
    codes = [clip.codes for clip in clips]
    planned = [clip.prompt for clip in clips]
    bare = [prompt.without_plan() for prompt in planned]

    def judged(prior: MotionPrior) -> float:
        several = [bare] if not prior.config.plan or planned == bare else [bare, planned]
        return float(sum(prior.log_likelihoods(prompts, codes).mean() for prompts in several) / len(several))

    return judged
