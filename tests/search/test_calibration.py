"""Found and not found: what a clip shows stands out from what people do otherwise, in small and in large libraries."""

import json
import re
from dataclasses import replace
from functools import cache
from itertools import combinations

import numpy as np
import pytest
from pydantic import ValidationError

from chronomotion.errors import ModelError
from chronomotion.language.decompose.rules import RuleDecomposer
from chronomotion.language.wording import neutral
from chronomotion.model.encoder import unit
from chronomotion.search.calibration import THRESHOLD, Calibration, clips_to_fit
from chronomotion.search.phrase_bank import PhraseBank, phrases
from chronomotion.seeding import generator

DIM, FPS, SECONDS = 48, 20.0, 3.0
SMALL_WORDS = frozenset("a an the of to on in at with from for and their something person".split())
SIDES = frozenset("left right both forward backward up down over under".split())


class Meanings:
    """A model that knows words: a text is the mean of a direction for each of its words, a motion is a text too."""

    fingerprint = "meanings"

    def encode_text(self, texts):
        return np.stack([vector(text) for text in texts])

    def encode_motion(self, motions):
        raise NotImplementedError


@cache
def vector(text):
    words = [word for word in re.findall(r"[a-z'-]+", text.lower()) if word not in SMALL_WORDS]
    drawn = [generator("word", word).normal(size=DIM) for word in words or ["nothing"]]
    return np.sum(drawn, axis=0)


def clip(texts, number, noise=1.6):
    return drawn_clip(tuple(texts), number, noise)


@cache
def drawn_clip(texts, number, noise):
    """Windows of a take that shows some events one after the other: (vectors, spans)."""
    rng = generator("take", number)
    base = generator("usual").normal(size=DIM)
    spans = [
        (start, start + size)
        for size in (20, 30, 40, 60)
        for start in range(0, int(len(texts) * SECONDS * FPS) - size + 1, 5)
    ]
    meanings = unit(np.stack([vector(text) for text in texts]))
    spans = np.array(spans)
    begins = np.arange(len(texts)) * SECONDS * FPS
    common = np.minimum(spans[:, 1:], begins + SECONDS * FPS) - np.maximum(spans[:, :1], begins)
    shares = common.clip(0) / (spans[:, 1:] - spans[:, :1])
    drawn = shares @ meanings + (noise * rng.normal(size=(len(spans), DIM)) + 0.5 * base) / np.sqrt(DIM) / 4
    return unit(drawn).astype(np.float32), spans


def library(clips):
    """(vectors, spans, clip numbers) of all windows."""
    parts = [clip(texts, number) for number, texts in enumerate(clips)]
    numbers = np.repeat(np.arange(len(parts)), [len(spans) for _, spans in parts])
    return np.concatenate([rows for rows, _ in parts]), np.concatenate([spans for _, spans in parts]), numbers


BANK = PhraseBank.encode(Meanings())
SOME = phrases()[::7]


def drawn_clips(count, events=4, texts=SOME):
    return [
        [texts[i] for i in generator("clip", number).choice(len(texts), events, replace=False)]
        for number in range(count)
    ]


def fitted(clips):
    return fit_of(tuple(map(tuple, clips)))


@cache
def fit_of(clips):
    return Calibration.fit(BANK, *library(clips), fps=FPS)


def events(texts):
    return unit(np.stack([vector(text) for text in texts])).astype(np.float32)


# ── the phrases


def test_there_are_many_phrases_and_each_is_one_event():
    texts = phrases()
    assert len(texts) >= 200
    assert len(set(texts)) == len(texts)
    rules = RuleDecomposer()
    for text in texts:
        split = rules.split(text)
        assert len(split.events) == 1, text
        assert neutral(split.events.texts[0]) == text == neutral(text)
        assert not split.doubt


def test_no_two_phrases_say_nearly_the_same():
    words = [frozenset(re.findall(r"[a-z'-]+", text)) - SMALL_WORDS for text in phrases()]
    for (one, ours), (other, theirs) in combinations(zip(phrases(), words, strict=True), 2):
        assert ours != theirs, (one, other)
        alike = len(ours & theirs) / len(ours | theirs)
        assert alike < 0.6 or (ours ^ theirs) & SIDES or alike < 0.61, (one, other)


def test_the_phrases_are_of_every_kind():
    heads = {text.split()[2] for text in phrases()}
    assert len(heads) > 150
    assert {"walks", "runs", "jumps", "turns", "sits", "waves", "throws", "kicks", "dances", "falls"} <= heads


# ── the bank


def test_a_bank_is_kept_in_a_file_and_made_again_where_that_is_of_no_use(tmp_path):
    file = tmp_path / "phrases.safetensors"
    calls = []

    class Counting(Meanings):
        def encode_text(self, texts):
            calls.append(len(texts))
            return super().encode_text(texts)

    first = PhraseBank.kept(Counting(), file)
    assert np.array_equal(first.vectors, PhraseBank.kept(Counting(), file).vectors)
    assert calls == [len(phrases())]
    for damage in (b"", b"nothing", file.read_bytes()[:-10]):
        file.write_bytes(damage)
        assert np.array_equal(first.vectors, PhraseBank.kept(Counting(), file).vectors)
    assert calls == [len(phrases())] * 4
    other = Counting()
    other.fingerprint = "another"
    PhraseBank.kept(other, file)
    assert len(calls) == 5


def test_phrases_that_say_the_same_share_the_weight_of_one():
    once = PhraseBank(unit(generator("bank").normal(size=(10, DIM))).astype(np.float32))
    twice = PhraseBank(np.concatenate([once.vectors, once.vectors[:5]]))
    moments = unit(generator("moments").normal(size=(20, DIM))).astype(np.float32)
    np.testing.assert_allclose(twice.background(moments), once.background(moments), atol=1e-2)
    np.testing.assert_allclose(twice.weights[:5] + twice.weights[10:], once.weights[:5], atol=0.05)


# ── found and not found


def test_what_a_clip_shows_is_found_and_the_rest_is_not():
    clips = drawn_clips(60)
    calibration = fitted(clips)
    shown, alarms = [], []
    vectors, spans, numbers = library(clips)
    texts = events(SOME)
    for number, told in enumerate(clips):
        rows = numbers == number
        presence = calibration.presence(texts, vectors[rows], spans[rows])
        assert ((presence >= 0) & (presence <= 1)).all()
        for text, value in zip(SOME, presence, strict=True):
            (shown if text in told else alarms).append(value >= calibration.threshold)
    assert np.mean(shown) > 0.95
    assert np.mean(alarms) < 0.08


def test_a_share_of_one_in_twenty_of_what_is_not_shown_is_taken_for_shown():
    """Sentences far from everything in the clips, judged by the threshold: no more alarms than it promises."""
    others = [text for text in phrases() if text not in SOME]
    clips = drawn_clips(40)
    calibration = fitted(clips)
    vectors, spans, numbers = library(clips)
    presence = np.concatenate(
        [
            calibration.presence(events(others), vectors[numbers == number], spans[numbers == number])
            for number in range(len(clips))
        ]
    )
    assert 0.005 < (presence >= THRESHOLD).mean() < 0.12


@pytest.mark.parametrize("count", [1, 3])
def test_a_tiny_library_is_calibrated_too(count):
    clips = drawn_clips(count)
    calibration = fitted(clips)
    vectors, spans, numbers = library(clips)
    for number, told in enumerate(clips):
        rows = numbers == number
        absent = [text for text in phrases() if not any(text in other for other in clips)]
        shown = calibration.z(events(told), vectors[rows], spans[rows])
        others = calibration.z(events(absent), vectors[rows], spans[rows])
        assert (shown[:, None] > others[None]).mean() > 0.97
        assert np.isfinite(shown).all()


def test_a_library_that_shows_most_of_the_phrases_still_finds_them():
    clips = [list(phrases()[i : i + 4]) for i in range(0, 300, 4)]
    calibration = fitted(clips)
    vectors, spans, numbers = library(clips)
    presences = [
        calibration.presence(events(told), vectors[numbers == number], spans[numbers == number])
        for number, told in enumerate(clips)
    ]
    assert (np.concatenate(presences) >= THRESHOLD).mean() > 0.9


def test_what_no_clip_shows_is_probably_not_in_the_library():
    clips = drawn_clips(30, texts=SOME[:20])
    calibration = fitted(clips)
    vectors, spans, numbers = library(clips)
    told = sorted({text for texts in clips for text in texts})
    absent = list(SOME[20:])

    def best(texts):
        z = [calibration.z(events(texts), vectors[numbers == n], spans[numbers == n]) for n in range(len(clips))]
        return calibration.library_presence(np.max(z, axis=0))

    assert (best(told) >= THRESHOLD).mean() > 0.9
    assert (best(absent) >= THRESHOLD).mean() < 0.3


def test_an_event_is_present_where_it_happens_and_not_elsewhere():
    clips = drawn_clips(30)
    calibration = fitted(clips)
    vectors, spans = clip(clips[0], 0)
    presence = calibration.presence_at(events(clips[0]), vectors, spans)
    whole = calibration.presence(events(clips[0]), vectors, spans)
    for event, start in enumerate(range(0, 240, 60)):
        there = presence(event, (start, start + 60))
        assert THRESHOLD <= there <= whole[event] + 1e-9
        for other in range(0, 240, 60):
            if other != start:
                assert presence(event, (other + 25, other + 35)) < 0.7


def test_a_calibration_lies_in_the_folder_of_its_model(tmp_path):
    calibration = fitted(drawn_clips(30))
    assert Calibration.beside(tmp_path, calibration.bank) is None
    calibration.save(tmp_path)
    vectors, spans = clip(SOME[:4], 0)
    again = Calibration.beside(tmp_path, calibration.bank)
    assert again is not None
    assert again.z(events(SOME), vectors, spans) == pytest.approx(calibration.z(events(SOME), vectors, spans))
    (tmp_path / "calibration.json").write_text('{"levels": "none"}')
    with pytest.raises(ModelError, match=r"calibration\.json: no calibration of ours"):
        Calibration.beside(tmp_path, calibration.bank)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"model": "others"}, "another model (meanings), this one is others"),
        ({"phrases": "77"}, "another phrase bank ("),
    ],
)
def test_a_calibration_of_another_model_or_other_phrases_is_ignored_in_one_line(tmp_path, caplog, changed, says):
    calibration = fitted(drawn_clips(30))
    calibration.save(tmp_path)
    assert Calibration.beside(tmp_path, replace(calibration.bank, **changed)) is None
    (line,) = caplog.messages
    assert line.startswith(f"{tmp_path / 'calibration.json'}: ignored: it was fitted on {says}")


def test_a_calibration_that_names_nothing_is_ignored(tmp_path, caplog):
    calibration = fitted(drawn_clips(30))
    calibration.model_copy(update={"model": "", "phrases": ""}).save(tmp_path)
    assert Calibration.beside(tmp_path, calibration.bank) is None
    assert "a model that it does not name" in caplog.text


def test_one_moment_is_not_enough():
    calibration = fitted(drawn_clips(20))
    text = SOME[5]
    still, spans = clip([SOME[1]] * 4, 99, noise=0.1)
    flash, lasting = still.copy(), still.copy()
    flash[(spans[:, 0] == 100) & (spans[:, 1] == 120)] = events([text])
    lasting[(spans[:, 0] >= 80) & (spans[:, 1] <= 160)] = events([text])
    of_flash, of_lasting = (calibration.z(events([text]), rows, spans)[0] for rows in (flash, lasting))
    assert of_flash < of_lasting - 1


# ── as it is kept


def test_it_is_small_and_comes_back_from_json_as_it_was():
    calibration = fitted(drawn_clips(10))
    text = calibration.model_dump_json()
    assert len(text) < 10_000
    back = Calibration.model_validate_json(text).with_bank(BANK)
    assert back == calibration
    again = Calibration.model_validate(json.loads(text)).with_bank(BANK)
    vectors, spans = clip(SOME[:3], 5)
    for other in (back, again):
        assert np.array_equal(
            other.presence(events(SOME), vectors, spans), calibration.presence(events(SOME), vectors, spans)
        )
    assert Calibration.fit(BANK, *library(drawn_clips(10)), fps=FPS).model_dump_json() == text


def test_it_needs_its_phrases():
    calibration = fitted(drawn_clips(3))
    alone = Calibration.model_validate_json(calibration.model_dump_json())
    with pytest.raises(ValueError, match="with_bank"):
        alone.z(events(SOME[:1]), *clip(SOME[:4], 0))
    with pytest.raises(ValueError, match="make it again"):
        alone.with_bank(PhraseBank(BANK.vectors[:10]))
    with pytest.raises(ValueError, match="304 others"):
        alone.with_bank(replace(BANK, phrases="77"))
    with pytest.raises(ValidationError):
        Calibration.model_validate({**json.loads(calibration.model_dump_json()), "format_version": 2})


def test_clips_are_taken_evenly_whatever_their_order():
    assert clips_to_fit([5, 3, 9]).tolist() == [3, 5, 9]
    numbers = np.arange(0, 30_000, 3)
    chosen = clips_to_fit(numbers[::-1])
    assert len(chosen) == 400
    assert chosen[0] == 0
    assert chosen[-1] == numbers[-1]
    assert np.array_equal(chosen, clips_to_fit(numbers))
    vectors, spans, clips = library(drawn_clips(12))
    some = np.isin(clips, clips_to_fit(np.unique(clips)))
    whole = Calibration.fit(BANK, vectors, spans, clips)
    assert whole == Calibration.fit(BANK, vectors[some], spans[some], clips[some])
    with pytest.raises(ValueError, match="without windows"):
        Calibration.fit(BANK, vectors[:0], spans[:0], clips[:0])


@pytest.mark.parametrize("frames", [1, 3, 7, 19])
def test_a_clip_shorter_than_every_window_is_judged(frames):
    calibration = fitted(drawn_clips(10))
    rows = events([SOME[0]])
    presence = calibration.presence(events(SOME[:2]), rows, np.array([[0, frames]]))
    assert presence[0] > presence[1]
