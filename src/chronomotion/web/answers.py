"""Answers in their forms: JSON in which numbers that are none are null, and bytes that a browser may keep."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from fastapi import Request
from pydantic import BaseModel, TypeAdapter
from starlette.responses import Response

__all__ = ["bytes_answer", "json_answer", "json_list_answer"]

_KEPT = "private, max-age=3600"
"""An hour; then the browser asks whether it is still the same."""


def json_answer(message: BaseModel, status: int = 200) -> Response:
    """A message as JSON."""
    return Response(message.model_dump_json(), status, media_type="application/json")


def json_list_answer(messages: Sequence[BaseModel]) -> Response:
    """Messages as a JSON list."""
    return Response(TypeAdapter(list[BaseModel]).dump_json(list(messages), serialize_as_any=True), 200,
                    media_type="application/json")  # fmt: skip


def bytes_answer(request: Request, content: bytes, media_type: str, headers: Mapping[str, str]) -> Response:
    """Bytes with an ETag of their content; 304 where the client has the same."""
    tag = f'"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'
    kept = {**headers, "ETag": tag, "Cache-Control": _KEPT}
    if _has(request.headers.get("if-none-match", ""), tag):
        return Response(None, 304, kept)
    return Response(content, 200, kept, media_type)


def _has(condition: str, tag: str) -> bool:
    """Whether If-None-Match names the tag, compared weakly as RFC 9110 has it."""
    tags = {part.strip().removeprefix("W/") for part in condition.split(",")}
    return "*" in tags or tag in tags
