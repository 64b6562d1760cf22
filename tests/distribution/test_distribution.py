"""The source distribution and the wheel hold what they need, and the description works on an index page."""

from __future__ import annotations

import email
import importlib.util
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

import chronomotion

ROOT = Path(__file__).parents[2]
LEFT_OUT = shutil.ignore_patterns(
    ".*", "__pycache__", "*.egg-info", "*.pyc", "build", "dist", "runs", "chronomotion-demo*", "shared"
)
"""Of a checkout: what git ignores, and the folders of tools. ``.ci`` is copied by itself."""

LINK = re.compile(r"\]\(([^)\s]+)\)")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    if not (ROOT / "setup.py").is_file():
        pytest.skip("no setup.py: this is no checkout")
    copy = tmp_path_factory.mktemp("checkout") / "chronomotion"
    shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
    if (ROOT / ".ci").is_dir():
        shutil.copytree(ROOT / ".ci", copy / ".ci")
    return copy


def build(kind, source, dest):
    """Build with the setuptools that is installed; nothing is fetched."""
    setuptools = pytest.importorskip("setuptools")
    if int(setuptools.__version__.partition(".")[0]) < 77:
        pytest.skip(f"setuptools {setuptools.__version__} is older than pyproject.toml asks for (77)")
    code = f"import sys; from setuptools import build_meta; print(build_meta.build_{kind}(sys.argv[1]))"
    done = subprocess.run([sys.executable, "-c", code, str(dest)], cwd=source, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return dest / done.stdout.splitlines()[-1]


@pytest.fixture(scope="module")
def sdist(checkout, tmp_path_factory):
    return build("sdist", checkout, tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def unpacked(sdist, tmp_path_factory):
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    (inside,) = folder.iterdir()
    return inside


@pytest.fixture(scope="module")
def wheel(unpacked, tmp_path_factory):
    """Built from the source distribution, as an index's users may have to."""
    return build("wheel", unpacked, tmp_path_factory.mktemp("wheel"))


def files_of(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.slow
def test_the_source_distribution_is_the_whole_checkout(checkout, unpacked):
    expected = {name for name in files_of(checkout) if ".egg-info/" not in name}
    made = {name for name in files_of(unpacked) if ".egg-info/" not in name} - {"PKG-INFO", "setup.cfg"}
    assert made - expected == set()
    assert expected - made == set()
    for name in ("docs/found.png", "examples/small.toml", "tests/golden/features.npz", "LICENSE", "CITATION.cff"):
        assert name in made


@pytest.mark.slow
def test_the_wheel_is_the_whole_package_and_nothing_else(checkout, wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        licences = [name for name in archive.namelist() if name.endswith("licenses/LICENSE")]
    assert names == {f"chronomotion/{name}" for name in files_of(checkout / "src" / "chronomotion")}
    assert len(licences) == 1


@pytest.mark.slow
def test_the_description_in_the_wheel_works_anywhere(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (one for one in archive.namelist() if one.endswith(".dist-info/METADATA"))
        metadata = email.message_from_bytes(archive.read(name))
    assert metadata["Description-Content-Type"] == "text/markdown"
    text = metadata.get_payload()
    assert text.startswith("# Chronomotion")
    assert all(link.startswith("https://") for link in LINK.findall(text))
    assert metadata["Version"] == chronomotion.__version__


@pytest.fixture(scope="module")
def description():
    if not (ROOT / "setup.py").is_file():
        pytest.skip("no setup.py: this is no checkout")
    pytest.importorskip("setuptools")
    spec = importlib.util.spec_from_file_location("chronomotion_setup", ROOT / "setup.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.description


SOME = """Text with a [link](docs/a.md), a [folder](docs/), one [elsewhere](https://example.org/x).

![A picture, "with words" (and more)](docs/a.png)
*Its caption.*

[b.md](b.md) ends it.
"""


def test_links_lead_to_the_repository(description):
    made = description(SOME, "https://host/owner/name/")
    assert LINK.findall(made) == [
        "https://host/owner/name/blob/HEAD/docs/a.md",
        "https://host/owner/name/tree/HEAD/docs/",
        "https://example.org/x",
        "https://host/owner/name/raw/HEAD/docs/a.png",
        "https://host/owner/name/blob/HEAD/b.md",
    ]


def test_without_a_repository_no_link_is_broken(description):
    made = description(SOME, None)
    assert LINK.findall(made) == ["https://example.org/x"]
    assert "Text with a link (docs/a.md), a folder (docs/)" in made
    assert "caption" not in made
    assert "\nb.md ends it." in made


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "CHANGELOG.md"])
def test_links_of_a_page_are_there(page):
    if not (ROOT / page).is_file():
        pytest.skip(f"no {page}: this is no checkout")
    text = re.sub(r"```.*?```|`[^`\n]*`", "", (ROOT / page).read_text(encoding="utf-8"), flags=re.DOTALL)
    for link in LINK.findall(text):
        assert "://" in link or (ROOT / link.partition("#")[0]).exists(), link


def test_the_citation_is_of_this_version():
    if not (ROOT / "CITATION.cff").is_file():
        pytest.skip("no CITATION.cff: this is no checkout")
    yaml = pytest.importorskip("yaml")
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (str(citation["version"]), citation["license"]) == (project["version"], project["license"])
    assert {"cff-version", "message", "title", "authors"} <= citation.keys()
