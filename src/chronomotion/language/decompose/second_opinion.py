"""A second opinion on captions of which the rules lose words: spaCy's, where it is installed.

The rules know whoever moves by a list, and verbs by another one. spaCy's parse knows neither better on the whole, but
it has seen more words: it says that the athlete is who jumps. So the rules run again with what it says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from chronomotion.errors import ConfigError, MissingExtraError
from chronomotion.language import lexicon as lx
from chronomotion.language.decompose.decomposition import Decomposition, Described
from chronomotion.language.decompose.rules import RULES_VERSION, RuleDecomposer
from chronomotion.language.decompose.spacy_tags import Parsed, SpacyParser
from chronomotion.language.decompose.words_kept import doubted

__all__ = ["SECOND_OPINION", "Parse", "SecondOpinion"]

SECOND_OPINION = f"rules+second-opinion/{RULES_VERSION}"
"""Source of events that are by the second opinion."""

Parse = Callable[[str], Sequence[Parsed]]
_STAND_INS = ("mannequin", "robot", "dummy", "skeleton", "avatar", "lady", "gentleman", "toddler")
"""Names that the rules know, for those that they do not: exchanged before the rules run, and back afterwards."""


class SecondOpinion:
    """The rules, and the rules once more with spaCy's parse for every caption that fails the check.

    The first answer that passes is taken, and ``events.source`` says that it is by the second opinion; where none
    passes, the first one stays with its doubt. Where spaCy or its model is not installed, nobody is asked. ``parse``
    stands in for spaCy.
    """

    def __init__(self, rules: RuleDecomposer, parse: Parse | None = None) -> None:
        self._rules = rules
        self._parse = parse
        self._absent = False

    @property
    def source(self) -> str:
        """That of the rules, who answer nearly always."""
        return self._rules.source

    def decompose(self, captions: Iterable[Described]) -> Iterator[Decomposition]:
        """A decomposition for every caption, in order."""
        for made in self._rules.decompose(captions):
            yield self._second(made) if made.doubt else made

    def split(self, caption: str) -> Decomposition:
        """The events of one caption."""
        made = self._rules.split(caption)
        return self._second(made) if made.doubt else made

    def _second(self, made: Decomposition) -> Decomposition:
        parse = self._parser()
        if parse is None:
            return made
        words = parse(made.caption)
        tags = tuple((word.text, word.tag) for word in words)
        names = _unknown_subjects(made.caption, words)
        for given, hints in ((names, None), ((), tags), (names, tags)):
            other = _renamed(self._rules, made.caption, given, hints)
            if not other.doubt:
                why = f"second opinion (spaCy), since the rules alone have {made.doubt}"
                return replace(
                    other, events=replace(other.events, source=SECOND_OPINION), why=(*other.why, why), mark=made.mark
                )
        return made

    def _parser(self) -> Parse | None:
        if self._parse is None and not self._absent:
            try:
                self._parse = SpacyParser()
            except (MissingExtraError, ConfigError):
                self._absent = True
        return self._parse


def _unknown_subjects(caption: str, words: Sequence[Parsed]) -> tuple[tuple[int, int], ...]:
    """(begin, end) of the names of whoever acts that the rules do not know, from left to right, none in another."""
    spans: list[tuple[int, int]] = []
    for i, word in enumerate(words):
        start = word.subject_from if word.subject_from is not None else _noun_before_verb(words, i)
        end = word.start + len(word.text)
        if start is None or word.tag not in {"NOUN", "PROPN", "ADJ", "VERB"} or (spans and start < spans[-1][1]):
            continue
        if _is_unknown_name(caption[start:end].lower()):
            spans.append((start, end))
    return tuple(spans[: len(_STAND_INS)])


def _is_unknown_name(name: str) -> bool:
    """Not whoever the rules know already, nor a verb that was taken for a name ("the walks forward")."""
    parts = name.split()
    form = lx.verb_forms().get(parts[-1])
    return name.isascii() and lx.PERSONS.isdisjoint(parts) and parts[-1] not in lx.BODY_PARTS and form is None


def _noun_before_verb(words: Sequence[Parsed], i: int) -> int | None:
    """Where the subject begins that ends with the first words of a caption, right before a verb in the third person:
    what follows an article there is a name, whatever its tag ("the athlete jumps").
    """
    following = lx.verb_forms().get(words[i + 1].text.lower()) if i + 1 < len(words) else None
    finite = following is not None and following.kind == "third"
    begins = i == 1 and words[0].tag == "DET"
    return words[i].start if finite and begins else None


def _renamed(
    rules: RuleDecomposer,
    caption: str,
    names: Sequence[tuple[int, int]],
    tags: Sequence[tuple[str, str]] | None,
) -> Decomposition:
    """What the rules say of the caption when unknown subjects have names that they know, told with the real ones."""
    free = [name for name in _STAND_INS if not re.search(rf"\b{name}", caption, re.IGNORECASE)]
    text, back = caption, {}
    for (start, end), stand_in in reversed(list(zip(names, free, strict=False))):
        back[stand_in] = caption[start:end].lower()
        text = text[:start] + stand_in + text[end:]
    hints = None if tags is None else tuple((_stand_in(token, caption, names, free), tag) for token, tag in tags)
    made = rules.split(text, hints)
    texts = tuple(_told_back(event, back) for event in made.events.texts)
    return doubted(replace(made, caption=caption, events=replace(made.events, texts=texts), doubt=""))


def _stand_in(token: str, caption: str, names: Sequence[tuple[int, int]], free: Sequence[str]) -> str:
    """The stand-in for a token that was the last word of a name, else the token."""
    for (start, end), stand_in in zip(names, free, strict=False):
        if caption[start:end].endswith(token):
            return stand_in
    return token


def _told_back(event: str, back: dict[str, str]) -> str:
    """An event with the real names, and an article that goes with them."""
    for stand_in, name in back.items():
        article = "an" if name[0] in "aeiou" else "a"
        event = re.sub(rf"\ban? {stand_in}\b", f"{article} {name}", event)
        event = re.sub(rf"\b{stand_in}\b", name, event)
    return event
