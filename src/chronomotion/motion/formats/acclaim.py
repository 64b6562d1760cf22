"""Reading Acclaim motion capture: an ASF skeleton and an AMC file of its motion.

Bones, not joints, carry the names; a joint here is where the bone of its name begins, so ``lfemur`` is the left hip.
With C the bone's axis and M its motion, a bone turns by C M C^-1 against the one above it. Angles are applied in the
order listed: "rx ry rz" turns about x first. Source: "Acclaim ASF/AMC file specification" as documented by Jeff
Lander (1998).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from jaxtyping import Float

from chronomotion.errors import FormatError
from chronomotion.motion.formats.amc import Channels, read_amc
from chronomotion.motion.formats.asf import AcclaimSkeleton, Bone, read_asf
from chronomotion.motion.formats.kinematics import euler_rotations, forward_kinematics
from chronomotion.motion.formats.take import Take, end_of

__all__ = ["find_skeleton", "read_acclaim"]

CMU_FPS = 120.0
"""AMC files do not say their rate; CMU's database, nearly all there is of this format, is at 120 frames a second."""


def read_acclaim(path: Path) -> Take:
    """Read an AMC file with the ASF file that lies beside it: ``13.asf`` for ``13_30.amc``.

    Raises FormatError, with file and line, when either file is missing, cut or damaged, or the two do not fit.
    """
    skeleton = read_asf(find_skeleton(path))
    channels = read_amc(path, skeleton)
    leaves = [bone.name for bone in skeleton.bones if not any(other.parent == bone.name for other in skeleton.bones)]
    order = ["root", *(bone.name for bone in skeleton.bones)]
    above = {bone.name: bone.parent for bone in skeleton.bones}
    parents = [-1, *(order.index(above[name]) for name in order[1:]), *(order.index(name) for name in leaves)]
    return Take(
        path=path,
        format="acclaim",
        joints=(*order, *(end_of(name) for name in leaves)),
        parents=tuple(parents),
        ends=(*(False for _ in order), *(True for _ in leaves)),
        positions=_pose(skeleton, channels, parents),
        fps=CMU_FPS,
        fps_from="format",
        # 1.0 is what files say that do not care about units.
        metres_per_unit=None if skeleton.length_unit == 1 else 0.0254 / skeleton.length_unit,
    )


def find_skeleton(path: Path) -> Path:
    """The ASF file for an AMC file: of the same stem, of the stem's part before ``_``, or the only one in the folder.

    Raises FormatError that says which names were looked for.
    """
    if not path.is_file():
        raise FormatError("there is no such file", str(path))
    skeletons = {file.stem: file for file in sorted(path.parent.iterdir()) if file.suffix.lower() == ".asf"}
    for stem in (path.stem, path.stem.partition("_")[0]):
        if stem in skeletons:
            return skeletons[stem]
    if len(skeletons) == 1:
        return next(iter(skeletons.values()))
    wanted = f"{path.stem.partition('_')[0]}.asf"
    raise FormatError(f"the skeleton is missing: put {wanted} beside it", str(path))


def _pose(skeleton: AcclaimSkeleton, channels: Channels, parents: list[int]) -> Float[np.ndarray, "frames joints 3"]:
    """World positions of the root, the beginnings of all bones, and the ends of the last ones."""
    root = channels["root"]
    translations = np.zeros((len(root), len(parents), 3))
    rotations = np.broadcast_to(np.eye(3), (len(root), len(parents), 3, 3)).copy()
    translations[:, 0] = np.array(skeleton.position) + _moves(root, skeleton.order)
    rotations[:, 0] = _turn(skeleton.axes, skeleton.orientation, _turns(root, skeleton.order), skeleton.axes)
    for at, parent in enumerate(parents[1:], start=1):
        if parent > 0:
            above = skeleton.bones[parent - 1]
            translations[:, at] = np.array(above.direction) * above.length
        if at <= len(skeleton.bones) and skeleton.bones[at - 1].name in channels:
            rotations[:, at] = _bone_turn(skeleton.bones[at - 1], channels)
    return forward_kinematics(parents, translations, rotations)


def _bone_turn(bone: Bone, channels: Channels) -> Float[np.ndarray, "frames 3 3"]:
    axes = "".join(name[1].upper() for name in bone.dof)
    return _turn(bone.axes, bone.axis, channels[bone.name], axes)


def _turn(
    axes: str, axis: tuple[float, float, float], degrees: Float[np.ndarray, "frames angles"], order: str
) -> Float[np.ndarray, "frames 3 3"]:
    """C M C^-1 for every frame."""
    # The order lists what is applied first; a product of matrices applies its last factor first.
    frame = euler_rotations(axes[::-1], np.array(axis)[::-1])
    turned: Float[np.ndarray, "frames 3 3"] = frame @ euler_rotations(order[::-1], degrees[:, ::-1]) @ frame.T
    return turned


def _moves(values: Float[np.ndarray, "frames channels"], order: tuple[str, ...]) -> Float[np.ndarray, "frames 3"]:
    """The root's translations as x, y, z."""
    return values[:, [order.index(name) for name in ("tx", "ty", "tz")]]


def _turns(values: Float[np.ndarray, "frames channels"], order: tuple[str, ...]) -> Float[np.ndarray, "frames angles"]:
    """The root's rotations in their listed order."""
    return values[:, [at for at, name in enumerate(order) if name.startswith("r")]]
