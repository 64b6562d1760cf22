import json
import os
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from one_of_several import settings

from chronomotion.errors import ConfigError
from chronomotion.model.backbone import TextBackbone
from chronomotion.model.text_states import TextStates
from chronomotion.training.processes import Processes
from chronomotion.training.train import train

SCRIPT = Path(__file__).with_name("one_of_several.py")


def started(count, *arguments):
    """Run the script in ``count`` processes; returns what the first wrote."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    place = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "WORLD_SIZE": str(count)}
    source = str(Path(__file__).parents[2] / "src")
    runs = [
        subprocess.Popen(
            [sys.executable, str(SCRIPT), *map(str, arguments)],
            env={**os.environ, **place, "RANK": str(i), "LOCAL_RANK": str(i), "PYTHONPATH": source},
            stderr=subprocess.PIPE,
            text=True,
        )
        for i in range(count)
    ]
    for one in runs:
        _, errors = one.communicate(timeout=240)
        assert one.returncode == 0, errors
    return torch.load(arguments[-1], weights_only=True)


def assert_agree(one, two):
    assert two["loss"] == pytest.approx(one["loss"], abs=1e-5)
    assert two["terms"] == pytest.approx(one["terms"], abs=1e-5)
    assert set(two["terms"]) == {"others", "order", "jumbled", "latent", "motion from text", "motion from motion"}
    assert set(one["gradients"]) == set(two["gradients"])
    for name, gradient in one["gradients"].items():
        assert (gradient - two["gradients"][name]).abs().max() < 1e-5, name
        assert gradient.abs().max() > 0, name


@pytest.mark.slow
def test_two_processes_are_one_with_twice_the_batch(toy_corpus, backbone, tmp_path):
    pytest.importorskip("accelerate")
    one = started(1, toy_corpus.folder, backbone, 16, "plain", tmp_path / "one.pt")
    assert_agree(one, started(2, toy_corpus.folder, backbone, 8, "plain", tmp_path / "two.pt"))
    assert_agree(one, started(1, toy_corpus.folder, backbone, 16, "compiled", tmp_path / "compiled.pt"))


def test_one_process_gathers_nothing():
    alone = Processes()
    rows = torch.randn(3, 4)
    assert (alone.rank, alone.count, alone.first) == (0, 1, True)
    assert alone.gathered(rows, [3])[0] is rows
    assert alone.total(2.5) == 2.5


def test_a_tracker_that_is_not_there():
    pytest.importorskip("accelerate")
    with pytest.raises(ConfigError, match="trackers: 'notebook' is unknown or not installed"):
        Processes(trackers="notebook")


def test_tensorboard_gets_every_step(toy_corpus, backbone, tmp_path):
    pytest.importorskip("accelerate")
    reading = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    states = TextStates(TextBackbone(str(backbone)))
    model = train(toy_corpus, tmp_path, replace(settings(16), epochs=2, trackers="tensorboard"), states=states)
    assert not model.training
    found = reading.EventAccumulator(str(next(tmp_path.rglob("events.out.tfevents.*")).parent)).Reload()
    logged = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    steps = {line["step"]: line["loss"] for line in logged if "loss" in line}
    tracked = {one.step: one.value for one in found.Scalars("loss")}
    assert len(tracked) == len(steps) > 3
    assert tracked == pytest.approx(steps, abs=1e-4)
    assert {"learning_rate", "gradient", "order", "jumbled"} <= set(found.Tags()["scalars"])
