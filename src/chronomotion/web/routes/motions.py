"""``/api/motions``: a motion file to search with."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.datastructures import UploadFile
from starlette.responses import Response

from chronomotion.web.answers import json_answer
from chronomotion.web.messages import ReadingMessage, UploadMessage
from chronomotion.web.problems import ProblemError, documented
from chronomotion.web.service import Service

__all__ = ["PATH", "motions_router"]

PATH = "/api/motions"

_BLOCK = 2**20

_FORM: dict[str, Any] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {
                    "file": {"type": "string", "format": "binary", "description": "BVH, NPY, NPZ, GLB, glTF or VRMA."}
                },
            }
        }
    },
}


def motions_router(service: Service) -> APIRouter:
    """Sending motions."""
    router = APIRouter(tags=["motions"])

    @router.post(
        PATH,
        response_model=UploadMessage,
        responses=documented(415, 422, 501, 503),
        openapi_extra={"requestBody": _FORM},
        operation_id="send_motion",
    )
    async def send_motion(
        request: Request,
        fps: Annotated[float | None, Query(ge=1, le=1000, description="Where the file states no frame rate.")] = None,
    ) -> Response:
        """Send one motion file; its id can be searched with (`like`) until it expires."""
        if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
            raise ProblemError(415, "send the file as multipart/form-data, in the field file")
        async with request.form(max_files=1, max_fields=1) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise ProblemError(422, "there is no file in the field file")
            blocks = iter(partial(file.file.read, _BLOCK), b"")
            sent = await service.upload_pool.run(service.reader.read, blocks, file.filename or "", fps)
        motion = sent.motion
        return json_answer(
            UploadMessage(
                id=service.sent.add(motion),
                name=motion.name,
                frames=motion.frames,
                fps=motion.fps,
                duration=motion.duration,
                expires=service.sent.seconds,
                reading=ReadingMessage(**asdict(sent.reading)),
                notes=list(sent.doubts),
            )
        )

    return router
