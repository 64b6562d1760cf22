"""Files that appear whole: their mode, and nothing left behind."""

from __future__ import annotations

import errno
import os
import pickle
import re
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from chronomotion.atomic_write import atomic_write, remove_left_parts
from chronomotion.corpus import Corpus
from chronomotion.errors import WriteError
from chronomotion.motion.formats import read_motion, write_motion


@pytest.fixture(params=[0o022, 0o002, 0o077], ids=oct)
def umask(request):
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.skipif(sys.platform == "win32", reason="no modes there")
@pytest.mark.parametrize("writer", [lambda p: save_file({"a": np.zeros(3)}, p), lambda p: p.write_text("a")])
def test_the_umask_says_who_may_read_whoever_writes(umask: int, writer, tmp_path: Path):
    with atomic_write(tmp_path / "deep" / "file") as part:
        writer(part)
    assert mode(tmp_path / "deep" / "file") == 0o666 & ~umask
    assert mode(tmp_path / "deep") == 0o777 & ~umask
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["file"]


@pytest.mark.skipif(sys.platform == "win32", reason="no modes there")
def test_everything_in_a_corpus_may_be_read_by_those_whom_the_umask_lets(toy_corpus: Corpus, tmp_path: Path):
    from chronomotion.corpus.writer import recaptioned

    before = os.umask(0o027)
    try:
        copy = recaptioned(toy_corpus, tmp_path / "copy", [toy_corpus.captions(name) for name in toy_corpus.names])
    finally:
        os.umask(before)
    modes = {path.name: mode(path) for path in copy.folder.rglob("*")}
    assert modes.pop("splits") == mode(copy.folder) == 0o750
    shared = {name: modes.pop(name) for name in ("motions.arrow", "stats.safetensors")}
    assert shared == {name: mode(toy_corpus.folder / name) for name in shared}  # links to the original's
    assert set(modes.values()) == {0o640}
    assert "captions.jsonl" in modes


@pytest.mark.skipif(sys.platform == "win32", reason="no modes there")
def test_everything_in_a_models_folder_may_be_read_by_those_whom_the_umask_lets(backbone: Path, tmp_path: Path):
    from chronomotion.model.backbone import TextBackbone
    from chronomotion.model.config import ModelConfig
    from chronomotion.model.motion_text import MotionTextModel
    from chronomotion.model.text_states import TextStates

    config = ModelConfig(
        text_model=str(backbone), text_dim=32, latent_dim=16, ff_size=16, num_layers=1, own_text_model=True
    )
    states = TextStates(TextBackbone(str(backbone)), tmp_path / "states")
    before = os.umask(0o027)
    try:
        MotionTextModel(config, states=states).save_pretrained(tmp_path / "model")
        states.prepare(["a person raises the left hand"])
    finally:
        os.umask(before)
    files = [path for path in (*(tmp_path / "model").rglob("*"), *states.folder.iterdir()) if path.is_file()]
    assert {"model.safetensors", "config.json"} <= {path.name for path in files}
    assert {mode(path) for path in files} == {0o640}


def test_a_failure_leaves_nothing_and_what_was_there(tmp_path: Path):
    (tmp_path / "file").write_text("old")

    def failing() -> None:
        with atomic_write(tmp_path / "file") as part:
            part.write_text("half")
            raise ValueError("in the middle")

    with pytest.raises(ValueError, match="in the middle"):
        failing()
    with pytest.raises(FileNotFoundError), atomic_write(tmp_path / "file"):
        pass  # whoever writes nothing does not make an empty file
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "old"


WRITE = """
import sys, time
from pathlib import Path
from chronomotion.atomic_write import atomic_write
with atomic_write(Path(sys.argv[1])) as part:
    part.write_text("half")
    (part.parent / ".tmpAbc123").write_text("of a library")
    print(part.parent.name, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def writing():
    """Begins to write a file in another process, and gives the process and the name of the part."""
    started = []

    def begin(path: Path) -> tuple[subprocess.Popen[str], str]:
        process = subprocess.Popen([sys.executable, "-c", WRITE, str(path)], stdout=subprocess.PIPE, text=True)
        started.append(process)
        return process, process.stdout.readline().strip()

    yield begin
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.skipif(sys.platform == "win32", reason="no way to ask whether a process runs")
def test_what_a_killed_process_leaves_is_removed_by_the_next_and_what_a_live_one_writes_is_not(tmp_path, writing):
    killed, left = writing(tmp_path / "file.npz")
    _, live = writing(tmp_path / "file.npz")
    assert re.fullmatch(rf"\.file\.npz\.[0-9a-f]{{12}}-{killed.pid}-[0-9a-f]{{8}}\.part", left)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert {path.name for path in tmp_path.iterdir()} == {left, live}
    with atomic_write(tmp_path / "file.npz") as part:
        part.write_text("whole")
    assert {path.name for path in tmp_path.iterdir()} == {"file.npz", live}


def test_parts_of_other_machines_go_after_a_week_and_other_files_never(tmp_path: Path):
    week = 7 * 24 * 3600
    ages = {".a.npz.0123456789ab-12-01234567.part": 1.1, ".b.0123456789ab-12-01234567.part": 0.9, ".c.part": 3.0}
    for name, weeks in ages.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "part").write_text("half")
        os.utime(tmp_path / name, (time.time() - weeks * week,) * 2)
    remove_left_parts(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(ages) - {".a.npz.0123456789ab-12-01234567.part"}


@pytest.mark.parametrize("name", ["a" * 255, "ä" * 100 + ".npz", "a." + "b" * 253, "-x [1]?.npz", ".hidden", "a\nb"])
def test_any_name_that_a_file_may_have(name: str, tmp_path: Path):
    with atomic_write(tmp_path / name) as part:
        part.write_text("whole")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_full_disk_is_told_with_the_path_and_leaves_nothing(tmp_path: Path):
    def write() -> None:
        with atomic_write(tmp_path / "file") as part:
            part.write_text("half")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(WriteError) as caught:
        write()
    assert str(caught.value) == f"{tmp_path / 'file'}: cannot be written: {os.strerror(errno.ENOSPC)}"
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)  # workers send it
    assert caught.value.errno == errno.ENOSPC
    assert list(tmp_path.iterdir()) == []


LIMITED = """
import resource, sys
from pathlib import Path
import numpy as np
from chronomotion.atomic_write import atomic_write, write_npy
from chronomotion.errors import WriteError
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
rows = np.zeros(100_000)
def by_safetensors(part):
    from safetensors.numpy import save_file
    save_file({"rows": rows}, part)
def by_torch(part):
    import torch
    torch.save(torch.from_numpy(rows), part)
def by_numpy(part):
    np.save(part, rows)
def by_us(part):
    write_npy(part, np.zeros(12_490))  # with its header, a little more than fits
def by_stream(part):
    with part.open("w") as stream:
        stream.write("a" * 800_000)
try:
    with atomic_write(Path(sys.argv[1])) as part:
        globals()[sys.argv[2]](part)
except WriteError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limits there")
@pytest.mark.parametrize("writer", ["by_safetensors", "by_torch", "by_numpy", "by_us", "by_stream"])
def test_whoever_writes_a_disk_without_room_is_told_the_same_way(writer: str, tmp_path: Path):
    path = tmp_path / "file.npy"
    command = [sys.executable, "-c", LIMITED, str(path), writer]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout == f"{path}: cannot be written: {os.strerror(errno.EFBIG)}\n", done.stderr
    assert list(tmp_path.iterdir()) == []


def test_errors_that_are_not_the_disks_stay_what_they_are(tmp_path: Path):
    with pytest.raises(FileNotFoundError, match="other"), atomic_write(tmp_path / "file"):
        (tmp_path / "other").read_text()
    with pytest.raises(RuntimeError, match="mine"), atomic_write(tmp_path / "file"):
        raise RuntimeError("mine")
    (tmp_path / "plain").write_text("")
    under = pytest.raises(WriteError, match="plain/file: cannot be written: (Not a directory|File exists)")
    with under, atomic_write(tmp_path / "plain" / "file"):
        pass
    missing = pytest.raises(WriteError, match="missing/file: cannot be written: No such file")
    with missing, atomic_write(tmp_path / "missing" / "file", make_folder=False):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["plain"]


@pytest.mark.skipif(sys.platform == "win32", reason="no way to ask whether a process runs")
def test_a_motion_file_clears_what_a_killed_writer_of_motions_left(tmp_path: Path, writing):
    from walker import walking

    killed, left = writing(tmp_path / "walk.npz")
    killed.kill()
    killed.wait()
    motion = walking()
    write_motion(motion, tmp_path / "walk.npz")
    assert left
    assert [path.name for path in tmp_path.iterdir()] == ["walk.npz"]
    assert len(read_motion(tmp_path / "walk.npz").positions) == len(motion.positions)
