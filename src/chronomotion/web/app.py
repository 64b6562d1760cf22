"""The application: routes, and what every request passes on its way to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from chronomotion.version import __version__
from chronomotion.web.access_log import AccessLog
from chronomotion.web.generating.mmcp.mounting import MMCP_PATH, mmcp_app
from chronomotion.web.generating.routes import generating_router
from chronomotion.web.limits import BodyLimit
from chronomotion.web.problems import Problem, add_problem_handlers
from chronomotion.web.routes.additions import ADDITIONS_PATH, additions_router
from chronomotion.web.routes.clips import clips_router
from chronomotion.web.routes.library import library_router
from chronomotion.web.routes.motions import PATH, motions_router
from chronomotion.web.routes.page import add_page
from chronomotion.web.routes.search import search_router
from chronomotion.web.security import HostAndOrigin, SafeHeaders, TokenCheck
from chronomotion.web.service import Service

__all__ = ["Access", "create_app"]

_DESCRIPTION = "Search a library of human motion by what happens in it, and in which order; have motion made from text."
_READABLE = ["ETag", "Retry-After", "X-Fps", "X-Frames", "X-Joints"]
"""Headers that pages of other origins may read."""


@dataclass(frozen=True)
class Access:
    """Who may ask: with ``token``, where there is one; under loopback names and ``hosts``, with ``any_address`` under
    every address; pages of ``origins``.
    """

    token: str | None = None
    hosts: Sequence[str] = ()
    origins: Sequence[str] = ()
    any_address: bool = False


def create_app(service: Service, access: Access = Access()) -> ASGIApp:
    """The ASGI application. Closing the service is the caller's."""
    app = FastAPI(
        title="Chronomotion",
        version=__version__,
        description=_DESCRIPTION,
        openapi_url="/api/openapi.json",
        docs_url=None,  # the viewers of FastAPI load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
    )
    add_problem_handlers(app)
    for router in (library_router, search_router, clips_router, motions_router, additions_router):
        app.include_router(router(service))
    app.include_router(generating_router(service.generations, service.pool))
    if service.generations is not None:
        app.mount(MMCP_PATH, mmcp_app(service.generations, service.pool))
    add_page(app)
    app.openapi = lambda: _described(app, access)  # type: ignore[method-assign]
    layered: ASGIApp = BodyLimit(app, service.limits, frozenset({PATH, ADDITIONS_PATH}))
    if access.token is not None:
        layered = TokenCheck(layered, access.token)
    if access.origins:
        layered = CORSMiddleware(
            layered,
            allow_origins=access.origins,
            allow_methods=["DELETE", "GET", "POST"],
            allow_headers=["Authorization", "Content-Type"],
            expose_headers=_READABLE,
        )
    layered = HostAndOrigin(layered, access.hosts, access.origins, any_address=access.any_address)
    return SafeHeaders(AccessLog(layered))


def _described(app: FastAPI, access: Access) -> dict[str, Any]:
    """OpenAPI, with the form that problems have, and how to send the token."""
    if app.openapi_schema is None:
        schema = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes, tags=None
        )
        schemas = schema["components"]["schemas"]
        schemas["Problem"] = Problem.model_json_schema()
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        if access.token is not None:
            schema["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
            schema["security"] = [{"token": []}]
            schema["paths"]["/api/health"]["get"]["security"] = []
        app.openapi_schema = schema
    return app.openapi_schema
