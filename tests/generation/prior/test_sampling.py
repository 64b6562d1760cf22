"""Drawing codes: the same seed gives the same codes whatever the batch, prefixes, lengths, guidance."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from toy_priors import SIT, SPACE, VECTOR, WALK, WAVE, prior, prompt, some_codes

from chronomotion.errors import ConfigError
from chronomotion.generation.prior.config import Sampling
from chronomotion.generation.prior.sampling import drawn

PROMPTS = [
    prompt(WALK, SIT),
    prompt(WAVE),
    prompt(SIT, WAVE, WALK, spans=((0, 5), (5, 11), (11, 15))),
    prompt(WALK, SIT, spans=((3, 6), (6, 20))),
    prompt(SIT, WAVE, WALK, WAVE, WALK, text="many things happen one after the other, and this is a long sentence"),
]
SEEDS = [7, 0, 3, 2**40, 7]
PREFIXES = [np.zeros(0, dtype=np.int64), *some_codes(3, 0, 5, 1)]
TOKENS = [None, 4, 15, None, None]
WILD = Sampling(temperature=1.3, top_p=0.9, guidance=2.5)


@pytest.mark.parametrize("sampling", [Sampling(), WILD, Sampling(top_p=1.0)])
@pytest.mark.parametrize("sizes", [{}, VECTOR])
def test_the_same_seed_gives_the_same_codes_whatever_the_batch(sampling, sizes):
    model = prior(**sizes)

    def of(rows):
        several = ([values[i] for i in rows] for values in (PROMPTS, SEEDS, TOKENS, PREFIXES))
        prompts, seeds, tokens, prefixes = several
        codes = model.sample(prompts, seeds=seeds, tokens=tokens, prefixes=prefixes, sampling=sampling)
        return dict(zip(rows, codes, strict=True))

    together = of(range(5))
    mixed = of([3, 1, 4, 0, 2])
    pairs = {**of([4, 3]), **of([2, 0, 1])}
    for i in range(5):
        (alone,) = of([i]).values()
        assert alone.tobytes() == together[i].tobytes() == mixed[i].tobytes() == pairs[i].tobytes()
    assert len({row.tobytes() for row in together.values()}) == 5


def test_many_seeds_in_batches_and_alone():
    """A batch of 90 is computed in parts; rows of the same prompt with other seeds differ."""
    model = prior(scale=3.0)
    prompts = [PROMPTS[i % 5] for i in range(90)]
    together = model.sample(prompts, seeds=range(90), sampling=WILD)
    for i in (0, 41, 63, 64, 89):
        (alone,) = model.sample([prompts[i]], seeds=[i], sampling=WILD)
        assert np.array_equal(alone, together[i])
    assert len({row.tobytes() for row in together}) == 90


def test_neither_threads_global_seed_nor_the_mode_count():
    model = prior()
    expected = model.sample(PROMPTS, seeds=SEEDS, sampling=WILD)
    torch.manual_seed(123)
    np.random.seed(5)  # noqa: NPY002
    model.train()
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        again = model.sample(PROMPTS, seeds=SEEDS, sampling=WILD)
    finally:
        torch.set_num_threads(threads)
    assert all(np.array_equal(a, b) for a, b in zip(expected, again, strict=True))
    assert model.training
    assert model.network.codes.weight.dtype == torch.float32


def test_codes_follow_the_models_probabilities():
    """Guidance, top-p and temperature once more by hand, from whole passes without kept keys."""
    model = prior()
    asked = PROMPTS[2]
    (codes,) = model.sample([asked], seeds=[11], sampling=WILD, tokens=[10], prefixes=[some_codes(3)[0]])
    from chronomotion.seeding import generator

    chances = generator("prior", 11).random(24)
    network = model.network.double()
    rows = list(some_codes(3)[0])
    condition = model.read([asked], 25).double()
    for number, code in enumerate(codes):
        given_codes = torch.tensor([rows])
        with torch.inference_mode():
            conditional = network(given_codes, condition)[0, -1].numpy()
            bare = network(given_codes, condition.without_text(torch.tensor([True])))[0, -1].numpy()
        scaled = (bare + 2.5 * (conditional - bare))[:20] / 1.3  # the end is not drawn: ten tokens are wanted
        chance = np.exp(scaled - scaled.max())
        chance /= chance.sum()
        order = sorted(range(20), key=lambda i: -chance[i])
        kept, total = set(), 0.0
        for i in order:
            if total < 0.9:
                kept.add(i)
            total += chance[i]
        chance = np.array([value if i in kept else 0.0 for i, value in enumerate(chance)])
        cumulative = np.cumsum(chance / chance.sum())
        assert code == int(np.searchsorted(cumulative, chances[number], side="right"))
        rows.append(int(code))


def test_so_many_tokens_as_wanted_and_no_end_before():
    model = prior()
    always_ends = _ending(model, 50.0)
    codes = always_ends.sample(PROMPTS[:3], seeds=[0, 1, 2], tokens=[9, 24, 1])
    assert [len(row) for row in codes] == [9, 24, 1]
    assert max(row.max() for row in codes) < SPACE.codes


def test_an_end_in_the_first_place_gives_the_shortest_motion():
    """The published code catches an exception here and decodes code 1."""
    always_ends = _ending(prior(min_tokens=5), 50.0)
    assert [len(row) for row in always_ends.sample(PROMPTS[:2], seeds=[0, 1])] == [5, 5]
    behind = always_ends.sample(PROMPTS[:1], seeds=[0], prefixes=some_codes(6))
    assert len(behind[0]) == 5


def test_a_model_that_never_ends_stops_at_the_limit():
    never = _ending(prior(), -50.0)
    codes = never.sample(PROMPTS[:2], seeds=[0, 1], prefixes=[some_codes(0)[0], some_codes(10)[0]])
    assert [len(row) for row in codes] == [24, 14]


def test_a_models_own_end_depends_on_the_seed():
    lengths = {len(row) for row in _ending(prior(), 1.0).sample([PROMPTS[0]] * 30, seeds=range(30))}
    assert len(lengths) > 3


def _ending(model, size):
    """The model with the output of the end set high or low everywhere: its input to the head is made constant."""
    with torch.no_grad():
        model.network.transformer.norm.bias[0] = 10.0
        model.network.transformer.head.weight[:, 0] = 0.0
        model.network.transformer.head.weight[SPACE.codes] = 0.0
        model.network.transformer.head.weight[SPACE.codes, 0] = size / 10
        model.network.transformer.norm.weight[0] = 0.0
    return model


def test_a_prefix_is_read_but_not_returned():
    model = prior()
    one, other = some_codes(6, seed=1)[0], some_codes(6, seed=2)[0]
    codes = model.sample([PROMPTS[0]] * 3, seeds=[5, 5, 5], prefixes=[one, other, one], tokens=[8, 8, 8])
    assert np.array_equal(codes[0], codes[2])
    assert not np.array_equal(codes[0], codes[1])
    (whole,) = model.sample([PROMPTS[0]], seeds=[5], tokens=[8])
    assert not np.array_equal(whole, codes[0])


def test_guidance_0_does_not_read_the_text():
    model = prior()
    blind = Sampling(guidance=0.0)
    codes = model.sample([prompt(WALK, SIT), prompt(WAVE)], seeds=[3, 3], sampling=blind, tokens=[12, 12])
    assert np.array_equal(*codes)
    codes = model.sample([prompt(WALK, SIT), prompt(WAVE)], seeds=[3, 3], tokens=[12, 12])
    assert not np.array_equal(*codes)


@pytest.mark.parametrize(
    ("wishes", "message"),
    [
        ({"tokens": [25]}, r"5 seconds behind a prefix of 0: this prior was made for at most 4.8 in all"),
        ({"tokens": [20], "prefixes": some_codes(5)}, r"4 seconds behind a prefix of 1: .* at most 4.8"),
        ({"prefixes": some_codes(24)}, r"0.2 seconds behind a prefix of 4.8"),
        ({"prefixes": some_codes(30)}, r"prefix 0: 6 seconds, this prior was made for at most 4.8"),
        ({"prefixes": [np.array([20])]}, r"prefix 0: codes from 20 to 20, there are 0 to 19"),
        ({"prefixes": [np.array([0.5])]}, r"prefix 0: codes are a row of whole numbers, not float64"),
        ({"tokens": [0]}, r"0 tokens: a motion has at least one"),
        ({"tokens": [3, 3]}, r"2 tokens for 1 prompts: give one for each"),
        ({"seeds": [1, 2]}, r"2 seeds for 1 prompts"),
    ],
)
def test_impossible_wishes_are_told(wishes, message):
    with pytest.raises(ConfigError, match=message):
        prior().sample([PROMPTS[0]], **{"seeds": [0], **wishes})


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"temperature": 0.0}, r"sampling.temperature must be positive, not 0"),
        ({"top_p": 1.5}, r"sampling.top_p must be at most 1, not 1.5"),
        ({"top_p": 0.0}, r"sampling.top_p must be positive"),
        ({"guidance": -1.0}, r"sampling.guidance must be at least 0, not -1"),
    ],
)
def test_impossible_sampling_is_told(values, message):
    with pytest.raises(ConfigError, match=message):
        Sampling(**values)


def test_no_prompt_gives_no_codes():
    assert prior().sample([], seeds=[]) == []


@given(
    st.lists(st.floats(-8, 8), min_size=1, max_size=12),
    st.floats(0, 1, exclude_max=True),
    st.floats(0.05, 1.0),
    st.floats(0.2, 3.0),
)
def test_a_draw_is_one_of_the_most_probable(logits, chance, top_p, temperature):
    values = np.array(logits)
    number = drawn(values, chance, Sampling(top_p=top_p, temperature=temperature))
    chances = np.exp(values / temperature - (values / temperature).max())
    chances /= chances.sum()
    assert chances[chances > chances[number] + 1e-12].sum() < top_p + 1e-9


def test_draws_have_the_probabilities_that_they_should():
    logits = np.log(np.array([0.1, 0.2, 0.3, 0.4]))
    for top_p, expected in [(1.0, [0.1, 0.2, 0.3, 0.4]), (0.65, [0, 0, 3 / 7, 4 / 7]), (0.01, [0, 0, 0, 1])]:
        draws = [drawn(logits, chance, replace(Sampling(), top_p=top_p)) for chance in np.arange(0.0005, 1, 0.001)]
        assert np.allclose(np.bincount(draws, minlength=4) / 1000, expected, atol=2e-3)


def test_seconds_of_events_are_within_reason_and_do_not_depend_on_the_others():
    model = prior()
    several = model.durations(PROMPTS)
    assert [len(seconds) for seconds in several] == [len(asked.events) for asked in PROMPTS]
    assert all(0.4 <= value <= 4.8 for seconds in several for value in seconds)
    assert [model.durations([asked])[0] for asked in PROMPTS] == several
    with pytest.raises(ConfigError, match="predicts no seconds of events"):
        prior(**VECTOR).durations(PROMPTS)


def test_the_copy_that_draws_follows_the_weights():
    model = prior()
    before, again = (model.sample([prompt(WALK, SIT)], seeds=[1])[0] for _ in range(2))
    assert before.tobytes() == again.tobytes()
    names = set(model.state_dict())
    with torch.no_grad():
        model.network.codes.weight.mul_(-2.0)
    changed = model.sample([prompt(WALK, SIT)], seeds=[1])[0]
    assert changed.tobytes() != before.tobytes()
    assert set(model.state_dict()) == names  # the copy is no part of the weights
