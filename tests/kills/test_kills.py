"""SIGKILL at many moments of every verb that writes: the same command then ends with the same bytes, and nothing else
stays.
"""

from __future__ import annotations

import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from places import everything, hidden
from verbs import Done, run

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL"),
]
VERBS = {
    "import": ["import", "takes", "new", "--workers", 1],
    "import-seed": ["import", "seed", "new", "--workers", 1, "--half"],
    "compose": ["compose", "new", "--train", 3, "--val", 0, "--test", 1],
    "train": ["train", "corpus", "new", "--config", "small.toml", "--judge", "test"],
    "decompose-into": ["decompose", "unsplit", "--into", "new"],
    "decompose-out": ["decompose", "unsplit", "--out", "new.jsonl", "--suspicious", "suspicious.jsonl"],
    "event-times": ["event-times", "untimed", "new", "--model", "model", "--least-gap", "-2"],
    "evaluate": ["evaluate", "model", "corpus", "--out", "new.json", "--picture", "new.svg"],
    "export": ["export", "model", "new"],
    "render": ["render", "takes/take0.npz", "-o", "new.png"],
    "convert-file": ["convert", "takes/take0.npz", "new.bvh"],
    "convert-folder": ["convert", "takes", "new", "--format", "bvh"],
    "convert-in-place": ["convert", "takes", "takes", "--format", "npy"],
    "convert-published": ["convert", "takes", "new", "--format", "humanml3d"],
}
MOMENTS = {"export": 2, "evaluate": 3, "train": 6, "event-times": 3}


def finished(verb: str, place: Path) -> Done:
    done = run(*VERBS[verb], cwd=place)
    assert done.status == 0, done.said
    assert "Traceback" not in done.said
    return done


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_that_was_killed_ends_with_the_same_bytes(verb: str, fresh: Callable[[str], Path]) -> None:
    place = fresh("whole")
    whole = finished(verb, place)
    expected = everything(place)
    assert hidden(place) == []
    assert whole.changes > 1
    moments = MOMENTS.get(verb, 10)
    numbers = sorted({round(1 + (whole.changes - 1) * share / (moments - 1)) for share in range(moments)})
    for number in numbers:
        place = fresh(f"at-{number}")
        killed = run(*VERBS[verb], cwd=place, kill_at=number)
        assert killed.status == -signal.SIGKILL, (number, killed.said)
        finished(verb, place)
        left = everything(place)
        assert sorted(left) == sorted(expected), (number, whole.changes)
        assert [name for name in left if left[name] != expected[name]] == [], (number, whole.changes)
        assert hidden(place) == [], (number, whole.changes)
        shutil.rmtree(place)
