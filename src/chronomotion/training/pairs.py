"""What a model sees in an epoch: pairs of a motion and a caption, and captions that are wrong only in their order.

Everything here is a pure function of (seed, epoch, clip): two runs see the same pairs whatever was interrupted in between.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from chronomotion.corpus.compose.joins import reordered
from chronomotion.corpus.corpus import Corpus
from chronomotion.errors import TrainingError
from chronomotion.language.caption import Caption, Events
from chronomotion.language.narrate import STYLES, narrate
from chronomotion.language.order import Order, count_orders, shuffles
from chronomotion.language.wording import tell
from chronomotion.motion.features import features_of, motion_of
from chronomotion.seeding import integer, share
from chronomotion.training.config import TrainingConfig

__all__ = ["Pair", "pair_of", "pair_motion"]


@dataclass(frozen=True)
class Pair:
    """A motion and its caption for one epoch.

    ``order`` is None for the motion as it is, else the order in which its segments are joined again. ``text`` tells ``keys``
    (what happens, in order); each of ``wrong`` tells the same events in the order ``wrong_keys``.
    """

    clip: str
    order: Order | None
    text: str
    keys: tuple[str, ...]
    wrong: tuple[str, ...]
    wrong_keys: tuple[tuple[str, ...], ...]


def _told(events: Events, narrated: bool, style: str) -> str:
    return narrate(events.texts, style) if narrated else tell(events.texts)


def pair_of(corpus: Corpus, name: str, config: TrainingConfig, epoch: int) -> Pair:
    """The pair of a clip in an epoch (of a round of epochs), words and orders drawn; the motion itself comes from :func:`pair_motion`.

    Right and wrong captions are always told in one and the same way, so that style gives nothing away. A caption without
    two different events has no wrong order. Raises TrainingError for a clip without captions.
    """
    captions = corpus.captions(name)
    if not captions:
        raise TrainingError(f"clip {name!r} of {corpus.folder} has no caption to train on")
    identity = (config.seed, epoch, name)
    number = integer("caption", *identity) % len(captions)
    caption = captions[number]
    if caption.events is None:
        return Pair(name, None, caption.text, (caption.text,), (), ())
    events, order = _reorder(caption, config, number, epoch, name)
    narrated = share("narrated", *identity) < config.narrated_share
    style = list(STYLES)[integer("style", *identity) % len(STYLES)]
    wrong: list[Events] = []
    if config.negatives != "none":
        orders = shuffles(events.keys, config.shuffles, *identity, number)
        wrong = [events.reordered(one) for one in orders]
        if order is not None:  # the order of before is what the re-ordered pair has to be told from
            wrong[0] = caption.events
    return Pair(
        name,
        order,
        _told(events, narrated, style),
        events.keys,
        tuple(_told(one, narrated, style) for one in wrong),
        tuple(one.keys for one in wrong),
    )


def _reorder(caption: Caption, config: TrainingConfig, number: int, epoch: int, name: str) -> tuple[Events, Order | None]:
    """The events as the motion will show them, and the order in which its segments are joined for that."""
    events = caption.events
    assert events is not None  # noqa: S101 - for the type checker; the caller has looked
    identity = ("counterfactual", config.seed, epoch, name, number)
    eligible = config.negatives == "counterfactual" and events.spans is not None and count_orders(events.keys) > 1
    if not eligible or share(*identity) >= config.counterfactual_share:
        return events, None
    order = shuffles(events.keys, 1, *identity)[0]
    return events.reordered(order), order


def pair_motion(corpus: Corpus, pair: Pair) -> Float[np.ndarray, "frames dim"]:
    """Features of the pair's motion; a re-ordered one is cut at its events' times and joined again."""
    features = corpus.features(pair.clip)
    if pair.order is None:
        return features
    spans = next(
        caption.events.spans
        for caption in corpus.captions(pair.clip)
        if caption.events is not None and caption.events.spans is not None and len(caption.events) == len(pair.order)
    )
    motion, _ = reordered(motion_of(features), spans, pair.order)
    return features_of(motion, retarget=False)
