"""Which language model compares captions, and what a run says whose captions are all alike."""

import json
import logging

import numpy as np
import pytest
import torch
from tiny_language_models import FAMILIES
from transformers import AutoModel, AutoTokenizer

from chronomotion.model.backbone import TextBackbone
from chronomotion.model.config import ModelConfig
from chronomotion.model.text_states import SentenceVectors, TextStates
from chronomotion.training.checkpoint import RunState, load_checkpoint, save_checkpoint
from chronomotion.training.config import ObjectiveConfig, TrainingConfig
from chronomotion.training.pair_task import PairTask
from chronomotion.training.processes import Processes
from chronomotion.training.run import Run
from chronomotion.training.settings import read_recipe
from chronomotion.training.standstill import learns
from chronomotion.training.task import Figures
from chronomotion.training.train import train

TINY = {"latent_dim": 16, "ff_size": 32, "num_layers": 1, "num_heads": 2, "dropout": 0.0, "frames_per_token": 4}


@pytest.fixture(scope="module")
def sentence_model(tmp_path_factory):
    """Folder of another language model than the models' own."""
    (family,) = [one for one in FAMILIES if one.name == "mpnet"]
    return family.save(tmp_path_factory.mktemp("mpnet"))


def states_of(backbone, folder=None):
    # float32: in bfloat16 the states of a text depend on the texts that are read with it
    return TextStates(TextBackbone(str(backbone), dtype=torch.float32), folder)


def config(threshold=0.8, **changes):
    objective = {"filter": "sentences", "sentence_threshold": threshold, **changes.pop("objective", {})}
    settings = {"epochs": 2, "batch_size": 16, "warmup_steps": 0, "learning_rate": 3e-3, "negatives": "none", **changes}
    return TrainingConfig(model=ModelConfig(**TINY), objective=ObjectiveConfig(**objective), **settings)


def run_of(corpus, folder, settings, states):
    processes = Processes()
    return Run(PairTask(corpus, settings, states, processes), folder, processes)


def mean_pooled(folder, texts):
    """The naive twin: sentence by sentence, as transformers computes them."""
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    with torch.no_grad():
        rows = [model(**tokenizer(text, return_tensors="pt")).last_hidden_state[0].mean(dim=0) for text in texts]
    return torch.nn.functional.normalize(torch.stack(rows), dim=-1)


def halfway(folder, texts):
    """A threshold between similarities of these texts, so that the filter takes some of them."""
    vectors = mean_pooled(folder, sorted(set(texts)))
    similar = torch.sort(((vectors @ vectors.T + 1) / 2)[*torch.triu_indices(len(vectors), len(vectors), 1)]).values
    gaps = similar.diff()
    middle = gaps[len(gaps) // 4 : -len(gaps) // 4].argmax() + len(gaps) // 4
    return float(similar[middle] + similar[middle + 1]) / 2


def captions_of(corpus):
    return [caption.text for name in corpus.split("train") for caption in corpus.captions(name)]


@pytest.mark.parametrize("preset", ["chronaccret", "chronaccret-tuned", "tmr"])
@pytest.mark.parametrize("kept", [False, True], ids=["memory", "disk"])
def test_a_batch_reads_its_captions_with_the_sentence_model(
    toy_corpus, backbone, sentence_model, tmp_path, preset, kept
):
    """The settings of the presets, at a small size: the filter is that of the model that they name."""
    small = {"latent_dim": 16, "ff_size": 32, "num_layers": 1, "num_heads": 2, "text_dim": 32}
    flags = {f"model.{name}": str(value) for name, value in small.items()}
    flags |= {"model.text_model": str(backbone), "objective.sentence_model": str(sentence_model)}
    flags |= {"objective.sentence_threshold": str(halfway(sentence_model, captions_of(toy_corpus)))}
    flags |= {"longest": "0", "shortest": "0", "batch_size": "16", "epochs": "1"}
    settings = read_recipe(preset=preset, flags=flags, environment={}).config
    run = run_of(toy_corpus, tmp_path, settings, states_of(backbone, tmp_path / "s" if kept else None))
    batch = next(run.task.batches(0, ahead=False))
    count = len(batch.motions)
    vectors = mean_pooled(sentence_model, batch.texts[:count])
    same = (vectors @ vectors.T + 1) / 2 > settings.objective.sentence_threshold
    assert torch.equal(batch.found.same[:count], same)
    assert not batch.found.same[count:].any()  # published: shuffled captions are never looked at
    others = same[~torch.eye(count, dtype=torch.bool)]
    assert others.any()
    assert not others.all()
    own = mean_pooled(backbone, batch.texts[:count])
    assert not torch.equal(same, (own @ own.T + 1) / 2 > settings.objective.sentence_threshold)


def test_a_cold_and_a_warm_cache_give_the_same_weights(toy_corpus, backbone, sentence_model, tmp_path):
    settings = config(
        halfway(sentence_model, captions_of(toy_corpus)), objective={"sentence_model": str(sentence_model)}
    )
    # Somebody else has read a caption: this made the difference once.
    states_of(sentence_model, tmp_path / "read").prepare(captions_of(toy_corpus)[:1])
    folders = {"cold": tmp_path / "kept", "warm": tmp_path / "kept", "read before": tmp_path / "read", "memory": None}
    trained = {
        name: train(toy_corpus, tmp_path / name, settings, states=states_of(backbone, folder)).state_dict()
        for name, folder in folders.items()
    }
    assert len(list((tmp_path / "kept").iterdir())) == 2, "states of either language model are kept"
    for name, weight in trained["cold"].items():
        for cache in ("warm", "read before", "memory"):
            assert torch.equal(weight, trained[cache][name]), f"{name}, {cache}"
    other = train(toy_corpus, tmp_path / "other", config(1.0), states=states_of(backbone)).state_dict()
    assert any(not torch.equal(weight, other[name]) for name, weight in trained["cold"].items())


def test_an_epoch_is_read_by_the_sentence_model_at_once(toy_corpus, backbone, sentence_model, tmp_path, monkeypatch):
    """Batch by batch every batch would leave a file."""
    settings = config(objective={"sentence_model": str(sentence_model)}, rounds=1)
    run = run_of(toy_corpus, tmp_path / "run", settings, states_of(backbone, tmp_path / "kept"))
    read = []
    token_states = TextBackbone.token_states

    def counted(self, texts):
        read.append((self.name, len(texts)))
        return token_states(self, texts)

    monkeypatch.setattr(TextBackbone, "token_states", counted)
    batches = run.task.batches(0)
    next(batches)
    batches.close()
    assert [name for name, _ in read] == [str(backbone), str(sentence_model)]
    assert read[0][1] == read[1][1]


def test_states_that_have_read_nothing_are_not_false(backbone):
    empty = TextStates(TextBackbone(str(backbone)))
    assert (empty or None) is empty
    assert (empty.prepare(["a person nods.", "a person nods."]), empty.prepare(["a person nods."])) == (1, 0)


def test_a_sentence_without_a_direction_is_like_nothing(backbone, monkeypatch):
    monkeypatch.setattr(TextBackbone, "token_states", lambda self, texts: [np.zeros((2, 4), np.float32) for _ in texts])
    assert not SentenceVectors(states_of(backbone))(["a person nods."]).any()


def warnings_of(caplog):
    return [one.getMessage() for one in caplog.records if "nothing was learnt" in one.getMessage()]


def test_a_run_whose_captions_are_all_alike_says_so(toy_corpus, backbone, sentence_model, tmp_path, caplog):
    """Every caption is similar to every other: the contrast has no negative, its loss and gradient are 0."""
    settings = config(0.0, objective={"sentence_model": str(sentence_model)})
    with caplog.at_level(logging.WARNING):
        train(toy_corpus, tmp_path, settings, states=states_of(backbone))
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert {(line["loss"], line["gradient"]) for line in lines} == {(0.0, 0.0)}
    assert len(lines) == 6
    first, second = warnings_of(caplog)  # one an epoch
    assert "ends with step 3 of 6" in first
    assert "ends with step 6 of 6" in second
    for part in (str(sentence_model), "objective.sentence_threshold = 0;", "all captions of a batch count as alike"):
        assert part in first


def test_a_run_that_learns_says_nothing(toy_corpus, backbone, tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        train(toy_corpus, tmp_path, config(1.0), states=states_of(backbone))
    assert not warnings_of(caplog)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([0, 0, 0, 0, 0, 0], [3, 6]),
        ([0, 0, 1, 0, 0, 0], [6]),
        ([1, 0, 0, 0, 0, 0], [6]),
        ([0, 0, 0, 0, 0, 1], [3]),
        ([0, 1, 0, 1, 0, 0], []),
    ],
)
@pytest.mark.parametrize("stop", [None, 1, 2, 3, 5])
def test_epochs_without_a_gradient_are_told_wherever_the_run_was_interrupted(
    toy_corpus, backbone, tmp_path, monkeypatch, caplog, steps, expected, stop
):
    stops = [] if stop is None else [stop]

    def step(self, done, batches):
        if done in stops:
            stops.remove(done)
            raise KeyboardInterrupt
        return Figures(0.5, {"contrast": 0.5}, 1e-3, float(steps[done]), 0.1, {})

    monkeypatch.setattr(Run, "_step", step)
    states = states_of(backbone)
    with caplog.at_level(logging.WARNING):
        if stops:
            with pytest.raises(KeyboardInterrupt):
                train(toy_corpus, tmp_path, config(1.0), states=states)
        train(toy_corpus, tmp_path, config(1.0), states=states)
    told = [int(text.split("ends with step ")[1].split(" of ")[0]) for text in warnings_of(caplog)]
    assert told == expected


def test_only_the_first_process_warns(toy_corpus, backbone, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(Processes, "first", property(lambda self: False))
    run = run_of(toy_corpus, tmp_path, config(0.0), states_of(backbone))
    with caplog.at_level(logging.WARNING):
        batches = (next(run.task.batches(0, ahead=False)),)
        for _ in range(run.steps):
            run._count(Figures(0.0, {"contrast": 0.0}, 1e-3, 0.0, 0.1, {}), batches)
    assert run.state.done == 6
    assert not warnings_of(caplog)


def test_a_ranking_of_nothing_is_seen_beside_a_reconstruction():
    """The presets decode, too: their loss and gradient are never 0, and the contrast may be."""

    def figures(gradient, **terms):
        named = {name.replace("_", " "): one for name, one in terms.items()}
        return Figures(sum(terms.values()), named, 1e-3, gradient, 0.1, {})

    assert not learns(figures(2.0, contrast=0.0, motion_from_text=1.0), config())
    assert learns(figures(2.0, contrast=0.1, motion_from_text=1.0), config())
    assert not learns(figures(0.0, contrast=0.1), config())
    assert learns(figures(2.0, others=0.0, order=0.1, jumbled=0.0), config())
    unranked = config(objective={"contrast_weight": 0.0})
    assert learns(figures(2.0, contrast=0.0, motion_from_text=1.0), unranked)


def test_a_checkpoint_that_says_nothing_of_it_is_taken_to_be_well(toy_corpus, backbone, tmp_path):
    run = run_of(toy_corpus, tmp_path, config(), states_of(backbone))
    model, optimizer, device = run.task.model, run.stepper.optimizer, torch.device("cpu")
    for well in (True, False):
        save_checkpoint(tmp_path, model, optimizer, RunState(2, 0.5, 1, well), run.identity)
        assert load_checkpoint(tmp_path, model, optimizer, run.identity, device) == RunState(2, 0.5, 1, well)
    saved = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    del saved["learns"]
    torch.save(saved, tmp_path / "checkpoint.pt")
    assert load_checkpoint(tmp_path, model, optimizer, run.identity, device) == RunState(2, 0.5, 1, True)
