"""`chronomotion train` that is ended from outside: nothing is lost, and no process is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from test_cli import run

pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")

SETTINGS = """
batch_size = 16
epochs = 200
[model]
latent_dim = 32
ff_size = 64
num_layers = 1
frames_per_token = 8
"""


@pytest.fixture(scope="module")
def workplace(tmp_path_factory):
    folder = tmp_path_factory.mktemp("signals")
    (folder / "small.toml").write_text(SETTINGS)
    run("compose", "corpus", "--train", 32, "--val", 0, "--test", 0, cwd=folder)
    return folder


def children(pid: int) -> list[int]:
    """Processes below a process, at any depth."""
    below: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        below.setdefault(int(fields[1]), []).append(int(status.parent.name))
    found, new = [], [pid]
    while new:
        new = [child for parent in new for child in below.get(parent, [])]
        found += new
    return found


def runs(pid: int) -> bool:
    try:
        return "(zombie)" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "status", "last"),
    [
        (signal.SIGTERM, 143, "chronomotion: ended by SIGTERM\n"),
        (signal.SIGHUP, 129, "chronomotion: ended by SIGHUP\n"),
        (signal.SIGKILL, -9, ""),
    ],
)
def test_a_training_that_is_ended_leaves_no_process(workplace, number, status, last):
    dest = f"model-{number}"
    log = workplace / dest / "log.jsonl"
    # Two workers' worth of cores, whatever this machine has: the worker process has to be there to be left behind.
    code = (
        "import sys; from chronomotion.training import feed; feed.cores = lambda: 3; "
        "from chronomotion.cli import main; main()"
    )
    arguments = ["train", "corpus", dest, "--config", "small.toml", "--negatives", "counterfactual", "--judge", "none"]
    env = {**os.environ, "CHRONOMOTION_CACHE": str(workplace / "cache")}
    command = [sys.executable, "-c", code, *arguments]
    with subprocess.Popen(command, cwd=workplace, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline and process.poll() is None and not (log.exists() and log.stat().st_size):
            time.sleep(0.05)
        workers = children(process.pid)
        assert len(workers) == 2, "fresh interpreters, and nothing else"
        process.send_signal(number)
        began = time.monotonic()
        output, errors = process.communicate(timeout=120)  # ends when nobody holds the pipes any more
        while any(map(runs, workers)) and time.monotonic() - began < 60:
            time.sleep(0.05)
    assert process.returncode == status, errors
    assert not any(map(runs, workers))
    assert output == b""
    assert errors.decode().endswith(last)
    assert b"Traceback" not in errors
    if number != signal.SIGKILL:
        assert b"the same command goes on from there" in errors
        assert (workplace / dest / "checkpoint.pt").exists()
