"""Recorded clips of single actions: a folder of motion files, and a table with the action of each file."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from chronomotion.corpus.compose.sources import FPS
from chronomotion.corpus.folder_scan import FolderScan
from chronomotion.corpus.label_tables import read_labels
from chronomotion.corpus.take_names import TakeNames
from chronomotion.errors import ChronomotionError, CorpusError
from chronomotion.language.mirror import mirrored
from chronomotion.motion.formats import SUFFIXES, read_motion
from chronomotion.motion.motion import Motion
from chronomotion.motion.retarget import to_reference
from chronomotion.progress import progress
from chronomotion.seeding import Part, generator, integer

__all__ = ["LabelledClips"]

log = logging.getLogger(__name__)

_PACE = 0.15
"""Largest relative change of a training clip's pace."""

_SHARES = {"train": 0.7, "val": 0.1, "test": 0.2}


class LabelledClips:
    """Labelled recordings as a source of actions.

    Files are read once, put on the reference skeleton at 20 fps, and kept in memory. Clips of each label are split by a
    hash of their names (70 / 10 / 20 %). The training split is varied: it has every clip's mirror image too (a left
    wave is then a right one), and its clips play up to 15 % slower or faster. A take longer than ``longest`` seconds is
    cropped, about its middle, to a part that depends on where it is used. Labels with fewer than ``least`` clips cannot
    be split and are left out; an unreadable file is left out; both are logged as warnings.

    Names in the table mean files as :class:`TakeNames` says.
    ``joint_map`` names a TOML file for rigs whose joints the rules do not know (:func:`read_motion`).

    Raises CorpusError for an empty folder, a label none of whose files exist, or fewer than two labels that can be
    used.
    """

    def __init__(
        self,
        folder: str | Path,
        labels: str | Path,
        *,
        seed: int = 0,
        least: int = 10,
        longest: float = 4.0,
        joint_map: str | Path | None = None,
    ) -> None:
        self.folder, self.seed, self.longest = Path(folder), seed, longest
        self._joint_map = None if joint_map is None else Path(joint_map)
        if not self.folder.is_dir():
            raise CorpusError(f"{self.folder}: no such folder of clips")
        scan = FolderScan(self.folder)
        self._takes = scan.files(SUFFIXES, deep=True)
        for path, reason in scan.passed.items():
            log.warning("passed over: %s: %s", self.folder / path, reason)
        table = read_labels(labels, TakeNames(self._takes, SUFFIXES))
        self._require_files(table, Path(labels))
        motions = self._read(table)
        usable = {label: [name for name in names if name in motions] for label, names in table.items()}
        self._clips: dict[str, dict[str, list[Motion]]] = {}
        left_out = []
        for label in sorted(usable):
            if len(usable[label]) < least:
                left_out.append(f"{label} ({len(usable[label])})")
            else:
                self._clips[label] = self._split(label, [motions[name] for name in usable[label]])
        self._add_mirrored()
        if left_out:
            log.warning("left out, fewer than %d clips: %s", least, ", ".join(left_out))
        if len(self._clips) < 2:
            raise CorpusError(
                f"{labels}: {len(self._clips)} labels have {least} readable clips or more, at least 2 are needed"
            )
        self.actions = tuple(self._clips)
        self.description = {
            "source": f"labelled clips of {self.folder.resolve().name}, seed {seed}",
            "licence": "that of the clips",
        }

    def _require_files(self, table: Mapping[str, list[str]], labels: Path) -> None:
        if not any(self.folder.iterdir()):
            raise CorpusError(f"{self.folder}: the folder is empty, expected the files that {labels} names")
        for label, names in table.items():
            if not any(name in self._takes for name in names):
                raise CorpusError(
                    f"{labels}: label {label!r} has no clip in {self.folder} (first looked for: {names[0]})"
                )

    def _read(self, table: Mapping[str, list[str]]) -> dict[str, Motion]:
        motions = {}
        names = [name for files in table.values() for name in files]
        for name in progress(names, "reading clips", unit="file"):
            if name not in self._takes:
                log.warning("left out: %s: there is no such motion file", self.folder / name)
                continue
            try:
                motion = read_motion(self._takes[name], joint_map=self._joint_map, beside=True)
                motions[name] = to_reference(motion.resample(FPS))
            except ChronomotionError as error:
                log.warning("left out: %s", error)
        return motions

    def _split(self, label: str, clips: list[Motion]) -> dict[str, list[Motion]]:
        clips = sorted(clips, key=lambda clip: integer("split", self.seed, label, clip.name))
        counts = {split: max(1, round(share * len(clips))) for split, share in _SHARES.items() if split != "train"}
        val, test = counts["val"], counts["test"]
        return {"val": clips[:val], "test": clips[val : val + test], "train": clips[val + test :]}

    def _add_mirrored(self) -> None:
        """Add the mirror image of every training clip, under the label with left and right exchanged, where that label
        exists.
        """
        turned: dict[str, list[Motion]] = {label: [] for label in self._clips}
        for label, splits in self._clips.items():
            other = mirrored(label)
            if other in turned:
                turned[other] += [to_reference(clip.mirrored()) for clip in splits["train"]]
        for label, clips in turned.items():
            self._clips[label]["train"] += clips

    def clips(self, label: str, split: str) -> list[Motion]:
        """All clips of a label in a split."""
        return self._clips[label][split]

    def clip(self, action: str, split: str, *identity: Part) -> Motion:
        """A clip of the label, drawn by the arguments and cropped to at most ``longest`` seconds."""
        rng = generator("labelled", self.seed, split, action, *identity)
        clips = self._clips[action][split]
        motion = clips[int(rng.integers(len(clips)))]
        if split == "train":
            pace = float(rng.uniform(1 - _PACE, 1 + _PACE))
            motion = replace(motion.resample(FPS / pace), fps=FPS)
        spare = motion.duration - self.longest
        if spare <= 0:
            return motion
        start = spare * rng.uniform(0.25, 0.75)
        return motion.slice(start, start + self.longest)
