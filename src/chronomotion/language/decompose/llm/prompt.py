"""What a language model is asked, and in which words."""

from __future__ import annotations

import json

__all__ = ["EXAMPLES", "MOST_EVENTS", "PROMPT_VERSION", "SCHEMA", "Messages", "first_request", "repair_request"]

PROMPT_VERSION = "1"
"""Part of every source and of every cached answer. Raise it with any change to the words below."""

MOST_EVENTS = 8

Messages = list[dict[str, str]]

_INSTRUCTIONS = f"""\
You split a caption of one person's motion into its events.
1. List the events in the order in which they HAPPEN, not in the order in which the caption tells them: \
"B after A", "before B, A" and "A, then B" all give A first, then B.
2. Every event is one full sentence with the subject "a person".
3. What happens at the same time (while, as, with) stays together in one event.
4. Counts and loops stay together in one event: "hops four times", "sways from side to side".
5. Where the caption leaves a verb out, repeat it.
6. Use only words of the caption, inflected as needed and spelled as they are there. Keep every detail: adverbs, \
directions, body parts, numbers. Leave out only words that tell the order, such as "then", "after", "before", "finally".
7. Give 1 to {MOST_EVENTS} events. A single action is a single event.
Answer with JSON only: {{"events": ["a person ...", "a person ..."]}}"""

EXAMPLES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "The man crawls under a bar and then rolls onto his back.",
        ("a person crawls under a bar", "a person rolls onto their back"),
    ),
    (
        "She salutes after marching in place for ten steps.",
        ("a person marches in place for ten steps", "a person salutes"),
    ),
    (
        "Before lying down, someone stretches both arms above their head.",
        ("a person stretches both arms above their head", "a person lies down"),
    ),
    (
        "a figure skips sideways while clapping, twirls twice, and finally bows",
        ("a person skips sideways while clapping", "a person twirls twice", "a person bows"),
    ),
    (
        "The person paces back and forth with the hands on the hips.",
        ("a person paces back and forth with the hands on the hips",),
    ),
    (
        "he shuffles to the right, then to the left, and drops to one knee",
        ("a person shuffles to the right", "a person shuffles to the left", "a person drops to one knee"),
    ),
)
"""Captions of our own and their events: order, "after", "before", "while", a loop, a verb left out."""

SCHEMA: dict[str, object] = {
    "type": "object",
    "properties": {
        "events": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": MOST_EVENTS},
    },
    "required": ["events"],
    "additionalProperties": False,
}


def _question(caption: str) -> str:
    return f"Caption: {caption}"


def first_request(caption: str) -> Messages:
    """Instructions, examples as earlier turns, and the caption.

    The instructions stand in the first turn of the user: several chat templates refuse a system turn.
    """
    messages: Messages = []
    for example, events in EXAMPLES:
        messages.append({"role": "user", "content": _question(example)})
        messages.append({"role": "assistant", "content": json.dumps({"events": events})})
    messages[0]["content"] = f"{_INSTRUCTIONS}\n\n{messages[0]['content']}"
    return [*messages, {"role": "user", "content": _question(caption)}]


def repair_request(caption: str, answer: str, fault: str) -> Messages:
    """The same, then the answer that was given and what is wrong with it."""
    complaint = f"That is wrong: {fault}.\n{_question(caption)}\nAnswer again, with JSON only."
    return [
        *first_request(caption),
        {"role": "assistant", "content": answer[:2000] or "{}"},  # a model that loops must not fill the next context
        {"role": "user", "content": complaint},
    ]
