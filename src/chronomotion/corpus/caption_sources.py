"""Captions from wherever they are: a corpus, annotations, JSON lines, text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from chronomotion.corpus.corpus import Corpus
from chronomotion.corpus.importers.annotations import read_annotations
from chronomotion.errors import CorpusError, FormatError
from chronomotion.language.decompose.decomposition import Decomposition
from chronomotion.language.decompose.event_lines import CaptionOfClip, lines_of
from chronomotion.text_files import clean_text, read_text

__all__ = ["annotated_texts", "captions_at", "captions_in", "captions_of_corpus", "is_corpus", "texts_beside"]

ANNOTATIONS = "annotations.json"


def is_corpus(path: Path) -> bool:
    """True for the folder of a corpus."""
    return (path / "corpus.json").is_file()


def captions_at(path: Path) -> list[CaptionOfClip]:
    """All captions of a corpus folder, an ``annotations.json`` (or the folder that holds one), JSON lines or text.

    JSON lines have the suffix .jsonl or .ndjson, or begin with "{"; text has one caption per line. Raises
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
        captions = list(lines_of(text, name))
        silent = next((place for place, caption in enumerate(captions) if not caption.text), None)
        if silent is not None:
            raise FormatError(f"object {silent + 1} has no caption: give text or caption", name)
    else:
        numbered = enumerate(text.split("\n"), start=1)
        captions = [CaptionOfClip(clean_text(line, f"{name}:{number}")) for number, line in numbered if line.strip()]
    if not captions:
        raise FormatError("no captions: expected one a line", name)
    return captions


def captions_of_corpus(corpus: Corpus) -> Iterator[CaptionOfClip]:
    """The captions of a corpus, clip by clip, with their tags and the events that they carry.

    Their numbers are not known: a corpus does not say which captions of its source were left out.
    """
    for name in corpus.names:
        for caption in corpus.captions(name):
            recorded = None if caption.events is None else Decomposition(caption.text, caption.events)
            yield CaptionOfClip(caption.text, caption.tags, name, None, recorded)


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
        texts[name] = [_text(annotation) for annotation in listed]
    return texts


def _text(annotation: object) -> str:
    text = annotation.get("text") if isinstance(annotation, dict) else None
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
