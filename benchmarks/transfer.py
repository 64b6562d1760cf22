"""Models by corpora: what a model that was trained on one corpus makes of another.

python benchmarks/transfer.py --corpora A B --models MA MB [--split test] [--own-stats] [--canonical] [--latex]

Rows are models, columns corpora. --own-stats normalises every corpus by its own statistics, not by the model's: that of
a test set nobody has labelled can be computed, too.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from chronomotion.cli.options import cache_folder, opened_corpus
from chronomotion.evaluation.models import fingerprint_of, is_ours, open_model
from chronomotion.evaluation.store import Store
from chronomotion.evaluation.transfer import measured_on, transfer_table
from chronomotion.names import distinct_names
from machine import machine


def main() -> None:
    """Measure every model on every corpus and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpora", type=Path, nargs="+", required=True)
    parser.add_argument("--models", nargs="+", required=True, help="folders, or anything that evaluate takes")
    parser.add_argument("--split", default="test")
    parser.add_argument("--own-stats", action="store_true")
    parser.add_argument("--canonical", action="store_true", help="reduce all texts to what a motion can show")
    parser.add_argument("--latex", action="store_true")
    given = parser.parse_args()
    corpora = [opened_corpus(folder) for folder in given.corpora]
    measurements = []
    for model_name, place in zip(distinct_names(given.models), given.models, strict=True):
        for corpus_name, corpus in zip(distinct_names(given.corpora), corpora, strict=True):
            stats = corpus.folder if given.own_stats and is_ours(place) else None
            model = open_model(place, cache=cache_folder() / "text", stats=stats)
            store = Store(cache_folder() / "embeddings", fingerprint_of(model))
            measurements.append(
                measured_on(
                    model, model_name, corpus, corpus_name,
                    split=given.split, store=store, canonical=given.canonical,
                )
            )  # fmt: skip
    table = transfer_table(measurements)
    print(table.latex() if given.latex else table.markdown())
    print(machine())


if __name__ == "__main__":
    main()
