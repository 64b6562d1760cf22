"""Tags from spaCy, where it is installed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chronomotion.errors import ConfigError
from chronomotion.language.decompose.decomposition import Described
from chronomotion.language.decompose.rules import RuleDecomposer

pytest.importorskip("spacy", reason="spaCy is not installed (extra: spacy)")


@pytest.fixture(scope="module")
def rules() -> RuleDecomposer:
    from chronomotion.language.decompose.spacy_tags import SpacyTagger

    try:
        tagger = SpacyTagger()
    except ConfigError as error:
        pytest.skip(str(error))
    return RuleDecomposer(tagger, tagger_name=tagger.name)


def test_captions_keep_their_order_and_the_source_says_who(rules: RuleDecomposer) -> None:
    captions = [Described(f"a person hops {n} times, then sits") for n in range(600)]
    results = list(rules.decompose(captions))
    assert [result.caption for result in results] == [caption.text for caption in captions]
    assert rules.source.startswith("rules+spacy/")
    assert all(len(result.events) == 2 and result.events.source == rules.source for result in results)


def test_a_verb_that_the_lexicon_lacks_is_found(rules: RuleDecomposer) -> None:
    caption = "a person squats, devours at the wall and rinses"
    assert len(RuleDecomposer().split(caption).events) == 2
    assert len(next(rules.decompose([Described(caption)])).events) == 3


def test_own_tags_of_a_corpus_win(rules: RuleDecomposer) -> None:
    tags = (("a", "DET"), ("person", "NOUN"), ("bow", "VERB"), ("squelch", "VERB"))
    result = next(rules.decompose([Described("a person bows, squelches", tags)]))
    assert result.events.texts == ("a person bows.", "a person squelches.")


def test_as_good_as_without(rules: RuleDecomposer, shared: Path) -> None:
    lines = (shared / "data" / "gold_events.jsonl").read_text(encoding="utf-8").splitlines()
    captions = [Described(json.loads(line)["text"]) for line in lines]
    alone, helped = list(RuleDecomposer().decompose(captions)), list(rules.decompose(captions))
    same = sum(one.events.texts == other.events.texts for one, other in zip(alone, helped, strict=True))
    assert same >= 0.95 * len(captions)


def test_a_missing_model_is_said_in_one_line() -> None:
    from chronomotion.language.decompose.spacy_tags import SpacyTagger

    with pytest.raises(ConfigError, match="none of spaCy's models no_such_model is installed: pip install"):
        SpacyTagger("no_such_model")
