"""Errors as JSON, RFC 9457: ``application/problem+json`` with type, title, status and detail."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from chronomotion.errors import ChronomotionError, ConfigError, FormatError

__all__ = ["Problem", "ProblemError", "add_problem_handlers", "documented", "problem_response"]

log = logging.getLogger(__name__)

_MEDIA_TYPE = "application/problem+json"
_SHOWN = 5
"""Faults of a request that one problem lists."""
_MEANINGS = {
    400: "The request cannot be read, or its Host header is missing.",
    401: "A token is needed: `Authorization: Bearer TOKEN`.",
    403: "The Host or the Origin is not one that this server answers, or nothing can be added here.",
    404: "There is no such clip, motion or page.",
    405: "The path does not know this method.",
    408: "The body took too long to arrive.",
    413: "The body is larger than the server reads.",
    415: "The body is of a kind that is not read here.",
    422: "A parameter, or the motion file, is not right; `detail` says which and why.",
    500: "A fault of the server; its log has more.",
    501: "The server's system cannot do this safely.",
    503: "Too much to do at the moment: `Retry-After` says in how many seconds to ask again.",
}


class Problem(BaseModel):
    """What went wrong, as RFC 9457 has it."""

    type: str = Field("about:blank", description="A kind of problem; about:blank: `title` says all.")
    title: str = Field(description="The status in words.", examples=["Not Found"])
    status: int = Field(description="The HTTP status.", examples=[404])
    detail: str = Field(description="What is wrong, in one line.", examples=["there is no clip '17'"])


class ProblemError(ChronomotionError):
    """A request that is answered with a problem."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, dict(headers or {})


def problem_response(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """The answer of a request that failed. ``detail`` becomes one line, and is never left out."""
    title = HTTPStatus(status).phrase
    line = " ".join(detail.encode("utf-8", "replace").decode().split()) or title
    body = Problem(type="about:blank", title=title, status=status, detail=line).model_dump_json()
    return Response(body, status, {"Cache-Control": "no-store", **(headers or {})}, _MEDIA_TYPE)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Entries of OpenAPI for these statuses, and for those that every path can answer with."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {"description": _MEANINGS[status], "content": {_MEDIA_TYPE: {"schema": schema}}}
        for status in sorted({400, 401, 403, 405, 408, 413, 500, *statuses})
    }


def add_problem_handlers(app: FastAPI) -> None:
    """Every error of the routes becomes a problem."""

    async def of_ours(_: Request, error: Exception) -> Response:
        if isinstance(error, ProblemError):
            return problem_response(error.status, error.detail, error.headers)
        if isinstance(error, ConfigError | FormatError):
            return problem_response(422, str(error))
        log.error("%s", error)  # a library or a model that cannot be read is for whoever runs the server
        return problem_response(500, "the library cannot be read; the server's log has more")

    async def of_parameters(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return problem_response(*_parameter_faults(error))

    async def of_http(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        detail = str(error.detail)
        if detail == HTTPStatus(error.status_code).phrase:
            detail = _MEANINGS.get(error.status_code, detail)
        return problem_response(error.status_code, detail, error.headers)

    async def of_anything(_: Request, __: Exception) -> Response:
        return problem_response(500, "an unexpected error; the server's log has more")

    app.add_exception_handler(ChronomotionError, of_ours)
    app.add_exception_handler(RequestValidationError, of_parameters)
    app.add_exception_handler(HTTPException, of_http)
    app.add_exception_handler(Exception, of_anything)


def _parameter_faults(error: RequestValidationError) -> tuple[int, str]:
    """(status, detail) of a request whose parameters or body are not right. What was sent is not repeated."""
    faults = [(".".join(map(str, fault["loc"])), str(fault["msg"])) for fault in error.errors()]
    if any(fault["type"] == "json_invalid" for fault in error.errors()):
        return 422, f"the body is no JSON: {faults[0][1]}"
    more = f"; and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
    return 422, "; ".join(f"{where}: {what}" for where, what in faults[:_SHOWN]) + more
