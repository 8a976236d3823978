"""Bones of all known rigs to the 24 joints."""

import numpy as np
import pytest
from kinetone.core.errors import RigError
from kinetone.core.motion.rig_families import DERIVATIONS, REQUIRED
from kinetone.core.motion.rig_shape import RestPose
from kinetone.core.motion.rigs import Origin, joint_sources
from kinetone.core.motion.skeleton import JOINT_INDEX, JOINT_NAMES, PARENTS, REST_JOINTS
from motion_samples import still_body
from rig_samples import FAMILIES, FAMILY_NAMES, sample_rig

SMPL = [
    "Pelvis",
    "L_Hip",
    "R_Hip",
    "Spine1",
    "L_Knee",
    "R_Knee",
    "Spine2",
    "L_Ankle",
    "R_Ankle",
    "Spine3",
    "L_Foot",
    "R_Foot",
    "Neck",
    "L_Collar",
    "R_Collar",
    "Head",
    "L_Shoulder",
    "R_Shoulder",
    "L_Elbow",
    "R_Elbow",
    "L_Wrist",
    "R_Wrist",
    "L_Hand",
    "R_Hand",
]
MIXAMO = [
    "Hips",
    "LeftUpLeg",
    "RightUpLeg",
    "Spine",
    "LeftLeg",
    "RightLeg",
    "Spine1",
    "LeftFoot",
    "RightFoot",
    "Spine2",
    "LeftToeBase",
    "RightToeBase",
    "Neck",
    "LeftShoulder",
    "RightShoulder",
    "Head",
    "LeftArm",
    "RightArm",
    "LeftForeArm",
    "RightForeArm",
    "LeftHand",
    "RightHand",
    "LeftHandMiddle1",
    "RightHandMiddle1",
]
RIGIFY = [
    "spine",
    "thigh.L",
    "thigh.R",
    "spine.001",
    "shin.L",
    "shin.R",
    "spine.002",
    "foot.L",
    "foot.R",
    "spine.003",
    "toe.L",
    "toe.R",
    "spine.004",
    "shoulder.L",
    "shoulder.R",
    "spine.006",
    "upper_arm.L",
    "upper_arm.R",
    "forearm.L",
    "forearm.R",
    "hand.L",
    "hand.R",
    "f_middle.01.L",
    "f_middle.01.R",
]
FINGERS = [
    f"{side}Hand{finger}{n}" for side in ("Left", "Right") for finger in ("Thumb", "Index") for n in "123"
]

ALIKE = {
    "SMPL add-on, female": (["root"], [f"f_avg_{name}" for name in SMPL]),
    "SMPL add-on, male": (["m_avg_root"], [f"m_avg_{name}" for name in SMPL]),
    "SMPL export": ([], SMPL),
    "SMPL-X": (["root", "jaw", "left_eye_smplhf"], [*JOINT_NAMES[:22], "left_middle1", "right_middle1"]),
    "SMPL, small letters": ([], list(JOINT_NAMES)),
    "SMPL, numbers": (["root"], [f"J_{n}" for n in range(24)]),
    "SMPL, numbers with zeros": ([], [f"J_{n:02d}" for n in range(24)]),
    "Mixamo": (FINGERS, MIXAMO),
    "Mixamo with its prefix": ([f"mixamorig:{n}" for n in FINGERS], [f"mixamorig:{n}" for n in MIXAMO]),
    "Mixamo with a numbered prefix": ([], [f"mixamorig12:{n}" for n in MIXAMO]),
    "Mixamo in Unity": ([], [f"mixamorig_{n}" for n in MIXAMO]),
    "Rigify metarig": (["spine.005", "pelvis.L", "breast.L", "heel.02.L"], RIGIFY),
    "Rigify, game export": (["DEF-thigh.L.001", "DEF-forearm.R.001"], [f"DEF-{n}" for n in RIGIFY]),
    "Rigify, generated": (
        ["root", "torso", "hips", "hand_ik.L", *RIGIFY[:3], *(f"ORG-{n}" for n in RIGIFY)],
        [f"DEF-{n}" for n in RIGIFY],
    ),
}


@pytest.mark.parametrize("kind", ALIKE)
def test_rigs_that_have_all_joints(kind):
    others, bones = ALIKE[kind]
    names = [*others, *bones]
    mapping = joint_sources(names, dict.fromkeys(names))
    assert mapping.named == dict(zip(JOINT_NAMES, bones, strict=True))
    assert mapping.derived == ()
    heads = np.random.default_rng(0).normal(size=(5, len(names), 3))
    assert np.array_equal(mapping.joints(heads, heads + 1), heads[:, len(others) :])


CMU = {
    "joint names": (
        "Hips LHipJoint LeftHip LeftKnee LeftAnkle LeftToe RHipJoint RightHip RightKnee RightAnkle RightToe "
        "lowerback Chest Chest2 lowerneck Neck Head LeftCollar LeftShoulder LeftElbow LeftWrist lhand "
        "LFingers LThumb RightCollar RightShoulder RightElbow RightWrist rhand RFingers RThumb",
        {
            "left_hip": "LeftHip",
            "right_shoulder": "RightShoulder",
            "left_foot": "LeftToe",
            "spine3": "Chest2",
        },
    ),
    "Poser names": (
        "hip abdomen chest neck head leftEye rightEye rCollar rShldr rForeArm rHand rThumb1 rMid1 lCollar "
        "lShldr lForeArm lHand lThumb1 lMid1 rButtock rThigh rShin rFoot lButtock lThigh lShin lFoot",
        {"left_hip": "lThigh", "right_elbow": "rForeArm", "left_ankle": "lFoot", "pelvis": "hip"},
    ),
    "bone names": (
        "Hips LHipJoint LeftUpLeg LeftLeg LeftFoot LeftToeBase RHipJoint RightUpLeg RightLeg RightFoot "
        "RightToeBase LowerBack Spine Spine1 Neck Neck1 Head LeftShoulder LeftArm LeftForeArm LeftHand "
        "LeftFingerBase LeftHandIndex1 LThumb RightShoulder RightArm RightForeArm RightHand "
        "RightFingerBase RightHandIndex1 RThumb",
        {"left_hip": "LeftUpLeg", "neck": "Neck1", "left_shoulder": "LeftArm", "spine3": "Spine1"},
    ),
}


@pytest.mark.parametrize("spelling", CMU)
def test_cmu_rigs(spelling):
    names, expected = CMU[spelling]
    mapping = joint_sources(names.split(), {})
    assert expected.items() <= mapping.named.items()
    assert {"left_collar", "right_collar"} <= set(mapping.derived)
    assert np.allclose(mapping.weights.sum(axis=1), 1)


def test_derived_joints_lie_where_a_body_has_them():
    """A rig of the required joints alone gives nearly the reference body back."""
    names = list(REQUIRED)
    mapping = joint_sources(names, {})
    heads = still_body(1)[:, [JOINT_INDEX[name] for name in names]]
    tails = heads.copy()
    for bone, end in (("knee", "ankle"), ("elbow", "wrist")):
        for side in ("left", "right"):
            tails[0, names.index(f"{side}_{bone}")] = REST_JOINTS[JOINT_INDEX[f"{side}_{end}"]]
    off = np.linalg.norm(mapping.joints(heads, tails)[0] - REST_JOINTS, axis=1)
    feet = [JOINT_INDEX["left_foot"], JOINT_INDEX["right_foot"]]  # nothing says where the toes point
    assert np.delete(off, feet).max() < 0.09
    assert off.max() < 0.15


@pytest.mark.parametrize("lacking", JOINT_NAMES)
def test_any_one_joint_may_be_derived_unless_it_is_required(lacking):
    names = [name for name in JOINT_NAMES if name != lacking]
    if lacking in REQUIRED:
        with pytest.raises(RigError, match=lacking) as error:
            joint_sources(names, {})
        assert error.value.code == "rig.missing_joints"
        return
    mapping = joint_sources(names, {})
    assert mapping.derived == (lacking,)
    kept = [JOINT_INDEX[name] for name in names]
    children = [PARENTS.index(joint) if joint in PARENTS else joint for joint in kept]
    joints = mapping.joints(still_body(2)[:, kept], still_body(2)[:, children])
    assert np.linalg.norm(joints[1] - REST_JOINTS, axis=1).max() < 0.15


def test_all_missing_joints_are_named_at_once():
    names = [name for name in MIXAMO if name not in ("LeftUpLeg", "RightForeArm", "LeftLeg", "LeftFoot")]
    with pytest.raises(RigError) as error:
        joint_sources(names, {})
    assert error.value.code == "rig.missing_joints"
    assert "left_hip, left_knee, right_elbow" in error.value.message
    assert error.value.hint
    with pytest.raises(RigError, match=", ".join(REQUIRED)):
        joint_sources(["Bone", "Bone.001"], {"Bone": None, "Bone.001": "Bone"})
    with pytest.raises(RigError):
        joint_sources([], {})


def test_a_knee_of_another_name_is_found_between_its_neighbours():
    names = ["Kneecap" if name == "LeftLeg" else name for name in MIXAMO]
    parents = {"Kneecap": "LeftUpLeg", "LeftFoot": "Kneecap"}
    assert joint_sources(names, parents).named["left_knee"] == "Kneecap"
    with pytest.raises(RigError, match="left_knee"):
        joint_sources(names, {"Kneecap": "Hips", "LeftFoot": "Kneecap"})


def test_the_users_choice_wins():
    names = [*MIXAMO[:4], "Weird", *MIXAMO[5:]]
    mapping = joint_sources(names, {}, overrides={"left_knee": "Weird", "head": "Neck"})
    assert mapping.named["left_knee"] == "Weird"
    assert mapping.named["head"] == "Neck"
    with pytest.raises(RigError) as error:
        joint_sources(MIXAMO, {}, overrides={"left_nose": "Head"})
    assert error.value.code == "rig.unknown_joint"
    with pytest.raises(RigError, match="Gone") as error:
        joint_sources(MIXAMO, {}, overrides={"head": "Gone"})
    assert error.value.code == "rig.unknown_bone"


def test_shares_of_derived_joints_sum_to_one():
    assert all(sum(derivation.shares.values()) == pytest.approx(1) for derivation in DERIVATIONS)


def test_of_two_bones_of_one_name_the_first_counts():
    names = ["Hips", *MIXAMO[:20], "Hips", "LeftHand", "RightHand"]
    heads = np.random.default_rng(0).normal(size=(1, len(names), 3))
    joints = joint_sources(names, {}).joints(heads, heads + 1)
    assert np.array_equal(joints[0, 0], heads[0, 0])
    assert np.array_equal(joints[0, JOINT_INDEX["left_hand"]], heads[0, names.index("LeftHand")] + 1)


@pytest.mark.parametrize("prefix", ["", "Ann_", "mixamorig1:"])
@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_is_known_by_its_names(family, prefix):
    rig = sample_rig(family, REST_JOINTS, prefix)
    mapping = joint_sources(list(rig.parents), rig.parents)
    assert mapping.named == rig.joints
    assert mapping.family == FAMILY_NAMES[family]
    assert set(mapping.origins.values()) == {Origin.NAME}
    off = np.linalg.norm(mapping.joints(*(ends[None] for ends in rig.arrays()))[0] - REST_JOINTS, axis=1)
    given = [JOINT_INDEX[joint] for joint in rig.joints]
    assert off[given].max() < 1e-9
    assert off.max() < 0.12


TURNS = {
    "Z up": np.eye(3),
    "Y up": np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]]),
    "sideways": np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]]),
    "seen from behind": np.diag([-1.0, -1, 1]),
}


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("arms_down", [0, 45, 70])
@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_is_found_by_its_shape_when_the_names_are_scrambled(family, arms_down, turn):
    rig = sample_rig(family, REST_JOINTS, arms_down_degrees=arms_down)
    order = np.random.default_rng(len(family)).permutation(len(rig.parents))
    code = {name: f"Bone.{number:03}" for name, number in zip(rig.parents, order, strict=True)}
    names = [code[name] for name in rig.parents]
    parents = {code[name]: parent and code[parent] for name, parent in rig.parents.items()}
    heads, tails = (37 * ends @ TURNS[turn].T + 5 for ends in rig.arrays())
    mapping = joint_sources(names, parents, rest=RestPose(heads, tails))
    uncode = {number: name for name, number in code.items()}
    found = {joint: uncode[bone] for joint, bone in mapping.named.items()}
    wrong = {joint: bone for joint, bone in found.items() if rig.joints.get(joint) != bone}
    lacking = {joint for joint in rig.joints if joint not in found}
    assert (wrong, lacking) == ({}, set())
    assert mapping.family == ""
    assert set(mapping.origins.values()) == {Origin.SHAPE}
