"""What it costs to make motions: processor and wall seconds, and the most memory.

    python benchmarks/generation_speed.py GENERATOR [--repeats 3] [--with starter] [--json FILE]

Each row is the median of some repeats with texts that were not read before, after one that counts as the cold start.
Processor time is that of all threads of this process; wall time says little on a busy machine, whose load is printed.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from chronomotion.generation import Generated, GenerationRequest, Generator
from chronomotion.model.motion_text import MotionTextModel
from machine import load, machine

DOES = ("walks", "sits down", "waves", "turns around", "jumps", "kicks", "bows", "squats", "claps", "runs")
TWENTY = tuple(f"a person {does}." for does in DOES * 2)
TARGETS = {"4 s": 3.0, "4 s, 8 variants": 8.0}
"""Seconds on two cores, cold start not counted."""


def timed(make: Callable[[], list[Generated]]) -> tuple[float, float, list[Generated]]:
    """(processor seconds, wall seconds, what was made)."""
    wall, processor = time.perf_counter(), time.process_time()
    made = make()
    return time.process_time() - processor, time.perf_counter() - wall, made


def peak() -> float:
    """The most memory of this process so far, GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def jobs(generator: Generator, judge: MotionTextModel | None) -> dict[str, Callable[[int], list[Generated]]]:
    """What is made, by name; the number of the repeat makes the text another one."""

    def text(number: int) -> GenerationRequest:
        does = DOES[number % len(DOES)], DOES[(number + 3) % len(DOES)]
        return GenerationRequest(f"person {number} {does[0]}, then {does[1]}", seconds=4.0)

    def minute(number: int) -> GenerationRequest:
        return GenerationRequest(f"minute {number}", events=TWENTY, seconds=60.0)

    made = {
        "4 s": lambda number: generator.generate([text(number)]),
        "4 s, raw": lambda number: generator.generate([text(number + 100)], clean=False),
        "4 s, 8 variants": lambda number: generator.generate(text(number + 200).variants(8)),
        "60 s, 20 events": lambda number: generator.generate([minute(number)]),
    }
    if judge is not None:
        made["4 s, best of 8"] = lambda number: generator.generate([text(number + 300)], rerank=8, model=judge)
    return made


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("generator", type=Path)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--with", dest="judge")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    processor, wall = time.process_time(), time.perf_counter()
    generator = Generator.from_pretrained(options.generator)
    judge = None if options.judge is None else MotionTextModel.from_pretrained(options.judge)
    made = jobs(generator, judge)
    for job in made.values():
        job(-1)
    cold = time.process_time() - processor, time.perf_counter() - wall
    print(f"{machine()}; {load()}; {generator.name} {generator.fingerprint[:12]}")
    print(f"load and first of each: {cold[0]:.1f} s of processor, {cold[1]:.1f} s of wall\n")
    print("| what | processor s | wall s | target s | made, s |\n|---|---:|---:|---:|---:|")
    rows = {}
    for name, job in made.items():
        runs = [timed(lambda: job(number)) for number in range(options.repeats)]  # noqa: B023
        spent, waited = statistics.median(run[0] for run in runs), statistics.median(run[1] for run in runs)
        seconds = sum(each.seconds for each in runs[-1][2])
        rows[name] = {"processor": spent, "wall": waited, "made": seconds}
        print(f"| {name} | {spent:.2f} | {waited:.2f} | {TARGETS.get(name, '-')} | {seconds:.1f} |", flush=True)
    print(f"\nmost memory: {peak():.2f} GiB")
    if options.json:
        options.json.write_text(json.dumps({"machine": machine(), "rows": rows, "peak_gib": peak()}, indent=1) + "\n")


if __name__ == "__main__":
    main()
