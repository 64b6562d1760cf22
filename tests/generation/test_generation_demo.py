"""The demonstration of generation, at a size of seconds: a stand-in for the language model's size is not needed."""

import json

import pytest

from chronomotion.corpus.compose.sources import ProceduralClips
from chronomotion.generation_demo import FILMS, generate_films, generation_settings

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def filmed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    settings = generation_settings(0, epochs=1)
    return folder, generate_films(ProceduralClips(0), folder, train_motions=96, settings=settings)


def test_four_stories_and_their_reverse_are_filmed(filmed):
    folder, films = filmed
    assert len(films) == FILMS == len(list((folder / "films").glob("*.gif")))
    for story, reverse in zip(films[::2], films[1::2], strict=True):
        first, second = story.text.removeprefix("A person ").rstrip(".").split(", then ")
        assert reverse.text == f"A person {second}, then {first}."
    assert len({film.text for film in films}) == FILMS
    assert all(film.path.read_bytes()[:4] == b"GIF8" and film.seconds > 0 for film in films)


def test_the_same_call_makes_the_same_films_and_trains_nothing_again(filmed):
    folder, films = filmed
    log = (folder / "generator" / "log.jsonl").read_bytes()
    pictures = [film.path.read_bytes() for film in films]
    again = generate_films(ProceduralClips(0), folder, train_motions=96, settings=generation_settings(0, epochs=1))
    assert [film.path.read_bytes() for film in again] == pictures
    assert (folder / "generator" / "log.jsonl").read_bytes() == log
    assert json.loads((folder / "generator" / "training.json").read_text())["result"]["steps"] > 0
