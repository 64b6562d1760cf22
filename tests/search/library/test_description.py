"""`chronomotion info LIBRARY`: what it tells, of whole, moved, interrupted and damaged libraries."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from library_toys import NumpyModel

from chronomotion.cli.app import launch
from chronomotion.search.stored import indexing
from chronomotion.search.stored.description import describe_library
from chronomotion.search.stored.folder import index_folder
from chronomotion.search.stored.indexing import index
from chronomotion.search.stored.library import Library


@pytest.fixture
def lib(takes: Path, tmp_path: Path) -> Path:
    (takes / "broken.npz").write_bytes(b"no")
    index(takes, tmp_path / "lib", NumpyModel(), workers=1)
    return tmp_path / "lib"


def test_it_tells_what_the_library_holds(lib: Path, takes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    library = Library.open(lib)
    assert launch(["info", str(lib), "--json", "--verify"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["clips"], told["unreadable"], told["finished"]) == (4, 1, True)
    assert told["hours"] == pytest.approx(4 * 1.45 / 3600, abs=1e-4)
    assert told["windows"] == {kind: len(library.windows(kind)) for kind in ("whole", "long", "short")}
    assert (told["model"], told["model_fingerprint"], told["dim"]) == ("numpy", "numpy-0", 16)
    assert told["sources"] == [
        {"name": "takes", "kind": "folder", "path": str(takes), "is_there": True, "clips": 4},
    ]
    assert told["index"] == dict.fromkeys(("whole", "long", "short"), "exact")
    assert told["bytes"] == sum(path.stat().st_size for path in lib.rglob("*") if path.is_file())
    assert told["calibration"]["levels"] == 304
    assert told["examples"] == library.info.examples
    assert told["near_duplicates"] == len(library.info.groups)


def test_lines_for_people(lib: Path, takes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert launch(["info", str(lib)]) == 0
    lines = dict(line.split("  ", 1) for line in capsys.readouterr().out.splitlines())
    told = {name.strip(): value.strip() for name, value in lines.items()}
    assert told["model"] == "numpy, fingerprint numpy-0"
    assert told["source"] == f"takes (folder, 4 clips): {takes}"
    assert told["unreadable"] == "1 files"
    assert told["state"] == "complete"


def test_what_is_gone_or_not_made_yet_is_told(
    lib: Path, takes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(takes)
    record = Library.open(lib).info.index
    assert record is not None
    shutil.rmtree(index_folder(lib, record.number) / "long")
    told = describe_library(Library.open(lib))
    assert not told.sources[0].is_there
    assert told.index == {"whole": "exact", "long": "none", "short": "exact"}
    assert "not there now" in told.table()

    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    from library_toys import write_takes

    monkeypatch.setattr(indexing, "near_duplicates", stopped)
    with pytest.raises(KeyboardInterrupt):
        index(write_takes(tmp_path / "more"), tmp_path / "half", NumpyModel(), workers=1)
    half = describe_library(Library.open(tmp_path / "half"))
    assert (half.clips, half.finished, half.calibration, set(half.index.values())) == (4, False, None, {"none"})
    assert "not made yet" in half.table()
    assert "goes on" in half.table()


def test_a_damaged_library_is_told_with_verify(lib: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (features,) = lib.glob("segments/*/features.npy")
    content = bytearray(features.read_bytes())
    content[-1] ^= 1
    features.write_bytes(content)
    assert launch(["info", str(lib)]) == 0
    capsys.readouterr()
    assert launch(["info", str(lib), "--verify"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"chronomotion: {features.parent}: its files have the hash")
