"""Words for actions: from a table in the package, else from the name of the action."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files

from chronomotion.language.verbs import third_person

__all__ = ["wordings"]


@cache
def _table(name: str) -> dict[str, list[str]]:
    return tomllib.loads(files(__package__).joinpath(name).read_text(encoding="utf-8"))


def wordings(action: str, *, many: bool = False) -> list[str]:
    """Ways to say what a person does, in the third person ("walks forward"); an action that is not in the table gets
    one wording, from its name. With ``many`` there are more, in other people's words.
    """
    known = _table("wordings.toml").get(action, [])
    if many:
        known = list(dict.fromkeys([*known, *_table("wordings_varied.toml").get(action, [])]))
    if known:
        return known
    phrase = re.sub(r"[\s_-]+", " ", action).strip().lower()
    return [third_person(phrase)]
