"""Families of rigs, recognised by joint names that only they have. For reports: no rule depends on them."""

from __future__ import annotations

from collections.abc import Iterable

from chronomotion.motion.formats.joint_names import parse_name
from chronomotion.motion.skeleton import HUMANML3D

__all__ = ["family_of", "is_ours"]

_MARKS: tuple[tuple[str, frozenset[str]], ...] = (
    ("bandai-namco", frozenset({"joint_Root", "UpperArm_L", "Toes_L"})),
    ("cmu-daz", frozenset({"abdomen", "lButtock", "lShldr"})),
    ("cmu-acclaim", frozenset({"lowerback", "lfemur", "lhumerus"})),
    ("cmu-motionbuilder", frozenset({"LHipJoint", "LowerBack", "LeftUpLeg"})),
    ("3ds-max-biped", frozenset({"L Thigh", "L Calf", "L UpperArm"})),
    ("xsens", frozenset({"L5", "T12", "LeftUpperArm"})),
    ("xsens", frozenset({"Chest4", "LeftCollar", "LeftElbow"})),
    ("motion-capture-collar", frozenset({"LeftCollar", "LeftElbow", "LeftWrist"})),
    ("rokoko", frozenset({"LeftThigh", "LeftShin", "LeftForeArm"})),
    ("lafan1", frozenset({"LeftUpLeg", "LeftToe", "Spine2"})),
    ("motionbuilder", frozenset({"LeftUpLeg", "LeftForeArm", "Hips"})),
    ("unreal", frozenset({"upperarm_l", "thigh_l", "calf_l"})),
    ("rigify", frozenset({"DEF-thigh.L", "DEF-shin.L"})),
    ("makehuman", frozenset({"upperleg01.L", "lowerleg01.L"})),
    ("optitrack", frozenset({"LUArm", "LFArm", "LThigh"})),
    ("vrm", frozenset({"J_Bip_L_UpperLeg", "J_Bip_L_LowerLeg"})),
    ("character-creator", frozenset({"CC_Base_L_Thigh", "CC_Base_L_Calf"})),
    ("daz-genesis", frozenset({"lThighBend", "lShldrBend"})),
    ("daz-genesis", frozenset({"l_thigh", "l_shin", "l_upperarm"})),
    ("auto-rig-pro", frozenset({"thigh_stretch.l", "leg_stretch.l"})),
    ("mmd", frozenset({"左足", "左ひざ", "左足首"})),
    ("soma", frozenset({"LeftLeg", "LeftShin", "Neck1"})),
    ("deepmotion", frozenset({"l_upleg_JNT", "l_leg_JNT"})),
    ("vicon", frozenset({"LFemur", "LTibia", "LHumerus"})),
    ("kinect", frozenset({"SpineBase", "ShoulderLeft", "HipLeft"})),
)


def family_of(names: Iterable[str], file_format: str) -> str:
    """The family of a rig with these joint names, or "custom"."""
    full = list(names)
    if any(name.startswith("mixamorig") for name in full):
        return "mixamo"
    if set(HUMANML3D.joints) <= {parse_name(name).plain for name in full}:
        return "smpl"
    bare = {name.split(":")[-1].removeprefix("Bip01 ").removeprefix("Bip001 ") for name in full}
    return next((family for family, marks in _MARKS if marks <= bare), f"custom {file_format}")


def is_ours(names: Iterable[str]) -> bool:
    """True for the joints of a BVH that this program wrote: our 22, and helpers between them, and nothing else."""
    full = set(names)
    ours = set(HUMANML3D.joints)
    return ours <= full and all(set(name.split("_to_")) <= ours for name in full)
