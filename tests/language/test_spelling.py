"""Misspelt verbs are put right, and words that are English stay what they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronomotion.language.decompose.grammar.spelling import corrected, one_slip_apart
from chronomotion.language.english import is_english
from chronomotion.language.lexicon import verb_forms


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("perfoms", "performs"), ("streching", "stretching"), ("walkss", "walks"), ("wlaks", "walks"),
        ("wakling", "walking"), ("walds", "walks"), ("truning", "turning"), ("liting", "lifting"),
        ("hilding", "holding"), ("rasing", "raising"), ("stans", "stands"), ("grabed", "grabbed"),
        ("steping", "stepping"), ("joging", "jogging"), ("calping", "clapping"), ("scatches", "scratches"),
        ("reachs", "reaches"), ("stagers", "staggers"), ("talkes", "takes"), ("wawving", "waving"),
        ("swivles", "swivels"), ("carryung", "carrying"), ("kneeing", None), ("jmups", "jumps"), ("jumsp", "jumps"),
        ("crouchs", "crouches"), ("throwss", "throws"), ("squatts", "squats"), ("dribles", "dribbles"),
    ],
)  # fmt: skip
def test_one_slip_is_put_right(typed: str, meant: str | None) -> None:
    found = corrected(typed, expected=True)
    assert (None if found is None else found.spelling) == meant


@pytest.mark.parametrize(
    "word",
    "action animation assuring bonding bored dibbling direction dripping excited fives lefts liens overstepping poised "
    "railing recovery rotation ruining sided skewing skids sorting stairs tales tunes waivers waives waked wings words "
    "soaring wading winding bolting mopes loots posing lumps rumps clasps slopes stares paces pacing firing".split(),
)
def test_what_is_english_is_never_corrected(word: str) -> None:
    assert is_english(word)
    assert corrected(word, expected=True) is None
    assert corrected(word, expected=True, hint="VERB") is None


@pytest.mark.parametrize("word", ["perceds", "practing", "xqzzs", "wlksa", "le's", "zig-zagging", "wlk", "sti"])
def test_two_slips_short_words_and_others_are_left(word: str) -> None:
    assert corrected(word, expected=True) is None


def test_only_where_a_verb_is_expected() -> None:
    assert corrected("perfoms", expected=False) is None
    assert corrected("perfoms", expected=False, hint="VERB") is not None
    assert corrected("perfom", expected=True) is None  # a base form: mostly a noun
    found = corrected("perfom", expected=False, hint="VERB")
    assert found is not None
    assert found.base == "perform"


def _distance(one: str, other: str) -> int:
    """Damerau and Levenshtein's, with neighbours exchanged (optimal string alignment), by its definition."""
    rows = [[i + j if i * j == 0 else 0 for j in range(len(other) + 1)] for i in range(len(one) + 1)]
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            rows[i][j] = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (one[i - 1] != other[j - 1]))
            if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1)
    return rows[-1][-1]


@given(st.text("abc", max_size=7), st.text("abc", max_size=7))
def test_a_slip_is_a_distance_of_one(one: str, other: str) -> None:
    assert one_slip_apart(one, other) == (_distance(one, other) == 1)
    assert one_slip_apart(one, other) == one_slip_apart(other, one)


@given(
    st.sampled_from(sorted(form for form, (_, kind) in verb_forms().items() if kind == "third" and form.isalpha())),
    st.integers(0, 12),
    st.sampled_from("abcdefghijklmnopqrstuvwxyz"),
    st.sampled_from(["out", "in", "change", "exchange"]),
)
def test_a_correction_is_one_slip_away(form: str, at: int, letter: str, slip: str) -> None:
    at = 1 + at % max(1, len(form) - 2)
    typed = {
        "out": form[:at] + form[at + 1 :],
        "in": form[:at] + letter + form[at:],
        "change": form[:at] + letter + form[at + 1 :],
        "exchange": form[:at] + form[at : at + 2][::-1] + form[at + 2 :],
    }[slip]
    found = corrected(typed, expected=True)
    if found is None:
        return
    assert not is_english(typed)
    doubled = found.base + found.base[-1]
    undoubled = found.spelling.replace(doubled, found.base, 1)
    assert min(_distance(typed, found.spelling), _distance(typed, undoubled)) <= 1


def test_english() -> None:
    assert all(map(is_english, "the walks sashay colour color tiptoeing dog".split()))
    assert not any(map(is_english, "perfoms streching wlaks persin".split()))
