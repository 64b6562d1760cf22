"""The training of a prior: rows, twins, batches, the loss, resuming."""

import json
import logging
from copy import copy

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from toy_priors import PLAIN, VECTOR, ToyTexts, toy_tokenizer, training

from chronomotion.errors import TrainingError
from chronomotion.generation.prior import task as task_module
from chronomotion.generation.prior.coded import coded_corpus, pretended_corpus, space_of
from chronomotion.generation.prior.counterfactual import counterfactual_loss
from chronomotion.generation.prior.judge import likelihood_judge
from chronomotion.generation.prior.motion_prior import MotionPrior
from chronomotion.generation.prior.rows import Drawing
from chronomotion.generation.prior.task import PriorTask, TrainedOn
from chronomotion.generation.prior.train import train_prior
from chronomotion.language.wording import neutral
from chronomotion.motion.features import features_of, motion_of
from chronomotion.motion.joins import reordered
from chronomotion.training.processes import Processes
from chronomotion.training.run import Run


def weights(folder):
    return torch.cat([tensor.flatten() for _, tensor in sorted(load_file(folder / "model.safetensors").items())])


def trained(corpus, tokenizer, folder, **changes):
    changes.pop("judge", None)
    return train_prior(corpus, tokenizer, folder, training(**changes), texts=ToyTexts(), judge=None)


# --- the corpus as codes


def test_a_clip_has_the_tokenizers_codes_and_its_plan(corpus, tokenizer, coded):
    for name, (part,) in list(coded.clips.items())[:5]:
        assert np.array_equal(part.codes, tokenizer.encode(corpus.features(name)))
        caption = corpus.captions(name)[0]
        assert (part.prompt.text, part.prompt.events) == (caption.text, caption.events.texts)
        assert part.prompt.spans[0][0] == 0
        assert part.prompt.spans[-1][1] == len(part.codes)
    assert len(coded.clips) + coded.left_out == 24


def test_a_twin_is_the_clip_joined_in_another_order(corpus, tokenizer, coded):
    assert len(coded.twins) > 6
    for (name, number), twin in list(coded.twins.items())[:4]:
        events = coded.clips[name][number].events
        assert twin.order != tuple(range(len(events)))
        motion, times = reordered(motion_of(corpus.features(name)), events.spans, twin.order)
        assert np.array_equal(twin.codes, tokenizer.encode(features_of(motion, retarget=False)))
        assert twin.events.texts == twin.prompt.events == tuple(events.texts[i] for i in twin.order)
        assert twin.prompt.spans[-1][1] == len(twin.codes)
        assert twin.prompt.spans[0][1] == round((times[0][1] + times[1][0]) / 2 * 5)


def test_codes_are_kept_on_disk(corpus, tokenizer, tmp_path, monkeypatch):
    first = coded_corpus(corpus, tokenizer, training().model, twins=True, cache=tmp_path)
    monkeypatch.setattr(type(tokenizer), "encode", None)
    again = coded_corpus(corpus, tokenizer, training().model, twins=True, cache=tmp_path)
    assert list(first.clips) == list(again.clips)
    for place, twin in first.twins.items():
        assert np.array_equal(twin.codes, again.twins[place].codes)
        assert twin.prompt == again.twins[place].prompt
    other = toy_tokenizer(corpus, seed=1)
    with pytest.raises(TypeError):
        coded_corpus(corpus, other, training().model, cache=tmp_path)  # another tokenizer's codes are made anew


def test_clips_over_the_limit_are_counted_and_said(corpus, tokenizer, caplog):
    with caplog.at_level(logging.WARNING):
        some = coded_corpus(corpus, tokenizer, training(max_tokens=10).model)
    assert 0 < some.left_out < 24
    assert len(some.clips) == 24 - some.left_out
    (message,) = caplog.messages
    assert message.startswith(
        f"{some.left_out} of 24 captions of {corpus.folder}, split train, are left out: their motions"
    )
    assert "longer than 2 seconds (prior.model.max_tokens sets the limit)" in message
    with pytest.raises(TrainingError, match=r"no motion of split 'train' has from 0.2 to 0.2 seconds"):
        coded_corpus(corpus, tokenizer, training(max_tokens=1, min_tokens=1).model)


def test_a_corpus_of_another_width_or_rate_is_refused(corpus, tokenizer):
    other = copy(corpus)
    other.info = {**corpus.info, "dim": 251, "fps": 12.5}
    with pytest.raises(TrainingError, match=r"has 251 features a frame, the tokenizer reads 263: train one on it"):
        coded_corpus(other, tokenizer, training().model)
    other.info["dim"] = 263
    with pytest.raises(TrainingError, match=r"has 12.5 frames a second, the tokenizer reads 20: train one on it, or"):
        coded_corpus(other, tokenizer, training().model)


def test_the_codes_of_a_dry_run_have_the_right_lengths(corpus, tokenizer, coded):
    pretended = pretended_corpus(corpus, space_of(tokenizer), training().model, "train")
    assert {name: len(parts[0].codes) for name, parts in pretended.clips.items()} == {
        name: len(parts[0].codes) for name, parts in coded.clips.items()
    }
    assert set(coded.twins) <= set(pretended.twins)


# --- the loss


def task_of(corpus, tokenizer, coded, **changes):
    on = TrainedOn(corpus, coded, space_of(tokenizer))
    return PriorTask(on, training(dropout=0.0, **changes), ToyTexts(), Processes())


def test_the_terms_are_those_of_single_rows(corpus, tokenizer, coded):
    """Once more row by row, with log_likelihoods where codes are not corrupted."""
    task = task_of(corpus, tokenizer, coded, **PLAIN, corruption=0.0)
    rows = max(task.batches(0), key=lambda batch: sum(row.wrong is not None for row in batch))
    task.model.eval()
    terms = task.terms(rows)
    right = np.array([task.model.log_likelihoods([row.prompt], [row.codes])[0] for row in rows])
    assert terms["codes"].item() == pytest.approx(-right.mean(), abs=1e-5)
    compared = [i for i, row in enumerate(rows) if row.wrong is not None]
    assert len(compared) >= 3
    wrong = np.array([task.model.log_likelihoods([rows[i].wrong], [rows[i].codes])[0] for i in compared])
    expected = 0.5 * np.log1p(np.exp(-10.0 * (right[compared] - wrong))).mean()
    assert terms["order"].item() == pytest.approx(expected, abs=1e-5)
    seconds = []
    for row in rows:
        predicted = task.model.network.seconds(*_events(task.model, row))[0].detach().numpy()
        true = np.log([(after - first) / 5 for first, after in row.prompt.spans])
        seconds += list(np.abs(predicted[: len(true)] - true))
    assert terms["seconds"].item() == pytest.approx(0.1 * np.mean(seconds), abs=1e-5)
    assert task.figures([rows])["ahead"] == pytest.approx((right[compared] > wrong).mean())


def _events(model, row):
    condition = model.read([row.prompt], 1)
    return condition.events, condition.known


def test_a_prefix_is_not_in_the_loss(corpus, tokenizer, coded):
    task = task_of(corpus, tokenizer, coded, **{**PLAIN, "continuation_share": 1.0}, corruption=0.0)
    drawings = (Drawing(task.settings, 32, 3, (0, 0, name), 0).row(parts[0]) for name, parts in coded.clips.items())
    row = next(row for row in drawings if row.begin)
    task.model.eval()
    logits = task.model.logits(task.model.read([row.prompt], len(row.codes) + 1), torch.from_numpy(row.codes)[None])[0]
    logs = logits.log_softmax(dim=-1)
    targets = [*row.codes.tolist(), 32]
    expected = -np.mean([logs[i, target].item() for i, target in enumerate(targets)][row.begin :])
    assert task.terms([row])["codes"].item() == pytest.approx(expected, abs=1e-5)


def test_the_counterfactual_loss_by_hand():
    right, wrong = torch.tensor([-1.0, -2.0]), torch.tensor([-1.5, -1.0])
    expected = -(np.log(1 / (1 + np.exp(-4 * 0.5))) + np.log(1 / (1 + np.exp(4 * 1.0)))) / 2
    assert counterfactual_loss(right, wrong, 4.0).item() == pytest.approx(expected)
    assert counterfactual_loss(right[:0], wrong[:0], 4.0).item() == 0.0


def test_training_learns_codes_and_their_order(corpus, tokenizer, coded, tmp_path):
    on = TrainedOn(corpus, coded, space_of(tokenizer))
    config = training(epochs=25, dropout=0.0, corruption=0.2, width=32, learning_rate=5e-3)
    run = Run(PriorTask(on, config, ToyTexts(), Processes()), tmp_path, Processes())
    run.go()
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert lines[-1]["terms"]["codes"] < 0.75 * lines[0]["terms"]["codes"]
    ahead = [line["ahead"] for line in lines if "ahead" in line]
    assert np.mean(ahead[-15:]) > 0.8
    model = MotionPrior.from_pretrained(tmp_path, texts=ToyTexts())
    judged = likelihood_judge(coded)(model)
    assert judged > likelihood_judge(coded)(MotionPrior(config.model, space_of(tokenizer), ToyTexts()).eval()) + 0.3


# --- runs


def test_a_trained_folder_has_a_prior_its_settings_and_its_card(corpus, tokenizer, tmp_path):
    texts = ToyTexts()
    prior = train_prior(corpus, tokenizer, tmp_path, training(), texts=texts)
    assert {path.name for path in tmp_path.iterdir()} == {
        "README.md", "config.json", "log.jsonl", "model.safetensors", "training.json",
    }  # fmt: skip
    record = json.loads((tmp_path / "training.json").read_text())
    assert (record["corpus"], record["tokenizer"]) == (corpus.fingerprint, tokenizer.fingerprint)
    assert record["text_model"] == "toy texts 1"
    assert record["result"]["judged"] < 0
    card = (tmp_path / "README.md").read_text()
    assert "| licence of the corpus | CC0-1.0 |" in card
    assert "Trained up to 4.8 seconds." in card
    assert tokenizer.fingerprint in card
    assert not prior.training
    assert prior.tokenizer_fingerprint == tokenizer.fingerprint
    again = train_prior(corpus, tokenizer, tmp_path, training(), texts=ToyTexts())
    assert again.fingerprint == prior.fingerprint
    with pytest.raises(TrainingError, match=r"holds a model of another run: .*seed"):
        train_prior(corpus, tokenizer, tmp_path, training(seed=1), texts=texts)
    with pytest.raises(TrainingError, match=r"holds a model of another run: .*tokenizer"):
        train_prior(corpus, toy_tokenizer(corpus, 1), tmp_path, training(), texts=texts)


@pytest.mark.parametrize("sizes", [{}, {**VECTOR, "counterfactual_weight": 0.0, "twins": False}])
@pytest.mark.parametrize("stop", [1, 4])
def test_an_interrupted_training_ends_with_the_same_weights(corpus, tokenizer, tmp_path, monkeypatch, sizes, stop):
    trained(corpus, tokenizer, tmp_path / "whole", **sizes)
    step = Run._step

    def interrupted(self, done, batches):
        if done == stop:
            raise KeyboardInterrupt
        return step(self, done, batches)

    monkeypatch.setattr(Run, "_step", interrupted)
    with pytest.raises(KeyboardInterrupt):
        trained(corpus, tokenizer, tmp_path / "parts", **sizes)
    monkeypatch.setattr(Run, "_step", step)
    torch.manual_seed(99)
    trained(corpus, tokenizer, tmp_path / "parts", **sizes)
    assert torch.equal(weights(tmp_path / "whole"), weights(tmp_path / "parts"))


def test_seeds_make_other_weights_and_other_rows(corpus, tokenizer, coded, tmp_path):
    trained(corpus, tokenizer, tmp_path / "0", epochs=1)
    trained(corpus, tokenizer, tmp_path / "1", epochs=1, seed=1)
    assert not torch.equal(weights(tmp_path / "0"), weights(tmp_path / "1"))


def test_texts_are_read_before_an_epoch_and_only_once(corpus, tokenizer, coded):
    on = TrainedOn(corpus, coded, space_of(tokenizer))
    texts = ToyTexts()
    task = PriorTask(on, training(), texts, Processes())
    batches = task.batches(0)
    rows = next(batches)
    known = set(texts.read)
    assert {row.prompt.text for row in rows} <= known
    assert {neutral(event) for row in rows for event in row.prompt.events} <= known
    for _ in range(task.batches_per_epoch - 1):
        rows = next(batches)
        assert {prompt.text for row in rows for prompt in (row.prompt, row.wrong) if prompt} <= known


def test_a_loss_that_is_not_finite_names_its_clips(corpus, tokenizer, coded, tmp_path, monkeypatch):
    monkeypatch.setattr(task_module, "counterfactual_loss", lambda right, wrong, scale: right.sum() * float("nan"))
    with pytest.raises(TrainingError, match=r"the loss is nan at step 1, clips train-\d+"):
        trained(corpus, tokenizer, tmp_path)
