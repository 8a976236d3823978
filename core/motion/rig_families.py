"""The bone names of the rigs that Kinetone knows, and how to derive what a rig lacks. Tables only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .bone_names import BoneName
from .skeleton import JOINT_NAMES


@dataclass(frozen=True)
class Family:
    """The names of one kind of rig.

    Attributes:
        name: of the family.
        bones: for each joint what the names of its bones say, the best first.
        signature: what the name of a bone says that only this family has; without it the family is
            ruled out, with it preferred. None for families that need none.
    """

    name: str
    bones: Mapping[str, Sequence[BoneName]]
    signature: BoneName | None = None

    def find(self, keys: Mapping[BoneName, str]) -> dict[str, str]:
        """The bone of every joint that this family's names find, by joint name."""
        if self.signature is not None and self.signature not in keys:
            return {}
        candidates = {joint: [key for key in bones if key in keys] for joint, bones in self.bones.items()}
        return {joint: keys[bones[0]] for joint, bones in candidates.items() if bones}


def _both_sides(parts: Mapping[str, Sequence[str]]) -> dict[str, list[BoneName]]:
    """Bones by joint, from parts of bone names by joint without its side."""
    bones = {}
    for joint in JOINT_NAMES:
        side, _, part = joint.rpartition("_")
        assert side in ("", "left", "right")
        bones[joint] = [BoneName(side, name) for name in parts.get(part, ())]
    return bones


_SMPL = Family(
    "SMPL",
    _both_sides(
        {
            "pelvis": ("pelvis",),
            "hip": ("hip",),
            "spine1": ("spine1",),
            "knee": ("knee",),
            "spine2": ("spine2",),
            "ankle": ("ankle",),
            "spine3": ("spine3",),
            "foot": ("foot",),
            "neck": ("neck",),
            "collar": ("collar",),
            "head": ("head",),
            "shoulder": ("shoulder",),
            "elbow": ("elbow",),
            "wrist": ("wrist",),
            "hand": ("hand", "middle1"),
        }
    ),
)

_MIXAMO = Family(
    "Mixamo",
    _both_sides(
        {
            "pelvis": ("hips",),
            "hip": ("upleg",),
            "spine1": ("spine",),
            "knee": ("leg",),
            "spine2": ("spine1",),
            "ankle": ("foot",),
            "spine3": ("spine2",),
            "foot": ("toebase",),
            "neck": ("neck",),
            "collar": ("shoulder",),
            "head": ("head",),
            "shoulder": ("arm",),
            "elbow": ("forearm",),
            "wrist": ("hand",),
            "hand": ("handmiddle1",),
        }
    ),
)


def _rigify_layers(*parts: str, controls: Sequence[str] = ()) -> tuple[str, ...]:
    """Deform bones before the original ones, those before the metarig's, then the controls."""
    return (*(layer + part for layer in ("def", "org", "") for part in parts), *controls)


_RIGIFY = Family(
    "Rigify",
    _both_sides(
        {
            "pelvis": _rigify_layers("spine", controls=("torso", "hips")),
            "hip": _rigify_layers("thigh", controls=("thighfk", "thighik")),
            "spine1": _rigify_layers("spine1", controls=("spinefk1",)),
            "knee": _rigify_layers("shin", controls=("shinfk",)),
            "spine2": _rigify_layers("spine2", controls=("spinefk2", "chest")),
            "ankle": _rigify_layers("foot", controls=("footfk", "footik")),
            "spine3": _rigify_layers("spine3", controls=("spinefk3",)),
            "foot": _rigify_layers("toe", controls=("toefk", "toeik")),
            "neck": _rigify_layers("spine4", controls=("neck",)),
            "collar": _rigify_layers("shoulder"),
            "head": _rigify_layers("spine6", "head"),
            "shoulder": _rigify_layers("upperarm", controls=("upperarmfk", "upperarmik")),
            "elbow": _rigify_layers("forearm", controls=("forearmfk",)),
            "wrist": _rigify_layers("hand", controls=("handfk", "handik")),
            "hand": _rigify_layers("fmiddle1", "palm2"),
        }
    ),
)

# The CMU motions come in three spellings. Their collar bones all begin at the spine, which no
# collar joint does, and so are left out.
_CMU_POSER = Family(
    "CMU (Poser names)",
    _both_sides(
        {
            "pelvis": ("hip",),
            "hip": ("thigh",),
            "knee": ("shin",),
            "spine2": ("abdomen",),
            "ankle": ("foot",),
            "spine3": ("chest",),
            "neck": ("neck",),
            "head": ("head",),
            "shoulder": ("shldr",),
            "elbow": ("forearm",),
            "wrist": ("hand",),
            "hand": ("mid1",),
        }
    ),
)

_CMU_JOINTS = Family(
    "CMU (joint names)",
    _both_sides(
        {
            "pelvis": ("hips",),
            "hip": ("hip",),
            "spine1": ("chest",),
            "knee": ("knee",),
            "ankle": ("ankle",),
            "spine3": ("chest2",),
            "foot": ("toe",),
            "neck": ("neck",),
            "head": ("head",),
            "shoulder": ("shoulder",),
            "elbow": ("elbow",),
            "wrist": ("wrist",),
            "hand": ("fingers",),
        }
    ),
)

_CMU_BONES = Family(
    "CMU (bone names)",
    _both_sides(
        {
            "pelvis": ("hips",),
            "hip": ("upleg",),
            "spine1": ("spine",),
            "knee": ("leg",),
            "ankle": ("foot",),
            "spine3": ("spine1",),
            "foot": ("toebase",),
            "neck": ("neck1", "neck"),
            "head": ("head",),
            "shoulder": ("arm",),
            "elbow": ("forearm",),
            "wrist": ("hand",),
            "hand": ("fingerbase", "handindex1"),
        }
    ),
    signature=BoneName("", "neck1"),
)

_HUMANOID = Family(
    "VRM and Unity",
    _both_sides(
        {
            "pelvis": ("hips", "chips"),
            "hip": ("upperleg",),
            "spine1": ("spine", "cspine"),
            "knee": ("lowerleg",),
            "spine2": ("chest", "cchest"),
            "ankle": ("foot",),
            "spine3": ("upperchest", "cupperchest"),
            "foot": ("toebase", "toes", "toe"),
            "neck": ("neck", "cneck"),
            "collar": ("shoulder",),
            "head": ("head", "chead"),
            "shoulder": ("upperarm",),
            "elbow": ("lowerarm",),
            "wrist": ("hand",),
            "hand": ("middle1", "middleproximal"),
        }
    ),
)

# 下半身 (lower body) begins at the waist, where no joint of a pelvis is: the hips give that one.
# The second of two names is the one that the English and romanised versions of a model have.
_MMD = Family(
    "MMD",
    _both_sides(
        {
            "hip": ("足", "leg", "ashi"),
            "spine1": ("上半身", "upperbody", "jouhanshin"),
            "knee": ("ひざ", "knee", "hiza"),
            "spine2": ("上半身2", "upperbody2", "jouhanshin2"),
            "ankle": ("足首", "ankle", "ashikubi"),
            "spine3": ("上半身3", "upperbody3", "jouhanshin3"),
            "foot": ("足先ex", "つま先", "toe", "tsumasaki", "toetip", "legtipex"),
            "neck": ("首", "neck", "kubi"),
            "collar": ("肩", "shoulder", "kata"),
            "head": ("頭", "head", "atama"),
            "shoulder": ("腕", "arm", "ude"),
            "elbow": ("ひじ", "elbow", "hiji"),
            "wrist": ("手首", "wrist", "tekubi"),
            "hand": ("中指1", "middlefinger1", "middle1", "nakayubi1"),
        }
    ),
)

# The names of VRChat's converters; MMD's but for the trunk.
_VRCHAT = Family(
    "VRChat",
    {**_MMD.bones, **{joint: _HUMANOID.bones[joint] for joint in ("pelvis", "spine1", "spine2", "spine3")}},
    signature=BoneName("", "hips"),
)

_UNREAL = Family(
    "Unreal Engine",
    _both_sides(
        {
            "pelvis": ("pelvis",),
            "hip": ("thigh",),
            "spine1": ("spine1",),
            "knee": ("calf",),
            "spine2": ("spine2",),
            "ankle": ("foot",),
            "spine3": ("spine3",),
            "foot": ("ball",),
            "neck": ("neck1",),
            "collar": ("clavicle",),
            "head": ("head",),
            "shoulder": ("upperarm",),
            "elbow": ("lowerarm",),
            "wrist": ("hand",),
            "hand": ("middle1",),
        }
    ),
)

# Bones with ``stretch`` deform; those without blend the two sets of controls, and are there in rigs
# that have not been exported.
_AUTO_RIG_PRO = Family(
    "Auto-Rig Pro",
    _both_sides(
        {
            "pelvis": ("rootx",),
            "hip": ("thigh", "thighstretch"),
            "spine1": ("spine1x",),
            "knee": ("leg", "legstretch"),
            "spine2": ("spine2x",),
            "ankle": ("foot",),
            "spine3": ("spine3x",),
            "foot": ("toes1",),
            "neck": ("neckx",),
            "collar": ("shoulder",),
            "head": ("headx",),
            "shoulder": ("arm", "armstretch"),
            "elbow": ("forearm", "forearmstretch"),
            "wrist": ("hand",),
            "hand": ("middle1", "cmiddle1"),
        }
    ),
    signature=BoneName("", "rootx"),
)

_SMPL_NUMBERS = Family(
    "SMPL (joint numbers)",
    {
        joint: [BoneName("", word + str(index)) for word in ("", "j", "joint")]
        for index, joint in enumerate(JOINT_NAMES)
    },
)

FAMILIES = (
    _SMPL,
    _MIXAMO,
    _RIGIFY,
    _CMU_POSER,
    _CMU_JOINTS,
    _CMU_BONES,
    _HUMANOID,
    _MMD,
    _VRCHAT,
    _UNREAL,
    _AUTO_RIG_PRO,
    _SMPL_NUMBERS,
)
"""All families that are tried."""

REQUIRED = tuple(joint for joint in JOINT_NAMES if joint.endswith(("_hip", "_knee", "_shoulder", "_elbow")))
"""Without these joints a body cannot be put together; every other joint can be derived."""


@dataclass(frozen=True)
class Derivation:
    """How to compute a joint that a rig lacks.

    Attributes:
        joint: to compute.
        shares: of other joints, which must be known; they sum to 1.
        tail_of: the joint whose bone, if it has one of its own, ends where this joint is; this is
            better than the shares.
    """

    joint: str
    shares: Mapping[str, float]
    tail_of: str = ""


def _limbs(side: str) -> list[Derivation]:
    hip, knee, ankle, foot, collar, shoulder, elbow, wrist, hand = (
        f"{side}_{part}"
        for part in ("hip", "knee", "ankle", "foot", "collar", "shoulder", "elbow", "wrist", "hand")
    )
    return [
        Derivation(ankle, {knee: 1.97, hip: -0.97}, tail_of=knee),
        Derivation(foot, {ankle: 1.14, knee: -0.14}, tail_of=ankle),
        Derivation(collar, {"spine3": 0.275, "neck": 0.305, shoulder: 0.42}),
        Derivation(wrist, {elbow: 1.9, shoulder: -0.9}, tail_of=elbow),
        Derivation(hand, {wrist: 1.34, elbow: -0.34}, tail_of=wrist),
    ]


DERIVATIONS = (
    Derivation("pelvis", {"left_hip": 0.5, "right_hip": 0.5}),
    Derivation("neck", {"left_shoulder": 0.578, "right_shoulder": 0.578, "pelvis": -0.156}),
    Derivation("spine1", {"pelvis": 0.53, "spine2": 0.47}),
    Derivation("spine1", {"pelvis": 0.62, "spine3": 0.38}),
    Derivation("spine2", {"spine1": 0.31, "spine3": 0.69}),
    Derivation("spine2", {"spine1": 0.67, "neck": 0.33}),
    Derivation("spine2", {"pelvis": 0.52, "neck": 0.48}),
    Derivation("spine1", {"pelvis": 0.53, "spine2": 0.47}),
    Derivation("spine3", {"spine2": 0.78, "neck": 0.22}),
    Derivation("head", {"neck": 1.42, "spine3": -0.42}, tail_of="neck"),
    *_limbs("left"),
    *_limbs("right"),
)
"""Tried in this order, each for a joint that is not known yet; the shares fit ``REST_JOINTS``."""
