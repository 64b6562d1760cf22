"""From text to motion: a tokenizer of motions, and a model of its codes that reads events in their order.

The public names are loaded when they are first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from chronomotion.threads import set_up_threads

if TYPE_CHECKING:
    from chronomotion.generation.tokenizer.motion_tokenizer import MotionTokenizer

__all__ = ["MotionTokenizer"]

set_up_threads()  # torch reads it once, when it is imported, as the modules of this folder do

_HOMES = {"MotionTokenizer": "tokenizer.motion_tokenizer"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'chronomotion.generation' has no attribute {name!r}")
    return getattr(importlib.import_module(f"chronomotion.generation.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
