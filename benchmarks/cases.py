"""What becomes of each file in a folder of motion files that went wrong once.

Run with ``python benchmarks/cases.py FOLDER``. FOLDER holds ``plain.bvh``, a walking figure, and other files of the
same figure as other programs write it. One row a file: what it shows; how far the joint farthest off lies from the
right answer, in millimetres; unit, axis and rate as they were read; what was doubted. A file that is refused has its
error instead. Heading and place on the floor do not count as wrong.

Options are given to a file where the case is about them, as ``forehead.bvh`` with ``forehead.toml``.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from chronomotion.errors import ChronomotionError
from chronomotion.motion.formats import SUFFIXES, read_recording
from chronomotion.motion.skeleton import HUMANML3D

Positions = Float[np.ndarray, "frames joints 3"]


@dataclass(frozen=True)
class Case:
    """What a file shows, and what is right for it."""

    shows: str
    size: float | None = 1.0
    """The figure's size against ``plain.bvh``'s; None where the file is of another figure."""
    options: dict[str, Any] = field(default_factory=dict)
    """How it is read, with file names relative to the folder."""
    fps: float = 30.0


CASES = {
    "plain.bvh": Case("the right answer"),
    "two_part_limbs_makehuman.bvh": Case("limbs of two bones, MakeHuman"),
    "two_part_limbs_rigify.bvh": Case("limbs of two bones, Rigify; neck and head called spine"),
    "blender_heel_first.bvh": Case("heel before toe, Blender", None, fps=20.0),
    "daz_metatarsals.bvh": Case("heel before toe, Daz", None, fps=20.0),
    "decimetres.bvh": Case("decimetres"),
    "child_inches.bvh": Case("a child of five in inches", 0.62),
    "small_child_cm.bvh": Case("a child of three in centimetres", 0.58),
    "y_down.bvh": Case("y down, frame of a camera"),
    "frame_time_one.bvh": Case("Frame Time 1", fps=1.0),
    "frame_time_one.bvh --fps 30": Case("Frame Time 1, rate given", options={"fps": 30.0}),
    "frame_time_zero.bvh": Case("Frame Time 0: must be refused"),
    "frame_time_zero.bvh --fps 30": Case("Frame Time 0, rate given", options={"fps": 30.0}),
    "zero_positions.bvh": Case("position channels of inner joints all 0"),
    "full_positions.bvh": Case("position channels of inner joints"),
    "forehead.bvh": Case("a head that is not called head: must be refused"),
    "forehead.bvh --joint-map forehead.toml": Case(
        "a head that is not called head, map of the head", options={"joint_map": "forehead.toml"}
    ),
    "japanese_utf8.bvh": Case("Japanese names, UTF-8"),
    "japanese_sjis.bvh": Case("Japanese names, Shift JIS"),
    "japanese_sjis.bvh --joint-map jp_full.toml": Case(
        "Japanese names, Shift JIS, map in UTF-8", options={"joint_map": "jp_full.toml"}
    ),
    "dog.bvh": Case("a dog: must be doubted", None),
    "mdm_results.npy": Case("results of MDM, a pickle"),
    "mdm_motion_array.npy": Case("array of MDM, frames last", fps=20.0),
    "batch_of_one.npy": Case("a batch of one", fps=20.0),
    "flat66.npy": Case("22 joints as rows of 66", fps=20.0),
    "smplx55.npy": Case("55 joints of SMPL-X", fps=20.0),
    "smplx144.npy": Case("144 joints of SMPL-X", fps=20.0),
    "kimodo_posed_joints22.npz": Case("posed joints of Kimodo"),
    "smplx_y_up.npz": Case("SMPL-X, y up", None, {"body_model": "toy_body_model.npz"}),
    "smplx_no_rate.npz": Case("SMPL-X without a rate: must be refused", None, {"body_model": "toy_body_model.npz"}),
    "smplx_no_rate.npz --fps 30": Case(
        "SMPL-X without a rate, rate given", None, {"body_model": "toy_body_model.npz", "fps": 30.0}
    ),
    "gvhmr_like.npz --fps 30": Case("motion from video", None, {"body_model": "toy_body_model.npz", "fps": 30.0}),
}
"""Rows of the table by file and options."""
_NO_MOTION = {"toy_body_model.npz"}


def main() -> None:
    """Print the table of a folder as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="folder with plain.bvh and the other cases")
    folder: Path = parser.parse_args().folder
    right = read_recording(folder / "plain.bvh").motion.positions.astype(np.float64)
    print("| file | what it shows | off, mm | unit, axis, rate | doubts, or the error |\n|---|---|---|---|---|")
    for name, case in _rows(folder).items():
        print(f"| {' | '.join((name, case.shows, *_row(folder, name, case, right)))} |")


def _rows(folder: Path) -> dict[str, Case]:
    """The cases whose files are there, and files that no case speaks of."""
    files = {file.name for file in folder.iterdir() if file.suffix.lower() in SUFFIXES} - _NO_MOTION
    known = {name: case for name, case in CASES.items() if name.split(" ")[0] in files}
    unknown = sorted(files - {name.split(" ")[0] for name in known})
    return {**known, **{name: Case("(not described)", None) for name in unknown}}


def _row(folder: Path, name: str, case: Case, right: Positions) -> tuple[str, str, str]:
    """(millimetres off, how it was read, doubts) of one file; the error in the last place where it is refused."""
    options: dict[str, Any] = {
        key: folder / value if isinstance(value, str) else value for key, value in case.options.items()
    }
    try:
        recording = read_recording(folder / name.split(" ")[0], **options)
    except ChronomotionError as error:
        return "-", "refused", str(error).replace(f"{folder}/", "").replace("|", "/")[:300]
    report = recording.report
    off = "another figure"
    if case.size is not None:
        positions = recording.motion.positions.astype(np.float64)
        # A figure of another size walks as far in make.py: only its pose can be right or wrong.
        off = f"{1000 * _off(positions, right * case.size, poses_only=case.size != 1):.1f}"
    rate = f"{report.fps:g}" + ("" if abs(report.fps - case.fps) < 1e-6 else f" (right: {case.fps:g})")
    read_as = f"{report.unit}, {report.up}, {rate}"
    return off, read_as, "; ".join(report.doubts).replace("|", "/") or "none"


def _off(positions: Positions, right: Positions, *, poses_only: bool) -> float:
    """Metres by which the joint farthest off lies from the right answer, heading and place on the floor aside."""
    if positions.shape != right.shape:
        return float("nan")
    if poses_only:
        positions, right = (motion - motion[:, :1] * [1, 0, 1] for motion in (positions, right))
    return float(np.linalg.norm(_at_origin(positions) - _at_origin(right), axis=-1).max())


def _at_origin(positions: Positions) -> Positions:
    """A motion that starts above the origin with its left hip to the left of its right one, along x."""
    moved = positions - positions[:1, :1] * [1, 0, 1]
    across = moved[0, HUMANML3D.index("left_hip")] - moved[0, HUMANML3D.index("right_hip")]
    x, z = across[[0, 2]] / np.hypot(*across[[0, 2]])
    turned: Positions = moved @ np.array([[x, 0, -z], [0, 1, 0], [z, 0, x]])
    return turned


if __name__ == "__main__":
    main()
