"""``/api/additions``: motion files that are added to a library."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from chronomotion.web.answers import json_answer
from chronomotion.web.messages import AdditionMessage
from chronomotion.web.problems import documented
from chronomotion.web.routes.sent_file import FILE_FORM, sent_file
from chronomotion.web.service import Service

__all__ = ["ADDITIONS_PATH", "additions_router"]

ADDITIONS_PATH = "/api/additions"


def additions_router(service: Service) -> APIRouter:
    """Adding to the libraries that are served."""
    router = APIRouter(tags=["additions"])

    @router.post(
        ADDITIONS_PATH,
        status_code=202,
        response_model=AdditionMessage,
        responses=documented(415, 422, 501, 503),
        openapi_extra=FILE_FORM,
        operation_id="add_motion",
    )
    async def add_motion(
        request: Request,
        library: Annotated[str | None, Query(max_length=300, description="Where several libraries are served.")] = None,
        fps: Annotated[float | None, Query(ge=1, le=1000, description="Where the file states no frame rate.")] = None,
    ) -> Response:
        """Add a motion file to a library; the answer comes when it has been read, and its id tells when it is in."""
        async with sent_file(request) as (blocks, name):
            addition = await service.upload_pool.run(service.additions.receive, blocks, name, library, fps)
        return json_answer(AdditionMessage.of(addition), 202)

    @router.get(
        ADDITIONS_PATH + "/{id}",
        response_model=AdditionMessage,
        responses=documented(404, 422, 503),
        operation_id="addition",
    )
    async def addition(
        addition_id: Annotated[str, Path(alias="id", max_length=100, description="Id of an addition.")],
    ) -> Response:
        """What has become of a file that was sent to be added."""
        return json_answer(AdditionMessage.of(service.additions.get(addition_id)))

    return router
