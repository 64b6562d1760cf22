"""A folder with the least that every verb needs."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent)]


@pytest.fixture(scope="session")
def supplies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """takes/, seed/ (packed), corpus/ (events and times), unsplit/, untimed/, backbone/ and model/, all tiny."""
    from verbs import run

    from chronomotion.corpus.compose.compose import compose
    from chronomotion.corpus.writer import recaptioned
    from chronomotion.language.caption import Caption, Events
    from chronomotion.motion.formats import write_motion
    from synthetic_seed import pack, write_seed
    from toys import ToyClips, tiny_backbone
    from walker import walking

    folder = tmp_path_factory.mktemp("supplies") / "place"
    (folder / "takes").mkdir(parents=True)
    for number in range(4):
        motion = walking(frames=30, speed=0.5 + number / 4)
        write_motion(replace(motion, name=f"take{number}"), folder / "takes" / f"take{number}.npz")
    (folder / "takes" / "captions.csv").write_text(
        "file,caption\n" + "".join(f"take{number}.npz,a person walks {number}\n" for number in range(4))
    )
    write_seed(folder / "seed", scripts=1, actors=2, seconds=0.5)
    pack(folder / "seed", folder / "seed" / "soma_uniform.tar.gz")
    corpus = compose(ToyClips(), folder / "corpus", {"train": 8, "test": 6}, order="uniform", events=(2, 3))
    told = [corpus.captions(name) for name in corpus.names]
    recaptioned(corpus, folder / "unsplit", [[Caption(caption.text) for caption in each] for each in told])
    untimed = [[replace(each, events=Events(each.events.texts)) for each in captions] for captions in told]
    recaptioned(corpus, folder / "untimed", untimed)
    tiny_backbone(folder / "backbone")
    (folder / "small.toml").write_text(
        "epochs = 3\nbatch_size = 4\ncheckpoint_seconds = 0\nnegatives = 'shuffled'\n"
        "[model]\ntext_model = 'backbone'\ntext_dim = 32\nlatent_dim = 16\nff_size = 16\nnum_layers = 1\n"
        "num_heads = 2\nframes_per_token = 8\n"
    )
    done = run("train", "corpus", "model", "--config", "small.toml", "--judge", "test", cwd=folder)
    assert done.status == 0, done.said
    shutil.rmtree(folder / "cache", ignore_errors=True)
    return folder


@pytest.fixture
def fresh(supplies: Path, tmp_path: Path) -> Callable[[str], Path]:
    """A copy of the supplies by name."""

    def copy(name: str) -> Path:
        shutil.copytree(supplies, tmp_path / name)
        return tmp_path / name

    return copy
