import os
import signal
import subprocess
import sys

import pytest

from chronomotion.errors import BusyError
from chronomotion.folder_lock import FolderLock

HOLD = """
import sys, time, pathlib
from chronomotion.folder_lock import FolderLock
lock = FolderLock(pathlib.Path(sys.argv[1]))
lock.acquire()
print("held", flush=True)
time.sleep(60)
"""


def test_a_killed_process_gives_its_lock_back(tmp_path):
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(BusyError, match=rf"process {holder.pid} on .*, since \d{{4}}-"):
            FolderLock(tmp_path).acquire()
    finally:
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
        holder.stdout.close()
    with FolderLock(tmp_path):
        assert f"process {os.getpid()} " in (tmp_path / ".lock").read_text()
    assert not (tmp_path / ".lock").exists()


def test_a_lock_file_that_its_holder_removed_is_no_lock(tmp_path, monkeypatch):
    """Opened before, and locked after, its holder has finished: another try is made on the file that is there now."""
    first = FolderLock(tmp_path)
    first.acquire()
    real, tries = chronomotion_try_lock(), []

    def lock(stream):
        if not tries:
            first.release()
        tries.append(stream)
        return real(stream)

    monkeypatch.setattr("chronomotion.folder_lock._try_lock", lock)
    with FolderLock(tmp_path):
        assert len(tries) == 2
        with pytest.raises(BusyError):
            FolderLock(tmp_path).acquire()


def chronomotion_try_lock():
    from chronomotion import folder_lock

    return folder_lock._try_lock
