"""Captions from wherever they are: a corpus, annotations, JSON lines, text; and a corpus with other events."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chronomotion.corpus.corpus import Corpus
from chronomotion.corpus.importers.annotations import read_annotations
from chronomotion.corpus.writer import recaptioned
from chronomotion.errors import CorpusError, FormatError
from chronomotion.language.caption import Caption
from chronomotion.language.decompose.decomposition import Decomposer, Decomposition
from chronomotion.language.decompose.event_lines import CaptionOfClip, lines_of, record_of
from chronomotion.language.decompose.summary import Summary
from chronomotion.progress import progress
from chronomotion.text_files import clean_text, read_text

__all__ = [
    "Told", "annotated_texts", "captions_at", "captions_in", "captions_of_corpus", "decomposed", "is_corpus",
    "texts_beside", "with_events",
]  # fmt: skip

ANNOTATIONS = "annotations.json"


def is_corpus(path: Path) -> bool:
    """True for the folder of a corpus."""
    return (path / "corpus.json").is_file()


def captions_at(path: Path) -> list[CaptionOfClip]:
    """All captions of a corpus folder, an ``annotations.json`` (or the folder that holds one), JSON lines or text.

    JSON lines are told by their suffix (.jsonl, .ndjson), or by a "{" at the start; text has a caption a line. Raises
    FormatError with file, line and field where something cannot be read, CorpusError for a folder that is neither.
    """
    if is_corpus(path):
        return list(captions_of_corpus(Corpus(path)))
    if path.is_dir():
        if not (path / ANNOTATIONS).is_file():
            raise CorpusError(
                f"{path} is neither a corpus nor a folder with {ANNOTATIONS}: there are no captions in it"
            )
        return list(_annotated(path / ANNOTATIONS))
    if path.suffix.lower() == ".json":
        return list(_annotated(path))
    return captions_in(read_text(path), str(path), lines=path.suffix.lower() in (".jsonl", ".ndjson"))


def captions_in(text: str, name: str, *, lines: bool = False) -> list[CaptionOfClip]:
    """Captions of a text: JSON lines where ``lines`` says so or it starts with "{", else a caption a line.

    Raises FormatError, at ``name`` with the line, where there is no caption at all or one cannot be used.
    """
    if lines or text.lstrip().startswith("{"):
        found = list(lines_of(text, name))
        silent = next((at for at, caption in enumerate(found) if not caption.text), None)
        if silent is not None:
            raise FormatError(f"object {silent + 1} has no caption: give text or caption", name)
    else:
        told = enumerate(text.split("\n"), start=1)
        found = [CaptionOfClip(clean_text(line, f"{name}:{at}")) for at, line in told if line.strip()]
    if not found:
        raise FormatError("no captions: expected one a line", name)
    return found


def captions_of_corpus(corpus: Corpus) -> Iterator[CaptionOfClip]:
    """The captions of a corpus, clip by clip, with their tags and the events that they carry.

    Their numbers are not known: a corpus does not say which captions of its source were left out.
    """
    for name in corpus.names:
        for caption in corpus.captions(name):
            made = None if caption.events is None else Decomposition(caption.text, caption.events)
            yield CaptionOfClip(caption.text, caption.tags, name, None, made)


def annotated_texts(path: Path) -> dict[str, list[str]]:
    """Id -> ALL its captions, out of an ``annotations.json``, so that a caption's number is its place.

    Raises FormatError with file and id where there are none.
    """
    texts = {}
    for name, entry in read_annotations(path).items():
        where = f"{path}: {name[:80]!r}"
        listed = entry.get("annotations") if isinstance(entry, dict) else None
        if not isinstance(listed, list):
            raise FormatError("expected an object with a list of annotations", where)
        # A caption that is no text has a number all the same.
        texts[name] = [_text(found) for found in listed]
    return texts


def _text(found: object) -> str:
    text = found.get("text") if isinstance(found, dict) else None
    return " ".join(text.split()) if isinstance(text, str) else ""


def _annotated(path: Path) -> Iterator[CaptionOfClip]:
    for name, texts in annotated_texts(path).items():
        for number, text in enumerate(texts):
            if text:
                yield CaptionOfClip(
                    clean_text(text, f"{path}: {name[:80]!r}: annotations[{number}]: text"), None, name, number
                )


def texts_beside(recorded: Path, source: Path) -> dict[str, list[str]]:
    """All captions of the annotations that lie beside recorded events, or beside ``source``; none where there are none.

    They tell which number a caption of a corpus has. Raises CorpusError for a corpus and an events folder without
    them: its files are numbered by captions that a corpus may have left out.
    """
    if not recorded.is_dir():
        return {}
    for folder in (recorded, recorded.parent, source):
        if (folder / ANNOTATIONS).is_file():
            return annotated_texts(folder / ANNOTATIONS)
    if is_corpus(source):
        raise CorpusError(
            f"{recorded}: its files are numbered by the captions of {ANNOTATIONS}, which is not beside it: put it there"
        )
    return {}


@dataclass(frozen=True)
class Told:
    """A caption and what came of it."""

    caption: CaptionOfClip
    made: Decomposition

    def record(self, *, explain: bool = False) -> dict[str, Any]:
        """The object of a JSON line."""
        return record_of(self.caption, self.made, explain=explain)

    def explained(self) -> str:
        """The caption, its events by number, and why it was split so, as lines for a person."""
        lines = [self.caption.text]
        lines += [f"  {number}  {text}" for number, text in enumerate(self.made.events.texts, start=1)]
        reasons = [*self.made.why, *([self.made.mark] if self.made.mark else [])]
        return "\n".join([*lines, *(f"     {reason}" for reason in reasons)])


def decomposed(
    captions: Sequence[CaptionOfClip],
    decomposer: Decomposer,
    summary: Summary,
    doubtful: Callable[[str], object] | None = None,
) -> Iterator[Told]:
    """What comes of every caption, counted in ``summary`` on the way; ``doubtful`` gets a line for each suspicious one.

    ``summary.seconds`` is the time of the decomposer alone.
    """
    made = iter(decomposer.decompose(captions))
    seconds = 0.0
    for caption in progress(captions, "decomposing", total=len(captions), unit="caption"):
        began = time.perf_counter()
        one = Told(caption, next(made))
        seconds += time.perf_counter() - began
        summary.seconds = seconds
        found = summary.add(one.made)
        if found and doubtful is not None:
            row = one.record(explain=True) | {"suspicious": {each.kind: each.detail for each in found}}
            doubtful(json.dumps(row, ensure_ascii=False) + "\n")
        yield one


def with_events(corpus: Corpus, dest: Path, made: Iterable[Decomposition]) -> Corpus:
    """A copy of a corpus whose captions carry these events, one decomposition for every caption in its order.

    Times of events that are still the same ones stay. Nothing is written unless everything is there. Raises CorpusError
    when ``dest`` is taken, or the decompositions are not those of the corpus's captions.
    """
    return recaptioned(corpus, dest, _spoken(corpus, made))


def _spoken(corpus: Corpus, made: Iterable[Decomposition]) -> Iterator[list[Caption]]:
    """The captions of every clip with their decompositions."""
    following = iter(made)
    for name in corpus.names:
        yield [_with(caption, next(following, None)) for caption in corpus.captions(name)]
    if next(following, None) is not None:
        raise CorpusError(f"{corpus.folder}: more decompositions than captions")


def _with(caption: Caption, made: Decomposition | None) -> Caption:
    if made is None or made.caption != caption.text:
        told = "nothing" if made is None else repr(made.caption[:60])
        raise CorpusError(f"the decomposition of {caption.text[:60]!r} is missing: found {told}")
    events = made.events
    if caption.events is not None and caption.events.texts == events.texts and events.spans is None:
        events = replace(events, spans=caption.events.spans, labels=caption.events.labels)
    return replace(caption, events=events)
