"""The rows of a training, and which of them make a batch."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from toy_priors import PLAIN, training

from chronomotion.errors import ConfigError, TrainingError
from chronomotion.generation.prior.feed import PriorFeed
from chronomotion.generation.prior.rows import Drawing
from chronomotion.language.wording import neutral, tell


def rows_of(coded, count=60, **changes):
    several = [parts[0] for parts in coded.clips.values() if parts[0].has_orders and parts[0].prompt.spans]
    config = training(**changes)
    draw = [Drawing(config, 32, 5, (0, i, clip.name), 0) for i in range(count) for clip in several[:2]]
    clips = several[:2] * count
    return [(clip, drawing.row(clip, compared=True)) for clip, drawing in zip(clips, draw, strict=True)], draw, clips


def test_a_compared_row_exchanges_texts_and_keeps_times(coded):
    rows, _, _ = rows_of(coded, **PLAIN)
    for clip, row in rows:
        assert sorted(row.wrong.events) == sorted(row.prompt.events)
        assert row.wrong.events != row.prompt.events == clip.prompt.events
        assert row.wrong.spans == row.prompt.spans == clip.prompt.spans
        assert row.wrong.text != row.prompt.text
        assert (row.prompt.text == tell(row.prompt.events)) == (row.wrong.text == tell(row.wrong.events))
    assert len({row.prompt.text for _, row in rows}) > 6


def test_corruption_has_the_rate_that_is_set(coded):
    rows, _, _ = rows_of(coded, **PLAIN, corruption=0.5, corruption_kind="fixed")
    rate = np.mean([(row.given != row.codes).mean() for _, row in rows])
    assert rate == pytest.approx(0.5 * 31 / 32, abs=0.03)
    rates = [(row.given != row.codes).mean() for _, row in rows_of(coded, **PLAIN)[0]]
    assert np.mean(rates) == pytest.approx(0.25, abs=0.03)
    assert min(rates) < 0.05 < 0.4 < max(rates)
    assert all((row.given == row.codes).all() for _, row in rows_of(coded, **PLAIN, corruption=0.0)[0])


def test_corruption_changes_with_the_epoch_and_texts_do_not(coded):
    _, drawings, clips = rows_of(coded)
    first = [drawing.row(clip) for drawing, clip in zip(drawings, clips, strict=True)]
    later = [replace(drawing, epoch=4).row(clip) for drawing, clip in zip(drawings, clips, strict=True)]
    assert [row.prompt for row in first] == [row.prompt for row in later]
    assert sum(not np.array_equal(a.given, b.given) for a, b in zip(first, later, strict=True)) > 60


def test_a_third_of_rows_loses_a_token_at_one_of_its_ends(coded):
    rows, _, _ = rows_of(coded, **{**PLAIN, "shift_share": 1 / 3})
    lost_first = [np.array_equal(row.codes, clip.codes[1:]) for clip, row in rows]
    lost_last = [np.array_equal(row.codes, clip.codes[:-1]) for clip, row in rows]
    whole = [np.array_equal(row.codes, clip.codes) for clip, row in rows]
    assert all(a or b or c for a, b, c in zip(lost_first, lost_last, whole, strict=True))
    assert np.mean(lost_first) == pytest.approx(1 / 6, abs=0.08)
    assert np.mean(lost_last) == pytest.approx(1 / 6, abs=0.08)
    for clip, row in rows:
        assert row.prompt.spans[-1][1] == len(row.codes)
        assert row.wrong.spans == row.prompt.spans
        assert len(clip.codes) - len(row.codes) <= 1


def test_a_continuation_begins_in_the_last_second_of_an_event(coded):
    config = training(**{**PLAIN, "continuation_share": 1.0})
    seen = 0
    for name, (clip,) in coded.clips.items():
        row = Drawing(config, 32, 3, (0, 0, name), 0).row(clip)
        if not row.begin:
            continue
        seen += 1
        assert row.begin == 3
        left = len(row.prompt.events)
        assert row.prompt.events == clip.prompt.events[-left:]
        assert 0 < left < len(clip.events)
        start = clip.prompt.spans[-left][0]
        assert np.array_equal(row.codes, clip.codes[start - 3 :])
        assert row.prompt.spans[0][0] == 3
        assert row.prompt.spans[-1][1] == len(row.codes)
        for event in clip.prompt.events[:-left]:
            assert event in row.prompt.events or neutral(event) not in row.prompt.text
    assert seen > 4


def test_text_and_plan_are_dropped_as_often_as_set(coded):
    rows, _, _ = rows_of(coded, text_dropout=0.1, plan_dropout=0.3)
    assert np.mean([row.no_text for _, row in rows]) == pytest.approx(0.1, abs=0.07)
    assert np.mean([row.no_plan for _, row in rows]) == pytest.approx(0.3, abs=0.1)
    assert all((row.wrong is None) == row.no_text or row.wrong is None for _, row in rows)
    assert not any(row.no_text and row.wrong is not None for _, row in rows)


def test_twins_share_a_batch_and_each_others_texts(coded):
    feed = PriorFeed(coded, training(**PLAIN), 32, 5)
    batches = list(feed.batches(0))
    assert len(batches) == 2 * feed.batches_per_epoch
    twins = 0
    for rows in batches:
        assert 6 <= len(rows) <= 8
        for row, twin in pairwise(rows):
            if row.name == twin.name and row.wrong and twin.wrong:
                assert row.wrong.events == twin.prompt.events
                assert twin.wrong.events == row.prompt.events
                twins += 1
    assert twins > 6
    compared = sum(row.wrong is not None for rows in batches for row in rows)
    assert 0.3 <= compared / sum(map(len, batches)) <= 0.55


def test_every_clip_comes_in_every_epoch(coded):
    feed = PriorFeed(coded, training(), 32, 5)
    names = {row.name for _, rows in zip(range(feed.batches_per_epoch), feed.batches(0), strict=False) for row in rows}
    assert names == set(coded.clips)


def test_without_the_loss_nothing_is_compared_and_there_are_no_twins(coded):
    rows = [row for batch in PriorFeed(coded, training(counterfactual_weight=0.0), 32, 5).batches(0) for row in batch]
    assert all(row.wrong is None for row in rows)
    without = replace(coded, twins={})
    rows = [row for batch in PriorFeed(without, training(**PLAIN), 32, 5).batches(0) for row in batch]
    assert 0.3 <= np.mean([row.wrong is not None for row in rows]) <= 0.5


def test_batches_from_a_step_on_are_those_of_the_whole(coded):
    feed = PriorFeed(coded, training(epochs=3), 32, 5)
    whole = list(feed.batches(0))
    for done in (1, feed.batches_per_epoch, feed.batches_per_epoch + 2):
        rest = list(feed.batches(done))
        assert len(rest) == len(whole) - done
        for one, other in zip(rest, whole[done:], strict=True):
            assert [row.prompt for row in one] == [row.prompt for row in other]
            assert all(np.array_equal(a.given, b.given) for a, b in zip(one, other, strict=True))


def test_too_few_clips_are_told(coded):
    with pytest.raises(TrainingError, match=r"clips to train on, a batch needs 48: set prior.batch_size lower"):
        PriorFeed(coded, training(batch_size=64), 32, 5)
    with pytest.raises(ConfigError, match=r"prior.batch_size must be at least 4, not 2"):
        training(batch_size=2)
