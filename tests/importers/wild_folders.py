"""Small folders in each of the layouts that are imported, with real features."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np

from chronomotion.motion.features import features_of
from chronomotion.motion.formats import write_motion
from chronomotion.motion.layout import HUMANML3D_LAYOUT, KITML_LAYOUT
from chronomotion.motion.motion import Motion
from chronomotion.motion.skeleton import KITML
from toys import MOVES, move


@cache
def toy_motion(seed: int, frames: int = 61) -> Motion:
    """Three seconds of a body that swings one limb: 60 rows of features."""
    action = sorted(MOVES)[seed % len(MOVES)]
    return move(action, np.random.default_rng(seed), frames)


@cache
def toy_features(seed: int, frames: int = 61) -> np.ndarray:
    return features_of(toy_motion(seed, frames), retarget=False)


@cache
def kit_motion(seed: int, frames: int = 26) -> Motion:
    """Two seconds on the KIT-ML skeleton, upright and swaying."""
    layout, rng = KITML_LAYOUT, np.random.default_rng(seed)
    bones = np.repeat(layout.rest_directions[None] * 0.2, frames, axis=0)
    bones = bones + rng.normal(size=(1, len(KITML) - 1, 3)) * 0.01
    bones[:, :, 2] += 0.05 * np.sin(np.linspace(0, 3, frames))[:, None]
    positions = layout.path_to @ bones + np.array([0, 0.8, 0])
    return Motion(positions, layout.fps, KITML)


def save(path: Path, array: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, array, allow_pickle=False)


def text(path: Path, *lines: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


TAGS = "a/DET person/NOUN walk/VERB"


def humanml3d(folder: Path, ids: int = 3) -> Path:
    """``ids`` clips 000000, 000001, ... : the first two to train on, the others to test on."""
    names = [f"{number:06d}" for number in range(ids)]
    for number, name in enumerate(names):
        save(folder / "new_joint_vecs" / f"{name}.npy", toy_features(number))
        text(folder / "texts" / f"{name}.txt", f"person {number} walks.#{TAGS}#0.0#0.0", f"walks#{TAGS}#0.5#2.0")
    text(folder / "train.txt", *names[:2])
    text(folder / "test.txt", *names[2:])
    save(folder / "Mean.npy", np.zeros(263))
    return folder


def kitml(folder: Path) -> Path:
    for number, name in enumerate(("00001", "00002")):
        save(folder / "new_joint_vecs" / f"{name}.npy", features_of(kit_motion(number)))
        text(folder / "texts" / f"{name}.txt", f"A person sways.#{TAGS}#0.0#0.0")
    text(folder / "train.txt", "00001", "00002")
    return folder


def annotation(
    id_: str, *spoken: tuple[object, object, object], path: str | None = None, duration: float = 3.0
) -> dict:
    """An entry of annotations.json: (text, start, end) a caption."""
    found = [
        {"seg_id": f"{id_}_{number}", "text": words, "start": start, "end": end}
        for number, (words, start, end) in enumerate(spoken)
    ]
    return {"path": path or f"CMU/{id_}_poses", "duration": duration, "annotations": found}


def annotations(folder: Path, table: dict[str, dict], *, files: dict[str, np.ndarray]) -> Path:
    """annotations.json with feature files; all ids are to train on."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "annotations.json").write_text(json.dumps(table), encoding="utf-8")
    for path, features in files.items():
        save(folder / "motions" / "guoh3dfeats" / f"{path}.npy", features)
    text(folder / "splits" / "train.txt", *table)
    return folder


def takes(folder: Path, count: int = 3) -> Path:
    """BVH files take0.bvh, take1.bvh, ..."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        write_motion(toy_motion(number), folder / f"take{number}.bvh")
    return folder


def everything_below(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


__all__ = [
    "HUMANML3D_LAYOUT", "annotation", "annotations", "everything_below", "humanml3d", "kit_motion", "kitml", "save",
    "takes", "text", "toy_features", "toy_motion",
]  # fmt: skip
