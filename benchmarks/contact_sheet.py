"""Twenty random motion files of some folders on one sheet: python benchmarks/contact_sheet.py FOLDER ... -o OUT.png."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from chronomotion.errors import FormatError
from chronomotion.motion.formats import read_motion
from chronomotion.motion.render import contact_sheet
from chronomotion.seeding import generator


def main() -> None:
    """Draw the sheet; which files is a function of the seed and their names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    motions = []
    for number, folder in enumerate(given.folders):
        files = sorted(path for path in folder.iterdir() if path.suffix in {".bvh", ".amc"})
        share = 20 // len(given.folders) + (number < 20 % len(given.folders))
        order = generator("sheet", given.seed, folder.name).permutation(len(files))
        for index in order[:share].tolist():
            try:
                motions.append(read_motion(files[index], trim="auto"))
            except FormatError as error:
                raise SystemExit(str(error)) from error
    titles = [re.sub(r"^dataset-(\d)_", r"\1 ", motion.name) for motion in motions]
    print(contact_sheet(motions, given.out, titles=titles))


if __name__ == "__main__":
    main()
