"""The generator as the SDK of MMCP wants it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from math import ceil
from typing import Any

import numpy as np
from jaxtyping import Float
from motionmcp import Backbone, GenerateRequest, Joint, ModelSpec, MotionResult, ProtocolError, Skeleton
from motionmcp.backbone import Limits as SpecLimits
from motionmcp.errors import retargeting_unsupported
from motionmcp.gltf import matrices_to_quats
from motionmcp.schemas import ModelOption
from motionmcp.trajectory import compute_trajectories
from pydantic import TypeAdapter, ValidationError

from chronomotion.errors import ConfigError
from chronomotion.motion.motion import Motion
from chronomotion.web.generating.generations import Generation, Generations
from chronomotion.web.generating.maker import MotionPlan, MotionWish
from chronomotion.web.generating.messages import checked_plan
from chronomotion.web.generating.mmcp.canonical import CANONICAL, local_rotations
from chronomotion.web.messages import Text
from chronomotion.web.pool import BoundedPool
from chronomotion.web.problems import ProblemError

__all__ = ["GeneratorBackbone"]

_RATES = (1.0, 240.0)
"""Frames a second that motion is given at."""
_MOST_GUIDANCE = 20.0
_BATCH = 4
_SAME = 1e-3
"""Metres, and parts of a quaternion, by which a skeleton may differ from the canonical one."""
_IGNORED = {"diffusion_steps": "it says its motion code by code", "transition_frames": "events are made in one go"}
_PROMPT = TypeAdapter(Text)


class GeneratorBackbone(Backbone):  # type: ignore[misc] # the SDK has no types
    """A :class:`motionmcp.Backbone` of a generator; ``pool`` splits sentences and turns joints meanwhile."""

    def __init__(self, generations: Generations, pool: BoundedPool) -> None:
        self._generations, self._pool = generations, pool
        self.model_id = generations.maker.facts.name

    def capabilities(self) -> ModelSpec:
        """What the generator can do, and nothing more."""
        return self._spec

    @cached_property
    def _spec(self) -> ModelSpec:
        facts, limits = self._generations.maker.facts, self._generations.limits
        return ModelSpec(
            id=self.model_id,
            fps=facts.fps,
            canonical_skeleton=_skeleton(),
            supported_segments=["text"],
            supported_constraints=[],
            supported_guidance_types=["nocfg", "regular"],
            model_options=_model_options(facts.temperature, facts.top_p),
            native_clip_seconds=facts.stretch,
            recommended_max_duration_seconds=facts.stretch,
            chunking="stitched" if facts.stretch < facts.seconds_limit else "none",
            limits=SpecLimits(
                max_duration_seconds=facts.seconds_limit,
                max_num_samples=limits.variants,
                max_constraints_per_request=0,
                max_prompt_length=1000,
                max_request_bytes=limits.json_bytes,
                max_batch_size=_BATCH,
            ),
        )

    async def generate(self, request: GenerateRequest) -> MotionResult:
        """Motion for a request that the SDK has checked. Raises ProtocolError."""
        try:
            wishes, plan = await self._pool.run(self._wishes, request)
            generation, future = self._generations.run(wishes, plan)
            try:
                await asyncio.wrap_future(future)
            finally:
                self._generations.stop(generation)
            return await self._pool.run(self._result, request, generation)
        except ConfigError as error:
            raise ProtocolError("invalid_options", str(error)) from error
        except ProblemError as error:
            raise ProtocolError("resource_exhausted", error.detail) from error

    def _wishes(self, request: GenerateRequest) -> tuple[list[MotionWish], MotionPlan]:
        """A wish for every sample: segments are events, or several where a prompt tells several."""
        _check_skeleton(request.skeleton)
        fps = request.fps(self._spec.fps)
        if not _RATES[0] <= fps <= _RATES[1]:
            raise ConfigError(f"timing.fps is from {_RATES[0]:g} to {_RATES[1]:g}, not {fps:g}")
        parts = [self._part(*segment) for segment in self._timed(request.segments, fps)]
        events = tuple(event for part in parts for event in part.events)
        seconds = tuple(each for part in parts for each in part.seconds or ())
        text = " ".join(segment.prompt.strip() for segment in request.segments)
        wish = MotionWish(text, events, seconds, **_settings(request.options))
        plan = checked_plan(self._generations.maker, wish)
        first, count = _seed(request.options), request.options.num_samples if request.options else 1
        return [replace(wish, seed=first + number) for number in range(count)], plan

    def _timed(self, segments: Sequence[Any], fps: float) -> Iterator[tuple[str, str, float]]:
        """(place, prompt, seconds) of each segment, in whole steps of the generator: the last one is not shorter than
        what is asked for, and what it is longer is cut off at the end.
        """
        step, frames, before = self._generations.maker.facts.step, 0, 0
        for number, segment in enumerate(segments):
            place = f"segments.{number}"
            prompt = _checked_prompt(segment, place)
            frames += segment.duration_frames
            steps = frames / fps / step
            after = max(before + 1, ceil(steps - 1e-6) if number == len(segments) - 1 else round(steps))
            yield place, prompt, (after - before) * step
            before = after

    def _part(self, place: str, prompt: str, seconds: float) -> MotionPlan:
        """The events of a segment, which share its seconds as the generator would have them."""
        maker = self._generations.maker
        try:
            events = maker.plan(MotionWish(prompt)).events
            if len(events) == 1:
                return MotionPlan(events, (seconds,))
            return maker.plan(MotionWish(prompt, events, seconds))
        except ConfigError as error:
            raise ConfigError(f"{place}: {error}") from error

    def _result(self, request: GenerateRequest, generation: Generation) -> MotionResult:
        """The motions on the canonical skeleton, at the rate and of the length that were asked for."""
        if generation.problem is not None:
            raise ProtocolError("internal_error", generation.problem)
        if len(generation.made) < len(generation.wishes):
            raise ProtocolError("model_unavailable", "the server is ending")
        fps = request.fps(self._spec.fps)
        sampled = [_sampled(made.motion, fps, request.total_frames) for made in generation.made]
        rotations, roots = (np.stack(parts) for parts in zip(*sampled, strict=True))
        names = [joint.name for joint in CANONICAL]
        trajectories = compute_trajectories(
            skeleton=request.skeleton.model_dump(mode="json"),
            joint_names=names,
            rotations_quat=rotations,
            root_translations=roots,
            fps=fps,
            loop=False,
        )
        return MotionResult(
            rotations=rotations,
            root_translations=roots,
            trajectories=trajectories,
            notes=_notes(request.options),
        )


def _skeleton() -> Skeleton:
    unturned = (0.0, 0.0, 0.0, 1.0)
    return Skeleton(
        joints=[
            Joint(
                name=joint.name,
                parent=CANONICAL[joint.parent].name if joint.parent >= 0 else None,
                rest_translation=tuple(round(float(value), 6) for value in joint.offset),
                rest_rotation=unturned,
            )
            for joint in CANONICAL
        ]
    )


def _model_options(temperature: float, top_p: float) -> list[ModelOption]:
    """The dials of the generator that the protocol has no word for."""
    return [
        ModelOption(
            name="temperature",
            type="number",
            title="Temperature",
            description="Below 1 motions are more alike, above it wilder.",
            default=temperature,
            minimum=0.05,
            maximum=4.0,
        ),
        ModelOption(
            name="top_p",
            type="number",
            title="Top-p",
            description="Of the possible codes the most probable ones, whose probabilities sum to this.",
            default=top_p,
            minimum=0.01,
            maximum=1.0,
        ),
    ]


def _check_skeleton(sent: Skeleton) -> None:
    """The SDK compares names; rotations for other bones would put the joints elsewhere. Raises ProtocolError."""
    for joint, ours in zip(sent.joints, _skeleton().joints, strict=True):
        numbers, right = (np.array([*each.rest_translation, *each.rest_rotation]) for each in (joint, ours))
        if joint.parent != ours.parent or not (np.abs(numbers - right) <= _SAME).all():
            raise retargeting_unsupported()


def _checked_prompt(segment: Any, place: str) -> str:
    """The prompt of a text segment. Raises ConfigError for what this generator cannot honour."""
    if segment.language is not None and segment.language.lower().split("-")[0] != "en":
        raise ConfigError(f"{place}.language: this generator reads English, not {segment.language[:20]!r}")
    if segment.seed is not None:
        raise ConfigError(f"{place}.seed: one seed is for the whole motion: send options.seed")
    try:
        prompt = str(_PROMPT.validate_python(segment.prompt)).strip()
    except ValidationError as error:
        raise ConfigError(f"{place}.prompt: {error.errors()[0]['msg']}") from None
    if not prompt:
        raise ConfigError(f"{place}.prompt is empty: say what is to happen")
    return prompt


def _settings(options: Any) -> dict[str, Any]:
    """Settings of a wish. Raises ConfigError for a guidance that there is not."""
    if options is None:
        return {}
    dials = options.model_options or {}
    return {
        "clean": options.post_processing,
        "temperature": dials.get("temperature"),
        "top_p": dials.get("top_p"),
        "guidance": None if options.guidance is None else _guidance(options.guidance),
    }


def _guidance(guidance: Any) -> float:
    if guidance.type == "nocfg":
        return 1.0
    if guidance.type != "regular":
        raise ConfigError(f"options.guidance.type: {guidance.type!r} is not supported: nocfg and regular are")
    weight = float(guidance.weight[0])
    if not 0 <= weight <= _MOST_GUIDANCE:
        raise ConfigError(f"options.guidance.weight is from 0 to {_MOST_GUIDANCE:g}, not {weight:g}")
    return weight


def _seed(options: Any) -> int:
    """The seed of the first sample; without one another motion each time, as the protocol has it."""
    return secrets.randbelow(2**32) if options is None or options.seed is None else int(options.seed)


def _notes(options: Any) -> list[dict[str, str]]:
    """What was sent and has no meaning here."""
    if options is None:
        return []
    sent = {name: why for name, why in _IGNORED.items() if name in options.model_fields_set}
    return [
        {
            "code": "option_ignored",
            "severity": "info",
            "message": f"options.{name} has no meaning for this model: {why}",
        }
        for name, why in sent.items()
    ]


def _sampled(
    motion: Motion, fps: float, frames: int
) -> tuple[Float[np.ndarray, "frames joints 4"], Float[np.ndarray, "frames 3"]]:
    """Quaternions (x, y, z, w) and places of the root at another rate; the last pose is held where there is no more."""
    local, roots = local_rotations(motion)
    quaternions = matrices_to_quats(local).astype(np.float64)
    steps = (quaternions[1:] * quaternions[:-1]).sum(axis=-1, keepdims=True)
    quaternions[1:] *= np.cumprod(np.where(steps < 0, -1.0, 1.0), axis=0)  # the shorter way from frame to frame
    at = np.minimum(np.arange(frames) * (motion.fps / fps), motion.frames - 1)
    low = np.floor(at + 1e-9).astype(int)
    high = np.minimum(low + 1, motion.frames - 1)
    share = np.maximum(at - low, 0.0)[:, None]
    places = roots[low] * (1 - share) + roots[high] * share
    mixed = quaternions[low] * (1 - share[..., None]) + quaternions[high] * share[..., None]
    mixed /= np.linalg.norm(mixed, axis=-1, keepdims=True)
    return mixed.astype(np.float32), places.astype(np.float32)
