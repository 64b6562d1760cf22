"""``/api/search``."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.responses import Response

from chronomotion.search.records import Sort
from chronomotion.web.answers import json_answer
from chronomotion.web.messages import QueryMessage, ResultMessage
from chronomotion.web.problems import ProblemError, documented
from chronomotion.web.service import Service

__all__ = ["query_of_parameters", "search_router"]

_EXAMPLES: Any = {"sentence": {"value": "a person walks, turns around, then sits"}}
_KNOWN = frozenset(
    {"q", "event", "not", "like", "start", "end", "order", "where", "sort", "top", "offset", "rerank", "fold"}
)


def query_of_parameters(
    request: Request,
    q: Annotated[str, Query(max_length=1000, description="A sentence.", openapi_examples=_EXAMPLES)] = "",
    event: Annotated[list[str] | None, Query(max_length=12, description="An event; repeat it, in order.")] = None,
    without: Annotated[
        list[str] | None, Query(alias="not", max_length=5, description="What motions should not show; repeatable.")
    ] = None,
    like: Annotated[str | None, Query(max_length=300, description="Id of a clip or of a sent motion.")] = None,
    start: Annotated[float | None, Query(ge=0, le=1e6, description="Of `like`: from here, in seconds.")] = None,
    end: Annotated[float | None, Query(ge=0, le=1e6, description="Of `like`: to here, in seconds.")] = None,
    order: Annotated[float, Query(ge=0, le=2, description="The order dial: 0 any order, 1 the model's.")] = 1.0,
    where: Annotated[str, Query(max_length=500, description='A filter: `duration < 8 and label = "walk"`.')] = "",
    sort: Annotated[Sort, Query(description="What results are ordered by.")] = "score",
    top: Annotated[int, Query(ge=1, le=100, description="How many clips are listed.")] = 10,
    offset: Annotated[int, Query(ge=0, le=1000, description="From which place on.")] = 0,
    rerank: Annotated[int, Query(ge=0, le=500, description="How many are ranked again.")] = 100,
    fold: Annotated[bool, Query(description="Clips with nearly the same motion are one result.")] = True,
) -> QueryMessage:
    """The query in the parameters of an address; a parameter that there is not is an error, for it may be a typo."""
    unknown = sorted(set(request.query_params) - _KNOWN)
    if unknown:
        raise ProblemError(
            422, f"query: there is no parameter {unknown[0][:50]!r}; known are {', '.join(sorted(_KNOWN))}"
        )
    if like is None and (start is not None or end is not None):
        raise ProblemError(422, "query: start and end are of like, the motion to search with")
    fields = {
        "text": q, "events": event or [], "without": without or [], "order": order, "where": where, "sort": sort,
        "top": top, "offset": offset, "rerank": rerank, "fold": fold,
        "like": None if like is None else {"path": like, "start": start, "end": end},
    }  # fmt: skip
    try:
        return QueryMessage.model_validate(fields)
    except ValidationError as error:
        raise RequestValidationError([{**fault, "loc": ("query", *fault["loc"])} for fault in error.errors()]) from None


def search_router(service: Service) -> APIRouter:
    """Searching, by the parameters of an address or by a query as JSON."""
    router = APIRouter(tags=["search"])
    responses = documented(404, 415, 422, 503)

    def searched(message: QueryMessage) -> ResultMessage:
        return ResultMessage.of(service.search(message.query()), service.collection)

    @router.get("/api/search", response_model=ResultMessage, responses=responses, operation_id="search")
    async def search(message: Annotated[QueryMessage, Depends(query_of_parameters)]) -> Response:
        """Clips that show what a sentence, or events in order, or another motion tells; best first."""
        return json_answer(await service.pool.run(searched, message))

    @router.post("/api/search", response_model=ResultMessage, responses=responses, operation_id="search_by_query")
    async def search_by_query(message: Annotated[QueryMessage, Body()]) -> Response:
        """The same, with the query as JSON."""
        return json_answer(await service.pool.run(searched, message))

    return router
