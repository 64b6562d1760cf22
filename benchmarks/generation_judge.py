"""Train an action judge on a composed corpus, and what it makes of real clips that it has not seen: the ceiling.

python benchmarks/generation_judge.py CORPUS JUDGE [--epochs 6] [--split test]
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from chronomotion.corpus import Corpus
from chronomotion.evaluation.generation.motion_set import MotionSet
from chronomotion.evaluation.generation.realised_order import realised_order
from chronomotion.generation.judge_task import JudgeSettings, train_judge


def main() -> None:
    """Train, judge, print one line of JSON a number of events."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("judge", type=Path)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--split", default="test")
    options = parser.parse_args()
    corpus = Corpus(options.corpus)
    began = time.process_time()
    judge = train_judge(corpus, options.judge, JudgeSettings(epochs=options.epochs, seed=options.seed))
    seconds = time.process_time() - began
    real = MotionSet.of_corpus(corpus, options.split)
    labels = real.labels()
    assert labels is not None
    order = realised_order(
        judge.log_probs(real.features), [judge.indices(actions) for actions in labels], fps=corpus.fps,
        clusters=real.clusters,
    )  # fmt: skip
    print(f"{judge.fingerprint}: {seconds:.0f} processor seconds, {order.motions} real clips, split {options.split}")
    for count, figures in {**order.by_events, "all": order.all}.items():
        line = {name: None if value is None else str(value) for name, value in dict(figures).items()}
        print(json.dumps({"events": count, **line}))


if __name__ == "__main__":
    main()
