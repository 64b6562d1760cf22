"""Files that appear whole or not at all.

A file is written in a hidden folder beside it, ``.NAME.HOST-PID-TOKEN.part``, whose name says who writes. A folder,
because libraries put files of their own beside the one that they write (safetensors does). A process that is killed
leaves it behind; the next one that writes to the same place removes it.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import re
import secrets
import shutil
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from stat import S_IMODE

import numpy as np

from chronomotion.errors import ChronomotionError, WriteError

__all__ = ["atomic_write", "disk_errors", "remove_left_parts", "scratch_folder", "sweep_once", "write_npy"]

_LONGEST_NAME = 80
"""Bytes: some file systems take no more than 143 in a name."""
_PROBE = b"\0" * (1 << 16)
_WEEK = 7 * 24 * 3600.0
_PART = re.compile(r"\..+\.(?P<host>[0-9a-f]{12})-(?P<pid>\d+)-[0-9a-f]{8}\.part", re.DOTALL)
_OS_ERROR = re.compile(r"\(os error (\d+)\)")
"""How libraries in Rust tell it, safetensors for one."""

_open: set[str] = set()
"""Names that this process writes to now."""
_swept: set[str] = set()
"""Folders that this process has looked through: once is enough, and a folder may hold very many files."""


@contextmanager
def atomic_write(path: Path, *, make_folder: bool = True) -> Iterator[Path]:
    """A name near ``path`` to write to; moved to ``path`` at the end, removed when anything fails.

    Makes the folder, unless told not to. What killed processes left in it is removed. Whoever writes to the name, the
    file gets the mode that the umask gives to new files: safetensors, for one, would keep it from everybody else.
    Raises WriteError, which names ``path``, when it cannot be written to.
    """
    home = path.with_name(_part_name(path))
    part = home / f"part{_short_suffix(path)}"
    _open.add(home.name)
    try:
        with disk_errors(path):
            if make_folder:
                path.parent.mkdir(parents=True, exist_ok=True)
            home.mkdir()
            mode = _mode_of_new(part)
        sweep_once(path.parent)
        with _body_errors(path, part):
            yield part
        if S_IMODE(part.stat().st_mode) != mode:
            part.chmod(mode)
        with disk_errors(path):
            part.replace(path)
    finally:
        # Where the folder itself is the trouble, that error is the one to hear.
        shutil.rmtree(home, ignore_errors=True)
        _open.discard(home.name)


@contextmanager
def scratch_folder(parent: Path, name: str) -> Iterator[Path]:
    """A folder in ``parent`` for this process alone, removed at the end; those of killed processes are swept.

    Raises WriteError when ``parent`` cannot be written to.
    """
    home = parent / _part_name(parent / name)
    _open.add(home.name)
    try:
        with disk_errors(parent):
            home.mkdir(mode=0o700)
        sweep_once(parent)
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)
        _open.discard(home.name)


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turns what the disk refuses into WriteError, which names ``path``."""
    try:
        yield
    except WriteError:
        raise
    except OSError as error:
        raise WriteError(error.errno or errno.EIO, error.strerror or str(error), str(path)) from error


def remove_left_parts(folder: Path) -> None:
    """Remove what killed processes left in a folder: parts whose process on this host has ended, or a week old."""
    try:
        with os.scandir(folder) as entries:
            left = [entry for entry in entries if _is_left(entry)]
    except OSError:  # whoever writes there will hear it
        return
    for entry in left:
        shutil.rmtree(entry.path, ignore_errors=True)


def sweep_once(folder: Path) -> None:
    """:func:`remove_left_parts`, the first time that this process asks for a folder."""
    where = str(folder.absolute())
    if where not in _swept:
        _swept.add(where)
        remove_left_parts(folder)


def write_npy(path: Path, array: np.ndarray) -> None:
    """Write an array as .npy. Given a file, numpy leaves its last bytes unwritten on a full disk and says nothing.

    Raises OSError when the disk is full.
    """
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=False)
    path.write_bytes(stream.getbuffer())


@contextmanager
def _body_errors(path: Path, part: Path) -> Iterator[None]:
    """Errors of whoever writes. Libraries raise errors of their own when a disk is full: ask the disk itself then."""
    try:
        yield
    except ChronomotionError:
        raise
    except Exception as error:
        by_others = isinstance(error, OSError) and error.filename not in (None, str(part), part)
        refused = None if by_others else _refusal(error, part)
        if refused is None:
            raise
        raise WriteError(refused.errno or errno.EIO, refused.strerror or str(refused), str(path)) from error


def _refusal(error: Exception, part: Path) -> OSError | None:
    """What the disk has against more bytes, or None where it is not the disk that stopped the writer."""
    if isinstance(error, OSError) and error.errno is not None:
        return error
    told = _OS_ERROR.search(str(error))
    if told is not None:
        return OSError(int(told[1]), os.strerror(int(told[1])))
    try:
        with part.open("ab", buffering=0) as file:
            if file.write(_PROBE) < len(_PROBE):  # there was a little room
                file.write(_PROBE)
    except OSError as refusal:
        return refusal
    return None


def _part_name(path: Path) -> str:
    name = path.name
    if len(os.fsencode(name)) > _LONGEST_NAME:
        name = hashlib.blake2b(os.fsencode(name), digest_size=8).hexdigest()
    return f".{name}.{_host()}-{os.getpid()}-{secrets.token_hex(4)}.part"


def _short_suffix(path: Path) -> str:
    """The suffix, in small letters: writers go by it."""
    suffix = path.suffix.lower()
    return suffix if len(os.fsencode(suffix)) <= _LONGEST_NAME else ""


@cache
def _host() -> str:
    """Where a process number means what it means here: this machine and, in it, this container."""
    space = ""
    with suppress(OSError):
        space = str(Path("/proc/self/ns/pid").readlink())
    return hashlib.blake2b(f"{socket.gethostname()}\0{space}".encode(), digest_size=6).hexdigest()


def _is_left(entry: os.DirEntry[str]) -> bool:
    match = _PART.fullmatch(entry.name)
    if match is None or entry.name in _open or not entry.is_dir(follow_symlinks=False):
        return False
    if match["host"] == _host() and _is_gone(int(match["pid"])):
        return True
    try:
        return time.time() - entry.stat(follow_symlinks=False).st_mtime > _WEEK
    except OSError:
        return False


def _is_gone(pid: int) -> bool:
    """Whether no such process runs here. This process's number, for what it does not write, was another one's."""
    if pid == os.getpid():
        return True
    if sys.platform == "win32":  # no way to ask without harm
        return False
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return True
    except OSError:
        pass  # it is another user's
    return False


def _mode_of_new(path: Path) -> int:
    """The mode of a new file here. Asked of the disk: the umask can only be read by changing it, for all threads."""
    path.touch(exist_ok=False)
    mode = S_IMODE(path.stat().st_mode)
    path.unlink()
    return mode
