"""What the source keeps to that no linter checks."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import chronomotion

SOURCE = Path(chronomotion.__file__).parent


def test_no_two_classes_share_a_name():
    places = defaultdict(list)
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(f"{path.relative_to(SOURCE)}:{node.lineno}")
    assert places["Motion"]  # the walk has read the package
    assert {name: where for name, where in places.items() if len(where) > 1} == {}
