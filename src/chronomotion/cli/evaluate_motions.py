"""``chronomotion evaluate-motions``: measure motions that any model generated from text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from chronomotion.cli.options import TO, Json, LoadingOptions, UsageError, opened_corpus

if TYPE_CHECKING:
    from chronomotion.corpus import Corpus
    from chronomotion.evaluation.generation.evaluators import Evaluator

__all__ = ["run"]


def run(
    *folders: Path,
    reference: Annotated[Path, Parameter(help="Folder of a corpus of real motions.")],
    split: str = "test",
    floor_split: Annotated[str, Parameter(help="Other real motions, whose FID stands beside.")] = "train",
    table: Path | None = None,
    evaluator: str | None = None,
    words: Path | None = None,
    judge: Path | None = None,
    lengths: Literal["own", "real"] = "own",
    repeats: int = 20,
    seed: int = 0,
    loading: LoadingOptions | None = None,
    out: Annotated[Path | None, Parameter(name=TO)] = None,
    as_json: Json = False,
) -> None:
    """Measure motions that a model generated from text: order, distances to real motions, physics.

    Each folder holds motions of one model (BVH, joints or features as npy or npz) and a table file,caption. Real
    motions are measured beside them, everything also after features -> joints -> features.

    Example: chronomotion evaluate-motions generated/mine --reference corpora/uniform --judge judges/bandai

    Example: chronomotion evaluate-motions generated/mine generated/theirs --reference corpora/mine --evaluator starter

    Example: chronomotion evaluate-motions generated/mine --reference corpora/t2m --evaluator finest.tar --words glove

    Parameters
    ----------
    folders
        Folders of motions, one for each model.
    split
        The split of the reference that motions are compared with: that of the captions.
    table
        Table of the folder, where it is not captions.csv or the only table: file,caption and, where known, seconds (of
        each event) and actions.
    evaluator
        Who embeds motions and texts: a motion-text model (folder, hub id, or package.module:object), or the published
        finest.tar (with --words). Without it there are no distances.
    words
        Folder of the published evaluator's word vectors (our_vab_data.npy, our_vab_words.pkl, our_vab_idx.pkl).
    judge
        Folder of an action judge. Without it realised order is not measured.
    lengths
        Whether the models chose the lengths of their motions (own), or were given those of real ones (real).
    repeats
        How often captions, crops and batches are drawn.
    seed
        Seed of these draws.
    out
        Report to write: NAME.json; tables go to NAME.md beside it.
    """
    if not folders:
        raise UsageError("name the folders of motions: chronomotion evaluate-motions FOLDER --reference CORPUS")
    if table is not None and len(folders) > 1:
        raise UsageError("--table is of one folder: put a captions.csv into each")
    if out is not None and out.suffix.lower() != ".json":
        raise UsageError(f"--to {out}: a report goes to a file that ends in .json")
    corpus = opened_corpus(reference)
    from chronomotion.errors import require

    require("torch", "model")
    from chronomotion.evaluation.generation.action_judge import ActionJudge
    from chronomotion.evaluation.generation.measure import measure_set
    from chronomotion.evaluation.generation.motion_folder import read_motion_folder
    from chronomotion.evaluation.generation.motion_set import MotionSet
    from chronomotion.evaluation.generation.records import Identity
    from chronomotion.names import distinct_names

    real = MotionSet.of_corpus(corpus, split)
    names = distinct_names([str(folder.resolve()) for folder in folders])
    sets = [
        read_motion_folder(folder, corpus, table=table, lengths=lengths, name=name)
        for folder, name in zip(folders, names, strict=True)
    ]
    loaded = None if judge is None else ActionJudge.from_pretrained(judge)
    report = measure_set(
        real,
        sets,
        corpus=Identity(name=f"{reference.resolve().name}, split {split}", fingerprint=corpus.fingerprint),
        train=MotionSet.of_corpus(corpus, floor_split) if floor_split in corpus.splits else None,
        evaluator=_evaluator(evaluator, words, corpus, loading or LoadingOptions()),
        judge=loaded,
        judge_name="" if judge is None else judge.resolve().name,
        floor="zero" if all(one.joints is None for one in sets) else "estimated",
        seed=seed,
        repeats=repeats,
    )
    if out is not None:
        report.save(out)
    print(report.to_json() if as_json else report.markdown())


def _evaluator(name: str | None, words: Path | None, corpus: Corpus, loading: LoadingOptions) -> Evaluator | None:
    """The evaluator of a name. Raises UsageError where --words are missing or idle, ModelError where there is none."""
    from chronomotion.evaluation.generation.evaluators import ModelEvaluator
    from chronomotion.evaluation.models import is_ours, open_model
    from chronomotion.model.encoder import MotionTextEncoder

    published = name is not None and name.endswith(".tar")
    if published != (words is not None):
        raise UsageError("--words and --evaluator finest.tar go together: word vectors, and the weights that read them")
    if name is None:
        return None
    if published:
        from chronomotion.evaluation.generation.published_evaluator import PublishedEvaluator, evaluator_stats
        from chronomotion.motion.layout import layout_of_width

        assert words is not None  # checked above
        return PublishedEvaluator.from_files(name, words, evaluator_stats(*corpus.stats, layout_of_width(corpus.dim)))
    model = open_model(name, **(loading.arguments() if is_ours(name) else {}))
    if not isinstance(model, MotionTextEncoder):
        raise UsageError(f"--evaluator {name}: needs encode_text and encode_motion")
    return ModelEvaluator(model, Path(name).name)
