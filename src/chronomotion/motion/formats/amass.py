"""Reading AMASS: poses of the SMPL family, made into joints with a body model file that the user supplies.

Only joints are wanted, so the mesh is never made: joints of the shaped body at rest are one product, J = R (T + S b)
with the joint regressor R, the template T, the shape directions S and the shape b of the person; then forward
kinematics. The first 22 joints of SMPL, SMPL-H and SMPL-X are the same and are HumanML3D's. Source: Loper et al.,
SMPL (2015); Mahmood et al., AMASS (2019).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from jaxtyping import Float

from chronomotion.errors import FormatError
from chronomotion.motion.formats.archives import Archive, as_numbers
from chronomotion.motion.formats.kinematics import forward_kinematics
from chronomotion.motion.formats.limits import MAX_FRAMES, check_count
from chronomotion.motion.formats.take import Take
from chronomotion.motion.rotation import matrix
from chronomotion.motion.skeleton import HUMANML3D

__all__ = ["BODY_MODEL_VARIABLE", "BodyModel", "is_amass", "load_body_model", "read_amass"]

BODY_MODEL_VARIABLE = "CHRONOMOTION_BODY_MODEL"
"""Environment variable that names the body model file, or the folder with one for each gender."""

_RATE_FIELDS = ("mocap_framerate", "mocap_frame_rate", "fps")
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
    """True for AMASS files of either release."""
    return "trans" in archive and ("poses" in archive or {"root_orient", "pose_body"} <= set(archive.names))


def read_amass(archive: Archive, body_model: Path | None = None) -> Take:
    """Joints of an AMASS sequence: metres, z up.

    ``body_model`` is the model file, or a folder with one for each gender; without it the environment variable
    CHRONOMOTION_BODY_MODEL says. Raises FormatError when there is no model, or either file is not what it should be.
    """
    path = archive.path
    poses = _poses(archive)
    check_count(len(poses), MAX_FRAMES, "frames", f"{path}: poses")
    if not len(poses):
        raise FormatError("the sequence has no frames", f"{path}: poses")
    trans = archive.numbers("trans", len(poses), 3)
    fps = archive.number(*_RATE_FIELDS)
    if fps is None:
        raise FormatError(f"the frame rate is missing: expected one of {', '.join(_RATE_FIELDS)}", str(path))
    model = load_body_model(_model_path(body_model, archive.text("gender"), path))
    return Take(
        path=path,
        format="amass",
        joints=HUMANML3D.joints,
        parents=HUMANML3D.parents,
        ends=(False,) * _JOINTS,
        positions=_posed(model.rest(_betas(archive)), poses, trans),
        fps=fps,
        metres_per_unit=1.0,
        up="z",
        skeleton=HUMANML3D,
    )


def _poses(archive: Archive) -> Float[np.ndarray, "frames 66"]:
    """Axis-angle rotations of the 22 joints."""
    if "poses" in archive:
        poses = archive.numbers("poses", None, None)
    else:
        poses = np.hstack([archive.numbers("root_orient", None, 3), archive.numbers("pose_body", None, None)])
    if poses.shape[1] < 3 * _JOINTS:
        needed = 3 * _JOINTS
        raise FormatError(f"{poses.shape[1]} numbers a frame, but {needed} are needed", f"{archive.path}: poses")
    return poses[:, : 3 * _JOINTS]


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
    rest: Float[np.ndarray, "joints 3"], poses: Float[np.ndarray, "frames 66"], trans: Float[np.ndarray, "frames 3"]
) -> Float[np.ndarray, "frames joints 3"]:
    """World positions of the joints."""
    offsets = rest.copy()
    offsets[1:] -= rest[list(HUMANML3D.parents[1:])]
    positions = np.empty((len(poses), _JOINTS, 3))
    for start in range(0, len(poses), _CHUNK):
        part = slice(start, start + _CHUNK)
        turns = matrix(_quaternions(poses[part].reshape(-1, _JOINTS, 3)))
        positions[part] = forward_kinematics(HUMANML3D.parents, offsets[None], turns) + trans[part, None]
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
    found = [named / name for name in names if (named / name).is_file()]
    if not found:
        raise FormatError(f"no body model for gender {gender!r}: expected one of {', '.join(names)}", str(named))
    return found[0]


def load_body_model(path: Path) -> BodyModel:
    """A body model from its npz file (fields v_template, shapedirs, J_regressor and kintree_table).

    Raises FormatError when the file is missing, a pickle, or its fields do not fit together.
    """
    if path.suffix.lower() in (".pkl", ".pickle"):
        raise FormatError("pickles are never loaded, for they can run any program: use the npz form", str(path))
    try:
        stamp = path.stat().st_mtime_ns
    except OSError:
        raise FormatError("there is no such body model file", str(path)) from None
    return _loaded(path, stamp)


@lru_cache(maxsize=8)
def _loaded(path: Path, stamp: int) -> BodyModel:  # noqa: ARG001 - part of the cache's key
    """The model, kept for the next of many sequences; a changed file is read anew, told by its time stamp."""
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
