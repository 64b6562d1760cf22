"""Damaged tables of every layout: what is wrong is an error of ours that names the file, or is skipped and counted."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from wild_folders import annotation, annotations, everything_below, humanml3d, takes, text, toy_features

from chronomotion.corpus import Corpus
from chronomotion.corpus.importers import import_corpus
from chronomotion.errors import CorpusError, FormatError

pytestmark = pytest.mark.filterwarnings("error")

FUZZ = settings(
    max_examples=60,
    deadline=3000,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

JUNK = [
    b"#", b"##", b"\0", b"\xff\xfe", b"nan", b"1e308", b"9" * 400, b"-1", b"../", b'"', b",", b"\r", b"\xe2\x80\xa8",
    b"{", b"[", b"\\ud800", b"null", b"\n", b"\x1c", b"inf", b"\\u0000", b"true",
]  # fmt: skip

Edit = Callable[[bytes], bytes]


def edits() -> st.SearchStrategy[list[Edit]]:
    """Up to five times: cut the end off, insert junk or any bytes, drop or flip a byte."""
    share = st.floats(0, 1, exclude_max=True)
    cut = st.builds(lambda at: lambda raw: raw[: int(at * len(raw))], share)
    insert = st.builds(
        lambda at, junk: lambda raw: raw[: int(at * len(raw))] + junk + raw[int(at * len(raw)) :],
        share,
        st.sampled_from(JUNK) | st.binary(max_size=6),
    )
    flip = st.builds(
        lambda at, bit: (
            lambda raw: (
                raw[: int(at * len(raw))]
                + bytes(b ^ (1 << bit) for b in raw[int(at * len(raw)) : int(at * len(raw)) + 1])
                + raw[int(at * len(raw)) + 1 :]
            )
        ),
        share,
        st.integers(0, 7),
    )
    drop = st.builds(
        lambda at, span: lambda raw: raw[: int(at * len(raw))] + raw[int(at * len(raw)) + span :],
        share,
        st.integers(1, 30),
    )
    return st.lists(st.one_of(cut, insert, flip, drop), min_size=1, max_size=5)


def damaged(raw: bytes, damage: list[Edit]) -> bytes:
    for edit in damage:
        raw = edit(raw)
    return raw


def assert_only_our_errors(src: Path, table: Path, content: bytes) -> None:
    """Import with this table: a corpus that opens and holds clean captions, or one line that names the table."""
    table.write_bytes(content)
    before = everything_below(src.parent)
    dest = src.parent / "corpus"
    message = ""
    try:
        result = import_corpus(src, dest, workers=1)
    except (FormatError, CorpusError) as error:
        message = str(error)
    if message:
        assert "\n" not in message
        assert table.name in message
        assert everything_below(src.parent) == before
        return
    for remark in (*result.skipped, *result.notes):
        assert "ype-check" not in remark.detail  # an annotation of ours that is wrong must not pass for bad input
        assert remark.clip.isprintable()
    if result.corpus is not None:
        corpus = Corpus(dest)
        captions = [caption for name in corpus.names for caption in corpus.captions(name)]
        assert all(caption.text.strip() and caption.start >= 0 for caption in captions)
        assert all(caption.end is None or caption.end > caption.start for caption in captions)
        shutil.rmtree(dest)
    assert everything_below(src.parent) == before
    assert not list(src.parent.glob(".corpus*"))


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return humanml3d(tmp_path_factory.mktemp("published") / "src", ids=2)


TEXTS = (
    b"a person walks.#a/DET person/NOUN walk/VERB#0.0#0.0\n"
    b"turns # left#turn/VERB #/SYM left/ADV#0.5#2.0\nx#x/X#nan#nan\n"
)


@FUZZ
@given(damage=edits())
@example(damage=[lambda raw: b"#" * 100_000])
@example(damage=[lambda raw: b"a/" * 50_000 + b"#" * 90 + b"#0#0"])
@example(damage=[lambda raw: b""])
def test_captions_of_a_clip(damage: list[Edit], published: Path) -> None:
    assert_only_our_errors(published, published / "texts" / "000001.txt", damaged(TEXTS, damage))


@FUZZ
@given(damage=edits())
@example(damage=[lambda raw: b"../../x\n/etc/passwd\n000000\n"])
def test_lists_of_ids(damage: list[Edit], published: Path) -> None:
    assert_only_our_errors(published, published / "train.txt", damaged(b"000000\n000001\nM000000\n012314\n", damage))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return takes(tmp_path_factory.mktemp("folder") / "src", count=2)


CAPTIONS = b'file,start,end,caption,source\ntake0.bvh,,,"walks, then sits",me\ntake1.bvh,0.5,2.0,turns,me\n'
LABELS = b"file,label,style\ntake0.bvh,raise-left-hand,happy\ntake1.bvh,walk,tired\n"


@FUZZ
@given(damage=edits(), content=st.sampled_from([CAPTIONS, LABELS]))
@example(damage=[lambda raw: raw.replace(b"walk", b"-")], content=LABELS)
@example(damage=[lambda raw: raw.replace(b"walk", b"\xc3\x9f!")], content=LABELS)
@example(damage=[lambda raw: raw.replace(b"file", b"\xef\xbb\xbffile")], content=CAPTIONS)
@example(damage=[lambda raw: b"\n\n" + raw], content=CAPTIONS)
@example(damage=[lambda raw: raw + b"a,b,c,d,e,f,g,h\n"], content=CAPTIONS)
@example(damage=[lambda raw: raw + b"a\n"], content=LABELS)
@example(damage=[lambda raw: raw.replace(b"\n", b"\r")], content=LABELS)
def test_tables_of_a_folder(damage: list[Edit], content: bytes, folder: Path) -> None:
    assert_only_our_errors(folder, folder / "captions.csv", damaged(content, damage))


@pytest.fixture(scope="module")
def annotated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    table = {"000001": annotation("000001", ("walks", 0.5, 2.5)), "M000001": annotation("M000001", ("w", 0, 3))}
    files = {"CMU/000001_poses": toy_features(0)}
    return annotations(tmp_path_factory.mktemp("annotated") / "src", table, files=files)


SOUND = json.dumps(
    {
        "000001": annotation("000001", ("walks", 0.5, 2.5), ("turns", 0.0, 0.0)),
        "M000001": annotation("M000001", ("walks", float("nan"), 2.5), path="M/CMU/000001_poses"),
    },
    indent=1,
).encode()


@FUZZ
@given(damage=edits())
@example(damage=[lambda raw: raw.replace(b"walks", b"\\ud800")])
@example(damage=[lambda raw: raw.replace(b"0.5", b"1" + b"0" * 400)])
@example(damage=[lambda raw: raw.replace(b"CMU/", b"../../")])
@example(damage=[lambda raw: raw.replace(b'"000001"', b'"../../x"')])
def test_annotations_json(damage: list[Edit], annotated: Path) -> None:
    assert_only_our_errors(annotated, annotated / "annotations.json", damaged(SOUND, damage))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["path", "annotations", "text", "start", "end", "events", "000001"]), inner)
    ),
    max_leaves=20,
)


@FUZZ
@given(entry=json_values, events=json_values)
def test_any_json_at_all(entry: object, events: object, annotated: Path) -> None:
    """Whatever stands for an entry, for its captions and for its events."""
    good = annotation("000001", ("walks", 0.5, 2.5))
    text(annotated / "event_texts" / "000001_0.json", json.dumps(events))
    for value in (entry, {**good, "annotations": entry}, {**good, "annotations": [entry, *good["annotations"]]}, good):
        table = json.dumps({"000001": value})
        assert_only_our_errors(annotated, annotated / "annotations.json", table.encode())
    (annotated / "event_texts" / "000001_0.json").unlink()
