"""Prompts: texts, events, times; what cannot be asked for."""

import pytest
from toy_priors import SIT, WALK, WAVE, prior, prompt, some_codes

from chronomotion.errors import ConfigError
from chronomotion.generation.prior.plan import plan_of
from chronomotion.generation.prior.prompt import Prompt, contiguous_spans
from chronomotion.language.caption import Caption, Events


def test_events_of_a_text():
    asked = Prompt.of_text("A person sits down after walking forward.")
    assert asked.events == ("a person walks forward.", "a person sits down.")
    assert asked.spans is None
    assert asked.tokens is None
    assert Prompt.of_text("a person dances").events == ("a person dances.",)


def test_a_caption_gives_its_times_as_tokens():
    events = Events((WALK, SIT, WAVE), spans=((0.0, 2.0), (2.4, 4.0), (4.2, 6.0)))
    asked = Prompt.of_caption(Caption("text", events=events), tokens=31)
    assert asked.spans == ((0, 11), (11, 20), (20, 31))  # the gaps are shared, the last event goes on to the end
    assert Prompt.of_caption(Caption("text", events=events)).spans == ((0, 11), (11, 20), (20, 30))
    later = Caption("text", start=1.0, events=Events((WALK,), spans=((1.0, 2.0),)))
    assert Prompt.of_caption(later).spans == ((0, 5),)
    assert Prompt.of_caption(Caption("a person walks, then sits.")).events == (WALK, "a person sits.")
    assert Prompt.of_caption(Caption("text", events=Events((WALK, SIT)))).spans is None


@pytest.mark.parametrize(
    "times",
    [[(0.0, 2.0), (2.0, 2.1), (2.1, 4.0)], [(2.0, 4.0), (0.0, 2.0)], [], [(-1.0, 2.0)], [(0.0, 3.0), (0.5, 0.7)]],
)
def test_times_that_make_no_plan(times):
    assert contiguous_spans(times, 5.0) is None


def test_a_prior_makes_prompts_of_seconds():
    assert prior().prompt("walk, sit", (WALK, SIT), ((0.0, 2.0), (2.0, 3.0))).spans == ((0, 10), (10, 15))
    assert prior().prompt("walk, sit", (WALK, SIT)).spans is None


def test_a_plan_tells_event_progress_and_what_remains():
    event, numbers = plan_of(((1, 3), (3, 7)), 9, 5.0)
    assert event.tolist() == [0, 1, 1, 2, 2, 2, 2, 2, 2]
    assert numbers[:, 0].tolist() == pytest.approx([0, 0, 0.5, 0, 0.25, 0.5, 0.75, 1, 1])
    assert numbers[:, 1].tolist() == pytest.approx([0, 0.4, 0.2, 0.8, 0.6, 0.4, 0.2, 0, 0])
    assert numbers[:, 2].tolist() == pytest.approx([0, 1.2, 1.0, 0.8, 0.6, 0.4, 0.2, 0, 0])
    none, zeros = plan_of(None, 4, 5.0)
    assert not none.any()
    assert not zeros.any()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Prompt("  ", (WALK,)), "the text is empty: say what happens"),
        (lambda: Prompt.of_text(""), "the text is empty"),
        (lambda: Prompt.of_text("walk " * 2000), "the text has 2,000 words, at most 1,000 are read"),
        (lambda: Prompt.of_text("walk " * 20_000), "the text has 20,000 words, at most 1,000 are read"),
        (lambda: Prompt("walk", ()), "an event of 'walk' is empty"),
        (lambda: Prompt("walk", (WALK, " ")), "an event of 'walk' is empty: every event needs a sentence"),
        (lambda: prompt(WALK, SIT, spans=((0, 3),)), "a plan of 1 spans for 2 events: give one for each"),
        (
            lambda: prompt(WALK, SIT, spans=((0, 3), (4, 6))),
            r"the plan \[\(0, 3\), \(4, 6\)\] has gaps or empty events",
        ),
        (lambda: prompt(WALK, SIT, spans=((0, 3), (3, 3))), "has gaps or empty events"),
        (lambda: prompt(WALK, spans=((-1, 3),)), "has gaps or empty events"),
    ],
)
def test_what_cannot_be_asked(make, message):
    with pytest.raises(ConfigError, match=message):
        make()


def test_sixty_events_are_refused_in_one_line():
    many = prompt(*(f"a person does thing {i}." for i in range(60)))
    for ask in (
        lambda: prior().sample([many], seeds=[0]),
        lambda: prior().log_likelihoods([many], some_codes(3)),
        lambda: prior().durations([many]),
    ):
        with pytest.raises(
            ConfigError, match="a text has 60 events, this prior reads at most 12: generate them in parts"
        ):
            ask()


def test_motions_beyond_the_limit_have_no_likelihood():
    assert prior().seconds_limit == pytest.approx(4.8)
    with pytest.raises(ConfigError, match=r"motion 1: 5 seconds, this prior was made for at most 4.8"):
        prior().log_likelihoods([prompt(WALK)] * 2, some_codes(3, 25))
    with pytest.raises(ConfigError, match=r"1 prompts for 2 motions"):
        prior().log_likelihoods([prompt(WALK)], some_codes(3, 5))
