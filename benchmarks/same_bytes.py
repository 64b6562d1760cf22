"""Do composed corpora come out the same on other processors and with other versions of numpy? The corpus of the suite
``procedural``, composed with different kernels, before and after features are rounded.

python benchmarks/same_bytes.py [--python INTERPRETER_WITH_ANOTHER_NUMPY ...]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from chronomotion.corpus.compose import compose as composing
from chronomotion.evaluation.suites import SUITES, SuiteData

OLD = "X86_V3 X86_V4 AVX2 FMA3 AVX512F AVX512CD AVX512_SKX AVX512_ICL AVX512_SPR"
KERNELS = {
    "as it is": dict[str, str](),
    "OpenBLAS for Haswell": {"OPENBLAS_CORETYPE": "Haswell"},
    "numpy without AVX": {"NPY_DISABLE_CPU_FEATURES": OLD},
    "both of 2008": {"OPENBLAS_CORETYPE": "Nehalem", "NPY_DISABLE_CPU_FEATURES": OLD},
}


def main() -> None:
    """Compose in a process for each kernel, compare with the first, print a row for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", action="append", default=[], help="another interpreter to compose with")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child is not None:
        _compose(given.child)
        return
    runs = [(name, sys.executable, env) for name, env in KERNELS.items()]
    runs += [("another interpreter", path, dict[str, str]()) for path in given.python]
    print("| kernels | numpy | features | unlike the first | by at most | fingerprint after rounding |")
    print("|---|---|---|---|---|---|")
    first: np.ndarray | None = None
    for name, interpreter, env in runs:
        with tempfile.TemporaryDirectory() as scratch:
            command = [interpreter, "-W", "ignore", __file__, "--child", scratch]
            version, fingerprint = subprocess.run(
                command, env={**os.environ, **env}, check=True, stdout=subprocess.PIPE, text=True
            ).stdout.split()
            found = np.load(Path(scratch) / "features.npy")
        first = found if first is None else first
        apart = np.abs(found - first)
        print(
            f"| {name} | {version} | {found.size} | {int((apart > 0).sum())} | {apart.max():.1e} | {fingerprint} |",
            flush=True,
        )


def _compose(folder: Path) -> None:
    """Compose twice. Features that were not rounded stay in the folder; version and fingerprint are printed."""
    suite = SUITES["procedural"]
    rounded = suite.make(suite, SuiteData(folder / "rounded"))
    composing._GRID = 2.0**100  # every float32 is a multiple of it, so nothing is rounded
    corpus = suite.make(suite, SuiteData(folder / "exact"))
    np.save(folder / "features.npy", np.concatenate([corpus.features(name) for name in corpus.names]))
    print(np.__version__, rounded.fingerprint)


if __name__ == "__main__":
    main()
