"""A lock on a folder that is being written to, so that two processes never write into the same one."""

from __future__ import annotations

import errno
import logging
import os
import shutil
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import TextIO

from chronomotion.errors import BusyError, WriteError

__all__ = ["FolderLock", "partial_folder"]

log = logging.getLogger(__name__)

_NAME = ".lock"


class FolderLock:
    """The lock of a folder, held from :meth:`acquire` to :meth:`release`, or in a ``with`` block.

    The operating system gives the lock back when its process ends, however it ends, so a killed run never blocks the
    next one. The lock file says who holds it. Where the file system knows no locks, none is held.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._stream: TextIO | None = None

    @property
    def path(self) -> Path:
        """The lock file; it lies in the folder while the lock is held."""
        return self.folder / _NAME

    @property
    def held(self) -> bool:
        """Whether this object has the lock."""
        return self._stream is not None

    def acquire(self) -> None:
        """Take the lock, making the folder. Raises BusyError, with the holder's name, when another process has it;
        WriteError when the folder cannot be written to.
        """
        while self._stream is None:
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                stream = self.path.open("a+", encoding="utf-8")
            except OSError as error:
                raise WriteError(error.errno or errno.EIO, error.strerror or str(error), str(self.folder)) from error
            if not _try_lock(stream):
                stream.seek(0)
                holder = stream.read().strip() or "another process"
                stream.close()
                raise BusyError(f"{self.folder}: {holder} is at work there: wait for it, or choose another folder")
            if _is_file_at(stream, self.path):
                self._stream = stream
            else:  # its holder has finished and removed the file in between
                stream.close()
        holder = f"process {os.getpid()} on {socket.gethostname()}, since {time.strftime('%Y-%m-%d %H:%M')}"
        with suppress(OSError):  # a full disk may not take the name; the lock holds without it
            self._stream.truncate(0)
            os.write(self._stream.fileno(), holder.encode("utf-8", "surrogateescape"))

    def release(self) -> None:
        """Remove the lock file and give the lock back; without a lock nothing is done."""
        if self._stream is not None:
            if sys.platform == "win32":  # an open file cannot be removed there
                self._stream.close()
            self.path.unlink(missing_ok=True)
            self._stream.close()
            self._stream = None

    def clear(self) -> None:
        """Remove everything in the folder but the lock file. Raises OSError for a file that cannot be removed."""
        for path in self.folder.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            elif path != self.path:
                path.unlink(missing_ok=True)

    def __enter__(self) -> FolderLock:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


@contextmanager
def partial_folder(folder: Path) -> Iterator[FolderLock]:
    """An empty folder to write to, locked. Who moves it to its place gives the lock back first; else it is removed.

    What a killed process left in it is removed too. Raises BusyError and WriteError as :meth:`FolderLock.acquire` does.
    """
    with FolderLock(folder) as lock:
        lock.clear()
        try:
            yield lock
        finally:
            if lock.held:
                lock.clear()
                lock.release()
                shutil.rmtree(folder, ignore_errors=True)


def _try_lock(stream: TextIO) -> bool:
    """Whether this process has the lock on an open file now."""
    try:
        if sys.platform == "win32":
            import msvcrt

            stream.seek(0)
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EAGAIN, errno.EDEADLK):
            return False
        log.info("%s: this file system knows no locks (%s)", stream.name, error.strerror)
    return True


def _is_file_at(stream: TextIO, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(stream.fileno()), path.stat())
    except FileNotFoundError:
        return False
