"""A module in evaluation mode for as long as anybody encodes with it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakKeyDictionary

from torch import nn

__all__ = ["evaluation_mode"]

_lock = threading.Lock()
_users: WeakKeyDictionary[nn.Module, int] = WeakKeyDictionary()
_trained: WeakKeyDictionary[nn.Module, list[nn.Module]] = WeakKeyDictionary()


@contextmanager
def evaluation_mode(module: nn.Module) -> Iterator[None]:
    """No dropout inside the block; then every submodule is again in the mode that it was in.

    Several threads may be inside at a time: the first one switches, the last one switches back. A module that is in
    evaluation mode already is not touched.
    """
    with _lock:
        if not _users.get(module):
            _trained[module] = [part for part in module.modules() if part.training]
            for part in _trained[module]:
                part.training = False
        _users[module] = _users.get(module, 0) + 1
    try:
        yield
    finally:
        with _lock:
            _users[module] -= 1
            if not _users[module]:
                for part in _trained.pop(module):
                    part.training = True
