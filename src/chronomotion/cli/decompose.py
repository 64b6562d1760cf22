"""``chronomotion decompose``: split captions into events, in the order in which they happen."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from chronomotion.cli.options import NO_CAPTIONS, TO, UsageError, cache_folder, wrong_usage

if TYPE_CHECKING:
    from chronomotion.corpus import Corpus
    from chronomotion.corpus.decomposing import SplitCaption
    from chronomotion.language.decompose import Decomposer
    from chronomotion.language.decompose.event_lines import CaptionOfClip
    from chronomotion.language.decompose.llm.plan import LlmPlan
    from chronomotion.language.decompose.summary import Summary

__all__ = ["run"]

log = logging.getLogger(__name__)


@Parameter(name="*")
@dataclass(frozen=True)
class LlmOptions:
    """Options of --with llm. The key comes from the environment (docs/language-model.md)."""

    base_url: Annotated[str | None, Parameter(help="llm: URL of an OpenAI-compatible endpoint, including /v1.")] = None
    model: Annotated[str | None, Parameter(help="llm: name of the model at the endpoint.")] = None
    concurrency: Annotated[int, Parameter(help="llm: number of simultaneous requests.")] = 4
    requests_per_minute: Annotated[float | None, Parameter(help="llm: upper limit of requests per minute.")] = None
    answers: Annotated[
        Path | None, Parameter(help="llm: file that stores the answers. Default: in the cache folder.")
    ] = None
    dry_run: Annotated[bool, Parameter(negative="", help="llm: count the requests, and send none.")] = False


@Parameter(name="*")
@dataclass(frozen=True)
class OutputOptions:
    """Where events and suspicious captions are written."""

    to: Annotated[
        Path | None,
        Parameter(
            name=TO,
            help="File for the JSON lines (from a corpus: NAME.jsonl, .ndjson or .json); or, where SOURCE is a corpus, "
            "folder for a copy whose captions carry the events.",
        ),
    ] = None
    out: Annotated[Path | None, Parameter(show=False, help="Earlier name of --to FILE.")] = None
    into: Annotated[Path | None, Parameter(show=False, help="Earlier name of --to FOLDER.")] = None
    suspicious: Annotated[Path | None, Parameter(help="File for suspicious decompositions, as JSON lines.")] = None

    def places(self, source: str) -> tuple[Path | None, Path | None]:
        """(file for JSON lines, folder for a copy of the corpus), at most one of them. Raises UsageError for more."""
        from chronomotion.corpus.caption_sources import is_corpus

        options = {"--to": self.to, "--out": self.out, "--into": self.into}
        names = [name for name, place in options.items() if place is not None]
        if len(names) > 1:
            raise UsageError(f"{' and '.join(names)}: the events go to one place, give one of them")
        if self.into is not None and not is_corpus(Path(source)):
            raise UsageError(f"--into makes a copy of a corpus, but {source} is none: use --to FILE for its events")
        if self.to is None:
            return self.out, self.into
        is_file = self.to.suffix.lower() in (".jsonl", ".ndjson", ".json")
        return (self.to, None) if source == "-" or not is_corpus(Path(source)) or is_file else (None, self.to)


def _no_option(_: object, value: str) -> None:
    """Accept a lone "-" (standard input). Raise ValueError for anything else that begins with it: an unknown option."""
    if value.startswith("-") and value != "-":
        raise ValueError(f"unknown option {value}")


def run(
    source: Annotated[str, Parameter(allow_leading_hyphen=True, validator=_no_option)],
    /,
    *,
    by: Annotated[Literal["rules", "llm", "recorded"], Parameter(name="--with")] = "rules",
    tagger: Literal["spacy"] | None = None,
    recorded: Path | None = None,
    llm: LlmOptions | None = None,
    explain: Annotated[bool, Parameter(negative="")] = False,
    canonical: Annotated[bool, Parameter(negative="")] = False,
    output: OutputOptions | None = None,
    as_json: Annotated[bool, Parameter(name="--json", negative="", help="Print the summary as JSON.")] = False,
) -> None:
    """Split captions into events, in the order in which they happen.

    Prints JSON lines (text, events, source) to standard output and a summary to standard error. With --to, the summary
    goes to standard output.

    Example: chronomotion decompose captions.txt --to events.jsonl

    Parameters
    ----------
    source
        A corpus, a text file (one caption per line), JSON lines (with text or caption), an annotations.json, or - for
        standard input.
    by
        rules: a grammar, offline and fast. llm: a language model. recorded: events that exist already.
    tagger
        Tagger whose part-of-speech tags help the rules with captions that have no tags.
    recorded
        Recorded events: a file of JSON lines, or a folder event_texts. Default: those in SOURCE.
    explain
        Explain each split, and list the words that the check finds lost or invented.
    canonical
        Add each caption reduced to what a motion can show (field canonical).
    """
    from chronomotion.corpus.decomposing import decomposed
    from chronomotion.language.decompose.summary import Summary

    output = output or OutputOptions()
    out, into = output.places(source)
    if canonical and into is not None:
        raise UsageError(f"--canonical goes with JSON lines, not with a copy of a corpus: use --to FILE, not {into}")
    captions = _captions(source)
    decomposer = _decomposer(by, tagger, recorded, llm or LlmOptions(), source)
    if llm is not None and llm.dry_run:
        plan = _plan(decomposer, captions)
        print(json.dumps(asdict(plan)) if as_json else plan)
        return
    summary, corpus = Summary(), None
    with _resumable(decomposer), ExitStack() as stack:
        split = decomposed(captions, decomposer, summary, _writer(stack, output.suspicious))
        if into is not None:
            corpus = _write_corpus(source, into, split)
        else:
            as_text = explain and out is None and not as_json
            lines = _lines(split, explain=explain, as_text=as_text, canonical=canonical)
            _write(lines, _writer(stack, out) or sys.stdout.write)
    text = _as_json(summary, corpus) if as_json else _as_text(summary, corpus)
    _print_summary(text, aside=out is None and into is None)


def _captions(source: str) -> list[CaptionOfClip]:
    from chronomotion.corpus.caption_sources import captions_at, captions_in, is_corpus
    from chronomotion.errors import CorpusError
    from chronomotion.text_files import MAX_TEXT, text_of

    if source == "-":
        return captions_in(text_of(sys.stdin.buffer.read(MAX_TEXT + 1), "standard input"), "standard input")
    captions = captions_at(Path(source))
    if not captions and is_corpus(Path(source)):
        raise CorpusError(f"{source} has no captions: {NO_CAPTIONS}")
    return captions


def _decomposer(by: str, tagger: str | None, recorded: Path | None, llm: LlmOptions, source: str) -> Decomposer:
    from chronomotion.language.decompose.rules import RuleDecomposer
    from chronomotion.language.decompose.second_opinion import SecondOpinion

    if recorded is not None and by != "recorded":
        raise UsageError(f"--recorded {recorded} goes with --with recorded, not with {by}")
    if llm.dry_run and by != "llm":
        raise UsageError(f"--dry-run goes with --with llm: {by} sends no requests")
    if by == "recorded":
        return _recorded(recorded, source)
    if tagger is None:
        rules = SecondOpinion(RuleDecomposer())
    else:
        from chronomotion.language.decompose.spacy_tags import SpacyTagger

        rules = SecondOpinion(RuleDecomposer(SpacyTagger(), tagger_name=tagger))
    return rules if by == "rules" else _llm(llm, rules)


def _recorded(recorded: Path | None, source: str) -> Decomposer:
    from chronomotion.corpus.caption_sources import texts_beside
    from chronomotion.language.decompose.recorded import RecordedDecomposer, read_records

    if recorded is None:
        return RecordedDecomposer()
    return RecordedDecomposer(read_records(recorded, texts_beside(recorded, Path(source))))


def _llm(options: LlmOptions, rules: Decomposer) -> Decomposer:
    from chronomotion.language.decompose.llm import Endpoint, LlmDecomposer

    if options.base_url is None or options.model is None:
        raise UsageError("--with llm needs --base-url (for example http://127.0.0.1:8000/v1) and --model")
    for transport in ("httpx", "httpx2"):  # under -v they log every request, with secrets that a URL may hold
        logging.getLogger(transport).setLevel(logging.WARNING)
    with wrong_usage():
        endpoint = Endpoint(
            options.base_url,
            options.model,
            concurrency=options.concurrency,
            requests_per_minute=options.requests_per_minute,
        )
    return LlmDecomposer(endpoint, options.answers or cache_folder() / "llm-answers.jsonl", rules)


def _plan(decomposer: Decomposer, captions: list[CaptionOfClip]) -> LlmPlan:
    from chronomotion.language.decompose.llm import LlmDecomposer

    assert isinstance(decomposer, LlmDecomposer)  # checked in _decomposer
    return decomposer.plan(captions)


@contextmanager
def _resumable(decomposer: Decomposer) -> Iterator[None]:
    """After an interrupt, log that the answers of a language model are stored."""
    from chronomotion.language.decompose.llm import LlmDecomposer

    try:
        yield
    except KeyboardInterrupt:
        if isinstance(decomposer, LlmDecomposer):
            log.warning("answers are stored: the same command resumes from there")
        raise


def _writer(stack: ExitStack, path: Path | None) -> Callable[[str], object] | None:
    """A function that writes text to a file, which appears when the work is done; None without a path."""
    from chronomotion.atomic_write import atomic_write

    if path is None:
        return None
    part = stack.enter_context(atomic_write(path))
    return stack.enter_context(part.open("w", encoding="utf-8", newline="\n")).write


def _write_corpus(source: str, into: Path, captions: Iterator[SplitCaption]) -> Corpus:
    from chronomotion.corpus import Corpus
    from chronomotion.corpus.with_events import with_events

    return with_events(Corpus(source), into, (caption.decomposition for caption in captions))


def _as_json(summary: Summary, corpus: Corpus | None) -> str:
    written = {} if corpus is None else {"corpus": str(corpus.folder), "fingerprint": corpus.fingerprint}
    return json.dumps({**summary.to_dict(), **written})


def _as_text(summary: Summary, corpus: Corpus | None) -> str:
    if corpus is None:
        return summary.table()
    counts = f"{len(corpus)} clips, {corpus.info['captions']} captions; fingerprint {corpus.fingerprint}"
    return f"{corpus.folder}: {counts}\n{summary.table()}"


def _lines(captions: Iterator[SplitCaption], *, explain: bool, as_text: bool, canonical: bool) -> Iterator[str]:
    """What is printed for each caption: a JSON line, or ``as_text`` the lines for a person."""
    from chronomotion.language.canonical import canonical as reduced

    for caption in captions:
        text = reduced(caption.caption.text, caption.decomposition.events) if canonical else ""
        if as_text:
            yield caption.explained() + (f"\n  =  {text}" if canonical else "")
        else:
            record = caption.record(explain=explain) | ({"canonical": text} if canonical else {})
            yield json.dumps(record, ensure_ascii=False)


def _write(lines: Iterator[str], write: Callable[[str], object]) -> None:
    for line in lines:
        write(f"{line}\n")


def _print_summary(text: str, *, aside: bool) -> None:
    """Print the summary; ``aside``: on standard error, because standard output carries the events."""
    if not aside:
        print(text)
    elif logging.getLogger().level < logging.ERROR:  # not with --quiet
        print(text, file=sys.stderr)
