"""A folder of motions of any model, through the command line: the same measures, and one line for what cannot be."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from chronomotion.cli.app import launch
from chronomotion.errors import FormatError
from chronomotion.evaluation.generation.action_judge import ActionJudge, JudgeConfig
from chronomotion.evaluation.generation.motion_folder import read_motion_folder
from chronomotion.evaluation.generation.report import GenerationReport
from chronomotion.motion.features import motion_of
from chronomotion.motion.formats import write_motion


@pytest.fixture(scope="module")
def folder(toy_corpus, tmp_path_factory):
    """Motions of the test split as features, joints and a BVH, with the corpus's captions."""
    folder = tmp_path_factory.mktemp("motions") / "mine"
    folder.mkdir()
    rows = ["file,caption,seconds"]
    for number, name in enumerate(toy_corpus.split("test")[:6]):
        features, caption = toy_corpus.features(name), toy_corpus.captions(name)[0]
        motion = motion_of(features)
        file = f"m{number}" + (".npy", ".npy", ".bvh", ".npz", ".npy", ".npy")[number]
        if number == 1:
            np.save(folder / file, motion.positions)
        elif number in (2, 3):
            write_motion(motion, folder / file)
        else:
            np.save(folder / file, features)
        seconds = " ".join(f"{end - start:.2f}" for start, end in caption.events.spans)
        rows.append(f'{file},"{caption.text}",{seconds if number == 0 else ""}')
    (folder / "captions.csv").write_text("\n".join(rows) + "\n")
    return folder


@pytest.fixture(scope="module")
def judge_folder(toy_corpus, tmp_path_factory):
    folder = tmp_path_factory.mktemp("judge") / "judge"
    with torch.random.fork_rng():
        torch.manual_seed(0)
        actions = tuple(toy_corpus.info["composed"]["actions"])
        ActionJudge(JudgeConfig(dim=263, actions=actions, width=4, dilations=(1,))).save_pretrained(folder)
    return folder


def test_files_of_all_kinds_become_one_set(folder, toy_corpus):
    made = read_motion_folder(folder, toy_corpus)
    assert (made.name, len(made), made.lengths, made.dim) == ("mine", 6, "own", 263)
    for number, (clip, name) in enumerate(zip(made.clips, toy_corpus.split("test"), strict=False)):
        expected, caption = toy_corpus.features(name), toy_corpus.captions(name)[0]
        if number in (0, 4, 5):
            assert np.array_equal(clip.features, expected)
        else:
            assert clip.features[:, :67] == pytest.approx(expected[:-1, :67], abs=0.02)
        assert clip.caption.events.labels == caption.events.labels
    assert made.joints is not None
    spans = made.spans()
    events = made.clips[0].caption.events
    assert len(spans[0]) == len(events)
    assert spans[0][0][0] == 0.0
    assert spans[1:] == [None] * 5


def test_the_command_measures_them(folder, judge_folder, toy_corpus, tmp_path, capsys):
    arguments = ["evaluate-motions", str(folder), "--reference", str(toy_corpus.folder), "--judge", str(judge_folder)]
    assert launch([*arguments, "--to", str(tmp_path / "report.json"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in told["sets"]] == ["real, test", "mine"]
    assert [one["motions"] for one in told["sets"]] == [24, 6]
    assert told["floor"] == "estimated"
    assert told["judge"]["fingerprint"] == ActionJudge.from_pretrained(judge_folder).fingerprint
    assert told["sets"][1]["given"]["order"]["motions"] == 6
    assert GenerationReport.load(tmp_path / "report.json").sets[1].name == "mine"
    assert launch(arguments) == 0
    text = capsys.readouterr().out
    assert "| mine, all | 6 |" in text
    assert text.count("| real, test") >= 2


def test_captions_of_other_words_are_split_and_their_actions_found(folder, toy_corpus, tmp_path):
    texts = [toy_corpus.captions(name)[0].events.texts for name in toy_corpus.names[:2]]
    np.save(tmp_path / "a.npy", toy_corpus.features(toy_corpus.names[0]))
    np.save(tmp_path / "b.npy", toy_corpus.features(toy_corpus.names[0]))
    told = f"{texts[0][0].rstrip('.')}, then {texts[0][1].removeprefix('a person ')}"
    (tmp_path / "prompts.csv").write_text(f'path,prompt,actions\na.npy,"{told}",\nb.npy,a person flies,fly\n')
    made = read_motion_folder(tmp_path, toy_corpus)
    assert made.clips[0].caption.events.labels == toy_corpus.captions(toy_corpus.names[0])[0].events.labels[:2]
    assert made.clips[1].caption.events.labels == ("fly",)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("file,caption\nnone.npy,walks\n", r"captions.csv:2: no motion file 'none.npy' in"),
        ("file,caption\nm0.npy,\n", r"captions.csv:2: no caption in this row"),
        ("file,caption\n,walks\n", r"captions.csv:2: no file in this row"),
        ("file,text,seconds\nm0.npy,a person walks,fast\n", r"captions.csv:2: seconds 'fast' are no numbers"),
        ("file,text,seconds\nm0.npy,a person walks,0\n", r"captions.csv:2: seconds '0': each has to be above 0"),
        ("file,text,seconds\nm0.npy,a person walks,1 2 3\n", r"3 numbers of seconds for 1 events"),
        ("file,caption\nwide.npy,walks\n", r"wide.npy: features of 251 numbers a frame, the reference has 263"),
        ("file,caption\nnan.npy,walks\n", r"nan.npy: frame 3 holds a number that is not finite"),
        ("file,caption\nshort.npy,walks\n", r"short.npy: 2 frames of features, too few to measure"),
        ("file,caption\nbroken.bvh,walks\n", r"broken.bvh"),
        ("name\nm0.npy\n", "expected the columns file,caption"),
    ],
)
def test_what_cannot_be_measured_is_told_in_one_line(folder, toy_corpus, tmp_path, capsys, change, message):
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    features = toy_corpus.features(toy_corpus.names[0]).copy()
    np.save(tmp_path / "wide.npy", features[:, :251])
    np.save(tmp_path / "short.npy", features[:2])
    features[3, 7] = np.nan
    np.save(tmp_path / "nan.npy", features)
    (tmp_path / "broken.bvh").write_text("HIERARCHY\nROOT")
    (tmp_path / "captions.csv").write_text(change)
    with pytest.raises(FormatError, match=message):
        read_motion_folder(tmp_path, toy_corpus)
    capsys.readouterr()
    assert launch(["--quiet", "evaluate-motions", str(tmp_path), "--reference", str(toy_corpus.folder)]) == 1
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        ([], 2, "name the folders"),
        (["{}", "--evaluator", "finest.tar"], 2, "--words and --evaluator finest.tar go together"),
        (["{}", "--words", "glove"], 2, "go together"),
        (["{}", "--to", "report.txt"], 2, "ends in .json"),
        (["{}", "--split", "dev"], 1, "has no split 'dev'; it has test, train"),
        (["nowhere"], 1, "nowhere is not there"),
        (["{}", "--judge", "{}"], 1, "does not hold an action judge"),
        (["{}", "--evaluator", "{}"], 1, "does not hold a model of ours"),
    ],
)
def test_wrong_arguments_are_told_in_one_line(folder, toy_corpus, capsys, arguments, status, message):
    filled = [argument.replace("{}", str(folder)) for argument in arguments]
    assert launch(["evaluate-motions", *filled, "--reference", str(toy_corpus.folder)]) == status
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_a_folder_with_several_tables_wants_one_named(folder, toy_corpus, tmp_path):
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "captions.csv").rename(tmp_path / "one.csv")
    assert len(read_motion_folder(tmp_path, toy_corpus)) == 6
    (tmp_path / "two.csv").write_text("file,caption\nm0.npy,a person walks\n")
    with pytest.raises(FormatError, match="found one.csv, two.csv: name it with --table"):
        read_motion_folder(tmp_path, toy_corpus)
    assert len(read_motion_folder(tmp_path, toy_corpus, table=tmp_path / "two.csv")) == 1


def test_a_reference_on_another_skeleton_is_refused(folder, toy_corpus):
    other = replace_info(toy_corpus, skeleton="kitml")
    with pytest.raises(FormatError, match="m1.npy: a motion on skeleton humanml3d, the reference is on kitml"):
        read_motion_folder(folder, other)


def replace_info(corpus, **info):
    """The same corpus, said to be on another skeleton."""
    from chronomotion.corpus import Corpus

    other = Corpus(corpus.folder)
    other.info |= info
    return other


def test_a_plan_gives_joins(folder, toy_corpus):
    made = read_motion_folder(folder, toy_corpus)
    first = replace(made, clips=made.clips[:1], joints=None)
    from chronomotion.evaluation.generation.physical import physical_figures

    assert physical_figures(first.motions, first.spans()).joins == len(made.clips[0].caption.events) - 1
