"""Writing GLB: a motion as the nodes of a glTF 2.0 file with one animation, and thin bones that every viewer shows.

Metres, y up. There is no skin: rotations of named nodes, and the path of the root, can be put on any character. Each
bone's mesh is one octahedron for all, in a node of its own below the joint where it begins.
"""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np
from jaxtyping import Float

from chronomotion.motion.motion import Motion
from chronomotion.motion.posing import PosedSkeleton, pose_for_file
from chronomotion.motion.rotation import from_matrix, shortest_arc
from chronomotion.version import __version__

__all__ = ["glb_bytes"]

_FLOAT, _SHORT = 5126, 5123
_TYPES = {1: "SCALAR", 3: "VEC3", 4: "VEC4"}
_VERTICES, _INDICES = 34962, 34963
_THIN, _WIDEST = 0.12, 0.03
"""Half the thickness of a bone: as a share of its length, and at the most, in metres."""
_TIP = 0.4
"""Length of the nameless bone at the end of a limb, as a share of the one before."""


class _Buffer:
    """The binary part of a file, with its views and accessors."""

    def __init__(self) -> None:
        self.content = bytearray()
        self.views: list[dict[str, Any]] = []
        self.accessors: list[dict[str, Any]] = []

    def add(self, values: np.ndarray, *, target: int | None = None) -> int:
        """Append an array (n,) or (n, width) and give the index of its accessor; each begins at a multiple of 4."""
        kind = _SHORT if values.dtype.kind in "iu" else _FLOAT
        rows = np.atleast_2d(values.astype("<u2" if kind == _SHORT else "<f4").T).T
        raw = np.ascontiguousarray(rows).tobytes()
        view: dict[str, Any] = {"buffer": 0, "byteOffset": len(self.content), "byteLength": len(raw)}
        self.views.append(view if target is None else {**view, "target": target})
        self.content += raw + bytes(-len(raw) % 4)
        self.accessors.append(
            {
                "bufferView": len(self.views) - 1,
                "componentType": kind,
                "count": len(rows),
                "type": _TYPES[rows.shape[1]],
                "min": rows.min(axis=0).tolist(),
                "max": rows.max(axis=0).tolist(),
            }
        )
        return len(self.accessors) - 1


def glb_bytes(motion: Motion) -> bytes:
    """A motion as the bytes of a GLB file.

    Bones get their median lengths; when one strays from that by more than a millimetre, a warning is logged.
    """
    posed = pose_for_file(motion, "GLB")
    buffer = _Buffer()
    nodes = _nodes(posed, motion.positions[0, 0])
    animation = _animation(posed, motion, buffer)
    mesh = _octahedron(buffer)
    root = {
        "asset": {"version": "2.0", "generator": f"chronomotion {__version__}"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": nodes,
        "meshes": [mesh],
        "materials": [{"name": "bone", "pbrMetallicRoughness": {"baseColorFactor": [0.8, 0.75, 0.65, 1.0]}}],
        "animations": [animation],
        "accessors": buffer.accessors,
        "bufferViews": buffer.views,
        "buffers": [{"byteLength": len(buffer.content)}],
    }
    return _packed(root, bytes(buffer.content))


def _packed(root: dict[str, Any], content: bytes) -> bytes:
    """Header, JSON chunk and binary chunk, each chunk filled up to a multiple of 4 bytes."""
    text = json.dumps(root, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(content), b"BIN\0") + content
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


def _nodes(posed: PosedSkeleton, start: Float[np.ndarray, " 3"]) -> list[dict[str, Any]]:
    """The joints in the order of the posed skeleton, then the nodes of their bones."""
    nodes: list[dict[str, Any]] = [
        {"name": node.name, "translation": [float(value) for value in (start if node.parent < 0 else node.offset)]}
        for node in posed.nodes
    ]
    for at, node in enumerate(posed.nodes):
        below = [child for child, other in enumerate(posed.nodes) if other.parent == at]
        bones = [posed.nodes[child].offset for child in below] or [node.offset * _TIP]
        shown = [_bone(node.name, bone) for bone in bones if np.linalg.norm(bone) > 0]
        children = [*below, *range(len(nodes), len(nodes) + len(shown))]
        if children:
            nodes[at]["children"] = children
        nodes += shown
    return nodes


def _bone(name: str, reach: Float[np.ndarray, " 3"]) -> dict[str, Any]:
    """A node that shows the octahedron from a joint along a bone."""
    length = float(np.linalg.norm(reach))
    width = min(_THIN * length, _WIDEST)
    w, x, y, z = shortest_arc(np.array([0.0, 1.0, 0.0]), reach).tolist()
    return {"name": f"{name}_bone", "mesh": 0, "rotation": [x, y, z, w], "scale": [width, length, width]}


def _animation(posed: PosedSkeleton, motion: Motion, buffer: _Buffer) -> dict[str, Any]:
    """Rotations of all nodes and the root's path, at the same times."""
    times = buffer.add(np.arange(motion.frames) / motion.fps)
    outputs = [(0, "translation", buffer.add(motion.positions[:, 0]))]
    for at in range(len(posed.nodes)):
        rotations = from_matrix(posed.local(at))
        outputs.append((at, "rotation", buffer.add(rotations[:, [1, 2, 3, 0]])))
    return {
        "name": motion.name or "motion",
        "samplers": [{"input": times, "output": output, "interpolation": "LINEAR"} for _, _, output in outputs],
        "channels": [
            {"sampler": sampler, "target": {"node": node, "path": path}}
            for sampler, (node, path, _) in enumerate(outputs)
        ],
    }


def _octahedron(buffer: _Buffer) -> dict[str, Any]:
    """The mesh of a bone from the origin to y = 1, thickest near its start."""
    corners = [(0, 0, 0), (1, 0.15, 0), (0, 0.15, 1), (-1, 0.15, 0), (0, 0.15, -1), (0, 1, 0)]
    faces = [(0, 1 + side, 1 + (side + 1) % 4) for side in range(4)]
    faces += [(5, 1 + (side + 1) % 4, 1 + side) for side in range(4)]
    place = buffer.add(np.array(corners, dtype=np.float64), target=_VERTICES)
    order = buffer.add(np.array(faces, dtype=np.uint16).ravel(), target=_INDICES)
    return {"name": "bone", "primitives": [{"attributes": {"POSITION": place}, "indices": order, "material": 0}]}
