"""Reading AMASS and its kin: poses of the SMPL family, made into joints with a body model that the user supplies.

AMASS has ``poses`` (or ``root_orient`` and ``pose_body``) and ``trans``, z up; BEAT2 the same, y up; programs that get
motion from video have ``global_orient``, ``body_pose`` and ``transl``, y up, often without a rate. Rotations are
axis-angle, flat or by joint, or matrices. Which axis is up is told from the body.

Only joints are wanted, so the mesh is never made: joints of the shaped body at rest are one product, J = R (T + S b)
with the joint regressor R, the template T, the shape directions S and the shape b of the person; then forward
kinematics. The first 22 joints of SMPL, SMPL-H and SMPL-X are the same and are HumanML3D's. Source: Loper et al.,
SMPL (2015); Mahmood et al., AMASS (2019).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from pathlib import Path

import numpy as np
from jaxtyping import Float

from chronomotion.errors import FormatError
from chronomotion.motion.formats.archives import Archive, as_numbers
from chronomotion.motion.formats.kinematics import forward_kinematics
from chronomotion.motion.formats.limits import MAX_FRAMES, check_count
from chronomotion.motion.formats.take import Take
from chronomotion.motion.formats.units import tell_up
from chronomotion.motion.rotation import matrix
from chronomotion.motion.skeleton import HUMANML3D

__all__ = ["BODY_MODEL_VARIABLE", "BodyModel", "is_amass", "load_body_model", "read_amass"]

BODY_MODEL_VARIABLE = "CHRONOMOTION_BODY_MODEL"
"""Environment variable that names the body model file, or the folder with one for each gender."""

_RATE_FIELDS = ("mocap_framerate", "mocap_frame_rate", "fps")
_POSES = ("poses", "pose", "smpl_poses", "fullpose")
_ROOTS = ("root_orient", "global_orient")
_BODIES = ("pose_body", "body_pose")
_PLACES = ("trans", "transl", "smpl_trans", "translation")
_CYCLE = [1, 2, 0]
_NAMES = str.maketrans("yxz", "zyx")
"""Names of the axes after that, back to those of the file."""
_JOINTS = len(HUMANML3D)
_CHUNK = 4096


@dataclass(frozen=True, eq=False)
class BodyModel:
    """The joints of a body at rest and how they shift with its shape; metres."""

    joints: Float[np.ndarray, "joints 3"]
    directions: Float[np.ndarray, "joints 3 shapes"]

    def rest(self, betas: Float[np.ndarray, " betas"]) -> Float[np.ndarray, "joints 3"]:
        """Joints of the body of this shape; shape numbers that the model does not know are left out."""
        count = min(len(betas), self.directions.shape[-1])
        shaped: Float[np.ndarray, "joints 3"] = self.joints + self.directions[..., :count] @ betas[:count]
        return shaped


def is_amass(archive: Archive) -> bool:
    """True for poses of the SMPL family, whichever program wrote them."""
    has_pose = any(name in archive for name in _POSES)
    has_parts = any(name in archive for name in _ROOTS) and any(name in archive for name in _BODIES)
    has_place = any(name in archive for name in _PLACES)
    return has_parts or (has_pose and has_place)


def read_amass(archive: Archive, body_model: Path | None = None, fps: float | None = None) -> Take:
    """Joints of a sequence of poses: metres, up as the body says, z where it does not and the file is AMASS's.

    ``body_model`` is the model file, or a folder with one for each gender; without it the environment variable
    CHRONOMOTION_BODY_MODEL says. ``fps`` is the caller's, for files without a rate. Raises FormatError when there is no
    model or no rate, or either file is not what it should be.
    """
    path = archive.path
    turns = _turns(archive)
    trans = _place(archive, len(turns))
    rate = archive.number(*_RATE_FIELDS)
    if rate is None and fps is None:
        raise FormatError(
            f"the frame rate is missing: expected one of {', '.join(_RATE_FIELDS)}; give it with --fps (fps=...)",
            str(path),
        )
    model = load_body_model(_model_path(body_model, archive.text("gender"), path))
    positions = _posed(model.rest(_betas(archive)), turns, trans)
    up, doubts = _up(positions, "z" if "trans" in archive else "y")
    return Take(
        path=path,
        format="amass" if "trans" in archive else "smpl",
        joints=HUMANML3D.joints,
        parents=HUMANML3D.parents,
        ends=(False,) * _JOINTS,
        positions=positions,
        fps=rate,
        metres_per_unit=1.0,
        up=up,
        skeleton=HUMANML3D,
        warnings=doubts,
    )


def _first(archive: Archive, names: tuple[str, ...]) -> str | None:
    return next((name for name in names if name in archive), None)


def _turns(archive: Archive) -> Float[np.ndarray, "frames 22 3 3"]:
    """Rotation matrices of the 22 joints; raises FormatError when there are fewer, or no frames."""
    whole = _first(archive, _POSES)
    root, body = _first(archive, _ROOTS), _first(archive, _BODIES)
    if whole is not None and (root is None or body is None or "trans" in archive):
        turns = _rotations(archive, whole, _JOINTS)
    else:
        first, others = _rotations(archive, root or "", 1), _rotations(archive, body or "", _JOINTS - 1)
        if len(first) != len(others):
            raise FormatError(f"{len(first)} frames, but {len(others)} of {body}", f"{archive.path}: {root}")
        turns = np.concatenate([first, others], axis=1)
    if not len(turns):
        raise FormatError("the sequence has no frames", f"{archive.path}: {whole or root}")
    return turns


def _rotations(archive: Archive, name: str, joints: int) -> Float[np.ndarray, "frames joints 3 3"]:
    """The first ``joints`` rotations in a field: (frames, 3 n), (frames, n, 3) or (frames, n, 3, 3).

    Raises FormatError, with the field, for another shape or fewer joints.
    """
    where = f"{archive.path}: {name}"
    values = as_numbers(archive.read(name), where)
    if values.ndim > 2 and len(values) == 1 and not _numbers_of(values.shape[1:], joints):
        values = values[0]
    numbers = _numbers_of(values.shape[1:], joints)
    if not numbers:
        raise FormatError(
            f"expected rotations (frames, numbers), (frames, joints, 3) or matrices, found shape {values.shape}", where
        )
    check_count(len(values), MAX_FRAMES, "frames", where)
    needed, width = numbers * joints, prod(values.shape[1:])
    if width < needed:
        raise FormatError(f"{width} numbers a frame, but {needed} are needed", where)
    rows = values.reshape(len(values), width)[:, :needed]
    if numbers == 9:
        return rows.reshape(len(rows), joints, 3, 3)
    turns: Float[np.ndarray, "frames joints 3 3"] = matrix(_quaternions(rows.reshape(len(rows), joints, 3)))
    return turns


def _numbers_of(shape: tuple[int, ...], joints: int) -> int:
    """Numbers of one rotation in a frame of this shape: 3 (axis-angle), 9 (a matrix), or 0 for another shape."""
    if len(shape) == 1 or (joints == 1 and shape == (1, 3)):
        return 3
    if joints == 1:
        return 9 if shape in ((3, 3), (1, 3, 3)) else 0
    if shape[-1:] != (3,) or len(shape) > 3:
        return 0
    if len(shape) == 3:
        return 9 if shape[1] == 3 else 0
    return 3


def _place(archive: Archive, frames: int) -> Float[np.ndarray, "frames 3"]:
    """Translations of the root; raises FormatError when there are none, or not one for each frame."""
    name = _first(archive, _PLACES)
    if name is None:
        raise FormatError(f"the root's path is missing: expected one of {', '.join(_PLACES)}", str(archive.path))
    where = f"{archive.path}: {name}"
    trans = as_numbers(archive.read(name), where)
    flat = trans.reshape(-1, 3) if trans.ndim == 3 and 1 in trans.shape[:2] and trans.shape[2] == 3 else trans
    if flat.shape != (frames, 3):
        raise FormatError(f"expected shape ({frames}, 3), found {trans.shape}", where)
    # AIST++ has the places of a body that is larger by this factor.
    return flat / (archive.number("smpl_scaling") or 1.0)


def _up(positions: Float[np.ndarray, "frames joints 3"], usual: str) -> tuple[str | None, tuple[str, ...]]:
    """(axis, doubts): None where the body shows the axis, as in every format; else the usual axis."""
    if not np.isfinite(positions).all():
        return usual, ()
    if usual == "y":
        axis, doubt = tell_up(positions)
    else:
        # In the axes z, x, y the usual z stands where bodies that lie or crawl are given the benefit of the doubt.
        axis, doubt = tell_up(positions[..., _CYCLE])
        axis = axis.translate(_NAMES)
    if axis == usual and doubt:
        return usual, (f"the body does not show which axis points up: {usual} is assumed (to force another: --up)",)
    return (None if tell_up(positions)[0] == axis else axis), ()


def _betas(archive: Archive) -> Float[np.ndarray, " betas"]:
    """Shape of the person; none where the sequence does not say, the first where it says one for every frame."""
    if "betas" not in archive:
        return np.zeros(0)
    betas = as_numbers(archive.read("betas"), f"{archive.path}: betas")
    betas = betas[0] if betas.ndim == 2 and len(betas) else betas
    if betas.ndim != 1 or not np.isfinite(betas).all():
        raise FormatError(f"expected a row of finite numbers, found shape {betas.shape}", f"{archive.path}: betas")
    return betas


def _posed(
    rest: Float[np.ndarray, "joints 3"],
    turns: Float[np.ndarray, "frames joints 3 3"],
    trans: Float[np.ndarray, "frames 3"],
) -> Float[np.ndarray, "frames joints 3"]:
    """World positions of the joints."""
    offsets = rest.copy()
    offsets[1:] -= rest[list(HUMANML3D.parents[1:])]
    positions = np.empty((len(turns), _JOINTS, 3))
    for start in range(0, len(turns), _CHUNK):
        part = slice(start, start + _CHUNK)
        positions[part] = forward_kinematics(HUMANML3D.parents, offsets[None], turns[part]) + trans[part, None]
    return positions


def _quaternions(vectors: Float[np.ndarray, "frames joints 3"]) -> Float[np.ndarray, "frames joints 4"]:
    """Quaternions (w first) of rotation vectors, whose length is the angle in radians."""
    angle = np.linalg.norm(vectors, axis=-1, keepdims=True)
    # sin(x / 2) / x, which numpy's sinc (of pi x) gives without a case for 0.
    return np.concatenate([np.cos(angle / 2), vectors * np.sinc(angle / (2 * np.pi)) / 2], axis=-1)


def _model_path(body_model: Path | None, gender: str, path: Path) -> Path:
    """The model file for a gender ("neutral" where the sequence does not say)."""
    named = body_model or (Path(os.environ[BODY_MODEL_VARIABLE]) if os.environ.get(BODY_MODEL_VARIABLE) else None)
    if named is None:
        raise FormatError(
            "AMASS holds poses of a body model, which we may not ship: get SMPL-H or SMPL-X (npz form), "
            f"and name its file or folder in body_model or in the environment variable {BODY_MODEL_VARIABLE}",
            str(path),
        )
    if not named.is_dir():
        return named
    gender = gender.lower() if gender.lower() in ("male", "female") else "neutral"
    names = [f"{gender}/model.npz", *(f"{kind}_{gender.upper()}.npz" for kind in ("SMPLH", "SMPLX", "SMPL"))]
    files = [named / name for name in names if (named / name).is_file()]
    if not files:
        raise FormatError(f"no body model for gender {gender!r}: expected one of {', '.join(names)}", str(named))
    return files[0]


def load_body_model(path: Path) -> BodyModel:
    """A body model from its npz file (fields v_template, shapedirs, J_regressor and kintree_table).

    Raises FormatError when the file is missing, a pickle, or its fields do not fit together.
    """
    if path.suffix.lower() in (".pkl", ".pickle"):
        raise FormatError("pickles are never loaded, because they can run any program: use the npz form", str(path))
    try:
        stamp = path.stat().st_mtime_ns
    except OSError:
        raise FormatError("there is no such body model file", str(path)) from None
    return _loaded(path, stamp)


@lru_cache(maxsize=8)
def _loaded(path: Path, stamp: int) -> BodyModel:  # noqa: ARG001 - part of the cache's key
    """The model, cached for further sequences; a file with another time stamp is read again."""
    archive = Archive(path)
    template = archive.numbers("v_template", None, 3)
    vertices = len(template)
    shapes = archive.numbers("shapedirs", vertices, 3, None)
    regressor = archive.numbers("J_regressor", None, vertices)
    tree = archive.numbers("kintree_table", 2, None)
    if len(regressor) < _JOINTS or tuple(tree[0, 1:_JOINTS].tolist()) != HUMANML3D.parents[1:]:
        raise FormatError("the joints are not those of SMPL, SMPL-H or SMPL-X", f"{path}: kintree_table")
    regressor = regressor[:_JOINTS]
    directions = np.tensordot(regressor, shapes, axes=1)
    model = BodyModel(regressor @ template, directions)
    if not (np.isfinite(model.joints).all() and np.isfinite(model.directions).all()):
        raise FormatError("the model holds numbers that are not finite", str(path))
    return model
