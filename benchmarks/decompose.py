"""How well captions are told apart into events: the score by kind and by number of events, and how fast.

python benchmarks/decompose.py GOLD SCORER [--captions FILE] [--errors N] [--base-url URL --model NAME]

GOLD is a file of annotated captions and SCORER the script that scores them (gold_events.jsonl and score_events.py).
CAPTIONS (JSON lines with "caption" or "text") are what speed is measured on, one process, one thread. With an endpoint,
a language model is scored beside the rules; its answers are kept in --cache, so that a second run asks for nothing.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from chronomotion.language.caption import Events
from chronomotion.language.decompose.decomposition import Decomposer, Decomposition, Described
from chronomotion.language.decompose.llm import Endpoint, LlmDecomposer
from chronomotion.language.decompose.llm.check import AnswerError, checked_events
from chronomotion.language.decompose.rules import RuleDecomposer
from chronomotion.language.decompose.spacy_tags import SpacyTagger
from chronomotion.progress import progress
from machine import machine

Row = dict[str, Any]
Right = Callable[[Sequence[str], Any], bool]


class Whole:
    """No fallback: a caption without a good answer stays whole."""

    source = "whole/1"

    def decompose(self, captions: Iterable[Described]) -> Iterator[Decomposition]:
        """One event a caption."""
        for caption in captions:
            yield Decomposition(caption.text, Events((caption.text,), source=self.source))


def main() -> None:
    """Split, score, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path)
    parser.add_argument("scorer", type=Path)
    parser.add_argument("--captions", type=Path)
    parser.add_argument("--errors", type=int, default=0, help="Print so many of the captions that the rules get wrong.")
    parser.add_argument("--base-url")
    parser.add_argument("--model", default="")
    parser.add_argument("--cache", type=Path, default=Path("runs/llm_answers.jsonl"))
    parser.add_argument("--concurrency", type=int, default=4)
    options = parser.parse_args()
    rows: list[Row] = [json.loads(line) for line in options.gold.read_text(encoding="utf-8").splitlines()]
    right = _right(options.scorer)
    rules, tagger = RuleDecomposer(), SpacyTagger()
    helped = RuleDecomposer(tagger, tagger_name=tagger.name)
    columns = {"rules": _decomposed(rules, rows), "rules, spaCy": _decomposed(helped, rows)}
    if options.base_url:
        columns |= _by_model(options, rows, right)
    _print_table(rows, columns, right)
    _print_errors(rows, columns["rules"], right, options.errors)
    if options.captions:
        _print_speed(options.captions, {"rules": rules, "rules, spaCy": helped})
    print(machine())


def _by_model(options: argparse.Namespace, rows: Sequence[Row], right: Right) -> dict[str, list[Decomposition]]:
    """The model's columns; says what was asked and how the answers were."""
    _print_check(rows)
    endpoint = Endpoint(options.base_url, options.model, concurrency=options.concurrency, timeout=300.0)
    asker = LlmDecomposer(endpoint, options.cache, Whole())
    plan = asker.plan(_captions(rows))
    print(f"{asker.source}\n{plan}\n")
    begin = time.perf_counter()
    alone = _decomposed(asker, rows)
    seconds = time.perf_counter() - begin
    helped = _decomposed(LlmDecomposer(endpoint, options.cache, RuleDecomposer()), rows)
    _print_answers(alone)
    good = [row for row, result in zip(rows, alone, strict=True) if not result.mark]
    print(f"of the captions with a good answer right: {_share(good, [r for r in alone if not r.mark], right)}")
    if plan.requests:
        rate = f"{plan.requests / seconds:.2f} captions a second"
        print(f"{rate}, {options.concurrency} requests at a time, {seconds:.0f} s")
    print()
    return {options.model: alone, f"{options.model}, else rules": helped}


def _print_errors(rows: Sequence[Row], results: Sequence[Decomposition], right: Right, count: int) -> None:
    """Captions that came out wrong, with what was said and what the annotators say."""
    for row, result in zip(rows, results, strict=True):
        if count and not any(right(result.events.texts, gold) for gold in row["alternatives"]):
            count -= 1
            gold = " | ".join(event["text"] for event in row["alternatives"][0])
            print(f"\n- {row['text']}\n    said: {' | '.join(result.events)}\n    gold: {gold}")


def _print_speed(path: Path, decomposers: dict[str, RuleDecomposer]) -> None:
    """Captions a second, and how many captions come out differently."""
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    captions = [Described(record.get("caption") or record["text"]) for record in records]
    told = []
    for name, decomposer in decomposers.items():
        list(decomposer.decompose(captions[:100]))  # what is loaded at first use
        begin = time.process_time()  # of the processor: what else the machine does is not counted
        told.append([result.events.texts for result in decomposer.decompose(captions)])
        print(f"{name}: {len(captions) / (time.process_time() - begin):,.0f} captions a second")
    differ = sum(one != other for one, other in zip(*told, strict=True))
    print(f"{' and '.join(decomposers)} differ on {differ} of {len(captions)} captions")


def _right(path: Path) -> Right:
    """The scorer's own judgement of one caption."""
    spec = importlib.util.spec_from_file_location("scorer", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    judge: Right = module.right
    return judge


def _captions(rows: Sequence[Row]) -> list[Described]:
    return [Described(row["text"]) for row in rows]


def _decomposed(decomposer: Decomposer, rows: Sequence[Row]) -> list[Decomposition]:
    return list(progress(decomposer.decompose(_captions(rows)), decomposer.source, total=len(rows)))


def _print_check(rows: Sequence[Row]) -> None:
    """What the check says of the annotators' own events, and of them with one event left out."""
    passed = left_out = noticed = 0
    for row in rows:
        events = [event["text"] for event in row["alternatives"][0]]
        if not _passes(row["text"], events):
            continue
        passed += 1
        for i in range(len(events) if len(events) > 1 else 0):
            left_out += 1
            noticed += not _passes(row["text"], events[:i] + events[i + 1 :])
    print(f"check: the annotators' events pass for {passed} of {len(rows)} captions;")
    print(f"       with one of these events left out, {noticed} of {left_out} are noticed\n")


def _passes(caption: str, events: Sequence[str]) -> bool:
    try:
        checked_events(caption, json.dumps({"events": events}))
    except AnswerError:
        return False
    return True


def _print_answers(results: Sequence[Decomposition]) -> None:
    """How many answers passed, and what was wrong with the others."""
    fell_back = [result.mark for result in results if result.mark]
    repaired = sum(any(line.startswith("after repair") for line in result.why) for result in results)
    first = len(results) - len(fell_back) - repaired
    print(f"answers: {first} passed at once, {repaired} after repair, {len(fell_back)} fell back")
    reasons = (mark.partition(": ")[2] for mark in fell_back)
    kinds = Counter(re.sub(r"\d+", "N", reason.partition(": ")[0] or reason) for reason in reasons)
    for reason, count in kinds.most_common():
        print(f"  {count:4d}  {reason}")


def _share(rows: Sequence[Row], results: Sequence[Decomposition], right: Right) -> str:
    hits = sum(
        any(right(result.events.texts, gold) for gold in row["alternatives"])
        for row, result in zip(rows, results, strict=True)
    )
    return f"{100 * hits / len(rows):.1f} ({hits} of {len(rows)})" if rows else "none"


def _print_table(rows: Sequence[Row], columns: dict[str, list[Decomposition]], right: Right) -> None:
    """Percent right, a row for each kind and number of events."""
    groups: dict[str, list[int]] = {"all": list(range(len(rows)))}
    for i, row in enumerate(rows):
        count = len(row["alternatives"][0])
        groups.setdefault(f"{count} events" if count < 4 else "4 events and more", []).append(i)
        groups.setdefault(f"kind: {row['kind']}", []).append(i)
    print("| captions | " + " | ".join(columns) + " |")
    print("|---" * (len(columns) + 1) + "|")
    for name in sorted(groups):
        chosen = [rows[i] for i in groups[name]]
        shares = [_share(chosen, [results[i] for i in groups[name]], right) for results in columns.values()]
        print(f"| {name} | " + " | ".join(shares) + " |")


if __name__ == "__main__":
    main()
