"""What an indexing shows while it is at work, and what is there when it is ended in any of its phases."""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from library_toys import model, write_take

from chronomotion.cli import app
from chronomotion.search.stored import clip_encoding, indexes, indexing, writer
from chronomotion.search.stored.library import Library

PHASES = {
    "reading and encoding": (clip_encoding, "encode_clips"),
    "near-duplicates": (indexing, "near_duplicates"),
    "indexes": (indexes, "_add"),
    "calibration": (indexing, "fit_calibration"),
    "examples": (indexing, "example_queries"),
    "one segment of several": (writer, "merged_segment"),
}
ENDS = {signal.SIGINT: (130, "chronomotion: interrupted"), signal.SIGTERM: (143, "chronomotion: ended by SIGTERM")}


class Terminal(io.StringIO):
    """Standard error as a person sees it."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def signals() -> Iterator[None]:
    """The program's own answers to signals, for a while."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    app._handle_signals()
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def written(folder: Path) -> Path:
    for number in range(5):
        write_take(folder / f"take{number}.npz", "interrupt", number)
    return folder


def index(takes: Path, library: Path) -> int:
    """A commit for every clip, so that there is something to read and to join at the end."""
    options = ["--model", "library_toys:model", "--workers", "1", "--commit-seconds", "0", "--device", "cpu"]
    return app.launch(["index", str(takes), "--to", str(library), *options])


@pytest.mark.parametrize("number", list(ENDS))
@pytest.mark.parametrize("name", list(PHASES))
def test_ended_in_any_phase_it_leaves_a_library_and_goes_on(
    name: str,
    number: signal.Signals,
    tmp_path: Path,
    signals: None,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    takes, library, whole = written(tmp_path / "takes"), tmp_path / "library", tmp_path / "whole"
    assert index(takes, whole) == 0
    capsys.readouterr()
    module, function = PHASES[name]
    work, calls = getattr(module, function), []

    def ended(*arguments: Any, **options: Any) -> Any:
        calls.append(name)
        if len(calls) == 2 or name != "reading and encoding":  # the second clip: the first is committed
            os.kill(os.getpid(), number)
        return work(*arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(module, function, ended)
        status, says = ENDS[number]
        assert index(takes, library) == status
    out, err = capsys.readouterr()
    there, last = err.splitlines()
    assert (out, last) == ("", says)
    assert there.startswith(f"{library}: ")
    assert there.endswith(": the same command goes on")
    unfinished = Library.open(library)
    assert len(unfinished.clips) == (5 if calls == [name] else 1)
    unfinished.verify()
    assert unfinished.search("a person moves", top=3).hits
    assert index(takes, library) == 0
    again, expected = Library.open(library), Library.open(whole)
    again.verify()
    assert again.clips.keys() == expected.clips.keys()
    assert again.groups() == expected.groups()
    assert again.calibration.model_dump() == expected.calibration.model_dump()
    assert again.info.examples == expected.info.examples
    assert sorted(path.name for path in library.iterdir()) == sorted(path.name for path in whole.iterdir())


def test_every_phase_is_shown_on_a_terminal_and_nowhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    takes = written(tmp_path / "takes")
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    for stream, shown in ((Terminal(), True), (io.StringIO(), False)):
        monkeypatch.setattr(sys, "stderr", stream)
        indexing.index(takes, tmp_path / f"library-{shown}", model)
        for phase in ("near-duplicates", "making the indexes", "calibrating", "choosing examples", "writing"):
            assert (phase in stream.getvalue()) == shown
        assert shown or not stream.getvalue()
