"""The real recordings: every take of Bandai-Namco's set and every CMU file comes in, upright and on the floor."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from chronomotion.corpus import Corpus
from chronomotion.corpus.importers import ImportResult, import_corpus
from chronomotion.corpus.info import describe_corpus
from chronomotion.motion.features import motion_of
from chronomotion.motion.formats import read_recording
from chronomotion.motion.retarget import to_reference
from chronomotion.motion.skeleton import HUMANML3D


@pytest.fixture(scope="module")
def cmu(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> ImportResult:
    return import_corpus(shared / "data" / "cmu", tmp_path_factory.mktemp("cmu") / "corpus", workers=1)


@pytest.fixture(scope="module")
def bandai(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> ImportResult:
    return import_corpus(shared / "data" / "bandai", tmp_path_factory.mktemp("bandai") / "corpus", workers=1)


def check_standing(corpus: Corpus, head: tuple[float, float]) -> None:
    """Feet on the floor, at the origin, a body of the reference's size that is upright when it begins or ends."""
    at = HUMANML3D.index("head")
    for name in corpus.names:
        positions = motion_of(corpus.features(name), name=name).positions
        # The last frame of a take has no row of its own, and may be the lowest of all.
        assert -1e-4 < positions[..., 1].min() < 0.05, name
        np.testing.assert_allclose(positions[0, 0, [0, 2]], 0, atol=1e-5)
        assert head[0] < np.percentile(positions[:, at, 1], 95) < head[1], name


@pytest.mark.slow
def test_all_of_cmu(cmu: ImportResult, shared: Path) -> None:
    corpus = cmu.corpus
    assert corpus is not None
    assert (cmu.imported, cmu.skipped) == (39, ())
    check_standing(corpus, (1.3, 2.6))  # some climb and jump
    info = describe_corpus(corpus)
    assert (info.captions, info.captions_a_clip.get(0)) == (83, None)
    assert {"13_30.amc", "13_30.bvh"} <= set(corpus.names)
    trimmed = {note.clip for note in cmu.notes if note.reason.startswith("frames cut")}
    assert len(trimmed) == sum(path.suffix == ".bvh" for path in (shared / "data" / "cmu").iterdir())
    glitches = {note.clip for note in cmu.notes if note.reason.startswith("joints jump")}
    assert glitches <= {name for name in corpus.names if name.startswith("05_")}
    assert glitches


@pytest.mark.slow
def test_spans_of_cmu_follow_the_trimming(cmu: ImportResult) -> None:
    """01_01 is described from 0.95 to 10.95 s of the file, whose first frames, at 120 a second, are cut."""
    corpus = cmu.corpus
    assert corpus is not None
    (cut,) = (int(note.detail.split()[0]) for note in cmu.notes if note.clip == "01_01")
    assert 5 <= cut <= 10
    spans = {(caption.start, caption.end) for caption in corpus.captions("01_01")}
    assert (0.0, None) in spans
    (part,) = spans - {(0.0, None)}
    assert part == pytest.approx((0.95 - cut / 120, 10.95 - cut / 120), abs=0.001)


@pytest.mark.slow
def test_all_of_bandai(bandai: ImportResult) -> None:
    corpus = bandai.corpus
    assert corpus is not None
    assert (bandai.imported, bandai.skipped) == (541, ())
    check_standing(corpus, (1.3, 1.9))
    assert describe_corpus(corpus).events_a_caption == {"1": 541}
    shares = {split: len(corpus.split(split)) / 541 for split in corpus.splits}
    assert shares == {
        "train": pytest.approx(0.80, abs=0.05),
        "val": pytest.approx(0.05, abs=0.03),
        "test": pytest.approx(0.15, abs=0.04),
    }


@pytest.mark.slow
@pytest.mark.parametrize(("folder", "suffix"), [("bandai", ".bvh"), ("cmu", ".bvh"), ("cmu", ".amc")])
def test_before_and_after_rescaling(folder: str, suffix: str, shared: Path) -> None:
    """What the import hands on: a head at a grown person's height before, the lowest joint at 0 after."""
    head = HUMANML3D.index("head")
    files = sorted(path for path in (shared / "data" / folder).iterdir() if path.suffix == suffix)
    for path in files[:: max(1, len(files) // 20)]:
        motion = read_recording(path, trim="auto").motion
        above = motion.positions[:, head, 1] - motion.positions[..., 1].min(axis=1)
        # Climbing, bowing and jumping aside: the median frame of most takes is a standing one.
        assert 1.2 < np.percentile(above, 75) < 1.9, path.name
        assert to_reference(motion).positions[..., 1].min() == pytest.approx(0, abs=1e-6)
