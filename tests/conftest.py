"""Fixtures for all tests. Array shapes in annotations are checked while the tests run."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from jaxtyping import install_import_hook

# Nothing in the tests may reach a hub; the packaged backbone is read from disk.
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
# The suite runs in as many processes as there are cores; threads of each would only fight with the others.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# The same examples in every run. `make fuzz` draws fresh ones from a seed that it prints (profile "fresh"), three times
# as many where a test does not say how many; what fails there becomes an @example. Only the seed decides: neither
# earlier runs nor the speed of the machine do.
settings.register_profile("same", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(
    "fresh", max_examples=300, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))

install_import_hook("chronomotion", "beartype.beartype")
# For toys.py, and for the language models and golden runs that tests of training share with those of models.
sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent / "model")]
# For the synthetic data sets that benchmarks and tests share.
sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))

OUR_GOLDEN = Path(__file__).parent / "golden"
"""Made by make.py in that folder, by code that shares nothing with what is tested."""

if TYPE_CHECKING:
    from chronomotion.corpus import Corpus


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with golden files and real recordings; tests that need it are skipped where it is absent."""
    folder = Path(os.environ.get("CHRONOMOTION_SHARED", Path(__file__).parents[2] / "shared"))
    if not (folder / "golden").is_dir():
        pytest.skip(f"no recordings or golden files at {folder} (set CHRONOMOTION_SHARED to their folder)")
    return folder


@pytest.fixture(scope="session", params=["ours", "published"])
def golden_files(request: pytest.FixtureRequest) -> Path:
    """Golden numbers: those of our own slow twins, which every checkout has, and the published ones where they are."""
    if request.param == "ours":
        return OUR_GOLDEN
    shared: Path = request.getfixturevalue("shared")
    return shared / "golden"


@pytest.fixture(scope="session")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a tiny language model."""
    from toys import tiny_backbone

    return tiny_backbone(tmp_path_factory.mktemp("backbone"))


@pytest.fixture(scope="session")
def toy_corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Compound toy motions, uniform order: 48 to train on, 24 to test."""
    from chronomotion.corpus.compose.compose import compose
    from toys import ToyClips

    folder = tmp_path_factory.mktemp("toy") / "corpus"
    return compose(ToyClips(), folder, {"train": 48, "test": 24}, order="uniform", events=(2, 3))
