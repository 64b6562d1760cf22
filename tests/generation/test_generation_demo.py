"""The demonstration of generation, at a size of seconds."""

import json
from dataclasses import replace

import pytest

from chronomotion.corpus.compose.sources import ProceduralClips
from chronomotion.generation_demo import FILMS, generate_films, generation_settings

pytestmark = pytest.mark.slow


def test_four_stories_and_their_reverse_are_filmed(tmp_path):
    settings = generation_settings(0, epochs=1)
    tokenizer = replace(settings.tokenizer, window=32, model=replace(settings.tokenizer.model, width=16))
    prior = replace(settings.prior, model=replace(settings.prior.model, layers=1, width=32, heads=2))
    small = replace(settings, tokenizer=tokenizer, prior=prior)
    films = generate_films(ProceduralClips(0), tmp_path, train_motions=48, settings=small)
    assert len(films) == FILMS == len(list((tmp_path / "films").glob("*.gif")))
    for story, reverse in zip(films[::2], films[1::2], strict=True):
        first, second = story.text.removeprefix("A person ").rstrip(".").split(", then ")
        assert reverse.text == f"A person {second}, then {first}."
    assert len({film.text for film in films}) == FILMS
    assert all(film.path.read_bytes()[:4] == b"GIF8" and film.seconds > 0 for film in films)
    assert json.loads((tmp_path / "generator" / "training.json").read_text())["result"]["steps"] > 0
