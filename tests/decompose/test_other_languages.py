"""Captions that are not English stay as they are, with a mark; slips and foreign names of dances get none."""

from __future__ import annotations

import pytest

from chronomotion.language.decompose.other_languages import not_english
from chronomotion.language.decompose.rules import RuleDecomposer

RULES = RuleDecomposer()


@pytest.mark.parametrize(
    "caption",
    [
        "Ein Mann dreht sich nach links und springt dann.",
        "La femme saute puis tourne à gauche.",
        "El hombre salta y luego se sienta.",
        "Um homem anda para frente e depois senta.",
        "L'uomo cammina e poi si siede.",
        "De man loopt naar voren en zit.",
        "En man går framåt och sätter sig.",
        "мужчина прыгает, затем садится",
        "男性が歩いて座る",
        "남자가 걷는다",
        "رجل يمشي ثم يجلس",
    ],
)
def test_other_languages_get_a_mark_and_stay(caption: str) -> None:
    made = RULES.split(caption)
    assert made.events.texts == (caption,)
    assert made.mark.startswith("kept whole: not English")


@pytest.mark.parametrize(
    "caption",
    [
        "a person dances la macarena, then el tango",
        "A man does a chassé and a plié.",
        "an man walks en then sits",
        "a persom wlaks foward",
        "walks like a 忍者 then sits",
        "die is rolled by the man",
        "hops",
        "",
        "123 !!",
    ],
)
def test_english_has_no_mark(caption: str) -> None:
    assert not_english(caption) == ""
    assert RULES.split(caption).mark == ""
