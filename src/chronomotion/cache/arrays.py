"""Arrays by key, a safetensors file each."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from chronomotion.atomic_write import atomic_write, sweep_once

__all__ = ["ArrayCache", "Entry"]

_SUFFIX = ".safetensors"
_DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "U8": "|u1", "BOOL": "|b1"}
_LONGEST_HEADER = 100 << 20


@dataclass(frozen=True)
class Entry:
    """What is kept under a key: arrays by name, memory-mapped and read-only, and what is told about them."""

    arrays: dict[str, np.ndarray]
    about: Any


class ArrayCache:
    """A folder with a file for every key. A key is a file name: what the content depends on, as a hash.

    A file appears whole or not at all. One that was cut, or is no file of ours, counts as missing, and is written
    again. Threads and processes may share a folder: at the worst both make the same entry. What killed processes left
    in the folder is removed at the start: where every key is there already, nothing would be written that removes it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        sweep_once(folder)

    def path(self, key: str) -> Path:
        """The file of a key, whether it is there or not."""
        return self.folder / f"{key}{_SUFFIX}"

    def __contains__(self, key: str) -> bool:
        return self.path(key).is_file()

    def keys(self) -> Iterator[str]:
        """All keys, sorted."""
        return (path.stem for path in sorted(self.folder.glob(f"[!.]*{_SUFFIX}")))

    def get(self, key: str) -> Entry | None:
        """What is kept under the key, or None."""
        try:
            return _read(self.path(key))
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError, struct.error):
            return None

    def add(self, key: str, arrays: Mapping[str, np.ndarray], about: Any = None) -> None:
        """Keep arrays, and any JSON value ``about`` them. Raises WriteError when the folder cannot be written to."""
        whole = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
        with atomic_write(self.path(key)) as part:
            save_file(whole, part, metadata={"about": json.dumps(about, ensure_ascii=False)})


def _read(path: Path) -> Entry:
    """The header says where in the file each array lies; nothing but the header is read here."""
    with path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        if length > _LONGEST_HEADER:
            raise ValueError("not a safetensors file")
        header = json.loads(file.read(length))
    about = json.loads(header.pop("__metadata__")["about"])
    size, begin = path.stat().st_size, 8 + length
    arrays = {}
    for name, info in header.items():
        dtype, (first, last) = np.dtype(_DTYPES[info["dtype"]]), info["data_offsets"]
        shape = tuple(info["shape"])
        if not 0 <= first <= last <= size - begin:
            raise ValueError("the file is cut")
        if last - first != math.prod(shape) * dtype.itemsize:
            raise ValueError("the header contradicts itself")
        empty = first == last
        arrays[name] = np.empty(shape, dtype) if empty else np.memmap(path, dtype, "r", begin + first, shape)
    return Entry(arrays, about)
