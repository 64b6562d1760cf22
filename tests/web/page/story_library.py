"""A library without a model, whose search knows order: motions of several actions, joined, and when each happens."""

from __future__ import annotations

import itertools
import re
import sys
from pathlib import Path

import numpy as np

from chronomotion.corpus.compose.sources import ProceduralClips
from chronomotion.motion.joins import join
from chronomotion.search.records import EventMatch, Hit, LibraryClip, OrderScore, SearchResult
from chronomotion.search.stored.adding import AddedClip
from chronomotion.web.searchable import LibraryFacts

ACTIONS = {"walk": "walks", "clap": "claps", "bow": "bows", "squat": "squats", "kneel": "kneels", "jump": "jumps"}
STORIES = [
    ("walk", "clap", "bow"), ("bow", "clap", "walk"), ("clap", "walk", "bow"), ("walk", "squat"), ("squat", "walk"),
    ("jump", "kneel"), ("kneel", "jump"), ("walk", "jump", "clap"), ("bow", "jump"), ("jump", "bow"), ("squat", "clap"),
    ("clap", "squat"), ("kneel", "walk", "squat"), ("walk",), ("clap",), ("jump", "jump"),
]  # fmt: skip
"""What the clips show, in order."""
HOSTILE = '<img src=x onerror="document.title=1"> a person walks'


class StoryLibrary:
    """Clips of joined procedural actions. A sentence is parted at "then" and commas; its score is the share of its
    events that a clip has, and, by the dial, of pairs that are in the asked order. Stories are told several times,
    each time by other takes, where ``times`` says so."""

    def __init__(self, folder, times=1):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "library.json").write_text("{}")
        self.name = self.folder.name
        self.facts = LibraryFacts("toy", "toy", 100, ("a person walks, then squats", "jumps, then kneels", "claps"))
        self.stories = STORIES * times
        source, self.motions, self.clips, self.spans = ProceduralClips(5), {}, {}, {}
        for number, story in enumerate(self.stories, start=1):
            motion, self.spans[number] = join([source.clip(a, "test", 10 * number + i) for i, a in enumerate(story)])
            self.motions[number] = motion
            told = ", then ".join(f"a person {ACTIONS[action]}" for action in story)
            self.clips[number] = LibraryClip(
                number, f"{'_'.join(story)}_{number:02}", "takes", f"{'_'.join(story)}_{number:02}.bvh",
                motion.frames, 20.0, 1.7e9 + (number != 14) * number, (HOSTILE if number == 14 else told,), story[:1],
            )  # fmt: skip

    def search(self, query, motion=None):
        texts = query.events or tuple(filter(None, re.split(r",\s*(?:then\s+)?|\s+then\s+", query.text)))
        hits = [self._hit(number, texts, query, motion) for number in self.clips]
        hits = [hit for hit in hits if not query.where or query.where in hit.clip.name]
        keys = {"score": lambda hit: -hit.score, "name": lambda hit: hit.clip.name, "date": lambda hit: -hit.clip.date,
                "duration": lambda hit: hit.clip.duration}  # fmt: skip
        hits.sort(key=keys[query.sort])
        notes = () if any(hit.good for hit in hits) else ("Probably not in this library",)
        return SearchResult(tuple(texts), tuple(hits[query.offset : query.offset + query.top]), len(hits), notes)

    def locate(self, query, number):
        return self._hit(number, query.events or (query.text,), query, None).events

    def orders(self, query, number):
        asked = tuple(query.events)
        orders = {
            OrderScore(order, self._score(number, order, 1.0), 0.4, order == asked)
            for order in itertools.permutations(asked)
        }
        return sorted(orders, key=lambda row: (-row.score, row.events))

    def captions(self, number):
        return [(self.clips[number].captions[0], 0.5)]

    def motion(self, number):
        return self.motions[number]

    def file(self, number):
        return None

    can_be_changed = True

    def add(self, file, sent):
        """It shows nothing that can be asked for. The manifest changes, as it does where a clip is added."""
        known = next((clip for clip in self.clips.values() if clip.name == file.stem), None)
        if known is not None:
            return AddedClip(known, is_new=False)
        number, motion = len(self.clips) + 1, sent.motion
        self.stories = [*self.stories, ("nothing",)]
        self.motions[number], self.spans[number] = motion, [(0.0, motion.duration)]
        clip = LibraryClip(number, file.stem, "added", file.name, motion.frames, 20.0, 1.8e9 + number, (), ())
        self.clips = {**self.clips, number: clip}
        (self.folder / "library.json").write_text(f'{{"clips": {number}}}')
        return AddedClip(clip, is_new=True)

    def _hit(self, number, texts, query, motion):
        clip = self.clips[number]
        if motion is not None:
            near = np.abs(motion.positions.mean(0) - self.motions[number].positions.mean(0)).mean()
            return Hit(clip, 1 - float(near), (0.0, clip.duration))
        places = [self._place(number, text) for text in texts]
        events = tuple(
            EventMatch(text, None if place is None else self.spans[number][place], 0.5, 0.99, place is not None)
            if place is not None
            else EventMatch(text, (0.0, 0.4), 0.1, 0.3, False)
            for text, place in zip(texts, places, strict=True)
        )
        score = self._score(number, texts, query.order)
        return Hit(clip, score, (0.0, clip.duration), events, good=all(p is not None for p in places) and bool(texts))

    def _place(self, number, text):
        story = self.stories[number - 1]
        return next((i for i, action in enumerate(story) if action in text), None)

    def _score(self, number, texts, order):
        places = [self._place(number, text) for text in texts]
        present = sum(place is not None for place in places) / max(1, len(places))
        pairs = [(a, b) for a, b in itertools.combinations(places, 2) if a is not None and b is not None]
        right = sum(a < b for a, b in pairs) / len(pairs) if pairs else 1.0
        return present + 0.3 * order * right - 0.01 * len(self.stories[number - 1])


def main():
    """Serve a library at FOLDER on PORT; TIMES says how often stories are told, "make" that motions are made, too."""
    import uvicorn
    from story_maker import StoryMaker

    from chronomotion.web.app import Access, create_app
    from chronomotion.web.collection import Collection
    from chronomotion.web.service import Service

    more = sys.argv[3:]
    maker = StoryMaker() if "make" in more else None
    library = StoryLibrary(sys.argv[1], *(int(each) for each in more if each.isdigit()))
    service = Service(Collection([library.folder], lambda *_: library), threads=2, maker=maker)
    uvicorn.run(create_app(service, Access()), port=int(sys.argv[2]), log_level="warning")


if __name__ == "__main__":
    main()
