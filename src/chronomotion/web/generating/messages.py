"""What travels as JSON between a client and the generator."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from chronomotion.errors import ConfigError
from chronomotion.web.generating.generations import Generation, GenerationState
from chronomotion.web.generating.maker import MadeMotion, MakerFacts, MotionMaker, MotionPlan, MotionWish
from chronomotion.web.messages import EventText, Text

__all__ = [
    "BegunMessage",
    "GenerationMessage",
    "GeneratorMessage",
    "PlanMessage",
    "PlannedMessage",
    "VariantMessage",
    "WishMessage",
    "checked_plan",
]

MOST_EVENTS = 64
"""Events that a message may hold; a generator takes fewer."""
_NEWEST_SEED = 2**32 - 1


def _one_line(text: str) -> str:
    """Raises ValueError for what is empty."""
    if not text.strip():
        raise ValueError("is empty")
    return text


Event = Annotated[EventText, AfterValidator(_one_line)]
_PLAN: dict[str, Any] = {"text": "a person walks forward, then sits down"}
_WISH: dict[str, Any] = {
    "text": "a person walks forward, then sits down",
    "events": ["a person walks forward", "a person sits down"],
    "seconds": [3.0, 2.0],
    "seed": 1,
    "count": 4,
}
_VARIANT: dict[str, Any] = {
    "id": "made-3q2hYxkD0mB4tXJr8m1s1A.0",
    "seed": 1,
    "seconds": 5.0,
    "spans": [[0.0, 3.0], [3.0, 5.0]],
    "found": None,
    "figures": {"skating": 2.1, "floor": 8.3, "bone": 0.0},
}


class PlanMessage(BaseModel):
    """What is to be shown: a sentence, which is split into events, or `events` themselves."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_PLAN]})
    text: Text = Field("", description="A sentence; it is split into events where there are none.")
    events: list[Event] | None = Field(
        None, max_length=MOST_EVENTS, description="Events, in the order in which they are to happen."
    )

    @model_validator(mode="after")
    def _tells_something(self) -> PlanMessage:
        if not self.events and not self.text.strip():
            raise ValueError("give a sentence (text) or events")
        return self

    def wish(self) -> MotionWish:
        """The wish of which this is the plan."""
        return MotionWish(self.text.strip(), tuple(self.events) if self.events else None)


class WishMessage(PlanMessage):
    """Variants of a motion to make. Variant N is the one with the seed `seed` + N: alone it is the same motion."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_WISH]})
    seconds: list[Annotated[float, Field(gt=0, le=600, allow_inf_nan=False)]] | None = Field(
        None, max_length=MOST_EVENTS, description="How long each event lasts; null: as the generator predicts."
    )
    seed: int = Field(0, ge=0, le=_NEWEST_SEED, description="The same seed gives the same motion.")
    count: int = Field(1, ge=1, le=8, description="How many variants.")
    guidance: float | None = Field(
        None, ge=0, le=20, allow_inf_nan=False, description="How closely the text is followed; 1: not guided."
    )
    temperature: float | None = Field(None, gt=0, le=4, allow_inf_nan=False)
    top_p: float | None = Field(None, gt=0, le=1, allow_inf_nan=False)

    def wish(self) -> MotionWish:
        """The wish of the first variant."""
        settings = {name: getattr(self, name) for name in ("seed", "guidance", "temperature", "top_p")}
        seconds = None if self.seconds is None else tuple(self.seconds)
        return replace(super().wish(), seconds=seconds, **settings)

    def wishes(self) -> list[MotionWish]:
        """A wish for every variant."""
        return [replace(self.wish(), seed=self.seed + number) for number in range(self.count)]


def checked_plan(maker: MotionMaker, wish: MotionWish) -> MotionPlan:
    """What is going to be made. Raises ConfigError for what this generator does not take, or no generator here does."""
    plan, facts = maker.plan(wish), maker.facts
    if len(plan.events) > facts.events_limit:
        raise ConfigError(f"events: {len(plan.events)} are too many: this generator takes {facts.events_limit}")
    seconds = sum(plan.seconds or ())
    if seconds > facts.seconds_limit:
        raise ConfigError(f"seconds: {seconds:g} s in all are too many: this generator makes {facts.seconds_limit:g} s")
    return plan


class PlannedMessage(BaseModel):
    """Events, and how long each is going to last where nobody says so."""

    events: list[str] = Field(examples=[["a person walks forward", "a person sits down"]])
    seconds: list[float] | None = Field(
        examples=[[3.2, 2.0]], description="Of each event; null: this generator finds the end as it goes."
    )

    @classmethod
    def of(cls, plan: MotionPlan) -> PlannedMessage:
        """The message of a record."""
        return cls(events=list(plan.events), seconds=None if plan.seconds is None else list(plan.seconds))


class GeneratorMessage(BaseModel):
    """The generator that is served."""

    name: str = Field(examples=["ordered"])
    fingerprint: str
    seconds_limit: float = Field(description="The longest motion.", examples=[12.8])
    events_limit: int = Field(description="The most events in a motion.", examples=[8])
    fps: float = Field(examples=[20.0])

    @classmethod
    def of(cls, facts: MakerFacts) -> GeneratorMessage:
        """The message of a record."""
        return cls.model_validate(facts, from_attributes=True)


class BegunMessage(BaseModel):
    """Where the variants are going to be."""

    id: str = Field(examples=["made-3q2hYxkD0mB4tXJr8m1s1A"])


class VariantMessage(BaseModel):
    """A motion that was made. Its id can be searched with (`like`) and drawn as a clip's."""

    model_config = ConfigDict(json_schema_extra={"examples": [_VARIANT]})
    id: str
    seed: int
    seconds: float = Field(description="Length of the motion.")
    spans: list[tuple[float, float]] = Field(
        description="(start, end) in seconds of each event as planned; empty: there was no plan."
    )
    found: list[bool] | None = Field(description="Whether each event was found in the motion; null: nobody looked.")
    figures: dict[str, float | None] = Field(description="skating: per cent of frames; floor and bone: millimetres.")

    @classmethod
    def of(cls, variant_id: str, wish: MotionWish, made: MadeMotion) -> VariantMessage:
        """The message of a variant."""
        return cls(
            id=variant_id,
            seed=wish.seed,
            seconds=made.motion.duration,
            spans=list(made.spans),
            found=None if made.found is None else list(made.found),
            figures={name: value if math.isfinite(value) else None for name, value in made.figures.items()},
        )


class GenerationMessage(BaseModel):
    """How far it is, and the variants that are there."""

    state: GenerationState
    done: int = Field(description="Variants that are made.", examples=[1])
    of: int = Field(description="Variants that were asked for.", examples=[4])
    events: list[str] = Field(description="What is shown, in order.", examples=[["a person walks forward"]])
    results: list[VariantMessage]
    problem: str | None = Field(None, description="Why it failed, in one line.")

    @classmethod
    def about(cls, generation_id: str, generation: Generation) -> GenerationMessage:
        """The message of a generation as it is now."""
        state, made, wishes = generation.state, list(generation.made), generation.wishes
        rows = enumerate(zip(wishes, made, strict=False))
        return cls(
            state=state,
            done=len(made),
            of=len(wishes),
            events=list(generation.plan.events),
            results=[VariantMessage.of(f"{generation_id}.{number}", *row) for number, row in rows],
            problem=generation.problem,
        )
