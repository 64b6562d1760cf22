"""Whether events keep the content words of their caption: none lost, none invented."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from chronomotion.language import lexicon as lx
from chronomotion.language.decompose.decomposition import Decomposition
from chronomotion.language.decompose.grammar.spelling import corrected, corrected_small, one_slip_apart
from chronomotion.language.decompose.same_words import FUNCTION_WORDS, bases, words
from chronomotion.language.english import is_english

__all__ = ["Kept", "content_words", "doubted", "words_kept"]

_ORDER = frozenset(
    "then next after afterwards afterward before finally lastly firstly secondly thirdly subsequently later thereafter "
    "eventually beforehand until once when till whereupon etc prior previous previously earlier subsequent soon "
    "immediately shortly thereupon ultimately".split()
)
"""Words that tell the order, which the list of events tells."""
_ORDINALS = frozenset("first second third last".split())
_PLAIN = FUNCTION_WORDS - {"person"} | _ORDER | lx.POSSESSIVES | frozenset({"than", "also", "either"})
_ALIASES = lx.PEOPLE - {"body", "one"} | frozenset({"user", "animation"})
"""Whoever moves: said once, and then by other names."""
_POINTING = frozenset("he she it they i we you".split())
_SUBJECT_FOLLOWS = frozenset("after before until till while as when once then and or but than where since".split())
_OBJECT_FOLLOWS = (lx.PREPOSITIONS | {"to", "like"}) - _SUBJECT_FOLLOWS
_INSIDE_PHRASE = lx.DETERMINERS | lx.POSSESSIVES | lx.NUMBERS | {"other", "another", "same"}
_ASPECT = frozenset("start begin continue proceed keep".split())
_LENT = frozenset("do make perform move".split())
"""Verbs that an event may get whose own verb is left unsaid ("walks, then a jump")."""
_OPENS_NOUN = (
    (lx.DETERMINERS | lx.POSSESSIVES | lx.NUMBERS | lx.QUANTIFIERS)
    - _ORDINALS
    - frozenset("that once twice thrice double triple other others".split())
)
_THINGS = frozenset({"it", "them"})
_NAMED = "it, named or not"
_SHORTEST = 4


@dataclass(frozen=True)
class Kept:
    """What the check of a list of events finds: words of the caption that are ``lost``, words ``invented``, and events
    that are ``idle``, telling nothing that is done.
    """

    lost: tuple[str, ...] = ()
    invented: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """True where nothing is wrong."""
        return not (self.lost or self.invented or self.idle)

    def __str__(self) -> str:
        """What is wrong, in one line; empty where nothing is."""
        parts = (("lost", self.lost), ("invented", self.invented), ("without a verb", self.idle))
        return "; ".join(f"{name}: {', '.join(entries)}" for name, entries in parts if entries)


def words_kept(caption: str, events: Sequence[str]) -> Kept:
    """Compare events with their caption.

    A word is kept in any of its forms ("walking", "walks"), as a part of a compound ("side step", "sidestep"), and put
    right ("perfoms", "performs"), as often as the caption has it. Articles, pronouns, connectives, names of whoever
    moves, and words that only tell the order are no content; "it" and "them" are there or have been named. Events may
    repeat words ("walks forward", "walks back"), but have none that the caption has in no form.
    """
    each = {event: words(event) for event in events}
    caption_words, event_words = _spelt(words(caption)), [word for event in events for word in each[event]]
    idle = tuple(event for event, its_words in each.items() if not _tells_verb(its_words))
    need, have = Counter(_content(caption_words)), Counter(_content(event_words))
    rest, spare = need - have, have - need
    if not rest and not spare:
        return Kept(idle=idle)
    lost = tuple(_lost(rest, spare, caption_words, event_words))
    return Kept(lost, tuple(_invented(spare, caption_words, event_words)), idle)


def _tells_verb(event: Sequence[str]) -> bool:
    """Whether something is done: a finite verb, or a word in the place of one ("a person clapples the hands")."""
    return any(_is_verb_behind(before, word) for before, word in pairwise(["", *event]))


def _is_verb_behind(before: str, word: str) -> bool:
    form = lx.verb_forms().get(word)
    if form is None:
        return word in lx.AUXILIARIES or (word[-1] == "s" and _acts(before) and word not in lx.DIRECTIONS)
    if before in _OPENS_NOUN or before.isdecimal():
        return False
    return form.kind in ("third", "past") or _acts(before) or word in lx.AUXILIARIES


def _acts(word: str) -> bool:
    """Whether a verb can stand right behind a word: whoever moves, what moves, an adverb."""
    return word in lx.PERSONS or word in lx.BODY_PARTS or word.endswith("ly") or word in ("not", "who", "first", "then")


def doubted(made: Decomposition) -> Decomposition:
    """The decomposition, with what the check finds written into its ``doubt``."""
    doubt = str(words_kept(made.caption, made.events.texts))
    return replace(made, doubt=doubt) if doubt else made


def content_words(caption: str) -> list[str]:
    """The words of a caption that its events have to have."""
    return _content(_spelt(words(caption)))


def _spelt(raw_words: list[str]) -> list[str]:
    """The words with the usual slips put right, as the rules read them."""
    return [word for written in raw_words for word in (lx.SLIPS.get(written) or corrected_small(written)).split()]


def _content(said: Sequence[str]) -> list[str]:
    return [_NAMED if word in _THINGS else word for i, word in enumerate(said) if _is_content(said, i)]


def _is_content(said: Sequence[str], i: int) -> bool:
    always = _always(said[i])
    if always is not None:
        return always
    return _SOMETIMES[said[i]](said, i) if said[i] in _SOMETIMES else not _drops_out(said, i)


@lru_cache(maxsize=50_000)
def _always(word: str) -> bool | None:
    """Whether a word is content wherever it stands; None where that depends on its place."""
    if word in _SOMETIMES or word in _ALIASES or word in _DROPPED_WHERE or word in _ORDINALS:
        return None
    if word in _PLAIN:
        return False
    form = lx.verb_forms().get(word)
    depends = _is_misspelt_person(word) if form is None else form.base in _ASPECT
    return None if depends else True


def _is_acted_on(said: Sequence[str], i: int) -> bool:
    """Whether "it" or "them" is an object: "puts it down", "looks at them"; not "as it walks"."""
    before, after = said[i - 1] if i else "", said[i + 1] if i + 1 < len(said) else ""
    follows, form = lx.verb_forms().get(after), lx.verb_forms().get(before)
    if said[i] == "them" and follows is not None and follows.kind == "third":
        return False  # a slip for "then"
    return (form is not None and form.base != "be") or before in _OBJECT_FOLLOWS


def _is_a_thing(said: Sequence[str], i: int) -> bool:
    """ "opens a can"."""
    return i > 0 and said[i - 1] in ("a", "the", "another", "this")


_SOMETIMES: dict[str, Callable[[Sequence[str], int], bool]] = {
    "it": _is_acted_on, "them": _is_acted_on, "can": _is_a_thing, "might": _is_a_thing, "will": _is_a_thing,
}  # fmt: skip
"""Function words that are content in some places."""


def _drops_out(said: Sequence[str], i: int) -> bool:
    """Whether a word that is content elsewhere is none here."""
    word = said[i]
    if word in _ALIASES:
        return word in _POINTING or not _is_object(said, i)
    if word in _DROPPED_WHERE:
        return _DROPPED_WHERE[word](said, i)
    if word in _ORDINALS:
        return not _in_phrase(said, i)
    form = lx.verb_forms().get(word)
    if form is None:
        return i < 2 and _is_misspelt_person(word)
    return form.base in _ASPECT and _verb_follows(said, i)


_DROPPED_WHERE: dict[str, Callable[[Sequence[str], int], bool]] = {
    "motion": lambda said, i: i == 1 and said[0] in ("the", "this"),
    "out": lambda said, i: i > 0 and bool(bases(said[i - 1]) & _ASPECT),
    "one": lambda said, i: i > 0 and said[i - 1] in ("some", "the", "this", "that"),
    "some": lambda said, i: i == 0 or said[i + 1 : i + 2] == ["one"],
    "following": lambda said, i: i == 0 and len(said) > 1,
    "followed": lambda said, i: said[i + 1 : i + 2] == ["by"],
    "end": lambda said, i: said[i - 2 : i] in (["in", "the"], ["at", "the"]) and said[i + 1 : i + 2] != ["of"],
}


def _is_misspelt_person(word: str) -> bool:
    """ "persin", "huiman", "personal": whoever moves, as people mistype it."""
    if word.startswith("person"):
        return len(word) < 10
    near = any(one_slip_apart(word, person) for person in ("person", "persons", "human", "someone", "figure"))
    return near and (not is_english(word) or word == "parson")


def _is_object(said: Sequence[str], i: int) -> bool:
    """Whether somebody is acted on or beside: "pushes the man", "walks up to a woman"; not "then the man"."""
    follows = lx.verb_forms().get(said[i + 1]) if i + 1 < len(said) else None
    if follows is not None and follows.kind == "third":
        return False  # "before sitting, a person stretches"
    at = i - 1
    while at >= 0 and said[at] in _INSIDE_PHRASE:
        at -= 1
    opened = said[at + 1 : at + 2] == ["that"] and at + 2 < i  # "during that the person is pushed"
    if at < 0 or opened or said[at] in _SUBJECT_FOLLOWS or said[at - 1 : at + 1] == ["followed", "by"]:
        return False
    form = lx.verb_forms().get(said[at])
    if form is None or form.base == "be":
        return said[at] in _OBJECT_FOLLOWS
    describes = form.kind in ("gerund", "past") and (at == 0 or said[at - 1] in _INSIDE_PHRASE)
    return not describes and (form.base not in lx.NOUN_VERBS or said[at] in _OBJECT_FOLLOWS)


def _in_phrase(said: Sequence[str], i: int) -> bool:
    """ "the first step", "for a second", "1 second"; not "first walks", "the right foot first"."""
    before, after = said[i - 1] if i else "", said[i + 1] if i + 1 < len(said) else ""
    opens = before in _INSIDE_PHRASE or before.isdecimal() or (before in lx.PREPOSITIONS and before != "at")
    return opens and (before in ("a", "one", "1") or after not in lx.PERSONS)


def _verb_follows(said: Sequence[str], i: int) -> bool:
    """ "starts to walk", "keeps on slowly walking": what goes on is the verb behind."""
    at = i + 1
    while at < len(said) and (said[at] in ("to", "on", "by", "off", "up", "with", "out") or said[at].endswith("ly")):
        at += 1
    form = lx.verb_forms().get(said[at]) if at < len(said) else None
    return form is not None and (form.kind == "gerund" or (form.kind == "base" and said[at - 1] == "to"))


def _lost(
    rest: Counter[str], spare: Counter[str], caption_words: Sequence[str], event_words: Sequence[str]
) -> list[str]:
    """The words that are in no event, each as often as it is missing; what is found is taken out of ``spare``."""
    lost = []
    others = frozenset(event_words)
    elsewhere: dict[str, bool] = {}  # a word that is lost a thousand times is looked for once
    for word in sorted(rest.elements(), key=_NAMED.__eq__):  # what "it" can have stood for is what is left over
        match = next((other for other in spare if spare[other] and bases(word) & bases(other)), None)
        match = match or next((other for other in spare if spare[other] and _mended(word, other)), None)
        if match is not None:
            spare[match] -= 1
        elif word == _NAMED and _named(spare, caption_words):
            continue
        else:
            if word not in elsewhere:
                elsewhere[word] = _in_compound(word, caption_words, event_words) or any(
                    _mended(word, other) for other in others
                )
            if not elsewhere[word]:
                lost.append(word)
    return lost


def _named(spare: Counter[str], caption_words: Sequence[str]) -> bool:
    """Whether a word is repeated, in whatever form, that "it" can have stood for; it is taken out of ``spare``."""
    again = next(
        (word for word in spare if spare[word] and any(bases(word) & bases(said) for said in caption_words)), None
    )
    if again is not None:
        spare[again] -= 1
    return again is not None


def _invented(spare: Counter[str], caption_words: Sequence[str], event_words: Sequence[str]) -> list[str]:
    """Words of the events that the caption has in no form."""
    known = frozenset().union(*map(bases, caption_words))
    return [
        word
        for word, count in spare.items()
        if count
        and word != _NAMED
        and not bases(word) & known
        and not bases(word) & _LENT
        and word not in _ALIASES
        and not _in_compound(word, event_words, caption_words)
        and not any(_mended(other, word) for other in frozenset(caption_words))
    ]


def _in_compound(word: str, text_words: Sequence[str], other_words: Sequence[str]) -> bool:
    """Whether a word is there as a part of a compound: "side step" as "sidestep", or the other way round."""
    forms = bases(word)
    joined = (
        ("".join(other_words[i : i + n]), other_words[i : i + n])
        for n in (2, 3)
        for i in range(len(other_words) - n + 1)
    )
    if any(not forms.isdisjoint(bases(compound)) for compound, _ in joined):
        return True
    there = set(other_words)
    return any(
        word in text_words[i : i + n] and not there.isdisjoint(bases("".join(text_words[i : i + n])))
        for n in (2, 3)
        for i in range(len(text_words) - n + 1)
    )


def _mended(typed: str, meant: str) -> bool:
    """Whether a misspelling was put right: one slip, at the same first letter, in a word that is not English, or that
    is no word about motions while the other one is ("balk", "back").
    """
    if min(len(typed), len(meant)) < _SHORTEST or typed[0] != meant[0] or _is_known(typed):
        return False
    slip = corrected(typed, expected=True, hint="VERB")
    if slip is not None and slip.base in bases(meant):
        return True
    if is_english(typed) and not _is_known(meant):
        return False
    return any(one_slip_apart(typed, form) for form in bases(meant))


def _is_known(word: str) -> bool:
    """Whether captions have the word for a motion, a direction or a part of the body."""
    return word in lx.verb_forms() or word in lx.ADVERBS or word in lx.PREPOSITIONS or word in lx.BODY_PARTS
