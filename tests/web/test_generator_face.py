"""A generator of ours as the service asks it: over the toy generator of pieces of motions, which has no network."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the extra model is not installed")
sys.path[:0] = [str(Path(__file__).parents[1] / "generation" / "using")]

from test_generating import TWO, begun, ended, frames_of  # noqa: E402
from toy_generator import ToyPrior, ToyTokenizer, pieces  # noqa: E402

from chronomotion.errors import ConfigError  # noqa: E402
from chronomotion.generation.events_seen import EventEye, EventsSeen  # noqa: E402
from chronomotion.generation.generator import Generator  # noqa: E402
from chronomotion.generation.requests import GenerationRequest  # noqa: E402
from chronomotion.web.generating.generator_face import GeneratorFace  # noqa: E402
from chronomotion.web.generating.maker import MotionMaker, MotionWish  # noqa: E402


@pytest.fixture(scope="module")
def table():
    return pieces()


@pytest.fixture
def face(table):
    return GeneratorFace(Generator(ToyTokenizer(table[0]), ToyPrior(*table), name="toys"))


def test_it_is_a_maker_and_says_what_it_is(face):
    assert isinstance(face, MotionMaker)
    assert (face.facts.name, face.facts.fps, face.facts.seconds_limit) == ("toys", 20.0, 60.0)
    assert face.facts.fingerprint == face.generator.fingerprint


def test_a_plan_is_what_is_made(face):
    wish = MotionWish("a person walks, then a person waves")
    plan = face.plan(wish)
    assert len(plan.events) == len(plan.seconds) == 2
    (made,) = face.make([wish])
    assert [end - start for start, end in made.spans] == pytest.approx(plan.seconds)
    assert made.motion.duration == pytest.approx(sum(plan.seconds))
    asked = face.plan(replace(wish, events=("a person waves",), seconds=(2.0,)))
    assert (asked.events, asked.seconds) == (("a person waves",), (2.0,))


def test_a_plan_checks_the_wish(face):
    for wish, says in (
        (MotionWish("", ("walks", "waves"), (1.0,)), "1 seconds for 2 events"),
        (MotionWish("", ("walks",), (600.0,)), "this generator makes"),
        (MotionWish("..."), "text"),
    ):
        with pytest.raises(ConfigError, match=says):
            face.plan(wish)


def test_a_generator_without_a_plan_says_no_seconds(table):
    face = GeneratorFace(Generator(ToyTokenizer(table[0]), ToyPrior(*table, plan=False), name="toys"))
    assert face.plan(MotionWish("a person walks")).seconds is None


def test_settings_reach_the_prior_and_the_rest_is_its_own(face):
    from chronomotion.generation.prior.config import Sampling
    from chronomotion.web.generating.generator_face import _sampling

    assert _sampling(MotionWish("walks")) == Sampling()
    assert _sampling(MotionWish("walks", guidance=2.5, top_p=0.5)) == Sampling(guidance=2.5, top_p=0.5)
    wishes = [MotionWish("a person walks", seconds=(2.0,), seed=seed, clean=seed < 2) for seed in range(3)]
    made = list(face.make(wishes))
    requests = [GenerationRequest("a person walks", seconds=(2.0,), seed=seed) for seed in range(3)]
    right = [*face.generator.generate(requests[:2]), *face.generator.generate(requests[2:], clean=False)]
    for one, other in zip(made, right, strict=True):
        np.testing.assert_array_equal(one.motion.positions, other.motion.positions)


def test_over_http(serving, face):
    asking = serving(maker=face)
    generation_id = begun(asking, **TWO, text="a person walks, then sits down", count=3)
    said = ended(asking, generation_id, 60)
    assert said["state"] == "done", said
    assert [row["spans"] for row in said["results"]] == [[[0.0, 2.0], [2.0, 3.0]]] * 3
    assert set(said["results"][0]["figures"]) == {"skating", "floor", "bone"}
    alone = begun(asking, **TWO, text="a person walks, then sits down", seed=2)
    ended(asking, alone, 60)
    np.testing.assert_array_equal(frames_of(asking, generation_id, 2), frames_of(asking, alone))
    bvh = asking.get(f"/api/generate/{generation_id}/0/file?format=bvh")
    assert bvh.content.startswith(b"HIERARCHY")


def test_a_model_that_reads_its_motions_looks_for_the_events(table, face):
    """What the eye finds, event by event, is told of each variant; without an eye nobody looked."""

    class Eye(EventEye):
        looked = []

        def __init__(self):
            pass

        def look(self, motion, events):
            self.looked.append((motion.frames, tuple(events)))
            return EventsSeen((True, False), (None, None), None)

    (blind,) = face.make([MotionWish("", ("a person walks", "a person waves"), (2.0, 1.0))])
    assert blind.found is None
    seeing = GeneratorFace(face.generator, Eye())
    (made,) = seeing.make([MotionWish("", ("a person walks", "a person waves"), (2.0, 1.0))])
    assert made.found == (True, False)
    assert Eye.looked == [(60, ("a person walks", "a person waves"))]


def test_a_model_of_other_features_does_not_look(face, caplog):
    from types import SimpleNamespace

    from chronomotion.model.motion_text import MotionTextModel
    from chronomotion.web.generating.generator_face import _eye

    caplog.set_level("INFO", "chronomotion.web")
    other = MotionTextModel.__new__(MotionTextModel)
    other.__dict__["config"] = SimpleNamespace(motion_dim=251, fps=12.5)
    assert _eye(face.generator, other, "other") is None
    assert "reads 251 features a frame at 12.5" in caplog.text
