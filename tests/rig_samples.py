"""Rigs of all known families on one body, with the bones that come beside the joints: fingers, hair, helpers.

Free of bpy and of Kinetone, so that tests inside and outside of Blender build the same rigs.
"""

from dataclasses import dataclass, field

import numpy as np

JOINTS = [
    "pelvis",
    "left_hip",
    "right_hip",
    "spine1",
    "left_knee",
    "right_knee",
    "spine2",
    "left_ankle",
    "right_ankle",
    "spine3",
    "left_foot",
    "right_foot",
    "neck",
    "left_collar",
    "right_collar",
    "head",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_hand",
    "right_hand",
]
PARENTS = (-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19, 20, 21)


@dataclass
class SampleRig:
    """Bones, parents before children.

    Attributes:
        parents: of every bone, by name; the keys are the bones in order.
        heads, tails: by bone, metres, Z up, facing -Y.
        joints: the bone of each joint that the rig has.
    """

    parents: dict = field(default_factory=dict)
    heads: dict = field(default_factory=dict)
    tails: dict = field(default_factory=dict)
    joints: dict = field(default_factory=dict)

    def add(self, name, parent, head, tail):
        assert name not in self.parents, name
        self.parents[name], self.heads[name], self.tails[name] = parent, np.array(head), np.array(tail)

    def arrays(self):
        """Heads and tails, (B, 3) each."""
        return np.array(list(self.heads.values())), np.array(list(self.tails.values()))


def _names(centre, side, left="Left", right="Right"):
    """Bone names by joint; ``side`` patterns have {} where the side goes."""
    names = dict(centre)
    for part, pattern in side.items():
        names[f"left_{part}"] = pattern.format(left)
        names[f"right_{part}"] = pattern.format(right)
    return names


def _centre(*names):
    joints = ("pelvis", "spine1", "spine2", "spine3", "neck", "head")
    return {joint: name for joint, name in zip(joints, names, strict=True) if name}


def _side(*patterns):
    parts = ("hip", "knee", "ankle", "foot", "collar", "shoulder", "elbow", "wrist", "hand")
    return {part: pattern for part, pattern in zip(parts, patterns, strict=True) if pattern}


_MIXAMO_SIDE = ("UpLeg", "Leg", "Foot", "ToeBase", "Shoulder", "Arm", "ForeArm", "Hand", "HandMiddle1")
_RIGIFY_SIDE = ["thigh", "shin", "foot", "toe", "shoulder", "upper_arm", "forearm", "hand", "f_middle.01"]

FAMILIES = {
    "SMPL": _names(
        _centre("Pelvis", "Spine1", "Spine2", "Spine3", "Neck", "Head"),
        _side(
            *(
                f"{{}}_{p}"
                for p in ["Hip", "Knee", "Ankle", "Foot", "Collar", "Shoulder", "Elbow", "Wrist", "Hand"]
            )
        ),
        "L",
        "R",
    ),
    "Mixamo": _names(
        _centre("Hips", "Spine", "Spine1", "Spine2", "Neck", "Head"),
        _side(*(f"{{}}{part}" for part in _MIXAMO_SIDE)),
    ),
    "Rigify": _names(
        _centre("spine", "spine.001", "spine.002", "spine.003", "spine.004", "spine.006"),
        _side(*(f"{part}.{{}}" for part in _RIGIFY_SIDE)),
        "L",
        "R",
    ),
    "CMU (bone names)": _names(
        _centre("Hips", "Spine", "", "Spine1", "Neck1", "Head"),
        _side(*("{}" + p if p else "" for p in (*_MIXAMO_SIDE[:4], "", *_MIXAMO_SIDE[5:8], "FingerBase"))),
    ),
    "CMU (joint names)": _names(
        _centre("Hips", "Chest", "", "Chest2", "Neck", "Head"),
        _side(
            *(
                "{}" + p if p else ""
                for p in ["Hip", "Knee", "Ankle", "Toe", "", "Shoulder", "Elbow", "Wrist", "Fingers"]
            )
        ),
    ),
    "CMU (Poser names)": _names(
        _centre("hip", "", "abdomen", "chest", "neck", "head"),
        _side("{}Thigh", "{}Shin", "{}Foot", "", "", "{}Shldr", "{}ForeArm", "{}Hand", "{}Mid1"),
        "l",
        "r",
    ),
    "VRM and Unity": _names(
        _centre(*(f"J_Bip_C_{p}" for p in ("Hips", "Spine", "Chest", "UpperChest", "Neck", "Head"))),
        _side(
            *(
                f"J_Bip_{{}}_{part}"
                for part in [
                    "UpperLeg",
                    "LowerLeg",
                    "Foot",
                    "ToeBase",
                    "Shoulder",
                    "UpperArm",
                    "LowerArm",
                    "Hand",
                    "Middle1",
                ]
            )
        ),
        "L",
        "R",
    ),
    "Unity": _names(
        _centre("Hips", "Spine", "Chest", "UpperChest", "Neck", "Head"),
        _side(
            *(
                f"{{}}{part}"
                for part in [
                    "UpperLeg",
                    "LowerLeg",
                    "Foot",
                    "Toes",
                    "Shoulder",
                    "UpperArm",
                    "LowerArm",
                    "Hand",
                    "MiddleProximal",
                ]
            )
        ),
    ),
    "MMD": _names(
        _centre("", "上半身", "上半身2", "", "首", "頭"),
        _side("{}足", "{}ひざ", "{}足首", "{}つま先", "{}肩", "{}腕", "{}ひじ", "{}手首", "{}中指１"),
        "左",
        "右",
    ),
    "MMD in English": _names(
        _centre("", "UpperBody", "UpperBody2", "", "Neck", "Head"),
        _side(
            *(
                f"{p}_{{}}"
                for p in ["Leg", "Knee", "Ankle", "Toe", "Shoulder", "Arm", "Elbow", "Wrist", "MiddleFinger1"]
            )
        ),
        "L",
        "R",
    ),
    "MMD in Blender": _names(
        _centre("", "上半身", "上半身2", "", "首", "頭"),
        _side(*(f"{p}.{{}}" for p in ["足", "ひざ", "足首", "つま先", "肩", "腕", "ひじ", "手首", "中指１"])),
        "L",
        "R",
    ),
    "MMD, romanised": _names(
        _centre("", "jouhanshin", "jouhanshin2", "", "kubi", "atama"),
        _side(
            *(
                f"{p}_{{}}"
                for p in [
                    "ashi",
                    "hiza",
                    "ashikubi",
                    "tsumasaki",
                    "kata",
                    "ude",
                    "hiji",
                    "tekubi",
                    "nakayubi1",
                ]
            )
        ),
        "L",
        "R",
    ),
    "VRChat": _names(
        _centre("Hips", "Spine", "Chest", "", "Neck", "Head"),
        _side(
            *(
                f"{{}} {p}"
                for p in ["leg", "knee", "ankle", "toe", "shoulder", "arm", "elbow", "wrist", "MiddleFinger1"]
            )
        ),
    ),
    "Unreal Engine": _names(
        _centre("pelvis", "spine_01", "spine_02", "spine_03", "neck_01", "head"),
        _side(
            *(
                f"{part}_{{}}"
                for part in [
                    "thigh",
                    "calf",
                    "foot",
                    "ball",
                    "clavicle",
                    "upperarm",
                    "lowerarm",
                    "hand",
                    "middle_01",
                ]
            )
        ),
        "l",
        "r",
    ),
    "Auto-Rig Pro": _names(
        _centre("root.x", "spine_01.x", "spine_02.x", "spine_03.x", "neck.x", "head.x"),
        _side(
            *(
                f"{part}.{{}}"
                for part in [
                    "thigh_stretch",
                    "leg_stretch",
                    "foot",
                    "toes_01",
                    "shoulder",
                    "arm_stretch",
                    "forearm_stretch",
                    "hand",
                    "c_middle1",
                ]
            )
        ),
        "l",
        "r",
    ),
}
"""The name of each joint's bone; joints that a family has no bone for are left out."""

FAMILY_NAMES = {name: name.split(",")[0].split(" in ")[0] for name in FAMILIES} | {"Unity": "VRM and Unity"}
"""By which name Kinetone reports a family."""


def sample_rig(family, rest_joints, prefix="", arms_down_degrees=0.0):
    """A rig of the family on the body with these joints, (24, 3).

    Args:
        prefix: before every bone's name.
        arms_down_degrees: 0 is a T-pose, 45 an A-pose.
    """
    names = {joint: prefix + name for joint, name in FAMILIES[family].items()}
    at = dict(zip(JOINTS, lower_arms(rest_joints, arms_down_degrees), strict=True))
    rig = SampleRig()
    root = f"{prefix}root_of_all"
    rig.add(root, None, (0, 0, 0), (0, -0.2, 0))
    holder = {}  # the bone that carries what hangs on a joint; a joint without a bone hands on its parent's
    helpers = _Helpers(rig, prefix)
    if "pelvis" not in names:  # MMD: legs and trunk hang on bones at the waist
        rig.add(f"{prefix}センター", root, at["pelvis"], at["spine1"])
        rig.add(f"{prefix}下半身", f"{prefix}センター", at["spine1"], at["pelvis"])
        holder["pelvis"] = f"{prefix}下半身"
    for joint, parent in zip(JOINTS, PARENTS, strict=True):
        carrier = holder[JOINTS[parent]] if parent >= 0 else root
        if joint == "spine1" and "pelvis" not in names:
            carrier = f"{prefix}センター"
        if joint not in names:
            holder.setdefault(joint, carrier)
            continue
        if family.startswith("CMU") and joint.endswith(("_hip", "_shoulder")):
            carrier = helpers.side_bone(joint, carrier, at)
        rig.add(names[joint], carrier, at[joint], _tail(joint, at))
        holder[joint] = names[joint]
        rig.joints[joint] = names[joint]
    helpers.add_extras(holder, names, at)
    return rig


def lower_arms(rest_joints, degrees):
    """The joints with both arms turned down about the shoulders."""
    joints = np.array(rest_joints, dtype=float)
    for side, sign in (("left", 1), ("right", -1)):
        angle = np.deg2rad(degrees) * sign
        turn = np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])
        shoulder = joints[JOINTS.index(f"{side}_shoulder")].copy()
        for part in ("elbow", "wrist", "hand"):
            index = JOINTS.index(f"{side}_{part}")
            joints[index] = shoulder + turn @ (joints[index] - shoulder)
    return joints


def _tail(joint, at):
    children = [JOINTS[i] for i, parent in enumerate(PARENTS) if parent == JOINTS.index(joint)]
    if len(children) == 1:
        return at[children[0]]
    if children:
        return at[{"pelvis": "spine1", "spine3": "neck"}[joint]]
    if joint == "head":
        return at["head"] + np.array([0, 0, 0.15])
    if joint.endswith("_foot"):
        return at[joint] + np.array([0, -0.07, 0])
    wrist = at[joint.replace("hand", "wrist")]
    return at[joint] + (at[joint] - wrist) * 0.5


class _Helpers:
    """Bones that are no joints."""

    def __init__(self, rig, prefix):
        self._rig, self._prefix = rig, prefix

    def side_bone(self, joint, carrier, at):
        """CMU's hip and collar bones, which begin in the middle of the body."""
        side, _, part = joint.partition("_")
        name = f"{self._prefix}{side[0].upper()}{'HipJoint' if part == 'hip' else 'CollarOfSpine'}"
        start = at["pelvis"] if part == "hip" else at["spine3"]
        self._rig.add(name, carrier, start, at[joint])
        return name

    def add_extras(self, holder, names, at):
        """Fingers, the end of the toes, eyes, and hair that hangs down the back."""
        for side in ("left", "right"):
            wrist, hand = at[f"{side}_wrist"], at[f"{side}_hand"]
            along = hand - wrist
            for finger, (spread, reach) in enumerate(((-0.9, 0.8), (0.45, 0.95), (0.0, 1.0), (-0.4, 0.9))):
                carrier = holder[f"{side}_wrist"]
                start = hand + np.array([0, -0.04 * spread, 0]) - along * (1 - reach)
                if finger == 2:
                    if f"{side}_hand" not in names:
                        continue
                    carrier, start = names[f"{side}_hand"], hand + along * 0.6
                for phalanx in range(3):
                    end = start + along * 0.35 * reach
                    name = f"{self._prefix}digit{finger}{phalanx}{side}"
                    self._rig.add(name, carrier, start, end)
                    carrier, start = name, end
            if f"{side}_foot" in names:
                toe = at[f"{side}_foot"] + np.array([0, -0.07, 0])
                self._rig.add(f"{self._prefix}tip{side}", holder[f"{side}_foot"], toe, toe - (0, 0.02, 0))
            eye = at["head"] + np.array([0.03 if side == "left" else -0.03, -0.08, 0.06])
            self._rig.add(f"{self._prefix}seeing{side}", holder["head"], eye, eye - (0, 0.02, 0))
        carrier, start = holder["head"], at["head"] + np.array([0, 0.1, 0.12])
        for piece in range(4):
            name = f"{self._prefix}strand{piece}"
            self._rig.add(name, carrier, start, start - (0, 0, 0.12))
            carrier, start = name, start - (0, 0, 0.12)
