"""A module in evaluation mode while any thread encodes with it."""

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
    """No dropout inside the block; afterwards every submodule returns to its previous mode.

    Several threads may be inside at the same time: the first thread switches the mode, and the last thread restores it.
    A module that is already in evaluation mode is not changed.
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
