"""A generator without a network: a standing person who sways by the seed, for as long as the events ask."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import numpy as np

from chronomotion.corpus.compose.sources import ProceduralClips
from chronomotion.errors import ConfigError
from chronomotion.language.decompose.rules import RuleDecomposer
from chronomotion.motion.motion import Motion
from chronomotion.seeding import generator
from chronomotion.web.generating.maker import MadeMotion, MakerFacts, MotionPlan

FPS = 20.0


class ToyMaker:
    """Events last a second each and a tenth for every word. "slow" takes a second a variant; "stuck" does not end;
    "held" waits for ``go``; "refused" is refused, "broken" fails."""

    facts = MakerFacts("toy", "fingerprint of toy", seconds_limit=20.0, events_limit=5, fps=FPS, stretch=10.0)

    def __init__(self):
        self.pose = ProceduralClips(3).clip("walk", "test", 1).positions[0]
        self.asked = []
        self.go = threading.Event()

    def plan(self, wish):
        events = wish.events or RuleDecomposer().split(wish.text).events.texts
        seconds = wish.seconds or tuple(1 + len(event.split()) / 10 for event in events)
        if isinstance(seconds, float):
            seconds = (seconds / len(events),) * len(events)
        if len(seconds) != len(events):
            raise ConfigError(f"{len(seconds)} seconds for {len(events)} events")
        return MotionPlan(events, seconds)

    def make(self, wishes):
        return (self._made(wish) for wish in wishes)

    def _made(self, wish):
        self.asked.append(wish)
        wish, plan = replace(wish, text=wish.text or " ".join(wish.events)), self.plan(wish)
        if "held" in wish.text:
            self.go.wait(60)
        if "slow" in wish.text:
            time.sleep(1)
        if "stuck" in wish.text:
            time.sleep(60)
        if "refused" in wish.text:
            raise ConfigError("this generator does not do\nthat")
        if "broken" in wish.text:
            raise RuntimeError("a secret of the generator")
        ends = np.cumsum(plan.seconds)
        frames = max(1, round(ends[-1] * FPS / 4)) * 4
        sway = generator("toy", wish.seed).normal(size=3) * [0.2, 0, 0.2] * np.arange(frames)[:, None] / FPS
        motion = Motion(self.pose + sway[:, None], FPS, name=wish.text[:60])
        spans = tuple(zip([0.0, *ends[:-1]], map(float, ends), strict=True))
        return MadeMotion(motion, spans, figures={"skating": 2.5, "floor": float("nan")})
