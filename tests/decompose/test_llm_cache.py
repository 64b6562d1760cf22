import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronomotion.errors import FormatError
from chronomotion.language.decompose.llm.cache import AnswerCache


@pytest.fixture
def path(tmp_path):
    return tmp_path / "kept" / "answers.jsonl"


def test_answers_are_there_again_in_the_next_run(path):
    cache = AnswerCache(path, "toy", "1")
    cache.add("a person walks", "", "first")
    cache.add("a person walks", "lost words", "second")
    cache.add("línea\u2028 \ud800 \n", "", "é\n")
    again = AnswerCache(path, "toy", "1")
    assert again.get("a person walks") == "first"
    assert again.get("a person walks", "lost words") == "second"
    assert again.get("línea\u2028 \ud800 \n") == "é\n"
    assert again.get("a person runs") is None


@pytest.mark.parametrize(("model", "prompt"), [("toy", "2"), ("other", "1")])
def test_answers_of_other_models_and_prompts_are_not_mixed_up(path, model, prompt):
    AnswerCache(path, "toy", "1").add("a person walks", "", "first")
    assert AnswerCache(path, model, prompt).get("a person walks") is None


@given(cut=st.integers(1, 200))
def test_a_cut_last_line_costs_that_line_only(tmp_path_factory, cut):
    path = tmp_path_factory.mktemp("cut") / "answers.jsonl"
    cache = AnswerCache(path, "toy", "1")
    cache.add("a person walks", "", "first")
    whole = len(path.read_bytes())
    cache.add("a person runs", "", "second")
    path.write_bytes(path.read_bytes()[: max(whole, len(path.read_bytes()) - cut)])
    mended = AnswerCache(path, "toy", "1")
    assert mended.get("a person walks") == "first"
    mended.add("a person jumps", "", "third")
    last = AnswerCache(path, "toy", "1")
    assert last.get("a person walks") == "first"
    assert last.get("a person jumps") == "third"


def test_rows_of_the_wrong_shape_are_passed_over(path):
    AnswerCache(path, "toy", "1").add("a person walks", "", "first")
    with path.open("a") as file:
        file.write('[]\n{"model": "toy", "prompt": "1", "caption": "a person runs", "fault": "", "answer": 3}\n\n')
    cache = AnswerCache(path, "toy", "1")
    assert cache.get("a person walks") == "first"
    assert cache.get("a person runs") is None


def test_some_other_file_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "captions.txt"
    path.write_text("a person walks")
    with pytest.raises(FormatError, match="captions.txt: not a file of chronomotion answers of language models"):
        AnswerCache(path, "toy", "1")
    assert path.read_text() == "a person walks"


def test_a_file_of_a_later_version_is_refused(path):
    AnswerCache(path, "toy", "1")
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format_version": 2}) + "\n")
    with pytest.raises(FormatError, match="format_version 2, but this program knows 1"):
        AnswerCache(path, "toy", "1")


def test_an_empty_file_becomes_a_cache(tmp_path):
    path = tmp_path / "answers.jsonl"
    path.touch()
    AnswerCache(path, "toy", "1").add("a person walks", "", "first")
    assert AnswerCache(path, "toy", "1").get("a person walks") == "first"
