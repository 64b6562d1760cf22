"""Foils: captions with another event among their own."""

from __future__ import annotations

from collections import Counter

import pytest

from chronomotion.corpus.corpus import Corpus
from chronomotion.errors import ConfigError
from chronomotion.language.caption import Events
from chronomotion.training.config import TrainingConfig
from chronomotion.training.foils import Foils
from chronomotion.training.losses import relations
from chronomotion.training.pairs import pairs_of

HANDS = {
    f"{verb}-{side}-hand": f"a person {verb}s the {side} hand."
    for verb in ("wave", "raise", "lower")
    for side in ("left", "right")
} | {"wave-both-hands": "a person waves both hands."}
VERBS = ("walks", "runs", "jumps", "hops", "sits", "kneels", "bows", "claps")
OTHERS = {f"other-{verb}": f"a person {verb}." for verb in VERBS}


def _events(*labels: str) -> Events:
    return Events(tuple((HANDS | OTHERS)[label] for label in labels), labels=labels)


@pytest.fixture(scope="module")
def foils() -> Foils:
    return Foils([_events(label) for label in HANDS | OTHERS])


def test_a_foil_differs_in_one_event_told_as_the_corpus_tells_it(foils: Foils) -> None:
    events = _events("wave-left-hand", "other-walks", "other-sits")
    places: Counter[int] = Counter()
    for number in range(60):
        foil = foils.foil(events, number)
        assert foil is not None
        assert foil.labels is not None
        (place,) = [i for i, label in enumerate(foil.labels) if label != (events.labels or ())[i]]
        assert foil.texts[place] == (HANDS | OTHERS)[foil.labels[place]]
        assert foil.labels[place] not in ("wave-left-hand", "other-walks", "other-sits")
        assert foil.spans is None
        places[place] += 1
    assert set(places) == {0, 1, 2}


def test_actions_in_similar_words_are_drawn_more_often(foils: Foils) -> None:
    drawn: Counter[str] = Counter()
    for number in range(1400):
        foil = foils.foil(_events("wave-left-hand"), number)
        assert foil is not None
        assert foil.labels is not None
        drawn.update(foil.labels)
    # Six are near, eight are not: 0.75 / 6 + 0.25 / 14 of the draws for each near one, 0.25 / 14 for the others.
    for label in HANDS:
        assert (abs(drawn[label] - 200) < 50) == (label != "wave-left-hand")
    for label in OTHERS:
        assert 5 <= drawn[label] <= 50


def test_the_draw_depends_on_the_identity_alone(foils: Foils) -> None:
    events = _events("wave-left-hand", "other-walks")
    first = [foils.foil(events, "clip", number) for number in range(20)]
    assert first == [foils.foil(events, "clip", number) for number in range(20)]
    assert first != [foils.foil(events, "another", number) for number in range(20)]


@pytest.mark.parametrize(
    "events",
    [
        pytest.param(Events(("a person waves.",)), id="no labels"),
        pytest.param(Events(("a person swims.",), labels=("swim",)), id="a label that the corpus does not know"),
        pytest.param(_events(*HANDS, *OTHERS), id="nothing left to exchange"),
    ],
)
def test_without_another_event_there_is_no_foil(foils: Foils, events: Events) -> None:
    assert foils.foil(events, 0) is None


def test_a_foil_never_says_what_the_motion_shows() -> None:
    """Two labels in the same words are one event to whoever reads them."""
    twice = Foils([Events(("a person waves.",), labels=("wave",)), Events(("A man waves.",), labels=("greet",))])
    assert all(twice.foil(Events(("a person waves.",), labels=("wave",)), number) is None for number in range(20))


@pytest.mark.parametrize("labels", [(), ("alone",)])
def test_a_corpus_of_fewer_than_two_actions_has_no_foils(labels: tuple[str, ...]) -> None:
    few = Foils([Events((f"a person is {label}.",), labels=(label,)) for label in labels])
    assert few.foil(Events(("a person is alone.",), labels=("alone",)), 0) is None


def test_pairs_have_foils_which_are_about_other_events(toy_corpus: Corpus) -> None:
    foils = Foils(caption.events for name in toy_corpus.names for caption in toy_corpus.captions(name))
    config = TrainingConfig(foils=2)
    for name in toy_corpus.split("train")[:8]:
        plain, pairs = pairs_of(toy_corpus, name, TrainingConfig(), 0), pairs_of(toy_corpus, name, config, 0, (), foils)
        for before, pair in zip(plain, pairs, strict=True):
            assert pair.wrong[: len(before.wrong)] == before.wrong
            added = pair.wrong_keys[len(before.wrong) :]
            assert 1 <= len(added) <= 2
            for keys, text in zip(added, pair.wrong[len(before.wrong) :], strict=True):
                assert sum(a != b for a, b in zip(keys, pair.keys, strict=True)) == 1
                stand = relations([keys], [pair.keys])
                assert not stand.same.any()
                assert not stand.jumbled.any()
                assert text != pair.text


def test_a_negative_number_of_foils_is_refused() -> None:
    with pytest.raises(ConfigError, match="foils"):
        TrainingConfig(foils=-1)
