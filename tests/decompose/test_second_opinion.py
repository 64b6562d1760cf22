"""What fails the check is asked again, with what a parser says of it."""

from __future__ import annotations

import pytest

from chronomotion.errors import ConfigError
from chronomotion.language.decompose import second_opinion
from chronomotion.language.decompose.decomposition import Decomposer, Described
from chronomotion.language.decompose.rules import RuleDecomposer
from chronomotion.language.decompose.second_opinion import SECOND_OPINION, SecondOpinion
from chronomotion.language.decompose.spacy_tags import Parsed

CAPTION = "An ostrich rider hops over the log and lands on a mat, then bows."


def parse(text: str) -> tuple[Parsed, ...]:
    """The ostrich rider acts; nothing else is known."""
    found, at = [], 0
    for word in text.split():
        start = text.index(word, at)
        at = start + len(word)
        found.append(Parsed(word, start, "NOUN" if word == "rider" else "X", 3 if word == "rider" else None))
    return tuple(found)


class Losing(RuleDecomposer):
    """Rules that lose whoever they do not know, as the real ones may or may not."""

    def split(self, caption, tags=None):
        from dataclasses import replace

        from chronomotion.language.decompose.words_kept import doubted

        made = super().split(caption.replace("ostrich rider", "person"), tags)
        return doubted(replace(made, caption=caption, doubt=""))


def test_it_is_a_decomposer_and_asks_only_about_what_fails() -> None:
    asked: list[str] = []

    def noted(text: str) -> tuple[Parsed, ...]:
        asked.append(text)
        return parse(text)

    opinion = SecondOpinion(Losing(), noted)
    assert isinstance(opinion, Decomposer)
    assert opinion.source == RuleDecomposer().source
    results = list(opinion.decompose([Described("a man bows"), Described(CAPTION), Described("a man sits then waves")]))
    assert asked == [CAPTION]
    assert [result.caption for result in results] == ["a man bows", CAPTION, "a man sits then waves"]
    assert results[0] == RuleDecomposer().split("a man bows")


def test_the_first_answer_that_passes_is_taken_and_says_so() -> None:
    made = SecondOpinion(Losing(), parse).split(CAPTION)
    assert made.events.texts == (
        "an ostrich rider hops over the log.", "an ostrich rider lands on a mat.", "an ostrich rider bows.",
    )  # fmt: skip
    assert made.events.source == SECOND_OPINION
    assert made.doubt == ""
    assert made.caption == CAPTION
    assert made.why[-1].startswith("second opinion (spaCy), since the rules alone have lost: ostrich, rider")
    assert SecondOpinion(Losing(), parse).split(CAPTION) == made


def test_where_nothing_passes_the_doubt_stays() -> None:
    opinion = SecondOpinion(Losing(), lambda text: ())
    made = opinion.split(CAPTION)
    assert made.doubt == "lost: ostrich, rider"
    assert made.events.source == RuleDecomposer().source


def test_without_spacy_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def absent(*models: str) -> None:
        calls.append(models)
        raise ConfigError("none of spaCy's models is installed")

    monkeypatch.setattr(second_opinion, "SpacyParser", absent)
    opinion = SecondOpinion(Losing())
    assert [opinion.split(CAPTION).doubt for _ in range(3)] == ["lost: ostrich, rider"] * 3
    assert len(calls) == 1


PEOPLE = (
    "athlete acrobat gymnast waitress waiter teacher nurse juggler skater sprinter goalkeeper ballerina drummer "
    "pitcher batter fencer wrestler carpenter painter gardener conductor butler janitor hiker climber cyclist surfer"
).split()


def test_people_nouns_keep_their_verbs() -> None:
    pytest.importorskip("spacy", reason="spaCy is not installed (extra: spacy)")
    from chronomotion.language.decompose.spacy_tags import SpacyParser

    try:
        opinion = SecondOpinion(RuleDecomposer(), SpacyParser())
    except ConfigError as error:
        pytest.skip(str(error))
    lost = []
    for noun in PEOPLE:
        made = opinion.split(f"the {noun} jumps and lands")
        verbs = [text.rstrip(".").split()[-1] for text in made.events.texts]
        if verbs != ["jumps", "lands"]:
            lost.append((noun, made.events.texts))
    assert lost == []
