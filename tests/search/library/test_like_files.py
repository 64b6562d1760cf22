"""A motion file in the place of words: read as indexing reads it, compared stretch by stretch."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from library_toys import NumpyModel, write_take, write_takes

from chronomotion.corpus.importers.reading import Reading
from chronomotion.motion.formats import read_motion, write_motion
from chronomotion.motion.motion import Motion
from chronomotion.search.records import MotionReference, Query
from chronomotion.search.stored.indexing import index
from chronomotion.search.stored.library import Library
from chronomotion.seeding import generator
from toys import MOVES, move


def like(library: Library, path: Path, **changes) -> list[tuple[str, float]]:
    query = Query(like=MotionReference(str(path)), top=20, fold=False, **changes)
    return [(hit.clip.name, hit.score) for hit in library.search(query).hits]


def library_of(folder: Path, **settings) -> Library:
    index(folder, folder.parent / "library", NumpyModel(), workers=1, **settings)
    return Library.open(folder.parent / "library", model=NumpyModel())


def moves_in_a_row(*actions: str, seed: int = 0) -> Motion:
    """Moves of one second each."""
    parts = [move(action, generator("row", seed, action, k), 20).positions for k, action in enumerate(actions)]
    return Motion(np.concatenate(parts), 20.0)


@pytest.mark.parametrize("suffix", [".bvh", ".npz", ".npy"])
def test_a_copy_of_a_file_comes_first(tmp_path, suffix):
    for number, action in enumerate(sorted(MOVES)):
        (tmp_path / "takes").mkdir(exist_ok=True)
        motion = move(action, generator("take", number), 50)
        write_motion(replace(motion, name=action), tmp_path / "takes" / f"{action}{suffix}")
    library = library_of(tmp_path / "takes")
    for number, clip in library.clips.items():
        copy = shutil.copy(library.file(number), tmp_path / f"sent{suffix}")
        (first, score), (_, second), *_ = like(library, copy)
        assert (first, score) == (clip.name, pytest.approx(1, abs=2e-6))
        assert second < 1 - 1e-4
        np.testing.assert_array_equal(library.features_of_file(copy), library.features(number))
        again = tmp_path / f"again{suffix}"
        write_motion(library.motion(number), again)
        (first, score), *_ = like(library, again)
        assert (first, score) == (clip.name, pytest.approx(1, abs=2e-3))


def test_of_motions_that_are_nearly_the_same_the_same_comes_first(tmp_path):
    # Their cosines are .9997: what float16 takes from the length of a vector is as much.
    library = library_of(write_takes(tmp_path / "takes"))
    for number, clip in library.clips.items():
        copy = shutil.copy(library.file(number), tmp_path / "sent.npz")
        ranked = like(library, copy)
        assert ranked[0] == (clip.name, pytest.approx(1, abs=2e-6))
        assert max(score for _, score in ranked) <= 1 + 2e-6


def test_a_long_motion_is_compared_stretch_by_stretch(tmp_path):
    takes = tmp_path / "takes"
    takes.mkdir()
    first, second = ["nod"] * 12, ["lift-left-leg"] * 12
    write_motion(moves_in_a_row(*first, *second), takes / "both.npz")
    # The mean of a motion of two kinds is nearer to a motion that mixes them than to any part of itself.
    write_motion(moves_in_a_row(*["nod", "lift-left-leg"] * 6), takes / "mixed.npz")
    write_motion(moves_in_a_row(*first), takes / "nods.npz")
    library = library_of(takes)
    ranked = like(library, Path(shutil.copy(takes / "both.npz", tmp_path / "sent.npz")))
    assert ranked[0] == ("both", pytest.approx(1, abs=2e-6))
    assert ranked[1][1] < 0.999
    hit, *_ = library.search(Query(like=MotionReference(str(tmp_path / "sent.npz")), fold=False)).hits
    assert hit.best[1] - hit.best[0] == pytest.approx(10)


def test_a_lead_in_is_cut_as_indexing_cuts_it(tmp_path):
    body = move("nod", generator("lead-in"), 60)
    arms_out = body.positions[:1].copy()
    for joint in (18, 20, 19, 21):  # elbows and wrists at the height of the shoulders
        side = 1 if arms_out[0, joint, 0] > arms_out[0, 0, 0] else -1
        shoulder = arms_out[0, 16 if joint in (18, 20) else 17]
        arms_out[0, joint] = shoulder + side * np.array([0.26 if joint in (18, 19) else 0.5, 0, 0])
    (tmp_path / "takes").mkdir()
    held = np.concatenate([np.repeat(arms_out, 6, axis=0), body.positions])
    write_motion(Motion(held, 20.0), tmp_path / "takes" / "held.npz")
    write_take(tmp_path / "takes" / "other.npz", 1)
    library = library_of(tmp_path / "takes")
    assert library.clip("held").frames == 59
    assert library.offset(library.clip("held").number) == pytest.approx(6 / 20)
    assert library.offset(library.clip("other").number) == 0
    copy = Path(shutil.copy(tmp_path / "takes" / "held.npz", tmp_path / "sent.npz"))
    np.testing.assert_array_equal(library.features_of_file(copy), library.features(library.clip("held").number))


def test_a_file_in_a_source_is_read_with_its_settings(tmp_path):
    takes = tmp_path / "takes"
    write_take(takes / "a.npz", 0)
    positions = read_motion(takes / "a.npz").positions
    np.save(takes / "slow.npy", positions)
    (takes / "a.npz").unlink()
    library = library_of(takes, reading=Reading(unit=0.5))
    (number,) = library.clips
    features = library.features_of_file(takes / "slow.npy")
    np.testing.assert_array_equal(features, library.features(number))


def test_what_we_have_written_needs_no_guess(tmp_path):
    # 22 frames are as many as joints, and who lies on the floor does not show which axis is up.
    lying = move("nod", generator("lying"), 22).positions @ np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]])
    motion = Motion(lying + np.array([0, 0.1, 0]), 20.0)
    write_motion(motion, tmp_path / "lying.npz")
    np.testing.assert_allclose(read_motion(tmp_path / "lying.npz").positions, motion.positions, atol=1e-5)
