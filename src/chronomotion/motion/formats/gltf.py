"""Reading glTF: .glb and .gltf with an animation, and .vrma, VRM's animations. Metres, y up.

Joints are the bones of VRM's humanoid where the file names them, else the joints of the skin that moves, else the nodes
that move. pygltflib parses the file; what its numbers mean is decided here.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from jaxtyping import Float

from chronomotion.errors import FormatError, MissingExtraError, require
from chronomotion.motion.formats.archives import explained
from chronomotion.motion.formats.gltf_accessors import Accessors
from chronomotion.motion.formats.gltf_animation import Curve, curves_of, frame_times
from chronomotion.motion.formats.gltf_nodes import Nodes
from chronomotion.motion.formats.limits import read_bytes
from chronomotion.motion.formats.take import Take

__all__ = ["GLTF_SUFFIXES", "read_gltf"]

GLTF_SUFFIXES = (".glb", ".gltf", ".vrma")

_METRIC = (0.3, 4.0)
"""Extent of a figure in metres. Outside it, the skeleton determines the unit: not every program writes metres."""


def read_gltf(path: Path) -> Take:
    """Joints of the first animation in a glTF file.

    Raises FormatError when the file is damaged, above the limits or compressed, has no animation, or pygltflib is not
    installed.
    """
    raw = read_bytes(path)
    where = str(path)
    with explained(where, "not a readable glTF file"):
        gltf, blob = _parsed(_pygltflib(where), raw)
        nodes = Nodes(gltf, where)
        accessors = Accessors(gltf, path, blob)
        curves, doubts = _animation(gltf, accessors, nodes, where)
        joints, more = nodes.joints({curve.node for curve in curves})
        curves = _of_joints(curves, joints, nodes, where)
        seconds, fps, stated = frame_times(curves, where)
        positions = nodes.positions(joints, curves, seconds)
    return _take(path, nodes, joints, positions, (fps, stated), (*doubts, *more))


def _pygltflib(where: str) -> ModuleType:
    try:
        return require("pygltflib", "gltf")
    except MissingExtraError as error:
        # An error of the file, so that one such file in a folder of other kinds does not end the import.
        raise FormatError(str(error), where) from error


def _parsed(pygltflib: ModuleType, raw: bytes) -> tuple[Any, bytes | None]:
    """(the file as pygltflib has it, the bytes that a GLB carries)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if raw[:4] != b"glTF":
            return pygltflib.GLTF2.from_json(raw.decode("utf-8-sig"), infer_missing=True), None
        gltf = pygltflib.GLTF2.load_from_bytes(raw)
        return gltf, gltf.binary_blob()


def _animation(gltf: Any, accessors: Accessors, nodes: Nodes, where: str) -> tuple[list[Curve], tuple[str, ...]]:
    """(curves of the first animation that moves nodes, doubts)."""
    names = [str(animation.name or f"animation {at}") for at, animation in enumerate(gltf.animations)]
    for at, animation in enumerate(gltf.animations):
        curves = curves_of(animation, accessors, len(nodes), f"{where}: {names[at]}")
        if curves:
            others = [name for other, name in enumerate(names) if other != at]
            if not others:
                return curves, ()
            shown = ", ".join(others[:5]) + (" ..." if len(others) > 5 else "")
            return curves, (f"of {len(names)} animations {names[at]!r} is read; the others: {shown}",)
    raise FormatError("the file has a figure but no animation: export the figure with its animation", where)


def _of_joints(curves: list[Curve], joints: dict[int, str], nodes: Nodes, where: str) -> list[Curve]:
    """The curves that move a joint; raises FormatError when there are none."""
    closure = set(joints).union(*(nodes.above(joint) for joint in joints))
    kept = [curve for curve in curves if curve.node in closure]
    if not kept:
        raise FormatError("the animation moves none of the joints: export the figure with its animation", where)
    return kept


def _take(
    path: Path,
    nodes: Nodes,
    joints: dict[int, str],
    positions: Float[np.ndarray, "frames joints 3"],
    rate: tuple[float, bool],
    doubts: tuple[str, ...],
) -> Take:
    place = {joint: at for at, joint in enumerate(joints)}
    above = [next((place[node] for node in nodes.above(joint) if node in place), -1) for joint in joints]
    extent = float(np.median(np.ptp(positions, axis=1).max(axis=-1)))
    fps, stated = rate
    return Take(
        path=path,
        format="gltf",
        joints=tuple(joints.values()),
        parents=tuple(above),
        ends=(False,) * len(joints),
        positions=positions,
        fps=fps,
        fps_from="file" if stated else "format",
        metres_per_unit=1.0 if _METRIC[0] <= extent <= _METRIC[1] else None,
        up="y",
        warnings=doubts,
    )
