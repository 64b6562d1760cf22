"""Rigs as programs write them, with the joint that each of ours ought to come from, and BVH files of a standing figure.

Every rig is a list of chains from the root down; a chain begins with a joint that is there already. ``ours`` maps our
joints to the rig's. Mapped joints are put where they belong on a body in T-pose, others near their parent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np

from chronomotion.motion.skeleton import HUMANML3D

HALF = {
    "hip": (0.07, 0.86, 0.0), "knee": (0.08, 0.47, 0.01), "ankle": (0.08, 0.08, -0.02), "foot": (0.09, 0.02, 0.11),
    "collar": (0.06, 1.37, -0.02), "shoulder": (0.17, 1.39, -0.02), "elbow": (0.44, 1.39, -0.02),
    "wrist": (0.69, 1.39, -0.02),
}  # fmt: skip
REST = {
    "pelvis": (0.0, 0.95, 0.0), "spine1": (0.0, 1.07, -0.01), "spine2": (0.0, 1.20, 0.0), "spine3": (0.0, 1.26, 0.0),
    "neck": (0.0, 1.46, -0.03), "head": (0.0, 1.55, 0.0),
    **{f"left_{part}": place for part, place in HALF.items()},
    **{f"right_{part}": (-x, y, z) for part, (x, y, z) in HALF.items()},
}  # fmt: skip


@dataclass(frozen=True)
class Rig:
    family: str
    chains: tuple[str, ...]
    ours: dict[str, str]
    missing: tuple[str, ...] = ()
    """Joints of ours that the rig does not have."""
    halfway: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Joints of the rig in the middle between two of ours: bones in two parts."""
    away: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    """Joints of the rig that stand at a place of their own, metres."""

    @property
    def joints(self) -> dict[str, str]:
        """Joint -> parent ("" for the root), parents first."""
        tree: dict[str, str] = {}
        for chain in self.chains:
            names = [name.strip() for name in chain.split(">")]
            tree.setdefault(names[0], "")
            tree.update({name: parent for parent, name in pairwise(names)})
        return tree


def sided(pattern: dict[str, str]) -> dict[str, str]:
    """``{side}`` patterns for both sides: {S} Left/Right, {s} left/right, {L} L/R, {l} l/r."""
    forms = {
        "left": {"S": "Left", "s": "left", "L": "L", "l": "l"},
        "right": {"S": "Right", "s": "right", "L": "R", "l": "r"},
    }
    return {f"{side}_{part}": name.format(**form) for side, form in forms.items() for part, name in pattern.items()}


def both(*chains: str) -> tuple[str, ...]:
    """Chains with {S}, {s}, {L}, {l} for both sides."""
    left = [chain.format(S="Left", s="left", L="L", l="l") for chain in chains]
    return (*left, *(chain.format(S="Right", s="right", L="R", l="r") for chain in chains))


MOTIONBUILDER = {
    "hip": "{S}UpLeg", "knee": "{S}Leg", "ankle": "{S}Foot", "foot": "{S}ToeBase", "collar": "{S}Shoulder",
    "shoulder": "{S}Arm", "elbow": "{S}ForeArm", "wrist": "{S}Hand",
}  # fmt: skip
COLLAR = {
    "hip": "{S}Hip", "knee": "{S}Knee", "ankle": "{S}Ankle", "foot": "{S}Toe", "collar": "{S}Collar",
    "shoulder": "{S}Shoulder", "elbow": "{S}Elbow", "wrist": "{S}Wrist",
}  # fmt: skip

RIGS = {
    "bandai": Rig(
        "bandai-namco",
        (
            "joint_Root > Hips > Spine > Chest > Neck > Head",
            *both(
                "Chest > Shoulder_{L} > UpperArm_{L} > LowerArm_{L} > Hand_{L}",
                "Hips > UpperLeg_{L} > LowerLeg_{L} > Foot_{L} > Toes_{L}",
            ),
        ),
        sided({
            "hip": "UpperLeg_{L}", "knee": "LowerLeg_{L}", "ankle": "Foot_{L}", "foot": "Toes_{L}",
            "collar": "Shoulder_{L}", "shoulder": "UpperArm_{L}", "elbow": "LowerArm_{L}", "wrist": "Hand_{L}",
        }),
    ),
    "daz": Rig(
        "cmu-daz",
        (
            "hip > abdomen > chest > neck > head > leftEye",
            "head > rightEye",
            *both(
                "chest > {l}Collar > {l}Shldr > {l}ForeArm > {l}Hand > {l}Thumb1 > {l}Thumb2",
                "{l}Hand > {l}Mid1 > {l}Mid2",
                "hip > {l}Buttock > {l}Thigh > {l}Shin > {l}Foot",
            ),
        ),
        sided({
            "hip": "{l}Thigh", "knee": "{l}Shin", "ankle": "{l}Foot", "collar": "{l}Collar", "shoulder": "{l}Shldr",
            "elbow": "{l}ForeArm", "wrist": "{l}Hand",
        }),
        missing=("left_foot", "right_foot"),
    ),
    "cmu motionbuilder": Rig(
        "cmu-motionbuilder",
        (
            "Hips > LowerBack > Spine > Spine1 > Neck > Neck1 > Head",
            *both(
                "Hips > {L}HipJoint > {S}UpLeg > {S}Leg > {S}Foot > {S}ToeBase",
                "Spine1 > {S}Shoulder > {S}Arm > {S}ForeArm > {S}Hand > {S}FingerBase > {S}HandIndex1",
                "{S}Hand > {L}Thumb",
            ),
        ),
        sided(MOTIONBUILDER),
    ),
    "cgspeed 3ds max": Rig(
        "motion-capture-collar",
        (
            "Hips > Chest > Neck > Head",
            *both(
                "Hips > {S}Hip > {S}Knee > {S}Ankle > {S}Toe",
                "Chest > {S}Collar > {S}Shoulder > {S}Elbow > {S}Wrist",
            ),
        ),
        sided(COLLAR),
    ),
    "lafan1": Rig(
        "lafan1",
        (
            *both("Hips > {S}UpLeg > {S}Leg > {S}Foot > {S}Toe"),
            "Hips > Spine > Spine1 > Spine2 > Neck > Head",
            *both("Spine2 > {S}Shoulder > {S}Arm > {S}ForeArm > {S}Hand"),
        ),
        sided({**MOTIONBUILDER, "foot": "{S}Toe"}),
    ),
    "mixamo": Rig(
        "mixamo",
        (
            "mixamorig:Hips > mixamorig:Spine > mixamorig:Spine1 > mixamorig:Spine2 > mixamorig:Neck > mixamorig:Head",
            "mixamorig:Head > mixamorig:HeadTop_End",
            *both(
                "mixamorig:Spine2 > mixamorig:{S}Shoulder > mixamorig:{S}Arm > mixamorig:{S}ForeArm"
                " > mixamorig:{S}Hand > mixamorig:{S}HandThumb1 > mixamorig:{S}HandThumb2",
                "mixamorig:Hips > mixamorig:{S}UpLeg > mixamorig:{S}Leg > mixamorig:{S}Foot > mixamorig:{S}ToeBase"
                " > mixamorig:{S}Toe_End",
            ),
        ),
        {joint: f"mixamorig:{name}" for joint, name in sided(MOTIONBUILDER).items()},
    ),
    "rokoko": Rig(
        "rokoko",
        (
            "Hips > Spine1 > Spine2 > Spine3 > Spine4 > Neck > Head",
            *both(
                "Hips > {S}Thigh > {S}Shin > {S}Foot > {S}Toe > {S}ToeTip",
                "Spine4 > {S}Shoulder > {S}Arm > {S}ForeArm > {S}Hand > {S}Finger1Metacarpal",
            ),
        ),
        sided({**MOTIONBUILDER, "hip": "{S}Thigh", "knee": "{S}Shin", "foot": "{S}Toe"}),
    ),
    "xsens bvh": Rig(
        "xsens",
        (
            "Hips > Chest > Chest2 > Chest3 > Chest4 > Neck > Head",
            *both(
                "Chest4 > {S}Collar > {S}Shoulder > {S}Elbow > {S}Wrist",
                "Hips > {S}Hip > {S}Knee > {S}Ankle > {S}Toe",
            ),
        ),
        sided(COLLAR),
    ),
    "xsens mvn": Rig(
        "xsens",
        (
            "Pelvis > L5 > L3 > T12 > T8 > Neck > Head",
            *both(
                "T8 > {S}Shoulder > {S}UpperArm > {S}ForeArm > {S}Hand",
                "Pelvis > {S}UpperLeg > {S}LowerLeg > {S}Foot > {S}Toe",
            ),
        ),
        sided({
            "hip": "{S}UpperLeg", "knee": "{S}LowerLeg", "ankle": "{S}Foot", "foot": "{S}Toe",
            "collar": "{S}Shoulder", "shoulder": "{S}UpperArm", "elbow": "{S}ForeArm", "wrist": "{S}Hand",
        }),
    ),
    "smpl": Rig(
        "smpl",
        (
            *both("m_avg_Pelvis > m_avg_{L}_Hip > m_avg_{L}_Knee > m_avg_{L}_Ankle > m_avg_{L}_Foot"),
            "m_avg_Pelvis > m_avg_Spine1 > m_avg_Spine2 > m_avg_Spine3 > m_avg_Neck > m_avg_Head",
            *both("m_avg_Spine3 > m_avg_{L}_Collar > m_avg_{L}_Shoulder > m_avg_{L}_Elbow > m_avg_{L}_Wrist"
                  " > m_avg_{L}_Hand"),
        ),
        {
            **sided({part: "m_avg_{L}_" + part.title() for part in HALF}),
            **{part: "m_avg_" + part.title() for part in ("pelvis", "spine1", "spine2", "spine3", "neck", "head")},
        },
    ),
    "smpl-x": Rig(
        "smpl",
        (
            *both("pelvis > {s}_hip > {s}_knee > {s}_ankle > {s}_foot"),
            "pelvis > spine1 > spine2 > spine3 > neck > head > jaw",
            *both("spine3 > {s}_collar > {s}_shoulder > {s}_elbow > {s}_wrist > {s}_index1"),
        ),
        {joint: joint for joint in HUMANML3D.joints},
    ),
    "3ds max biped": Rig(
        "3ds-max-biped",
        (
            "Bip01 > Bip01 Pelvis > Bip01 Spine > Bip01 Spine1 > Bip01 Neck > Bip01 Head",
            *both(
                "Bip01 Neck > Bip01 {L} Clavicle > Bip01 {L} UpperArm > Bip01 {L} Forearm > Bip01 {L} Hand"
                " > Bip01 {L} Finger0",
                "Bip01 Spine > Bip01 {L} Thigh > Bip01 {L} Calf > Bip01 {L} Foot > Bip01 {L} Toe0",
            ),
        ),
        sided({
            "hip": "Bip01 {L} Thigh", "knee": "Bip01 {L} Calf", "ankle": "Bip01 {L} Foot", "foot": "Bip01 {L} Toe0",
            "collar": "Bip01 {L} Clavicle", "shoulder": "Bip01 {L} UpperArm", "elbow": "Bip01 {L} Forearm",
            "wrist": "Bip01 {L} Hand",
        }),
    ),
    "unreal": Rig(
        "unreal",
        (
            "root > pelvis > spine_01 > spine_02 > spine_03 > neck_01 > head",
            *both(
                "spine_03 > clavicle_{l} > upperarm_{l} > lowerarm_{l} > hand_{l} > index_01_{l}",
                "upperarm_{l} > upperarm_twist_01_{l}",
                "pelvis > thigh_{l} > calf_{l} > foot_{l} > ball_{l}",
            ),
        ),
        sided({
            "hip": "thigh_{l}", "knee": "calf_{l}", "ankle": "foot_{l}", "foot": "ball_{l}", "collar": "clavicle_{l}",
            "shoulder": "upperarm_{l}", "elbow": "lowerarm_{l}", "wrist": "hand_{l}",
        }),
    ),
    "kinect": Rig(
        "kinect",
        (
            "SpineBase > SpineMid > SpineShoulder > Neck > Head",
            *both(
                "SpineShoulder > Shoulder{S} > Elbow{S} > Wrist{S} > Hand{S} > HandTip{S}",
                "SpineBase > Hip{S} > Knee{S} > Ankle{S} > Foot{S}",
            ),
        ),
        sided({
            "hip": "Hip{S}", "knee": "Knee{S}", "ankle": "Ankle{S}", "foot": "Foot{S}", "shoulder": "Shoulder{S}",
            "elbow": "Elbow{S}", "wrist": "Wrist{S}",
        }),
        missing=("left_collar", "right_collar"),
    ),
    "twist bones in the limbs": Rig(
        "motionbuilder",
        (
            "Hips > Spine > Neck > Head",
            *both(
                "Spine > {S}Shoulder > {S}Arm > {S}ArmTwist > {S}ForeArm > {S}ForeArmRoll > {S}Hand",
                "Hips > {S}UpLeg > {S}UpLegRoll > {S}Leg > {S}Foot > {S}ToeBase",
            ),
        ),
        sided(MOTIONBUILDER),
    ),
}  # fmt: skip


def places(rig: Rig) -> dict[str, np.ndarray]:
    """Where every joint of a rig stands, metres: ours on the body, others close to their parent."""
    theirs = {name: np.array(REST[joint]) for joint, name in rig.ours.items()}
    tree = rig.joints
    neck = rig.ours.get("neck") or next(name for name in tree if "neck" in name.lower())
    head = rig.ours.get("head") or next(name for name in tree if "head" in name.lower())
    theirs.update({neck: np.array(REST["neck"]), head: np.array(REST["head"])})
    theirs |= {name: (np.array(REST[a]) + REST[b]) / 2 for name, (a, b) in rig.halfway.items()}
    theirs |= {name: np.array(place) for name, place in rig.away.items()}
    spine = [name for name in path_to(tree, neck)[:-1] if name not in theirs and name != next(iter(tree))]
    for step, name in enumerate(spine, start=1):
        theirs[name] = np.array(REST["pelvis"]) * (1 - step / (len(spine) + 1)) + np.array(REST["neck"]) * step / (
            len(spine) + 1
        )
    found: dict[str, np.ndarray] = {}
    for name, parent in tree.items():
        found[name] = theirs.get(name, found[parent] + [0, 0.01, 0.004] if parent else np.array(REST["pelvis"]))
    return found


def path_to(tree: dict[str, str], name: str) -> list[str]:
    """Joints from the root down to a joint."""
    return [*(path_to(tree, tree[name]) if tree[name] else []), name]


def bvh_text(
    rig: Rig, *, scale: float = 100.0, frames: int = 3, order: str = "ZXY", seed: int = 0, spread: float = 0.0
) -> str:
    """A BVH of the rig standing, in units of 1 / scale metres, with random rotations of ``spread`` degrees."""
    at, tree = places(rig), rig.joints
    lines, count = ["HIERARCHY"], 0

    def write(name: str, depth: int) -> None:
        nonlocal count
        pad, parent = "\t" * depth, tree[name]
        offset = (at[name] - at[parent] if parent else np.zeros(3)) * scale
        turns = " ".join(f"{axis}rotation" for axis in order)
        channels = f"3 {turns}" if parent else f"6 Xposition Yposition Zposition {turns}"
        count += 3 if parent else 6
        lines.extend([f"{pad}{'JOINT' if parent else 'ROOT'} {name}", pad + "{", f"{pad}\tOFFSET {numbers(offset)}"])
        lines.append(f"{pad}\tCHANNELS {channels}")
        children = [child for child, above in tree.items() if above == name]
        for child in children:
            write(child, depth + 1)
        if not children:
            lines.extend([f"{pad}\tEnd Site", pad + "\t{", f"{pad}\t\tOFFSET {numbers(end_offset(name) * scale)}"])
            lines.append(pad + "\t}")
        lines.append(pad + "}")

    root = next(iter(tree))
    write(root, 0)
    rng = np.random.default_rng(seed)
    lines.extend(["MOTION", f"Frames: {frames}", "Frame Time: 0.033333"])
    for _ in range(frames):
        values = rng.normal(0, spread, count - 3) if spread else np.zeros(count - 3)
        lines.append(numbers(np.concatenate([at[root] * scale, values])))
    return "\n".join(lines) + "\n"


def end_offset(name: str) -> np.ndarray:
    """The end of a bone: forward for feet, up for the rest."""
    return np.array([0.0, -0.06, 0.2]) if "foot" in name.lower() else np.array([0.0, 0.05, 0.0])


def numbers(values: np.ndarray) -> str:
    return " ".join(f"{value:.6f}" for value in values)


def write_rig(folder: Path, rig: Rig, name: str = "take.bvh", **options: float) -> Path:
    """Write a rig's BVH into a folder."""
    path = folder / name
    path.write_text(bvh_text(rig, **options), encoding="utf-8")  # type: ignore[arg-type]
    return path
