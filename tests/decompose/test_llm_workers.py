import threading
from concurrent.futures import CancelledError

import pytest

from chronomotion.language.decompose.llm.workers import workers


def test_answers_and_errors_reach_the_one_who_asked():
    with workers(2, lambda number: 6 // number) as submit:
        futures = [submit(number) for number in (3, 0, 1)]
        assert futures[0].result(5) == 2
        with pytest.raises(ZeroDivisionError):
            futures[1].result(5)
        assert futures[2].result(5) == 6


def test_at_the_end_what_has_begun_is_finished_and_nothing_else_is_begun():
    begun, go_on = threading.Event(), threading.Event()
    done = []

    def work(number):
        begun.set()
        go_on.wait(5)
        done.append(number)
        return number

    with workers(1, work) as submit:
        futures = [submit(number) for number in range(3)]
        begun.wait(5)
    go_on.set()
    assert futures[0].result(5) == 0
    for future in futures[1:]:
        with pytest.raises(CancelledError):
            future.result(5)
    assert done == [0]
