"""Where one event of a caption ends and the next one begins.

The words are read once, from left to right. A clause has one head, the verb that says what happens; a cut is made where a
new head begins: behind "then", "and", a comma, before "before" and "after", at a new subject, or where a second finite
verb follows without any sign ("walks forward spins around"). Verbs inside of something else are no heads: behind
"while", "as", "by", "with", "to", in relative clauses, and participles that describe ("strolling casually").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from chronomotion.language.decompose import lexicon as lx
from chronomotion.language.decompose.words import Word

__all__ = ["Clause", "Link", "cut"]


class Link(Enum):
    """How a clause hangs on the one before it."""

    START = "start"
    SENTENCE = "a new sentence"
    THEN = "then"
    AND = "and"
    COMMA = "a comma"
    PARTICIPLE = "a participle behind a comma"
    FUSED = "a second verb without a sign"
    BEFORE = "before"
    AFTER = "after"
    WHEN = "when"
    MAIN = "the main clause"


@dataclass
class Clause:
    """A stretch of words around one head; ``head`` is its index in ``words``, None where the verb is left unsaid."""

    link: Link
    words: list[Word] = field(default_factory=list)
    head: int | None = None
    first: bool = False
    """Whether "before" or "after" stood at the start of the sentence, ahead of the main clause."""
    sign: str = ""
    """The word that cut, for explanations."""

    @property
    def verb(self) -> str:
        """Base form of the head, "" without one."""
        return "" if self.head is None else self.words[self.head].base

    @property
    def text(self) -> str:
        """The words, for explanations."""
        return " ".join(word.text for word in self.words)


_SCOPE_PREPOSITIONS = frozenset("by for without of in from at like about with into on through over around between against toward towards to upon off onto than".split())
_THEN_WORDS = frozenset("then next afterwards afterward finally lastly subsequently later thereafter".split())
_LEADING = frozenset({"still", "also", "again", "slowly", "first", "almost", "just", "now"})
_POINTS = frozenset("that this which it".split())
_CHASES = frozenset("look run go chase reach come walk sprint".split())


def cut(words: Sequence[Word]) -> list[Clause]:
    """The clauses of a caption, in the order in which they are told."""
    return _Cutter(list(words)).run()


class _Cutter:
    """One pass over the words."""

    def __init__(self, words: list[Word]) -> None:
        self.words = words
        self.clauses: list[Clause] = []
        self.clause = Clause(Link.START)
        self.level = ""  # which form of the verb heads are in: third, gerund, base or past
        self.inside = ""  # what the words are inside of: pending, gerund, finite, adjunct, infinitive, aspect, with
        self.lead_in = False  # inside a "while ..." or "when ..." that comes before its main clause

    def run(self) -> list[Clause]:
        """All words, then the last clause."""
        i = 0
        while i < len(self.words):
            i += self._step(i)
        self._close()
        return [clause for clause in self.clauses if clause.words]

    # -- small views -------------------------------------------------------------------------------------------------

    def _at(self, i: int) -> Word:
        return self.words[i] if 0 <= i < len(self.words) else Word("", "end")

    def _skip_adverbs(self, i: int) -> int:
        while self._at(i).tag == "adverb" and self._at(i).text not in _THEN_WORDS:
            i += 1
        return i

    def _close(self) -> None:
        words = self.clause.words
        while words and (words[-1].tag in {"and", "comma", "stop"} or words[-1].text == "just"):
            words.pop()
            if self.clause.head is not None and self.clause.head >= len(words):
                self.clause.head = None
        if words:
            self.clauses.append(self.clause)

    def _begin(self, link: Link, sign: str, *, first: bool = False) -> None:
        """Close the clause and begin another one, whose adverbs may have been read already."""
        early: list[Word] = []
        words = self.clause.words
        if link not in {Link.SENTENCE}:
            while words and words[-1].tag == "adverb" and (words[-1].text.endswith("ly") or words[-1].text in _LEADING) and len(words) > 1 and words[-2].tag in {"and", "comma"}:
                early.insert(0, words.pop())
        if self.clause.head is not None and self.clause.head >= len(words):
            self.clause.head = None
        self._close()
        self.clause = Clause(link, early, first=first, sign=sign)
        self.inside, self.lead_in = "", False

    def _take(self, i: int, *, head: bool = False) -> None:
        if head:
            self.clause.head = len(self.clause.words)
        self.clause.words.append(self.words[i])

    # -- the pass ----------------------------------------------------------------------------------------------------

    def _step(self, i: int) -> int:
        """Read what begins at ``i``; returns the number of words read."""
        word = self.words[i]
        for read in (self._stop, self._then, self._before_after, self._subordinate, self._subject, self._elided):
            count = read(i, word)
            if count:
                return count
        if word.tag == "auxiliary":
            return self._auxiliary(i, word)
        if word.is_verb:
            return self._verb(i, word)
        if word.tag == "preposition" and word.text == "with" and self.inside not in {"gerund"}:
            self.inside = "with"
        if word.tag in {"and", "comma"} and self.inside == "pending" and not self._clause_inside():
            self.inside = ""  # "with the hands as support and"
        if word.tag == "comma" and self.lead_in and self.clause.head is None and self.inside != "pending":
            self.inside, self.lead_in = "", False
        self._take(i)
        return 1

    def _clause_inside(self) -> bool:
        """Whether what was opened by "as", "while" or "who" says more than a noun so far."""
        words = self.clause.words
        at = max((j for j, word in enumerate(words) if word.tag in {"sub", "relative"} or word.text in {"like", "that", "if", "though"}), default=-1)
        return at < 0 or words[at].text != "as" or any(word.tag == "person" or word.text in {"if", "though", "soon"} for word in words[at:])

    def _stop(self, i: int, word: Word) -> int:
        if word.tag != "stop":
            return 0
        if word.text in ";:":
            word.tag = "comma"
            return 0
        self._begin(Link.SENTENCE, word.text)
        self.level = ""
        return 1

    def _then(self, i: int, word: Word) -> int:
        count = self._then_length(i, word)
        if not count:
            return 0
        if self.clause.head is None and not self.clause.words:
            self.clause.link = Link.THEN if self.clause.link in {Link.AND, Link.COMMA} else self.clause.link
            self.clause.sign = self.clause.sign or word.text
        elif self.clause.head is None and not self._elliptic() and not self.inside:
            if self.clauses:
                self.clause.link, self.clause.sign = Link.THEN, word.text  # "the person then sits"
        else:
            if self.clause.words and self.clause.words[-1].text in {"to", "just"}:
                self.clause.words.pop()
            self._begin(Link.THEN, " ".join(w.text for w in self.words[i : i + count]))
        return count

    def _elliptic(self) -> bool:
        """Whether the clause says where or how much, with its verb unsaid: "(then) to the left"."""
        words = [w for w in self.clause.words if w.tag not in {"and", "comma"}]
        return self.clause.head is None and bool(self.clauses) and bool(words) and not any(w.tag in {"person", "relative", "sub"} for w in words) and not (
            words[-1].text in lx.BODY_PARTS and words[0].tag in {"possessive", "determiner", "noun"}
        ) and not all(w.text.endswith("ly") for w in words)

    def _then_length(self, i: int, word: Word) -> int:
        """How many words say "then" here."""
        text, after = word.text, self._at(i + 1)
        if text in _THEN_WORDS:
            if text == "next" and (after.text == "to" or self._at(i - 1).tag in {"determiner", "possessive"}):
                return 0
            if text == "later" and self._at(i - 1).tag in {"noun", "number"}:
                return 0
            if after.text in _THEN_WORDS or (after.text == "after" and self._at(i + 2).text in _POINTS):
                return 1 + self._then_length(i + 1, after)
            return 2 if after.text == "also" or after.tag == "comma" else 1
        if text == "after" and after.text in _POINTS and not self._at(i + 2).tag == "noun":
            near = self._at(i - 1)
            if near.is_verb and near.base in _CHASES and after.text == "it":
                return 0
            return 3 if self._at(i + 2).tag == "comma" else 2
        if text == "followed" and after.text == "by" and self._what_follows(i + 2, "before"):
            return 2
        if text in {"than", "thean", "hten", "tehn", "thne"} and self._means_then(i):
            return 1
        return 0

    def _means_then(self, i: int) -> bool:
        near, after = self._at(i - 1), self._at(i + 1)
        if self._at(i).text == "than" and (after.tag == "person" and after.text not in {"he", "she"} or after.text in {"the", "that"}):
            return False
        return self._at(i).text != "than" or not (
            near.text.endswith("er") or near.text in {"more", "less", "rather", "other", "further"}
        )

    # -- before, after -----------------------------------------------------------------------------------------------

    def _before_after(self, i: int, word: Word) -> int:
        if word.text not in {"before", "after", "having", "until", "prior"} or word.text in {"until", "prior"}:
            return 0
        if word.text == "having":
            return self._having(i)
        if self._at(i - 1).text == "just" and word.text == "before":
            self._take(i)
            self.inside = "gerund"
            return 1
        after = self._skip_adverbs(i + 1)
        kind = self._what_follows(after, word.text)
        if not kind:
            return self._afterwards(i, word)
        if kind == "extent":
            return self._extent(i)
        opening = self.clause.head is None and not [w for w in self.clause.words if w.tag not in {"and", "comma"}]
        if word.text == "after" and not opening and self._at(i - 1).is_verb and self._at(i - 1).base in _CHASES and kind == "noun":
            return 0
        link = Link.BEFORE if word.text == "before" else Link.AFTER
        carried = self.clause.link
        self._begin(link, word.text, first=opening)
        self.clause.sign = word.text
        if opening and carried is Link.THEN:
            self.clause.sign = f"then {word.text}"
        self.level = self.level or "third"
        return 1

    def _afterwards(self, i: int, word: Word) -> int:
        """ "and sits down after.", "and after kicks": the word alone, for "afterwards"."""
        after = self._at(i + 1)
        if word.text != "after" or not (after.tag in {"end", "stop", "third"} or (after.tag == "past" and self._at(i - 1).tag == "and")):
            return 0
        if after.tag in {"third", "past"} and self.clause.head is not None:
            self._begin(Link.THEN, word.text)
        return 1

    def _what_follows(self, i: int, sign: str) -> str:
        """What stands behind "before" or "after": gerund, clause, noun (of a verb), extent, or "" for nothing of these."""
        word = self._at(i)
        if word.tag == "gerund" or (word.tag == "base" and sign == "before") or (word.text in {"being", "beeing", "having"} and self._verb_soon(i + 1)):
            return "gerund"
        if word.tag == "person" or (word.tag in {"determiner", "possessive"} and self._at(i + 1).tag in {"person", "noun"}):
            j = i + (word.tag in {"determiner", "possessive"})
            if self._verb_soon(j + 1):
                return "clause"
        phrase = self._phrase(i)
        nouns = [w for w in phrase if w.tag in {"noun", "adjective"}]
        if sign == "after" and any(w.text in lx.COUNTED for w in nouns) and not self._is_act(phrase):
            return "extent"
        if nouns and nouns[-1].base in lx.NOUN_VERBS and phrase and phrase[0].tag in {"determiner", "number", "possessive"}:
            return "noun"
        return ""

    def _phrase(self, i: int) -> list[Word]:
        """The noun phrase that begins at ``i``."""
        end = i
        while self._at(end).tag in {"determiner", "possessive", "number", "adjective", "noun", "adverb"} or (self._at(end).text == "of" and end > i):
            end += 1
        return self.words[i:end]

    def _is_act(self, phrase: Sequence[Word]) -> bool:
        """One jump or turn is something done; some steps are a distance."""
        texts = [word.text for word in phrase]
        return bool({"a", "one", "his", "their", "another"} & set(texts)) and any(
            word.base in lx.NOUN_VERBS and word.text == word.base and word.base not in {"step", "pace"} for word in phrase
        ) and not {"while", "few", "couple"} & set(texts)

    def _verb_soon(self, i: int) -> bool:
        """Whether a verb follows at once, adverbs skipped."""
        word = self._at(self._skip_adverbs(i))
        return word.is_verb or word.tag == "auxiliary"

    def _extent(self, i: int) -> int:
        """"after a few steps": read as one phrase, moved to the event that it measures later on."""
        phrase = self._phrase(i + 1)
        self.words[i].tag = "extent"
        for j in range(i, i + 1 + len(phrase)):
            self.words[j].tag = "extent"
            self._take(j)
        return 1 + len(phrase)

    def _having(self, i: int) -> int:
        """"having first sat down": what happened before the clause it stands beside."""
        j = self._skip_adverbs(i + 1)
        if self._at(j).text in {"first", "just", "already"}:
            j += 1
        if self._at(j).tag != "past":
            return 0
        opening = self.clause.head is None and not self.clause.words
        self._begin(Link.AFTER, "having", first=opening)
        self.words[j].tag = "past"
        self._take(j, head=True)
        self.level = self.level or "third"
        return j - i + 1

    # -- subordinate clauses -----------------------------------------------------------------------------------------

    def _subordinate(self, i: int, word: Word) -> int:
        if word.tag == "sub":
            return self._open_sub(i, word)
        if word.text == "like" and self._at(i + 1).tag in {"person", "determiner"} and self._verb_soon(i + 2 + (self._at(i + 1).tag == "determiner") - (self._at(i + 1).tag == "person" and 0) if self._at(i + 1).tag == "determiner" else i + 2):
            self._take(i)
            self.inside = "pending"
            return 1
        relative = word.tag == "relative" or (word.text == "that" and self._at(i - 1).tag in {"noun", "person", "pronoun"} and self._verb_soon(i + 1))
        if relative or (word.text in {"that", "if", "though"} and self._at(i - 1).is_verb and self._at(i + 1).tag in {"person", "determiner"}):
            self._take(i)
            self.inside = "pending"
            return 1
        return 0

    def _open_sub(self, i: int, word: Word) -> int:
        text = word.text
        starts = self.clause.head is None and not any(w.tag not in {"and", "comma"} for w in self.clause.words)
        after_joint = self._at(i - 1).tag in {"and", "comma"}
        if text in {"when", "once"} and (starts or after_joint) and self._at(i + 1).tag in {"person", "determiner", "gerund", "possessive"}:
            if self.clause.head is not None:
                self._begin(Link.WHEN, text)
            else:
                self.clause.link, self.clause.sign = (Link.WHEN, text)
                self.clause.words.clear()
            self.clause.first = True
            return 1
        self._take(i)
        self.inside = "pending"
        self.lead_in = starts and text in {"while", "whilst", "as"}
        return 1

    # -- subjects ----------------------------------------------------------------------------------------------------

    def _subject(self, i: int, word: Word) -> int:
        """A new subject with its verb begins a clause, unless a subordinate clause was waiting for it."""
        length = self._subject_length(i, word)
        if not length or self.inside == "pending":
            return 0
        if self.clause.head is not None and self._at(i - 1).tag == "noun" and word.text in {"he", "she", "it", "they", "him"}:
            self.inside = "pending"  # "the place he stood"
            return 0
        if self.lead_in or (self.clause.link in {Link.BEFORE, Link.AFTER, Link.WHEN} and self.clause.first and self.clause.head is not None):
            if self.lead_in and self.clause.head is None:
                self.inside, self.lead_in = "", False
                return 0
            self._begin(Link.MAIN, word.text)
        elif self.clause.head is not None:
            near = self._at(i - 1)
            link = Link.AND if near.tag == "and" else Link.COMMA if near.tag == "comma" else Link.FUSED
            self._begin(link, near.text if near.tag in {"and", "comma"} else self.words[i].text)
        else:
            return 0
        self.level = ""
        for j in range(i, i + length):
            self._take(j)
        return length

    def _subject_length(self, i: int, word: Word) -> int:
        """Words of a subject that begins here and is followed by a finite verb; 0 if there is none."""
        j = i
        if word.tag in {"determiner", "possessive"} and word.text not in {"that"}:
            j += 1
        near = self._at(i - 1)
        joint = near.tag in {"and", "comma", "start", "end"} or near.text in _THEN_WORDS or i == 0
        while self._at(j).tag == "adjective" or self._at(j).text in {"left", "right", "both"}:
            j += 1
        if self._at(j).tag == "person":
            if (near.tag == "preposition" and self.inside != "") or self._at(j - 1).text in {"left", "right", "both"}:
                return 0
        elif not (joint and self._at(j).tag == "noun" and self._at(j).text in lx.BODY_PARTS):
            return 0
        verb = self._at(self._skip_adverbs(j + 1))
        while verb.text == "then":
            verb = self._at(self._skip_adverbs(self.words.index(verb, j) + 1))
        finite = verb.tag in {"third", "auxiliary"} or (verb.tag in {"base", "past"} and self._at(j).tag == "person")
        return j - i + 1 if finite else 0

    # -- verbs -------------------------------------------------------------------------------------------------------

    def _auxiliary(self, i: int, word: Word) -> int:
        """"is walking", "gets pushed", "does squats": the auxiliary and its verb are one head."""
        j = self._skip_adverbs(i + 1)
        verb = self._at(j)
        if word.text == "be" and self._at(i - 1).tag in {"to", "adverb"} and self.clause.head is not None:
            self._infinitive(i)
            return 1
        if word.text in {"being", "been", "having"} and not (verb.tag == "past" or verb.is_verb):
            return self._verb(i, Word(word.text, "gerund", word.base))
        finite = Word(word.text, "gerund" if word.text in {"being", "beeing", "having"} else "third", word.base)
        joined = (verb.is_verb and word.base == "be") or (verb.tag in {"past", "base"} and word.base in {"have", "do"}) or (
            verb.tag == "base" and word.base not in {"be", "have", "do"}
        )
        if verb.text in {"being", "been", "beeing"} and word.base in {"be", "have"}:
            joined = True
        if not joined:
            word.tag, word.base = finite.tag, word.base
            return self._verb(i, word)
        before = len(self.clauses)
        self._place(i, finite)
        at = self.clause.head if self.clause.words and self.clause.head == len(self.clause.words) - 1 else None
        for k in range(i + 1, j + 1):
            self._take(k)
        last = j
        if verb.text in {"being", "been", "beeing"} and self._at(self._skip_adverbs(j + 1)).is_verb:
            last = self._skip_adverbs(j + 1)
            for k in range(j + 1, last + 1):
                self._take(k)
        if at is not None or len(self.clauses) != before:
            self.clause.head = len(self.clause.words) - 1
        return last - i + 1

    def _verb(self, i: int, word: Word) -> int:
        self._place(i, word)
        return 1

    def _place(self, i: int, word: Word) -> None:
        """Put a verb where it belongs: as the head of this clause or of a new one, or inside of something."""
        near = self._near(i)
        if near.text in {"or", "nor"} and self.clause.head is not None:
            self._take(i)
        elif self.inside == "pending" and word.tag == "gerund" and self._at(i - 1).tag == "relative" and self.clause.head is None:
            self._first_head(i, word, near)
        elif self.inside == "pending":
            self.inside = "gerund" if word.tag == "gerund" else "finite"
            self._take(i)
        elif near.tag == "to" and word.tag == "base":
            self._infinitive(i)
        elif word.tag == "gerund" and near.tag in {"preposition", "to"} and near.text in _SCOPE_PREPOSITIONS:
            self.inside = "gerund"
            self._take(i)
            if self.clause.head is None and self.clause.link in {Link.THEN} and not self.level:
                self.clause.head = len(self.clause.words) - 1
        elif self.clause.head is None and self._elliptic() and self._after_ellipsis(i, word, near):
            pass
        elif self.clause.head is None:
            self._first_head(i, word, near)
        else:
            self._further(i, word, near)

    def _after_ellipsis(self, i: int, word: Word, near: Word) -> bool:
        """A verb behind "(then) to the left": a clause of its own behind a comma or "and", else a description."""
        link = {"and": Link.AND, "comma": Link.COMMA}.get(near.tag)
        if link is None and word.tag != "gerund":
            return False
        if link is None:
            self.inside = "adjunct"
            self._take(i)
        else:
            self._new(i, link, near.text, self.level if word.tag == "gerund" else "third")
        return True

    def _near(self, i: int) -> Word:
        """The word before a verb, adverbs skipped."""
        j = i - 1
        while self._at(j).tag == "adverb" and self._at(j).text not in {"then"} and j >= 0 and not self._particle(j):
            j -= 1
        return self._at(j)

    def _particle(self, j: int) -> bool:
        """A direction that ends the phrase before: "walks forward spins"."""
        return self._at(j).text in lx.DIRECTIONS and not self._at(j).text.endswith("ly") and self._at(j - 1).tag not in {"and", "comma"}

    def _infinitive(self, i: int) -> None:
        head = self.clause.words[self.clause.head] if self.clause.head is not None else None
        close = head is not None and head.base in lx.ASPECT and len(self.clause.words) - 2 <= (self.clause.head or 0) + 2
        if self.clause.head is None and not self.inside:
            self._take(i, head=True)
            self.level = self.level or "base"
            return
        self.inside = "aspect" if close else "infinitive"
        self._take(i)

    def _first_head(self, i: int, word: Word, near: Word) -> None:
        if word.tag == "past" and self._at(i - 1).tag == "noun" and self.clauses and self._at(i - 1).text in lx.BODY_PARTS:
            self._take(i)
            return
        if self.inside in {"with", "gerund", "finite"} and word.tag in {"gerund", "past"} and (self.lead_in or near.tag not in {"person"}):
            self._take(i)
            return
        self._take(i, head=True)
        self.inside = ""
        if self.clause.link not in {Link.BEFORE, Link.AFTER} or not self.level:
            self.level = word.tag
        elif word.tag == "gerund":
            self.level = "gerund"

    def _further(self, i: int, word: Word, near: Word) -> None:
        """A verb in a clause that has its head already."""
        link = {"and": Link.AND, "comma": Link.COMMA}.get(near.tag)
        if word.tag == "third":
            self._further_third(i, word, link)
        elif word.tag == "gerund":
            self._further_gerund(i, word, link)
        elif word.tag == "base" and link is not None and self.inside != "infinitive":
            self._new(i, link, near.text, self.level if self.level != "gerund" else "third")
        elif word.tag == "past" and self._past_head(i, link):
            self._new(i, link or Link.FUSED, near.text, self.level)
        else:
            self._take(i)

    def _past_head(self, i: int, link: Link | None) -> bool:
        """A past form that tells, not a participle that describes ("arms raised"): it has an object, or all verbs are
        past.
        """
        takes = self._at(i + 1).tag in {"determiner", "possessive"} or self._at(i + 1).text in {"something", "it", "them"}
        if self.inside == "with" and not (takes and link is Link.AND):
            return False
        return takes and (link is Link.AND or self.level == "past") or (self.level == "past" and link is not None)

    def _further_third(self, i: int, word: Word, link: Link | None) -> None:
        head = self.clause.words[self.clause.head or 0]
        described = head.tag == "gerund" and head.base in lx.POSTURE and link is None and self._bare_head()
        if described:
            self._take(i, head=True)  # "a person standing with arms out brings ...": a description of the subject
            self.level, self.inside = "third", ""
            return
        self._new(i, link or (Link.MAIN if self.clause.first else Link.FUSED), self._near(i).text if link else word.text, "third")

    def _bare_head(self) -> bool:
        """Whether the participle stands right behind whoever moves."""
        head = self.clause.head or 0
        return head > 0 and self.clause.words[head - 1].tag in {"person", "adverb", "relative"}

    def _further_gerund(self, i: int, word: Word, link: Link | None) -> None:
        head = self.clause.words[self.clause.head or 0]
        if link is None and self.inside == "with":
            self.inside = "gerund"
            self._take(i)
        elif link is None:
            self.inside = "aspect" if head.base in lx.ASPECT and len(self.clause.words) - 1 <= (self.clause.head or 0) + 1 else "adjunct"
            self._take(i)
        elif self.inside == "gerund":
            self._take(i)
        elif self.level == "gerund" or self._progressive():
            self._new(i, link, self._near(i).text, "gerund")
        elif link is Link.COMMA:
            self._new(i, Link.PARTICIPLE, ",", self.level)
            self.inside = "adjunct"
        elif self.inside == "adjunct":
            self._take(i)
        else:
            self._new(i, link, self._near(i).text, "third")

    def _progressive(self) -> bool:
        """"is walking": further participles behind "and" are heads, too."""
        head = self.clause.head or 0
        return self.clause.words[head].tag == "gerund" and any(w.base == "be" for w in self.clause.words[:head])

    def _new(self, i: int, link: Link, sign: str, level: str) -> None:
        carried = self._front_phrase() if link is Link.FUSED else []
        if carried:
            del self.clause.words[-len(carried) :]
            link = Link.AND
        self._begin(link, sign)
        self.clause.words += carried
        self._take(i, head=True)
        self.level = level

    def _front_phrase(self) -> list[Word]:
        """ "... and with the right hand does": the phrase between "and" and the verb goes with the verb."""
        words = self.clause.words
        joint = max((j for j, word in enumerate(words) if word.tag in {"and", "comma"}), default=len(words))
        phrase = words[joint + 1 :]
        return phrase if phrase and phrase[0].tag == "preposition" and phrase[0].text in {"with", "on", "in", "at", "from"} else []

    # -- unsaid verbs ------------------------------------------------------------------------------------------------

    def _elided(self, i: int, word: Word) -> int:
        """"takes two steps forward, two steps back": a further count of the same, or of another act."""
        told = self.clause.head is not None or self._elliptic()
        if word.tag not in {"and", "comma"} or not told or self.inside in {"with", "gerund", "pending", "finite"}:
            return 0
        start = i + 1 + (self._at(i + 1).tag == "and")
        phrase = self._phrase(start)
        nouns = [w for w in phrase if w.tag == "noun" and w.base in lx.NOUN_VERBS]
        end = self._at(start + len(phrase))
        counted = bool(phrase) and phrase[0].tag == "number" and phrase[0].text not in {"one", "once", "twice"} and all(w.tag in {"number", "adverb"} for w in phrase)
        if counted and self._last_act() and (end.tag == "to" or phrase[-1].text in lx.DIRECTIONS):
            nouns = [Word("", "noun", "step")]
        if not nouns or end.tag in {"third", "auxiliary", "gerund"} or phrase[0].tag not in {"number", "determiner", "adjective", "noun"}:
            return 0
        if not (self._last_act() or self._path(nouns[-1])) or nouns[-1].text in lx.BODY_PARTS:
            return 0
        link = Link.AND if self._at(start - 1).tag == "and" else Link.COMMA
        self._begin(link, self._at(start - 1).text)
        for j in range(start, start + len(phrase)):
            self._take(j)
        return start - i + len(phrase)

    def _last_act(self) -> bool:
        """Whether the clause tells an act by a noun: "takes two steps"."""
        if self.clause.head is None:
            return any(w.tag == "noun" and w.base in lx.NOUN_VERBS for w in self.clause.words)
        tail = self.clause.words[self.clause.head + 1 :]
        return self.clause.verb in lx.LIGHT | {"step", "walk", "move", "go"} and any(
            w.tag == "noun" and w.base in lx.NOUN_VERBS for w in tail
        )

    def _path(self, noun: Word) -> bool:
        """ "walks straight on and a quarter circle"."""
        return noun.base in {"circle", "curve", "loop", "bend"} and self.clause.verb in {"walk", "run", "jog", "move", "go"}
