"""Words that say how events follow one another: "then", "before", "after", "having", "when", "while", full stops.

Every function reads what begins at ``i`` and returns the number of words read, 0 if it is not for it.
"""

from __future__ import annotations

from collections.abc import Sequence

from chronomotion.language import lexicon as lx
from chronomotion.language.decompose.grammar.clause import Link
from chronomotion.language.decompose.grammar.cutting import THEN_WORDS, Cutting, Inside
from chronomotion.language.decompose.grammar.words import Word

__all__ = ["before_or_after", "beforehand", "loose_phrase", "stop", "then"]

_POINTS = frozenset("that this which it".split())
_TRACKS = frozenset("line circle curve path track trail arc route course rope".split())
_LONGEST_PARENTHESIS = 15
_CHASES = frozenset("look run go chase reach come walk sprint".split())
"""Verbs with which "after" is a particle: "looks after it"."""


def stop(cutting: Cutting, i: int) -> int:
    """A full stop. Semicolons and colons are read as commas: captions use them so."""
    word = cutting.at(i)
    if word.tag != "stop":
        return 0
    if word.text in ";:":
        word.tag = "comma"
        return 0
    cutting.begin(Link.SENTENCE, word.text)
    cutting.level = ""
    return 1


def then(cutting: Cutting, i: int) -> int:
    """ "then", "and then", "after that", "finally", "followed by": a cut, unless the subject of the clause has just
    been said ("the person then sits").
    """
    count = _then_length(cutting, i)
    if not count:
        return 0
    if _looks_on(cutting, i, count):
        return 0
    clause, sign = cutting.clause, " ".join(word.text for word in cutting.words[i : i + count])
    if _is_adverb_of_head(cutting, i):
        clause.link, clause.sign = Link.THEN, sign
        return count
    if clause.head is None and not clause.words:
        clause.link = Link.THEN if clause.link in {Link.AND, Link.COMMA} else clause.link
        clause.sign = clause.sign or sign
    elif (
        clause.head is None
        and not cutting.is_elliptic
        and cutting.inside is Inside.NOTHING
        and not _is_noun_act(cutting, i)
    ):
        if cutting.clauses:
            clause.link, clause.sign = Link.THEN, sign
    else:
        if clause.words and clause.words[-1].text in {"to", "just"}:
            clause.words.pop()
        cutting.begin(Link.THEN, sign)
        cutting.clause.noun_act = sign.endswith("by") and _other_limb(loose_phrase(cutting, i + count))
    return count


_ENDS_OR_ACTS = frozenset("person and comma stop end third past base auxiliary determiner".split())


def _is_noun_act(cutting: Cutting, i: int) -> bool:
    """ "waves their arms, then their legs | followed by", "a cartwheel | then": an act without a verb of its own."""
    if cutting.at(i).text == "followed":
        return not cutting.is_empty
    words = cutting.clause.words
    if cutting.clauses or any(word.tag == "person" or word.text in lx.BODY_PARTS for word in words):
        return False
    return any(word.tag == "noun" for word in words)


def _looks_on(cutting: Cutting, i: int, count: int) -> bool:
    """ "while looking right then left": one direction after another, of what goes on beside the event."""
    if cutting.inside is Inside.OPENED and cutting.at(i - 1).tag == "person" and cutting.verb_soon(i + count):
        return True  # "a chair which they then push away"
    if cutting.inside not in {Inside.GERUND, Inside.FINITE} or cutting.clause.head is None:
        return False
    near, after = cutting.at(i - 1), cutting.at(i + count)
    sides = near.text in lx.DIRECTIONS and after.text in lx.DIRECTIONS
    limbs = after.tag == "possessive" and cutting.at(i + count + 1).text in lx.BODY_PARTS
    return (sides or limbs) and cutting.at(i + count + 1 + limbs).tag in {"comma", "and", "stop", "end"}


def _is_adverb_of_head(cutting: Cutting, i: int) -> bool:
    """ "and walks afterwards upstairs": the word goes with the verb that it stands behind."""
    clause = cutting.clause
    if not cutting.at(i).text.startswith("afterward") or clause.link is not Link.AND:
        return False
    after = cutting.at(cutting.skip_adverbs(i + 1))
    if clause.head is None or cutting.at(i - 1).tag in {"and", "comma"} or after.tag in _ENDS_OR_ACTS:
        return False
    return after.tag == "gerund" or clause.head == len(clause.words) - 1


def _then_length(cutting: Cutting, i: int) -> int:
    """How many words say "then" here."""
    word, after, later = cutting.at(i), cutting.at(i + 1), cutting.at(i + 2)
    if word.text in THEN_WORDS:
        if word.text == "next" and (after.text == "to" or cutting.at(i - 1).tag in {"determiner", "possessive"}):
            return 0
        if word.text == "later" and cutting.at(i - 1).tag in {"noun", "number"}:
            return 0
        if after.text in THEN_WORDS or (after.text == "after" and later.text in _POINTS):
            return 1 + _then_length(cutting, i + 1)
        return 2 if after.text == "also" or after.tag == "comma" else 1
    if word.text == "after" and after.text in _POINTS and later.tag != "noun":
        near = cutting.at(i - 1)
        if (
            near.is_verb
            and after.text == "it"
            and (near.base in _CHASES or later.tag in {"third", "auxiliary", "past"})
        ):
            return 0  # "looks after it", "turns after it reaches the door"
        return 3 if later.tag == "comma" else 2
    if word.text == "followed" and after.text == "by" and _follows_by(cutting, i + 2):
        return 2
    return int(word.text == "than" and _than_is_then(cutting, i))


def _follows_by(cutting: Cutting, i: int) -> bool:
    """Whether "followed by" is followed by an act: "by jumping", "by a jump", "by front kick"."""
    phrase = loose_phrase(cutting, i)
    return bool(_what_follows(cutting, i, "before")) or any(map(_names_act, phrase)) or _other_limb(phrase)


def _other_limb(phrase: Sequence[Word]) -> bool:
    """ "raises the left arm, followed by the right arm"."""
    sides = any(word.text in {"left", "right", "other"} for word in phrase)
    return sides and phrase[-1].text in lx.BODY_PARTS


def _than_is_then(cutting: Cutting, i: int) -> bool:
    """ "than" is a slip for "then" unless it compares."""
    near, after = cutting.at(i - 1), cutting.at(i + 1)
    if after.text in {"the", "that"} or (after.tag == "person" and after.text not in {"he", "she"}):
        return False
    return not (near.text.endswith("er") or near.text in {"more", "less", "rather", "other", "further"})


def before_or_after(cutting: Cutting, i: int) -> int:
    """ "before" and "after" with a participle, a clause, or the noun of a verb; "having" with a participle."""
    word = cutting.at(i)
    if word.text == "having":
        return _having(cutting, i)
    if word.text not in {"before", "after"} and not _is_following(cutting, i):
        return 0
    if _closes_comparison(cutting, i):
        cutting.take(i)
        cutting.inside = Inside.GERUND
        return 1
    sign = "before" if word.text == "before" else "after"
    if word.text == "before" and cutting.at(i - 1).text == "just":
        cutting.take(i)  # "sits down just before reaching the wall" says where
        cutting.inside = Inside.GERUND
        return 1
    after = i + 1 + (cutting.at(i + 1).text in THEN_WORDS)  # "before finally bowing"
    follows = _what_follows(cutting, cutting.skip_adverbs(after), sign)
    if not follows:
        return _afterwards(cutting, i)
    if follows == "extent":
        return _extent(cutting, i)
    near = cutting.at(i - 1)
    if word.text == "after" and follows == "noun" and near.is_verb and near.base in _CHASES:
        return 0
    opening = cutting.clause.head is None and cutting.is_empty
    inserted = not opening and _is_parenthesis(cutting, i)
    cutting.begin(Link.BEFORE if sign == "before" else Link.AFTER, word.text, first=opening or inserted)
    cutting.clause.inserted = inserted
    cutting.clause.noun_act = follows == "noun"
    cutting.level = cutting.level or "third"
    return 1


def _closes_comparison(cutting: Cutting, i: int) -> bool:
    """ ", like it is stretching before a race, then": inside a comparison that commas set off on both sides."""
    if cutting.inside not in {Inside.GERUND, Inside.FINITE}:
        return False
    words = cutting.clause.words
    comma = max((j for j, word in enumerate(words) if word.tag == "comma"), default=-1)
    opener = [word.text for word in words[comma + 1 : comma + 3]]
    if comma < 0 or not (opener[:1] == ["like"] or opener in (["as", "if"], ["as", "though"])):
        return False
    ahead = (cutting.at(j).tag for j in range(i + 1, min(i + _LONGEST_PARENTHESIS, len(cutting.words))))
    return next((tag for tag in ahead if tag in {"comma", "and", "stop"}), "") == "comma"


def _is_following(cutting: Cutting, i: int) -> bool:
    """ "following a jump, ...": "after", where an act is named ahead of the main clause, not a line on the floor."""
    if cutting.at(i).text != "following" or cutting.at(i - 1).tag not in {"end", "stop", "and", "comma"}:
        return False
    phrase = loose_phrase(cutting, i + 1)
    return (
        bool(phrase) and phrase[-1].base not in _TRACKS and _what_follows(cutting, i + 1, "after") in {"noun", "clause"}
    )


def _is_parenthesis(cutting: Cutting, i: int) -> bool:
    """ "walks, and after a pause, waves": what stands between the joint and its verb; the verb follows."""
    near = cutting.at(i - 1)
    if near.tag == "and":
        return True
    if near.tag != "comma":
        return False
    return cutting.at(i - 2).tag == "and" or _goes_on_behind_comma(cutting, i)


def _goes_on_behind_comma(cutting: Cutting, i: int) -> bool:
    """Whether a finite verb stands right behind the next comma: "walks, after turning around, back to the door"."""
    for j in range(i + 1, min(i + _LONGEST_PARENTHESIS, len(cutting.words))):
        if cutting.at(j).tag in {"and", "stop", "third"}:
            return False
        if cutting.at(j).tag == "comma":
            return cutting.at(cutting.skip_adverbs(j + 1)).tag in {"third", "auxiliary"}
    return False


def beforehand(cutting: Cutting, i: int) -> int:
    """ "before that he waves", "having waved earlier": its clause happened before the one told last."""
    if cutting.at(i).text != "beforehand":
        return 0
    if cutting.at(i + 1).tag in {"end", "stop", "comma", "and"} and cutting.clause.head is not None:
        cutting.clause.link = Link.AFTER
    elif cutting.clause.head is not None:
        cutting.begin(Link.AFTER, "beforehand")
    elif cutting.clauses:
        cutting.clause.link, cutting.clause.sign = Link.AFTER, "beforehand"
    return 1 + (cutting.at(i + 1).tag == "comma")


def _what_follows(cutting: Cutting, i: int, sign: str) -> str:
    """What stands behind "before" or "after": gerund, clause, noun (of a verb), extent, or "" for nothing of these."""
    word = cutting.at(i)
    if word.tag == "gerund" or (word.tag in {"base", "third"} and sign == "before"):
        return "gerund"
    if word.text in {"being", "beeing", "having"} and cutting.verb_soon(i + 1):
        return "gerund"
    articled = word.tag in {"determiner", "possessive"}
    if articled and _names_act(cutting.at(i + 1)) and cutting.at(i + 2).tag == "third":
        return "noun"  # "after a pause walks back"
    if (word.tag == "person" or (articled and cutting.at(i + 1).tag in {"person", "noun"})) and cutting.verb_soon(
        i + 1 + articled
    ):
        return "clause"
    phrase = loose_phrase(cutting, i)
    nouns = [described for described in phrase if described.tag in {"noun", "adjective"}]
    if sign == "after" and any(noun.text in lx.COUNTED for noun in nouns) and not _is_act(phrase):
        return "extent"
    counted = bool(phrase) and (
        phrase[0].tag in {"determiner", "number", "possessive"} or (sign == "after" and _names_act(phrase[0]))
    )
    return "noun" if counted and nouns and nouns[-1].base in lx.NOUN_VERBS else ""


def _names_act(word: Word) -> bool:
    return word.tag == "noun" and word.base in lx.NOUN_VERBS and word.text not in lx.BODY_PARTS


def loose_phrase(cutting: Cutting, i: int) -> list[Word]:
    """The noun phrase that begins at ``i``, adverbs in it included ("two steps forward")."""
    end = i
    inside = {"determiner", "possessive", "number", "adjective", "noun", "adverb"}
    while cutting.at(end).tag in inside or (cutting.at(end).text == "of" and end > i):
        end += 1
    while end > i and cutting.at(end - 1).tag in {"determiner", "possessive"}:
        end -= 1  # "after a few steps | a person turns"
    return cutting.words[i:end]


def _is_act(phrase: Sequence[Word]) -> bool:
    """ "a hop" is something done; "a few steps" are a distance."""
    texts = {word.text for word in phrase}
    if not texts & {"a", "one", "his", "their", "another"} or texts & {"while", "few", "couple"}:
        return False
    return any(word.base in lx.NOUN_VERBS - {"step", "pace"} and word.text == word.base for word in phrase)


def _extent(cutting: Cutting, i: int) -> int:
    """ "after a few steps" measures the event before; it is marked, and put there later."""
    count = 1 + len(loose_phrase(cutting, i + 1))
    for j in range(i, i + count):
        cutting.words[j].tag = "extent"
        cutting.take(j)
    return count


def _afterwards(cutting: Cutting, i: int) -> int:
    """ "sits down after.", "and after kicks": the word alone, for "afterwards"."""
    after = cutting.at(i + 1)
    takes = cutting.at(i + 2).tag in {"determiner", "possessive", "pronoun"} or cutting.at(i + 2).text in {
        "it",
        "something",
    }
    if cutting.at(i - 1).tag == "and" and after.tag == "noun" and after.base and takes:
        after.tag = "past"  # "and after put it down"
    if cutting.at(i - 1).tag == "and" and after.text in lx.DIRECTIONS and cutting.clause.head is not None:
        cutting.begin(Link.THEN, "after")  # "runs left and after right"
        return 1
    alone = after.tag in {"end", "stop", "third"} or (after.tag in {"past", "base"} and cutting.at(i - 1).tag == "and")
    if cutting.at(i).text != "after" or not alone:
        return 0
    if after.is_verb and cutting.clause.head is not None:
        cutting.begin(Link.THEN, "after")
    return 1


def _having(cutting: Cutting, i: int) -> int:
    """ "having first sat down": what happened before the clause it stands beside."""
    j = cutting.skip_adverbs(i + 1)
    j += cutting.at(j).text in {"first", "just", "already"}
    form = lx.verb_forms().get(cutting.at(j).text)
    if form is None or form.kind != "past":
        return 0
    cutting.begin(Link.AFTER, "having", first=cutting.clause.head is None and not cutting.clause.words)
    cutting.words[j].tag, cutting.words[j].base = "past", form.base
    cutting.take(j, head=True)
    cutting.level = cutting.level or "third"
    return j - i + 1
