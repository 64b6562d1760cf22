"""More rigs: of animation programs, games, suits and cameras, with the bones that must not be taken for limbs."""

from __future__ import annotations

from rigs_in_the_wild import COLLAR, MOTIONBUILDER, Rig, both, sided

PARTS = ("hip", "knee", "ankle", "foot", "collar", "shoulder", "elbow", "wrist")


def named(*names: str, **trunk: str) -> dict[str, str]:
    """Our joints by the rig's names, given in the order of ``PARTS`` ("" for none), and joints of the trunk."""
    return {**sided({part: name for part, name in zip(PARTS, names, strict=True) if name}), **trunk}


def halves(**parts: str) -> dict[str, tuple[str, str]]:
    """Second parts of bones: ``upper_leg="thigh.{L}.001"``; also lower_leg, upper_arm, lower_arm."""
    ends = {
        "upper_leg": ("hip", "knee"), "lower_leg": ("knee", "ankle"), "upper_arm": ("shoulder", "elbow"),
        "lower_arm": ("elbow", "wrist"),
    }  # fmt: skip
    return {
        name: (f"{side}_{ends[bone][0]}", f"{side}_{ends[bone][1]}")
        for bone, pattern in parts.items()
        for side, name in (("left", pattern.format(S="Left", L="L", l="l")),
                           ("right", pattern.format(S="Right", L="R", l="r")))
    }  # fmt: skip


PROGRAM_RIGS = {
    "rigify deform bones": Rig(
        "rigify",
        (
            "DEF-spine > DEF-spine.001 > DEF-spine.002 > DEF-spine.003 > DEF-spine.004 > DEF-spine.005 > DEF-spine.006",
            *both(
                "DEF-spine > DEF-pelvis.{L}",
                "DEF-spine > DEF-thigh.{L} > DEF-thigh.{L}.001 > DEF-shin.{L} > DEF-shin.{L}.001 > DEF-foot.{L}"
                " > DEF-toe.{L}",
                "DEF-spine.003 > DEF-breast.{L}",
                "DEF-spine.003 > DEF-shoulder.{L} > DEF-upper_arm.{L} > DEF-upper_arm.{L}.001 > DEF-forearm.{L}"
                " > DEF-forearm.{L}.001 > DEF-hand.{L} > DEF-palm.01.{L} > DEF-f_index.01.{L}",
                "DEF-hand.{L} > DEF-thumb.01.{L}",
            ),
        ),
        named("DEF-thigh.{L}", "DEF-shin.{L}", "DEF-foot.{L}", "DEF-toe.{L}", "DEF-shoulder.{L}", "DEF-upper_arm.{L}",
              "DEF-forearm.{L}", "DEF-hand.{L}", neck="DEF-spine.004", head="DEF-spine.006"),
        halfway=halves(upper_leg="DEF-thigh.{L}.001", lower_leg="DEF-shin.{L}.001", upper_arm="DEF-upper_arm.{L}.001",
                       lower_arm="DEF-forearm.{L}.001"),
    ),
    "rigify metarig": Rig(
        "custom bvh",
        (
            "spine > spine.001 > spine.002 > spine.003 > spine.004 > spine.005 > spine.006 > face > nose",
            *both(
                "spine > thigh.{L} > shin.{L} > foot.{L} > heel.02.{L}",
                "foot.{L} > toe.{L}",
                "spine.003 > shoulder.{L} > upper_arm.{L} > forearm.{L} > hand.{L} > palm.01.{L} > f_index.01.{L}",
            ),
        ),
        named("thigh.{L}", "shin.{L}", "foot.{L}", "toe.{L}", "shoulder.{L}", "upper_arm.{L}", "forearm.{L}",
              "hand.{L}", neck="spine.004", head="spine.006"),
    ),
    "makehuman default": Rig(
        "makehuman",
        (
            "root > spine05 > spine04 > spine03 > spine02 > spine01 > neck01 > neck02 > neck03 > head > jaw",
            *both(
                "root > pelvis.{L} > upperleg01.{L} > upperleg02.{L} > lowerleg01.{L} > lowerleg02.{L} > foot.{L}"
                " > toe1-1.{L} > toe1-2.{L}",
                "spine02 > breast.{L}",
                "spine01 > clavicle.{L} > shoulder01.{L} > upperarm01.{L} > upperarm02.{L} > lowerarm01.{L}"
                " > lowerarm02.{L} > wrist.{L} > finger1-1.{L} > finger1-2.{L}",
                "wrist.{L} > metacarpal1.{L} > finger2-1.{L}",
            ),
        ),
        named("upperleg01.{L}", "lowerleg01.{L}", "foot.{L}", "toe1-1.{L}", "clavicle.{L}", "upperarm01.{L}",
              "lowerarm01.{L}", "wrist.{L}"),
        halfway=halves(upper_leg="upperleg02.{L}", lower_leg="lowerleg02.{L}", upper_arm="upperarm02.{L}",
                       lower_arm="lowerarm02.{L}"),
    ),
    "limbs counted through": Rig(
        "custom bvh",
        (
            "hips > spine > neck > head",
            *both("hips > leg1.{L} > leg2.{L} > foot.{L} > toe.{L}",
                  "spine > clavicle.{L} > arm1.{L} > arm2.{L} > hand.{L}"),
        ),
        named("leg1.{L}", "leg2.{L}", "foot.{L}", "toe.{L}", "clavicle.{L}", "arm1.{L}", "arm2.{L}", "hand.{L}"),
    ),
    "bones split under another name": Rig(
        "motionbuilder",
        (
            "Hips > Spine > Neck > Head",
            *both("Hips > {S}UpLeg > {S}UpLegSub > {S}Leg > {S}Foot > {S}ToeBase",
                  "Spine > {S}Shoulder > {S}Arm > {S}ForeArm > {S}ForeArmSub > {S}Hand"),
        ),
        sided(MOTIONBUILDER),
        halfway=halves(upper_leg="{S}UpLegSub", lower_arm="{S}ForeArmSub"),
    ),
    "optitrack motive": Rig(
        "optitrack",
        (
            "Hip > Ab > Chest > Neck > Head",
            *both("Chest > {L}Shoulder > {L}UArm > {L}FArm > {L}Hand > {L}Thumb1",
                  "Hip > {L}Thigh > {L}Shin > {L}Foot > {L}Toe"),
        ),
        named("{L}Thigh", "{L}Shin", "{L}Foot", "{L}Toe", "{L}Shoulder", "{L}UArm", "{L}FArm", "{L}Hand"),
    ),
    "vicon": Rig(
        "vicon",
        (
            "Root > LowerTorso > UpperTorso > Neck > Head",
            *both("UpperTorso > {L}Clavicle > {L}Humerus > {L}Radius > {L}Hand",
                  "LowerTorso > {L}Femur > {L}Tibia > {L}Foot > {L}Toes"),
        ),
        named("{L}Femur", "{L}Tibia", "{L}Foot", "{L}Toes", "{L}Clavicle", "{L}Humerus", "{L}Radius", "{L}Hand"),
    ),
    "unreal mannequin": Rig(
        "unreal",
        (
            "root > ik_foot_root",
            "root > ik_hand_root > ik_hand_gun",
            "root > pelvis > spine_01 > spine_02 > spine_03 > spine_04 > spine_05 > neck_01 > neck_02 > head",
            *both(
                "ik_foot_root > ik_foot_{l}",
                "ik_hand_gun > ik_hand_{l}",
                "root > weapon_{l}",
                "spine_05 > clavicle_{l} > upperarm_{l} > upperarm_correctiveRoot_{l} > upperarm_bck_{l}",
                "upperarm_{l} > upperarm_twist_01_{l}",
                "upperarm_{l} > lowerarm_{l} > lowerarm_twist_01_{l}",
                "lowerarm_{l} > wrist_inner_{l}",
                "lowerarm_{l} > hand_{l} > index_metacarpal_{l} > index_01_{l}",
                "hand_{l} > weapon_hand_{l}",
                "pelvis > thigh_{l} > thigh_twist_01_{l}",
                "thigh_{l} > calf_{l} > calf_kneeBack_{l}",
                "calf_{l} > ankle_bck_{l}",
                "calf_{l} > foot_{l} > ankle_fwd_{l}",
                "foot_{l} > ball_{l} > bigtoe_01_{l}",
            ),
        ),
        named("thigh_{l}", "calf_{l}", "foot_{l}", "ball_{l}", "clavicle_{l}", "upperarm_{l}", "lowerarm_{l}",
              "hand_{l}"),
    ),
    "vroid": Rig(
        "vrm",
        (
            "Root > J_Bip_C_Hips > J_Bip_C_Spine > J_Bip_C_Chest > J_Bip_C_UpperChest > J_Bip_C_Neck > J_Bip_C_Head",
            "J_Bip_C_Head > J_Sec_Hair1_01",
            *both(
                "J_Bip_C_Head > J_Adj_{L}_FaceEye",
                "J_Bip_C_UpperChest > J_Sec_{L}_Bust1",
                "J_Bip_C_UpperChest > J_Bip_{L}_Shoulder > J_Bip_{L}_UpperArm > J_Bip_{L}_LowerArm > J_Bip_{L}_Hand"
                " > J_Bip_{L}_Index1",
                "J_Bip_C_Hips > J_Bip_{L}_UpperLeg > J_Bip_{L}_LowerLeg > J_Bip_{L}_Foot > J_Bip_{L}_ToeBase",
                "J_Bip_{L}_UpperLeg > J_Sec_{L}_SkirtSide0_01",
            ),
        ),
        named("J_Bip_{L}_UpperLeg", "J_Bip_{L}_LowerLeg", "J_Bip_{L}_Foot", "J_Bip_{L}_ToeBase", "J_Bip_{L}_Shoulder",
              "J_Bip_{L}_UpperArm", "J_Bip_{L}_LowerArm", "J_Bip_{L}_Hand"),
    ),
    "auto-rig pro": Rig(
        "auto-rig-pro",
        (
            "root.x > spine_01.x > spine_02.x > spine_03.x > neck.x > head.x",
            *both(
                "root.x > thigh_stretch.{l} > thigh_twist.{l}",
                "thigh_stretch.{l} > leg_stretch.{l} > leg_twist.{l}",
                "leg_stretch.{l} > foot.{l} > toes_01.{l}",
                "spine_03.x > shoulder.{l} > arm_stretch.{l} > arm_twist.{l}",
                "arm_stretch.{l} > forearm_stretch.{l} > forearm_twist.{l}",
                "forearm_stretch.{l} > hand.{l} > c_index1.{l}",
            ),
        ),
        named("thigh_stretch.{l}", "leg_stretch.{l}", "foot.{l}", "toes_01.{l}", "shoulder.{l}", "arm_stretch.{l}",
              "forearm_stretch.{l}", "hand.{l}"),
    ),
    "daz genesis 8": Rig(
        "daz-genesis",
        (
            "hip > pelvis",
            "hip > abdomenLower > abdomenUpper > chestLower > chestUpper > neckLower > neckUpper > head > lowerJaw",
            *both(
                "pelvis > {l}ThighBend > {l}ThighTwist > {l}Shin > {l}Foot > {l}Heel",
                "{l}Foot > {l}Metatarsals > {l}Toe > {l}BigToe > {l}BigToe_2",
                "chestUpper > {l}Collar > {l}ShldrBend > {l}ShldrTwist > {l}ForearmBend > {l}ForearmTwist > {l}Hand"
                " > {l}Thumb1",
                "{l}Hand > {l}Carpal1 > {l}Index1",
                "chestLower > {l}Pectoral",
            ),
        ),
        named("{l}ThighBend", "{l}Shin", "{l}Foot", "{l}Toe", "{l}Collar", "{l}ShldrBend", "{l}ForearmBend",
              "{l}Hand"),
        halfway=halves(upper_leg="{l}ThighTwist", upper_arm="{l}ShldrTwist", lower_arm="{l}ForearmTwist"),
    ),
    "daz genesis 9": Rig(
        "daz-genesis",
        (
            "hip > pelvis",
            "hip > spine1 > spine2 > spine3 > spine4 > neck1 > neck2 > head",
            *both(
                "pelvis > {l}_thigh > {l}_thightwist1",
                "{l}_thigh > {l}_shin > {l}_foot > {l}_metatarsal > {l}_toes > {l}_bigtoe1",
                "{l}_foot > {l}_heel",
                "spine4 > {l}_shoulder > {l}_upperarm > {l}_upperarmtwist1",
                "{l}_upperarm > {l}_forearm > {l}_forearmtwist1",
                "{l}_forearm > {l}_hand > {l}_thumb1",
                "spine3 > {l}_pectoral",
            ),
        ),
        named("{l}_thigh", "{l}_shin", "{l}_foot", "{l}_toes", "{l}_shoulder", "{l}_upperarm", "{l}_forearm",
              "{l}_hand"),
    ),
    "character creator": Rig(
        "character-creator",
        (
            "CC_Base_BoneRoot > CC_Base_Hip > CC_Base_Pelvis",
            "CC_Base_Hip > CC_Base_Waist > CC_Base_Spine01 > CC_Base_Spine02 > CC_Base_NeckTwist01"
            " > CC_Base_NeckTwist02 > CC_Base_Head > CC_Base_FacialBone > CC_Base_JawRoot",
            *both(
                "CC_Base_Pelvis > CC_Base_{L}_Thigh > CC_Base_{L}_KneeShareBone",
                "CC_Base_{L}_Thigh > CC_Base_{L}_ThighTwist01 > CC_Base_{L}_ThighTwist02",
                "CC_Base_{L}_Thigh > CC_Base_{L}_Calf > CC_Base_{L}_CalfTwist01",
                "CC_Base_{L}_Calf > CC_Base_{L}_Foot > CC_Base_{L}_ToeBaseShareBone",
                "CC_Base_{L}_Foot > CC_Base_{L}_ToeBase > CC_Base_{L}_BigToe1",
                "CC_Base_Spine02 > CC_Base_{L}_RibsTwist > CC_Base_{L}_Breast",
                "CC_Base_Spine02 > CC_Base_{L}_Clavicle > CC_Base_{L}_Upperarm > CC_Base_{L}_UpperarmTwist01",
                "CC_Base_{L}_Upperarm > CC_Base_{L}_ElbowShareBone",
                "CC_Base_{L}_Upperarm > CC_Base_{L}_Forearm > CC_Base_{L}_ForearmTwist01",
                "CC_Base_{L}_Forearm > CC_Base_{L}_Hand > CC_Base_{L}_Index1",
            ),
        ),
        named("CC_Base_{L}_Thigh", "CC_Base_{L}_Calf", "CC_Base_{L}_Foot", "CC_Base_{L}_ToeBase",
              "CC_Base_{L}_Clavicle", "CC_Base_{L}_Upperarm", "CC_Base_{L}_Forearm", "CC_Base_{L}_Hand",
              neck="CC_Base_NeckTwist01"),
        away={"CC_Base_L_ToeBaseShareBone": (0.09, 0.02, 0.14), "CC_Base_R_ToeBaseShareBone": (-0.09, 0.02, 0.14)},
    ),
    "biped of a game": Rig(
        "3ds-max-biped",
        (
            "Bip001 > Bip001 Footsteps",
            "Bip001 > Bip001 Prop1",
            "Bip001 > Bip001 Pelvis > Bip001 Spine > Bip001 Spine1 > Bip001 Neck > Bip001 Head > Bip001 HeadNub",
            "Bip001 Head > Bip001 Ponytail1",
            *both(
                "Bip001 Neck > Bip001 {L} Clavicle > Bip001 {L} UpperArm > Bip001 {L} Forearm > Bip001 {L} Hand"
                " > Bip001 {L} Finger0 > Bip001 {L} Finger0Nub",
                "Bip001 {L} Forearm > Bip001 {L} ForeTwist",
                "Bip001 {L} UpperArm > Bip001 {L}UpArmTwist",
                "Bip001 Spine > Bip001 {L} Thigh > Bip001 {L} Calf > Bip001 {L} Foot > Bip001 {L} Toe0"
                " > Bip001 {L} Toe0Nub",
            ),
        ),
        named("Bip001 {L} Thigh", "Bip001 {L} Calf", "Bip001 {L} Foot", "Bip001 {L} Toe0", "Bip001 {L} Clavicle",
              "Bip001 {L} UpperArm", "Bip001 {L} Forearm", "Bip001 {L} Hand"),
    ),
    "source engine": Rig(
        "custom bvh",
        (
            "ValveBiped.Bip01_Pelvis > ValveBiped.Bip01_Spine > ValveBiped.Bip01_Spine4 > ValveBiped.Bip01_Neck1"
            " > ValveBiped.Bip01_Head1",
            *both(
                "ValveBiped.Bip01_Spine4 > ValveBiped.Bip01_{L}_Clavicle > ValveBiped.Bip01_{L}_UpperArm"
                " > ValveBiped.Bip01_{L}_Forearm > ValveBiped.Bip01_{L}_Hand > ValveBiped.Bip01_{L}_Finger0",
                "ValveBiped.Bip01_Pelvis > ValveBiped.Bip01_{L}_Thigh > ValveBiped.Bip01_{L}_Calf"
                " > ValveBiped.Bip01_{L}_Foot > ValveBiped.Bip01_{L}_Toe0",
            ),
        ),
        {joint: f"ValveBiped.Bip01_{name}" for joint, name in named(
            "{L}_Thigh", "{L}_Calf", "{L}_Foot", "{L}_Toe0", "{L}_Clavicle", "{L}_UpperArm", "{L}_Forearm", "{L}_Hand",
        ).items()},
    ),
    "motionbuilder character": Rig(
        "motionbuilder",
        (
            "Char:Reference > Char:Hips > Char:Spine > Char:Spine1 > Char:Neck > Char:Neck1 > Char:Head",
            *both(
                "Char:Reference > Char:{S}FootIK",
                "Char:Spine1 > Char:{S}Shoulder > Char:{S}Arm > Char:{S}ArmRoll",
                "Char:{S}Arm > Char:{S}ForeArm > Char:{S}Hand > Char:{S}HandThumb1",
                "Char:{S}Hand > Char:{S}HandProp",
                "Char:Hips > Char:{S}UpLeg > Char:{S}UpLegRoll",
                "Char:{S}UpLeg > Char:{S}Leg > Char:{S}Foot > Char:{S}ToeBase",
            ),
        ),
        {joint: f"Char:{name}" for joint, name in sided(MOTIONBUILDER).items()},
    ),
    "perception neuron": Rig(
        "motionbuilder",
        (
            "Hips > Spine > Spine1 > Spine2 > Neck > Neck1 > Head",
            *both("Spine2 > {S}Shoulder > {S}Arm > {S}ForeArm > {S}Hand > {S}InHandIndex > {S}HandIndex1",
                  "Hips > {S}UpLeg > {S}Leg > {S}Foot"),
        ),
        {joint: name for joint, name in sided(MOTIONBUILDER).items() if not joint.endswith("foot")},
        missing=("left_foot", "right_foot"),
    ),
    "deepmotion": Rig(
        "deepmotion",
        (
            "hips_JNT > spine_JNT > spine1_JNT > spine2_JNT > neck_JNT > head_JNT",
            *both("spine2_JNT > {l}_shoulder_JNT > {l}_arm_JNT > {l}_forearm_JNT > {l}_hand_JNT > {l}_handIndex1_JNT",
                  "hips_JNT > {l}_upleg_JNT > {l}_leg_JNT > {l}_foot_JNT > {l}_toebase_JNT"),
        ),
        named("{l}_upleg_JNT", "{l}_leg_JNT", "{l}_foot_JNT", "{l}_toebase_JNT", "{l}_shoulder_JNT", "{l}_arm_JNT",
              "{l}_forearm_JNT", "{l}_hand_JNT"),
    ),
    "plask": Rig(
        "custom bvh",
        (
            "hips > spine > spine1 > spine2 > neck > head",
            *both("spine2 > {s}Shoulder > {s}Arm > {s}ForeArm > {s}Hand > {s}HandIndex1",
                  "hips > {s}UpLeg > {s}Leg > {s}Foot > {s}ToeBase > {s}Toe_End"),
        ),
        sided({part: name.replace("{S}", "{s}") for part, name in MOTIONBUILDER.items()}),
    ),
    "soma": Rig(
        "soma",
        (
            "Root > Hips > Spine1 > Spine2 > Chest > Neck1 > Neck2 > Head > Jaw",
            "Head > HeadEnd",
            *both("Chest > {S}Shoulder > {S}Arm > {S}ForeArm > {S}Hand > {S}HandIndex1 > {S}HandIndexEnd",
                  "Hips > {S}Leg > {S}Shin > {S}Foot > {S}ToeBase > {S}ToeEnd"),
        ),
        sided({**MOTIONBUILDER, "hip": "{S}Leg", "knee": "{S}Shin"}),
    ),
    "joints of xsens mvn": Rig(
        "custom bvh",
        (
            "jPelvis > jL5S1 > jL4L3 > jL1T12 > jT9T8 > jT1C7 > jC1Head",
            *both("jT9T8 > j{S}T4Shoulder > j{S}Shoulder > j{S}Elbow > j{S}Wrist",
                  "jPelvis > j{S}Hip > j{S}Knee > j{S}Ankle > j{S}BallFoot"),
        ),
        {**sided({part: f"j{name}" for part, name in COLLAR.items() if part not in ("foot", "collar")}),
         **sided({"foot": "j{S}BallFoot", "collar": "j{S}T4Shoulder"}), "head": "jC1Head", "neck": "jT1C7"},
    ),
    "mmd": Rig(
        "mmd",
        (
            "全ての親 > センター > グルーブ > 腰 > 上半身 > 上半身2 > 首 > 頭 > 両目",
            "腰 > 下半身",
            "全ての親 > 左足IK親 > 左足ＩＫ > 左つま先ＩＫ",
            "全ての親 > 右足IK親 > 右足ＩＫ > 右つま先ＩＫ",
            *(chain.replace("S", side) for side in "左右" for chain in (
                "上半身2 > S肩P > S肩 > S肩C > S腕 > S腕捩 > Sひじ > S手捩 > S手首 > S親指０ > S親指１",  # noqa: RUF001
                "S手首 > S人指１",  # noqa: RUF001
                "下半身 > 腰キャンセルS > S足 > Sひざ > S足首 > Sつま先",
                "下半身 > S足D > SひざD > S足首D > S足先EX",
                "頭 > S目",
            )),
        ),
        {f"{side}_{part}": name for side, kanji in (("left", "左"), ("right", "右")) for part, name in {
            "hip": kanji + "足", "knee": kanji + "ひざ", "ankle": kanji + "足首", "foot": kanji + "つま先",
            "collar": kanji + "肩", "shoulder": kanji + "腕", "elbow": kanji + "ひじ", "wrist": kanji + "手首",
        }.items()} | {"neck": "首", "head": "頭"},
    ),
    "chinese": Rig(
        "custom bvh",
        (
            "骨盆 > 脊柱 > 胸 > 脖子 > 头",
            *(chain.replace("S", side) for side in "左右" for chain in (
                "胸 > S肩 > S上臂 > S前臂 > S手 > S食指", "骨盆 > S大腿 > S小腿 > S脚 > S脚尖")),
        ),
        {f"{side}_{part}": name for side, kanji in (("left", "左"), ("right", "右")) for part, name in {
            "hip": kanji + "大腿", "knee": kanji + "小腿", "ankle": kanji + "脚", "foot": kanji + "脚尖",
            "collar": kanji + "肩", "shoulder": kanji + "上臂", "elbow": kanji + "前臂", "wrist": kanji + "手",
        }.items()} | {"neck": "脖子", "head": "头"},
    ),
}  # fmt: skip
