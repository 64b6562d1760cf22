"""``/api/generate``: motions made from text."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Body, Query, Request
from fastapi import Path as InPath
from starlette.responses import Response

from chronomotion.motion.formats.writing import motion_bytes
from chronomotion.motion.motion import Motion
from chronomotion.web.answers import bytes_answer, json_answer
from chronomotion.web.generating.generations import Generations
from chronomotion.web.generating.messages import (
    BegunMessage,
    GenerationMessage,
    GeneratorMessage,
    PlanMessage,
    PlannedMessage,
    WishMessage,
    checked_plan,
)
from chronomotion.web.motion_answers import (
    BINARY,
    FRAMES,
    UNCHANGED,
    disposition,
    file_description,
    frames_answer,
    frames_bytes,
)
from chronomotion.web.pool import BoundedPool
from chronomotion.web.problems import ProblemError, documented

__all__ = ["generating_router"]

GenerationPath = Annotated[str, InPath(alias="id", max_length=300, description="Id of a generation.")]
NumberPath = Annotated[int, InPath(alias="n", ge=0, le=1000, description="Number of the variant, from 0.")]
FileFormat = Annotated[Literal["bvh", "glb", "npz"], Query(description="Kind of file.")]

_FILE = file_description("The motion as a file: BVH and GLB for animation programs, NPZ for numpy.")
_NO_GENERATOR = "this server generates no motion: start it with --generate FOLDER"


def generating_router(generations: Generations | None, pool: BoundedPool) -> APIRouter:
    """Making motions. What takes a moment, splitting sentences and writing files, is done by ``pool``."""
    router = APIRouter(tags=["generate"])
    there = documented(404, 422, 503)

    def ready() -> Generations:
        if generations is None:
            raise ProblemError(404, _NO_GENERATOR)
        return generations

    def planned(message: PlanMessage) -> PlannedMessage:
        return PlannedMessage.of(checked_plan(ready().maker, message.wish()))

    def begun(message: WishMessage) -> str:
        return ready().begin(message.wishes(), checked_plan(ready().maker, message.wish()))

    def variant(generation_id: str, number: int) -> Motion:
        return ready().get(generation_id).variant(number).motion

    def framed(generation_id: str, number: int) -> tuple[bytes, Motion]:
        motion = variant(generation_id, number)
        return frames_bytes(motion), motion

    def filed(generation_id: str, number: int, suffix: str) -> tuple[bytes, str]:
        motion = variant(generation_id, number)
        return motion_bytes(motion, suffix), motion.name or f"motion_{number}"

    @router.get(
        "/api/generate/about", response_model=GeneratorMessage, responses=documented(404, 503), operation_id="generator"
    )
    async def about() -> Response:
        """The generator, and how long a motion may be."""
        return json_answer(GeneratorMessage.of(ready().maker.facts))

    @router.post("/api/generate/plan", response_model=PlannedMessage, responses=there, operation_id="plan")
    async def plan(message: Annotated[PlanMessage, Body()]) -> Response:
        """The events of a sentence, and how long each is going to last where nobody says so."""
        return json_answer(await pool.run(planned, message))

    @router.post(
        "/api/generate", response_model=BegunMessage, status_code=202, responses=there, operation_id="generate"
    )
    async def generate(message: Annotated[WishMessage, Body()]) -> Response:
        """Have variants of a motion made; ask for them under the id that is answered."""
        generation_id = await pool.run(begun, message)
        answer = json_answer(BegunMessage(id=generation_id), 202)
        answer.headers["Location"] = f"/api/generate/{generation_id}"
        return answer

    @router.get("/api/generate/{id}", response_model=GenerationMessage, responses=there, operation_id="generation")
    async def generation(generation_id: GenerationPath) -> Response:
        """How far a generation is, and the variants that are there."""
        return json_answer(GenerationMessage.about(generation_id, ready().get(generation_id)))

    @router.delete("/api/generate/{id}", status_code=204, responses=there, operation_id="cancel_generation")
    async def cancel(generation_id: GenerationPath) -> Response:
        """Forget a generation; what is not made yet is not going to be."""
        ready().cancel(generation_id)
        return Response(None, 204)

    @router.get(
        "/api/generate/{id}/{n}/frames",
        response_class=Response,
        responses={200: FRAMES, **UNCHANGED, **there},
        operation_id="generated_frames",
    )
    async def frames(request: Request, generation_id: GenerationPath, number: NumberPath) -> Response:
        """Where the joints of a variant are in every frame, for drawing."""
        content, motion = await pool.run(framed, generation_id, number)
        return frames_answer(request, content, motion)

    @router.get(
        "/api/generate/{id}/{n}/file",
        response_class=Response,
        responses={200: _FILE, **UNCHANGED, **there},
        operation_id="generated_file",
    )
    async def file(
        request: Request,
        generation_id: GenerationPath,
        number: NumberPath,
        kind: Annotated[FileFormat, Query(alias="format")] = "bvh",
    ) -> Response:
        """A variant as a file."""
        content, name = await pool.run(filed, generation_id, number, f".{kind}")
        return bytes_answer(request, content, BINARY, {"Content-Disposition": disposition(name, f".{kind}")})

    return router
