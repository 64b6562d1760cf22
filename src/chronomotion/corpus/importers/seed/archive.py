"""Archives read as they are, from front to back, one member at a time: no unpacked copy, and memory for one member."""

from __future__ import annotations

import gzip
import io
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from chronomotion.errors import CorpusError
from chronomotion.motion.formats.limits import MAX_BYTES

__all__ = ["Member", "members"]

_BUFFER = 1 << 20
_END = bytes(1024)
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Member:
    """A file in an archive."""

    name: str
    """Its path in the archive, with ``/``."""
    read: Callable[[], bytes]
    """All of it; only before the next member is asked for. Raises CorpusError where the archive ends in it."""


def members(archive: Path) -> Iterator[Member]:
    """Files of a .tar.gz or .tar in its order. Raises CorpusError when the archive is cut off or damaged."""
    last = "its beginning"
    with _explained(archive, last):
        stream = _opened(archive)
    with stream:
        with _explained(archive, last):
            tar = tarfile.open(fileobj=stream, mode="r|", bufsize=_BUFFER)  # noqa: SIM115
        with tar:
            while (entry := _next(tar, archive, last)) is not None:
                # It remembers all of them, for a way back that a stream does not have.
                tar.members.clear()  # type: ignore[attr-defined]
                last = entry.name
                if entry.isfile() and entry.size <= MAX_BYTES:
                    yield Member(entry.name.removeprefix("./"), _reader(tar, entry, archive))
    with _explained(archive, last):
        if not _has_end(archive):
            raise EOFError("it has no end mark")


def _next(tar: tarfile.TarFile, archive: Path, last: str) -> tarfile.TarInfo | None:
    with _explained(archive, last):
        return tar.next()


def _reader(tar: tarfile.TarFile, entry: tarfile.TarInfo, archive: Path) -> Callable[[], bytes]:
    def read() -> bytes:
        with _explained(archive, entry.name):
            stream = tar.extractfile(entry)
            content = b"" if stream is None else stream.read()
            if len(content) < entry.size:
                raise EOFError(f"{len(content)} of {entry.size} bytes")
        return content

    return read


@contextmanager
def _explained(archive: Path, last: str) -> Iterator[None]:
    """What the libraries say of an archive that is not whole, as one line."""
    try:
        yield
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        reason = " ".join(str(error).split())[:100]
        raise CorpusError(
            f"{archive}: the archive is cut off or damaged at {last[:120]} ({reason}): get it again, whole"
        ) from error
    except OSError as error:
        raise CorpusError(f"{archive}: cannot be read: {error.strerror or error}") from error


def _opened(archive: Path) -> io.BufferedIOBase:
    return gzip.GzipFile(archive) if _is_packed(archive) else archive.open("rb")


def _is_packed(archive: Path) -> bool:
    with archive.open("rb") as file:
        return file.read(2) == _GZIP


def _has_end(archive: Path) -> bool:
    """False for a plain archive without its end mark: one that is cut between two members looks whole otherwise.

    A packed one that is cut cannot be unpacked to its end.
    """
    if _is_packed(archive):
        return True
    with archive.open("rb") as file:
        file.seek(0, 2)
        file.seek(max(0, file.tell() - len(_END)))
        return file.read() == _END
