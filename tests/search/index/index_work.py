"""Changes of an index, made by a process that is killed."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import numpy as np
from index_twin import unit_rows

from chronomotion.search.index import open_index

DIM = 8
ALL = unit_rows(4000, DIM)
_CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate"}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT

Step = tuple[str, range]
STEPS: list[Step] = [
    ("add", range(40)),
    ("compact", range(0)),
    ("add", range(40, 60)),
    ("remove", range(30, 45)),
    ("add", range(35, 40)),
    ("compact", range(0)),
    ("remove", range(5)),
    ("add", range(60, 90)),
    ("compact", range(0)),
]


def states(steps: list[Step]) -> list[set[int]]:
    """The ids before the first step and after each."""
    ids: list[set[int]] = [set()]
    for name, numbers in steps:
        ids.append(ids[-1] | set(numbers) if name == "add" else ids[-1] - set(numbers))
    return ids


def endless(number: int) -> Step:
    """The step of a number, of a work without an end that keeps some 600 rows."""
    turn, kind = divmod(number, 4)
    if kind == 0:
        return "add", range(40 * turn % 4000, 40 * turn % 4000 + 40)
    if kind == 1 and turn >= 15:
        return "remove", range(40 * (turn - 15) % 4000, 40 * (turn - 15) % 4000 + 40)
    return "compact", range(0)


def do(index: Any, step: Step) -> None:
    name, numbers = step
    ids = np.array(numbers, np.int64)
    if name == "add":
        index.add(ids, ALL[ids])
    elif name == "remove":
        index.remove(ids)
    else:
        index.compact()


def work(folder: Path, steps: list[Step], kill_at: int, counted: Path) -> None:
    """Do steps; killed right before the change of the disk of that number. How many there were is told at the end."""
    count = 0

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal count
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING
        if writes or event in _CHANGES:
            count += 1
            if count == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    index = open_index(folder)
    for step in steps:
        do(index, step)
    changes = count
    counted.write_text(str(changes))


def work_on(folder: Path, first: int, journal: Path) -> None:
    """Do endless steps from a number on; each is told when it is done."""
    index = open_index(folder)
    with journal.open("a") as told:
        for number in range(first, first + 1_000_000):
            do(index, endless(number))
            told.write(f"{number}\n")
            told.flush()
