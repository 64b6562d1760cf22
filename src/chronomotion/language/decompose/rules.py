"""Events of a caption by rules: offline, deterministic, fast."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from chronomotion.language.caption import Events
from chronomotion.language.decompose.decomposition import Decomposition, Described
from chronomotion.language.decompose.grammar.clause import Clause
from chronomotion.language.decompose.grammar.clauses import cut
from chronomotion.language.decompose.grammar.joining import joined
from chronomotion.language.decompose.grammar.ordering import filled, in_time, with_extents
from chronomotion.language.decompose.grammar.referents import named
from chronomotion.language.decompose.grammar.sentences import sentences
from chronomotion.language.decompose.grammar.tagging import tagged_words
from chronomotion.language.decompose.grammar.words import told_plainly
from chronomotion.language.decompose.other_languages import not_english
from chronomotion.language.decompose.words_kept import doubted
from chronomotion.text_files import MAX_CAPTION

__all__ = ["RULES_VERSION", "RuleDecomposer"]

RULES_VERSION = "2"
"""Raised whenever the rules give other events for some caption."""

Tags = Sequence[tuple[str, str]]
Tagger = Callable[[Iterable[str]], Iterator[Tags]]


class RuleDecomposer:
    """Splits captions by rules about English.

    Example::

        rules = RuleDecomposer()
        rules.split("A man walks forward after standing up.").events.texts
        # ("a man stands up.", "a man walks forward.")

    ``tagger`` gives part-of-speech tags for captions that bring none (:class:`SpacyTagger`); the rules get by without.
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
        """The events of one caption. A caption in which no event is found is one event, as it is written.

        So is one that is not English, or longer than ``MAX_CAPTION``; its ``mark`` says which.
        """
        mark = self._why_not(caption)
        if mark:
            return Decomposition(caption, Events((caption.strip(),), source=self.source), mark=mark)
        why: list[str] = []
        clauses = cut(tagged_words(caption, tags))
        why += [f"cut before {clause.text!r}: {clause.link.value}" for clause in clauses[1:]]
        events = [clause for clause in clauses if not _empty(clause)]
        if not events:
            return Decomposition(
                caption, Events((caption.strip() or "a person.",), source=self.source), ("no event found",)
            )
        for step in (with_extents, joined, named, in_time, filled):
            events = step(events, why.append)
        made = Decomposition(told_plainly(caption), Events(sentences(events), source=self.source), tuple(why))
        return replace(doubted(made), caption=caption)

    @staticmethod
    def _why_not(caption: str) -> str:
        """Why a caption is not split at all, "" where it is."""
        if len(caption) > MAX_CAPTION:
            return f"kept whole: {len(caption)} characters, at most {MAX_CAPTION} are split"
        language = not_english(caption)
        return f"kept whole: {language}" if language else ""


def _empty(clause: Clause) -> bool:
    """Nothing but small words and no verb."""
    return clause.head is None and not any(
        word.tag not in {"determiner", "person", "and", "comma", "sub"} for word in clause.words
    )
