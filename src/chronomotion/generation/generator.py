"""The generator: from texts to motions.

``text -> events -> seconds -> tokens -> codes (prior) -> features (tokenizer) -> motion -> clean motion``
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from chronomotion.errors import ConfigError, FormatError, ModelError
from chronomotion.generation.opening import check_generator_folder
from chronomotion.generation.prefix import Prefix, prefix_tokens
from chronomotion.generation.prior.config import Sampling
from chronomotion.generation.prior.prompt import Prompt
from chronomotion.generation.requests import GenerationRequest, TokenLimits, asked_tokens
from chronomotion.generation.reranking import best_of, check_reader
from chronomotion.generation.result import Choice, Generated, figures_of
from chronomotion.generation.roles import CodePrior, Codes, CodeTokenizer
from chronomotion.generation.streaming import Stretch, decoded, stretches
from chronomotion.motion.cleaning import cleaned, contacts_of, steadied
from chronomotion.motion.features import features_of, motion_of
from chronomotion.motion.layout import Layout, layout_of_width

if TYPE_CHECKING:
    from chronomotion.model.encoder import MotionTextEncoder

__all__ = ["Generator"]

_TOGETHER = 16
"""Motions that the prior makes at a time."""


@dataclass(frozen=True, eq=False)
class _Planned:
    """A request, checked: what is made of it, stretch by stretch."""

    request: GenerationRequest
    prompt: Prompt
    stretches: tuple[Stretch, ...]
    prefix: Prefix | None


@dataclass(eq=False)
class _Attempted:
    """One motion on its way: the codes so far, those of the prefix among them, and the length of each stretch."""

    plan: _Planned
    number: int
    codes: Codes
    lengths: list[int]


class Generator:
    """Makes motions of texts: a :class:`MotionPrior` says codes, a :class:`MotionTokenizer` makes motions of them.

    Raises ModelError when the prior was trained with another tokenizer, or the tokenizer's features are of no skeleton
    that is known.

    Example::

        generator = Generator.from_pretrained("runs/generator")
        request = GenerationRequest("a person walks forward, then sits down", seconds=(3.0, 2.0))
        for made in generator.generate(request.variants(4)):
            write_motion(made.motion, f"{made.request.variant}.bvh")
    """

    def __init__(self, tokenizer: CodeTokenizer, prior: CodePrior, *, name: str = "generator") -> None:
        self.tokenizer, self.prior, self.name = tokenizer, prior, name
        self.layout = _layout_of(tokenizer, name)
        if prior.tokenizer_fingerprint != tokenizer.fingerprint:
            raise ModelError(
                f"{name}: the prior was trained on the codes of the tokenizer {prior.tokenizer_fingerprint[:12]}, but "
                f"the tokenizer beside it is {tokenizer.fingerprint[:12]}: put its own there, or train the prior anew"
            )

    @property
    def fingerprint(self) -> str:
        """Equal fingerprints make the same motions."""
        parts = f"{self.tokenizer.fingerprint} {self.prior.fingerprint}"
        return hashlib.blake2b(parts.encode(), digest_size=16).hexdigest()

    @property
    def seconds_limit(self) -> float:
        """Seconds of the longest motion that is made in one go."""
        return self.prior.config.max_tokens / self._per_second

    @classmethod
    def from_pretrained(cls, folder: str | Path, *, device: str = "cpu", text_model: str | None = None) -> Generator:
        """The generator in a folder: the prior's files, and the tokenizer's in ``tokenizer``. ``text_model`` is where
        the language model lies, where its name is not available.

        Raises ModelError, with what the folder is instead, when there is none, or its halves do not belong together.
        """
        from chronomotion.generation.prior.motion_prior import MotionPrior
        from chronomotion.generation.prior.texts import texts_of
        from chronomotion.generation.tokenizer.motion_tokenizer import MotionTokenizer

        folder = Path(folder)
        check_generator_folder(folder)
        tokenizer = MotionTokenizer.from_pretrained(folder / "tokenizer", device=device)
        texts = None if text_model is None else texts_of(text_model, device=device)
        prior = MotionPrior.from_pretrained(folder, texts=texts, device=device)
        return cls(tokenizer, prior, name=folder.resolve().name)

    def generate(
        self,
        requests: Sequence[GenerationRequest],
        *,
        sampling: Sampling | None = None,
        clean: bool = True,
        rerank: int = 1,
        model: MotionTextEncoder | None = None,
        on_done: Callable[[int, int], None] | None = None,
    ) -> list[Generated]:
        """A motion for each request, in their order. See :meth:`iterate`; ``on_done`` is called with (done, all)."""
        made = []
        for each in self.iterate(requests, sampling=sampling, clean=clean, rerank=rerank, model=model):
            made.append(each)
            if on_done is not None:
                on_done(len(made), len(requests))
        return made

    def iterate(
        self,
        requests: Sequence[GenerationRequest],
        *,
        sampling: Sampling | None = None,
        clean: bool = True,
        rerank: int = 1,
        model: MotionTextEncoder | None = None,
    ) -> Iterator[Generated]:
        """The motions one by one, as they get ready. All requests are checked before the first is made.

        A motion depends on its request, the settings and the generator alone: the same bytes whatever is made with it.
        With ``clean`` bones keep their lengths, feet stay on the floor and do not slide (:mod:`motion.cleaning`).
        ``rerank`` attempts are made of each, and the best one by ``model`` is taken (:mod:`generation.reranking`).

        Raises ConfigError for a text, events or seconds that cannot be; ModelError and FormatError for an ``after``
        that the generator cannot go on from.
        """
        sampling = Sampling() if sampling is None else sampling
        self._check_rerank(rerank, model)
        plans = self._plans(requests)
        return self._made(plans, sampling, clean=clean, rerank=rerank, model=model)

    def planned(self, request: GenerationRequest) -> tuple[tuple[str, ...], tuple[float, ...] | None]:
        """(events, seconds of each) that are going to be made; seconds None where the prior ends by itself.

        Checks a request without making anything: raises what :meth:`iterate` raises for it.
        """
        prompt = request.prompt()
        tokens = self._tokens(request, prompt)
        return prompt.events, None if tokens is None else tuple(count / self._per_second for count in tokens)

    def _made(
        self,
        plans: Sequence[_Planned],
        sampling: Sampling,
        *,
        clean: bool,
        rerank: int,
        model: MotionTextEncoder | None,
    ) -> Iterator[Generated]:
        together = max(1, _TOGETHER // rerank)
        for first in range(0, len(plans), together):
            group = plans[first : first + together]
            attempts = [self._begun(plan, number) for plan in group for number in range(rerank)]
            self._say(attempts, sampling)
            for place, plan in enumerate(group):
                mine = attempts[place * rerank : (place + 1) * rerank]
                yield self._best(plan, mine, clean=clean, model=model)

    def _check_rerank(self, rerank: int, model: MotionTextEncoder | None) -> None:
        if rerank < 1:
            raise ConfigError(f"rerank must be 1 or more attempts, not {rerank}")
        if rerank > 1 and model is None:
            raise ConfigError(f"the best of {rerank} attempts is chosen by a motion-text model: give one")
        if model is not None:
            check_reader(model, self.tokenizer.dim, self.tokenizer.fps, self.name)

    @property
    def _per_second(self) -> float:
        return self.tokenizer.fps / self.tokenizer.frames_per_token

    @property
    def _prefix_tokens(self) -> int:
        """Tokens that a stretch goes on from; half of a very short context."""
        return min(prefix_tokens(self.tokenizer), max(1, self.prior.config.max_tokens // 2))

    def _plans(self, requests: Sequence[GenerationRequest]) -> list[_Planned]:
        """All requests, checked; what they share is worked out once."""
        prefixes: dict[int, Prefix] = {}
        made: dict[tuple[object, ...], tuple[Prompt, tuple[Stretch, ...]]] = {}
        plans = []
        for request in requests:
            key = (request.text, request.events, request.seconds, id(request.after))
            if key not in made:
                with _named(request, len(requests)):
                    made[key] = self._stretches(request)
            if request.after is not None and id(request.after) not in prefixes:
                prefixes[id(request.after)] = Prefix.of(request.after, self.tokenizer)
            plans.append(_Planned(request, *made[key], prefixes.get(id(request.after))))
        return plans

    def _stretches(self, request: GenerationRequest) -> tuple[Prompt, tuple[Stretch, ...]]:
        """The prompt, and in which parts it is made."""
        prompt, config = request.prompt(), self.prior.config
        tokens, begun = self._tokens(request, prompt), request.after is not None
        parts = stretches(
            prompt,
            tokens,
            most_tokens=config.max_tokens,
            most_events=config.max_events,
            prefix=self._prefix_tokens,
            begun=begun,
        )
        return prompt, tuple(parts)

    def _tokens(self, request: GenerationRequest, prompt: Prompt) -> tuple[int, ...] | None:
        """Tokens of each event; None where the prior ends by itself."""
        count, config = len(prompt.events), self.prior.config
        plans = config.plan and config.reads_events
        if request.seconds is None and not plans:
            return None
        predicted = self._predicted(prompt) if plans else (1.0,) * count
        goes_on = count > 1 or request.after is not None
        longest = config.max_tokens - (self._prefix_tokens if goes_on else 0)
        limits = TokenLimits(config.min_tokens if count == 1 else 1, longest, self._per_second)
        return asked_tokens(request.seconds, predicted, limits, prompt.events)

    def _predicted(self, prompt: Prompt) -> tuple[float, ...]:
        """Seconds of each event as the prior predicts them, of as many events at a time as it reads."""
        most, events = self.prior.config.max_events, prompt.events
        if len(events) <= most:
            return self.prior.durations([prompt.without_plan()])[0]
        groups = [events[first : first + most] for first in range(0, len(events), most)]
        return tuple(
            seconds for group in groups for seconds in self.prior.durations([Prompt(" ".join(group), group)])[0]
        )

    def _begun(self, plan: _Planned, number: int) -> _Attempted:
        codes = np.zeros(0, dtype=np.int64) if plan.prefix is None else plan.prefix.codes
        return _Attempted(plan, number, codes, [])

    def _say(self, attempts: Sequence[_Attempted], sampling: Sampling) -> None:
        """The codes of all attempts, stretch after stretch, some attempts at a time."""
        for stretch in range(max(len(attempt.plan.stretches) for attempt in attempts)):
            going = [attempt for attempt in attempts if stretch < len(attempt.plan.stretches)]
            for first in range(0, len(going), _TOGETHER):
                self._say_stretch(going[first : first + _TOGETHER], stretch, sampling)

    def _say_stretch(self, attempts: Sequence[_Attempted], number: int, sampling: Sampling) -> None:
        prefixes = [attempt.codes[-self._prefix_tokens :] for attempt in attempts]
        parts = [attempt.plan.stretches[number] for attempt in attempts]
        codes = self.prior.sample(
            [part.prompt(len(prefix)) for part, prefix in zip(parts, prefixes, strict=True)],
            seeds=[attempt.plan.request.seed_of(attempt.number, number) for attempt in attempts],
            sampling=sampling,
            tokens=[part.length for part in parts],
            prefixes=prefixes,
        )
        for attempt, new in zip(attempts, codes, strict=True):
            attempt.codes = np.concatenate([attempt.codes, new])
            attempt.lengths.append(len(new))

    def _best(
        self, plan: _Planned, attempts: Sequence[_Attempted], *, clean: bool, model: MotionTextEncoder | None
    ) -> Generated:
        """The best attempt as a motion."""
        features = [decoded(self.tokenizer, attempt.codes) for attempt in attempts]
        choice: Choice | None = None
        if len(attempts) > 1 and model is not None:
            heard = self._heard(plan)
            seen = [features_of(motion_of(rows[heard:]), retarget=False) for rows in features]
            choice = best_of(model, plan.prompt.text, plan.prompt.events, seen, self.tokenizer.fps)
        number = 0 if choice is None else choice.number
        return self._finished(plan, attempts[number], features[number], choice, clean=clean)

    def _heard(self, plan: _Planned) -> int:
        """Frames of the prefix."""
        return 0 if plan.prefix is None else len(plan.prefix.codes) * self.tokenizer.frames_per_token

    def _finished(
        self,
        plan: _Planned,
        attempt: _Attempted,
        features: Float[np.ndarray, "frames dim"],
        choice: Choice | None,
        *,
        clean: bool,
    ) -> Generated:
        heard, prefix = self._heard(plan), plan.prefix
        said = motion_of(features, name=shorten(plan.prompt.text, 80, placeholder=" ..."), fps=self.tokenizer.fps)
        raw = said if prefix is None else prefix.placed(said, heard)
        motion, floor = raw, 0.0
        if clean:
            steady = steadied(said)
            motion = cleaned(steady if prefix is None else prefix.on_body(steady), contacts_of(features))
        if clean and prefix is not None:
            motion, floor = prefix.continued(motion, heard), prefix.floor
        return Generated(
            request=plan.request,
            motion=motion,
            features=features[heard:],
            raw=raw,
            events=plan.prompt.events,
            spans=self._spans(plan, attempt),
            stretches=len(plan.stretches),
            figures=figures_of(motion, floor),
            choice=choice,
        )

    def _spans(self, plan: _Planned, attempt: _Attempted) -> tuple[tuple[float, float], ...]:
        """(start, end) of each event in seconds; none where events of one stretch have no plan."""
        lengths: list[int] = []
        for stretch, length in zip(plan.stretches, attempt.lengths, strict=True):
            if stretch.tokens is None and len(stretch.events) > 1:
                return ()
            lengths += [length] if stretch.tokens is None else stretch.tokens
        edges = np.cumsum([0, *lengths]) / self._per_second
        return tuple(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))


@contextmanager
def _named(request: GenerationRequest, requests: int) -> Iterator[None]:
    """Errors of one of several requests name it by its text."""
    try:
        yield
    except ConfigError as error:
        if requests == 1 or not request.text.strip():
            raise
        raise ConfigError(f"{request.text[:60]!r}: {error}") from error


def _layout_of(tokenizer: CodeTokenizer, name: str) -> Layout:
    """The layout of the features that a tokenizer makes."""
    try:
        layout = layout_of_width(tokenizer.dim)
    except FormatError as error:
        raise ModelError(f"{name}: {error}") from error
    if abs(layout.fps - tokenizer.fps) > 1e-6:
        raise ModelError(
            f"{name}: the tokenizer makes {tokenizer.fps:g} frames a second of {tokenizer.dim} features, which are "
            f"defined at {layout.fps:g} ({layout.skeleton.name}): train it on a corpus of that rate"
        )
    return layout
