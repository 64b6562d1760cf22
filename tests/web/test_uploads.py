"""Motion files that are sent: read by a process with limits, and a fault of a file is one line."""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from hostile_files import HOSTILE

from chronomotion.motion.formats import write_motion
from chronomotion.web import uploads
from chronomotion.web.limits import MIB, Limits
from chronomotion.web.problems import ProblemError
from chronomotion.web.uploads import UploadReader, safe_name
from conftest import problem

SLOW = Limits(upload_seconds=60.0)
"""A machine that does much else must not decide what a test finds."""


@pytest.fixture
def reader(tmp_path):
    (tmp_path / "scratch").mkdir()
    made = UploadReader(SLOW, tmp_path / "scratch")
    yield made
    made.close()
    assert list((tmp_path / "scratch").iterdir()) == [], "something was left behind"


def sent(asking, name, content, **more):
    return asking.post("/api/motions", files={"file": (name, content)}, **more)


def bytes_of(motion, folder, suffix):
    write_motion(motion, folder / f"sent{suffix}")
    return (folder / f"sent{suffix}").read_bytes()


@pytest.mark.parametrize("suffix", [".bvh", ".npz", ".npy"])
def test_a_motion_is_searched_with(asking, library, tmp_path, suffix):
    said = sent(asking, f"my walk{suffix.upper()}", bytes_of(library.motion(4), tmp_path, suffix)).json()
    assert said["name"] == "my_walk"
    assert said["frames"] == library.motion(4).frames
    assert said["fps"] == 20
    hits = asking.get("/api/search", params={"like": said["id"]}).json()["hits"]
    assert hits[0]["clip"]["name"] == "squat_04"
    frames = asking.get(f"/api/clips/{said['id']}/frames")
    positions = np.frombuffer(frames.content, "<f2").reshape(-1, 22, 3)
    np.testing.assert_allclose(positions, library.motion(4).positions, atol=4e-3)
    assert asking.get(f"/api/clips/{said['id']}/file").content.startswith(b"HIERARCHY")


def test_a_motion_at_another_rate_and_a_part_of_it(asking, library, tmp_path):
    fast = library.motion(4).resample(60.0)
    said = sent(asking, "fast.npz", bytes_of(fast, tmp_path, ".npz")).json()
    assert abs(said["frames"] - library.motion(4).frames) <= 1
    part = asking.get("/api/search", params={"like": said["id"], "start": 0.2, "end": 0.6})
    assert part.status_code == 200
    # The rate of what states none can be told.
    assert (
        sent(asking, "fast.npy", bytes_of(fast, tmp_path, ".npy"), params={"fps": 60}).json()["frames"]
        == said["frames"]
    )


def test_doubts_are_told(asking, shared):
    said = sent(asking, "dog.bvh", (shared / "data/cases/motion/dog.bvh").read_bytes()).json()
    assert any("is this an animal?" in note for note in said["notes"])


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_a_hostile_file_is_one_line(reader, name):
    began = time.monotonic()
    with pytest.raises(ProblemError) as refusal:
        reader.read([HOSTILE[name]()], name)
    assert refusal.value.status == 422
    said = str(refusal.value)
    assert len(said) <= 500
    assert "\n" not in said
    assert str(reader._folder) not in said
    assert "Traceback" not in said
    assert time.monotonic() - began < 60


@pytest.mark.slow
def test_files_with_faults_are_answered(reader, shared):
    for path in sorted((shared / "data/cases/motion").glob("*.*")):
        try:
            motion = reader.read([path.read_bytes()], path.name).motion
        except ProblemError as refusal:
            assert refusal.status in (415, 422)
            continue
        assert np.isfinite(motion.positions).all()


def with_reader(monkeypatch, code):
    """The process that reads runs this in the place of the reader of motion files, behind the same limits."""
    monkeypatch.setattr(
        uploads,
        "_START",
        "import json, sys; sys.path[:] = json.loads(sys.argv[1])['path']; "
        "from chronomotion.web import upload_reader\n"
        f"def attack(settings):\n{code}\n"
        "upload_reader._read = attack\nupload_reader.main()",
    )


ATTACKS = {
    "memory": ("    b = bytearray(2 ** 30)", "more than 512 MiB of memory"),
    "memory, little by little": (
        "    b = []\n    while True: b.append(bytearray(2 ** 20))",
        "more than 512 MiB of memory",
    ),
    "disk": ("    open('large', 'wb').write(bytes(100 * 2 ** 20))", "OSError"),
    "network": ("    import socket\n    socket.create_connection(('127.0.0.1', 9))", "PermissionError"),
    "a name on the network": ("    import socket\n    socket.getaddrinfo('localhost', 1)", "PermissionError"),
    "a program": ("    import subprocess\n    subprocess.run(['true'])", "PermissionError"),
    "a program by the system": ("    import os\n    os.system('true')", "PermissionError"),
    "a process": ("    import os\n    os.fork()", "PermissionError"),
    "another process": ("    import os\n    os.kill(os.getppid(), 9)", "PermissionError"),
    "machine code": ("    import ctypes\n    ctypes.CDLL(None)", "PermissionError"),
    "a secret": ("    open('/etc/passwd').read()", "PermissionError"),
    "a secret, by descriptor": ("    import os\n    os.open('/etc/passwd', os.O_RDONLY)", "PermissionError"),
    "a secret, by a link": ("    import os\n    os.symlink('/etc/passwd', 'x')", "PermissionError"),
    "a place outside": ("    open('../outside', 'w').write('x')", "PermissionError"),
    "the package": ("    import chronomotion\n    open(chronomotion.__file__, 'a')", "PermissionError"),
    "the environment": ("    import os\n    assert 'SECRET' in os.environ", "AssertionError"),
    "an end": ("    import os\n    os.abort()", "failed on it"),
    "an exit": ("    raise SystemExit(0)", "cannot be read"),
    "recursion": ("    attack(settings)", "RecursionError"),
    "an answer that is none": ("    return {'frames': 3, 'doubts': []}, b'xx'", "cannot be read"),
    "an answer of no numbers": ("    return {'frames': 1, 'doubts': []}, b'\\xff' * 264", "cannot be read"),
    "an answer of another kind": ("    return [1], b''", "cannot be read"),
    "an answer too long": ("    return {'frames': 10 ** 5, 'doubts': []}, bytes(264 * 10 ** 5)", "cannot be read"),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_reader_that_was_taken_over_gets_nowhere(reader, monkeypatch, attack):
    code, says = ATTACKS[attack]
    monkeypatch.setenv("SECRET", "token")
    with_reader(monkeypatch, code)
    with pytest.raises(ProblemError, match=says) as refusal:
        reader.read([b"x"], "a.bvh")
    assert refusal.value.status == 422
    assert not (reader._folder / "outside").exists()


def test_processor_time_is_limited(tmp_path, monkeypatch):
    with_reader(monkeypatch, "    while True: pass")
    reader = UploadReader(Limits(upload_cpu=1, upload_seconds=60.0), tmp_path)
    with pytest.raises(ProblemError, match="more than 1 s of processor time"):
        reader.read([b"x"], "a.bvh")


def test_time_is_limited(tmp_path, monkeypatch):
    with_reader(monkeypatch, "    import time\n    time.sleep(60)")
    reader = UploadReader(Limits(upload_seconds=2.0), tmp_path)
    began = time.monotonic()
    with pytest.raises(ProblemError, match="more than 2 s"):
        reader.read([b"x"], "a.bvh")
    assert time.monotonic() - began < 30
    assert list(tmp_path.iterdir()) == []


def test_what_is_read_fits_into_a_quarter_of_the_memory(tmp_path, library):
    """So that 512 MiB is a limit and not a gamble: 10 minutes of motion need far less."""
    from dataclasses import replace

    long = replace(library.motion(1), positions=np.tile(library.motion(1).positions, (100, 1, 1))[:12_000])
    reader = UploadReader(Limits(upload_memory=256 * MIB, upload_seconds=60.0), tmp_path)
    content = bytes_of(long, tmp_path, ".npz")
    (tmp_path / "sent.npz").unlink()
    assert reader.read([content], "a.npz").motion.frames == long.frames


def test_a_motion_that_is_too_long(tmp_path, library):
    reader = UploadReader(Limits(upload_duration=0.5, upload_seconds=60.0), tmp_path)
    with pytest.raises(ProblemError, match=r"a.npz: the motion lasts \d+.\d s, but at most 0.5 s"):
        content = bytes_of(library.motion(1), tmp_path, ".npz")
        reader.read([content], "a.npz")


def test_closing_ends_what_is_being_read(tmp_path, monkeypatch):
    with_reader(monkeypatch, "    import time\n    time.sleep(60)")
    reader = UploadReader(SLOW, tmp_path)
    ended = []

    def read():
        try:
            reader.read([b"x"], "a.bvh")
        except ProblemError as error:
            ended.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    deadline = time.monotonic() + 30
    while not reader._processes and time.monotonic() < deadline:
        time.sleep(0.05)
    (process,) = reader._processes
    reader.close()
    thread.join(30)
    assert ended[0].status == 503
    assert process.returncode == -9
    with pytest.raises(ProblemError, match="ending"):
        reader.read([b"x"], "a.bvh")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("take.bvh", "take.bvh"),
        ("TAKE.BVH", "TAKE.bvh"),
        ("../../etc/passwd.bvh", "passwd.bvh"),
        ("C:\\takes\\a b.bvh", "a_b.bvh"),
        ("/abs/x.npz", "x.npz"),
        (".hidden", "hidden"),
        ("..", "motion"),
        ("", "motion"),
        ("舞.bvh", "motion.bvh"),
        ("a\x00b\n.bvh", "a_b.bvh"),
        ("a" * 300 + ".bvh", "a" * 60 + ".bvh"),
        ("answer.bin", "answer.bin"),
    ],
)
def test_a_name_is_harmless(name, expected):
    assert safe_name(name) == expected


def test_a_system_without_limits_reads_nothing(asking, monkeypatch):
    monkeypatch.setitem(sys.modules, "resource", None)
    assert "cannot limit" in problem(sent(asking, "a.bvh", b"x"), 501)


def test_sent_motions_expire_and_are_not_too_many(library):
    from chronomotion.web.transient import TransientMotions

    now = [0.0]
    kept = TransientMotions(2, 10.0, lambda: now[0])
    first = kept.add(library.motion(1))
    now[0] = 5.0
    second = kept.add(library.motion(2))
    assert kept.get(first) is library.motion(1)  # used: the other one is the oldest now
    third = kept.add(library.motion(3))
    with pytest.raises(ProblemError, match="none any more") as refusal:
        kept.get(second)
    assert refusal.value.status == 404
    now[0] = 14.9
    assert kept.get(third) is library.motion(3)
    now[0] = 15.1
    assert len(kept) == 1
    with pytest.raises(ProblemError):
        kept.get(first)
    assert len({first, second, third}) == 3
    assert all(len(name) > 20 for name in (first, second, third))


def test_an_unknown_motion_is_not_found(asking):
    assert "send the file again" in problem(asking.get("/api/search?like=sent-guess"), 404)
    assert "send the file again" in problem(asking.get("/api/clips/sent-guess/frames"), 404)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
def test_the_process_ends_with_the_server(tmp_path):
    """Killed with SIGKILL: what reads for it ends too, and the next server sweeps what it left."""
    import signal
    import subprocess

    code = (
        "import sys\nfrom pathlib import Path\nsys.path[:0] = [sys.argv[2]]\n"
        "from chronomotion.web import uploads\nfrom chronomotion.web.limits import Limits\n"
        "import test_uploads\n"
        "class Patch:\n    def setattr(self, where, name, value): setattr(where, name, value)\n"
        'test_uploads.with_reader(Patch(), \'    import time; open("pid", "w").write(str(__import__("os").getpid()));'
        " time.sleep(60)')\n"
        "uploads.UploadReader(Limits(upload_seconds=60.0), Path(sys.argv[1])).read([b'x'], 'a.bvh')\n"
    )
    server = subprocess.Popen([sys.executable, "-c", code, str(tmp_path), str(Path(__file__).parent)])
    deadline = time.monotonic() + 60
    while not (pids := [p for p in tmp_path.glob(".upload.*/pid") if p.read_text()]) and time.monotonic() < deadline:
        time.sleep(0.05)
    pid = int(pids[0].read_text())
    server.send_signal(signal.SIGKILL)
    server.wait()
    while time.monotonic() < deadline and os.path.exists(f"/proc/{pid}") and "(zombie)" not in status(pid):
        time.sleep(0.05)
    assert not os.path.exists(f"/proc/{pid}") or "(zombie)" in status(pid)
    assert len(list(tmp_path.iterdir())) == 1
    from chronomotion.atomic_write import scratch_folder

    with scratch_folder(tmp_path, "upload") as home:
        assert list(tmp_path.iterdir()) == [home]


def status(pid):
    try:
        return Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return "(zombie)"
