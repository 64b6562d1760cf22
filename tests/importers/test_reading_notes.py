"""What reading a folder found out about its files is in the result: doubts, and units, axes and rates that differ."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from chronomotion.corpus.importers import Reading, import_corpus
from chronomotion.corpus.importers.plan import Remark
from chronomotion.corpus.importers.reading import telling
from chronomotion.motion.features import motion_of

sys.path.insert(0, str(Path(__file__).parents[1] / "formats"))
from walkers import Z_UP, write_walk


@pytest.fixture
def takes(tmp_path: Path) -> Path:
    folder = tmp_path / "takes"
    folder.mkdir()
    for take in range(4):
        write_walk(folder / f"walk_{take}.bvh", frames=40, travel=1 + take / 10)
    return folder


def test_files_that_agree_leave_no_notes(takes: Path, tmp_path: Path) -> None:
    assert import_corpus(takes, tmp_path / "corpus", workers=1).notes == ()


def test_doubts_and_what_differs_are_told_file_by_file(takes: Path, tmp_path: Path) -> None:
    write_walk(takes / "inches.bvh", frames=40, scale=1 / 0.0254)
    write_walk(takes / "fast.bvh", frames=40, step="0.00833")
    write_walk(takes / "slow.bvh", frames=40, step="1")
    write_walk(takes / "lying.bvh", frames=40, turn=Z_UP, travel=0)
    result = import_corpus(takes, tmp_path / "corpus", workers=1)
    reasons = {(note.clip, note.reason) for note in result.notes}
    most = " (most: cm, y up, 30 frames a second)"
    assert reasons == {
        ("inches", f"read as inch, y up, 30 frames a second{most}"), ("inches", "in doubt: unlike its folder"),
        ("fast", f"read as cm, y up, 120 frames a second{most}"),
        ("slow", f"read as cm, y up, 1 frames a second{most}"), ("slow", "in doubt: an unusual frame rate"),
        ("lying", "in doubt: unlike its folder"),
    }  # fmt: skip
    table = result.table()
    assert all(reason in table for _, reason in reasons)
    assert all(note.detail for note in result.notes)
    assert result.corpus is not None
    trunk = motion_of(result.corpus.features("lying"), name="lying").positions[:, [0, 15], 1]
    assert np.ptp(trunk, axis=1).max() < 0.1  # it lies


def test_the_rate_of_a_file_without_one_is_given(takes: Path, tmp_path: Path) -> None:
    write_walk(takes / "zero.bvh", frames=40, step="0")
    result = import_corpus(takes, tmp_path / "a", workers=1)
    assert [skipped.clip for skipped in result.skipped] == ["zero"]
    assert "--fps" in result.skipped[0].detail
    given = import_corpus(takes, tmp_path / "b", workers=1, reading=Reading(fps=30.0))
    assert given.corpus is not None
    assert (given.skipped, given.notes) == ((), ())
    np.testing.assert_array_equal(given.corpus.features("zero"), given.corpus.features("walk_0"))


def test_an_axis_that_is_given_holds_for_all(takes: Path, tmp_path: Path) -> None:
    write_walk(takes / "lying.bvh", frames=40, turn=Z_UP, travel=0)
    given = import_corpus(takes, tmp_path / "a", workers=1, reading=Reading(up="y", unit="cm"))
    assert given.notes == ()


def test_only_what_is_unlike_most_is_told() -> None:
    notes = [Remark(str(clip), "read as cm, y up") for clip in range(3)] + [
        Remark("m", "read as m, z up"),
        Remark("x", "y"),
    ]
    assert telling(notes) == [Remark("m", "read as m, z up (most: cm, y up)"), Remark("x", "y")]
    assert telling(notes[:3]) == []
    assert telling([]) == []
