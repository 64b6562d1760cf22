"""Reading untrusted numpy files: .npy and .npz without pickle, sizes checked before memory is allocated."""

from __future__ import annotations

import io
import math
import shlex
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np

from chronomotion.errors import FormatError
from chronomotion.motion.formats.limits import MAX_BYTES, check_count, read_bytes

__all__ = ["Archive", "as_numbers", "explained", "read_npy"]

_MAX_MEMBERS = 1_000
_PEEK = 2**26
"""Bytes of a pickle that are searched for the names of MDM's fields."""


def read_npy(path: Path) -> np.ndarray[Any, np.dtype[Any]]:
    """The array of a .npy file; raises FormatError when it is damaged, above the limits, or holds objects."""
    raw = read_bytes(path)
    return _array(io.BytesIO(raw), len(raw), str(path))


@runtime_checkable
class _Stream(Protocol):
    """A file, a member of an archive, or bytes in memory."""

    def read(self, size: int = ..., /) -> bytes:
        """At most ``size`` bytes."""


class Archive:
    """An .npz file whose arrays are read one at a time, by name, when they are asked for."""

    def __init__(self, path: Path) -> None:
        """Read the list of members; raises FormatError when the file is no archive of arrays."""
        self.path = path
        raw = read_bytes(path)
        with explained(str(path), "not an npz archive"):
            self._zip = zipfile.ZipFile(io.BytesIO(raw))
            self._members = {info.filename.removesuffix(".npy"): info for info in self._zip.infolist()}
        check_count(len(self._members), _MAX_MEMBERS, "arrays", str(path))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the arrays."""
        return tuple(self._members)

    def __contains__(self, name: str) -> bool:
        """True when there is an array of this name."""
        return name in self._members

    def read(self, name: str) -> np.ndarray[Any, np.dtype[Any]]:
        """One array; raises FormatError, with file and field, when it is missing, damaged, too large or of objects."""
        where = f"{self.path}: {name}"
        info = self._members.get(name)
        if info is None:
            names = ", ".join(self.names)[:200]
            raise FormatError(f"there is no array {name!r}; the file has {names or 'nothing'}", str(self.path))
        check_count(info.file_size, MAX_BYTES, "bytes", where)
        with explained(where, "the array is damaged"):
            stream = self._zip.open(info)
        with stream:
            return _array(stream, info.file_size, where)

    def numbers(self, name: str, *shape: int | None) -> np.ndarray[Any, np.dtype[np.float64]]:
        """One array of numbers as float64, of the given shape (None: any length).

        Raises FormatError, with file and field, for another shape or another type.
        """
        array = self.read(name)
        where = f"{self.path}: {name}"
        fits = [want in (None, have) for want, have in zip(shape, array.shape, strict=False)]
        if array.ndim != len(shape) or not all(fits):
            expected = ", ".join("any" if want is None else str(want) for want in shape)
            raise FormatError(f"expected shape ({expected}), found {array.shape}", where)
        return as_numbers(array, where)

    def number(self, *names: str) -> float | None:
        """The first of several fields that exists, as one finite positive number; None when none exists."""
        for name in names:
            if name in self:
                array = self.read(name)
                value = float(array.reshape(-1)[0]) if array.size == 1 and array.dtype.kind in "iuf" else math.nan
                if not (math.isfinite(value) and value > 0):
                    raise FormatError("expected one positive number", f"{self.path}: {name}")
                return value
        return None

    def text(self, name: str) -> str:
        """A field as text; "" when it is missing or not text."""
        array = self.read(name) if name in self else np.zeros(0)
        if array.size != 1 or array.dtype.kind not in "US":
            return ""
        value = array.reshape(-1)[0]
        return value.decode("utf-8", errors="replace") if isinstance(value, bytes) else str(value)


def as_numbers(array: np.ndarray[Any, np.dtype[Any]], where: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    """An array as float64; raises FormatError when it holds anything but real numbers."""
    if array.dtype.kind not in "iuf":
        raise FormatError(f"expected numbers, found values of type {array.dtype}", where)
    # Damaged bytes make signalling NaNs, about which a cast would warn; the caller checks what is finite.
    with np.errstate(over="ignore", invalid="ignore"):
        return array.astype(np.float64)


def _array(stream: _Stream, size: int, where: str) -> np.ndarray[Any, np.dtype[Any]]:
    """One array in npy form from a stream of ``size`` bytes, its header checked before memory is allocated."""
    with explained(where, "not a numpy array"):
        version = np.lib.format.read_magic(stream)
        if version not in ((1, 0), (2, 0), (3, 0)):
            raise FormatError(f"numpy array format {version[0]}.{version[1]} is not known", where)
        # Versions 2 and 3 differ from each other only in the encoding of field names, which we refuse anyway.
        read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran, dtype = read_header(stream)
    if dtype.hasobject:
        way_out = _way_out(stream, shape, where)
        raise FormatError(f"holds Python objects (a pickle), which are never loaded: {way_out}", where)
    if any(length < 0 for length in shape) or dtype.itemsize == 0:
        raise FormatError(f"an array of shape {shape} and type {dtype} is not possible", where)
    wanted = math.prod(shape) * dtype.itemsize
    check_count(wanted, MAX_BYTES, "bytes", where)
    if wanted > size:
        raise FormatError(f"the header announces {wanted} bytes, but there are at most {size}: the file is cut", where)
    with explained(where, "not a numpy array"):
        data = stream.read(wanted)
        if len(data) != wanted:
            raise FormatError(f"the header announces {wanted} bytes, but {len(data)} follow: the file is cut", where)
        return np.frombuffer(data, dtype=dtype).reshape(shape, order="F" if fortran else "C")


def _way_out(stream: _Stream, shape: tuple[int, ...], where: str) -> str:
    """The command that turns a pickle into plain numbers, for a user who trusts the file: MDM's results.npy, a dict, an
    array."""
    load = "numpy.load(sys.argv[1], allow_pickle=True)"
    names = b"" if shape else stream.read(_PEEK)
    if b"motion" in names and b"lengths" in names:
        each = "numpy.save(f'motion_{i:03}.npy', m[..., :n])"
        code = f"r = {load}.item(); [{each} for i, (m, n) in enumerate(zip(r['motion'], r['lengths']))]"
    elif shape:
        code = f"numpy.save('motion.npy', {load}.astype(float))"
    else:
        code = f"numpy.savez('motion.npz', **{load}.item())"
    file = shlex.quote(where) if where.lower().endswith(".npy") else "FILE.npy"
    return f'save plain numbers, if you trust the file: python -c "import sys, numpy; {code}" {file}'


@contextmanager
def explained(where: str, what: str) -> Iterator[None]:
    """Turn any error of a parser about damaged bytes into a FormatError.

    zipfile, zlib, numpy and pygltflib raise a dozen kinds of exception on hostile input, some of them undocumented, and
    no list of them would stay complete; so here, and only here, everything is caught.
    """
    try:
        yield
    except FormatError:
        raise
    except Exception as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise FormatError(f"{what}: {reason}", where) from error
