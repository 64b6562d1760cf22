"""How many words of captions are in no event: what the rules lose, by the check that marks their answers.

python benchmarks/words_kept.py CAPTIONS [CAPTIONS ...] [--worst N] [--second-opinion] [--gold GOLD]

CAPTIONS are annotations.json, JSON lines or text; a caption that occurs twice is counted once. GOLD are captions that
people split by hand (gold_events.jsonl): what the check says of their events, and of these events with a word left out,
exchanged or put in.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from chronomotion.corpus.caption_sources import captions_at
from chronomotion.language.decompose.decomposition import Decomposition, Described
from chronomotion.language.decompose.rules import RuleDecomposer
from chronomotion.language.decompose.second_opinion import SecondOpinion
from chronomotion.language.decompose.words_kept import content_words, words_kept
from chronomotion.seeding import integer

_OTHER_WORDS = "somersaults quickly blue sofa kicks left twice ladder bottle table slowly dances crawls lamp".split()


def main() -> None:
    """Count, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("captions", type=Path, nargs="+")
    parser.add_argument("--worst", type=int, default=10, help="Print so many captions, those that lose most first.")
    parser.add_argument("--second-opinion", action="store_true", help="Ask spaCy about what fails, too.")
    parser.add_argument("--gold", type=Path)
    options = parser.parse_args()
    texts = list(dict.fromkeys(caption.text for path in options.captions for caption in captions_at(path)))
    rules = RuleDecomposer()
    decomposer = SecondOpinion(rules) if options.second_opinion else rules
    _print_losses(list(decomposer.decompose([Described(text) for text in texts])), options.worst)
    if options.gold:
        _print_check([json.loads(line) for line in options.gold.read_text(encoding="utf-8").splitlines()])


def _print_losses(made: Sequence[Decomposition], worst: int) -> None:
    kept = [words_kept(one.caption, one.events.texts) for one in made]
    words = sum(len(content_words(one.caption)) for one in made)
    lost = sum(len(one.lost) for one in kept)
    print(f"{len(made)} captions, {words} content words")
    print(f"lost: {lost} words ({lost / max(words, 1):.3%}) in {sum(bool(one.lost) for one in kept)} captions")
    print(f"invented: {sum(len(one.invented) for one in kept)} words")
    print(f"without a verb: {sum(len(one.idle) for one in kept)} events")
    print(f"marked: {sum(not one for one in kept)} captions ({sum(not one for one in kept) / max(len(made), 1):.2%})")
    print("by: " + ", ".join(f"{source} {count}" for source, count in Counter(m.events.source for m in made).items()))
    rows = sorted(zip(made, kept, strict=True), key=lambda row: -len(row[1].lost) - len(row[1].invented))
    for one, found in rows[:worst]:
        if not found:
            print(f"\n- {one.caption}\n    {found}\n    said: {' | '.join(one.events)}")


def _print_check(rows: Sequence[dict[str, Any]]) -> None:
    """How often the check is wrong: right answers that it marks, and spoilt ones that it does not."""
    right = [
        (row["text"], events) for row in rows if (events := _passing(row["text"], row["alternatives"])) is not None
    ]
    print(f"\nof the answers of people {len(rows) - len(right)} of {len(rows)} are marked")
    spoilt: Counter[str] = Counter()
    noticed: Counter[str] = Counter()
    for text, events in right:
        for kind, answer in _spoilt(text, events):
            spoilt[kind] += 1
            noticed[kind] += not words_kept(text, answer)
    for kind, count in sorted(spoilt.items()):
        print(f"{kind}: {noticed[kind]} of {count} are marked ({noticed[kind] / count:.1%})")


def _passing(text: str, alternatives: Sequence[Sequence[dict[str, Any]]]) -> list[str] | None:
    """The first of the right answers that passes."""
    answers = ([event["text"] for event in alternative] for alternative in alternatives)
    return next((answer for answer in answers if words_kept(text, answer)), None)


def _spoilt(text: str, events: list[str]) -> Iterator[tuple[str, list[str]]]:
    """The answer with an event or a word left out, a word exchanged, and one put in."""
    other = _OTHER_WORDS[integer("spoilt", text) % len(_OTHER_WORDS)]
    for i, event in enumerate(events):
        before, after = events[:i], events[i + 1 :]
        if other not in text:
            yield "a word put in", [*before, f"{event} {other}", *after]
        if len(events) > 1:
            yield "an event left out", [*before, *after]
        words = event.split()
        for at, word in enumerate(words):
            if at > 1 and content_words(word):
                kind = "said once" if _times(word, events) == 1 else "said again elsewhere"
                part = "a verb" if at == 2 else "another word"
                yield f"{part} left out, {kind}", [*before, " ".join(words[:at] + words[at + 1 :]), *after]
                if other not in text:
                    yield "a word exchanged", [*before, " ".join([*words[:at], other, *words[at + 1 :]]), *after]


def _times(word: str, events: Sequence[str]) -> int:
    return " ".join(events).split().count(word)


if __name__ == "__main__":
    main()
