"""What the network reads, and what it cannot read."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from toy_priors import SIT, VECTOR, WALK, WAVE, prior, prompt, some_codes

from chronomotion.generation.prior.sampling import as_tensor
from chronomotion.generation.prior.transformer import Kept

PLANNED = prompt(WALK, SIT, WAVE, spans=((2, 6), (6, 9), (9, 14)))
BARE = prompt(SIT, WALK)


def logits(model, prompts, codes):
    padded, _ = as_tensor(codes, model.network.padding)
    with torch.inference_mode():
        return model.logits(model.read(prompts, padded.shape[1] + 1), padded).numpy()


@pytest.mark.parametrize("sizes", [{}, {"conditioning": "states-without-index"}, {"plan": False}, VECTOR])
def test_kept_keys_give_what_whole_passes_give(sizes):
    model = prior(**sizes)
    codes = some_codes(14, 14)
    whole = logits(model, [PLANNED, BARE], codes)
    kept = Kept(model.config.layers, 25)
    condition = model.read([PLANNED, BARE], 15)
    rows = torch.from_numpy(np.stack(codes))
    with torch.inference_mode():
        steps = [model.network(rows[:, :0], condition, kept)]
        steps += [model.network(rows[:, i : i + 1], condition, kept) for i in range(14)]
    assert np.abs(torch.cat(steps, dim=1).numpy() - whole).max() < 1e-5
    assert np.abs(whole[0] - whole[1]).max() > 0.1


def test_several_codes_at_a_time_are_kept_too():
    model = prior()
    codes = some_codes(10)
    rows = torch.from_numpy(codes[0])[None]
    kept, condition = Kept(model.config.layers, 25), model.read([PLANNED], 11)
    with torch.inference_mode():
        parts = [model.network(rows[:, :4], condition, kept), model.network(rows[:, 4:], condition, kept)]
    assert np.abs(torch.cat(parts, dim=1).numpy() - logits(model, [PLANNED], codes)).max() < 1e-5


def test_a_later_code_changes_no_earlier_logits():
    model = prior()
    (codes,) = some_codes(12)
    changed = codes.copy()
    changed[7] = (changed[7] + 1) % 20
    before, after = (logits(model, [PLANNED], [some])[0] for some in (codes, changed))
    assert np.array_equal(before[:8], after[:8])
    assert np.abs(before[8:] - after[8:]).max(axis=1).min() > 1e-4


def test_padding_changes_nothing():
    model = prior()
    short, long = some_codes(5, 13)
    alone = logits(model, [BARE], [short])
    padded = logits(model, [BARE, PLANNED], [short, long])[:1, :6]
    assert np.abs(alone - padded).max() < 1e-5
    likely = model.log_likelihoods([BARE, PLANNED, BARE], [short, long, short])
    assert np.allclose(likely[[0, 2]], model.log_likelihoods([BARE], [short])[0], atol=1e-6)


@pytest.mark.parametrize(("conditioning", "differs"), [("states", True), ("states-without-index", False)])
def test_events_need_an_index_to_have_an_order(conditioning, differs):
    """Cross-attention over states without an index is a bag: the claim of the issue about published code."""
    model = prior(conditioning=conditioning, sentence=False)
    codes = some_codes(10, 10)
    right, wrong = logits(model, [prompt(WALK, SIT, WAVE), prompt(WAVE, SIT, WALK)], codes[:1] * 2)
    assert (np.abs(right - wrong).max() > 1e-2) == differs
    if not differs:
        assert np.abs(right - wrong).max() < 1e-5


def test_without_an_index_the_order_comes_from_the_sentence_alone():
    model = prior(conditioning="states-without-index", sentence=True)
    told, swapped = prompt(WALK, SIT, text="x y"), prompt(SIT, WALK, text="x y")
    codes = some_codes(6) * 2
    same, other = logits(model, [told, swapped], codes), logits(model, [told, replace(swapped, text="y z")], codes)
    assert np.abs(same[0] - same[1]).max() < 1e-5
    assert np.abs(other[0] - other[1]).max() > 1e-2


def test_a_plan_tells_the_order_by_its_own():
    model = prior(conditioning="vector", sentence=False)
    spans = ((0, 4), (4, 10))
    right, wrong = logits(model, [prompt(WALK, SIT, spans=spans), prompt(SIT, WALK, spans=spans)], some_codes(10) * 2)
    assert np.abs(right - wrong).max() > 1e-2
    bare = logits(model, [prompt(WALK, SIT), prompt(SIT, WALK)], some_codes(10) * 2)
    assert np.array_equal(bare[0], bare[1])


def test_a_dropped_plan_is_no_plan():
    model = prior()
    codes = some_codes(12)
    rows = torch.from_numpy(codes[0])[None]
    with torch.inference_mode():
        dropped = model.logits(model.read([PLANNED], 13).without_plan(torch.tensor([True])), rows).numpy()
    assert np.array_equal(dropped, logits(model, [PLANNED.without_plan()], codes))
    assert np.abs(dropped - logits(model, [PLANNED], codes)).max() > 1e-2


def test_a_model_without_a_plan_reads_none():
    model = prior(plan=False)
    codes = some_codes(12)
    assert np.array_equal(logits(model, [PLANNED], codes), logits(model, [PLANNED.without_plan()], codes))


def test_without_text_nothing_of_the_words_is_left():
    model = prior()
    codes = some_codes(14) * 2
    other = prompt(WAVE, WALK, SIT, spans=PLANNED.spans)
    with_text = model.log_likelihoods([PLANNED, other], codes)
    without = model.log_likelihoods([PLANNED, other], codes, without_text=True)
    assert without[0] == pytest.approx(without[1], abs=1e-6)
    assert abs(with_text[0] - with_text[1]) > 1e-3
    assert abs(with_text[0] - without[0]) > 1e-3


@pytest.mark.parametrize("count", [1, 2, 12])
def test_one_event_to_twelve(count):
    model = prior()
    events = tuple(f"a person does thing {i}." for i in range(count))
    codes = some_codes(12)
    values = logits(model, [prompt(*events, spans=tuple((i, i + 1) for i in range(count)))], codes)
    assert np.isfinite(values).all()
    turned = logits(model, [prompt(*events[::-1])], codes)
    assert (np.abs(turned - logits(model, [prompt(*events)], codes)).max() > 1e-3) == (count > 1)


def test_equal_events_are_told_apart_by_their_places_only():
    model = prior()
    twice = prompt(WALK, WALK, SIT)
    codes = some_codes(9) * 2
    same = logits(model, [twice, prompt(WALK, WALK, SIT)], codes)
    assert np.array_equal(same[0], same[1])
    assert np.abs(logits(model, [twice, prompt(WALK, SIT, text=twice.text)], codes)[1] - same[0]).max() > 1e-3


def test_an_event_is_read_in_neutral_words_by_itself():
    """ "The person then waves" and "a person waves" are the same event: the words do not tell its place."""
    model = prior(sentence=False)
    codes = some_codes(9) * 2
    plain, told = logits(
        model, [prompt("a person walks.", "a person waves."), prompt("a man walks.", "he waves.")], codes
    )
    assert np.array_equal(plain, told)


def test_likelihoods_are_those_of_the_softmax():
    model = prior()
    (codes,) = some_codes(7)
    values = logits(model, [BARE], [codes])[0].astype(np.float64)
    logs = values - np.log(np.exp(values).sum(axis=1, keepdims=True))
    expected = np.mean([logs[i, code] for i, code in enumerate([*codes, 20])])
    assert model.log_likelihoods([BARE], [codes])[0] == pytest.approx(expected, abs=1e-5)
    assert model.log_likelihoods([BARE], [np.zeros(0, dtype=np.int64)])[0] == pytest.approx(logs[0, 20], abs=1e-5)
    assert len(model.log_likelihoods([], [])) == 0
