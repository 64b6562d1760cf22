"""From requests to motions: the same bytes whatever is made beside them, times as asked, and halves that fit."""

import dataclasses

import numpy as np
import pytest
from toy_generator import ToyPrior, ToyTokenizer, pieces, save_random_generator, toy_generator

from chronomotion.errors import ConfigError, ModelError
from chronomotion.generation import Generated, GenerationRequest, Generator
from chronomotion.generation.prior.config import Sampling

TEXT = "a person walks forward, then squats"


@pytest.fixture(scope="module")
def generator():
    return toy_generator(wild=0.2)


def test_a_motion_is_clean_and_as_long_as_its_codes(generator):
    (made,) = generator.generate([GenerationRequest(TEXT, seconds=(3.0, 2.0))])
    assert isinstance(made, Generated)
    assert made.events == ("a person walks forward.", "a person squats.")
    assert made.spans == ((0.0, 3.0), (3.0, 5.0))
    assert made.seconds == 5.0
    assert made.motion.frames == made.raw.frames == len(made.features) == 100
    parents, joints = (list(ends) for ends in zip(*made.motion.skeleton.bones, strict=True))
    for motion, steady in ((made.motion, True), (made.raw, False)):
        lengths = np.linalg.norm(motion.positions[:, joints] - motion.positions[:, parents], axis=-1)
        assert (lengths.std(axis=0).max() < 1e-4) == steady
    assert made.figures["bone"] < 0.1
    assert set(made.figures) == {"skating", "floor", "bone"}


def test_raw_is_what_the_generator_said(generator):
    (made,) = generator.generate([GenerationRequest(TEXT)], clean=False)
    np.testing.assert_array_equal(made.motion.positions, made.raw.positions)
    assert made.figures["bone"] > 1


def test_the_same_bytes_whatever_is_made_with_them(generator):
    request = GenerationRequest(TEXT, seed=5)
    (alone,) = generator.generate([request])
    others = [GenerationRequest(f"a person waves {n}.", seed=n) for n in range(40)]
    beside = generator.generate([*others, *request.variants(3)])
    assert beside[40].motion.positions.tobytes() == alone.motion.positions.tobytes()
    assert beside[40].features.tobytes() == alone.features.tobytes()
    assert len({made.motion.positions.tobytes() for made in beside[40:]}) == 3
    (other_seed,) = generator.generate([dataclasses.replace(request, seed=6)])
    assert other_seed.features.tobytes() != alone.features.tobytes()


def test_the_real_halves_give_the_same_bytes_whatever_is_made_with_them(tmp_path, backbone):
    generator = Generator.from_pretrained(save_random_generator(tmp_path / "g", backbone))
    text = "a person raises the left hand, then nods, then lifts the right leg, then nods"
    requests = [*GenerationRequest(text, seed=2).variants(3), GenerationRequest("a person nods", seconds=1.0)]
    together = generator.generate(requests)
    assert together[0].stretches > 1
    for request, made in zip(requests, together, strict=True):
        (alone,) = Generator.from_pretrained(tmp_path / "g").generate([request])
        assert alone.features.tobytes() == made.features.tobytes()
        assert alone.motion.positions.tobytes() == made.motion.positions.tobytes()


def test_results_come_one_by_one_and_progress_is_told(generator):
    told = []
    requests = GenerationRequest(TEXT).variants(5)
    made = generator.generate(requests, on_done=lambda done, whole: told.append((done, whole)))
    assert [each.request for each in made] == requests
    assert told == [(n, 5) for n in range(1, 6)]


def test_nothing_is_made_before_everything_is_checked():
    generator = toy_generator()
    with pytest.raises(ConfigError, match="the text is empty"):
        generator.iterate([GenerationRequest(TEXT), GenerationRequest(" ")])
    assert generator.prior.asked == []


def test_the_prior_hears_events_times_and_sampling():
    generator = toy_generator()
    generator.generate([GenerationRequest(TEXT, seconds=4.0)], sampling=Sampling(temperature=0.5))
    ((prompt, tokens, prefix),) = generator.prior.asked
    assert prompt.text == TEXT
    assert prompt.spans is not None
    assert prompt.spans[0][0] == 0
    assert prompt.spans[-1][1] == tokens == 20
    assert len(prefix) == 0


def test_batches_are_bounded():
    generator = toy_generator()
    generator.generate(GenerationRequest(TEXT).variants(40))
    assert max(generator.prior.batches) <= 16
    assert sum(generator.prior.batches) == 40


def test_without_a_plan_motions_end_by_themselves_or_as_asked():
    generator = toy_generator(plan=False)
    (free,) = generator.generate([GenerationRequest(TEXT)])
    assert generator.prior.asked[-1][1] is None
    assert free.spans == ()
    (single,) = generator.generate([GenerationRequest("a person walks")])
    assert single.spans == ((0.0, single.seconds),)
    (asked,) = generator.generate([GenerationRequest(TEXT, seconds=4.0)])
    assert asked.seconds == 4.0


def test_a_prior_of_another_tokenizer_is_refused():
    table, rides = pieces()
    with pytest.raises(ModelError, match="codes of the tokenizer another, but the tokenizer beside it is toy-tokenize"):
        Generator(ToyTokenizer(table), ToyPrior(table, rides, "another"), name="toy")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"fps": 30.0}, "mine: the tokenizer makes 30 frames a second of 263 features, which are defined at 20"),
        ({"dim": 272}, "mine: feature rows of 272 numbers are of no known kind: expected 263"),
        ({"dim": 251}, "mine: the tokenizer makes 20 frames a second of 251 features, .* 12.5 .kitml"),
    ],
)
def test_a_tokenizer_of_another_skeleton_or_rate_is_refused(changes, message):
    table, rides = pieces()
    tokenizer = ToyTokenizer(table)
    for name, value in changes.items():
        setattr(tokenizer, name, value)
    with pytest.raises(ModelError, match=message):
        Generator(tokenizer, ToyPrior(table, rides), name="mine")


def test_fingerprints_are_those_of_both_halves():
    first, second = toy_generator(), toy_generator()
    assert first.fingerprint == second.fingerprint
    second.prior.fingerprint = "another"
    assert first.fingerprint != second.fingerprint
