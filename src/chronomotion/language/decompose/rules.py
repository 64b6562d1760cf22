"""Events of a caption by rules: offline, deterministic, fast."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from chronomotion.language.caption import Events
from chronomotion.language.decompose.clauses import Clause, cut
from chronomotion.language.decompose.decomposition import Decomposition, Described
from chronomotion.language.decompose.joining import joined
from chronomotion.language.decompose.ordering import filled, in_time, with_extents
from chronomotion.language.decompose.sentences import sentence, subject_of
from chronomotion.language.decompose.words import read_words

__all__ = ["RULES_VERSION", "RuleDecomposer"]

RULES_VERSION = "1"
"""Raised whenever the rules give other events for some caption."""

Tags = Sequence[tuple[str, str]]
Tagger = Callable[[Iterable[str]], Iterator[Tags]]


class RuleDecomposer:
    """Splits captions by rules about English.

    Example::

        rules = RuleDecomposer()
        rules.split("A man walks forward after standing up.").events.texts
        # ("a man stands up.", "a man walks forward.")

    ``tagger`` gives part-of-speech tags for captions that bring none (:func:`spacy_tagger`); the rules get by without.
    """

    def __init__(self, tagger: Tagger | None = None, *, tagger_name: str = "") -> None:
        self._tagger = tagger
        self._suffix = f"+{tagger_name or 'tags'}" if tagger is not None else ""

    @property
    def source(self) -> str:
        """Name and version, with the tagger's where one helps."""
        return f"rules{self._suffix}/{RULES_VERSION}"

    def decompose(self, captions: Iterable[Described]) -> Iterator[Decomposition]:
        """A decomposition for every caption, in order."""
        if self._tagger is None:
            for caption in captions:
                yield self.split(caption.text, caption.tags)
            return
        kept: list[Described] = []

        def texts() -> Iterator[str]:
            for caption in captions:
                kept.append(caption)
                yield caption.text

        for tags in self._tagger(texts()):
            caption = kept.pop(0)
            yield self.split(caption.text, caption.tags or tags)

    def split(self, caption: str, tags: Tags | None = None) -> Decomposition:
        """The events of one caption. A caption in which no event is found is one event, as it is written."""
        why: list[str] = []
        clauses = cut(read_words(caption, tags))
        why += [f"cut before {clause.text!r}: {clause.link.value}" for clause in clauses[1:]]
        told = [clause for clause in clauses if not _empty(clause)]
        if not told:
            return Decomposition(caption, Events((caption.strip() or "a person.",), source=self.source), ("no event found",))
        subject = subject_of(told)
        events = filled(in_time(joined(with_extents(told, why.append), why.append), why.append), why.append)
        texts = tuple(sentence(event, subject) for event in events)
        return Decomposition(caption, Events(texts, source=self.source), tuple(why))


def _empty(clause: Clause) -> bool:
    """Nothing but small words and no verb."""
    return clause.head is None and not any(word.tag not in {"determiner", "person", "and", "comma", "sub"} for word in clause.words)
