import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from chronomotion.cache import RowCache
from chronomotion.errors import FormatError


def test_rows_come_back_in_their_order(tmp_path):
    cache = RowCache(tmp_path / "new" / "rows.jsonl", "numbers")
    for number in range(3):
        cache.append({"number": number, "text": "a\nb \u2028 ü"})
    again = RowCache(cache.path, "numbers")
    assert again.rows == cache.rows == [{"number": number, "text": "a\nb \u2028 ü"} for number in range(3)]
    assert json.loads(cache.path.read_text().splitlines()[0]) == {"format": "numbers", "format_version": 1}


@pytest.mark.parametrize("lost", range(1, 16))
def test_a_cut_line_costs_its_row_and_no_other(tmp_path, lost):
    cache = RowCache(tmp_path / "rows.jsonl", "numbers")
    for number in range(2):
        cache.append({"number": number})
    cache.path.write_bytes(cache.path.read_bytes()[:-lost])
    again = RowCache(cache.path, "numbers")
    kept = 2 if lost == 1 else 1  # the line break alone is no loss
    assert again.rows == [{"number": number} for number in range(kept)]
    again.append({"number": 7})
    assert [row["number"] for row in RowCache(cache.path, "numbers").rows] == [*range(kept), 7]


def test_an_empty_file_is_begun_and_another_kind_is_left_alone(tmp_path):
    (tmp_path / "empty").touch()
    assert RowCache(tmp_path / "empty", "numbers").rows == []
    RowCache(tmp_path / "words", "words").append({"word": "x"})
    with pytest.raises(FormatError, match="words: not a file of numbers; give another name, or remove it"):
        RowCache(tmp_path / "words", "numbers")
    with pytest.raises(FormatError, match="format_version 1, but this program knows 2; update"):
        RowCache(tmp_path / "words", "words", 2)
    assert RowCache(tmp_path / "words", "words").rows == [{"word": "x"}]


def test_threads_lose_nothing(tmp_path):
    cache = RowCache(tmp_path / "rows.jsonl", "numbers")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: cache.append({"number": number}), range(200)))
    assert sorted(row["number"] for row in RowCache(cache.path, "numbers").rows) == list(range(200))
