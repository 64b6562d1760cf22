"""What generators make of the captions of a corpus: order by likelihood, realised order, distances, physics; in tables.

    python benchmarks/generation.py OUT CORPUS JUDGE GENERATOR... [--habit CORPUS] [--evaluator MODEL] [--tokenizer T]

GENERATOR is a folder, or folder@tokenizer where its tokenizer lies elsewhere. Guidance is chosen on split val, by
realised order. Every generator's figures are kept in OUT and not measured again. With ``--table`` alone the tables of
what OUT holds are printed.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from chronomotion.atomic_write import atomic_write
from chronomotion.corpus import Clip, Corpus
from chronomotion.evaluation.generation.action_judge import ActionJudge
from chronomotion.evaluation.generation.evaluators import ModelEvaluator
from chronomotion.evaluation.generation.likelihood_order import likelihood_order
from chronomotion.evaluation.generation.measure import measure_set, order_of
from chronomotion.evaluation.generation.motion_set import MotionSet
from chronomotion.evaluation.generation.physical import physical_figures
from chronomotion.evaluation.generation.records import Identity, RealisedOrder
from chronomotion.generation.generator import Generator
from chronomotion.generation.prior.config import Sampling
from chronomotion.generation.prior.motion_prior import MotionPrior
from chronomotion.generation.prior.prompt import Prompt, contiguous_spans
from chronomotion.generation.requests import GenerationRequest
from chronomotion.generation.tokenizer.motion_tokenizer import MotionTokenizer
from chronomotion.model.motion_text import MotionTextModel
from chronomotion.motion.features import motion_of
from chronomotion.motion.motion import Motion

PLANNED, FREE = "seconds predicted", "without plan"


def main() -> None:
    """Measure what is not measured yet, then print."""
    wishes = _wishes()
    torch.set_num_threads(wishes.threads)
    if wishes.corpus is not None and not wishes.table:
        bench = _Bench(wishes)
        bench.real()
        for place in wishes.generators:
            bench.generator(place)
    print(tables(wishes.out))


class _Bench:
    """A corpus, a judge, and where figures are kept."""

    def __init__(self, wishes: argparse.Namespace) -> None:
        self.wishes, self.out = wishes, wishes.out
        self.corpus = Corpus(wishes.corpus)
        self.judge = ActionJudge.from_pretrained(wishes.judge)
        self.evaluator = None
        if wishes.evaluator is not None:
            self.evaluator = ModelEvaluator(MotionTextModel.from_pretrained(wishes.evaluator), name="trained here")
        self.out.mkdir(parents=True, exist_ok=True)

    def clips(self, split: str, count: int, seconds: float = np.inf) -> list[Clip]:
        """The first clips of a split that a generator can make."""
        clips = [self.corpus.clip(name) for name in self.corpus.split(split)]
        return [clip for clip in clips if len(clip.features) / self.corpus.fps <= seconds][:count]

    def real(self) -> None:
        """Real clips, and the same through the tokenizer: the ceilings."""
        if (self.out / "real.json").exists() or self.wishes.tokenizer is None:
            return
        tokenizer = MotionTokenizer.from_pretrained(self.wishes.tokenizer)
        clips = self.clips("test", self.wishes.clips, self.wishes.seconds)
        reconstructed = tokenizer.decode(tokenizer.encode([np.array(clip.features) for clip in clips]))
        sets = [MotionSet.generated("reconstructed", clips, reconstructed, lengths="real")]
        self._keep("real", {"report": self._measured(clips, sets), "skating": self._skating()})

    def _skating(self) -> dict[str, float]:
        """The share of skating frames of the real test clips of one action, by action."""
        motions: dict[str, list[Motion]] = {}
        for clip in self.clips("test", 10**6):
            events = clip.caption.events
            if events is not None and events.labels is not None and len(events.labels) == 1:
                motions.setdefault(events.labels[0], []).append(motion_of(clip.features, fps=self.corpus.fps))
        return {action: physical_figures(several).skating for action, several in sorted(motions.items())}

    def generator(self, place: str) -> None:
        """Everything about one generator."""
        folder, _, elsewhere = place.partition("@")
        name = Path(folder).name
        if (self.out / f"{name}.json").exists():
            return
        tokenizer = MotionTokenizer.from_pretrained(elsewhere or Path(folder) / "tokenizer")
        prior = MotionPrior.from_pretrained(folder)
        generator = Generator(tokenizer, prior, name=name)
        training = json.loads((Path(folder) / "training.json").read_text(encoding="utf-8"))
        began = time.process_time()
        likelihood = {
            corpus.folder.name: self._likelihood(prior, tokenizer, corpus, planned=False)
            for corpus in (self.corpus, *map(Corpus, self.wishes.habit))
        }
        if generator.prior.config.plan:
            likelihood[f"{self.corpus.folder.name}, plan"] = self._likelihood(
                prior, tokenizer, self.corpus, planned=True
            )
        modes = (PLANNED, FREE) if generator.prior.config.plan else (FREE,)
        clips = self.clips("test", self.wishes.clips, generator.seconds_limit)
        guidance, sets = {}, []
        for mode in modes:
            guidance[mode] = self._best_guidance(generator, mode)
            sets.append(self._made(generator, clips, mode, guidance[mode]))
        figures = {
            "steps": training["result"]["steps"],
            "likelihood": likelihood,
            "guidance": guidance,
            "report": self._measured(clips, sets),
            "measuring_seconds": round(time.process_time() - began),
        }
        self._keep(name, figures)

    def _likelihood(self, prior: MotionPrior, tokenizer: MotionTokenizer, corpus: Corpus, *, planned: bool) -> Any:
        rate = tokenizer.fps / tokenizer.frames_per_token

        def prompt(text: str, events: tuple[str, ...], spans: Any) -> Prompt:
            return Prompt(text, events, None if spans is None else contiguous_spans(spans, rate))

        result = likelihood_order(
            prior, corpus, encode=tokenizer.encode, prompt=prompt, planned=planned,
            longest=prior.config.max_tokens, seed=self.wishes.seed,
        )  # fmt: skip
        return result.model_dump(mode="json")

    def _best_guidance(self, generator: Generator, mode: str) -> float:
        """By the mean of the three shares of realised order, on val."""
        clips = [
            clip
            for clip in self.clips("val", 10**6, generator.seconds_limit)
            if clip.caption.events is not None and len(clip.caption.events.texts) > 1
        ][: self.wishes.val_clips]
        scores = {}
        for guidance in self.wishes.guidance:
            order = order_of(self._made(generator, clips, mode, guidance), self.judge, self.wishes.seed)
            assert order is not None
            scores[guidance] = _mean(order)
        print(generator.name, mode, "guidance on val:", {key: round(value, 1) for key, value in scores.items()})
        return float(max(scores, key=lambda key: scores[key]))

    def _made(self, generator: Generator, clips: Sequence[Clip], mode: str, guidance: float) -> MotionSet:
        sampling = Sampling(guidance=guidance)
        asked = [(clip.caption.text, clip.caption.events.texts) for clip in clips if clip.caption.events is not None]
        assert len(asked) == len(clips)
        if mode == PLANNED:
            requests = [
                GenerationRequest(text, events, seed=self.wishes.seed, variant=number)
                for number, (text, events) in enumerate(asked)
            ]
            features = [made.features for made in generator.generate(requests, sampling=sampling, clean=False)]
        else:
            codes = generator.prior.sample(
                [Prompt(text, events) for text, events in asked],
                seeds=[self.wishes.seed * 100_000 + number for number in range(len(asked))], sampling=sampling,
            )  # fmt: skip
            features = [generator.tokenizer.decode(row) for row in codes]
        return MotionSet.generated(f"{generator.name}, {mode}", clips, features, lengths="own")

    def _measured(self, clips: Sequence[Clip], sets: Sequence[MotionSet]) -> Any:
        real = MotionSet("real", tuple(clips), self.corpus.fps)
        train = None if self.evaluator is None else MotionSet.of_corpus(self.corpus, "train")
        here = Identity(name=self.corpus.folder.name, fingerprint=self.corpus.fingerprint)
        report = measure_set(
            real, sets, corpus=here, train=train, evaluator=self.evaluator, judge=self.judge, seed=self.wishes.seed
        )
        return report.model_dump(mode="json", exclude={"draws"})

    def _keep(self, name: str, figures: dict[str, Any]) -> None:
        with atomic_write(self.out / f"{name}.json") as part:
            part.write_text(json.dumps({"name": name, **figures}, indent=1) + "\n", encoding="utf-8")


def _mean(order: RealisedOrder) -> float:
    shares = [order.all.present, order.all.ordered, order.all.exact]
    return float(np.mean([share.value for share in shares if share is not None]))


def tables(out: Path) -> str:
    """Two tables of what a folder holds: likelihood, and what is realised."""
    kept = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(out.glob("*.json"))]
    lines = [
        "| generator | steps | test | 2 / 3 events | CAR | all orders | blind | as written | less prior, both ways |"
    ]
    lines.append("|---" * 9 + "|")
    for figures in kept:
        lines += [_likelihood_row(figures, test, result) for test, result in figures.get("likelihood", {}).items()]
    lines += [
        "",
        "| motions | guidance | n | present 1 / 2 / 3 | order 2 / 3 | exact 1 / 2 / 3 "
        "| FID, round trip | R@1, round trip | skating |",
    ]
    lines.append("|---" * 9 + "|")
    seen: set[str] = set()
    for figures in kept:
        for one in figures["report"]["sets"]:
            if one["name"] not in seen:
                seen.add(one["name"])
                lines.append(_realised_row(one, figures.get("guidance", {})))
        report = figures["report"]
        if report.get("fid_train") and "floor" not in seen:
            seen.add("floor")
            train, halves = _value(report["fid_train"], 3), _value(report["fid_halves"], 3)
            lines.append(f"\nFID of real training clips {train}, of two halves {halves}\n")
        if figures.get("skating"):
            shares = ", ".join(f"{action} {share:.1f}" for action, share in figures["skating"].items())
            lines.append(f"\nskating frames of real clips, %: {shares}\n")
    return "\n".join(lines)


def _likelihood_row(figures: dict[str, Any], test: str, result: dict[str, Any]) -> str:
    neutral, written = result["wordings"]["neutral"], result["wordings"]["as written"]
    by_events = " / ".join(f"{one['value']:.1f}" for _, one in sorted(neutral["car_by_events"].items()))
    less = result["swapped_less_prior"]
    both = "-" if less is None else f"{less['car_both_ways']['value']:.1f}"
    return (
        f"| {figures['name']} | {figures['steps']} | {test} (n {result['clips']}) | {by_events} "
        f"| {neutral['car']['value']:.1f} | {neutral['car_all']['value']:.1f} "
        f"| {_value(neutral['blind_exchange'])} | {written['car']['value']:.1f} | {both} |"
    )


def _realised_row(one: dict[str, Any], guidance: dict[str, float]) -> str:
    order, match = one["given"]["order"], one["given"]["match"]
    counts = order["by_events"]

    def shares(name: str) -> str:
        return " / ".join(_value(counts[count][name]) for count in sorted(counts) if counts[count][name])

    mode = one["name"].rpartition(", ")[2]
    views = [match, one["round_trip"]["match"]]
    fid = ", ".join(_value(view["fid"], 3) if view else "-" for view in views)
    top = ", ".join(_value(view["top"][0], 3) if view and view["top"] else "-" for view in views)
    return (
        f"| {one['name']} | {guidance.get(mode, '-')} | {one['motions']} | {shares('present')} | {shares('ordered')} "
        f"| {shares('exact')} | {fid} | {top} | {one['physical']['skating']:.1f} |"
    )


def _value(figure: dict[str, Any] | None, digits: int = 1) -> str:
    return "-" if figure is None else f"{figure['value']:.{digits}f}"


def _wishes() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("corpus", type=Path, nargs="?")
    parser.add_argument("judge", type=Path, nargs="?")
    parser.add_argument("generators", nargs="*")
    parser.add_argument("--table", action="store_true", help="print what is kept, measure nothing")
    parser.add_argument("--tokenizer", type=Path, help="for the row of reconstructions")
    parser.add_argument("--evaluator", type=Path, help="a motion-text model")
    parser.add_argument("--habit", type=Path, action="append", default=[], help="another corpus for the likelihood")
    parser.add_argument("--clips", type=int, default=200, help="of split test, that motions are made for")
    parser.add_argument("--val-clips", type=int, default=48, help="of split val, that choose the guidance")
    parser.add_argument("--guidance", type=float, nargs="+", default=[1.0, 1.75, 2.5])
    parser.add_argument("--seconds", type=float, default=12.8, help="longest real clips")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
