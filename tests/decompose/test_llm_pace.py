import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronomotion.language.decompose.llm.pace import Clock, Pace, back_off, retry_after

NOVEMBER_1994 = 784_111_777.0


class Steps:
    """A clock that goes on when it is slept by."""

    def __init__(self):
        self.time = 100.0
        self.clock = Clock(now=lambda: self.time, sleep=self.sleep)

    def sleep(self, seconds):
        self.time += seconds


def times(pace, steps, n):
    found = []
    for _ in range(n):
        pace.wait()
        found.append(steps.time)
    return found


def test_requests_leave_evenly_and_not_in_bursts_after_a_pause():
    steps = Steps()
    pace = Pace(20.0, steps.clock)
    assert times(pace, steps, 3) == pytest.approx([100, 103, 106])
    steps.time = 200.0
    assert times(pace, steps, 3) == pytest.approx([200, 203, 206])


def test_without_a_limit_nobody_waits_until_a_rest_is_asked_for():
    steps = Steps()
    pace = Pace(None, steps.clock)
    assert times(pace, steps, 2) == [100, 100]
    pace.rest(30.0)
    pace.rest(5.0)
    assert times(pace, steps, 2) == [130, 130]


@given(st.integers(0, 30), st.integers(), st.text(st.characters(codec="utf-8")))
def test_back_off_doubles_up_to_a_minute_with_jitter(attempt, seed, identity):
    pause = back_off(attempt, seed, identity)
    assert 0.5 <= pause / min(2.0**attempt, 60.0) < 1.5
    assert back_off(attempt, seed, identity) == pause


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("0", 0.0),
        ("1.5", 1.5),
        ("-3", 0.0),
        ("Sun, 06 Nov 1994 08:50:37 GMT", 60.0),
        ("Sunday, 06-Nov-94 08:50:37 GMT", 60.0),
        ("Sun, 06 Nov 1994 08:49:00 GMT", 0.0),
        ("soon", None),
        ("nan", None),
        ("inf", None),
        ("", None),
    ],
)
def test_retry_after_in_seconds_and_as_a_date(value, seconds):
    assert retry_after(value, NOVEMBER_1994) == seconds
