"""What each piece of the starter is worth: the same short training with all of them, and without each.

python benchmarks/starter_pieces.py DATA CACHE [--motions 2000] [--rows 4]

Every row learns from as many motions in as many steps, and is measured on Bandai-Namco's recordings, which none of them
saw: order and retrieval by the vectors, and with ordered late interaction added. A row that is in CACHE already is not
measured again; a training that was interrupted goes on.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

from chronomotion.atomic_write import atomic_write
from chronomotion.evaluation.report_table import ReportTable
from machine import load, machine
from make_starter import PIECES, trained
from starter.bandai_test import composed_bandai, name_takes, order_figures
from starter.recordings import bandai_clips


@dataclass(frozen=True)
class Row:
    """Pieces of the corpus that are left out, and changes of the recipe."""

    left_out: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()


_NO_TWINS, _NO_SHIFTS, _NO_EMBEDDINGS = "mirror_share=0", "feature_shift=0", "model.text_words_too=false"
_MOVEMENT = "model.movement=true"

ROWS = {
    "all pieces": Row(),
    "and two foils a caption": Row(changes=("foils=2",)),
    "and movement within tokens": Row(changes=(_MOVEMENT,)),
    "without randomisation": Row(("randomised",)),
    "without CMU": Row(("cmu",)),
    "without varied actions": Row(("varied",)),
    "without embeddings": Row(changes=(_NO_EMBEDDINGS,)),
    "without many wordings": Row(("wordings",)),
    "without mirror twins": Row(changes=(_NO_TWINS,)),
    "without shifts": Row(changes=(_NO_SHIFTS,)),
    "without any of them": Row(PIECES, (_NO_TWINS, _NO_SHIFTS, _NO_EMBEDDINGS)),
}
_FIGURES = ("CAR", "all orders", "R@10")


def main() -> None:
    """Train and measure what is missing, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("cache", type=Path)
    parser.add_argument("--motions", type=int, default=2000)
    parser.add_argument("--rows", type=int, default=len(ROWS), help="so many rows of the table, from the first on")
    given = parser.parse_args()
    lines = []
    for name, row in list(ROWS.items())[: given.rows]:
        figures = measured(given.data, given.cache, row, given.motions)
        lines.append([name, *(f"{figure:.1f}" for figure in figures.values())])
        print(" | ".join(lines[-1]), flush=True)
    heads = ["pieces", *figures]
    print(ReportTable(f"{given.motions} motions, percent", heads, lines).markdown())
    print(f"{machine()}; {load()}")


def measured(data: Path, cache: Path, row: Row, motions: int) -> dict[str, float]:
    """The figures of a row, kept in the cache."""
    pieces = tuple(piece for piece in PIECES if piece not in row.left_out)
    name = "-".join(["figures", *pieces, str(motions), *sorted(row.changes)])
    kept = cache / "pieces" / f"{name}.json"
    if not kept.exists():
        model = trained(data, cache, pieces, motions, changes=row.changes)
        named = name_takes(model, bandai_clips(data, cache)).top1
        scores = order_figures(model, composed_bandai(data, cache), ("vector", "both"))
        figures = {"takes named": named[0], "calibrated": named[1]}
        figures |= {figure: scores["vector"][figure] for figure in _FIGURES}
        figures |= {f"{figure}, with late interaction": scores["both"][figure] for figure in _FIGURES}
        kept.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(kept) as part:
            part.write_text(json.dumps(figures), encoding="utf-8")
    return dict(json.loads(kept.read_text(encoding="utf-8")))


if __name__ == "__main__":
    main()
