"""The 24 joints and the reference body."""

import numpy as np
from kinetone.core.motion.canonical import heading
from kinetone.core.motion.skeleton import (
    JOINT_INDEX,
    JOINT_NAMES,
    MIRROR,
    N_JOINTS,
    PARENTS,
    REFERENCE_HEIGHT,
    REST_JOINTS,
)


def test_joints_are_smpls_in_its_order():
    assert N_JOINTS == len(set(JOINT_NAMES)) == 24
    assert [JOINT_NAMES[i] for i in (0, 1, 4, 12, 15, 16, 20, 23)] == [
        "pelvis", "left_hip", "left_knee", "neck", "head", "left_shoulder", "left_wrist", "right_hand",
    ]  # fmt: skip
    assert PARENTS[0] == -1
    assert all(parent < joint for joint, parent in enumerate(PARENTS))
    assert JOINT_NAMES[PARENTS[JOINT_INDEX["left_collar"]]] == "spine3"


def test_mirroring_swaps_the_sides_and_keeps_the_bones():
    assert [MIRROR[MIRROR[joint]] for joint in range(24)] == list(range(24))
    assert JOINT_NAMES[MIRROR[JOINT_INDEX["left_wrist"]]] == "right_wrist"
    assert MIRROR[JOINT_INDEX["head"]] == JOINT_INDEX["head"]
    assert all(
        PARENTS[MIRROR[joint]] == MIRROR[parent] for joint, parent in enumerate(PARENTS) if parent >= 0
    )
    assert np.allclose(REST_JOINTS[list(MIRROR)], REST_JOINTS * [-1, 1, 1])


def test_the_reference_body_stands_on_the_floor_and_faces_minus_y():
    left, ankle, toes = (JOINT_INDEX[name] for name in ("left_hand", "left_ankle", "left_foot"))
    assert REST_JOINTS[left, 0] > 0.6
    assert REST_JOINTS[toes, 1] < REST_JOINTS[ankle, 1]
    assert 0 < REST_JOINTS[:, 2].min() < 0.05
    assert REFERENCE_HEIGHT - 0.2 < REST_JOINTS[:, 2].max() < REFERENCE_HEIGHT
    assert heading(REST_JOINTS) == 0.0
    assert not REST_JOINTS.flags.writeable
