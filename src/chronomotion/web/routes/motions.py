"""``/api/motions``: a motion file to search with."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from chronomotion.web.answers import json_answer
from chronomotion.web.messages import ReadingMessage, UploadMessage
from chronomotion.web.problems import documented
from chronomotion.web.routes.sent_file import FILE_FORM, sent_file
from chronomotion.web.service import Service

__all__ = ["PATH", "motions_router"]

PATH = "/api/motions"


def motions_router(service: Service) -> APIRouter:
    """Sending motions."""
    router = APIRouter(tags=["motions"])

    @router.post(
        PATH,
        response_model=UploadMessage,
        responses=documented(415, 422, 501, 503),
        openapi_extra=FILE_FORM,
        operation_id="send_motion",
    )
    async def send_motion(
        request: Request,
        fps: Annotated[float | None, Query(ge=1, le=1000, description="Where the file states no frame rate.")] = None,
    ) -> Response:
        """Send one motion file; its id can be searched with (`like`) until it expires."""
        async with sent_file(request) as (blocks, name):
            sent = await service.upload_pool.run(service.reader.read, blocks, name, fps)
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
