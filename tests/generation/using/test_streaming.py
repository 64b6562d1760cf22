"""Motions of more events or seconds than a prior has learnt: no event is lost, and where stretches meet nothing
jumps.
"""

import numpy as np
import pytest
from toy_generator import toy_generator

from chronomotion.evaluation.generation.physical import joint_jerk
from chronomotion.generation import GenerationRequest
from chronomotion.generation.prior.prompt import Prompt
from chronomotion.generation.streaming import decoded, stretches

DOES = ("walks", "sits down", "waves", "turns left", "jumps", "kicks", "bows", "squats", "claps", "runs")
TWENTY = tuple(f"a person {DOES[number % 10]}." for number in range(20))


def cut(tokens, **limits):
    prompt = Prompt("x", tuple(f"event {number}" for number in range(len(tokens))))
    made = stretches(
        prompt, tuple(tokens), **{"most_tokens": 40, "most_events": 4, "prefix": 5, "begun": False, **limits}
    )
    assert tuple(event for part in made for event in part.events) == prompt.events
    return [part.tokens for part in made]


def test_what_fits_is_made_in_one_go():
    assert cut([10, 10, 20]) == [(10, 10, 20)]
    assert cut([10, 10, 15], begun=True) == [(10, 10, 15)]


def test_what_does_not_fit_is_cut_between_events():
    assert cut([10, 10, 21]) == [(10, 10), (21,)]
    assert cut([10, 10, 16], begun=True) == [(10, 10), (16,)]
    assert cut([1] * 9) == [(1,) * 4, (1,) * 4, (1,)]
    assert cut([35, 35]) == [(35,), (35,)]


def test_events_whose_end_nobody_knows_come_one_by_one():
    prompt = Prompt("x", ("walks", "sits", "waves"))
    limits = {"most_tokens": 40, "prefix": 5, "begun": False}
    assert [part.text for part in stretches(prompt, None, most_events=3, **limits)] == ["x"]
    assert [part.text for part in stretches(prompt, None, most_events=2, **limits)] == ["walks", "sits", "waves"]


@pytest.mark.parametrize("plan", [True, False])
def test_a_minute_of_twenty_events_has_no_jump(plan):
    generator = toy_generator(plan=plan)
    seconds = 60.0 if plan else None
    (made,) = generator.generate([GenerationRequest("x", events=TWENTY, seconds=seconds)])
    assert made.events == TWENTY
    assert len(made.spans) == 20
    assert made.stretches == len(generator.prior.asked) == (10 if plan else 20)
    assert made.seconds == made.spans[-1][1]
    assert made.seconds == (60.0 if plan else pytest.approx(20 * 2.2, rel=0.3))
    for motion in (made.raw, made.motion):
        jerk = joint_jerk(motion.positions.astype(np.float64))
        near = np.zeros(len(jerk), dtype=bool)
        for start, _ in made.spans[1:]:
            near[round(start * 20) - 10 : round(start * 20) + 8] = True
        assert jerk[near].max() <= 1.5 * jerk[~near].max()


def test_each_stretch_hears_the_last_second_of_the_one_before():
    generator = toy_generator()
    (made,) = generator.generate([GenerationRequest("x", events=TWENTY, seconds=60.0, seed=2)])
    assert len(made.features) == 4 * 300
    done = 0
    for number, (prompt, tokens, prefix) in enumerate(generator.prior.asked[:10]):
        assert len(prefix) == (5 if number else 0)
        assert prompt.spans[0][0] == len(prefix)
        assert prompt.spans[-1][1] == len(prefix) + tokens <= 40
        done += tokens
    assert done == 300
    assert [event for prompt, _, _ in generator.prior.asked[:10] for event in prompt.events] == list(TWENTY)


def test_motions_of_many_lengths_are_made_together_and_alike():
    generator = toy_generator(wild=0.1)
    requests = [GenerationRequest("x", events=TWENTY[:count], seed=count) for count in (1, 9, 3, 20)]
    together = generator.generate(requests)
    for request, made in zip(requests, together, strict=True):
        (alone,) = generator.generate([request])
        assert alone.motion.positions.tobytes() == made.motion.positions.tobytes()


def test_any_length_is_decoded_in_bounded_memory():
    generator = toy_generator()
    tokenizer = generator.tokenizer
    codes = np.random.default_rng(0).integers(0, tokenizer.codes, size=1500)
    whole = tokenizer.decode(codes)
    tokenizer.most_decoded = 0
    np.testing.assert_allclose(decoded(tokenizer, codes), whole, atol=1e-5)
    assert tokenizer.most_decoded <= 320


def test_sixty_events_are_made():
    generator = toy_generator()
    (made,) = generator.generate([GenerationRequest("x", events=TWENTY * 3)])
    assert len(made.spans) == 60
    assert made.stretches > 15
