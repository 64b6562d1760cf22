"""A generator without a network, for the page: the actions of a sentence, joined, each as long as it is asked to be."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
from story_library import ACTIONS

from chronomotion.corpus.compose.sources import ProceduralClips
from chronomotion.errors import ConfigError
from chronomotion.language.decompose.rules import RuleDecomposer
from chronomotion.motion.motion import Motion
from chronomotion.web.generating.maker import MadeMotion, MakerFacts, MotionPlan

FPS = 20.0


class StoryMaker:
    """Events last two seconds and a fifth for every word. "slowly" takes 5 s, but for seed 1, "never" is refused;
    where something "maybe" happens, every second variant lacks it, and says so."""

    facts = MakerFacts("toy", "toy", seconds_limit=12.0, events_limit=5, fps=FPS, stretch=12.0)

    def plan(self, wish):
        events = wish.events or RuleDecomposer().split(wish.text).events.texts
        seconds = wish.seconds or tuple(round(2 + len(event.split()) / 5, 1) for event in events)
        if len(seconds) != len(events):
            raise ConfigError(f"{len(seconds)} seconds for {len(events)} events")
        return MotionPlan(tuple(events), tuple(seconds))

    def make(self, wishes):
        return (self._made(wish) for wish in wishes)

    def _made(self, wish):
        plan = self.plan(replace(wish, text=wish.text or " ".join(wish.events)))
        told = " ".join(plan.events)
        if "slowly" in told and wish.seed > 1:
            time.sleep(5)
        if "never" in told:
            raise ConfigError("what never happens cannot be made")
        source, frames, spans, start = ProceduralClips(wish.seed), [], [], 0.0
        for place, (event, seconds) in enumerate(zip(plan.events, plan.seconds, strict=True)):
            action = next((each for each in ACTIONS if each in event), "walk")
            positions = source.clip(action, "test", 7 * wish.seed + place).positions
            frames.append(positions[np.arange(round(seconds * FPS)) % len(positions)])
            spans.append((start, start := start + seconds))
        motion = Motion(np.concatenate(frames), FPS, name=" ".join(plan.events)[:60])
        found = tuple(not ("maybe" in event and wish.seed % 2) for event in plan.events)
        return MadeMotion(motion, tuple(spans), found, {"skating": 2.5, "floor": 4.0, "bone": float("nan")})
