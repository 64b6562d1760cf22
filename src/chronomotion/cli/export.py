"""``chronomotion export``: write a model as ONNX, for programs without torch."""

from __future__ import annotations

import json
from pathlib import Path

from chronomotion.cli.options import Json, LoadingOptions

__all__ = ["run"]


def run(model: str, dest: Path, *, loading: LoadingOptions | None = None, as_json: Json = False) -> None:
    """Write both encoders as ONNX, with the tokenizer, and compare them with the model in onnxruntime.

    Example: chronomotion export runs/counterfactual exported

    Parameters
    ----------
    model
        Folder or hub id of a model.
    dest
        Folder for motion_encoder.onnx, text_encoder.onnx, tokenizer.json and export.json.
    """
    from chronomotion.errors import require

    require("onnxscript", "onnx")  # before torch, which this extra contains, too
    from chronomotion.model.export import AGREEMENT, export_onnx
    from chronomotion.model.motion_text import MotionTextModel

    opened = MotionTextModel.from_pretrained(model, **(loading or LoadingOptions()).arguments())
    exported = export_onnx(opened, dest)
    differences = {"motion_encoder": exported.motion_difference, "text_encoder": exported.text_difference}
    if as_json:
        print(json.dumps({"files": [str(path) for path in exported.files], "differences": differences}, indent=1))
        return
    for path in exported.files:
        print(f"{path.stat().st_size / 1e6:>9.2f} MB  {path}")
    worst = max(differences.values())
    print(f"onnxruntime differs by at most {worst:.1e} ({AGREEMENT:g} is allowed)")
