"""Filters: ``duration < 8 and (label = "walk" or name ~ "fwd") and not date < 2026-03-01``.

    filter     = term { "or" term }
    term       = factor { "and" factor }
    factor     = "not" factor | "(" filter ")" | comparison
    comparison = field operator value | field ["not"] "in" "(" value { "," value } ")"
    operator   = "=" | "!=" | "<" | "<=" | ">" | ">=" | "~" | "contains"

A value is a number, a date (2026-03-01, also 2026-03 and 2026-03-01T14:30), or words, in quotes where they are several.
Words are compared without regard to case. A clip with several labels or captions fits where one of them does, and
``!=`` where none of them is equal. A date without a time is the whole day, so that ``date = 2026-03-01`` is any time
of it. Times are those of this machine.
"""

from __future__ import annotations

import difflib
import math
import operator
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, NoReturn

from chronomotion.errors import ConfigError
from chronomotion.search.records import LibraryClip

__all__ = ["FIELDS", "Filter", "parse_filter"]

_NUMBERS: dict[str, Callable[[LibraryClip], float]] = {
    "duration": lambda clip: clip.duration,
    "frames": lambda clip: clip.frames,
}
_WORDS: dict[str, Callable[[LibraryClip], Sequence[str]]] = {
    "name": lambda clip: (clip.name,),
    "source": lambda clip: (clip.source,),
    "file": lambda clip: (clip.file,),
    "label": lambda clip: clip.labels,
    "caption": lambda clip: clip.captions,
}
FIELDS = ("name", "source", "file", "duration", "frames", "date", "label", "caption")
"""Fields of a clip that a filter can compare; ``duration`` is in seconds."""

_ORDERED: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_SAME_OPERATOR = {"==": "=", "<>": "!=", "contains": "~"}
_OPERATORS = ("=", "!=", *_ORDERED, "~")
_KEYWORDS = {"and", "or", "not", "in", "contains"}
_SAME_FIELD = {"labels": "label", "captions": "caption", "names": "name", "seconds": "duration"}
_LONGEST, _DEEPEST = 4000, 50
"""Characters and nested parentheses: more is no filter that a person wrote, and Python's stack has an end."""

_TOKEN = re.compile(
    r"""\s*(?:(?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |(?P<sign><=|>=|!=|<>|==|[=<>~(),])
    |(?P<word>[^\s"'=<>~(),!]+))""",
    re.VERBOSE,
)
_DATES = ("%Y-%m-%d", "%Y-%m", "%Y")

Test = Callable[[LibraryClip], bool]


class _Token(NamedTuple):
    kind: str
    text: str
    at: int


@dataclass(frozen=True)
class Filter:
    """A filter that has been read: ``text`` as it was written, ``test`` whether a clip fits."""

    text: str
    test: Test

    def numbers(self, clips: Iterable[LibraryClip]) -> list[int]:
        """The numbers of the clips that fit, in ascending order."""
        return sorted(clip.number for clip in clips if self.test(clip))


def parse_filter(text: str) -> Filter:
    """Read a filter; an empty one fits every clip.

    Raises ConfigError, in one line with the place and what would be right, for what is none.
    """
    if not text.strip():
        return Filter(text, lambda _: True)
    if len(text) > _LONGEST:
        raise ConfigError(f"the filter has {len(text)} characters, at most {_LONGEST} are read")
    return Filter(text, _FilterReader(text).read())


class _FilterReader:
    """Recursive descent over the tokens of a filter."""

    def __init__(self, text: str) -> None:
        self.text, self.depth, self.place = text, 0, 0
        self.tokens = self._tokens()

    def read(self) -> Test:
        test = self._filter()
        if self.place < len(self.tokens):
            self._fail(self._next(), 'expected "and", "or" or the end')
        return test

    def _tokens(self) -> list[_Token]:
        tokens, at, end = [], 0, len(self.text.rstrip())
        while at < end:
            match = _TOKEN.match(self.text, at)
            if match is None:
                at += len(self.text[at:]) - len(self.text[at:].lstrip())
                self._fail(_Token("sign", self.text[at], at), _stray(self.text[at]))
            kind = str(match.lastgroup)
            tokens.append(_Token(kind, match[kind], match.start(kind)))
            at = match.end()
        return tokens

    def _filter(self) -> Test:
        tests = [self._term()]
        while self._take("or"):
            tests.append(self._term())
        return tests[0] if len(tests) == 1 else lambda clip: any(test(clip) for test in tests)

    def _term(self) -> Test:
        tests = [self._factor()]
        while self._take("and"):
            tests.append(self._factor())
        return tests[0] if len(tests) == 1 else lambda clip: all(test(clip) for test in tests)

    def _factor(self) -> Test:
        self.depth += 1
        if self.depth > _DEEPEST:
            self._fail(self._next(), f'more than {_DEEPEST} of "not" and "(" inside one another')
        test = self._inner()
        self.depth -= 1
        return test

    def _inner(self) -> Test:
        if self._take("not"):
            test = self._factor()
            return lambda clip: not test(clip)
        if self._take("("):
            test = self._filter()
            self._expect(")")
            return test
        return self._comparison()

    def _comparison(self) -> Test:
        field = self._field()
        excluded = self._take("not")
        if excluded or self._peek() == "in":
            self._expect("in")
            tests = [_comparison(field, "=", value, self._fail) for value in self._values()]
            return lambda clip: any(test(clip) for test in tests) is not excluded
        sign = self._next(f"an operator: {' '.join(_OPERATORS)} contains in")
        name = _SAME_OPERATOR.get(sign.text.lower(), sign.text)
        if sign.kind == "quoted" or name not in _OPERATORS:
            self._fail(sign, f"expected an operator behind {field!r}: {' '.join(_OPERATORS)} contains in")
        return _comparison(field, name, self._value(), self._fail)

    def _field(self) -> str:
        token = self._next("a field: " + ", ".join(FIELDS))
        name = _SAME_FIELD.get(token.text.lower(), token.text.lower())
        if token.kind != "word" or name not in FIELDS:
            near = difflib.get_close_matches(name, FIELDS, 1)
            meant = f"did you mean {near[0]}? " if near and token.kind == "word" else ""
            self._fail(token, f"no field of a clip: {meant}there are {', '.join(FIELDS)}")
        return name

    def _values(self) -> list[_Token]:
        self._expect("(")
        values = [self._value()]
        while self._take(","):
            values.append(self._value())
        self._expect(")")
        return values

    def _value(self) -> _Token:
        token = self._next("a value: a number, a date or words in quotes")
        if token.kind == "sign" or (token.kind == "word" and token.text.lower() in _KEYWORDS):
            self._fail(token, "expected a value: a number, a date or words in quotes")
        if token.kind == "word":
            return token
        return _Token("quoted", re.sub(r"\\(.)", r"\1", token.text[1:-1]), token.at)

    def _peek(self) -> str:
        """The next keyword or sign, "" where there is neither."""
        if self.place == len(self.tokens) or self.tokens[self.place].kind == "quoted":
            return ""
        return self.tokens[self.place].text.lower()

    def _take(self, text: str) -> bool:
        taken = self._peek() == text
        self.place += taken
        return taken

    def _expect(self, text: str) -> None:
        token = self._next(f'"{text}"')
        if token.kind == "quoted" or token.text.lower() != text:
            self._fail(token, f'expected "{text}"')

    def _next(self, expected: str = "") -> _Token:
        if self.place == len(self.tokens):
            raise ConfigError(f"the filter {_shortened(self.text)} ends too early: expected {expected}")
        self.place += 1
        return self.tokens[self.place - 1]

    def _fail(self, token: _Token, problem: str) -> NoReturn:
        shown = _shortened(token.text)
        raise ConfigError(f"the filter, character {token.at + 1}, at {shown}: {problem}")


Fail = Callable[[_Token, str], NoReturn]


def _comparison(field: str, sign: str, value: _Token, fail: Fail) -> Test:
    if field in _NUMBERS:
        return _number_test(field, sign, value, fail)
    return _date_test(sign, value, fail) if field == "date" else _words_test(field, sign, value, fail)


def _number_test(field: str, sign: str, value: _Token, fail: Fail) -> Test:
    if sign == "~":
        fail(value, f"{field} is a number: compare it with = != < <= > >=")
    try:
        number = float(value.text.removesuffix("s") if field == "duration" else value.text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        fail(value, f"{field} is compared with a number{' of seconds' if field == 'duration' else ''}")
    read = _NUMBERS[field]
    if sign in _ORDERED:
        holds = _ORDERED[sign]
        return lambda clip: holds(read(clip), number)
    # 4.2 is any duration that is written so: nobody knows the fractions of a frame.
    digits = len(value.text.removesuffix("s").partition(".")[2])
    room = 0.5 * 10.0**-digits + 1e-9 if field == "duration" else 0.0
    return lambda clip: (abs(read(clip) - number) <= room) is (sign == "=")


def _date_test(sign: str, value: _Token, fail: Fail) -> Test:
    if sign == "~":
        fail(value, "date is compared with = != < <= > >=, not by parts of it")
    span = _dates(value.text)
    if span is None:
        fail(value, "a date is written 2026-03-01, 2026-03 or 2026-03-01T14:30")
    first, behind = span
    tests: dict[str, Test] = {
        "=": lambda clip: first <= clip.date < behind,
        "!=": lambda clip: not first <= clip.date < behind,
        "<": lambda clip: clip.date < first,
        "<=": lambda clip: clip.date < behind,
        ">": lambda clip: clip.date >= behind,
        ">=": lambda clip: clip.date >= first,
    }
    return tests[sign]


def _dates(text: str) -> tuple[float, float] | None:
    """The seconds since 1970 at which a date, or a time of it, begins and ends; None where it is none."""
    try:
        for form, step in zip(_DATES, (1, 31, 366), strict=True):
            if re.fullmatch(re.sub("%.", r"\\d+", form), text):
                start = datetime.strptime(text, form)
                later = start + timedelta(days=step)
                behind = later if step == 1 else later.replace(day=1) if step == 31 else start.replace(year=later.year)
                return start.timestamp(), behind.timestamp()
        start = datetime.fromisoformat(text)
        written_to = timedelta(seconds=1) if text.count(":") > 1 else timedelta(minutes=1)
        return start.timestamp(), (start + written_to).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def _words_test(field: str, sign: str, value: _Token, fail: Fail) -> Test:
    if sign in _ORDERED:
        fail(value, f"{field} is text: compare it with = != ~ contains in")
    read, wanted = _WORDS[field], value.text.casefold()
    if sign == "~":
        return lambda clip: any(wanted in text.casefold() for text in read(clip))
    return lambda clip: any(text.casefold() == wanted for text in read(clip)) is (sign == "=")


def _stray(character: str) -> str:
    return "the quote is not closed" if character in "\"'" else "no part of a filter"


def _shortened(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:57]}...")
