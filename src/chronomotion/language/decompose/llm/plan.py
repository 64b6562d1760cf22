"""What asking a language model about captions will take."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chronomotion.language.decompose.llm.prompt import Messages

__all__ = ["LlmPlan", "plan_of"]

_CHARACTERS_A_TOKEN = 4
_TOKENS_A_TURN = 4  # what chat templates put around a turn
_ANSWER = '{"events": []}'


@dataclass(frozen=True)
class LlmPlan:
    """Captions, and what asking about those that have no answer yet will take.

    Tokens are estimated as characters / 4, and 4 a turn for the chat template. An answer is taken to be as long as its
    caption and half as long again (subjects and verbs are repeated), within its JSON. Requests for repair, which some
    models need often, and the thoughts of models that think, come on top.
    """

    captions: int
    distinct: int
    requests: int
    prompt_tokens: int
    answer_tokens: int

    def __str__(self) -> str:
        answered = self.distinct - self.requests
        return (
            f"{self.captions:,} captions, {self.distinct:,} of them distinct; {answered:,} answered already, "
            f"{self.requests:,} to ask\n"
            f"about {self.prompt_tokens:,} tokens of prompts and {self.answer_tokens:,} of answers "
            "(characters / 4; repairs come on top)"
        )


def plan_of(captions: int, distinct: int, to_ask: Iterable[tuple[str, Messages]]) -> LlmPlan:
    """The plan for so many captions, of which ``to_ask`` still need a request: (caption, messages)."""
    requests = prompt = answer = 0
    for caption, messages in to_ask:
        requests += 1
        prompt += sum(_tokens(len(turn["content"])) + _TOKENS_A_TURN for turn in messages)
        answer += _tokens(len(_ANSWER) + len(caption) * 3 // 2)
    return LlmPlan(captions, distinct, requests, prompt, answer)


def _tokens(characters: int) -> int:
    """Rounded up."""
    return -(-characters // _CHARACTERS_A_TOKEN)
