"""Clips of corpora, encoded on Ray by the function that indexing on one machine uses, into tables of LanceDB.

A task encodes some clips and holds nothing else: when its worker dies, Ray gives it to another one. The process that
asked writes what comes back, in order; when that one dies, the next run goes on behind what was committed.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from chronomotion.corpus import Corpus
from chronomotion.errors import ChronomotionError, ConfigError, CorpusError, ModelError, require
from chronomotion.evaluation.models import fingerprint_of, open_model
from chronomotion.model.encoder import MotionTextEncoder
from chronomotion.progress import progress
from chronomotion.search.engine.tables import TableClip, VectorTables
from chronomotion.search.stored.encoding import ClipVectors, encode_clips
from chronomotion.search.windows import KINDS

__all__ = ["RayReport", "encode_on_ray"]

_CLIPS_AT_ONCE = 64
"""Of a task: some thousand windows, a second or two, which a worker that dies costs at the most."""
_ERRORS: dict[str, type[ChronomotionError]] = {"CorpusError": CorpusError}
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RayReport:
    """What was done: clips that were there, clips that were added with how many windows, and the seconds it took."""

    url: str
    kept: int
    added: int
    windows: int
    seconds: float

    def table(self) -> str:
        """For people."""
        return (
            f"{self.url}: {self.kept + self.added} clips, {self.added} of them new "
            f"({self.windows} windows in {self.seconds:.1f} s)"
        )


def encode_on_ray(
    sources: Sequence[str | Path],
    url: str,
    model: str = "starter",
    *,
    workers: int | None = None,
    clips_at_once: int = _CLIPS_AT_ONCE,
    options: Mapping[str, str] | None = None,
    loading: Mapping[str, Any] | None = None,
) -> RayReport:
    """Encode what the tables at ``url`` do not have yet of some corpora.

    Runs on the cluster that ``RAY_ADDRESS`` names, whose machines must see the corpora at the same paths; without it on
    this machine, ``workers`` tasks at a time, one per core by default. ``url`` is a folder or a store that LanceDB
    knows (``s3://...``), with its ``options``. ``model`` is a name, because every worker loads it; ``loading`` as
    :func:`chronomotion.evaluation.models.open_model` takes it.

    Raises ConfigError without corpora; CorpusError for what is no corpus; ModelError when the model cannot be loaded or
    used, or is not the one of the tables; FormatError when LanceDB cannot work there; MissingExtraError.
    """
    if not sources:
        raise ConfigError("nothing to encode: name a corpus")
    ray_data = require("ray.data", "ray")
    began = time.perf_counter()
    corpora = {str(Path(source).resolve()): Corpus(source) for source in sources}
    tables = VectorTables(url, model, _fingerprint(model, loading or {}), options)
    known = tables.known()
    tasks = [
        {"source": folder, "clips": names[start : start + clips_at_once]}
        for folder, corpus in corpora.items()
        for names in [[name for name in corpus.names if (folder, name) not in known]]
        for start in range(0, len(names), clips_at_once)
    ]
    kept, added, windows = len(tables), 0, 0
    with _cluster(workers):
        items = ray_data.from_items(tasks, override_num_blocks=len(tasks)) if tasks else None
        batches = [] if items is None else _encoded(items, model, dict(loading or {}))
        for batch in progress(batches, f"encoding into {url}", len(tasks), "task"):
            clips = [_clip_of(corpora[row["source"]], row) for row in batch]
            windows += tables.add(clips, [_unpacked(row) for row in batch])
            added += len(clips)
    return RayReport(url, kept, added, windows, time.perf_counter() - began)


def _fingerprint(name: str, loading: Mapping[str, Any]) -> str:
    """The model's identity, which is also whether it can be loaded at all. Raises ModelError when it has none."""
    fingerprint = fingerprint_of(open_model(name, **loading))
    if fingerprint is None:
        raise ModelError(f"the model {name} has no fingerprint, by which tables know their model")
    return fingerprint


class _cluster:  # noqa: N801
    """A running Ray: the one that is there, or one for this block."""

    def __init__(self, workers: int | None) -> None:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is sent to anybody
        self._ray, self._workers = require("ray", "ray"), workers
        self._is_ours = not self._ray.is_initialized()

    def __enter__(self) -> None:
        if self._is_ours:
            here = {} if os.environ.get("RAY_ADDRESS") else {"num_cpus": self._workers, "include_dashboard": False}
            self._ray.init(logging_level=logging.ERROR, log_to_driver=False, **here)
        context = require("ray.data", "ray").DataContext.get_current()
        context.enable_progress_bars = False
        logging.getLogger("ray.data").setLevel(logging.ERROR)  # it tells of every run where its plan and its logs are
        context.execution_options.preserve_order = True  # the numbers of clips do not depend on who was quicker

    def __exit__(self, *_: object) -> None:
        if self._is_ours:
            self._ray.shutdown()


def _encoded(items: Any, model: str, loading: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    """The rows of each task, in order. Raises what a task says is wrong, or ModelError for what Ray says is."""
    exceptions = require("ray.exceptions", "ray")
    results = items.map_batches(
        _encode_task, batch_size=None, batch_format="pyarrow", fn_kwargs={"model": model, "loading": loading}
    )
    try:
        for table in results.iter_batches(batch_size=None, batch_format="pyarrow"):
            rows = table.to_pylist()
            if "error" in table.column_names:
                raise _ERRORS.get(rows[0]["kind"], ModelError)(rows[0]["error"])
            yield rows
    except exceptions.RayError as error:
        raise ModelError(f"Ray failed: {next(iter(str(error).splitlines()), type(error).__name__)}") from error


def _encode_task(batch: pa.Table, *, model: str, loading: dict[str, Any]) -> pa.Table:
    """In a worker: encode the clips of some tasks. A row for every clip, arrays as bytes; or one row that says what is
    wrong, for of an exception Ray makes pages.
    """
    try:
        return pa.Table.from_pylist(_encoded_rows(batch, model, loading))
    except ChronomotionError as error:
        told, kind = str(error), type(error).__name__
    except Exception as error:
        log.exception("encoding failed")  # in the worker's log, with its traceback
        told, kind = f"a worker of Ray failed: {type(error).__name__}: {error}", ""
    return pa.table({"error": [" ".join(told.split())], "kind": [kind]})


def _encoded_rows(batch: pa.Table, model: str, loading: dict[str, Any]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for task in batch.to_pylist():
        corpus, names = _corpus(task["source"]), task["clips"]
        features = [np.asarray(corpus.features(name), dtype=np.float32) for name in names]
        vectors = encode_clips(_model(model, tuple(sorted(loading.items()))), features, names, corpus.fps)
        rows += [
            {"source": task["source"], "name": name, "frames": len(motion), **_packed(each)}
            for name, motion, each in zip(names, features, vectors, strict=True)
        ]
    return rows


@cache
def _model(name: str, loading: tuple[tuple[str, Any], ...]) -> MotionTextEncoder:
    """Loaded once a worker."""
    model = open_model(name, **dict(loading))
    if not isinstance(model, MotionTextEncoder):
        raise ModelError(f"the model {name} has no vectors: a library needs encode_text and encode_motion")
    return model


@cache
def _corpus(folder: str) -> Corpus:
    return Corpus(folder)


def _packed(vectors: ClipVectors) -> dict[str, Any]:
    packed: dict[str, Any] = {"dim": vectors.mirrored.shape[1], "mirrored": vectors.mirrored.astype("<f2").tobytes()}
    for kind in KINDS:
        packed[kind] = vectors.vectors[kind].astype("<f2").tobytes()
        packed[f"{kind}_spans"] = vectors.spans[kind].astype("<i4").tobytes()
    return packed


def _unpacked(row: Mapping[str, Any]) -> ClipVectors:
    spans = {kind: np.frombuffer(row[f"{kind}_spans"], dtype="<i4").reshape(-1, 2) for kind in KINDS}
    vectors = {kind: np.frombuffer(row[kind], dtype="<f2").reshape(-1, row["dim"]) for kind in KINDS}
    return ClipVectors(spans, vectors, np.frombuffer(row["mirrored"], dtype="<f2").reshape(-1, row["dim"]))


def _clip_of(corpus: Corpus, row: Mapping[str, Any]) -> TableClip:
    captions = tuple(caption.text for caption in corpus.captions(row["name"]))
    return TableClip(row["source"], row["name"], row["frames"], corpus.fps, captions)
