"""The session of docs/searching.md: a library of 63 recorded takes is made and searched, and all that is printed is
printed here.

Run with ``python benchmarks/session.py TAKES > session.txt``; TAKES is a folder with Bandai-Namco's motion data set
(dataset-1_*.bvh, dataset-2_*.bvh; CC BY-NC 4.0), of which the takes are copied to a scratch folder.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

_TAKES = 63
_OF_DATASET_2 = (
    "raise-up-both-hands_active_049 raise-up-both-hands_elderly_037 raise-up-both-hands_feminine_017 "
    "raise-up-right-hand_active_029 run_active_018 run_elderly_026 run_feminine_025 walk-turn-left_active_016 "
    "walk-turn-left_elderly_031 walk-turn-left_feminine_016 walk-turn-right_active_006 walk-turn-right_elderly_029 "
    "walk-turn-right_feminine_025 walk_active_012 walk_elderly_015 walk_feminine_014 wave-both-hands_active_005 "
    "wave-both-hands_elderly_027 wave-both-hands_feminine_021 wave-left-hand_active_005 wave-left-hand_elderly_026 "
    "wave-left-hand_feminine_018"
)

_COMMANDS = """\
index takes --to library
search library "a person walks, then turns left" --top 5
search library "a person turns left, then walks" --order 2 --where "not name ~ turn" --top 4
search library "a person does a cartwheel" --top 3
search library "waves both hands" --not walks --where "duration < 8 and not name ~ elderly" --top 4
search library walk_normal_002 --top 2
search library --like takes/dataset-1_bow_tired_001.bvh@1-3.5 --top 4
search library --like dataset-1_dash_happy_001 --captions --top 4
search library --like dataset-1_slash_normal_001 --captions --top 1
search library --where "name ~ slash or name ~ kick" --sort duration
search library "a person runs" --top 3 --strip strip.png --copy-to out
search library "walks in the kitchen" --top 1
search library "a person walks" --where "lenght < 8"
"""


def main() -> None:
    """Print every command and what it prints, in the order in which it does."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("takes", type=Path)
    options = parser.parse_args()
    takes = taken_from(options.takes)
    with tempfile.TemporaryDirectory(prefix="session-") as name:
        folder = Path(name)
        (folder / "takes").mkdir()
        for take in takes:
            shutil.copy(take, folder / "takes")
        for command in _COMMANDS.splitlines():
            print(f"$ chronomotion {command}", flush=True)
            print(printed_by(command, folder), end="", flush=True)


def taken_from(folder: Path) -> list[Path]:
    """All takes of the first data set, and some of the second. Exits where they are not there."""
    second = [folder / f"dataset-2_{name}.bvh" for name in _OF_DATASET_2.split()]
    takes = [*sorted(folder.glob("dataset-1_*.bvh")), *second]
    missing = [take.name for take in second if not take.is_file()]
    if missing or len(takes) != _TAKES:
        raise SystemExit(f"{folder} has {len(takes) - len(missing)} of the {_TAKES} takes of Bandai-Namco's data set")
    return takes


def printed_by(command: str, folder: Path) -> str:
    """What a command prints to either stream. Exits where it fails, other than for a query that cannot be."""
    words = [sys.executable, "-m", "chronomotion", *shlex.split(command)]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    done = subprocess.run(
        words, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode not in (0, 1, 2):
        raise SystemExit(f"{command}: exit status {done.returncode}\n{done.stdout}")
    return done.stdout


if __name__ == "__main__":
    main()
