"""`chronomotion index`, as it is typed."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from library_toys import write_take

from chronomotion.cli.app import launch

MODEL = ["--model", "library_toys:model"]


@pytest.fixture
def place(takes: Path, tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    monkeypatch.setattr(sys, "argv", ["chronomotion"])
    return tmp_path


def typed(capsys, *arguments: str | int) -> tuple[int, str, str]:
    status = launch([str(each) for each in arguments])
    output = capsys.readouterr()
    return status, output.out, output.err


def test_the_verb_prints_what_it_did_and_then_that_nothing_is_new(place: Path, capsys) -> None:
    (place / "takes" / "bad.bvh").write_text("no BVH\n")
    status, out, _ = typed(capsys, "index", "takes", "--to", "lib", *MODEL, "--workers", 1)
    assert status == 0
    lines = out.splitlines()
    assert lines[0] == "lib: 4 clips, 0.00 hours, model library_toys:model"
    assert lines[1].split() == ["added", "4"]
    assert "tried again when they change" in out
    (refusal,) = (line.strip() for line in lines if "bad.bvh" in line)
    assert refusal.startswith("takes/bad.bvh:1: ")
    assert refusal.count("bad.bvh") == 1
    assert sum("chronomotion search lib" in line for line in lines) == 3
    status, out, _ = typed(capsys, "index", "takes", "--to", "lib", *MODEL, "--workers", 1)
    assert status == 0
    assert out.splitlines()[0].endswith("; nothing is new")


def test_json_says_everything(place: Path, capsys) -> None:
    typed(capsys, "index", "takes", "--to", "lib", *MODEL, "--workers", 1)
    write_take(place / "takes" / "new.npz", "new")
    status, out, _ = typed(capsys, "index", "--to", "lib", "--json", "--workers", 1, "--dry-run")
    report = json.loads(out)
    assert (status, report["added"], report["kept"], report["dry_run"]) == (0, 1, 4, True)
    status, out, _ = typed(capsys, "index", "--to", "lib", "--json", "--workers", 1)
    report = json.loads(out)
    assert (status, report["added"], report["clips"], report["nothing_new"]) == (0, 1, 5, False)
    assert len(report["examples"]) == 3


def test_errors_are_one_line(place: Path, capsys) -> None:
    typed(capsys, "index", "takes", "--to", "lib", *MODEL, "--workers", 1)
    status, _, err = typed(capsys, "index", "takes", "--to", "lib", "--model", "library_toys:other_model")
    assert status == 1
    (line,) = err.splitlines()
    assert "library_toys:model (numpy-0), this one is library_toys:other_model (numpy-1)" in line
    status, _, err = typed(capsys, "index", "nowhere", "--to", "lib")
    assert (status, err) == (1, "chronomotion: nowhere: no such folder\n")
    status, _, err = typed(capsys, "index", "takes", "--to", "lib", "--remove-source", "other")
    assert (status, err) == (1, "chronomotion: lib has no source 'other'; it has takes\n")
