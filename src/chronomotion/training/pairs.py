"""What a model sees in an epoch: pairs of a motion and a caption, and captions that are wrong only in their order.

Everything here is a pure function of (seed, epoch, clip): two runs see the same pairs whatever was interrupted in
between.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from chronomotion.corpus.compose.joins import reordered_features
from chronomotion.corpus.corpus import Corpus
from chronomotion.errors import TrainingError
from chronomotion.language.caption import Events
from chronomotion.language.narrate import STYLES, narrate
from chronomotion.language.order import Order, count_orders, shuffles
from chronomotion.language.wording import tell
from chronomotion.seeding import integer, share
from chronomotion.training.config import TrainingConfig

__all__ = ["Pair", "pair_motion", "pairs_of"]


@dataclass(frozen=True)
class Pair:
    """A motion and its caption for one epoch.

    ``caption`` is the number of the clip's caption; ``order`` is None for the motion as it is, else the order in which
    its segments are joined again. ``text`` tells ``keys`` (what happens, in order); each of ``wrong`` tells the same
    events in the order ``wrong_keys``.
    """

    clip: str
    caption: int
    order: Order | None
    text: str
    keys: tuple[str, ...]
    wrong: tuple[str, ...]
    wrong_keys: tuple[tuple[str, ...], ...]


def _told(events: Events, narrated: bool, style: str) -> str:
    return narrate(events.texts, style) if narrated else tell(events.texts)


def pairs_of(corpus: Corpus, name: str, config: TrainingConfig, epoch: int) -> list[Pair]:
    """The pairs of a clip in an epoch (of a round of epochs), words and orders drawn; the motions come from
    :func:`pair_motion`.

    One pair, the clip as it is; under ``counterfactual``, where event times are known, also its twin: motion and
    caption put into the same new order, drawn uniformly from the other ones. In one batch each twin is the other's
    nearest negative, as a text AND as a motion. Right and wrong captions are always told in one and the same way, so
    that style gives nothing away. A caption without two different events has neither twin nor wrong order. Raises
    TrainingError for a clip without captions.
    """
    captions = corpus.captions(name)
    if not captions:
        raise TrainingError(f"clip {name!r} of {corpus.folder} has no caption to train on")
    number = integer("caption", config.seed, epoch, name) % len(captions)
    events = captions[number].events
    if events is None:
        text = captions[number].text
        return [Pair(name, number, None, text, (text,), (), ())]
    if config.negatives != "counterfactual" or events.spans is None or count_orders(events.keys) < 2:
        return [_pair(name, number, None, events, None, config, epoch)]
    twin = shuffles(events.keys, 1, "twin", config.seed, epoch, name, number)[0]
    return [
        _pair(name, number, None, events, twin, config, epoch),
        _pair(name, number, twin, events, tuple(range(len(events))), config, epoch),
    ]


def _pair(
    name: str,
    number: int,
    order: Order | None,
    recorded: Events,
    other: Order | None,
    config: TrainingConfig,
    epoch: int,
) -> Pair:
    """The pair in which the ``recorded`` events happen in ``order``; twins are told in the same style.

    The caption of the ``other`` twin is in the batch anyway, and is not said a second time.
    """
    identity = (config.seed, epoch, name, number)
    narrated = share("narrated", *identity) < config.narrated_share
    style = list(STYLES)[integer("style", *identity) % len(STYLES)]
    events = recorded if order is None else recorded.reordered(order)
    count = 0 if config.negatives == "none" else config.shuffles
    orders = shuffles(events.keys, count, *identity, *(order or ()))
    said = None if other is None else recorded.reordered(other).keys
    wrong = [one for one in map(events.reordered, orders) if one.keys != said]
    return Pair(
        name,
        number,
        order,
        _told(events, narrated, style),
        events.keys,
        tuple(_told(one, narrated, style) for one in wrong),
        tuple(one.keys for one in wrong),
    )


def pair_motion(corpus: Corpus, pair: Pair) -> Float[np.ndarray, "frames dim"]:
    """Features of the pair's motion; a re-ordered one is cut at its events' times and joined again."""
    features = corpus.features(pair.clip)
    if pair.order is None:
        return features
    events = corpus.captions(pair.clip)[pair.caption].events
    if events is None or events.spans is None:
        raise TrainingError(f"clip {pair.clip!r}: no event times to re-order it by")
    return reordered_features(features, events.spans, pair.order)
