"""How much longer a training step takes while other programs keep the cores busy.

python benchmarks/busy_machine.py [--others N] [--rounds N] [--variables NAME=VALUE,... ...]

Trains a model of the demonstration's size with the command, as a user does, alone and beside ``--others`` processes
that do nothing but count (as many as there are cores unless given), in turn, ``--rounds`` times. A step's seconds are
the median of a run's log without its first steps; of all rounds the least one counts, since whatever else the machine
does only adds to it. Each further set of variables of the environment is measured as well, so that ways of waiting can
be compared within one run. Ends with status 1 where the first set misses ``--limit``.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from machine import machine

SETTINGS = """
batch_size = 32
[model]
latent_dim = 128
ff_size = 256
num_layers = 3
dropout = 0.0
frames_per_token = 8
"""
_FIRST = 5
"""Steps of a run that do not count."""


def main() -> None:
    """Measure, print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--others", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--limit", type=float, default=2.5)
    parser.add_argument("--negatives", default="counterfactual")
    parser.add_argument("--variables", nargs="*", default=[], help="sets of NAME=VALUE,NAME=VALUE")
    given = parser.parse_args()
    sets = {"as it is": {}, **{one: dict(pair.split("=", 1) for pair in one.split(",")) for one in given.variables}}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "settings.toml").write_text(SETTINGS, encoding="utf-8")
        command("compose", "corpus", "--train", "320", "--val", "0", "--test", "0", folder=folder)
        ratios = [row(name, variables, given, folder) for name, variables in sets.items()]
    print(machine())
    sys.exit(ratios[0] > given.limit)


def row(name: str, variables: dict[str, str], given: argparse.Namespace, folder: Path) -> float:
    """Measure with these variables and print what came out; returns the ratio."""
    alone, beside = [], []
    for _ in range(given.rounds):
        alone.append(seconds_of_a_step(variables, given, folder))
        with busy(given.others):
            beside.append(seconds_of_a_step(variables, given, folder))
    ratio = min(beside) / min(alone)
    print(
        f"{name:50} alone {min(alone):.3f} s a step, beside {given.others} others {min(beside):.3f} s: {ratio:.2f} x",
        flush=True,
    )
    return ratio


def seconds_of_a_step(variables: dict[str, str], given: argparse.Namespace, folder: Path) -> float:
    """The median of a run."""
    with tempfile.TemporaryDirectory(dir=folder) as dest:
        clips = 16 if given.negatives == "counterfactual" else 32
        epochs = str(max(1, given.steps * clips // 320))
        flags = ["--config", "settings.toml", "--preset", "plain", "--negatives", given.negatives, "--epochs", epochs]
        command("train", "corpus", dest, *flags, "--judge", "none", folder=folder, variables=variables)
        lines = (Path(dest) / "log.jsonl").read_text(encoding="utf-8").splitlines()
    return statistics.median(float(json.loads(line)["seconds"]) for line in lines[_FIRST:])


def command(*arguments: str, folder: Path, variables: dict[str, str] | None = None) -> None:
    """The command, quietly, in a process of its own."""
    environment = {**os.environ, "CHRONOMOTION_CACHE": str(folder / "cache"), **(variables or {})}
    done = subprocess.run(
        [sys.executable, "-m", "chronomotion", "-q", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr)


@contextmanager
def busy(count: int) -> Iterator[None]:
    """So many processes that never rest."""
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for one in others:
            one.kill()
            one.wait()


if __name__ == "__main__":
    main()
