"""Corpora whose features tell their stories, and models that read as much of it as they are meant to."""

import zlib

import numpy as np

from chronomotion.corpus import Clip, CorpusWriter
from chronomotion.evaluation.evaluate import evaluate
from chronomotion.evaluation.models import answers_of
from chronomotion.evaluation.questions import Questions
from chronomotion.language.caption import Caption, Events
from chronomotion.language.wording import neutral

ACTS = ("walks", "sits down", "jumps", "waves", "turns", "bows", "kneels", "claps")
PLACES = 5


def place(events):
    """A vector that tells which event stands at which place."""
    vector = np.zeros((PLACES, len(ACTS)))
    for at, event in enumerate(events):
        vector[at, ACTS.index(event)] = 1
    return vector.ravel()


def corpus_of(folder, stories, *, captions=None, names=None, splits=None, article="a", info=None):
    """Clips whose features tell their stories: one number a frame for every place and act."""
    names = names or [f"{number:03d}" for number in range(len(stories))]
    captions = captions or [f"Somebody {', then '.join(story)}." for story in stories]
    with CorpusWriter(folder, dim=PLACES * len(ACTS), fps=20.0, description=info or {}) as writer:
        for name, story, text in zip(names, stories, captions, strict=True):
            events = Events(tuple(f"{'A' if i == 0 else article} person {act}." for i, act in enumerate(story)))
            features = np.tile(place(story), (5, 1)).astype(np.float32)
            writer.add(Clip(name, features, (Caption(text, events=events),)))
        return writer.finish(splits or {"test": names})


def stories(count=60, seed=0, acts=4):
    rng = np.random.default_rng(seed)
    return [tuple(rng.permutation(ACTS[:acts])[: rng.integers(2, 5)].tolist()) for _ in range(count)]


def told_events(text):
    """The events of a text, told or narrated."""
    return [act for _, act in sorted((text.find(act), act) for act in ACTS if act in text)]


class Oracle:
    """Reads the order from motion and text alike."""

    def encode_text(self, texts):
        return np.stack([place(told_events(text)) for text in texts])

    def encode_motion(self, motions):
        return np.stack([motion.mean(0) for motion in motions]).astype(np.float64)


class Bag(Oracle):
    """Knows which events there are and nothing of their order."""

    def encode_text(self, texts):
        return super().encode_text(texts).reshape(-1, PLACES, len(ACTS)).sum(1)

    def encode_motion(self, motions):
        return super().encode_motion(motions).reshape(-1, PLACES, len(ACTS)).sum(1)


class Chance:
    """A random vector for every text and motion."""

    def encode_text(self, texts):
        return np.stack([np.random.default_rng(zlib.crc32(text.encode())).normal(size=24) for text in texts])

    def encode_motion(self, motions):
        seeds = [zlib.crc32(motion.tobytes()) for motion in motions]
        return np.stack([np.random.default_rng(seed).normal(size=24) for seed in seeds])


class Prejudice(Chance):
    """Prefers texts in alphabetical order and never looks at the motion."""

    def encode_text(self, texts):
        told = [[neutral(act) for act in told_events(text)] for text in texts]
        pairs = [[a < b for i, a in enumerate(e) for b in e[i + 1 :]] for e in told]
        share = np.array([np.mean(one) if one else 0.5 for one in pairs])
        return np.stack([share, np.sqrt(np.maximum(1e-9, 1 - share**2))], axis=1)

    def encode_motion(self, motions):
        return np.tile([1.0, 0.0], (len(motions), 1))


class Grammar(Prejudice):
    """Looks at nothing but the article: a text whose first event alone says "A person" must be in the right order."""

    def encode_text(self, texts):
        good = np.array([float(text.startswith("A ") and " A " not in text) for text in texts])
        return np.stack([0.5 + good / 4, np.sqrt(1 - (0.5 + good / 4) ** 2)], axis=1)


def asked(model, corpus, **settings):
    """Questions about a corpus, and a model's answers to them."""
    questions = Questions(corpus, **settings)
    return questions, answers_of(model, questions)


def report_of(model, corpus, **settings):
    return evaluate(model, corpus, **settings)
