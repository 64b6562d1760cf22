"""The files of a generation: arrays that are written once, and rows that are appended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from chronomotion.atomic_write import disk_errors
from chronomotion.errors import FormatError

__all__ = ["append", "check_sizes", "mapped", "mapped_rows", "sizes", "write_array", "write_blocks"]


def write_array(path: Path, array: np.ndarray) -> None:
    """Write an array as .npy. Raises WriteError when the disk refuses."""
    write_blocks(path, array.dtype, array.shape, [array])


def write_blocks(path: Path, dtype: np.dtype, shape: tuple[int, ...], blocks: Iterable[np.ndarray]) -> None:
    """Write an array as .npy, block by block along its first axis. Raises WriteError when the disk refuses.

    Not through a memory map: a full disk would kill the process without a word.
    """
    with disk_errors(path), path.open("wb") as file:
        header = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)
        for block in blocks:
            file.write(np.ascontiguousarray(block, dtype).tobytes())


def mapped(path: Path) -> np.ndarray:
    """An array of :func:`write_blocks`, memory-mapped, without numpy's subclass for it, which costs time when cut."""
    array: np.ndarray = np.load(path, mmap_mode="r", allow_pickle=False).view(np.ndarray)
    return array


def append(path: Path, rows: np.ndarray, after: int) -> None:
    """Write rows behind the first ``after`` rows of a file, over what a killed writer may have left there.

    They count when the manifest says so. Raises WriteError when the disk refuses.
    """
    with disk_errors(path):
        path.parent.mkdir(exist_ok=True)
        path.touch()
        with path.open("r+b") as file:
            file.seek(after * rows.dtype.itemsize)
            file.write(rows.tobytes())


def mapped_rows(path: Path, dtype: np.dtype, count: int) -> np.ndarray:
    """The first rows of a file of :func:`append`, memory-mapped. Raises FormatError when it has not as many."""
    if not count:
        return np.empty(0, dtype)
    _check_size(path, count * dtype.itemsize, exact=False)
    return np.memmap(path, dtype, "r", shape=(count,)).view(np.ndarray)


def sizes(folder: Path) -> dict[str, int]:
    """The bytes of each file in a folder."""
    return {path.name: path.stat().st_size for path in sorted(folder.iterdir())}


def check_sizes(folder: Path, expected: Mapping[str, int]) -> None:
    """Raises FormatError when a file has other bytes than the manifest says, FileNotFoundError when there is none."""
    for name, size in expected.items():
        _check_size(folder / name, size, exact=True)


def _check_size(path: Path, expected: int, *, exact: bool) -> None:
    size = path.stat().st_size
    if size < expected or (exact and size > expected):
        raise FormatError(f"{size:,} bytes, not {expected:,} as index.json says: make the index again", str(path))
