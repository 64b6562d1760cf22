"""Interrupts, workers, changed sources."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from wild_folders import everything_below, humanml3d, takes, text, toy_motion

from chronomotion.corpus import Corpus
from chronomotion.corpus.importers import Reading, import_corpus, workers
from chronomotion.corpus.importers.importing import work_folder
from chronomotion.corpus.importers.reading import read_features
from chronomotion.errors import CorpusError
from chronomotion.motion.formats import write_motion


def fingerprint(folder: Path) -> str:
    return Corpus(folder).fingerprint


def mirrored(folder: Path) -> Path:
    """Ten clips with features, and ten that have to be made as their mirror images."""
    humanml3d(folder, ids=10)
    for number in range(10):
        text(folder / "texts" / f"M{number:06d}.txt", "a mirror image")
    return folder


@pytest.mark.parametrize(("make", "clips"), [(mirrored, 20), (lambda folder: takes(folder, count=12), 12)])
def test_the_number_of_workers_changes_nothing(make: Callable[[Path], Path], clips: int, tmp_path: Path) -> None:
    src, one, two = make(tmp_path / "src"), tmp_path / "one", tmp_path / "two"
    alone = import_corpus(src, one / "corpus", workers=1)
    together = import_corpus(src, two / "corpus", workers=2)
    assert alone.imported == clips
    assert everything_below(one) == everything_below(two)
    assert together.notes == alone.notes


class Interrupted:
    """Reads ``after`` files, then the user presses Ctrl-C; counts what was read."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, after: int = 10**9) -> None:
        self.read: list[str] = []

        def read(motion, layout, reading):
            if len(self.read) == after:
                raise KeyboardInterrupt
            self.read.append(motion.path.name)
            return read_features(motion, layout, reading)

        monkeypatch.setattr(workers, "read_features", read)


def test_an_interrupted_import_goes_on_where_it_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    src, dest = takes(tmp_path / "takes", count=5), tmp_path / "corpus"
    Interrupted(monkeypatch, after=3)
    with pytest.raises(KeyboardInterrupt):
        import_corpus(src, dest, workers=1)
    assert "the same command goes on from there" in caplog.text
    assert sorted(path.name for path in tmp_path.iterdir()) == [".corpus.import", "takes"]
    assert len(list(work_folder(dest).iterdir())) == 3

    rest = Interrupted(monkeypatch)
    import_corpus(src, dest, workers=1)
    assert rest.read == ["take3.bvh", "take4.bvh"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["corpus", "takes"]
    import_corpus(src, tmp_path / "whole", workers=1)
    assert fingerprint(dest) == fingerprint(tmp_path / "whole")


@pytest.mark.parametrize("change", ["a file", "a setting", "a kept file"])
def test_what_has_changed_is_made_again(change: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    src, dest = takes(tmp_path / "takes", count=3), tmp_path / "corpus"
    Interrupted(monkeypatch, after=2)
    with pytest.raises(KeyboardInterrupt):
        import_corpus(src, dest, workers=1)
    reading = Reading(trim=5) if change == "a setting" else Reading()
    if change == "a file":
        write_motion(toy_motion(4), src / "take0.bvh")
    if change == "a kept file":
        first = min(work_folder(dest).iterdir(), key=lambda path: path.stat().st_mtime_ns)
        os.truncate(first, first.stat().st_size // 2)
    again = Interrupted(monkeypatch)
    import_corpus(src, dest, workers=1, reading=reading)
    expected = ["take0.bvh", "take1.bvh", "take2.bvh"]
    assert again.read == (expected if change == "a setting" else [expected[0], expected[2]])
    import_corpus(src, tmp_path / "whole", workers=1, reading=reading)
    assert fingerprint(dest) == fingerprint(tmp_path / "whole")


def test_new_captions_are_read_after_an_interrupt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    src, dest = takes(tmp_path / "takes", count=3), tmp_path / "corpus"
    Interrupted(monkeypatch, after=2)
    with pytest.raises(KeyboardInterrupt):
        import_corpus(src, dest, workers=1)
    text(src / "captions.csv", "file,caption", "take0.bvh,a new sentence")
    Interrupted(monkeypatch)
    corpus = import_corpus(src, dest, workers=1).corpus
    assert corpus is not None
    assert corpus.captions("take0")[0].text == "a new sentence"


def test_what_is_kept_is_what_was_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Notes and trimmed seconds come back with the features."""
    src, dest = takes(tmp_path / "takes", count=3), tmp_path / "corpus"
    jumping = toy_motion(0).positions.copy()
    jumping[30, 20] += 2.0
    write_motion(type(toy_motion(0))(jumping, 20.0), src / "take0.npz")
    (src / "take0.bvh").unlink()
    Interrupted(monkeypatch, after=1)
    with pytest.raises(KeyboardInterrupt):
        import_corpus(src, dest, workers=1, reading=Reading(trim=3))
    (kept,) = work_folder(dest).iterdir()
    assert kept.suffix == ".safetensors"
    Interrupted(monkeypatch)
    again = import_corpus(src, dest, workers=1, reading=Reading(trim=3))
    whole = import_corpus(src, tmp_path / "whole", workers=1, reading=Reading(trim=3))
    assert again.notes == whole.notes
    assert any("left_wrist" in note.detail for note in again.notes)


def test_features_that_only_have_to_be_read_are_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    src, dest = humanml3d(tmp_path / "HumanML3D"), tmp_path / "corpus"
    Interrupted(monkeypatch, after=2)
    with pytest.raises(KeyboardInterrupt):
        import_corpus(src, dest, workers=1)
    assert not work_folder(dest).exists()


def dying_maker(_: object) -> Callable[[object], object]:
    return lambda _: os._exit(9)


def test_a_worker_that_dies_is_an_error_of_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    src = takes(tmp_path / "takes", count=12)
    monkeypatch.setattr(workers, "_maker_in_worker", dying_maker)
    with pytest.raises(CorpusError, match="a process that read motions has died") as caught:
        import_corpus(src, tmp_path / "corpus", workers=2)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "corpus").exists()


def test_the_result_is_json(tmp_path: Path) -> None:
    src = takes(tmp_path / "takes", count=2)
    text(src / "captions.csv", "file,caption", "take7.bvh,absent")
    result = json.loads(json.dumps(import_corpus(src, tmp_path / "corpus").to_dict()))
    assert (result["layout"], result["imported"]) == ("folder", 2)
    assert result["skipped"] == [{"clip": "'take7.bvh'", "reason": "no motion file", "detail": "named in the table"}]
    assert np.isfinite(result["seconds"])


_SLOWLY = """
import sys, time
from chronomotion.corpus.importers import import_corpus, workers
read = workers.read_features
workers.read_features = lambda *all: (time.sleep(0.2), read(*all))[1]
try:
    import_corpus(sys.argv[1], sys.argv[2], workers=2)
except KeyboardInterrupt:
    sys.exit(130)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="sends a signal to a group of processes")
def test_ctrl_c_ends_all_processes_quietly(tmp_path: Path) -> None:
    """As a terminal does it: the signal goes to the import and to its workers."""
    src, dest = takes(tmp_path / "takes", count=30), tmp_path / "corpus"
    command = [sys.executable, "-c", _SLOWLY, str(src), str(dest)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and len(list(work_folder(dest).glob("*.safetensors"))) < 3:
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGINT)
        began = time.monotonic()
        errors = process.communicate()[1]
    assert process.returncode == 130, errors
    assert time.monotonic() - began < 10
    assert "Traceback" not in errors
    assert "the same command goes on from there" in errors
    kept = len(list(work_folder(dest).glob("*.safetensors")))
    assert 3 <= kept < 30
    assert sorted(path.name for path in tmp_path.iterdir()) == [".corpus.import", "takes"]
    assert import_corpus(src, dest).imported == 30
    assert sorted(path.name for path in tmp_path.iterdir()) == ["corpus", "takes"]
