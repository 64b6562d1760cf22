"""What an endpoint takes in a request: "OpenAI-compatible" is said of servers that refuse different things."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chronomotion.language.decompose.llm.prompt import SCHEMA

__all__ = ["Dialect"]

_FORMATS: tuple[dict[str, object] | None, ...] = (
    {"type": "json_schema", "json_schema": {"name": "events", "strict": True, "schema": SCHEMA}},
    {"type": "json_object"},
    None,
)


@dataclass(frozen=True)
class Dialect:
    """How requests to one server are put: first with all that helps, then without what it refuses.

    ``format`` counts down from a JSON schema over a JSON object to plain text. ``temperature`` 0 and the old name of
    the token ``limit`` are refused by OpenAI's reasoning models.
    """

    format: int = 0
    temperature: bool = True
    limit: str = "max_tokens"

    def settings(self, model: str, tokens: int) -> dict[str, object]:
        """What goes into a request beside the messages, for an answer of at most so many tokens."""
        settings: dict[str, object] = {"model": model, self.limit: tokens}
        if self.temperature:
            settings["temperature"] = 0
        form = _FORMATS[self.format]
        return settings if form is None else settings | {"response_format": form}

    def poorer(self, complaint: str) -> Dialect | None:
        """What to try next when a server refuses this one with a complaint; None when nothing is left to leave out."""
        if self.limit == "max_tokens" and "max_completion_tokens" in complaint:
            return replace(self, limit="max_completion_tokens")
        if self.temperature and "temperature" in complaint:
            return replace(self, temperature=False)
        if self.format + 1 < len(_FORMATS):
            return replace(self, format=self.format + 1)
        return None
