"""``chronomotion export``: a model for programs without torch."""

from __future__ import annotations

import json
from pathlib import Path

from chronomotion.cli.options import Json, LoadingOptions

__all__ = ["run"]


def run(model: str, dest: Path, *, loading: LoadingOptions | None = None, as_json: Json = False) -> None:
    """Write both encoders as ONNX, with the tokenizer; onnxruntime is asked whether it computes the same.

    Example: chronomotion export runs/counterfactual exported

    Parameters
    ----------
    model
        Folder of a model, or its name on the hub.
    dest
        Folder for motion_encoder.onnx, text_encoder.onnx, tokenizer.json and export.json.
    """
    from chronomotion.errors import require

    require("onnxscript", "onnx")  # before torch, which this extra brings as well
    from chronomotion.model.export import AGREEMENT, export_onnx
    from chronomotion.model.motion_text import MotionTextModel

    opened = MotionTextModel.from_pretrained(model, **(loading or LoadingOptions()).arguments())
    done = export_onnx(opened, dest)
    differences = {"motion_encoder": done.motion_difference, "text_encoder": done.text_difference}
    if as_json:
        print(json.dumps({"files": [str(path) for path in done.files], "differences": differences}, indent=1))
        return
    for path in done.files:
        print(f"{path.stat().st_size / 1e6:>9.2f} MB  {path}")
    worst = max(differences.values())
    print(f"onnxruntime differs by {worst:.1e} at the most ({AGREEMENT:g} are allowed)")
