"""A tokenizer's training: windows, the loss, resuming to the bit, and what cannot be trained on."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from toy_motions import small_tokenizer

from chronomotion.corpus import Clip, CorpusWriter
from chronomotion.errors import FormatError, TrainingError
from chronomotion.generation.tokenizer.config import TokenizerConfig
from chronomotion.generation.tokenizer.losses import reconstruction_terms
from chronomotion.generation.tokenizer.measures import reconstruction_figures, tokenizer_judge
from chronomotion.generation.tokenizer.task import TokenizerTask
from chronomotion.generation.tokenizer.train import train_tokenizer
from chronomotion.generation.tokenizer.training_config import TokenizerTraining
from chronomotion.generation.tokenizer.windows import Windows
from chronomotion.language.caption import Caption
from chronomotion.motion.layout import KITML_LAYOUT
from chronomotion.training.estimate import estimate_task
from chronomotion.training.processes import Processes
from chronomotion.training.run import Run
from chronomotion.training.step import Stepper
from chronomotion.training.task import Advancing, Task

SETTINGS = TokenizerTraining(
    model=TokenizerConfig(width=12, depth=1, codebook_size=24, reset_below=0.5),
    epochs=4, batch_size=8, window=32, learning_rate=3e-3, warmup_steps=2,
)  # fmt: skip


def with_model(settings, **values):
    return replace(settings, model=replace(settings.model, **values))


@pytest.fixture(params=["fsq", "vq"], scope="module")
def settings(request):
    return with_model(SETTINGS, quantiser=request.param)


@pytest.fixture(scope="module")
def whole(toy_corpus, tmp_path_factory, settings):
    """Weights of a training that was not interrupted."""
    return trained(toy_corpus, tmp_path_factory.mktemp("whole"), settings)


def all_batches(windows, done=0):
    return [(tuple(batch.names), batch.motions.tobytes()) for batch in windows.batches(done)]


def test_windows_are_a_function_of_seed_and_epoch(toy_corpus):
    whole = all_batches(Windows(toy_corpus, SETTINGS))
    windows = Windows(toy_corpus, SETTINGS)
    assert len(whole) == 4 * windows.batches_per_epoch
    for done in (0, 1, windows.batches_per_epoch, len(whole) - 1):
        assert all_batches(windows, done) == whole[done:]
    other = all_batches(Windows(toy_corpus, replace(SETTINGS, seed=1)))
    assert len(other) == len(whole)
    assert not set(whole) & set(other)
    assert len(set(whole)) == len(whole)  # epochs differ


def test_windows_are_parts_of_their_clips(toy_corpus):
    for batch in Windows(toy_corpus, SETTINGS).batches(0):
        assert batch.motions.shape == (8, 32, 263)
        for name, rows in zip(batch.names, batch.motions, strict=True):
            clip = toy_corpus.features(name)
            starts = [i for i in range(len(clip) - 31) if np.array_equal(clip[i : i + 32], rows)]
            assert starts


@pytest.mark.parametrize("by_length", [True, False])
def test_clips_count_by_their_length_or_once(toy_corpus, by_length):
    windows = Windows(toy_corpus, replace(SETTINGS, by_length=by_length, window=16, epochs=1, batch_size=1))
    seen = [name for batch in windows.batches(0) for name in batch.names]
    for name in toy_corpus.split("train"):
        assert seen.count(name) == (len(toy_corpus.features(name)) // 16 if by_length else 1)


def test_shorter_clips_have_shorter_windows_in_batches_of_as_many_frames(toy_corpus):
    settings = replace(SETTINGS, window=64, shortest_window=16, batch_size=2, epochs=1)
    assert settings.windows == (64, 32, 16)
    windows = Windows(toy_corpus, settings)
    assert set(windows.clips) == set(toy_corpus.split("train"))
    batches = list(windows.batches(0))
    assert {(2, 64), (4, 32)} <= {batch.motions.shape[:2] for batch in batches} <= {(2, 64), (4, 32), (8, 16)}
    for batch in batches:
        longest = [max(frames for frames in (64, 32, 16) if frames <= len(windows.clips[name])) for name in batch.names]
        assert min(longest) >= batch.motions.shape[1]
    names = [name for batch in batches for name in batch.names]
    assert len(set(names)) >= 46  # what fills no batch goes to shorter windows, and the last of these wait


def test_windows_are_halved_while_they_are_whole_codes():
    assert replace(SETTINGS, window=32).windows == (32,)
    assert replace(SETTINGS, window=24, shortest_window=4).windows == (24, 12)
    assert replace(SETTINGS, window=32, shortest_window=1).windows == (32, 16, 8, 4)
    assert replace(SETTINGS, window=32, shortest_window=33).windows == (32,)


def test_processes_share_the_batch_of_one(toy_corpus):
    whole = [batch.names for batch in Windows(toy_corpus, replace(SETTINGS, batch_size=8)).batches(0)]
    halves = [Windows(toy_corpus, replace(SETTINGS, batch_size=4), rank=rank, count=2).batches(0) for rank in range(2)]
    assert [one.names + other.names for one, other in zip(*halves, strict=True)] == whole


def test_short_clips_are_left_out_and_told(toy_corpus, caplog):
    lengths = sorted(len(toy_corpus.features(name)) for name in toy_corpus.split("train"))
    window = lengths[12] // 4 * 4 + 4
    short = sum(length < window for length in lengths)
    windows = Windows(toy_corpus, replace(SETTINGS, window=window))
    assert len(windows.clips) == 48 - short < 48
    assert caplog.messages == [f"{short} of 48 clips are left out: shorter than {window} frames"]


def test_a_corpus_without_motions_long_enough_is_one_line(toy_corpus):
    longest = max(len(toy_corpus.features(name)) for name in toy_corpus.split("train"))
    message = (
        f"no clip of split 'train' has the 400 frames of a window, the longest has {longest}; set tokenizer.window"
    )
    with pytest.raises(TrainingError, match=message):
        TokenizerTask(toy_corpus, replace(SETTINGS, window=400), Processes())
    with pytest.raises(TrainingError, match="split 'train' has .* windows, a batch needs 500 of 32 frames; set token"):
        TokenizerTask(toy_corpus, replace(SETTINGS, batch_size=500), Processes())


def test_a_codebook_trains_in_one_process(toy_corpus):
    class Two(Processes):
        count = 2

    with pytest.raises(TrainingError, match="a codebook of moving averages trains in one process"):
        TokenizerTask(toy_corpus, with_model(SETTINGS, quantiser="vq"), Two())


def test_it_is_a_task_whose_sizes_are_the_corpus_s(toy_corpus, settings):
    task = TokenizerTask(toy_corpus, with_model(settings, dim=251, fps=12.5), Processes())
    assert isinstance(task, Task)
    assert isinstance(task, Advancing)
    assert (task.model.dim, task.model.fps) == (263, 20.0)
    identity = task.identity()
    assert json.loads(json.dumps(identity)) == identity
    assert identity["corpus"] == toy_corpus.fingerprint
    assert ("levels" in identity["model"]) == (settings.model.quantiser == "fsq")
    assert ("decay" in identity["model"]) == (settings.model.quantiser == "vq")
    estimate = estimate_task(task, Processes(), clips=48)
    assert estimate.steps == 4 * task.batches_per_epoch
    assert estimate.parameters == sum(weights.numel() for weights in task.model.parameters())


def trained(corpus, folder, settings, judge=None):
    run = Run(TokenizerTask(corpus, settings, Processes()), folder, Processes())
    assert not run.finished
    run.go(judge)
    return load_file(folder / "model.safetensors")


def same(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("where", ["before the step", "in the step"])
@pytest.mark.parametrize("stop", [1, 9])
def test_an_interrupted_training_ends_with_the_same_weights(
    toy_corpus, tmp_path, monkeypatch, settings, whole, stop, where
):
    """Codebook averages included, which published code loses; wherever in the step it was interrupted."""
    owner, name = (Run, "_step") if where == "before the step" else (Stepper, "_gradient")
    real, calls = getattr(owner, name), []

    def interrupted(self, *arguments):
        if len(calls) == stop:
            raise KeyboardInterrupt
        calls.append(1)
        return real(self, *arguments)

    with monkeypatch.context() as patched:
        patched.setattr(owner, name, interrupted)
        with pytest.raises(KeyboardInterrupt):
            trained(toy_corpus, tmp_path / "parts", settings)
    assert torch.load(tmp_path / "parts" / "checkpoint.pt", weights_only=True)["step"] == stop
    assert same(whole, trained(toy_corpus, tmp_path / "parts", settings))


def test_averages_that_are_lost_at_resume_give_another_codebook(toy_corpus, tmp_path, monkeypatch):
    """What the published training does: so the test above can fail."""
    settings = with_model(SETTINGS, quantiser="vq")
    whole = trained(toy_corpus, tmp_path / "whole", settings)
    step = Run._step

    def interrupted(self, done, batches):
        if done == 6:
            raise KeyboardInterrupt
        return step(self, done, batches)

    with monkeypatch.context() as patched:
        patched.setattr(Run, "_step", interrupted)
        with pytest.raises(KeyboardInterrupt):
            trained(toy_corpus, tmp_path / "parts", settings)
    saved = torch.load(tmp_path / "parts" / "checkpoint.pt", weights_only=True)
    saved["model"]["quantizer.sums"].zero_()
    saved["model"]["quantizer.counts"].zero_()
    torch.save(saved, tmp_path / "parts" / "checkpoint.pt")
    assert not same(whole, trained(toy_corpus, tmp_path / "parts", settings))


def test_it_learns_and_is_loaded_when_it_is_finished(toy_corpus, tmp_path, settings):
    settings = replace(settings, epochs=8)
    motions = [toy_corpus.features(name) for name in toy_corpus.split("test")]
    untrained = TokenizerTask(toy_corpus, settings, Processes()).model
    tokenizer = train_tokenizer(toy_corpus, tmp_path, settings)
    before, after = (reconstruction_figures(one, motions, seconds=2.0) for one in (untrained, tokenizer))
    assert after.local < 0.8 * before.local
    assert after.used > 4
    log = (tmp_path / "log.jsonl").read_text()
    assert train_tokenizer(toy_corpus, tmp_path, settings).fingerprint == tokenizer.fingerprint
    assert (tmp_path / "log.jsonl").read_text() == log
    assert '"commitment"' in log
    card = (tmp_path / "README.md").read_text()
    assert toy_corpus.fingerprint in card
    assert ("finite scalars of 8, 5, 5, 5 levels" in card) == (settings.model.quantiser == "fsq")
    with pytest.raises(TrainingError, match="another run: window is 32 there and 16 here"):
        train_tokenizer(toy_corpus, tmp_path, replace(settings, window=16))


def test_the_best_weights_by_a_split_are_kept(toy_corpus, tmp_path):
    judge = tokenizer_judge(toy_corpus, "test")
    assert tokenizer_judge(toy_corpus, "val") is None
    values = []

    def kept(model):
        values.append(judge(model))
        return values[-1]

    trained(toy_corpus, tmp_path, replace(SETTINGS, learning_rate=3e-2), kept)
    assert len(values) == 4
    assert max(values) < 0
    result = json.loads((tmp_path / "training.json").read_text())["result"]
    assert result["judged"] == max(values)


def test_terms_are_those_asked_for_and_add_up_over_a_window():
    tokenizer = small_tokenizer()
    rng = torch.Generator().manual_seed(0)
    motions = torch.randn(3, 32, 263, generator=rng)
    decoded = motions.clone()
    every = replace(SETTINGS, velocity_weight=0.5)
    assert all(term == 0 for term in reconstruction_terms(tokenizer, every, motions, decoded).values())
    decoded[:, 0, 0] += 0.5  # one turn, at the beginning
    terms = reconstruction_terms(tokenizer, every, motions, decoded)
    assert set(terms) == {"features", "positions", "velocity", "heading", "path"}
    off = float(0.5 * tokenizer.std[0] * 2)
    expected = 31 / 32 * (off - 0.025 if off > 0.05 else off**2 / 0.1)
    torch.testing.assert_close(float(terms["heading"]), expected, rtol=1e-3, atol=1e-5)
    assert terms["path"] > 0
    assert terms["positions"] == terms["velocity"] == 0
    published = replace(SETTINGS, heading_weight=0.0, path_weight=0.0)
    assert set(reconstruction_terms(tokenizer, published, motions, decoded)) == {"features", "positions"}
    only = replace(SETTINGS, heading_weight=0.0, position_weight=0.0)
    assert set(reconstruction_terms(tokenizer, only, motions, decoded)) == {"features", "path"}


def test_the_loss_of_the_published_preset():
    """SmoothL1 of all columns, half of that of the 63 places."""
    tokenizer = small_tokenizer()
    rng = np.random.default_rng(0)
    one, other = (rng.normal(size=(2, 16, 263)).astype(np.float32) for _ in range(2))

    def smooth(difference):
        size = np.abs(difference)
        return np.where(size < 1, size**2 / 2, size - 0.5).mean()

    settings = replace(SETTINGS, heading_weight=0.0, path_weight=0.0)
    terms = reconstruction_terms(tokenizer, settings, torch.from_numpy(one), torch.from_numpy(other))
    assert float(terms["features"]) == pytest.approx(smooth(one - other), rel=1e-5)
    assert float(terms["positions"]) == pytest.approx(0.5 * smooth((one - other)[..., 4:67]), rel=1e-5)


def test_figures_of_a_perfect_and_of_a_shifted_reconstruction(toy_corpus, monkeypatch):
    motions = [toy_corpus.features(name) for name in toy_corpus.split("test")]
    tokenizer = small_tokenizer()
    monkeypatch.setattr(tokenizer, "decode", lambda codes: [rows[: len(rows) // 4 * 4] for rows in motions])
    perfect = reconstruction_figures(tokenizer, motions, seconds=2.0)
    assert (perfect.clips, perfect.local, perfect.path, perfect.end) == (24, 0.0, 0.0, 0.0)

    def shifted(codes):
        moved = [rows[: len(rows) // 4 * 4].copy() for rows in motions]
        for rows in moved:
            rows[:, 1] += 0.001  # a millimetre each frame, sideways as the body faces
        return moved

    monkeypatch.setattr(tokenizer, "decode", shifted)
    figures = reconstruction_figures(tokenizer, motions, seconds=2.0)
    assert figures.local == 0
    assert figures.end == pytest.approx(39.0, rel=0.05)  # 40 frames, 39 steps; a body that turns drifts less
    assert 0 < figures.path < figures.end
    assert np.isnan(reconstruction_figures(tokenizer, motions, seconds=60.0).end)


def kit_corpus(folder):
    """Three motions of KIT-ML's width, whose root goes some centimetres a frame in its units."""
    rng = np.random.default_rng(0)
    with CorpusWriter(folder, dim=251, fps=12.5, description={"skeleton": "kitml", "licence": "CC0-1.0"}) as writer:
        for name in ("a", "b", "c"):
            rows = 50 * rng.normal(size=(90, 251)).astype(np.float32)
            rows[:, KITML_LAYOUT.columns.yaw] /= 1000
            writer.add(Clip(name, rows, (Caption("a person walks."),)))
        return writer.finish({"train": ["a", "b", "c"]})


def test_kit_motions_are_trained_on(tmp_path):
    """251 columns at 12.5 frames a second, and a path that counts in metres."""
    corpus = kit_corpus(tmp_path / "kit")
    tokenizer = train_tokenizer(corpus, tmp_path / "tokenizer", replace(SETTINGS, epochs=2, batch_size=3))
    assert (tokenizer.dim, tokenizer.fps) == (251, 12.5)
    assert tokenizer.decode(tokenizer.encode(corpus.features("a"))).shape == (88, 251)
    log = [json.loads(line) for line in (tmp_path / "tokenizer" / "log.jsonl").read_text().splitlines()]
    assert 0 < log[0]["terms"]["path"] < 1  # 50 units a frame to and fro are 8 cm


def test_motions_of_no_known_width_are_refused(toy_corpus, monkeypatch):
    monkeypatch.setitem(toy_corpus.info, "dim", 67)
    with pytest.raises(FormatError, match="67"):
        TokenizerTask(toy_corpus, SETTINGS, Processes())


def test_nearest_codes_are_found_in_float32_whatever_the_precision(toy_corpus):
    """bfloat16 has 8 bits: among close codes it takes the wrong one."""
    tokenizer = small_tokenizer(quantiser="vq", codebook_size=500)
    seen = []
    tokenizer.quantizer.register_forward_hook(lambda module, given, back: seen.append((given[0], back.codes)))
    motions = torch.from_numpy(next(Windows(toy_corpus, SETTINGS).batches(0)).motions)
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        tokenizer(tokenizer.normalised(motions))
    latents, codes = seen[0]
    assert latents.dtype == torch.float32
    distances = torch.cdist(latents.double(), tokenizer.quantizer.codebook.double()[None])
    assert torch.equal(distances.argmin(dim=2), codes)
