"""Which verbs are heads of clauses, and which are inside of something else."""

from __future__ import annotations

from chronomotion.language import lexicon as lx
from chronomotion.language.decompose.grammar.clause import Clause, Link
from chronomotion.language.decompose.grammar.cutting import THEN_WORDS, Cutting, Inside
from chronomotion.language.decompose.grammar.verbal import FUSED_VERBS, PHRASE_ENDS, after_goes_on, is_measured
from chronomotion.language.decompose.grammar.words import Word
from chronomotion.language.verbs import past_forms

__all__ = ["read_auxiliary", "read_verb"]

_GOVERNORS = frozenset(
    "by for without of in from at like about with into on through over around between against toward towards to upon "
    "off onto than".split()
)
"""Prepositions whose participle is inside of the event: "by swinging the arms"."""
_BEING = frozenset({"being", "been", "beeing"})


def read_auxiliary(cutting: Cutting, i: int) -> int:
    """ "is walking", "gets pushed", "does squats": the auxiliary and its verb are one head."""
    word = cutting.at(i)
    j = _helped_verb(cutting, i)
    if word.text == "be" and cutting.at(i - 1).tag in {"to", "adverb"} and cutting.clause.head is not None:
        _infinitive(cutting, i)
        return 1
    kind = "gerund" if word.text in {"being", "beeing", "having"} else "third"
    if word.text in {"do", "have"} and cutting.near(i).tag == "to":
        kind = "base"  # "bends down to do a push-up"
    if not _is_helper(word, cutting.at(j)):
        word.tag = kind
        return read_verb(cutting, i)
    last = j
    if cutting.at(j).text in _BEING and cutting.at(cutting.skip_adverbs(j + 1)).is_verb:
        last = cutting.skip_adverbs(j + 1)  # "is being pushed"
    for k in range(i + 1, j):
        cutting.words[k].tag = "adverb"  # "is slowly and carefully walking"
    _place(cutting, i, Word(word.text, kind, word.base))
    is_head = cutting.clause.head == len(cutting.clause.words) - 1
    if (
        word.text == "had"
        and cutting.clauses
        and cutting.clause.link is Link.SENTENCE
        and cutting.at(last).tag == "past"
    ):
        cutting.clause.link, cutting.clause.sign = Link.AFTER, "had"
    for k in range(i + 1, last + 1):
        if cutting.at(k).text in THEN_WORDS:
            _comes_next(cutting.clause, cutting.at(k).text)
        else:
            cutting.take(k, head=is_head and k == last)
    return last - i + 1


def _helped_verb(cutting: Cutting, i: int) -> int:
    """Where the verb stands that an auxiliary at ``i`` may help: "is slowly walking", "is then walking"."""
    j = cutting.skip_adverbs(i + 1)
    if cutting.at(j).text not in THEN_WORDS or (cutting.clause.head is not None and cutting.joint(i) is None):
        return j
    behind = cutting.skip_adverbs(j + 1)
    return behind if _is_helper(cutting.at(i), cutting.at(behind)) else j


def _comes_next(clause: Clause, sign: str) -> None:
    """ "and is then pulling": the word behind the auxiliary says how the clause hangs on the one before."""
    if clause.link in {Link.AND, Link.COMMA}:
        clause.link, clause.sign = Link.THEN, sign


def _is_helper(word: Word, verb: Word) -> bool:
    """Whether an auxiliary helps the verb behind it: "has" does in "has walked", not in "has his arms raised"."""
    if verb.text in _BEING:
        return word.base in {"be", "have"}
    if word.base == "be":
        return verb.is_verb
    if word.base == "do" and verb.tag == "third":
        return True  # "does tidies up", a slip
    if word.base in {"have", "do"}:
        return verb.tag in {"past", "base"}
    return verb.tag == "base"


def read_verb(cutting: Cutting, i: int) -> int:
    """A verb, put where it belongs."""
    _place(cutting, i, cutting.at(i))
    return 1


def _place(cutting: Cutting, i: int, word: Word) -> None:
    """As the head of this clause or of a new one, or inside of something. ``word`` is the form of the verb."""
    near, clause = cutting.near(i), cutting.clause
    if near.text in {"or", "nor"} and clause.head is not None:
        cutting.take(i)
    elif cutting.inside is Inside.OPENED:
        _inside_what_opened(cutting, i, word)
    elif near.tag == "to" and word.tag == "base":
        _infinitive(cutting, i)
    elif word.tag == "gerund" and near.text in _GOVERNORS and not cutting.is_empty:
        cutting.inside = Inside.GERUND
        cutting.take(i)
    elif (
        cutting.is_elliptic and not cutting.opens_with_place and (cutting.joint(i) is not None or word.tag == "gerund")
    ):
        _after_ellipsis(cutting, i, word)
    elif clause.head is None and not clause.noun_act:
        _first_head(cutting, i, word, near)
    else:
        _further(cutting, i, word)


def _inside_what_opened(cutting: Cutting, i: int, word: Word) -> None:
    """The verb of a "while ..." or "who ..."; "someone who throwing" has lost its finite verb, so that this is it."""
    if word.tag == "gerund" and cutting.at(i - 1).tag == "relative" and cutting.clause.head is None:
        _first_head(cutting, i, word, cutting.near(i))
        return
    cutting.inside = Inside.GERUND if word.tag == "gerund" else Inside.FINITE
    cutting.take(i)


def _infinitive(cutting: Cutting, i: int) -> None:
    """ "starts to walk" goes on with the head; "bends down to pick up" says what for."""
    clause = cutting.clause
    if clause.head is None and cutting.inside is Inside.NOTHING and not cutting.is_elliptic:
        cutting.take(i, head=True)
        cutting.level = cutting.level or "base"
        return
    head = clause.head or 0
    close = clause.verb in lx.ASPECT and len(clause.words) <= head + 4
    cutting.inside = Inside.ASPECT if close else Inside.INFINITIVE
    cutting.take(i)


def _after_ellipsis(cutting: Cutting, i: int, word: Word) -> None:
    """A verb behind "(then) to the left": a clause of its own behind a comma or "and", else a description."""
    link = cutting.joint(i)
    if link is None:
        cutting.inside = Inside.ADJUNCT
        cutting.take(i)
    else:
        cutting.begin_at_head(i, link, cutting.near(i).text, cutting.level if word.tag == "gerund" else "third")


def _first_head(cutting: Cutting, i: int, word: Word, near: Word) -> None:
    clause = cutting.clause
    limb_described = word.tag == "past" and bool(cutting.clauses) and cutting.at(i - 1).text in lx.BODY_PARTS
    inside = cutting.inside in {Inside.WITH, Inside.GERUND, Inside.FINITE}
    if limb_described or (inside and word.tag in {"gerund", "past"} and (cutting.lead_in or near.tag != "person")):
        cutting.take(i)
        return
    cutting.take(i, head=True)
    cutting.inside = Inside.NOTHING
    if clause.link not in {Link.BEFORE, Link.AFTER} or not cutting.level or word.tag == "gerund":
        cutting.level = word.tag


def _further(cutting: Cutting, i: int, word: Word) -> None:
    """A verb in a clause that has its head already."""
    link, sign = cutting.joint(i), cutting.near(i).text
    if word.tag == "base" and word.text in past_forms(word.base) and _is_passive(cutting.clause):
        word.tag = "past"  # "is lifted up and put down"
    if word.tag == "third":
        _further_third(cutting, i, word, link)
    elif word.tag == "gerund":
        _further_gerund(cutting, i, link)
    elif word.tag == "base" and cutting.near(i).tag == "extent":
        cutting.begin_at_head(i, Link.FUSED, sign, "third")  # "and after a few steps turn around"
    elif word.tag == "base" and link is None and _is_fused(cutting, i):
        cutting.begin_at_head(i, Link.FUSED, word.text, "third")
    elif word.tag == "base" and link is not None and cutting.inside not in {Inside.INFINITIVE, Inside.FINITE}:
        cutting.begin_at_head(i, link, sign, "third" if cutting.level == "gerund" else cutting.level)
    elif word.tag == "past" and link is not None and _is_done_to(cutting, word):
        cutting.begin_at_head(i, link, sign, cutting.level)
        cutting.clause.words.insert(-1, Word("is", "auxiliary", "be"))
        cutting.clause.head = len(cutting.clause.words) - 1
    elif word.tag == "past" and _past_is_head(cutting, i, link):
        cutting.begin_at_head(i, link or Link.FUSED, sign, cutting.level)
    else:
        cutting.take(i)


def _is_fused(cutting: Cutting, i: int) -> bool:
    """ "turns around walk to the left": a bare verb behind the end of a phrase, with a direction of its own."""
    if cutting.inside is not Inside.NOTHING or cutting.at(i).text not in FUSED_VERBS:
        return False
    ends = cutting.at(i - 1).text in PHRASE_ENDS or is_measured(cutting.words, i)
    return ends and after_goes_on(cutting.words, i)


def _is_done_to(cutting: Cutting, word: Word) -> bool:
    """ "is lifted up, spun around and put down": a row of passives."""
    return _is_passive(cutting.clause) and word.base in _DONE_TO and not _is_simple_past(word)


def _is_passive(clause: Clause) -> bool:
    head = clause.head or 0
    return head > 0 and clause.words[head].tag == "past" and clause.words[head - 1].base == "be"


_KEEPS = frozenset("stop start begin continue keep finish resume".split())
_DONE_TO = frozenset(
    "lift spin put carry push shove pull help lead kick hit throw drag hold drop turn lower raise swing toss".split()
)


def _is_simple_past(word: Word) -> bool:
    """ "fell", "ran": a past form that is no participle."""
    forms = past_forms(word.base)
    return len(forms) > 1 and word.text == forms[0]


def _past_is_head(cutting: Cutting, i: int, link: Link | None) -> bool:
    """A past form that tells, not a participle that describes ("arms raised"): it has an object, or all are past."""
    after = cutting.at(i + 1)
    takes = after.tag in {"determiner", "possessive"} or after.text in {"something", "it", "them"}
    if cutting.inside is Inside.WITH and not (takes and link is Link.AND):
        return False
    if (
        link is not None
        and cutting.inside is Inside.NOTHING
        and (_is_simple_past(cutting.at(i)) or cutting.clause.has({"did"}))
    ):
        return True
    if link is Link.AND and cutting.clause.is_doing and cutting.at(i - 1).tag == "and":
        return (
            takes or after.tag in {"preposition", "to"} or after.text in lx.DIRECTIONS
        )  # "is walking and turned left"
    return (takes and (link is Link.AND or cutting.level == "past")) or (cutting.level == "past" and link is not None)


def _further_third(cutting: Cutting, i: int, word: Word, link: Link | None) -> None:
    """A second finite verb cuts; but "a person standing with arms out brings ..." describes its subject first."""
    clause = cutting.clause
    head = clause.head or 0
    described = head > 0 and clause.words[head - 1].tag in {"person", "adverb", "relative"}
    posture = described and clause.verb in lx.POSTURE
    using = head == 0 and clause.verb == "use"  # "then, using both hands, lifts it"
    if (link is None and clause.is_participle and (posture or using)) or (
        using and link is Link.COMMA and clause.is_participle
    ):
        cutting.take(i, head=True)
        cutting.level, cutting.inside = "third", Inside.NOTHING
        return
    sign = cutting.near(i).text if link else word.text
    cutting.begin_at_head(i, link or (Link.MAIN if clause.first else Link.FUSED), sign, "third")


def _further_gerund(cutting: Cutting, i: int, link: Link | None) -> None:
    """A participle: one more head in a row of them, a description, or inside of what surrounds it."""
    clause, sign = cutting.clause, cutting.near(i).text
    if link is None:
        close = clause.verb in lx.ASPECT and len(clause.words) <= (clause.head or 0) + 2
        described = Inside.GERUND if cutting.inside is Inside.WITH else Inside.ADJUNCT
        cutting.inside = Inside.ASPECT if close and cutting.inside is not Inside.WITH else described
        cutting.take(i)
    elif cutting.inside is Inside.GERUND or (
        link is Link.AND and cutting.inside is Inside.ASPECT and clause.verb in _KEEPS
    ):
        cutting.take(i)  # "stops swaying and clapping"
    elif cutting.level == "gerund" or clause.is_doing:
        cutting.begin_at_head(i, link, sign, "gerund")
    elif link is Link.AND and cutting.inside is Inside.FINITE and cutting.goes_on_inside:
        cutting.take(i)  # "looks like it is lifting and raising something"
    elif link is Link.COMMA:
        cutting.begin_at_head(i, Link.PARTICIPLE, sign, cutting.level)
        cutting.inside = Inside.ADJUNCT
    elif cutting.inside is Inside.ADJUNCT:
        cutting.take(i)
    else:
        cutting.begin_at_head(i, link, sign, "third")
