"""Animated figures as glTF files, written with pygltflib from rotations that the tests know."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pygltflib as g
from figures import JOINTS, PARENTS, Figure


class Writer:
    """Collects nodes, accessors and channels of one file."""

    def __init__(self) -> None:
        self.gltf = g.GLTF2(scene=0, scenes=[g.Scene(nodes=[])])
        self.blob = b""

    def view(self, content: bytes) -> int:
        self.gltf.bufferViews.append(g.BufferView(buffer=0, byteOffset=len(self.blob), byteLength=len(content)))
        self.blob += content + bytes(-len(content) % 4)
        return len(self.gltf.bufferViews) - 1

    def accessor(self, values: np.ndarray, component: int = g.FLOAT, normalized: bool = False) -> int:
        kind = {g.FLOAT: "<f4", g.SHORT: "<i2", g.BYTE: "<i1", g.UNSIGNED_SHORT: "<u2"}[component]
        values = np.asarray(values)
        width = 1 if values.ndim == 1 else values.shape[1]
        self.gltf.accessors.append(
            g.Accessor(
                bufferView=self.view(values.astype(kind).tobytes()),
                componentType=component,
                count=len(values),
                type={1: "SCALAR", 3: "VEC3", 4: "VEC4"}[width],
                normalized=normalized,
            )
        )
        return len(self.gltf.accessors) - 1

    def channel(
        self, animation: g.Animation, node: int, path: str, keys: int, values: int, way: str = "LINEAR"
    ) -> None:
        animation.samplers.append(g.AnimationSampler(input=keys, output=values, interpolation=way))
        target = g.AnimationChannelTarget(node=node, path=path)
        animation.channels.append(g.AnimationChannel(sampler=len(animation.samplers) - 1, target=target))

    def save(self, path: Path) -> Path:
        """As .glb, or as .gltf with the bytes in the JSON."""
        self.gltf.buffers = [g.Buffer(byteLength=len(self.blob))]
        if path.suffix == ".gltf":
            self.gltf.buffers[0].uri = "data:application/octet-stream;base64," + base64.b64encode(self.blob).decode()
            path.write_text(self.gltf.to_json(), encoding="utf-8")
        else:
            self.gltf.set_binary_blob(self.blob)
            path.write_bytes(b"".join(self.gltf.save_to_bytes()))
        return path


def quaternions(turns: np.ndarray) -> np.ndarray:
    """Rotation matrices as quaternions (x, y, z, w), by the eigenvector of Bar-Itzhack's matrix."""
    m = turns.reshape(-1, 3, 3)
    k = np.zeros((len(m), 4, 4))
    for a in range(3):
        for b in range(3):
            k[:, a, b] = m[:, a, b] + m[:, b, a]
        k[:, a, a] = 2 * m[:, a, a] - np.trace(m, axis1=1, axis2=2)
    k[:, 0, 3] = k[:, 3, 0] = m[:, 2, 1] - m[:, 1, 2]
    k[:, 1, 3] = k[:, 3, 1] = m[:, 0, 2] - m[:, 2, 0]
    k[:, 2, 3] = k[:, 3, 2] = m[:, 1, 0] - m[:, 0, 1]
    k[:, 3, 3] = np.trace(m, axis1=1, axis2=2)
    vectors = np.linalg.eigh(k)[1][:, :, -1]
    return (vectors * np.where(vectors[:, 3:] < 0, -1, 1)).reshape(*turns.shape[:-2], 4)


def written(
    path: Path, figure: Figure, *, names: Mapping[str, str] | None = None, skin: bool = False, above: Any = None
) -> Path:
    """The figure as a file: every joint a node with keys of rotations, the root with keys of places.

    ``names``: our joint -> name of the node; ``above``: a node over the root (scale, translation, rotation).
    """
    writer = Writer()
    for joint, name in enumerate(JOINTS):
        below = [child for child, parent in enumerate(PARENTS) if parent == joint]
        node = g.Node(name=(names or {}).get(name, name), translation=figure.offsets[joint].tolist(), children=below)
        writer.gltf.nodes.append(node)
    top = 0
    if above is not None:
        above.children = [0]
        writer.gltf.nodes.append(above)
        top = len(writer.gltf.nodes) - 1
    writer.gltf.scenes[0].nodes = [top]
    if skin:
        writer.gltf.skins.append(g.Skin(joints=list(range(22))))
    animation = g.Animation(name="take")
    keys = writer.accessor(figure.times)
    for joint in range(22):
        writer.channel(animation, joint, "rotation", keys, writer.accessor(quaternions(figure.turns[:, joint])))
    writer.channel(animation, 0, "translation", keys, writer.accessor(figure.path))
    writer.gltf.animations.append(animation)
    return writer.save(path)
