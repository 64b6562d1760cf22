"""Asking an OpenAI-compatible endpoint until it answers, or until it is clear that it will not."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Event

from chronomotion.errors import ConfigError, ModelError
from chronomotion.language.decompose.llm.connection import KEYS, Connection, NoReplyError, RefusedError
from chronomotion.language.decompose.llm.dialect import Dialect
from chronomotion.language.decompose.llm.pace import Clock, Pace, back_off, retry_after
from chronomotion.language.decompose.llm.prompt import Messages

__all__ = ["ChatClient", "Endpoint", "NoAnswerError"]

_LONGEST_REST = 600.0
_NOT_FOR_ONE_CAPTION = frozenset({401, 402, 403, 404, 405})


@dataclass(frozen=True)
class Endpoint:
    """Where a language model is asked, and how hard. Raises ConfigError for a setting that is out of range."""

    base_url: str
    """Up to and including /v1: "http://127.0.0.1:8000/v1"."""
    model: str
    concurrency: int = 4
    """Requests at a time."""
    requests_per_minute: float | None = None
    timeout: float = 60.0
    """Seconds without a byte after which a request is given up."""
    retries: int = 6
    """Tries after the first; with the back-off they span about a minute."""
    answer_tokens: int = 512
    """The longest answer; models that think before they answer need a few thousand."""
    seed: int = 0
    """Of the jitter in the back-off."""

    def __post_init__(self) -> None:
        if not self.model.strip():
            raise ConfigError("the name of the language model is empty; give the name that the endpoint knows it by")
        for name, least in (("concurrency", 1), ("retries", 0), ("answer_tokens", 1)):
            if getattr(self, name) < least:
                raise ConfigError(f"{name} is {getattr(self, name)}; it has to be at least {least}")
        for name in ("timeout", "requests_per_minute"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise ConfigError(f"{name} is {value}; it has to be above 0")


class NoAnswerError(ModelError):
    """This question was not answered; others may be."""


class ChatClient:
    """Asks one endpoint, from any number of threads, which share its limits.

    Raises ConfigError when the address, or the key or a proxy of the environment, cannot be used; MissingExtraError
    without the openai SDK.
    """

    def __init__(self, endpoint: Endpoint, clock: Clock) -> None:
        self._endpoint = endpoint
        self._connection = Connection(endpoint.base_url, endpoint.timeout)
        self._clock = clock
        self._pace = Pace(endpoint.requests_per_minute, clock)
        self._dialect = Dialect()
        self._settled = False  # whether the server has taken the dialect: from then on a 400 is about the caption

    def ask(self, messages: Messages, identity: str, stop: Event) -> str:
        """The answer. ``identity`` (the caption) goes into the jitter; after ``stop`` nothing is tried again.

        Raises NoAnswerError when the server refuses this question or every try has failed, ModelError when it would be
        the same for every other question.
        """
        for attempt in range(self._endpoint.retries + 1):
            if stop.is_set():
                raise self._failed(NoAnswerError, "interrupted")
            try:
                return self._ask_once(messages)
            except NoReplyError as error:
                if error.hopeless and not self._settled:
                    raise self._failed(ModelError, f"{error}; is the server running?") from error
                last: ModelError = error
                pause = 0.0
            except RefusedError as error:
                if not (error.status in (408, 409, 429) or error.status >= 500):
                    raise self._refused(error) from error
                last = error
                pause = self._requested_pause(error)
            if attempt < self._endpoint.retries:
                self._clock.sleep(max(pause, back_off(attempt, self._endpoint.seed, identity)))
        raise self._failed(NoAnswerError, f"{last} ({attempt + 1} tries)") from last

    def _ask_once(self, messages: Messages) -> str:
        """One answer. Until the first one, what the server refuses (400, 422) is left out bit by bit."""
        dialect = self._dialect
        while True:
            self._pace.wait()
            try:
                settings = dialect.settings(self._endpoint.model, self._endpoint.answer_tokens)
                answer = self._connection.ask(messages, **settings)
            except RefusedError as error:
                poorer = dialect.poorer(error.detail) if error.status in (400, 422) and not self._settled else None
                if poorer is None:
                    raise
                dialect = poorer
            else:
                if not self._settled:
                    self._dialect, self._settled = dialect, True
                return answer

    def _requested_pause(self, error: RefusedError) -> float:
        """Seconds of rest that the server asks for; no thread asks anything in the meantime."""
        pause = retry_after(error.retry_after, self._clock.wall()) or 0.0
        if pause > _LONGEST_REST:
            raise self._failed(ModelError, f"{error}; it asks to wait {pause:.0f} s: run the same again then")
        self._pace.rest(pause)
        return pause

    def _refused(self, error: RefusedError) -> ModelError:
        if error.status not in _NOT_FOR_ONE_CAPTION and error.status >= 400:
            return self._failed(NoAnswerError, str(error))
        fix = ""
        if error.status in (401, 403):
            has = "the key was refused" if self._connection.has_key else "no key is set"
            fix = f" ({has}: set {KEYS[0]} or {KEYS[1]})"
        elif error.status in (404, 405) or error.status < 400:
            fix = f" (is there a model {self._endpoint.model!r}, and does base_url end right, often in /v1?)"
        return self._failed(ModelError, f"{error}{fix}")

    def _failed(self, kind: type[ModelError], what: str) -> ModelError:
        return kind(f"{self._connection.shown}: {what}")
