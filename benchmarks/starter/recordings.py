"""The recordings around the starter: CMU, from which it learns, and Bandai-Namco's, on which it is tested."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from chronomotion.corpus.compose.sources import FPS
from chronomotion.motion.formats import read_motion
from chronomotion.motion.motion import Motion
from chronomotion.motion.retarget import to_reference
from chronomotion.progress import progress

__all__ = ["bandai_clips", "cmu_takes"]


def cmu_takes(data: Path, cache: Path) -> dict[str, Motion]:
    """Every CMU trial of ``data`` (the folder ``cmu`` and ``cmu_more.npz``) on the reference body, 20 fps, by its name.

    Read once and kept in ``cache``.
    """
    kept = cache / "cmu.npz"
    if not kept.exists():
        cache.mkdir(parents=True, exist_ok=True)
        takes = {path.stem: path for path in sorted((data / "cmu").glob("*.[ba][vm][hc]"))}
        takes |= _unpacked(data, cache)
        motions = {name: to_reference(read_motion(path).resample(FPS)) for name, path in progress(takes.items(), "CMU")}
        _keep(kept, motions)
    with np.load(kept) as arrays:
        return {name: Motion(arrays[name], FPS, name=name) for name in arrays.files}


def _unpacked(data: Path, cache: Path) -> dict[str, Path]:
    """The trials of ``cmu_more.npz`` as files of their own, which name their joints."""
    about = json.loads((data / "cmu_more.json").read_text(encoding="utf-8"))
    folder = cache / "cmu_more"
    folder.mkdir(exist_ok=True)
    paths = {}
    with np.load(data / "cmu_more.npz") as arrays:
        for name in arrays.files:
            paths[name] = folder / f"{name}.npz"
            np.savez(
                paths[name],
                positions=arrays[name].astype(np.float32),
                fps=about["fps"],
                joint_names=np.array(about["joints"]),
                parents=np.array(about["parents"]),
            )
    return paths


def bandai_clips(data: Path, cache: Path, least: int = 50) -> dict[str, list[Motion]]:
    """Label -> its takes, on the reference body, 20 fps; labels with at least so many takes."""
    kept = cache / "bandai.npz"
    with (data / "bandai" / "labels.csv").open(encoding="utf-8") as table:
        labels = {row["file"]: row["label"] for row in csv.DictReader(table)}
    if not kept.exists():
        cache.mkdir(parents=True, exist_ok=True)
        paths = progress(sorted((data / "bandai").rglob("*.bvh")), "Bandai")
        _keep(kept, {path.name: to_reference(read_motion(path).resample(FPS)) for path in paths})
    clips: dict[str, list[Motion]] = {}
    with np.load(kept) as arrays:
        for name in arrays.files:
            clips.setdefault(labels[name], []).append(Motion(arrays[name], FPS, name=name))
    return {label: takes for label, takes in sorted(clips.items()) if len(takes) >= least}


def _keep(path: Path, motions: Mapping[str, Motion]) -> None:
    arrays: dict[str, Any] = {name: motion.positions for name, motion in motions.items()}
    np.savez(path, **arrays)
