"""The pairs of a motion and a caption that a model sees in an epoch, and their shuffled captions.

Everything here is a pure function of (seed, epoch, clip), so that an interrupted run sees the same pairs as one that
was not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chronomotion.corpus.corpus import Corpus
from chronomotion.language.canonical import canonical, canonical_caption, canonical_events
from chronomotion.language.caption import Events
from chronomotion.language.mirror import mirrored_events
from chronomotion.language.narrate import STYLES, narrate
from chronomotion.language.order import count_orders, shuffles
from chronomotion.language.wording import as_written, tell
from chronomotion.seeding import Part, integer, share
from chronomotion.training.compound import Compound, compound_of
from chronomotion.training.config import TrainingConfig
from chronomotion.training.crops import cropped
from chronomotion.training.foils import Foils
from chronomotion.training.spans import Piece, drawn_caption, piece_of

__all__ = ["Pair", "pairs_of"]


@dataclass(frozen=True)
class Pair:
    """A motion and its caption for one epoch.

    The motion consists of ``pieces`` of recorded clips, joined if there are several. ``text`` describes the events
    ``keys`` in order; each text of ``wrong`` describes ``wrong_keys``, the same events in another order or, for foils,
    with another event among them. ``labelled``: the keys are names of actions, which are compared literally, and not
    sentences. ``corpus`` is the number of the corpus in the training's list.
    """

    clip: str
    pieces: tuple[Piece, ...]
    text: str
    keys: tuple[str, ...]
    wrong: tuple[str, ...] = ()
    wrong_keys: tuple[tuple[str, ...], ...] = ()
    labelled: bool = False
    corpus: int = 0


@dataclass(frozen=True)
class _Draw:
    """What is drawn for a clip in an epoch: its caption, and the wording of the caption and its shuffles."""

    clip: str
    config: TrainingConfig
    identity: tuple[Part, ...]
    foils: Foils | None = None

    @property
    def narrated(self) -> bool:
        return share("narrated", *self.identity) < self.config.narrated_share

    @property
    def canonical(self) -> bool:
        wanted = self.config.captions
        return wanted == "canonical" or (wanted == "both" and share("canonical", *self.identity) < 0.5)

    def told(self, events: Events) -> Events:
        """Events in the words in which they are told."""
        return canonical_events(events) if self.canonical else events

    def worded(self, events: Events) -> str:
        """Events as a text. Right and wrong captions of a draw have the same style, so that style does not tell them
        apart.
        """
        if self.canonical:
            return canonical("", events)
        if self.config.positives != "told":
            return as_written(events.texts)
        style = list(STYLES)[integer("style", *self.identity) % len(STYLES)]
        sentences = all(". " not in text for text in events.texts)  # connectives join single sentences only
        return narrate(events.texts, style) if self.narrated and sentences else tell(events.texts)

    def _foils(self, events: Events, seed: Sequence[Part]) -> list[Events]:
        if self.foils is None:
            return []
        drawn = [self.foils.foil(events, *self.identity, *seed, number) for number in range(self.config.foils)]
        return [foil for foil in drawn if foil is not None]

    def pair(
        self,
        pieces: Sequence[Piece],
        events: Events,
        seed: Sequence[Part],
        twin_keys: tuple[str, ...] | None,
        text: str = "",
    ) -> Pair:
        """The pair of these events. A shuffle in the order of the twin's caption (``twin_keys``) is left out: the batch
        has it already, as that caption.
        """
        count = 0 if self.config.negatives == "none" else self.config.shuffles
        wrong = [events.reordered(order) for order in shuffles(events.keys, count, *self.identity, *seed)]
        wrong = [shuffle for shuffle in wrong if shuffle.keys != twin_keys] + self._foils(events, seed)
        return Pair(
            self.clip,
            tuple(pieces),
            text or self.worded(events),
            events.keys,
            tuple(self.worded(shuffle) for shuffle in wrong),
            tuple(shuffle.keys for shuffle in wrong),
            events.labels is not None,
        )


def pairs_of(
    corpus: Corpus,
    name: str,
    config: TrainingConfig,
    epoch: int,
    names: Sequence[str] = (),
    foils: Foils | None = None,
) -> list[Pair]:
    """The pairs of a clip in an epoch (of a round of epochs), words and orders drawn; the motions come from
    :func:`chronomotion.training.motions.pair_motion`.

    One pair, the clip as it is; under ``counterfactual``, where event times are known, also its twin: motion and
    caption put into the same new order, drawn uniformly from the other ones. In one batch each twin is the other's
    nearest negative, as a text AND as a motion. For ``mirror_share`` of the clips whose events name a side, the twin is
    the mirror image instead. ``compound_share`` of the clips are joined with others of ``names``,
    and have their twin, too. A caption without two different events has neither twin nor wrong order. ``foils`` gives
    captions with another event among their own. Raises TrainingError for a clip without captions that can be trained
    on.
    """
    number, caption = drawn_caption(corpus, name, config, epoch)
    draw = _Draw(name, config, (config.seed, epoch, name, number), foils)
    if len(names) > 1 and share("compound", config.seed, epoch, name) < config.compound_share:
        return _compound_pairs(draw, compound_of(corpus, name, names, config, epoch))
    if draw.canonical:
        caption = canonical_caption(caption)
    piece, events = piece_of(corpus, name, caption), caption.events
    if share("crop", *draw.identity) < config.crop_share:
        piece, events = cropped(corpus, piece, caption, config, draw.identity)
    if events is None:
        return [Pair(name, (piece,), caption.text, (caption.text,))]
    whole = events is caption.events
    text = caption.text if config.positives == "original" and whole else ""
    if share("mirror", *draw.identity) < config.mirror_share:
        image = mirrored_events(events)
        if image.keys != events.keys:
            seen = replace(piece, mirrored=True)
            return [draw.pair([piece], events, (), None, text), draw.pair([seen], image, ("mirror",), None)]
    if config.negatives != "counterfactual" or events.spans is None or count_orders(events.keys) < 2:
        return [draw.pair([piece], events, (), None, text)]
    twin = shuffles(events.keys, 1, "twin", *draw.identity)[0]
    other = events.reordered(twin)
    cut = [Piece(name, *events.spans[i]) for i in twin]
    return [draw.pair([piece], events, (), other.keys, text), draw.pair(cut, other, twin, events.keys)]


def _compound_pairs(draw: _Draw, compound: Compound) -> list[Pair]:
    events, pieces = compound.in_order(compound.first)
    events = draw.told(events)
    if draw.config.negatives != "counterfactual" or compound.second is None:
        return [draw.pair(pieces, events, ("compound",), None)]
    twin, twin_pieces = compound.in_order(compound.second)
    twin = draw.told(twin)
    return [
        draw.pair(pieces, events, ("compound",), twin.keys),
        draw.pair(twin_pieces, twin, ("compound", *compound.second), events.keys),
    ]
