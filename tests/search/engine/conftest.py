"""The toy models are modules that workers import too."""

from __future__ import annotations

import sys
from pathlib import Path

_HERE = Path(__file__).parent
sys.path[:0] = [str(_HERE), str(_HERE.parent / "library"), str(_HERE.parents[1])]
