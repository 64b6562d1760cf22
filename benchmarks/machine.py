"""The machine that a figure was measured on."""

from __future__ import annotations

import os
import platform
from pathlib import Path

__all__ = ["load", "machine"]


def machine() -> str:
    """The processor's name, where the system tells it, and the number of cores."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    name = names[0] if names else platform.processor() or platform.machine()
    threads = os.environ.get("OMP_NUM_THREADS", "not set")
    return f"{name}, {os.cpu_count()} cores, OMP_NUM_THREADS {threads}, Python {platform.python_version()}"


def load() -> str:
    """How busy the machine is: the mean number of runnable processes over the last 15 minutes."""
    return f"load {os.getloadavg()[2]:.1f}"
