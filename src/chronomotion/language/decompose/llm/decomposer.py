"""Events by a language model, behind any OpenAI-compatible endpoint."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from threading import Event, Lock

from chronomotion.errors import ModelError
from chronomotion.language.caption import Events
from chronomotion.language.decompose.decomposition import Decomposer, Decomposition, Described
from chronomotion.language.decompose.llm.cache import AnswerCache
from chronomotion.language.decompose.llm.check import AnswerError, checked_events
from chronomotion.language.decompose.llm.client import ChatClient, Endpoint, NoAnswerError
from chronomotion.language.decompose.llm.pace import Clock
from chronomotion.language.decompose.llm.plan import LlmPlan, plan_of
from chronomotion.language.decompose.llm.prompt import PROMPT_VERSION, Messages, first_request, repair_request
from chronomotion.language.decompose.llm.workers import workers
from chronomotion.language.decompose.same_words import words

__all__ = ["LlmDecomposer"]

_READ_AHEAD = 16
"""Captions read ahead for each request at a time: while one caption waits for a retry, the others go on."""

_UNANSWERED_IN_A_ROW = 8
"""So many captions in a row without an answer, and the endpoint is taken to be down."""

_Submit = Callable[[str], "Future[_Outcome]"]


@dataclass(frozen=True)
class _Outcome:
    """Events, or none and the reason why."""

    events: tuple[str, ...]
    note: str = ""


class LlmDecomposer:
    """Asks a language model for the events of a caption, checks what it says, and keeps it.

    An answer that fails the check (``llm_check.checked_events``) is sent back once with what is wrong. When the second
    one fails too, or there is none, ``fallback`` decides, and the ``mark`` says why. Answers are kept in the file
    ``cache`` by caption, model and version of the prompt as soon as they come: a second run asks only for what is
    missing.

    Raises ConfigError when the endpoint's address or key cannot be used, FormatError when ``cache`` is some other file,
    MissingExtraError without the openai SDK.
    """

    def __init__(self, endpoint: Endpoint, cache: Path, fallback: Decomposer, *, clock: Clock | None = None) -> None:
        self._endpoint = endpoint
        self._client = ChatClient(endpoint, clock or Clock())
        self._cache = AnswerCache(cache, endpoint.model, PROMPT_VERSION)
        self._fallback = fallback
        self._unanswered = 0
        self._lock = Lock()

    @property
    def source(self) -> str:
        """ "llm/MODEL/PROMPTVERSION"."""
        return f"llm/{self._endpoint.model}/{PROMPT_VERSION}"

    def plan(self, captions: Iterable[Described]) -> LlmPlan:
        """What decomposing these captions will take. Asks nothing."""
        texts = [caption.text for caption in captions]
        distinct = dict.fromkeys(texts)
        questions = ((text, self._known(text)) for text in distinct)
        return plan_of(
            len(texts), len(distinct), ((text, q[1]) for text, q in questions if not isinstance(q, _Outcome))
        )

    def decompose(self, captions: Iterable[Described]) -> Iterator[Decomposition]:
        """A decomposition for every caption, in the order of the captions, as soon as it is there.

        Asks for some captions ahead of the one that is yielded, each distinct caption once. Raises ModelError, in one
        line, when the endpoint refuses to be asked at all (no valid key, no such model) or no longer answers; what was
        answered until then is kept.
        """
        stop = Event()
        ahead: deque[tuple[Described, Future[_Outcome]]] = deque()
        pending: dict[str, Future[_Outcome]] = {}
        self._unanswered = 0
        with workers(self._endpoint.concurrency, partial(self._outcome, stop=stop)) as submit:
            try:
                for caption in captions:
                    ahead.append((caption, _submit_once(caption.text, pending, submit)))
                    while ahead and (len(ahead) >= _READ_AHEAD * self._endpoint.concurrency or ahead[0][1].done()):
                        yield self._next(ahead, pending)
                while ahead:
                    yield self._next(ahead, pending)
            finally:
                stop.set()

    def _next(
        self, ahead: deque[tuple[Described, Future[_Outcome]]], pending: dict[str, Future[_Outcome]]
    ) -> Decomposition:
        caption, future = ahead.popleft()
        outcome = future.result()
        pending.pop(caption.text, None)  # from here on the cache knows it
        if outcome.events:
            why = (f"{self._endpoint.model} says so", *([outcome.note] if outcome.note else []))
            return Decomposition(caption.text, Events(outcome.events, source=self.source), why)
        result = next(iter(self._fallback.decompose([caption])))
        marks = [f"fell back to {self._fallback.source}: {outcome.note}", *([result.mark] if result.mark else [])]
        return replace(result, mark="; ".join(marks))

    def _outcome(self, text: str, stop: Event) -> _Outcome:
        """What comes of a caption: from what is known already, else by asking up to twice. Runs in the workers."""
        while not isinstance(known := self._known(text), _Outcome):
            fault, messages = known
            try:
                answer = self._client.ask(messages, text, stop)
            except NoAnswerError as error:
                self._count_unanswered(error)
                return _Outcome((), str(error))
            with self._lock:
                self._unanswered = 0
            self._cache.add(text, fault, answer)
        return known

    def _known(self, text: str) -> _Outcome | tuple[str, Messages]:
        """What comes of a caption by the answers that are there.

        While one is missing: the fault of the answer before it, and the request.
        """
        if not words(text):
            return _Outcome((), "the caption has no words")
        fault, messages = "", first_request(text)
        for repaired in (False, True):
            answer = self._cache.get(text, fault)
            if answer is None:
                return fault, messages
            try:
                return _Outcome(checked_events(text, answer), f"after repair: {fault}" if repaired else "")
            except AnswerError as error:
                fault, messages = str(error), repair_request(text, answer, str(error))
        return _Outcome((), fault)

    def _count_unanswered(self, error: NoAnswerError) -> None:
        """Raises ModelError when it happens too often: a dead endpoint must not turn a whole corpus over to the
        fallback.
        """
        with self._lock:
            self._unanswered += 1
            if self._unanswered >= _UNANSWERED_IN_A_ROW:
                kept = f"what was answered is kept in {self._cache.path}: run the same again to go on"
                raise ModelError(
                    f"{self._unanswered} captions in a row without an answer, the last: {error}; {kept}"
                ) from error


def _submit_once(text: str, pending: dict[str, Future[_Outcome]], submit: _Submit) -> Future[_Outcome]:
    """One request for equal captions that are under way together."""
    if text not in pending:
        pending[text] = submit(text)
    return pending[text]
