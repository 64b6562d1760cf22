"""``/api/library`` and ``/api/health``."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from chronomotion.version import __version__
from chronomotion.web.answers import json_answer
from chronomotion.web.messages import LibraryMessage
from chronomotion.web.problems import documented
from chronomotion.web.service import Service

__all__ = ["HealthMessage", "library_router"]


class HealthMessage(BaseModel):
    """The server answers."""

    status: str = Field("ok", examples=["ok"])


def library_router(service: Service) -> APIRouter:
    """What is served."""
    router = APIRouter(tags=["library"])

    def described() -> LibraryMessage:
        libraries = service.collection.libraries() if service.maker is not None else service.collection.searched()
        maker = None if service.maker is None else service.maker.facts.name
        return LibraryMessage.of(libraries, __version__, service.additions.names(), maker)

    @router.get("/api/library", response_model=LibraryMessage, responses=documented(404, 503), operation_id="library")
    async def library() -> Response:
        """Name, size and model of what is served, and queries to try."""
        return json_answer(await service.pool.run(described))

    @router.get("/api/health", response_model=HealthMessage, responses=documented(), operation_id="health")
    async def health() -> Response:
        """Whether the server answers; needs no token, and waits for no search."""
        return json_answer(HealthMessage(status="ok"))

    return router
