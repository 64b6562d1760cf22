"""The model of a library: named, loaded when it is needed, and never another one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from chronomotion.errors import ConfigError, ModelError
from chronomotion.evaluation.models import fingerprint_of, open_model
from chronomotion.model.encoder import MotionTextEncoder
from chronomotion.model.packaged import packaged_model
from chronomotion.motion.layout import HUMANML3D_LAYOUT, Layout, layout_of_width
from chronomotion.search.stored.folder import LibraryInfo, ModelRecord, Place, Statistics, present_place

__all__ = ["DEFAULT_MODEL", "ChosenModel", "check_model", "model_of", "stated"]

DEFAULT_MODEL = "starter"


class ChosenModel:
    """The model of an indexing: the one that is given, or that of the library, or the one of the package.

    It is loaded when it is first needed, and at once where it may be another one than the library's. Raises ModelError,
    with both names and fingerprints, when it is.
    """

    def __init__(
        self,
        given: str | Path | MotionTextEncoder | None,
        info: LibraryInfo | None,
        folder: Path,
        loading: Mapping[str, Any],
    ) -> None:
        self._folder, self._info, self._loading = folder, info, dict(loading)
        self._model: MotionTextEncoder | None = None
        self._stated: MotionTextEncoder | None = None
        if isinstance(given, str | Path) or given is None:
            self._name = str(given) if given is not None else DEFAULT_MODEL if info is None else info.model.name
        else:
            self._model, self._name = given, str(getattr(given, "name", type(given).__name__))
        self._is_of_library = given is None
        if info is not None and given is not None and not (self._name == info.model.name and info.model.place is None):
            self._base()
        self.record = info.model if info is not None else self._described()
        self.layout: Layout = layout_of_width(self.record.width)

    def loaded(self) -> MotionTextEncoder:
        """The model, checked, with the statistics of its record."""
        if self._stated is None:
            self._stated = stated(self._base(), self.record)
        return self._stated

    def use(self, statistics: Statistics) -> None:
        """Normalise features by these from now on. Raises ConfigError for a model that has no statistics itself."""
        self.record = self.record.model_copy(update={"statistics": statistics})
        self._stated = stated(self._base(), self.record)

    def _base(self) -> MotionTextEncoder:
        if self._model is None:
            self._model = self._load()
        if self._info is not None:
            check_model(self._folder, self._info.model, self._model, self._name)
        return self._model

    def _load(self) -> MotionTextEncoder:
        if self._loading.get("device") == "auto":  # finding that out takes as long as loading torch
            from chronomotion.model.device import best_device

            self._loading["device"] = best_device()
        if self._is_of_library and self._info is not None:
            return model_of(self._info.model, self._folder, self._info.place, self._loading)
        return _with_vectors(open_model(self._name, **self._loading), self._name)

    def _described(self) -> ModelRecord:
        model = self._base()
        fingerprint = fingerprint_of(model)
        if fingerprint is None:
            raise ModelError(f"the model {self._name} has no fingerprint, by which a library knows it: give it one")
        config = getattr(model, "config", None)
        layout = layout_of_width(int(getattr(config, "motion_dim", HUMANML3D_LAYOUT.width)))
        fps = float(getattr(config, "fps", layout.fps))
        if fps != layout.fps:
            raise ModelError(
                f"the model {self._name} works at {fps:g} frames a second, features of {layout.skeleton.name} have "
                f"{layout.fps:g}: a library cannot be made with it"
            )
        path = Path(self._name)
        is_file = packaged_model(self._name) is None and path.exists()
        place = Place.of(path, self._folder) if is_file else None
        return ModelRecord(name=self._name, place=place, fingerprint=fingerprint, fps=fps, width=layout.width, dim=0)


def model_of(record: ModelRecord, folder: Path, place: str, loading: Mapping[str, Any]) -> MotionTextEncoder:
    """The model of a library that was written at ``place``, loaded. Raises ModelError when it cannot be."""
    name = record.name if record.place is None else str(present_place(record.place, folder, place))
    try:
        return _with_vectors(open_model(name, **loading), name)
    except ModelError as error:
        raise ModelError(f"{folder} was indexed with the model {name}, which cannot be loaded: {error}") from error


def stated(model: MotionTextEncoder, record: ModelRecord) -> MotionTextEncoder:
    """A model that normalises features as a record says. Raises ConfigError where it has no statistics to exchange."""
    if record.statistics is None:
        return model
    if not (hasattr(model, "get_buffer") and hasattr(model, "mean") and hasattr(model, "std")):
        raise ConfigError(f"the model {record.name} keeps no statistics of features: index with --statistics model")
    from chronomotion.model.stats import restated

    mean, std = (np.array(each, dtype=np.float32) for each in (record.statistics.mean, record.statistics.std))
    twin: Any = restated(model, (mean, std))  # type: ignore[arg-type]
    return _with_vectors(twin, record.name)


def check_model(folder: Path, record: ModelRecord, model: MotionTextEncoder, name: str = "") -> None:
    """Raises ModelError, with both names and fingerprints, when a model is not the one that a library was made with."""
    fingerprint = fingerprint_of(model)
    if fingerprint != record.fingerprint:
        raise ModelError(
            f"{folder} was indexed with the model {record.name} ({record.fingerprint}), this one is "
            f"{name or record.name} ({fingerprint}): their vectors cannot be compared; --rebuild indexes anew"
        )


def _with_vectors(model: Any, name: str) -> MotionTextEncoder:
    if not isinstance(model, MotionTextEncoder):
        raise ModelError(f"the model {name} has no vectors: a library needs encode_text and encode_motion")
    return model
