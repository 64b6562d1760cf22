"""Words for actions: from a table in the package, else from the name of the action."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files

from chronomotion.language.verbs import third_person

__all__ = ["wordings"]


@cache
def _table() -> dict[str, list[str]]:
    return tomllib.loads(files(__package__).joinpath("wordings.toml").read_text(encoding="utf-8"))


def wordings(action: str) -> list[str]:
    """Ways to say what a person does, in the third person ("walks forward"); an action that
    is not in the table gets one wording, from its name.
    """
    known = _table().get(action)
    if known:
        return known
    phrase = re.sub(r"[\s_-]+", " ", action).strip().lower()
    return [third_person(phrase)]
