"""What the starter is composed of: procedural actions and CMU trials, mixed."""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chronomotion.corpus.compose.sources import Source
from chronomotion.motion.motion import Motion
from chronomotion.seeding import Part, generator

__all__ = ["Mixture", "Takes", "cmu_actions", "cmu_clips"]


class Takes:
    """Whole takes as a source of single actions, in every split; longer ones are cropped to a part.

    Which part is drawn: anywhere, or about the middle half with ``central``.
    """

    def __init__(
        self,
        clips: Mapping[str, Sequence[Motion]],
        name: str,
        licence: str,
        longest: float = 4.0,
        *,
        central: bool = False,
    ) -> None:
        self._clips, self._longest, self._central = clips, longest, central
        self.actions = tuple(sorted(clips))
        self.description = {"source": name, "licence": licence}

    def clip(self, action: str, split: str, *identity: Part) -> Motion:
        """A take of the action, or a part of it."""
        rng = generator("takes", split, action, *identity)
        motion = self._clips[action][int(rng.integers(len(self._clips[action])))]
        longest = self._longest if self._central else rng.uniform(0.5, 1.0) * self._longest
        spare = motion.duration - longest
        if spare <= 0:
            return motion
        start = spare * (rng.uniform(0.25, 0.75) if self._central else rng.uniform())
        return motion.slice(start, start + longest)


@dataclass(frozen=True)
class Mixture:
    """Two sources: an action that both have comes from the second in ``share`` of the draws."""

    first: Source
    second: Source
    share: float = 0.4

    @property
    def actions(self) -> tuple[str, ...]:
        """Those of both."""
        return tuple(sorted({*self.first.actions, *self.second.actions}))

    @property
    def description(self) -> dict[str, str]:
        """Both, and the share."""
        first, second = self.first.description, self.second.description
        return {
            "source": f"{first['source']}; {second['source']} ({100 * self.share:.0f} %)",
            "licence": f"{first['licence']}; {second['licence']}",
        }

    def clip(self, action: str, split: str, *identity: Part) -> Motion:
        """A clip from one of them."""
        in_first, in_second = action in self.first.actions, action in self.second.actions
        drawn = generator("mixture", split, action, *identity).random() < self.share
        source = self.second if in_second and (drawn or not in_first) else self.first
        return source.clip(action, split, *identity)


def cmu_actions(takes: Mapping[str, Motion], without: Collection[str] = ()) -> Takes:
    """CMU trials as a source of actions; ``without`` the trials of some subjects ("07")."""
    return Takes(cmu_clips(takes, without), "CMU motion capture database", "free for all uses", longest=5.0)


def cmu_clips(takes: Mapping[str, Motion], without: Collection[str] = ()) -> dict[str, list[Motion]]:
    """CMU trials by what they show; ``without`` the trials of some subjects ("07")."""
    table = Path(__file__).with_name("cmu_actions.csv").read_text(encoding="utf-8").splitlines()
    clips: dict[str, list[Motion]] = {}
    for row in csv.DictReader(line for line in table if not line.startswith("#")):
        trial = row["trial"]
        if trial in takes and trial[:2] not in without:
            clips.setdefault(row["action"], []).append(takes[trial])
    return clips
