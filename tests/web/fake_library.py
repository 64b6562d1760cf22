"""A library without a model: motions made by rule, and scores that words and poses give. Enough to ask of over HTTP."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from chronomotion.corpus.compose.sources import ProceduralClips
from chronomotion.errors import ConfigError
from chronomotion.motion.formats import write_motion
from chronomotion.search.asking.captions import CaptionMatch, MotionCaptions
from chronomotion.search.records import EventMatch, Hit, LibraryClip, OrderScore, SearchResult
from chronomotion.web.collection import part_of
from chronomotion.web.searchable import LibraryFacts

ACTIONS = ("walk", "clap", "bow", "squat", "kneel", "jump")


class FakeLibrary:
    """One clip an action. A sentence's score is the share of its words that are in a clip's name or captions; a
    motion's, how near its mean pose is. "slow" as a query takes a second; "broken" fails; "stuck" does not end."""

    def __init__(self, folder, actions=ACTIONS, model="toy"):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        if not (self.folder / "library.json").exists():
            (self.folder / "library.json").write_text("{}")
        self.facts = LibraryFacts(model, f"fingerprint of {model}", 7 * len(actions), ("a person walks",))
        source = ProceduralClips(3)
        self.motions = {n: source.clip(action, "test", n) for n, action in enumerate(actions, start=1)}
        self.clips = {
            n: LibraryClip(
                number=n, name=f"{action}_{n:02}", source="takes", file=f"{action}_{n:02}.bvh",
                frames=self.motions[n].frames, fps=20.0, date=1.7e9 + n, captions=(f"a person does {action}",),
                labels=(action,),
            )
            for n, action in enumerate(actions, start=1)
        }  # fmt: skip
        self.searches = 0
        self._lock = threading.Lock()

    @property
    def name(self):
        return self.folder.name

    def search(self, query, motion=None):
        with self._lock:
            self.searches += 1
        if query.text == "slow":
            time.sleep(1)
        if query.text == "stuck":
            time.sleep(60)
        if query.text == "broken":
            raise RuntimeError("a secret of the library")
        if query.where and query.where != "duration < 100":
            raise ConfigError(f"where: {query.where!r} is not understood")
        if query.like is not None and motion is None:
            (number,) = [n for n, clip in self.clips.items() if clip.name == query.like.path]
            motion = part_of(self.motions[number], query.like)
        texts = query.events or ((query.text,) if query.text else ())
        words = " ".join(texts).split()
        hits = [self._hit(clip, words, texts, motion) for clip in self.clips.values()]
        keys = {"score": lambda hit: -hit.score, "name": lambda hit: hit.clip.name, "date": lambda hit: -hit.clip.date,
                "duration": lambda hit: hit.clip.duration}  # fmt: skip
        hits.sort(key=lambda hit: (not hit.good, keys[query.sort](hit)))
        return SearchResult(texts, tuple(hits[query.offset : query.offset + query.top]), len(self.clips), ("a note",))

    def _hit(self, clip, words, texts, motion):
        if motion is None:
            score = sum(word in clip.name or word in clip.captions[0] for word in words) / max(1, len(words))
        else:
            score = -float(np.abs(motion.positions.mean(0) - self.motions[clip.number].positions.mean(0)).mean())
        events = tuple(EventMatch(text, (0.0, clip.duration / 2), score, float("nan"), score > 0) for text in texts)
        return Hit(clip, score, (0.0, clip.duration), events, good=score > 0.5 or motion is not None)

    def locate(self, query, number):
        return self._hit(self.clips[number], [], query.events or (query.text,), None).events

    def orders(self, query, number):
        asked = tuple(query.events or (query.text,))
        orders = {asked, asked[::-1]}
        rows = [OrderScore(order, 0.5 + (order == asked) / 4, 0.4, order == asked) for order in orders]
        return sorted(rows, key=lambda row: -row.score)

    def captions(self, number):
        match = CaptionMatch(self.clips[number].captions[0], "library", 0.5, 0.9, True)
        return [MotionCaptions((0.0, self.clips[number].duration), (match,))]

    def motion(self, number):
        return self.motions[number]

    def file(self, number):
        path = self.folder / self.clips[number].file
        return path if path.exists() else None

    def offset(self, number):
        return 0.25

    def write_file(self, number):
        """Put the clip's own file where it was indexed."""
        write_motion(self.motions[number], self.folder / self.clips[number].file)


def three_libraries(folder, model="toy"):
    """Three libraries, two clips each."""
    names = {"alpha": ACTIONS[:2], "beta": ACTIONS[2:4], "gamma.v2": ACTIONS[4:]}
    return {name: FakeLibrary(folder / name, actions, model) for name, actions in names.items()}


def renamed(library, number, name):
    library.clips[number] = replace(library.clips[number], name=name)
