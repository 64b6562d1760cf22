"""Which neighbouring clauses are one event: states, manners and participles that go on at the same time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chronomotion.language.decompose import lexicon as lx
from chronomotion.language.decompose.clauses import Clause, Link
from chronomotion.language.decompose.words import Word
from chronomotion.language.verbs import third_of

__all__ = ["joined"]

_ENDING = frozenset("stop return end land pause halt collapse exit leave finish".split())
_TRAVEL = frozenset("walk run jog go move head continue proceed crawl hop skip march stride sprint step back jump".split())
_AT_ONCE = frozenset("turn spin pivot sit stand jump bend pick drop throw kick catch stop land pause rotate stumble fall step".split())
_FORCE = frozenset("get push shove hit knock".split())


def joined(clauses: Sequence[Clause], note: Callable[[str], None]) -> list[Clause]:
    """The clauses with those that tell one event put together; ``note`` gets a line for every decision."""
    events: list[Clause] = []
    for i, clause in enumerate(clauses):
        reason = _same_event(events, clause, clauses, i) if events else ""
        if reason:
            note(f"kept together: {clause.text!r} with {events[-1].text!r} ({reason})")
            _append(events[-1], clause)
        else:
            events.append(clause)
    return events


def _append(event: Clause, clause: Clause) -> None:
    """Put a clause behind an event, with the sign that stood between them."""
    if clause.link is Link.AND:
        event.words.append(Word("and", "and"))
        _agree(clause)
    elif event.words and clause.link in {Link.COMMA, Link.PARTICIPLE}:
        event.words.append(Word(",", "comma"))
    event.words.extend(clause.words)


def _agree(clause: Clause) -> None:
    """The verb of a clause that is put behind "and", in the third person, as the event's will be."""
    if clause.head is None or clause.words[clause.head].tag not in {"gerund", "base"}:
        return
    start = clause.head
    while start > 0 and clause.words[start - 1].base == "be":
        start -= 1
    verb = clause.words[clause.head]
    clause.words[start : clause.head + 1] = [Word(third_of(verb.base), "third", verb.base)]
    clause.head = start


def _same_event(events: Sequence[Clause], clause: Clause, clauses: Sequence[Clause], i: int) -> str:
    """Why the clause belongs to the last event, "" if it is one of its own."""
    event = events[-1]
    if clause.head is None:
        return "" if clause.link in {Link.THEN, Link.BEFORE, Link.AFTER, Link.SENTENCE, Link.WHEN} or _counts(clause) else "no verb of its own"
    if clause.verb == "do" and _tail(clause)[:1] in (["this"], ["so"], ["that"]) and clause.link in {Link.COMMA, Link.AND, Link.SENTENCE, Link.FUSED}:
        return "says how it is done"
    if clause.link is Link.PARTICIPLE:
        return "" if _follows(event, clause) or _chain_moves_on(clauses, i) else "a participle that describes"
    if clause.link not in {Link.AND, Link.COMMA} or event.head is None:
        return ""
    if _starts_anew(clause):
        return ""
    if _state(event) and _can_go_on(event, clause, clauses, i):
        return f"{event.verb!r} is a state that goes on"
    if clause.link is Link.AND and _state(clause) and _is_doing(clause):
        return f"{clause.verb!r} is a state at the same time"
    if clause.link is Link.AND and clause.verb in lx.MANNER and event.verb in _TRAVEL and not _has(clause, lx.DIRECTIONS | lx.NUMBERS):
        return f"{clause.verb!r} says how"
    if clause.link is Link.AND and event.verb in _TRAVEL and clause.verb in {"swing", "flap"} and _has(clause, {"arms", "arm", "hands"}):
        return "arms that swing along"
    if event.verb == clause.verb and _progressive(event) and _progressive_pair(event, clause):
        return "the same verb goes on"
    return ""


def _counts(clause: Clause) -> bool:
    """A noun that tells a further act: "two steps back"."""
    return any(word.tag == "noun" and word.base in lx.NOUN_VERBS for word in clause.words)


def _starts_anew(clause: Clause) -> bool:
    return clause.verb in {"start", "begin", "stop", "continue", "proceed"}


def _has(clause: Clause, words: frozenset[str] | set[str]) -> bool:
    return any(word.text in words for word in clause.words)


def _tail(clause: Clause) -> list[str]:
    return [word.text for word in clause.words[(clause.head or 0) + 1 :]]


def _state(event: Clause) -> bool:
    """Standing, holding, being: not "stands up", "sits down"."""
    if event.verb in {"sit", "kneel", "crouch", "squat", "lean"}:
        return (_progressive(event) or event.verb == "lean") and not _has(event, {"down", "up", "back", "forward", "over"})
    if event.verb == "have" and len(event.words) > 2:
        return True
    if event.verb == "balance":
        return False
    return event.verb in lx.STATIVE and not set(_tail(event)[:2]) & {"up", "upright", "back", "down"}


def _can_go_on(event: Clause, clause: Clause, clauses: Sequence[Clause], i: int) -> bool:
    """Whether the state of the event goes on beside the clause."""
    if event.verb == "stand" and (_travels(clause) or clause.verb in {"sit", "kneel", "turn", "bend", "squat"}):
        return clause.verb == "jump" or (clause.verb == "bend" and clause.link is Link.AND)
    if event.verb in {"wait", "stay", "remain"} and _travels(clause):
        return False
    if clause.link is Link.COMMA or event.link in {Link.BEFORE, Link.AFTER}:
        return False
    follower = clauses[i + 1] if i + 1 < len(clauses) else None
    return not (follower is not None and follower.link is Link.COMMA and event.verb == "hold")


def _travels(clause: Clause) -> bool:
    """Goes somewhere: "moves forward", not "moves the left hand"."""
    after = clause.words[(clause.head or 0) + 1 :][:1]
    return clause.verb in _TRAVEL and not (clause.verb in {"move", "step"} and bool(after) and after[0].tag in {"possessive", "determiner", "noun"})


def _progressive(clause: Clause) -> bool:
    head = clause.head or 0
    return clause.head is not None and clause.words[head].tag == "gerund"


def _is_doing(clause: Clause) -> bool:
    """ "is holding"."""
    return _progressive(clause) and any(word.base == "be" for word in clause.words[: clause.head or 0])


def _progressive_pair(event: Clause, clause: Clause) -> bool:
    return _progressive(clause) and _is_doing(event) and event.verb != "walk"


def _follows(event: Clause, clause: Clause) -> bool:
    """A participle that comes after its main verb: "walks in a circle, stopping at the start", "turns, walking back"."""
    tail = _tail(clause)
    if clause.verb in _ENDING:
        return not (clause.verb in {"finish", "end"} and not _ends_with_act(clause))
    if _has(clause, {"at the end", "end", "finally", "eventually"}) and "at" in tail:
        return True
    if clause.verb in _TRAVEL and event.verb in _AT_ONCE and event.verb != clause.verb:
        return bool(set(tail) & (lx.DIRECTIONS | {"to", "towards", "toward"}))
    if clause.verb in {"turn", "spin"} and event.verb in _TRAVEL:
        return bool(set(tail) & {"around", "back", "180"})
    return False


def _ends_with_act(clause: Clause) -> bool:
    """"ending with a jump" is an event, "finishing in the centre" a place."""
    tail = _tail(clause)
    if tail[:1] not in (["with"], ["by"], ["up"]):
        return False
    rest = clause.words[(clause.head or 0) + 2 :]
    return any(word.tag == "gerund" or (word.tag == "noun" and word.base in lx.NOUN_VERBS and word.text not in lx.BODY_PARTS) for word in rest)


def _chain_moves_on(clauses: Sequence[Clause], i: int) -> bool:
    """Of two participles in a row the second one moves on: "jumps, turning around and walking back"."""
    if i + 1 >= len(clauses) or clauses[i].verb not in _AT_ONCE:
        return False
    after = clauses[i + 1]
    return after.link in {Link.AND, Link.COMMA, Link.PARTICIPLE} and _progressive(after) and _follows(clauses[i], after)
