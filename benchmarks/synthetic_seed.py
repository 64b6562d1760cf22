"""A folder laid out as BONES-SEED is, with motions, sentences and timelines of our own, and mistakes on request.

Run with ``python benchmarks/synthetic_seed.py FOLDER [--scripts N] [--actors N] [--seconds S] [--archive]``.
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet

from chronomotion.seeding import generator
from synthetic_soma import ACTIONS, FPS, Performance, bvh_text, channels_of, perform

__all__ = ["MISTAKES", "Take", "pack", "write_seed", "write_split_files"]

MISTAKES = (
    "missing take", "empty description", "overlap", "past the end", "zero length", "not in order", "no times", "nan",
    "unknown filename", "stray take", "num_events", "label twice", "row twice", "cut take", "no sentences",
    "all events empty", "other length", "bad name",
)  # fmt: skip
"""Each befalls one take, another one each, in this order, where there are so many."""
PACKAGES = ("Locomotion", "Gestures")
_DATES = ("221121", "230711")


@dataclass
class Take:
    """What is written of a take."""

    name: str
    date: str
    package: str
    script: str
    frames: int
    sentences: dict[str, str]
    events: list[dict[str, Any]]
    mirrored: bool = False
    propagated: str | None = None
    mistakes: set[str] = field(default_factory=set)

    @property
    def path(self) -> str:
        """Date and name, as split files have it."""
        return f"{self.date}/{self.name}"


def write_seed(
    folder: Path,
    *,
    scripts: int = 4,
    actors: int = 3,
    seconds: float = 2.0,
    mirror: bool = True,
    version: int = 4,
    table: str = "parquet",
    labels: str | None = "temporal_labels",
    skeletons: tuple[str, ...] = ("uniform",),
    mistakes: tuple[str, ...] = (),
    noise: float = 0.0,
    seed: int = 0,
) -> list[Take]:
    """Write metadata, labels and takes; gives the takes. ``labels`` "timelines" is the variant that tells more.

    ``noise`` is added to every other number, so that an archive is as hard to pack as one of recordings. The same
    arguments give the same bytes.
    """
    takes = list(_takes(scripts, actors, seconds, mirror=mirror, seed=seed))
    for mistake, take in zip(mistakes, takes, strict=False):
        take.mistakes.add(mistake)
    (folder / "metadata").mkdir(parents=True, exist_ok=True)
    write_metadata(folder / "metadata" / f"seed_metadata_v{version:03d}.{table}", takes)
    if labels is not None:
        name = "timelines.jsonl" if labels == "timelines" else "seed_metadata_v002_temporal_labels.jsonl"
        write_labels(folder / "metadata" / name, takes, more=labels == "timelines")
    for skeleton in skeletons:
        _write_takes(folder / f"soma_{skeleton}" / "bvh", takes, skeleton, noise, seed)
    return takes


def write_metadata(path: Path, takes: list[Take]) -> None:
    """The table of a version, by the file's name; v002 has fewer columns and another name for one of them."""
    rows = [_row(take, path.stem) for take in takes for _ in range(2 if "row twice" in take.mistakes else 1)]
    if path.suffix == ".parquet":
        pa.parquet.write_table(pa.Table.from_pylist(rows), path)
        return
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def write_labels(path: Path, takes: list[Take], *, more: bool = False) -> None:
    """The timelines; ``more`` writes what the variant tells besides."""
    lines = []
    for take in takes:
        events = _events(take)
        record: dict[str, Any] = {"filename": take.name, "num_events": len(events), "events": events}
        if "num_events" in take.mistakes:
            record["num_events"] += 1
        if more:
            record |= {
                "overview_description": take.sentences["content_natural_desc_4"],
                "propagated_from_filename": take.propagated,
            }
        lines += [record] * (2 if "label twice" in take.mistakes else 1)
        if "unknown filename" in take.mistakes:
            lines.append({**record, "filename": "nobody_001__A999"})
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


def write_split_files(folder: Path, takes: list[Take], *, content: str, repetition: str) -> None:
    """Official lists: takes of the script ``content``, takes of the actor ``repetition``, and all others."""
    folder.mkdir(parents=True, exist_ok=True)
    lists: dict[str, list[str]] = {"train": [], "test_content": [], "test_repetition": []}
    for take in takes:
        of_actor = f"__{repetition}" in take.name
        split = "test_content" if take.script == content else "test_repetition" if of_actor else "train"
        lists[split].append(take.path)
    for split, paths in lists.items():
        (folder / f"{split}_split_paths.txt").write_text("".join(f"{path}\n" for path in paths))


def pack(folder: Path, archive: Path, *, tables: bool = False, tables_last: bool = False) -> Path:
    """The takes of a folder as an archive, and with ``tables`` metadata and labels within; the takes are removed."""
    parts = sorted(path.name for path in folder.iterdir() if path.name.startswith("soma_"))
    if tables:
        parts = [*parts, "metadata"] if tables_last else ["metadata", *parts]
    with tarfile.open(archive, "w:gz" if archive.name.endswith("gz") else "w") as tar:
        for part in parts:
            for path in sorted((folder / part).rglob("*")):
                tar.add(path, path.relative_to(folder).as_posix(), recursive=False)
    for part in parts:
        shutil.rmtree(folder / part)
    return archive


def _takes(scripts: int, actors: int, seconds: float, *, mirror: bool, seed: int) -> Iterator[Take]:
    names = list(ACTIONS)
    for number in range(scripts):
        drawn = generator("synthetic seed", seed, number).permutation(len(names))[: 1 + (number + 1) % 3]
        actions = [names[place] for place in drawn.tolist()]
        script = f"{'_then_'.join(actions)}_{chr(97 + number % 26)}{number // 26 or ''}"
        first = f"{script}_001__A{100:03d}"
        for actor in range(actors):
            frames = round(seconds * FPS) + 3 * actor
            for mirrored in (False, True) if mirror else (False,):
                name = f"{script}_{1 + actor % 2:03d}__A{100 + actor:03d}{'_M' if mirrored else ''}"
                events = _timeline(actions, frames, mirrored=mirrored)
                yield Take(
                    name,
                    _DATES[actor % 2],
                    PACKAGES[number % 2],
                    script,
                    frames,
                    _sentences(actions, number),
                    events,
                    mirrored,
                    None if name == first else first,
                )


def _timeline(actions: list[str], frames: int, *, mirrored: bool) -> list[dict[str, Any]]:
    bounds = np.linspace(0, frames / FPS, len(actions) + 1).round(2).tolist()
    texts = [ACTIONS[action][1] for action in actions]
    if mirrored:
        texts = [text.replace("right", "left") for text in texts]
    return [
        {"start_time": start, "end_time": end, "description": text}
        for start, end, text in zip(bounds[:-1], bounds[1:], texts, strict=True)
    ]


def _sentences(actions: list[str], number: int) -> dict[str, str]:
    words = [ACTIONS[action][1].removesuffix(".").partition(" person ")[2] for action in actions]
    whole = f"A person {', then '.join(words)}."
    return {
        "content_natural_desc_1": whole,
        "content_natural_desc_2": f"Somebody {' and '.join(words)}",
        "content_natural_desc_3": "" if number % 3 == 0 else f"Take {number}: {whole}",
        "content_natural_desc_4": f"The person {' and '.join(words)}.",
        "content_technical_description": f"neutral, {' + '.join(actions)}",
        "content_short_description": " ".join(actions),
        "content_short_description_2": whole,
    }


def _row(take: Take, version: str) -> dict[str, Any]:
    old = version.endswith("v002")
    sentences = {key: "" if "no sentences" in take.mistakes else text for key, text in take.sentences.items()}
    if old:
        del sentences["content_short_description_2"]
    row: dict[str, Any] = {
        "move_name": take.name,
        "filename": "../escape" if "bad name" in take.mistakes else take.name,
        "move_duration_frames": take.frames * (2 if "other length" in take.mistakes else 1),
        "package": take.package,
        "category": "Baseline",
        "is_mirror": take.mirrored,
        "move_soma_uniform_path": f"soma_uniform/bvh/{take.path}.bvh",
        "move_soma_proportional_path": f"soma_proportional/bvh/{take.path}.bvh",
        "move_g1_mujoco_path" if old else "move_g1_path": f"g1/csv/{take.path}.csv",
        "actor_uid": take.name.rpartition("__")[2].removesuffix("_M"),
        "take_date": take.date,
        **sentences,
    }
    return row if old else {**row, "content_name": take.script}


def _events(take: Take) -> list[dict[str, Any]]:
    events = [dict(event) for event in take.events]
    last = events[-1]
    if "empty description" in take.mistakes:
        last["description"] = "  "
    if "all events empty" in take.mistakes:
        events = [{**event, "description": ""} for event in events]
    if "overlap" in take.mistakes:
        half = (last["start_time"] + last["end_time"]) / 2
        events.append({**last, "start_time": half, "description": "A person nods."})
    if "past the end" in take.mistakes:
        last["end_time"] += 5.0
        events.append({"start_time": 90.0, "end_time": 91.0, "description": "A person leaves."})
    if "zero length" in take.mistakes:
        events.append({**last, "start_time": last["end_time"]})
    if "not in order" in take.mistakes:
        half = (last["start_time"] + last["end_time"]) / 2
        events.insert(0, {"start_time": half, "end_time": last["end_time"], "description": "A person stops."})
        last["end_time"] = half
    if "no times" in take.mistakes:
        events.append({"start_time": None, "end_time": "soon", "description": "A person waits."})
    return events


def _write_takes(folder: Path, takes: list[Take], skeleton: str, noise: float, seed: int) -> None:
    for take in takes:
        if "missing take" in take.mistakes:
            continue
        actor = int(take.name.partition("__A")[2][:3])
        scale = 1.0 if skeleton == "uniform" else 0.9 + 0.05 * (actor % 5)
        size = 0.8 + 0.4 * float(generator("size", seed, take.name.removesuffix("_M")).random())
        values = channels_of(_performance(take, size), scale)
        if noise:
            values[:, ::2] += generator("noise", seed, take.name).normal(scale=noise, size=values[:, ::2].shape)
        text = bvh_text(values, scale)
        path = folder / f"{take.path}.bvh"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_spoilt(text, take), encoding="ascii")
        if "stray take" in take.mistakes:
            shutil.copyfile(path, path.with_name("stray_001__A998.bvh"))


def _performance(take: Take, size: float) -> Performance:
    by_words = {text: action for action, (_, text) in ACTIONS.items()}
    texts = [event["description"].replace("left", "right") for event in take.events]
    whole = perform([by_words[text] for text in texts], take.frames, size)
    return whole.mirrored() if take.mirrored else whole


def _spoilt(text: str, take: Take) -> str:
    if "nan" in take.mistakes:
        lines = text.split("\n")
        at = lines.index("MOTION") + 3 + 7  # a frame that thinning passes over
        lines[at] = "nan " + lines[at].partition(" ")[2]
        return "\n".join(lines)
    return text[: len(text) * 2 // 3] if "cut take" in take.mistakes else text


def main() -> None:
    """Write a folder, packed or not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scripts", type=int, default=10)
    parser.add_argument("--actors", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=7.3)
    parser.add_argument("--archive", action="store_true", help="pack the takes into soma_uniform.tar.gz")
    parser.add_argument("--mistakes", action="store_true", help="with one of every mistake")
    options = parser.parse_args()
    takes = write_seed(
        options.folder,
        scripts=options.scripts,
        actors=options.actors,
        seconds=options.seconds,
        mistakes=MISTAKES if options.mistakes else (),
    )
    write_split_files(options.folder / "splits", takes, content=takes[-1].script, repetition="A101")
    if options.archive:
        pack(options.folder, options.folder / "soma_uniform.tar.gz")
    print(f"{options.folder}: {len(takes)} takes of {options.seconds:g} s")


if __name__ == "__main__":
    main()
