"""Corpora whose features tell their stories are shared with the tests of evaluation."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))
