"""Events that somebody recorded."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from chronomotion.errors import FormatError
from chronomotion.language.caption import Events
from chronomotion.language.decompose import Decomposer, Decomposition, Described
from chronomotion.language.decompose.event_lines import CaptionOfClip
from chronomotion.language.decompose.recorded import EventFolder, RecordedDecomposer, read_records


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Events of two captions of one id; its caption 0 has none, and could not be used anyway."""
    events = tmp_path / "event_texts"
    events.mkdir()
    for number, texts in ((1, ["A person walks.", "The  person sits."]), (2, ["A person jumps."])):
        (events / f"000001_{number}.json").write_text(json.dumps({"events": texts}))
    return events


def split(decomposer: Decomposer, *captions: Described) -> list[Decomposition]:
    return list(decomposer.decompose(captions))


def test_numbers_count_all_captions_not_those_that_were_kept(folder: Path) -> None:
    """The published code counts otherwise here and there, and gives a caption the events of another one."""
    texts = {"000001": ["", "walks, then sits", "jumps"]}
    by_number = RecordedDecomposer(read_records(folder))
    by_text = RecordedDecomposer(read_records(folder.parent, texts))
    for decomposer, numbers in ((by_number, (1, 2)), (by_text, (None, None))):
        walks, jumps = split(
            decomposer,
            *(CaptionOfClip(text, None, "000001", n) for text, n in zip(texts["000001"][1:], numbers, strict=True)),
        )
        assert walks.events == Events(("A person walks.", "The person sits."), source="event_texts")
        assert jumps.events.texts == ("A person jumps.",)
        assert not walks.mark


def test_what_was_not_recorded_is_marked(folder: Path) -> None:
    class Shout:
        source = "shout/1"

        def decompose(self, captions: Iterable[Described]) -> Iterator[Decomposition]:
            for caption in captions:
                yield Decomposition(caption.text, Events((caption.text.upper(),), source=self.source))

    records = read_records(folder)
    (alone,) = split(RecordedDecomposer(records), CaptionOfClip("runs", None, "000001", 0))
    assert (alone.events.texts, alone.mark) == (("runs",), "no events recorded, left in one piece")
    (shouted,) = split(RecordedDecomposer(records, Shout()), Described("runs"))
    assert shouted.events == Events(("RUNS",), source="shout/1")
    assert shouted.mark == "fell back to shout/1: no events recorded"


def test_events_that_come_with_a_caption_are_kept() -> None:
    carried = Decomposition(
        "walks, sits", Events(("walks", "sits"), ((0.0, 1.0), (1.0, 2.0)), ("w", "s"), "chronomotion.compose 1")
    )
    assert split(RecordedDecomposer(), CaptionOfClip("walks, sits", recorded=carried)) == [carried]


@pytest.mark.parametrize("clip", ["../../x", "a/b", "..", "", "x" * 300, "a\0b", "C:x"])
def test_ids_are_names_never_paths(clip: str, folder: Path) -> None:
    (folder.parent.parent / "x_0.json").write_text('{"events": ["secret"]}')
    with pytest.raises(FormatError, match="not a name that is allowed"):
        EventFolder(folder).find(CaptionOfClip("out", None, clip, 0))


def test_a_link_out_of_the_folder_is_not_followed(folder: Path) -> None:
    secret = folder.parent / "secret.json"
    secret.write_text('{"events": ["secret"]}')
    (folder / "000002_0.json").symlink_to(secret)
    with pytest.raises(FormatError, match="a link that leads out"):
        EventFolder(folder).find(CaptionOfClip("out", None, "000002", 0))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[]", "found list"),
        ('{"events": "a"}', "events: expected a list"),
        ("{", ":1: not JSON"),
        ('{"events": [""]}', r"events\[0\]: an empty"),
    ],
)
def test_broken_files_are_told_by_name(content: str, message: str, folder: Path) -> None:
    (folder / "000001_0.json").write_text(content)
    with pytest.raises(FormatError, match=f"000001_0.json.*{message}"):
        EventFolder(folder).events("000001", 0)
    with pytest.raises(FormatError, match="no such folder of events"):
        EventFolder(folder / "nowhere")


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    rows = [
        {"id": "a", "n": 0, "text": "walks", "events": ["one"], "source": "llm/x/1", "mark": "odd"},
        {"id": "a", "text": "sits", "events": ["two"]},
        {"id": "b", "text": "walks", "events": ["three"]},
        {"text": "bows", "events": ["four"]},
        {"n": 7, "events": ["five"]},
        {"text": "without events"},
    ]
    path = tmp_path / "events.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


@pytest.mark.parametrize(
    ("caption", "events"),
    [
        (CaptionOfClip("walks", None, "a", 0), "one"),
        (CaptionOfClip("walks", None, "a"), "one"),
        (CaptionOfClip("walks", None, "b"), "three"),
        (CaptionOfClip("walks", None, "c", 5), "one"),
        (CaptionOfClip(" walks "), "one"),
        (CaptionOfClip("sits", None, "a", 1), "two"),
        (CaptionOfClip("bows", None, "z", 3), "four"),
        (CaptionOfClip("whatever", None, None, 7), "five"),
    ],
)
def test_lines_are_found_by_number_then_by_text(caption: CaptionOfClip, events: str, lines: Path) -> None:
    (made,) = split(RecordedDecomposer(read_records(lines)), caption)
    assert made.events.texts == (events,)
    assert made.caption == caption.text


def test_who_made_recorded_events_is_kept(lines: Path) -> None:
    decomposer = RecordedDecomposer(read_records(lines))
    assert decomposer.source == "recorded/1"
    walks, sits, missing = split(decomposer, Described("walks"), Described("sits"), Described("without events"))
    assert (walks.events.source, walks.mark) == ("llm/x/1", "odd")
    assert sits.events.source == "recorded"
    assert missing.mark


def test_captions_that_are_counted_otherwise_are_refused(lines: Path) -> None:
    with pytest.raises(
        FormatError, match="caption 0 of a is 'walks' there but 'jumps' here: are captions counted otherwise"
    ):
        split(RecordedDecomposer(read_records(lines)), CaptionOfClip("jumps", None, "a", 0))
