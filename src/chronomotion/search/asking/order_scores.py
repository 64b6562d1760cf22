"""How well a clip fits every order of some events, beside what the words alone would say."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from chronomotion.language.caption import Events
from chronomotion.language.order import Order, other_orders
from chronomotion.language.wording import tell
from chronomotion.search.asking.prepared import PreparedLibrary
from chronomotion.search.records import OrderScore

__all__ = ["order_scores"]

_ORDERS = 24
"""Orders that are compared: all of up to four events, of more a sample that depends on the asked order."""


def order_scores(prepared: PreparedLibrary, events: Events, number: int) -> tuple[OrderScore, ...]:
    """Every order of the events by its cosine with a clip, best first; of equal ones the asked order comes first.

    A clip's cosine is that of its best window, the whole or a long one. ``blind`` is the cosine with the mean of the
    library's motions: whatever order it likes better is liked for its words, and not for what the clip shows.
    """
    asked: Order = tuple(range(len(events)))
    orders = [asked, *other_orders(events.keys, "order scores", *events.texts, limit=_ORDERS - 1)]
    texts = {order: tell(events.reordered(order).texts) for order in orders}
    vectors = prepared.text_vectors(texts.values())
    windows = _windows_of(prepared, number)
    mean = prepared.mean_motion
    rows = [
        OrderScore(
            events.reordered(order).texts,
            float((windows @ vectors[texts[order]]).max()),
            float(mean @ vectors[texts[order]]),
            order == asked,
        )
        for order in orders
    ]
    return tuple(sorted(rows, key=lambda row: (-row.score, not row.asked, row.events)))


def _windows_of(prepared: PreparedLibrary, number: int) -> Float[np.ndarray, "windows dim"]:
    clip = np.array([number])
    tables = (prepared.library.windows(kind).of(clip) for kind in ("whole", "long"))
    return np.concatenate([np.asarray(table.vectors, dtype=np.float32) for table in tables])
