"""A motion as bytes: the frames that a page draws, and what OpenAPI says of both frames and files."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import numpy as np
from fastapi import Request
from starlette.responses import Response

from chronomotion.motion.motion import Motion
from chronomotion.web.answers import bytes_answer

__all__ = ["BINARY", "FRAMES", "UNCHANGED", "disposition", "file_description", "frames_answer", "frames_bytes"]

BINARY = "application/octet-stream"
_MOST = float(np.finfo(np.float16).max)
_TEXT: dict[str, Any] = {"schema": {"type": "string"}}
_NUMBER: dict[str, Any] = {"schema": {"type": "number"}}
_BYTES: dict[str, Any] = {"content": {BINARY: {"schema": {"type": "string", "format": "binary"}}}}
UNCHANGED: dict[int | str, dict[str, Any]] = {
    304: {"description": "The client has the same already (`If-None-Match`)."}
}
FRAMES: dict[str, Any] = {
    "description": "float16, little-endian, (frames, 22 joints, 3 of x, y, z), in metres, y up.",
    "headers": {"X-Frames": _NUMBER, "X-Joints": _NUMBER, "X-Fps": _NUMBER, "ETag": _TEXT, "Cache-Control": _TEXT},
    **_BYTES,
}


def file_description(description: str, **numbers: str) -> dict[str, Any]:
    """The entry of OpenAPI for a file; ``numbers`` are further headers and what they say."""
    more = {name.replace("_", "-"): {**_NUMBER, "description": said} for name, said in numbers.items()}
    headers = {"Content-Disposition": _TEXT, **more, "ETag": _TEXT, "Cache-Control": _TEXT}
    return {"description": description, "headers": headers, **_BYTES}


def frames_bytes(motion: Motion) -> bytes:
    """Positions as float16, little-endian, (frames, joints, 3)."""
    content: bytes = np.clip(motion.positions, -_MOST, _MOST).astype("<f2").tobytes()
    return content


def frames_answer(request: Request, content: bytes, motion: Motion) -> Response:
    """The bytes of a motion's positions, with their shape in the headers."""
    shape = {"X-Frames": str(motion.frames), "X-Joints": str(len(motion.skeleton)), "X-Fps": f"{motion.fps:g}"}
    return bytes_answer(request, content, BINARY, shape)


def disposition(name: str, suffix: str) -> str:
    """Content-Disposition of a file to be saved under a name."""
    return f"attachment; filename*=UTF-8''{quote(name.replace('/', '_'), safe='')}{suffix}"
