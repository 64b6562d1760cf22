"""``chronomotion import`` and ``chronomotion info`` as a user calls them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from test_cli import run

sys.path.insert(0, str(Path(__file__).parents[1] / "importers"))
from wild_folders import annotation, annotations, takes, text, toy_features


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("import")
    text(
        takes(folder / "takes") / "captions.csv", "file,caption", "take0.bvh,walks", "take0.bvh,goes", "take9.bvh,gone"
    )
    return folder


def test_import_ends_with_a_table(workplace: Path) -> None:
    lines = run("import", "takes", "corpus", cwd=workplace).stdout.splitlines()
    assert lines[0].split()[:4] == ["imported", "3", "2", "captions,"]
    assert lines[1].split() == ["skipped:", "no", "motion", "file", "1", "'take9.bvh'"]
    assert lines[2].split() == ["noted:", "no", "caption", "in", "the", "table", "2", "take1,", "take2"]
    assert len(lines) == 3
    info = run("info", "corpus", cwd=workplace).stdout
    assert "captions a clip   0: 2, 2: 1" in info
    assert "licence           that of the source" in info


def test_import_and_info_as_json(workplace: Path) -> None:
    options = ["--licence", "CC0-1.0", "--trim", 3, "--unit", "1.0", "--workers", 1, "--json"]
    result = json.loads(run("import", "takes", "json", *options, cwd=workplace).stdout)
    assert (result["imported"], len(result["skipped"]), result["layout"]) == (3, 1, "folder")
    assert result["corpus"]["imported"]["reading"] == {"unit": "1.0", "up": "auto", "trim": "3"}
    info = json.loads(run("info", "json", "--json", cwd=workplace).stdout)
    assert (info["clips"], info["licence"], info["fingerprint"]) == (3, "CC0-1.0", result["corpus"]["fingerprint"])
    assert info["captions_a_clip"] == {"0": 2, "2": 1}


def test_verbose_lists_what_was_skipped(workplace: Path) -> None:
    done = run("-v", "import", "takes", "verbose", cwd=workplace)
    assert "'take9.bvh': no motion file (named in the table)" in done.stderr


def test_nothing_that_comes_in_is_an_error_after_the_table(workplace: Path) -> None:
    annotations(workplace / "tmr", {"1": annotation("1", ("walks", 0, 3))}, files={})
    done = run("import", "tmr", "none", cwd=workplace, check=False)
    assert done.returncode == 1
    assert "skipped: no motion file" in done.stdout
    assert done.stderr == "chronomotion: tmr: no clip was imported (annotations layout), so none was not written\n"
    assert not (workplace / "none").exists()


def test_import_with_recorded_events(workplace: Path) -> None:
    src = annotations(
        workplace / "recorded", {"1": annotation("1", ("walks", 0, 3))}, files={"CMU/1_poses": toy_features(0)}
    )
    text(workplace / "mine" / "1_0.json", '{"events": ["a person walks."]}')
    run("import", src.name, "events", "--events", "mine", cwd=workplace)
    info = json.loads(run("info", "events", "--json", cwd=workplace).stdout)
    assert info["events_by"] == {"event_texts": 1}


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["import", "nowhere", "x"], 1, "nowhere: no such folder to import"),
        (["import", "takes", "x", "--layout", "kitml"], 1, "takes has not the layout 'kitml'"),
        (["import", "takes", "x", "--layout", "bvh"], 2, "bvh"),
        (["import", "takes", "x", "--trim", "some"], 2, "--trim must be auto or a number of frames"),
        (["import", "takes", "x", "--unit", "mile"], 2, "unknown unit 'mile'"),
        (["import", "takes", "takes"], 1, "takes exists and is not empty"),
        (["import", "takes", ".."], 1, "name a new folder"),
        (["info", "takes"], 1, "takes is not a corpus"),
    ],
)
def test_errors_are_one_line(workplace: Path, arguments: list[str], status: int, message: str) -> None:
    done = run(*arguments, cwd=workplace, check=False)
    assert done.returncode == status
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert message in done.stderr
    assert not (workplace / "x").exists()
