import subprocess
import sys

import pytest

import chronomotion


@pytest.mark.parametrize("name", chronomotion.__all__)
def test_every_public_name_is_there_and_documented(name):
    assert getattr(chronomotion, name).__doc__


def test_a_name_that_is_not_there():
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = chronomotion.nothing


def test_importing_is_quick_and_needs_no_framework():
    code = "import sys, chronomotion.cli; print([m for m in ('torch', 'transformers', 'PIL') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
