"""``/api/clips/{id}``: a clip, its frames, its file, when events happen in it, what it could be called."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from chronomotion.motion.formats.bvh_write import bvh_bytes
from chronomotion.motion.motion import Motion
from chronomotion.web.answers import bytes_answer, json_answer, json_list_answer
from chronomotion.web.limits import MIB
from chronomotion.web.messages import CaptionMessage, ClipMessage, EventMessage, OrderMessage, QueryMessage
from chronomotion.web.motion_answers import (
    BINARY,
    FRAMES,
    UNCHANGED,
    disposition,
    file_description,
    frames_answer,
    frames_bytes,
)
from chronomotion.web.problems import ProblemError, documented
from chronomotion.web.routes.search import query_of_parameters
from chronomotion.web.service import Service

__all__ = ["clips_router"]

ClipPath = Annotated[str, Path(alias="id", max_length=300, description="Id of a clip, as a search gives it.")]
MotionPath = Annotated[str, Path(alias="id", max_length=300, description="Id of a clip or of a sent motion.")]

_LARGEST_FILE = 256 * MIB
_FILE = file_description(
    "BVH: the file that was indexed where it is one and is still there, else written anew.",
    X_Offset="Seconds of the file before the clip begins.",
)


def clips_router(service: Service) -> APIRouter:
    """Everything about one clip."""
    router = APIRouter(tags=["clips"])

    answers = _ClipAnswers(service)
    errors = documented(404, 422, 503)

    @router.get("/api/clips/{id}", response_model=ClipMessage, responses=errors, operation_id="clip")
    async def clip(clip_id: ClipPath) -> Response:
        """A clip: name, length, captions."""
        return json_answer(await service.pool.run(answers.described, clip_id))

    @router.get(
        "/api/clips/{id}/frames",
        response_class=Response,
        responses={200: FRAMES, **UNCHANGED, **errors},
        operation_id="frames",
    )
    async def frames(request: Request, clip_id: MotionPath) -> Response:
        """Where the joints are in every frame, for drawing."""
        content, motion = await service.pool.run(answers.framed, clip_id)
        return frames_answer(request, content, motion)

    @router.get(
        "/api/clips/{id}/file",
        response_class=Response,
        responses={200: _FILE, **UNCHANGED, **errors},
        operation_id="file",
    )
    async def file(request: Request, clip_id: MotionPath) -> Response:
        """The clip as a BVH file; it begins `X-Offset` seconds after the start of the file."""
        content, name, offset = await service.pool.run(answers.filed, clip_id)
        about = {"Content-Disposition": disposition(name, ".bvh"), "X-Offset": f"{offset:g}"}
        return bytes_answer(request, content, BINARY, about)

    @router.get("/api/clips/{id}/events", response_model=list[EventMessage], responses=errors, operation_id="events")
    async def events(clip_id: ClipPath, message: Annotated[QueryMessage, Depends(query_of_parameters)]) -> Response:
        """When the events of `q` (or of `event`, repeated) happen in a clip."""
        return json_list_answer(await service.pool.run(answers.located, clip_id, in_words(message)))

    @router.get("/api/clips/{id}/orders", response_model=list[OrderMessage], responses=errors, operation_id="orders")
    async def orders(clip_id: ClipPath, message: Annotated[QueryMessage, Depends(query_of_parameters)]) -> Response:
        """How well a clip fits every order of the events of `q` (or of `event`, repeated), best first."""
        return json_list_answer(await service.pool.run(answers.ordered, clip_id, in_words(message)))

    @router.get(
        "/api/clips/{id}/captions", response_model=list[CaptionMessage], responses=errors, operation_id="captions"
    )
    async def captions(clip_id: ClipPath) -> Response:
        """Sentences that fit a clip, best first."""
        return json_list_answer(await service.pool.run(answers.captioned, clip_id))

    return router


def in_words(message: QueryMessage) -> QueryMessage:
    """The query. Raises ProblemError, status 422, for one that asks by a motion: its events are not told."""
    if message.like is not None:
        raise ProblemError(422, "query: events are told in words (q, event), not by another motion")
    return message


class _ClipAnswers:
    """What is answered about one clip; called on the threads of searches."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def described(self, clip_id: str) -> ClipMessage:
        """The clip's record."""
        _, clip = self._service.collection.clip(clip_id)
        return ClipMessage.of(clip, clip_id)

    def framed(self, clip_id: str) -> tuple[bytes, Motion]:
        """Its positions as bytes, and the motion."""
        motion = self._service.motion(clip_id)
        return frames_bytes(motion), motion

    def filed(self, clip_id: str) -> tuple[bytes, str, float]:
        """Its BVH file, its name, and the seconds in the file before it begins."""
        kept = self._service.kept_motion(clip_id)
        if kept is not None:
            return bvh_bytes(kept), kept.name, 0.0
        library, clip = self._service.collection.clip(clip_id)
        original = library.file(clip.number)
        if original is not None and original.suffix.lower() == ".bvh":
            try:
                if original.stat().st_size <= _LARGEST_FILE:
                    return original.read_bytes(), clip.name, library.offset(clip.number)
            except OSError:
                pass  # it went away meanwhile
        return bvh_bytes(replace(library.motion(clip.number), name=clip.name)), clip.name, 0.0

    def located(self, clip_id: str, message: QueryMessage) -> list[EventMessage]:
        """When events happen in it."""
        library, clip = self._service.collection.clip(clip_id)
        return [EventMessage.of(match) for match in library.locate(message.query(), clip.number)]

    def ordered(self, clip_id: str, message: QueryMessage) -> list[OrderMessage]:
        """How well the clip fits every order of the events of a query."""
        library, clip = self._service.collection.clip(clip_id)
        return [OrderMessage.of(order) for order in library.orders(message.query(), clip.number)]

    def captioned(self, clip_id: str) -> list[CaptionMessage]:
        """Sentences that fit it."""
        library, clip = self._service.collection.clip(clip_id)
        parts = library.captions(clip.number)
        return [CaptionMessage.of(match, part.span) for part in parts for match in part.captions]
