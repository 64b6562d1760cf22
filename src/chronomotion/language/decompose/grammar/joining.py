"""Which neighbouring clauses are one event: states, manners and participles that go on at the same time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chronomotion.language import lexicon as lx
from chronomotion.language.decompose.grammar.clause import Clause, Link
from chronomotion.language.decompose.grammar.words import Word
from chronomotion.language.verbs import gerund_of, third_of

__all__ = ["joined"]

_OF_ITS_OWN = frozenset({Link.THEN, Link.BEFORE, Link.AFTER, Link.SENTENCE, Link.WHEN})
_ARRIVALS = frozenset("get come be have finish complete do end".split())
_BEGINNINGS = frozenset("start begin stop continue proceed".split())
_ENDINGS = frozenset("stop return end land pause halt collapse exit leave finish".split())
_AT_ONCE = frozenset(
    "turn spin pivot sit stand jump bend pick drop throw kick catch stop land pause rotate stumble fall step".split()
)
"""Verbs of what is done in a moment: a participle of going somewhere behind one comes after it."""
_OFTEN = frozenset("repeatedly continuously continually alternately alternatingly constantly".split())
_HOW = (
    lx.MANNER
    | (lx.STATIVE - {"stand", "lie", "wait"})
    | frozenset(
        "grin cry carry face look use wear limp lean drag grip grasp clutch support pretend seem appear keep sob "
        "whistle hum hunch bleed tremble shiver shake".split()
    )
)
"""What a participle ahead of the subject says of all of the event, not of one that came before."""
_PRONOUNS = frozenset({"he", "she", "it", "they"})
_LOOKS = frozenset({"appear", "seem", "look"})
_RELEASES = frozenset("lower drop release let put throw place return lay set toss pass give".split())
"""Verbs that end the holding of what they are done to."""
_SWINGS = frozenset("swing flap wave pump wiggle shake sway bob roll nod flail waggle circle".split())
"""What is done to a limb over and over while one goes somewhere."""
_NEARBY = 4
"""Events back that "after the spin" may mean."""
_RESTING = frozenset("sit kneel crouch squat lean hang".split())
_DOWN_OR_UP = frozenset({"down", "up", "back", "forward", "over"})


def joined(clauses: Sequence[Clause], note: Callable[[str], None]) -> list[Clause]:
    """The clauses with those that tell one event put together; ``note`` gets a line for every decision."""
    events: list[Clause] = []
    clauses = _absorbed(clauses, note)
    for i, clause in enumerate(clauses):
        after = clauses[i + 1] if i + 1 < len(clauses) else None
        reason = _same_event(events[-1], clause, after) if events else ""
        if reason:
            note(f"kept together: {clause.text!r} with {events[-1].text!r} ({reason})")
            _append(events[-1], clause)
        else:
            events.append(clause)
    return events


def _absorbed(clauses: Sequence[Clause], note: Callable[[str], None]) -> list[Clause]:
    """ "when he gets to the end, he turns": arriving is no event of its own, it says when."""
    kept: list[Clause] = []
    for clause, main in zip(clauses, [*clauses[1:], None], strict=True):
        made = clause.verb == "make" and any(word.base == "be" for word in clause.words)  # "once a circle is made"
        arrives = made or (clause.verb in _ARRIVALS and not (clause.verb == "get" and _tail_is_passive(clause)))
        if clause.link is Link.WHEN and arrives and main is not None and main.head is not None:
            main.words += [Word(clause.sign, "sub"), *clause.words]
            main.link = Link.WHEN
            note(f"kept together: {clause.text!r} says when {main.text!r} happens")
        elif main is not None and not kept and _is_manner_in_front(clause, main):
            main.words += [Word(",", "comma"), *clause.words]
            main.link = Link.START
            note(f"kept together: {clause.text!r} says how {main.text!r} happens")
        elif kept and _names_again(kept, clause):
            kept[-1].words += [Word(clause.sign, "sub"), *clause.words]
            note(f"kept together: {clause.text!r} names what was told already")
        else:
            kept.append(clause)
    return kept


def _is_manner_in_front(clause: Clause, main: Clause) -> bool:
    """ "limping, he crosses the room": how it is done, not "walking forward, he turns"."""
    if clause.link is not Link.START or clause.head is None or clause.is_doing:
        return False
    startled = len(clause.words) == 1 and clause.words[0].tag == "past"
    if not startled and not clause.is_participle:
        return False
    if (
        any(word.tag in {"person", "and"} for word in clause.words)
        or main.head is None
        or main.link not in {Link.COMMA, Link.MAIN, Link.FUSED}
    ):
        return False
    how = startled or clause.verb in _HOW or clause.has({"not", "no", "never"}) or _swings_along(clause, main)
    return how and any(word.tag == "person" for word in main.words[: main.head])


def _swings_along(clause: Clause, main: Clause) -> bool:
    """ "swinging her arms, the girl marches": a limb that goes on moving while one goes somewhere."""
    travels = main.verb in (lx.TRAVEL | lx.MANNER) - {"head", "back", "step", "jump"}
    often = not clause.has(lx.NUMBERS | {"then"})
    return travels and often and clause.verb in _SWINGS and any(word.text in lx.BODY_PARTS for word in clause.tail)


def _names_again(kept: Sequence[Clause], clause: Clause) -> bool:
    """ "spins, then stumbles after the spin": the act was told by a verb already."""
    if (
        not clause.noun_act
        or clause.head is not None
        or clause.first
        or clause.words[0].text not in {"the", "this", "that"}
    ):
        return False
    return any(earlier.verb == word.base for earlier in kept[-_NEARBY:] for word in clause.words if word.base)


def _tail_is_passive(clause: Clause) -> bool:
    """ "gets shoved"."""
    return any(word.tag == "past" for word in clause.tail[:2])


def _append(event: Clause, clause: Clause) -> None:
    """Put a clause behind an event, with the sign that stood between them."""
    event.joined = True
    if _explains(clause):
        event.words += [Word(",", "comma"), *_as_description(clause)]
        return
    if clause.link is Link.AND:
        event.words.append(Word(clause.sign if clause.sign in {"but", "or"} else "and", "and"))
        _agree(clause)
    elif event.words and clause.link in {Link.COMMA, Link.PARTICIPLE}:
        event.words.append(Word(",", "comma"))
    event.words.extend(clause.words)


def _as_description(clause: Clause) -> list[Word]:
    """ "he appears to be tired" as "appearing to be tired"; another subject ("his legs seem ...") is kept."""
    head = clause.head or 0
    early = clause.words[:head]
    if any(word.tag == "noun" for word in early):
        return clause.words
    verb = clause.words[head]
    return [
        *(word for word in early if word.tag == "adverb"),
        Word(gerund_of(verb.base), "gerund", verb.base),
        *clause.tail,
    ]


def _agree(clause: Clause) -> None:
    """The verb of a clause that is put behind "and", in the third person, as the event's will be."""
    if clause.head is None or clause.words[clause.head].tag not in {"gerund", "base"}:
        return
    start = clause.head
    while start > 0 and (clause.words[start - 1].base == "be" or clause.words[start - 1].tag == "adverb"):
        start -= 1
    adverbs = [word for word in clause.words[start : clause.head] if word.tag == "adverb"]
    verb = clause.words[clause.head]
    clause.words[start : clause.head + 1] = [*adverbs, Word(third_of(verb.base), "third", verb.base)]
    clause.head = start + len(adverbs)


def _same_event(event: Clause, clause: Clause, after: Clause | None) -> str:
    """Why the clause belongs to the event before it, "" if it is one of its own. ``after`` is the clause behind it."""
    if clause.head is None:
        return "" if clause.link in _OF_ITS_OWN or clause.noun_act or _names_an_act(clause) else "no verb of its own"
    if _explains(clause):
        return "explains what was told"
    if clause.verb == "do" and clause.link is not Link.THEN and _tail(clause)[:1] in (["this"], ["so"], ["that"]):
        return "says how it is done"
    if _says_how_it_starts(clause):
        return "says how it starts"
    if clause.link is Link.PARTICIPLE:
        return "" if _follows(event, clause) or _moves_on(clause, after) else "a participle that describes"
    if _describes_what_goes_on(event, clause, after):
        return "a participle that describes"
    if clause.link not in {Link.AND, Link.COMMA} or event.head is None or _starts_anew(clause):
        return ""
    if _is_state(event) and not event.joined and _can_go_on(event, clause, after):
        return f"{event.verb!r} is a state that goes on"
    return _at_the_same_time(event, clause) if clause.link is Link.AND else ""


def _explains(clause: Clause) -> bool:
    """ "... Appears to be vaulting over a box.", ", they seem tired": what it looked like, behind what was told."""
    if clause.link not in {Link.SENTENCE, Link.COMMA} or clause.is_participle or clause.verb not in _LOOKS:
        return False
    tail = [word for word in clause.tail if word.tag != "adverb" or not word.text.endswith("ly")]
    texts = [word.text for word in tail if word.text not in {"almost", "maybe", "perhaps", "just"}]
    if clause.link is Link.COMMA and texts[:1] == ["to"] and not clause.has(_PRONOUNS):
        return False  # "takes two steps, appears to be hit": one more event of a row
    if texts[:1] in (["like"], ["as"], ["that"]) or texts[:2] == ["to", "be"]:
        return not any(word.tag == "past" for word in tail[2:3])
    if clause.verb == "look":
        alone = len(texts) == 1 and tail[-1].tag in {"noun", "adjective"} and clause.link is Link.SENTENCE
        return alone and texts[0] not in lx.BODY_PARTS  # "She looks angry."
    return bool(texts) and texts[0] != "to"


def _describes_what_goes_on(event: Clause, clause: Clause, after: Clause | None) -> bool:
    """ "is standing still, appearing to wait": one participle behind a comma, no row of them and no change."""
    if clause.link is not Link.COMMA or not event.is_participle or not clause.is_participle or clause.is_doing:
        return False
    if (
        after is None
        and event.link is Link.START
        and not _starts_anew(clause)
        and clause.verb not in _CHANGES | _AT_ONCE | _ENDINGS
    ):
        return clause.verb not in lx.TRAVEL
    row = after is not None and after.is_participle and after.link in {Link.AND, Link.COMMA}
    moves_on = (
        not event.is_doing
        or clause.verb in _AT_ONCE
        or clause.verb in lx.TRAVEL
        or _follows(event, clause)
        or _starts_anew(clause)
    )
    acts = any(word.tag == "noun" and word.base in _AT_ONCE | {"sidestep", "bow", "hop"} for word in clause.tail)
    beside = clause.verb in lx.LIGHT | {"appear", "seem", "look", "use", "hold"} and not acts
    return not row and not moves_on and (_is_state(event) or beside)


def _says_how_it_starts(clause: Clause) -> bool:
    """ "takes four steps, starting with the left foot"; not "starting with a jump"."""
    if not clause.is_participle or clause.verb not in {"start", "begin", "lead"} or clause.link in _OF_ITS_OWN:
        return False
    tail = _tail(clause)
    return tail[:1] in (["with"], ["on"], ["from"], ["off"], ["at"]) and not clause.has({"jump", "hop", "bow"})


def _starts_anew(clause: Clause) -> bool:
    """ "starts to ...", "stands up": a change, not what goes on."""
    return clause.verb in _BEGINNINGS or (clause.verb in {"stand", "get", "sit"} and clause.has({"up", "down", "back"}))


def _at_the_same_time(event: Clause, clause: Clause) -> str:
    """Why what stands behind "and" goes on at the same time, "" if it does not."""
    if _repeated(event, clause):
        return "what is repeated is one event"
    if clause.is_doing and _is_state(clause):
        return f"{clause.verb!r} is a state at the same time"
    if event.verb in lx.TRAVEL and clause.verb in lx.MANNER and not clause.has(lx.DIRECTIONS | lx.NUMBERS):
        return f"{clause.verb!r} says how"
    if event.verb in lx.TRAVEL and not event.tail and clause.has({"like"}) and not clause.has(lx.NUMBERS):
        return "told together, like what"
    if event.verb in lx.TRAVEL and clause.verb in {"swing", "flap"} and clause.has({"arms", "arm", "hands"}):
        return "arms that swing along"
    if _goes_on_beside(event, clause):
        return "both go on at the same time"
    if event.is_doing and clause.is_participle and event.verb == clause.verb != "walk":
        return "the same verb goes on"
    return ""


def _goes_on_beside(event: Clause, clause: Clause) -> bool:
    """ "is walking around and greeting people": two that go on under one "is", neither of them a change or counted."""
    if not (event.is_doing and clause.is_participle) or clause.is_doing or event.joined or event.verb not in _GOING_ON:
        return False
    changes = (
        clause.verb in _AT_ONCE | _ENDINGS | _BEGINNINGS | lx.TRAVEL or _starts_anew(clause) or clause.verb in _CHANGES
    )
    act = any(word.tag == "noun" and word.base in _AT_ONCE for word in clause.tail)
    counted = (
        event.has(lx.NUMBERS)
        or clause.has(lx.NUMBERS | {"it", "them"})
        or any(w.text.isdigit() for w in (*event.words, *clause.words))
    )
    return not changes and not act and not counted


_CHANGES = frozenset("put raise lift lower place grab pick get pause set open close push pull".split())
_GOING_ON = (
    lx.TRAVEL | lx.MANNER | frozenset("talk speak sing pace wander play exercise sway rock work fight".split())
) - {"step", "jump", "hop", "back", "head"}
"""Verbs of what goes on for a while."""


def _repeated(event: Clause, clause: Clause) -> bool:
    """ "repeatedly raises and drops the arms": two verbs that share their object and are done over and over."""
    bare = event.head is not None and not [word for word in event.tail if word.text not in _DOWN_OR_UP]
    often = (
        event.has(_OFTEN)
        or clause.has(_OFTEN)
        or (clause.has({"times"}) and clause.has({"several", "multiple", "many", "few"}))
    )
    return bare and often and event.verb in lx.TRANSITIVE and clause.verb in lx.TRANSITIVE


def _names_an_act(clause: Clause) -> bool:
    """A noun, or a count, that tells a further act: "two steps back"."""
    return clause.words[0].tag == "number" or any(w.tag == "noun" and w.base in lx.NOUN_VERBS for w in clause.words)


def _tail(clause: Clause) -> list[str]:
    return [word.text for word in clause.tail]


def _is_state(event: Clause) -> bool:
    """Standing, holding, being: not "stands up", "sits down"."""
    if event.verb in _RESTING:
        leans = event.verb == "lean" and _tail(event)[:1] in (["on"], ["against"], ["onto"])
        return (leans or (event.is_participle and event.verb != "lean")) and not event.has(_DOWN_OR_UP)
    if event.verb == "balance":
        return False
    return event.verb in lx.STATIVE and not set(_tail(event)[:2]) & {"up", "upright", "back", "down"}


def _can_go_on(event: Clause, clause: Clause, after: Clause | None) -> bool:
    """Whether the state of the event goes on beside the clause."""
    if clause.link is Link.COMMA or event.link in {Link.BEFORE, Link.AFTER} or _lets_go(event, clause):
        return False
    if event.verb == "stand" and (_travels(clause) or clause.verb in {"sit", "kneel", "turn", "bend", "squat"}):
        return clause.verb in {"jump", "bend"} and not clause.has(lx.DIRECTIONS - {"up", "down"})
    if event.verb in {"wait", "stay", "remain"} and _travels(clause):
        return False
    return not (event.verb == "hold" and after is not None and after.link is Link.COMMA)


def _lets_go(event: Clause, clause: Clause) -> bool:
    """ "held it and lowered it", "is crouching and is now rising": the state is over when what follows is done."""
    if event.verb in _RESTING and (clause.verb == "rise" or clause.has({"now"})):
        return True
    held = [word.text for word in event.tail if word.text in {"it", "them"}]
    return bool(held) and event.verb in {"hold", "keep"} and clause.verb in _RELEASES and not event.is_participle


def _travels(clause: Clause) -> bool:
    """Goes somewhere: "moves forward", not "moves the left hand"."""
    moved = bool(clause.tail) and clause.tail[0].tag in {"possessive", "determiner", "noun"}
    return clause.verb in lx.TRAVEL and not (clause.verb in {"move", "step"} and moved)


def _follows(event: Clause, clause: Clause) -> bool:
    """A participle that comes after its main verb: "walks in a circle, stopping there", "turns, walking back"."""
    tail = set(_tail(clause))
    if clause.verb in _ENDINGS:
        return clause.verb not in {"finish", "end"} or _ends_with_act(clause)
    if "at" in tail and clause.has({"end", "finally", "eventually"}):
        return True
    if _travels(clause) and event.verb in _AT_ONCE and event.verb != clause.verb:
        return bool(tail & (lx.DIRECTIONS | {"to", "towards", "toward"}))
    return clause.verb in {"turn", "spin"} and event.verb in lx.TRAVEL and bool(tail & {"around", "back", "180"})


def _ends_with_act(clause: Clause) -> bool:
    """ "ending with a jump" is an event, "finishing in the centre" a place."""
    if not clause.tail or clause.tail[0].text not in {"with", "by", "up"}:
        return False
    acts = (w for w in clause.tail[1:] if w.tag == "noun" and w.base in lx.NOUN_VERBS and w.text not in lx.BODY_PARTS)
    return any(word.tag == "gerund" for word in clause.tail[1:]) or any(acts)


def _moves_on(clause: Clause, after: Clause | None) -> bool:
    """Of two participles in a row the second one moves on: "jumps, turning around and walking back"."""
    if after is None or clause.verb not in _AT_ONCE or not after.is_participle:
        return False
    return after.link in {Link.AND, Link.COMMA, Link.PARTICIPLE} and _follows(clause, after)
