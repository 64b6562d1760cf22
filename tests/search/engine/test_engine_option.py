"""`chronomotion index --engine ray` says what does not go with it."""

from __future__ import annotations

import pytest

from chronomotion.cli.app import launch


@pytest.mark.parametrize(
    "options", [["--rebuild"], ["--dry-run"], ["--remove-source", "takes"], ["--unit", "m"], ["--trim", "3"]]
)
def test_options_of_a_library_do_not_go_with_it(options, tmp_path, capsys):
    assert launch(["index", "corpus", "--to", str(tmp_path / "tables"), "--engine", "ray", *options]) == 2
    err = capsys.readouterr().err
    assert err.startswith("chronomotion: --engine ray encodes corpora: ")
    assert len(err.splitlines()) == 1
    assert not (tmp_path / "tables").exists()
