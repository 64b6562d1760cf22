"""Token states on disk: the room of the caches keeps them, and nothing but whole shards of the same model counts."""

from __future__ import annotations

import json
import multiprocessing
import pickle
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from chronomotion.cache import ArrayCache
from chronomotion.model import text_states
from chronomotion.model.backbone import TextBackbone
from chronomotion.model.text_states import TextStates

TEXTS = [
    "a person nods", "a person lifts the left leg then raises both hands", "nods", "Äh\ud7ff \n nods", "",
    "a person raises the right hand",
]  # fmt: skip


class Counting(TextBackbone):
    """Remembers what it has read."""

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder))
        self.read: list[str] = []

    def token_states(self, texts: Sequence[str]) -> list[np.ndarray]:
        self.read += texts
        return super().token_states(texts)


@pytest.fixture
def opened(backbone: Path, tmp_path: Path) -> Callable[[], TextStates]:
    return lambda: TextStates(Counting(backbone), tmp_path / "text")


def read_by(states: TextStates) -> list[str]:
    assert isinstance(states.backbone, Counting)
    return sorted(states.backbone.read)


def shards(states: TextStates) -> list[Path]:
    assert states.folder is not None
    return sorted(states.folder.glob("*"))


def same(one: Sequence[np.ndarray], other: Sequence[np.ndarray]) -> bool:
    return all(a.dtype == b.dtype and np.array_equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("per_shard", [1, 2, 4096])
def test_states_come_back_from_the_disk_to_the_bit_and_nothing_is_read_twice(
    opened: Callable[[], TextStates], backbone: Path, per_shard: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_states, "_PER_SHARD", per_shard)
    first = opened()
    made = first.get(TEXTS)
    assert same(made, TextStates(TextBackbone(str(backbone))).get(TEXTS))
    assert len(shards(first)) == -(-len(TEXTS) // per_shard)
    again = opened()
    assert same(again.get(TEXTS), made)
    assert same(again.get(TEXTS[::-1]), made[::-1])
    assert read_by(again) == []
    assert all(text in again for text in TEXTS)
    assert "a person sits" not in again


def test_what_is_read_is_mapped_and_cannot_be_changed(opened: Callable[[], TextStates]) -> None:
    opened().prepare(TEXTS)
    (states,) = opened().get([TEXTS[0]])
    base: object = states
    while isinstance(base, np.ndarray) and not isinstance(base, np.memmap):
        base = base.base
    assert isinstance(base, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        states[0, 0] = 1


@pytest.mark.parametrize("keep", [0, 5, 60, 400, -2, -1])
def test_of_a_shard_that_was_cut_everything_is_read_anew(opened: Callable[[], TextStates], keep: int) -> None:
    first = opened()
    made = [np.array(states) for states in first.get(TEXTS)]  # copies: the file under the others is cut
    (path,) = shards(first)
    path.write_bytes(path.read_bytes()[:keep])
    again = opened()
    assert same(again.get(TEXTS), made)
    assert read_by(again) == sorted(TEXTS)
    assert read_by(opened()) == []
    assert same(opened().get(TEXTS), made), "the whole shard took the place of the cut one"


def test_what_an_earlier_version_kept_is_not_taken_for_states(opened: Callable[[], TextStates]) -> None:
    """It left NAME.npy with states and NAME.json with texts and numbers of tokens."""
    first = opened()
    made = first.get(TEXTS)
    assert first.folder is not None
    shutil.rmtree(first.folder)
    first.folder.mkdir()
    np.save(first.folder / "0f.npy", np.zeros((3, 32), np.float16))
    (first.folder / "0f.json").write_text(json.dumps([[TEXTS[0], 3]]))
    again = opened()
    assert TEXTS[0] not in again
    assert same(again.get(TEXTS), made)


@pytest.mark.parametrize(
    ("arrays", "about"),
    [
        ({"states": np.zeros((3, 32), np.float16)}, None),
        ({"states": np.zeros((3, 32), np.float16)}, {"backbone": "another one", "texts": [[TEXTS[0], 3]]}),
        ({"states": np.zeros((3, 32), np.float16)}, {"backbone": None, "texts": [[TEXTS[0], 2]]}),
        ({"states": np.zeros((3, 32), np.float16)}, {"backbone": None}),
        ({"states": np.zeros(3, np.float16)}, {"backbone": None, "texts": [[TEXTS[0], 3]]}),
        ({"rows": np.zeros((3, 32), np.float16)}, {"backbone": None, "texts": [[TEXTS[0], 3]]}),
    ],
    ids=["features", "another model's", "fewer tokens than rows", "no texts", "a vector", "another name"],
)
def test_a_file_that_is_no_shard_of_this_model_does_not_count(
    opened: Callable[[], TextStates], arrays: dict[str, np.ndarray], about: dict[str, object] | None
) -> None:
    first = opened()
    assert first.folder is not None
    if about is not None and about["backbone"] is None:
        about = {**about, "backbone": first.backbone.fingerprint}
    ArrayCache(first.folder).add("0f", arrays, about)
    (first.folder / "1f.safetensors").write_text("[[[[")
    again = opened()
    assert TEXTS[0] not in again
    assert same(again.get(TEXTS), first.get(TEXTS))


def test_what_another_process_wrote_in_the_meantime_is_taken(opened: Callable[[], TextStates]) -> None:
    early = opened()
    made = opened().get(TEXTS)
    assert same(early.get(TEXTS), made)
    assert read_by(early) == []


def _prepare(folder: Path, cache: Path, texts: Sequence[str]) -> None:
    TextStates(TextBackbone(str(folder)), cache).prepare(texts)


def test_several_processes_may_fill_one_folder(
    opened: Callable[[], TextStates], backbone: Path, tmp_path: Path
) -> None:
    context = multiprocessing.get_context("spawn")
    jobs = [TEXTS, TEXTS, TEXTS[1:3]]
    processes = [context.Process(target=_prepare, args=(backbone, tmp_path / "text", texts)) for texts in jobs]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
        assert process.exitcode == 0
    states = opened()
    assert same(states.get(TEXTS), TextStates(TextBackbone(str(backbone))).get(TEXTS))
    assert read_by(states) == []
    assert not [path for path in shards(states) if path.name.startswith(".")]


def test_a_copy_goes_on_with_the_same_folder(opened: Callable[[], TextStates]) -> None:
    states = opened()
    states.prepare(TEXTS[:2])
    copy = pickle.loads(pickle.dumps(states))
    copy.prepare(TEXTS)
    assert same(opened().get(TEXTS), copy.get(TEXTS))
