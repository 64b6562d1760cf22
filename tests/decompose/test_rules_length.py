"""Long captions: the work grows with their length, and there is a limit."""

from __future__ import annotations

import time

import pytest

from chronomotion.language.decompose.rules import RuleDecomposer
from chronomotion.text_files import MAX_CAPTION

RULES = RuleDecomposer()


def seconds(caption: str) -> float:
    """Of the processor, the least of three runs."""
    runs = []
    for _ in range(3):
        begin = time.process_time()
        RULES.split(caption)
        runs.append(time.process_time() - begin)
    return min(runs)


@pytest.mark.parametrize(
    "part",
    [
        "a person walks ahead and ",
        "slowly ",
        "the left hand to the box ",
        "3 ",
        ", ",
        "and ",
        "picks up a box and carries it ",
        "it ",
        "front quick ",
        "when he kneels ",
        "does not bow until ",
        "first, ",
        "and, after a nod, ",
        "is ",
    ],
)
def test_work_is_linear_in_length(part: str) -> None:
    """Four times the length takes some four times as long; the square would be sixteen times."""
    short, long = (part * MAX_CAPTION)[: MAX_CAPTION // 4], (part * MAX_CAPTION)[:MAX_CAPTION]
    RULES.split(long)
    assert seconds(long) < 9 * max(seconds(short), 1e-3)


def test_beyond_the_limit_a_caption_stays_whole_with_a_mark() -> None:
    caption = "a person bows, then kneels. " * MAX_CAPTION
    made = RULES.split(caption)
    assert made.events.texts == (caption.strip(),)
    assert str(MAX_CAPTION) in made.mark
    assert len(RULES.split(caption[:MAX_CAPTION].strip()).events) > 100
