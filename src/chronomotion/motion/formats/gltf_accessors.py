"""Arrays in a glTF file: accessors, the views they look through, and the buffers where the bytes are."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
from jaxtyping import Float

from chronomotion.errors import FormatError
from chronomotion.motion.formats.limits import MAX_BYTES, MAX_NUMBERS, check_count, read_bytes
from chronomotion.names import path_below

__all__ = ["Accessors", "index_of"]

_TYPES = {5120: "<i1", 5121: "<u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
_WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}


def index_of(value: object, count: int, what: str, where: str) -> int:
    """An index below ``count``; raises FormatError at ``where`` for anything else."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < count:
        raise FormatError(f"{what} {str(value)[:40]} is not there: the file has {count}", where)
    return value


class Accessors:
    """The arrays of one file, read on demand."""

    def __init__(self, gltf: Any, path: Path, blob: bytes | None) -> None:
        """``gltf`` is what pygltflib has read; ``blob`` the bytes that a GLB carries itself."""
        self._gltf, self._path, self._blob = gltf, path, blob
        self._buffers: dict[int, bytes] = {}

    def numbers(self, index: object) -> Float[np.ndarray, "count width"]:
        """One accessor as float64, integers that stand for shares as shares.

        Raises FormatError when it is not there, compressed, or reaches out of its buffer.
        """
        at = index_of(index, len(self._gltf.accessors), "accessor", str(self._path))
        accessor, where = self._gltf.accessors[at], f"{self._path}: accessor {at}"
        width = _WIDTHS.get(accessor.type, 0)
        count = self._whole(accessor.count, "count", where)
        if not width or not count:
            raise FormatError(f"{count} values of type {str(accessor.type)[:20]!r} cannot be an animation", where)
        check_count(count * width, MAX_NUMBERS, "numbers", where)
        if accessor.bufferView is None:
            values = np.zeros((count, width))
        else:
            values = self._view(accessor.bufferView, accessor.byteOffset, accessor.componentType, (count, width), where)
        if accessor.sparse is not None:
            values = self._with_sparse(values, accessor, where)
        return _shares(values, accessor.componentType) if accessor.normalized else values

    def _with_sparse(
        self, values: Float[np.ndarray, "count width"], accessor: Any, where: str
    ) -> Float[np.ndarray, "count width"]:
        """The values with those replaced that the accessor lists one by one."""
        sparse = accessor.sparse
        count = self._whole(sparse.count, "sparse count", where)
        check_count(count, len(values), "sparse values", where)
        places, others = sparse.indices, sparse.values
        rows = self._view(places.bufferView, places.byteOffset, places.componentType, (count, 1), where)[:, 0]
        if count and not rows.max() < len(values):
            raise FormatError(f"a sparse value for place {rows.max():g}, but there are {len(values)}", where)
        replaced = values.copy()
        shape = (count, values.shape[1])
        replaced[rows.astype(np.int64)] = self._view(
            others.bufferView, others.byteOffset, accessor.componentType, shape, where
        )
        return replaced

    def _view(
        self, index: object, offset: object, component: object, shape: tuple[int, int], where: str
    ) -> Float[np.ndarray, "count width"]:
        """Numbers that a view shows, as float64."""
        view = self._gltf.bufferViews[index_of(index, len(self._gltf.bufferViews), "view", where)]
        if any("compression" in str(name) for name in view.extensions or {}):
            raise FormatError("compressed (meshopt), which is not read: save it without compression", where)
        if component not in _TYPES:
            raise FormatError(f"component type {str(component)[:20]} is not known", where)
        kind = np.dtype(_TYPES[component])
        item = kind.itemsize * shape[1]
        stride = self._whole(view.byteStride or item, "stride", where)
        first = self._whole(offset or 0, "offset", where)
        length = self._whole(view.byteLength, "length of the view", where)
        begin = self._whole(view.byteOffset or 0, "offset of the view", where)
        buffer = self._buffer(view.buffer, where)
        reach = first + stride * (shape[0] - 1) + item if shape[0] else 0
        if stride < kind.itemsize or reach > length or begin + length > len(buffer):
            raise FormatError(
                f"{reach} bytes from {begin} on are needed, but the view has {length} and the buffer {len(buffer)}: "
                "the file is cut",
                where,
            )
        raw = np.ndarray(shape, kind, buffer, begin + first, (stride, kind.itemsize))
        with np.errstate(invalid="ignore"):
            return raw.astype(np.float64)

    def _buffer(self, index: object, where: str) -> bytes:
        """The bytes of a buffer: in the GLB itself, in the JSON, or in a file beside it."""
        at = index_of(index, len(self._gltf.buffers), "buffer", where)
        if at not in self._buffers:
            self._buffers[at] = self._loaded(self._gltf.buffers[at].uri, where)
        return self._buffers[at]

    def _loaded(self, uri: object, where: str) -> bytes:
        if uri is None:
            if self._blob is None:
                raise FormatError("the bytes of the buffer are missing: save the file as .glb", where)
            return self._blob
        if not isinstance(uri, str):
            raise FormatError("the address of the buffer is not text", where)
        if not uri.startswith("data:"):
            beside = path_below(self._path.parent.resolve(), unquote(uri), where)
            if not beside.is_file():
                raise FormatError(f"its bytes belong in {beside.name!r} beside it, but there is no such file", where)
            return read_bytes(beside)
        try:
            return base64.b64decode(uri.partition(",")[2], validate=False)
        except (binascii.Error, ValueError) as error:
            raise FormatError(f"the bytes of the buffer are damaged: {error}", where) from error

    @staticmethod
    def _whole(value: object, what: str, where: str) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_BYTES:
            raise FormatError(f"{what} {str(value)[:40]} is not possible", where)
        return value


def _shares(values: Float[np.ndarray, "count width"], component: int) -> Float[np.ndarray, "count width"]:
    """Integers as shares of the largest one."""
    kind = np.dtype(_TYPES[component])
    if kind.kind == "f":
        return values
    shares: Float[np.ndarray, "count width"] = np.maximum(values / float(np.iinfo(kind).max), -1.0)
    return shares
