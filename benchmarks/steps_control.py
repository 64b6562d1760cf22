"""Is it the steps? Shuffled captions trained for twice as long, for as many steps as the twins take.

python benchmarks/steps_control.py FOLDER, a folder that a demonstration left (its corpora and texts are used).
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

from chronomotion.corpus import Corpus
from chronomotion.demo import demo_settings
from chronomotion.evaluation.evaluate import evaluate
from chronomotion.model.backbone import TextBackbone
from chronomotion.model.text_states import TextStates
from chronomotion.training.train import train
from machine import machine


def main() -> None:
    """Train, evaluate on both tests, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    settings = demo_settings("shuffled", 0)
    settings = replace(settings, epochs=2 * settings.epochs)
    states = TextStates(TextBackbone(), folder / "text")
    with tempfile.TemporaryDirectory() as scratch:
        model = train(Corpus(folder / "habit"), Path(scratch), settings, states=states)
        for name in ("habit", "uniform"):
            report = evaluate(model, Corpus(folder / name))
            figures = f"CAR {report.car}, all orders {report.car_all}, R@1 {report.retrieval['t2m']['R@1']:.1f}"
            print(f"shuffled, {settings.epochs} epochs, {name}: {figures}")
    print(machine())


if __name__ == "__main__":
    main()
