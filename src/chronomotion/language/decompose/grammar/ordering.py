"""From the order in which clauses are told to the order in which they happen, and what they leave unsaid."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chronomotion.language import lexicon as lx
from chronomotion.language.decompose.grammar.clause import Clause, Link
from chronomotion.language.decompose.grammar.phrases import phrase_at
from chronomotion.language.decompose.grammar.words import Word

__all__ = ["filled", "in_time", "with_extents"]

Note = Callable[[str], None]

_WALKS = frozenset({"walk", "run", "jog", "move", "step"})
_PATHS = frozenset({"circle", "curve", "step", "loop", "lap", "bend"})
_PARTICLES = frozenset({"up", "down", "around", "again", "over"})
_LIMB_WORDS = frozenset({"left", "right", "other", "the", "one"})


def with_extents(clauses: Sequence[Clause], note: Note) -> list[Clause]:
    """ "stops after a few steps": the steps measure the event before, and are told with it ("for a few steps")."""
    for before, clause in zip([None, *clauses], clauses, strict=False):
        phrase = [word for word in clause.words if word.tag == "extent"]
        if not phrase:
            continue
        at = clause.words.index(phrase[0])
        ends = at > 0 and at + len(phrase) == len(clause.words)
        if ends and clause.words[at - 1].tag in {"and", "comma"}:
            measured = clause  # "walks, and after two steps | he turns"
            _take_out(clause, at - 1, len(phrase) + 1)
        elif before is not None:
            measured = before
            _take_out(clause, at, len(phrase))
        elif clause.head is not None and at < clause.head:
            _take_out(clause, at, len(phrase))  # "after a few steps a person turns": nothing before it
            clause.words += phrase
            continue
        else:
            continue
        measured.words += [Word("for", "preposition"), *(Word(word.text) for word in phrase[1:])]
        note(f"moved: {' '.join(word.text for word in phrase)!r} measures {measured.text!r}")
    return [clause for clause in clauses if clause.words]  # nothing may be left: "walks, then after turning steps"


def _take_out(clause: Clause, at: int, count: int) -> None:
    del clause.words[at : at + count]
    while at == 0 and clause.words and clause.words[0].tag == "comma":
        del clause.words[0]
        count += 1
    if clause.head is not None and at < clause.head:
        clause.head -= count


def in_time(clauses: Sequence[Clause], note: Note) -> list[Clause]:
    """The order in which the clauses happen.

    "A after B" tells B second though it happened first; so do "before A, B and C" (A goes behind the row) and "A,
    having B". "after B, A", "A before B" and "when B, A" are in order as they stand.
    """
    order: list[Clause] = []
    waiting: Clause | None = None
    for clause in clauses:
        if waiting is not None and _ends_row(waiting, clause):
            if order and order[-1] is not waiting:
                note(f"moved: {waiting.text!r} happened after {order[-1].text!r} ('before')")
            order.append(waiting)  # "... Before sitting down.", a fragment, belongs behind what was told before as well
            waiting = None
        if clause.link is Link.AFTER and not clause.first and order:
            at = _row_start(order, clause)
            order.insert(at, clause)
            note(f"moved: {clause.text!r} happened before {order[at + 1].text!r} ({clause.sign!r})")
        elif clause.link is Link.BEFORE and clause.first:
            waiting = clause
        else:
            order.append(clause)
    if waiting is not None:
        note(f"moved: {waiting.text!r} happened last ('before')")
        order.append(waiting)
    return order


def _ends_row(waiting: Clause, clause: Clause) -> bool:
    """Whether the row of clauses that happened before ``waiting`` ends ahead of ``clause``."""
    if clause.link in {Link.SENTENCE, Link.WHEN}:
        return True
    if clause.link in {Link.BEFORE, Link.AFTER}:
        return clause.first or clause.link is Link.BEFORE
    return waiting.inserted and clause.link is Link.THEN


def _row_start(order: Sequence[Clause], clause: Clause) -> int:
    """Where what happened first goes: before the last clause, or before a row of bare verbs ("runs and jumps")."""
    at = len(order) - 1
    if clause.sign in {"beforehand", "had", "when"} or _is_passive(clause):
        return at
    if order[at].link is not Link.AND:
        return at
    while at > 0 and order[at].link in {Link.AND, Link.COMMA} and _is_bare(order[at]) and _is_bare(order[at - 1]):
        at -= 1
    return at


def _is_bare(clause: Clause) -> bool:
    return clause.head is not None and all(word.text in _PARTICLES for word in clause.tail)


def _is_passive(clause: Clause) -> bool:
    """ "after being pushed": what it makes one do is told right before it, and nothing else."""
    return any(word.text in {"being", "beeing", "been", "getting"} for word in clause.words)


def filled(clauses: Sequence[Clause], note: Note) -> list[Clause]:
    """Unsaid verbs and objects put in: "walks forward, then back", "lifts and lowers the arms"."""
    events = list(clauses)
    for i, clause in enumerate(events):
        if clause.head is None:
            source = next((earlier for earlier in reversed(events[:i]) if earlier.head is not None), None)
            if source is not None:
                _lend_verb(source, clause)
                note(f"unsaid verb repeated: {clause.text!r}")
        elif i + 1 < len(events) and _wants_object(clause) and events[i + 1].link is Link.AND:
            shared = _object(events[i + 1])
            if shared:
                clause.words = [*clause.words, *shared]
                note(f"shared object: {clause.text!r}")
    return events


def _lend_verb(source: Clause, clause: Clause) -> None:
    """Put the verb of ``source`` in front of a clause that has none, or "does" where it names an act of its own."""
    if _other_limb(source, clause):
        return
    place = clause.words[0].tag in {"preposition", "to", "adverb"}
    like_what = (
        clause.words[0].tag == "adverb" and len(clause.words) > 1 and clause.words[1].tag == "noun"
    )  # "high kick"
    if (not place or like_what) and _names_another_act(source, clause):
        verb, at = [Word("does", "third", "do")], 0
    else:
        verb, at = _verb_of(source, with_object=place and not like_what)
    if clause.words[0].tag == "number" and not any(word.tag == "noun" and word.base for word in clause.words[:3]):
        acts = [word for word in source.words if word.tag == "noun" and word.base in lx.NOUN_VERBS]
        clause.words[1:1] = acts[:1]
    clause.words = [*verb, *clause.words]
    clause.head = at


def _names_another_act(source: Clause, clause: Clause) -> bool:
    """ "walks, then a jump": not what the verb of ``source`` goes with ("walks a circle, then a quarter circle")."""
    acts = (w for w in clause.words if w.tag == "noun" and w.base in lx.NOUN_VERBS and w.text not in lx.BODY_PARTS)
    act = next(acts, None)
    if act is None or source.verb in lx.LIGHT | {"throw", "use"}:
        return False
    return not (source.verb in _WALKS and act.base in _PATHS)


def _verb_of(source: Clause, *, with_object: bool) -> tuple[list[Word], int]:
    """The verb of a clause with its auxiliary and what it takes with it ("starts to walk"), and the head's index."""
    head = source.head or 0
    start = head
    while start > 0 and (source.words[start - 1].tag == "auxiliary" or source.words[start - 1].base in lx.BE):
        start -= 1
    end = head + 1
    if source.verb in lx.ASPECT and end < len(source.words) and _opens_verb(source.words[end]):
        while end < len(source.words) and not source.words[end].is_verb:
            end += 1
        end += 1
    return [*source.words[start:end], *(_object_of_elision(source, end) if with_object else [])], head - start


def _opens_verb(word: Word) -> bool:
    return word.text == "to" or word.tag == "gerund"


def _other_limb(source: Clause, clause: Clause) -> bool:
    """ "hops on his right foot, then his left": all of the event is said again with the other limb."""
    named = clause.words[-1].text in lx.BODY_PARTS
    limb = clause.words[: len(clause.words) - named]
    if not limb or not all(word.text in _LIMB_WORDS or word.tag == "possessive" for word in limb):
        return False
    behind = range((source.head or 0) + 1, len(source.words))
    at = max((i for i in behind if source.words[i].text in {"with", "on", "onto", "using", "to"}), default=-1)
    if at < 0 or clause.words[0].tag not in {"possessive", "determiner"}:
        return False
    if named and clause.words[-1].text not in [word.text for word in source.words[at + 1 :]]:
        return False  # "puts the hand on the floor, then the knee"
    clause.words = [*source.words[: at + 1], *clause.words]
    clause.head = source.head
    return True


def _object_of_elision(source: Clause, end: int) -> list[Word]:
    """The object that an unsaid verb keeps: "shifts weight backwards, then forwards"."""
    phrase: list[Word] = []
    for word in source.words[end:]:
        if word.tag in {"determiner", "possessive", "number", "adjective", "noun"} or word.text in {
            "it",
            "them",
            "something",
            "left",
            "right",
        }:
            if word.text in {"left", "right"} and not _noun_follows(source.words, word):
                break
            phrase.append(word)
        else:
            break
    while phrase and phrase[-1].text in {"first", "second"}:
        phrase.pop()
    nouns = [
        word for word in phrase if word.tag in {"noun", "pronoun", "person"} or word.text in {"it", "them", "something"}
    ]
    return phrase if nouns else []


def _noun_follows(words: Sequence[Word], word: Word) -> bool:
    at = next(i for i, other in enumerate(words) if other is word)
    return at + 1 < len(words) and words[at + 1].tag == "noun"


def _wants_object(clause: Clause) -> bool:
    """A bare transitive verb at the end of its clause: "lifts", "picks up"."""
    head = clause.head
    if head is None or clause.verb not in lx.TRANSITIVE or clause.words[head].tag == "past":
        return False
    rest = clause.words[head + 1 :]
    return (not rest or (clause.verb == "pick" and [word.text for word in rest] == ["up"])) and clause.verb not in {
        "swing",
        "rotate",
        "bend",
        "stretch",
        "drop",
        "move",
        "pass",
        "extend",
        "shake",
    }


def _object(clause: Clause) -> list[Word]:
    """The noun phrase right behind the verb and its particle."""
    at = (clause.head or 0) + 1
    while at < len(clause.words) and clause.words[at].text in {"up", "down", "off", "out"}:
        at += 1
    phrase = phrase_at(clause.words, at)
    if not phrase and at < len(clause.words) and clause.words[at].text in {"it", "them"}:
        phrase = [clause.words[at]]
    return phrase if any(word.tag in {"noun", "pronoun", "person"} for word in phrase) else []
