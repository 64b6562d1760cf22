"""Tables as spreadsheets and people write them: read as they are meant, or refused with line and fix."""

from __future__ import annotations

import shutil
import unicodedata
from pathlib import Path

import pytest
from test_published import imported
from wild_folders import takes, text

from chronomotion.corpus.importers import import_corpus
from chronomotion.corpus.importers.result import counts
from chronomotion.corpus.label_tables import read_labels
from chronomotion.errors import CorpusError, FormatError
from chronomotion.language.caption import Caption


@pytest.fixture
def src(tmp_path: Path) -> Path:
    """Three takes of three seconds at 20 frames a second."""
    return takes(tmp_path / "takes")


def subfolders(src: Path, *names: str) -> None:
    for name in names:
        (src / name).mkdir()
        shutil.copy(src / "take0.bvh", src / name / "turn.bvh")


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (
            ["file,caption", "take0.bvh,a person walks, then sits"],
            r'captions.csv:2: 3 fields, but the header has 2: .*"a person walks, then sits"',
        ),
        (["file,caption,source", "take0.bvh,walks, then sits,me"], "captions.csv:2: 4 fields, but the header has 3"),
        (["file,caption,source", "take0.bvh,walks, then sits"], "captions.csv:2: the text goes on in the column 'sour"),
        (["file,caption,", "take0.bvh,walks, then sits"], "captions.csv:2: 3 fields, but the header has 2"),
        (["file,caption,start,end", "take0.bvh,walks, then sits"], "captions.csv:2: the text goes on in the column"),
        (["caption,file", "walks, then sits,take0.bvh"], "captions.csv:2: 3 fields"),
        (["file;caption", "take0.bvh;walks; then sits"], "captions.csv:2: 3 fields, .* a semicolon"),
        (["file\tcaption", "take0.bvh\twalks\tsits"], "captions.csv:2: 3 fields, .* a tab"),
        (["file,label", "take0.bvh,walk, turn"], "captions.csv:2: 3 fields"),
        (["file,caption", "take0.bvh,'walks, then sits'"], "captions.csv:2: 3 fields"),
        (["file,caption", 'take0.bvh,"walks', "take1.bvh,sits"], "captions.csv:2: a quotation mark that never closes"),
        (["file,caption", 'take0.bvh,"walks', 'take1.bvh,sits"'], "captions.csv:2: .* open up to line 3"),
        (["file,caption", 'take0,"walks', 'take1,sits"', "take2,jumps"], "captions.csv:2: .* open up to line 3"),
        (["file,caption", "", 'take0.bvh,"walks', 'take1.bvh,"sits"'], "captions.csv:3: text behind a closing"),
        (["take0.bvh,walks", "take1.bvh,sits"], "captions.csv:1: expected the columns .* put a line with the names"),
        (["file,caption,caption", "take0.bvh,a,b"], "captions.csv:1: the columns 'caption', 'caption' may all be"),
        (["file,text,description", "take0.bvh,a,b"], "captions.csv:1: the columns 'text', 'description' may all be"),
        (["file,caption", "take0.bvh;walks"], "captions.csv:2: fields with a semicolon between them"),
        (["file,start,end,caption", "take0.bvh,5,2,back"], "captions.csv:2: .* ends before it starts: were they exch"),
        (["file,start,end,caption", "take0.bvh,0:00:01:12,,x"], "captions.csv:2: expected a time in seconds"),
        (["file,start_frame,end_frame,caption", "take0.bvh,40,20,x"], "captions.csv:2: .* from 40 frames to 20 frames"),
        (["file,start_frame,end,caption", "take0.bvh,4,20,x"], "captions.csv:1: one time in seconds and one in frames"),
    ],
)  # fmt: skip
def test_nothing_is_cut_silently(lines: list[str], message: str, src: Path, tmp_path: Path) -> None:
    text(src / "captions.csv", *lines)
    with pytest.raises(FormatError, match=message) as caught:
        import_corpus(src, tmp_path / "corpus")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "corpus").exists()


SAID = "a person walks, then sits"


@pytest.mark.parametrize(
    "content",
    [
        f'file,caption\ntake0.bvh,"{SAID}"\n'.encode(),
        f'\ufefffile,caption\r\ntake0.bvh,"{SAID}"\r\n'.encode(),
        f'file,caption\rtake0.bvh,"{SAID}"\r'.encode(),
        f"file;caption\ntake0.bvh;{SAID}\n".encode(),
        f"File Name\tText\r\ntake0\t{SAID}\r\n".encode("utf-16"),
        f'\nFILENAME , Description\n take0.bvh , "{SAID}" \n'.encode(),
        f'sep=;\nfile;caption\ntake0.bvh;"{SAID}"\n'.encode(),
        f'# by hand\n#file,caption\ntake0.bvh,"{SAID}"\n# the end, of it\n'.encode(),
        f'file,caption,,\ntake0.bvh,"{SAID}",,\n,,,\n'.encode(),
        f'file,caption,source\ntake0.bvh,"{SAID}", me\n'.encode(),
        f'caption,rating,file\n"{SAID}",5,take0.bvh\n'.encode(),
        b'file,caption\ntake0.bvh,"a person walks,\nthen sits"\n',
        f'file,label,caption\ntake0.bvh,walk,"{SAID}"\n'.encode(),
        f'file,caption\nfile,caption\ntake0.bvh,"{SAID}"\ntake0.bvh,"{SAID}"\n'.encode(),
    ],
)
def test_tables_are_read_as_they_are_meant(content: bytes, src: Path) -> None:
    (src / "captions.csv").write_bytes(content)
    corpus, result = imported(src)
    assert corpus.captions("take0") == (Caption(SAID),)
    assert not result.skipped
    assert counts(result.notes)["no caption in the table"] == 2


def test_other_encodings_are_not_guessed(src: Path, tmp_path: Path) -> None:
    for encoding, message in (
        ("cp1252", r"captions.csv:2: not UTF-8 text \(byte 0xe9\): save the file as UTF-8"),
        ("utf-16-le", "captions.csv: not UTF-8 text but UTF-16 without its mark"),
    ):
        (src / "captions.csv").write_bytes("file,caption\ntake0.bvh,café\n".encode(encoding))
        with pytest.raises(FormatError, match=message):
            import_corpus(src, tmp_path / "corpus")


def test_empty_cells_are_noted(src: Path) -> None:
    text(src / "captions.csv", "file,start,end,caption", "take0.bvh,,,walks", "take1.bvh,,,", ",,,sits", "take2.bvh")
    corpus, result = imported(src)
    assert corpus.captions("take0") == (Caption("walks"),)
    noted = [note for note in result.notes if note.reason == "caption that cannot be read, left out"]
    assert [note.clip for note in noted] == ["take1.bvh", "captions.csv:4", "take2.bvh"]
    assert noted[0].detail.endswith("captions.csv:3: an empty text")
    assert noted[1].detail.endswith("captions.csv:4: names no file")
    assert counts(result.notes)["no caption in the table"] == 2


def test_empty_labels_are_noted(src: Path, caplog: pytest.LogCaptureFixture) -> None:
    text(src / "labels.csv", "Clip,Action", "take0.bvh,walk", "take1.bvh,", "take2.bvh,turn")
    _, result = imported(src)
    assert counts(result.notes) == {"no caption in the table": 1, "row without a file or a label, left out": 1}
    assert read_labels(src / "labels.csv") == {"walk": ["take0.bvh"], "turn": ["take2.bvh"]}
    assert "row without a file or a label, left out" in caplog.text
    text(src / "labels.csv", "file,label", "take0.bvh,walk, then")
    with pytest.raises(CorpusError, match="labels.csv:2: 3 fields"):
        read_labels(src / "labels.csv")


@pytest.mark.parametrize(
    ("name", "clip", "how"),
    [
        ("take0", "take0", ""),
        ("./take0.bvh ", "take0", ""),
        ("TAKE0.BVH", "take0", "without regard to case"),
        ("take0.fbx", "take0", "by its name with another suffix"),
        ("a\\turn.bvh", "a__turn", ""),
        ("./b//turn", "b__turn", ""),
        ("C:\\data\\takes\\a\\turn.bvh", "a__turn", "by the end of the path"),
        ("/home/other/takes/take1.bvh", "take1", "by the end of the path"),
        ("takes/take1", "take1", "by the end of the path"),
        ("../takes/b/turn.bvh", "b__turn", "by the end of the path"),
        ("only", "c__only", ""),
        (unicodedata.normalize("NFC", "gèhen"), unicodedata.normalize("NFD", "gèhen"), ""),
        ("v1.2", "v1.2", ""),
    ],
)
def test_names_find_their_files(name: str, clip: str, how: str, src: Path) -> None:
    subfolders(src, "a", "b", "c")
    (src / "c" / "turn.bvh").rename(src / "c" / "only.bvh")
    shutil.copy(src / "take0.bvh", src / f"{unicodedata.normalize('NFD', 'gèhen')}.BVH")
    shutil.copy(src / "take0.bvh", src / "v1.2.bvh")
    text(src / "captions.csv", "file,caption", f"{name},moves")
    corpus, result = imported(src)
    assert {name for name in corpus.names if corpus.captions(name)} == {clip}
    assert not result.skipped
    reasons = [note.reason for note in result.notes if note.reason != "no caption in the table"]
    assert reasons == ([f"file named otherwise in the table, matched {how}"] if how else [])


@pytest.mark.parametrize("name", ["c/turn.bvh", "a/take0.bvh", "a/turn2", "take", "v1.bvh", "/x/turn/nothing"])
def test_names_do_not_find_other_files(name: str, src: Path) -> None:
    subfolders(src, "a")
    shutil.copy(src / "take0.bvh", src / "a" / "only.bvh")
    (src / "c").mkdir()
    shutil.copy(src / "take0.bvh", src / "c" / "else.bvh")
    shutil.copy(src / "take0.bvh", src / "v1.2.bvh")
    text(src / "captions.csv", "file,caption", f"{name},moves", "take1,walks")
    corpus, result = imported(src)
    assert [clip for clip in corpus.names if corpus.captions(clip)] == ["take1"]
    assert len(result.skipped) == 1


def test_a_name_that_may_be_several_files(src: Path, tmp_path: Path) -> None:
    subfolders(src, "a", "b")
    for row, message in (
        ("turn,x", "captions.csv:2: 'turn' may be a/turn.bvh, b/turn.bvh: write the whole path with its suffix"),
        ("turn.bvh,x", "captions.csv:2: 'turn.bvh' may be"),
        ("C:/x/take0.bvh,x\nC:/y/take0.bvh,y", "captions.csv:3: both 'C:/y/take0.bvh' and another path end as take0"),
    ):
        text(src / "captions.csv", "file,caption", row)
        with pytest.raises(FormatError, match=message):
            import_corpus(src, tmp_path / "corpus")
    shutil.copy(src / "take0.bvh", src / "turn.bvh")
    text(src / "captions.csv", "file,caption", "turn.bvh,the one at the top")
    corpus, _ = imported(src)
    assert corpus.captions("turn") == (Caption("the one at the top"),)


def test_frames_become_seconds_where_the_columns_say_so(src: Path) -> None:
    text(
        src / "captions.csv", "file,Start Frame,end_frame,caption", "take0,20,40,part", "take1,,,all", "take2,10,,rest"
    )
    corpus, result = imported(src)
    assert corpus.captions("take0") == (Caption("part", 1.0, 2.0),)
    assert corpus.captions("take1") == (Caption("all"),)
    assert corpus.captions("take2") == (Caption("rest", 0.5),)
    notes = {note.clip: note.detail for note in result.notes if note.reason == "times in frames, turned into seconds"}
    assert notes == {"take0": "20 frames a second", "take2": "20 frames a second"}


def test_times_that_look_like_frames_are_left_out_and_said(src: Path) -> None:
    text(
        src / "captions.csv", "file,start,end,caption", "take0,0,30,first", "take0,30,60,second", "take1,,,all",
        "take1,20,40,part", "take2,0,3,all of it in seconds",
    )  # fmt: skip
    corpus, result = imported(src)
    reason = "times that look like frames, left out (name the columns start_frame,end_frame)"
    assert {(remark.clip, remark.reason) for remark in result.skipped} == {("take0", reason)}
    assert [note.clip for note in result.notes if note.reason == reason] == ["take1"]
    assert corpus.captions("take1") == (Caption("all"),)
    assert corpus.captions("take2") == (Caption("all of it in seconds"),)


def test_times_beyond_the_end_and_of_a_clock(src: Path) -> None:
    text(
        src / "captions.csv", "file;start;end;caption", "take0;0:00.5;0:01.5;clock", "take1;0,5;1,5;comma",
        "take2;0.5;99.5;beyond",
    )  # fmt: skip
    corpus, result = imported(src)
    assert corpus.captions("take0") == (Caption("clock", 0.5, 1.5),)
    assert corpus.captions("take1") == (Caption("comma", 0.5, 1.5),)
    assert corpus.captions("take2") == (Caption("beyond", 0.5),)
    assert counts(result.notes) == {"captions that end behind the motion, cut at its end": 1}


def test_tables_that_are_not_read_are_said(src: Path) -> None:
    text(src / "Captions.CSV", "file,caption", "take0.bvh,walks")
    text(src / "labels.csv", "file,label", "take0.bvh,walk")
    text(src / "day2" / "captions.csv", "file,caption", "take0.bvh,walks")
    (src / "captions.xlsx").write_bytes(b"PK")
    corpus, result = imported(src)
    assert corpus.captions("take0") == (Caption("walks"),)
    notes = {(note.clip, note.reason): note.detail for note in result.notes}
    assert ("Captions.CSV", "table in other letters, read all the same") in notes
    assert notes["labels.csv", "table that is not read"] == "Captions.CSV is read; --table labels.csv reads it instead"
    assert notes["captions.xlsx", "table that is not read"].endswith("save it as CSV")
    assert ("day2/captions.csv", "table that is not read") in notes


def test_the_summary_names_five_and_counts_the_rest(src: Path) -> None:
    text(src / "captions.csv", "file,caption", *(f"gone{number},moves" for number in range(12)), "take0,moves")
    _, result = imported(src)
    names = ", ".join(f"'gone{number}'" for number in range(5))
    assert f"skipped: no motion file              12  {names} and 7 more" in result.table()
    assert len(result.to_dict()["skipped"]) == 12


def test_splits_by_path_and_stem(src: Path) -> None:
    subfolders(src, "a")
    text(src / "splits" / "train.txt", "a/turn.bvh", "take1.BVH")
    text(src / "splits" / "test.txt", "take2")
    corpus, result = imported(src)
    assert (corpus.split("train"), corpus.split("test")) == (["a__turn", "take1"], ["take2"])
    assert not result.skipped
