"""What may be asked of a generator, and how seconds become tokens."""

import pytest

from chronomotion.errors import ConfigError
from chronomotion.generation.requests import GenerationRequest, TokenLimits, asked_tokens

LIMITS = TokenLimits(least=1, longest=59, per_second=5.0)
EVENTS = ("a person walks.", "a person sits down.", "a person waves.")


def test_the_rules_split_a_text_and_told_events_win():
    text = "a person walks forward after standing up"
    assert GenerationRequest(text).prompt().events == ("a person stands up.", "a person walks forward.")
    told = GenerationRequest(text, events=("walks", "stands up")).prompt()
    assert (told.text, told.events) == (text, ("walks", "stands up"))
    assert GenerationRequest("", events=("walks", "sits")).prompt().text == "walks sits"


def test_variants_have_seeds_of_their_own_that_count_does_not_change():
    request = GenerationRequest("a person walks", seed=3)
    seeds = [variant.seed_of(0, 0) for variant in request.variants(4)]
    assert len(set(seeds)) == 4
    assert seeds[:2] == [variant.seed_of(0, 0) for variant in request.variants(2)]
    assert request.seed_of(0, 0) == seeds[0]
    others = [request.seed_of(1, 0), request.seed_of(0, 1), GenerationRequest("a person walks").seed_of(0, 0)]
    others.append(GenerationRequest("a person runs", seed=3).seed_of(0, 0))
    assert len({*seeds, *others}) == 8


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (GenerationRequest(""), "the text is empty"),
        (GenerationRequest(" ... "), "the text is empty"),
        (GenerationRequest("walk " * 2000), "2,000 words, at most 1,000"),
        (GenerationRequest("a person " + "x" * 20_000), "20,009 characters .3 words., at most 10,000"),
        (GenerationRequest("x", events=("walks", " ")), "an event of 'x' is empty"),
        (GenerationRequest("x", events=("walks",) * 101), "101 events, at most 100"),
        (GenerationRequest("x", events=("a person very " + "slowly " * 200 + "walks",)), "event 1 of 1 has 204 words"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_asked(request_, message):
    with pytest.raises(ConfigError, match=message) as caught:
        request_.prompt()
    assert "\n" not in str(caught.value)


def test_sixty_events_can_be_asked():
    assert len(GenerationRequest("x", events=("a person walks.",) * 60).prompt().events) == 60


def test_seconds_become_tokens():
    predicted = (2.0, 1.0, 4.0)
    assert asked_tokens(None, predicted, LIMITS, EVENTS) == (10, 5, 20)
    assert asked_tokens((2.0, 0.2, 11.8), predicted, LIMITS, EVENTS) == (10, 1, 59)
    assert asked_tokens(14.0, predicted, LIMITS, EVENTS) == (20, 10, 40)
    assert asked_tokens(None, (0.01, 40.0), LIMITS, EVENTS) == (1, 59)


@pytest.mark.parametrize("seconds", [0.6, 1.0, 3.3, 20.0, 30.0, 35.4])
@pytest.mark.parametrize("predicted", [(2.0, 1.0, 4.0), (0.01, 9.0, 9.0), (1.0, 1.0, 1.0), (30.0, 0.1, 0.1)])
def test_a_whole_is_divided_to_the_token(seconds, predicted):
    tokens = asked_tokens(seconds, predicted, LIMITS, EVENTS)
    assert sum(tokens) == round(seconds * 5)
    assert all(1 <= each <= 59 for each in tokens)
    assert all(
        mine <= other
        for mine, predicts in zip(tokens, predicted, strict=True)
        for other, more in zip(tokens, predicted, strict=True)
        if predicts < more and mine > 1 and other < 59
    )


@pytest.mark.parametrize(
    ("seconds", "message"),
    [
        (0.0, "seconds of 0 for 3 events: this generator makes 0.6 to 35.4 s there"),
        (-2.0, "seconds of -2 for 3 events"),
        (600.0, "seconds of 600 for 3 events: .* for a longer motion tell more events"),
        (float("nan"), "seconds of nan"),
        (float("inf"), "seconds of inf"),
        ((2.0, 0.0, 1.0), "seconds of 0 for event 2: this generator makes 0.2 to 11.8 s there"),
        ((2.0, 1.0, 600.0), "seconds of 600 for event 3"),
        ((2.0, 3.0), "2 seconds for 3 events: give one number for each of: 1 a person walks.; 2 a person sits down."),
        ((1.0,) * 4, "4 seconds for 3 events"),
    ],
)
def test_seconds_that_cannot_be(seconds, message):
    with pytest.raises(ConfigError, match=message):
        asked_tokens(seconds, (1.0, 1.0, 1.0), LIMITS, EVENTS)
