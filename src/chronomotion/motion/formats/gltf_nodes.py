"""Nodes of a glTF file: the tree, which nodes are the joints of a body, and where they are over time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from jaxtyping import Float

from chronomotion.errors import FormatError
from chronomotion.motion.formats.gltf_accessors import index_of
from chronomotion.motion.formats.gltf_animation import Curve
from chronomotion.motion.formats.limits import MAX_JOINTS, MAX_NUMBERS, check_count
from chronomotion.motion.rotation import matrix, normalise

__all__ = ["Nodes"]

_CHUNK = 256
"""Frames posed at a time."""
_MOST_NODES = 50_000


class Nodes:
    """The tree of nodes. Raises FormatError when it is not a tree: a node with two parents, or a cycle."""

    def __init__(self, gltf: Any, where: str) -> None:
        self._gltf, self._where = gltf, where
        count = len(gltf.nodes)
        check_count(count, _MOST_NODES, "nodes", where)
        self.parents = [-1] * count
        for parent, node in enumerate(gltf.nodes):
            for child in node.children or ():
                at = index_of(child, count, "node", where)
                if self.parents[at] != -1:
                    raise FormatError(f"node {at} is a child of node {self.parents[at]} and of node {parent}", where)
                self.parents[at] = parent
        self.order = self._ordered()
        if len(self.order) != count:
            raise FormatError("the nodes form a cycle", where)

    def __len__(self) -> int:
        return len(self.parents)

    def _ordered(self) -> list[int]:
        """All nodes, every parent before its children, a branch at a time."""
        order, left = [], [node for node, parent in enumerate(self.parents) if parent < 0][::-1]
        while left:
            node = left.pop()
            order.append(node)
            left.extend(reversed(self._gltf.nodes[node].children or ()))
        return order

    def name(self, node: int) -> str:
        """A node's name, or its number in words."""
        name = self._gltf.nodes[node].name
        return name if isinstance(name, str) and name else f"node {node}"

    def above(self, node: int) -> list[int]:
        """All nodes above a node, nearest first."""
        ancestors = []
        while (node := self.parents[node]) >= 0:
            ancestors.append(node)
        return ancestors

    # -- which are joints -------------------------------------------------------------------------------------------

    def joints(self, animated: set[int]) -> tuple[dict[int, str], tuple[str, ...]]:
        """(joint -> its name, doubts): bones of VRM's humanoid, else joints of the skin that moves, else what moves."""
        humanoid = self._humanoid()
        if humanoid:
            return {node: humanoid[node] for node in self.order if node in humanoid}, ()
        skin, doubts = self._skin(animated)
        kept = set(skin or animated)
        for node in self.order:
            # What hangs on a joint and shows nothing is the end of a bone.
            shown = self._gltf.nodes[node].mesh is not None or self._gltf.nodes[node].camera is not None
            if self.parents[node] in kept and not shown:
                kept.add(node)
        check_count(len(kept), MAX_JOINTS, "joints", self._where)
        between = {above for node in kept for above in self._up_to(node, kept | animated)}
        kept = kept | between
        check_count(len(kept), MAX_JOINTS, "joints", self._where)
        return {node: self.name(node) for node in self.order if node in kept}, doubts

    def _up_to(self, node: int, kept: set[int]) -> list[int]:
        """The nodes above a node up to the topmost one that is kept."""
        above = self.above(node)
        last = max((at for at, ancestor in enumerate(above) if ancestor in kept), default=-1)
        return above[: last + 1]

    def _humanoid(self) -> dict[int, str]:
        """Node -> bone of the humanoid that VRM and VRMA files speak of, by its name there."""
        extensions = self._gltf.extensions or {}
        for name in ("VRMC_vrm_animation", "VRMC_vrm", "VRM"):
            bones = (extensions.get(name) or {}).get("humanoid", {}).get("humanBones", {})
            if isinstance(bones, list):  # VRM 0
                bones = {bone["bone"]: bone for bone in bones}
            nodes = {
                index_of(bone["node"], len(self), "node", f"{self._where}: {name}"): str(part)
                for part, bone in bones.items()
                if bone["node"] != -1
            }
            if nodes:
                return nodes
        return {}

    def _skin(self, animated: set[int]) -> tuple[set[int], tuple[str, ...]]:
        """(joints of the skin with most joints that move, and of skins that share some; doubts)."""
        skins = [
            {index_of(joint, len(self), "node", self._where) for joint in skin.joints or ()}
            for skin in self._gltf.skins or ()
        ]
        moving = [joints for joints in skins if joints & animated]
        if not moving:
            return set(), ()
        kept = max(moving, key=lambda joints: (len(joints & animated), len(joints)))
        left = moving
        while any(joints & kept and not joints <= kept for joints in left):
            kept = kept.union(*(joints for joints in left if joints & kept))
        others = [joints for joints in left if not joints & kept]
        doubt = f"{len(others) + 1} figures move: the one with most joints is read" if others else ""
        return kept, (doubt,) if doubt else ()

    # -- where they are ---------------------------------------------------------------------------------------------

    def positions(
        self, joints: Iterable[int], curves: Iterable[Curve], seconds: Float[np.ndarray, " frames"]
    ) -> Float[np.ndarray, "frames joints 3"]:
        """World positions of joints at these times."""
        wanted = list(joints)
        closure = set(wanted).union(*(self.above(joint) for joint in wanted))
        chain = [node for node in self.order if node in closure]
        check_count(len(chain), 2 * MAX_JOINTS, "nodes above joints", self._where)
        check_count(len(chain) * len(seconds) * 3, MAX_NUMBERS, "numbers", self._where)
        place = {node: at for at, node in enumerate(chain)}
        moved = {(curve.node, curve.path): curve for curve in curves}
        positions = np.empty((len(seconds), len(wanted), 3))
        for start in range(0, len(seconds), _CHUNK):
            part = seconds[start : start + _CHUNK]
            turns, places = np.empty((len(chain), len(part), 3, 3)), np.empty((len(chain), len(part), 3))
            for at, node in enumerate(chain):
                turn, move = self._local(node, moved, part)
                parent = self.parents[node]
                if parent < 0:
                    turns[at], places[at] = turn, move
                    continue
                above = turns[place[parent]]
                turns[at] = above @ turn
                places[at] = places[place[parent]] + (above @ move[..., None])[..., 0]
            positions[start : start + _CHUNK] = places[[place[joint] for joint in wanted]].swapaxes(0, 1)
        return positions

    def _local(
        self, node: int, moved: dict[tuple[int, str], Curve], seconds: Float[np.ndarray, " frames"]
    ) -> tuple[Float[np.ndarray, "frames 3 3"], Float[np.ndarray, "frames 3"]]:
        """(rotation with scale, translation) of a node against the one above."""
        move, turn, scale = self._rest(node)
        frames = len(seconds)
        curve = moved.get((node, "translation"))
        moves = np.broadcast_to(move, (frames, 3)) if curve is None else curve.at(seconds)
        curve = moved.get((node, "rotation"))
        turns = np.broadcast_to(turn, (frames, 3, 3)) if curve is None else matrix(curve.at(seconds)[:, [3, 0, 1, 2]])
        curve = moved.get((node, "scale"))
        scales = np.broadcast_to(scale, (frames, 3)) if curve is None else curve.at(seconds)
        return turns * scales[:, None, :], np.asarray(moves, dtype=np.float64)

    def _rest(self, node: int) -> tuple[Float[np.ndarray, " 3"], Float[np.ndarray, "3 3"], Float[np.ndarray, " 3"]]:
        """(translation, rotation, scale) of a node where nothing moves it."""
        of = self._gltf.nodes[node]
        if of.matrix:
            whole = self._numbers(of.matrix, 16, node, "matrix").reshape(4, 4).T
            scale = np.linalg.norm(whole[:3, :3], axis=0)
            if np.linalg.det(whole[:3, :3]) < 0:
                scale[0] = -scale[0]
            return whole[:3, 3], whole[:3, :3] / np.where(scale == 0, 1, scale), scale
        x, y, z, w = normalise(self._numbers(of.rotation or [0, 0, 0, 1], 4, node, "rotation"))
        turn = matrix(np.array([w, x, y, z]))
        move = self._numbers(of.translation or [0, 0, 0], 3, node, "translation")
        return move, turn, self._numbers(of.scale or [1, 1, 1], 3, node, "scale")

    def _numbers(self, values: Any, count: int, node: int, what: str) -> Float[np.ndarray, " count"]:
        numbers = np.array(values, dtype=np.float64)
        if numbers.shape != (count,) or not np.isfinite(numbers).all():
            raise FormatError(f"expected {count} finite numbers for its {what}", f"{self._where}: {self.name(node)}")
        return numbers
