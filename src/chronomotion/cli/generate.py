"""``chronomotion generate``: motions of sentences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter
from cyclopts.validators import Number

from chronomotion.cli.options import TO, Json, LoadingOptions, ReadingOptions, UsageError, existing
from chronomotion.errors import ChronomotionError

if TYPE_CHECKING:
    from chronomotion.generation.events_seen import EventEye
    from chronomotion.generation.generator import Generator
    from chronomotion.generation.requests import GenerationRequest
    from chronomotion.motion.motion import Motion

__all__ = ["run"]

Format = Literal["bvh", "glb", "npy", "npz", "mp4", "gif", "png"]
Positive = Annotated[int, Parameter(validator=Number(gte=1))]


@Parameter(name="*")
@dataclass(frozen=True)
class DrawingOptions:
    """How motions are drawn from what the generator knows."""

    seed: Annotated[int, Parameter(help="Another number gives other motions; the same number the same bytes.")] = 0
    temperature: Annotated[
        float, Parameter(help="Below 1: nearer to what is most likely; above: more varied.", validator=Number(gt=0))
    ] = 1.0
    top_p: Annotated[
        float,
        Parameter(
            help="Draw from the most likely codes that have this probability together.", validator=Number(gt=0, lte=1)
        ),
    ] = 0.95
    guidance: Annotated[
        float, Parameter(help="Above 1: nearer to the text than the generator has learnt.", validator=Number(gte=0))
    ] = 1.0
    raw: Annotated[
        bool, Parameter(negative="", help="What the generator said: neither bones, floor nor feet are mended.")
    ] = False


@Parameter(name="*")
@dataclass(frozen=True)
class JudgingOptions:
    """A motion-text model that looks at what was made."""

    judge: Annotated[
        str | None,
        Parameter(
            name="--with",
            help="Motion-text model (name, folder or hub id) that finds the events in the motions. Default: the one in "
            "the generator's folder, if there is one.",
        ),
    ] = None
    rerank: Annotated[
        int,
        Parameter(
            help="Make so many attempts at each motion and keep the one that the motion-text model likes best: its "
            "events, and their order.",
            validator=Number(gte=1),
        ),
    ] = 1


@Parameter(name="*")
@dataclass(frozen=True)
class MotionOutput:
    """Where the motions go."""

    to: Annotated[
        Path | None,
        Parameter(
            name=TO,
            help="File: .bvh, .glb, .npy, .npz (motions), .mp4, .gif (films) or .png (film strips); of several motions "
            "each gets a number, out-01.bvh. Or a folder, with --format. Without it nothing is written.",
        ),
    ] = None
    kind: Annotated[
        Format | None, Parameter(name="--format", help="What is written into a folder, or under a name without suffix.")
    ] = None
    force: Annotated[bool, Parameter(negative="", help="Overwrite existing files.")] = False


def run(
    texts: Annotated[
        list[str],
        Parameter(help='Sentences, a motion each; or a .txt file of lines "text # seconds" (seconds can be left out).'),
    ],
    /,
    *,
    model: Path,
    seconds: str = "auto",
    count: Positive = 1,
    after: Path | None = None,
    drawing: DrawingOptions | None = None,
    judging: JudgingOptions | None = None,
    output: MotionOutput | None = None,
    loading: LoadingOptions | None = None,
    reading: ReadingOptions | None = None,
    as_json: Json = False,
) -> None:
    """Make motions of sentences, with their events in the order told.

    Prints what was made: seconds, the events that a motion-text model finds in it, feet that skate, distance from the
    floor. Interrupted, it keeps what is done.

    Example: chronomotion generate "a person walks forward, then sits down" --model G --seconds 3,2 --to out.bvh

    Example: chronomotion generate "a person waves" --model G --count 4 --to waves --format glb

    Example: chronomotion generate "a person sits down" --model G --after walk.bvh --to then.bvh

    Parameters
    ----------
    model
        Folder of a generator (`chronomotion train-generator` makes one).
    seconds
        auto; seconds of the whole (4); or of each event (3,2).
    count
        Motions of each sentence, all different.
    after
        Motion file that the new motion goes on from: from its last second, in its place.
    """
    from chronomotion.cli.generated import Files, Rows
    from chronomotion.generation.prior.config import Sampling
    from chronomotion.progress import progress

    drawing, judging, output = drawing or DrawingOptions(), judging or JudgingOptions(), output or MotionOutput()
    loading = loading or LoadingOptions()
    requests = list(_requests(texts, seconds, drawing.seed))
    files = Files.of(output.to, output.kind, len(requests) * count, force=output.force)
    take = None if after is None else _take(after, reading or ReadingOptions())
    wanted = [variant for request in requests for variant in replace(request, after=take).variants(count)]
    sampling = Sampling(temperature=drawing.temperature, top_p=drawing.top_p, guidance=drawing.guidance)
    generator = _generator(model, loading)
    source = judging.judge or _judge_beside(model)
    judge = _judge(source, judging.rerank, generator, loading)
    rows = Rows(generator, sampling, raw=drawing.raw, judge=source)
    motions = generator.iterate(
        wanted,
        sampling=sampling,
        clean=not drawing.raw,
        rerank=judging.rerank,
        model=None if judge is None else judge.model,
    )
    try:
        for made, place in zip(progress(motions, "generating", len(wanted)), files.places, strict=True):
            files.write(made, place)
            rows.add(made, place, None if judge is None else judge.look(made.motion, made.events))
    except (KeyboardInterrupt, ChronomotionError):
        rows.show(as_json=as_json, of=len(wanted))
        raise
    rows.show(as_json=as_json, of=len(wanted))


def _generator(folder: Path, loading: LoadingOptions) -> Generator:
    from chronomotion.errors import require

    require("torch", "model")
    from chronomotion.generation.generator import Generator

    options = loading.arguments()
    return Generator.from_pretrained(folder, device=options["device"], text_model=options["text_model"])


def _judge_beside(folder: Path) -> str | None:
    """The motion-text model in a generator's folder, if there is one."""
    judge = folder / "judge"
    return str(judge) if (judge / "config.json").is_file() else None


def _judge(source: str | None, rerank: int, generator: Generator, loading: LoadingOptions) -> EventEye | None:
    """What looks at the motions."""
    if source is None:
        if rerank > 1:
            raise UsageError(f"--rerank {rerank}: which motion-text model chooses? give one with --with, as starter")
        return None
    from chronomotion.generation.events_seen import EventEye
    from chronomotion.generation.reranking import check_reader
    from chronomotion.model.motion_text import MotionTextModel

    options = {**loading.arguments(), "text_model": None}  # the language model that is told is the generator's
    model = MotionTextModel.from_pretrained(source, **options)
    check_reader(model, generator.tokenizer.dim, generator.tokenizer.fps, generator.name)
    return EventEye(model, source)


def _take(path: Path, reading: ReadingOptions) -> Motion:
    """The motion to go on from; errors call it by its path."""
    from chronomotion.motion.formats import read_motion

    return replace(read_motion(existing(path), **reading.arguments()), name=str(path))


def _requests(texts: list[str], seconds: str, seed: int) -> Iterator[GenerationRequest]:
    """A request for each sentence, and for each line of a file."""
    from chronomotion.generation.requests import GenerationRequest
    from chronomotion.text_files import read_lines

    for text in texts:
        if not text.lower().endswith(".txt"):
            yield GenerationRequest(text, seconds=_seconds(seconds, "--seconds"), seed=seed)
            continue
        path, told = Path(text), 0
        for number, line in enumerate(read_lines(path), start=1):
            said, _, behind = line.rpartition("#") if "#" in line else (line, "", "")
            if not said.strip():
                continue
            told += 1
            wanted = _seconds(behind.strip() or seconds, f"{path}, line {number}")
            yield GenerationRequest(said.strip(), seconds=wanted, seed=seed)
        if not told:
            raise UsageError(f'{path} has no text: write lines such as "a person walks, then sits down # 3,2"')


def _seconds(told: str, place: str) -> tuple[float, ...] | float | None:
    """Seconds as told: auto, a number, or several with commas."""
    if told.strip().lower() == "auto":
        return None
    try:
        numbers = tuple(float(part) for part in told.split(","))
    except ValueError:
        raise UsageError(
            f"{place}: seconds are auto, a number for the whole (4) or one for each event (3,2), not {told!r}"
        ) from None
    return numbers[0] if len(numbers) == 1 else numbers
