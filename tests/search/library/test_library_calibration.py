"""A library keeps its calibration, and makes it where it has none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from library_toys import NumpyModel

from chronomotion.search.phrase_bank import phrases
from chronomotion.search.stored import calibrating
from chronomotion.search.stored.folder import PHRASES, read_info, write_info
from chronomotion.search.stored.indexing import index
from chronomotion.search.stored.library import Library


class CountingModel(NumpyModel):
    """Counts the texts that it reads."""

    def __init__(self) -> None:
        super().__init__()
        self.read = 0

    def encode_text(self, texts) -> np.ndarray:
        self.read += len(texts)
        return super().encode_text(texts)


def test_the_calibration_is_kept_with_the_vectors_of_the_phrases(takes: Path, tmp_path: Path) -> None:
    index(takes, tmp_path / "lib", NumpyModel(), workers=1)
    model = CountingModel()
    library = Library.open(tmp_path / "lib", model=model)
    calibration = library.calibration
    assert model.read == 0
    assert len(calibration.bank) == len(phrases())
    fitted = calibrating.fit_calibration(tmp_path / "lib", model, library.windows("short"), library.fps)
    assert fitted.model_dump() == calibration.model_dump()
    assert library.calibration is calibration


def test_a_library_whose_indexing_was_interrupted_is_calibrated_when_it_is_searched(takes, tmp_path: Path) -> None:
    index(takes, tmp_path / "lib", NumpyModel(), workers=1)
    kept = Library.open(tmp_path / "lib", model=NumpyModel()).calibration.model_dump()
    info = read_info(tmp_path / "lib")
    for damaged in (None, {"format_version": 9}, info.calibration | {"levels": [0.5]}):
        write_info(tmp_path / "lib", info.model_copy(update={"calibration": damaged}))
        assert Library.open(tmp_path / "lib", model=NumpyModel()).calibration.model_dump() == kept


def test_phrases_are_encoded_again_where_their_file_is_gone_and_cannot_be_written(takes: Path, tmp_path: Path) -> None:
    index(takes, tmp_path / "lib", NumpyModel(), workers=1)
    expected = Library.open(tmp_path / "lib", model=NumpyModel()).calibration.bank.vectors
    (tmp_path / "lib" / PHRASES).unlink()
    (tmp_path / "lib" / PHRASES).mkdir()  # nothing can be put in its place
    (tmp_path / "lib" / PHRASES / "in the way").touch()
    model = CountingModel()
    bank = Library.open(tmp_path / "lib", model=model).calibration.bank
    assert model.read >= len(phrases())
    assert np.array_equal(bank.vectors, expected)
