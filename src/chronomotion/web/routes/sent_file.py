"""The motion file in the body of a request."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from fastapi import Request
from python_multipart.exceptions import FormParserError
from starlette.datastructures import UploadFile

from chronomotion.web.problems import ProblemError

__all__ = ["FILE_FORM", "sent_file"]

_BLOCK = 2**20

FILE_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {
                            "type": "string",
                            "format": "binary",
                            "description": "BVH, NPY, NPZ, GLB, glTF or VRMA.",
                        }
                    },
                }
            }
        },
    }
}
"""For OpenAPI."""


@asynccontextmanager
async def sent_file(request: Request) -> AsyncIterator[tuple[Iterator[bytes], str]]:
    """The blocks of the file that a form holds, and the name under which it was sent.

    Raises ProblemError: 400 for a form that cannot be read, 415 for another kind of body, 422 for one without a file.
    """
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise ProblemError(415, "send the file as multipart/form-data, in the field file")
    try:
        form = await request.form(max_files=1, max_fields=1)
    except FormParserError as error:  # older versions of starlette let it through
        raise ProblemError(400, f"the form cannot be read: {error}") from error
    try:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise ProblemError(422, "there is no file in the field file")
        yield iter(partial(file.file.read, _BLOCK), b""), file.filename or ""
    finally:
        await form.close()
