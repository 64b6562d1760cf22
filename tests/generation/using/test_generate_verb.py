"""``chronomotion generate``: what it writes, prints, and says of what cannot be done."""

import io
import json
import os
import shutil
from contextlib import redirect_stderr, redirect_stdout

import numpy as np
import pytest
from toy_generator import save_random_generator

from chronomotion.cli.app import launch
from chronomotion.corpus.compose.sources import ProceduralClips
from chronomotion.errors import FormatError
from chronomotion.generation import Generator
from chronomotion.motion import formats
from chronomotion.motion.formats import read_motion, write_motion
from chronomotion.motion.motion import Motion
from chronomotion.motion.skeleton import KITML
from toys import tiny_backbone

TEXT = "a person raises the left hand, then nods"


@pytest.fixture(scope="module")
def workplace(tmp_path_factory):
    """A generator of random weights, and a take."""
    folder = tmp_path_factory.mktemp("generate")
    save_random_generator(folder / "g", tiny_backbone(folder / "lm"))
    write_motion(ProceduralClips().clip("walk", "val", 1), folder / "walk.bvh")
    return folder


def run(*arguments, cwd, status=0):
    """(standard output, standard error) of ``chronomotion generate``."""
    out, errors = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(errors):
        patch.chdir(cwd)
        patch.setenv("CHRONOMOTION_CACHE", str(cwd / "cache"))
        done = launch(["generate", *map(str, arguments)])
    assert done == status, errors.getvalue()
    return out.getvalue(), errors.getvalue()


def test_a_file_and_a_line(workplace):
    out, _ = run(TEXT, "--model", "g", "--seconds", "3,2", "--to", "one.bvh", cwd=workplace)
    head, line = out.splitlines()
    assert head.split() == ["file", "seconds", "events", "in", "order", "skating", "floor", "text"]
    assert line.startswith("one.bvh")
    assert "5.0 s  not checked" in line
    assert line.endswith(TEXT)
    assert read_motion(workplace / "one.bvh").frames == 100


@pytest.mark.parametrize("kind", ["bvh", "npy", "npz", "png", "gif"])
def test_every_format(workplace, kind):
    run(TEXT, "--model", "g", "--seconds", 2, "--to", f"a.{kind}", cwd=workplace)
    assert (workplace / f"a.{kind}").stat().st_size > 500


def test_json_and_the_same_bytes_again(workplace):
    options = ["--model", "g", "--seed", 3, "--json"]
    first = run(TEXT, *options, "--count", 3, "--to", "s.npy", cwd=workplace)[0]
    answer = json.loads(first)
    assert [row["file"] for row in answer["motions"]] == ["s-01.npy", "s-02.npy", "s-03.npy"]
    assert [row["variant"] for row in answer["motions"]] == [0, 1, 2]
    assert {row["seed"] for row in answer["motions"]} == {3}
    (row, *_) = answer["motions"]
    assert [event["text"] for event in row["events"]] == ["a person raises the left hand.", "a person nods."]
    assert row["events"][0]["start"] == 0
    assert row["events"][-1]["end"] == row["seconds"] == row["frames"] / 20
    assert row["in_order"] is None
    assert answer["fingerprint"] == Generator.from_pretrained(workplace / "g").fingerprint
    again = json.loads(run(TEXT, *options, "--to", "t.npy", cwd=workplace)[0])
    assert (workplace / "t.npy").read_bytes() == (workplace / "s-01.npy").read_bytes()
    assert again["motions"][0] == {**row, "file": "t.npy"}
    assert (workplace / "s-02.npy").read_bytes() != (workplace / "s-01.npy").read_bytes()


def test_a_file_of_lines(workplace):
    (workplace / "lines.txt").write_text(f"# what to make\n{TEXT} # 3,2\n\na person nods # 1.6\na person nods\n")
    out, _ = run("lines.txt", "a person nods", "--model", "g", "--seconds", 2, "--json", cwd=workplace)
    rows = json.loads(out)["motions"]
    assert [(row["text"], row["seconds"]) for row in rows] == [
        (TEXT, 5.0),
        ("a person nods", 1.6),
        ("a person nods", 2.0),
        ("a person nods", 2.0),
    ]


def test_a_folder(workplace):
    run(TEXT, "a person nods", "--model", "g", "--to", "many", "--format", "npz", cwd=workplace)
    assert sorted(path.name for path in (workplace / "many").iterdir()) == ["motion-01.npz", "motion-02.npz"]


def test_after_a_take(workplace):
    run("a person nods", "--model", "g", "--after", "walk.bvh", "--to", "then.npz", cwd=workplace)
    last, then = read_motion(workplace / "walk.bvh").positions[-1], read_motion(workplace / "then.npz")
    assert np.linalg.norm(then.positions[0] - last, axis=-1).max() < 0.03


def test_long_lists_are_made_in_parts_and_that_is_said(workplace):
    text = "a person nods, " + ", ".join(["raises the left hand", "nods"] * 4)
    out, errors = run(text, "--model", "g", "--json", cwd=workplace)
    (row,) = json.loads(out)["motions"]
    assert len(row["events"]) == 9
    assert row["parts"] >= 3
    assert f"motion 1 was made in {row['parts']} parts" in errors


def test_a_judge_looks_and_chooses(workplace):
    options = ["--model", "g", "--with", "starter", "--seed", 1, "--json"]
    answer = json.loads(run(TEXT, *options, "--rerank", 3, cwd=workplace)[0])
    assert answer["judge"] == "starter"
    (row,) = answer["motions"]
    assert len(row["choice"]["scores"]) == 3
    assert row["choice"]["number"] == int(np.argmax(row["choice"]["scores"]))
    assert isinstance(row["in_order"], bool)
    assert {event["found"] for event in row["events"]} <= {True, False}
    out, _ = run(TEXT, *options[:-1], cwd=workplace)
    assert " of 2" in out.splitlines()[1]


def test_raw(workplace):
    raw = json.loads(run(TEXT, "--model", "g", "--raw", "--json", cwd=workplace)[0])
    clean = json.loads(run(TEXT, "--model", "g", "--json", cwd=workplace)[0])
    assert raw["raw"]
    assert raw["motions"][0]["bone"] > 1 > clean["motions"][0]["bone"]


def test_what_is_done_is_kept_when_interrupted(workplace, monkeypatch):
    once = Generator.iterate

    def interrupted(self, *arguments, **options):
        for number, made in enumerate(once(self, *arguments, **options)):
            if number == 2:
                raise KeyboardInterrupt
            yield made

    monkeypatch.setattr(Generator, "iterate", interrupted)
    options = [TEXT, "--model", "g", "--count", 5, "--to", "cut.npy"]
    out, errors = run(*options, cwd=workplace, status=130)
    assert len(out.splitlines()) == 3
    assert "stopped: 2 of 5 motions are made, kept in cut-01.npy to cut-02.npy" in errors
    assert sorted(path.name for path in workplace.glob("*cut*")) == ["cut-01.npy", "cut-02.npy"]
    out, _ = run(*options, "--force", "--json", cwd=workplace, status=130)
    answer = json.loads(out)
    assert (answer["stopped"], answer["asked_for"], len(answer["motions"])) == (True, 5, 2)


def test_what_is_done_is_told_when_the_disk_is_full(workplace, monkeypatch):
    once = formats.write_motion

    def full(motion, path):
        if path.name.endswith("03.npy"):
            raise FormatError("cannot be written: No space left on device", str(path))
        once(motion, path)

    monkeypatch.setattr(formats, "write_motion", full)
    options = ["--model", "g", "--count", 4, "--to", "disk", "--format", "npy"]
    out, errors = run(TEXT, *options, cwd=workplace, status=1)
    assert len(out.splitlines()) == 3
    stopped, error = errors.splitlines()
    assert stopped == "stopped: 2 of 4 motions are made, kept in disk/motion-01.npy to disk/motion-02.npy"
    assert error == "chronomotion: disk/motion-03.npy: cannot be written: No space left on device"


def test_nothing_is_left_where_nothing_is_made(workplace):
    run(TEXT, "--model", "nowhere", "--to", "unmade", "--format", "npy", cwd=workplace, status=1)
    run("", "--model", "g", "--to", "unmade", "--format", "npy", cwd=workplace, status=1)
    assert not (workplace / "unmade").exists()


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        ([""], 1, "the text is empty: say what happens"),
        (["walk " * 2000], 1, "the text has 2,000 words, at most 1,000 are read"),
        ([TEXT, "--seconds", "0"], 1, "seconds of 0 for 2 events: this generator makes 0.4 to 10.8 s there"),
        ([TEXT, "--seconds=-3"], 1, "seconds of -3 for 2 events"),
        ([TEXT, "--seconds", "600"], 1, "seconds of 600 for 2 events"),
        ([TEXT, "--seconds", "1,2,3"], 1, "3 seconds for 2 events: give one number for each of: 1 a person raises"),
        ([TEXT, "--seconds", "long"], 2, "--seconds: seconds are auto, a number for the whole (4)"),
        ([TEXT, "--count", "0"], 2, "--count"),
        ([TEXT, "--temperature", "0"], 2, "--temperature"),
        ([TEXT, "--top-p", "2"], 2, "--top-p"),
        ([TEXT, "--rerank", "4"], 2, "--rerank 4: which motion-text model chooses?"),
        ([TEXT, "--to", "a.fbx"], 2, "--to a.fbx: cannot write .fbx: known are .bvh"),
        ([TEXT, "--to", "somewhere"], 2, "--to somewhere: what is written into a folder? give --format"),
        ([TEXT, "--to", "a.bvh", "--format", "npy"], 2, "--to a.bvh has the suffix .bvh, but --format says npy"),
        ([TEXT, "--format", "npy"], 2, "--format npy: where to?"),
        ([TEXT, "--to", "no/such/a.bvh"], 1, "no/such: there is no such folder"),
        ([TEXT, "--to", "walk.bvh"], 1, "walk.bvh is there already: --force overwrites"),
        ([TEXT, "--to", "walk.bvh/a.bvh"], 1, "walk.bvh: is a file, not a folder"),
        ([TEXT, "--after", "nowhere.bvh"], 1, "nowhere.bvh: no such file or folder"),
        ([TEXT, "--after", "short.npy"], 1, "short.npy: the motion lasts 0.75 s: to go on from it takes 1 s or more"),
        ([TEXT, "--after", "kit.npz"], 1, "kit.npz: a motion on skeleton kitml (251 features a frame)"),
        (["no.txt"], 1, "no.txt: cannot be read: No such file"),
        (["empty.txt"], 2, "empty.txt has no text"),
        (["bad.txt"], 2, "bad.txt, line 2: seconds are auto, a number"),
        (["few.txt", "a person nods"], 1, f"{TEXT!r}: 3 seconds for 2 events"),
    ],
)
def test_what_cannot_be_done(workplace, arguments, status, message):
    walk = ProceduralClips().clip("walk", "val", 1)
    np.save(workplace / "short.npy", walk.positions[:15])
    write_motion(Motion(np.zeros((40, 21, 3)) + np.arange(21)[:, None], 12.5, KITML), workplace / "kit.npz")
    (workplace / "empty.txt").write_text("\n# nothing\n")
    (workplace / "bad.txt").write_text(f"{TEXT}\n{TEXT} # soon\n")
    (workplace / "few.txt").write_text(f"{TEXT} # 1,2,3\n")
    _, errors = run(*arguments, "--model", "g", cwd=workplace, status=status)
    *warnings, line = errors.splitlines()
    assert line.startswith("chronomotion: ")
    assert message in line
    assert not warnings or arguments[-1] == "kit.npz"  # a take of noise is doubted


def test_what_is_no_generator(workplace):
    (workplace / "corpus").mkdir(exist_ok=True)
    (workplace / "corpus" / "corpus.json").write_text("{}")
    (workplace / "empty").mkdir(exist_ok=True)
    (workplace / "finder").mkdir(exist_ok=True)
    (workplace / "finder" / "config.json").write_text('{"format_version": 1, "model": {}}')
    shutil.copytree(workplace / "g", workplace / "half", dirs_exist_ok=True)
    shutil.rmtree(workplace / "half" / "tokenizer")
    shutil.copytree(workplace / "g" / "tokenizer", workplace / "young" / "tokenizer", dirs_exist_ok=True)
    for model, message in {
        "nowhere": "nowhere does not hold a generator: there is no such folder",
        "walk.bvh": "walk.bvh does not hold a generator: it is a file",
        "corpus": "it is a corpus; `chronomotion train-generator corpus GENERATOR` makes a generator of it",
        "finder": "it is a motion-text model, which finds motions",
        "g/tokenizer": "it is a tokenizer alone; `chronomotion train-generator CORPUS GENERATOR --tokenizer g/token",
        "half": "its tokenizer is missing: half/tokenizer",
        "young": "it has a tokenizer and no prior",
        "empty": "config.json is missing",
    }.items():
        _, errors = run(TEXT, "--model", model, cwd=workplace, status=1)
        (line,) = errors.splitlines()
        assert message in line
    _, errors = run(TEXT, "--model", "g", "--with", "g", cwd=workplace, status=1)
    assert len(errors.splitlines()) == 1


def test_halves_that_do_not_belong_together(workplace):
    shutil.copytree(workplace / "g", workplace / "mixed", dirs_exist_ok=True)
    path = workplace / "mixed" / "config.json"
    info = json.loads(path.read_text())
    info["tokenizer"]["fingerprint"] = "0123456789abcdef"
    path.write_text(json.dumps(info))
    _, errors = run(TEXT, "--model", "mixed", cwd=workplace, status=1)
    assert "mixed: the prior was trained on the codes of the tokenizer 0123456789ab, but the tokenizer beside" in errors


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_no_permission(workplace):
    (workplace / "closed").mkdir(mode=0o500, exist_ok=True)
    _, errors = run(TEXT, "--model", "g", "--to", "closed/a.bvh", cwd=workplace, status=1)
    assert "closed: no permission to write there" in errors


def test_a_disk_that_refuses(workplace, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)
    _, errors = run(TEXT, "--model", "g", "--to", "refused.bvh", cwd=workplace, status=1)
    assert ".: no permission to write there: give another --to" in errors
    assert not (workplace / "refused.bvh").exists()
