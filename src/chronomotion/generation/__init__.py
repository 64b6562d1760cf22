"""From text to motion: a tokenizer of motions, and a model of its codes that reads events in their order.

The public names are loaded when they are first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from chronomotion.threads import set_up_threads

if TYPE_CHECKING:
    from chronomotion.generation.generator import Generator
    from chronomotion.generation.requests import GenerationRequest
    from chronomotion.generation.result import Generated
    from chronomotion.generation.tokenizer.motion_tokenizer import MotionTokenizer

__all__ = ["Generated", "GenerationRequest", "Generator", "MotionTokenizer"]

set_up_threads()  # torch reads it once, when it is imported, as the modules of this folder do

_HOMES = {
    "Generated": "result",
    "GenerationRequest": "requests",
    "Generator": "generator",
    "MotionTokenizer": "tokenizer.motion_tokenizer",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'chronomotion.generation' has no attribute {name!r}")
    return getattr(importlib.import_module(f"chronomotion.generation.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
