"""How many threads compute, and how they wait for each other."""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from pathlib import Path

from chronomotion.errors import ConfigError

__all__ = ["VARIABLE", "cores", "set_up_threads"]

VARIABLE = "CHRONOMOTION_THREADS"
"""The environment's variable for the number of threads; the flag --threads wins over it."""

_GROUPS = Path("/sys/fs/cgroup")
_OWN_GROUPS = Path("/proc/self/cgroup")

_NUMBERS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")

_WAITING = {"OMP_WAIT_POLICY": "PASSIVE", "KMP_BLOCKTIME": "0"}
"""GNU's and LLVM's OpenMP: a thread that waits for another one sleeps. By default it runs in a loop for milliseconds,
and where other programs want the core it takes the time of the very thread that it waits for."""


def cores() -> int:
    """Cores that this process may use: those it is bound to, and no more than its control group grants."""
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(bound, _granted(bound)))


def set_up_threads(threads: int | None = None, environment: MutableMapping[str, str] = os.environ) -> None:
    """Set, in the environment, how many threads torch and numpy compute with and how these wait.

    It takes effect only before torch is imported. What the environment says already stays, but ``threads`` and then
    CHRONOMOTION_THREADS win over it; where nobody says a number it is that of :func:`cores`, whatever else they do at
    the moment: sums depend on it in their last bits. Raises ConfigError for what is no whole number from 1 on.
    """
    for name, value in _WAITING.items():
        environment.setdefault(name, value)
    number = environment.get(VARIABLE) if threads is None else str(threads)
    if number:
        where = VARIABLE if threads is None else "--threads"
        if not number.isdecimal() or int(number) < 1:
            raise ConfigError(f"{where} must be a whole number from 1 on, not {number!r}")
        environment.update(dict.fromkeys((VARIABLE, *_NUMBERS), str(int(number))))
    environment.setdefault("OMP_NUM_THREADS", str(cores()))


def _granted(most: int) -> int:
    """Cores worth of time that the control group grants, rounded up; ``most`` where it sets no limit."""
    for quota, period in _limits():
        if quota > 0 and period > 0:
            most = min(most, -(-quota // period))
    return most


def _limits() -> list[tuple[int, int]]:
    """(quota, period) of the control group and of those above it, of both versions of control groups."""
    limits: list[tuple[int, int]] = []
    try:
        lines = _OWN_GROUPS.read_text(encoding="utf-8").splitlines()
    except OSError:
        return limits
    for _, controllers, path in (line.split(":", 2) for line in lines if line.count(":") >= 2):
        version_2 = not controllers
        if version_2 or "cpu" in controllers.split(","):
            top = _GROUPS if version_2 else _GROUPS / "cpu"
            inside = top / path.lstrip("/")
            above = (one for one in inside.parents if one.is_relative_to(top))
            limits += [_limit(folder, version_2=version_2) for folder in (inside, *above, top)]
    return limits


def _limit(folder: Path, *, version_2: bool) -> tuple[int, int]:
    """(quota, period) in microseconds; a quota of -1 is none."""
    try:
        if version_2:
            quota, period = (folder / "cpu.max").read_text(encoding="utf-8").split()
        else:
            quota, period = (
                (folder / f"cpu.cfs_{name}_us").read_text(encoding="utf-8") for name in ("quota", "period")
            )
        return (-1 if quota == "max" else int(quota)), int(period)
    except (OSError, ValueError):
        return -1, 0
