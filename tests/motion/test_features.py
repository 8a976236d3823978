"""Canonical space, displacements, and that neither depends on place, heading or size."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kinetone.core.errors import MotionError
from kinetone.core.motion.canonical import body_size, canonical, heading
from kinetone.core.motion.features import displacements, motion_features
from kinetone.core.motion.skeleton import JOINT_INDEX, REST_JOINTS
from motion_samples import dancing_body, still_body, turned

DANCE = dancing_body(240)
PLAIN = motion_features(DANCE)


def test_displacements_follow_equations_1_to_5():
    moved = displacements(DANCE)
    assert moved.shape == (240, 72)
    assert moved.dtype == np.float32
    assert not moved[0].any()
    assert np.allclose(moved[7].reshape(24, 3), DANCE[7] - DANCE[6], atol=1e-7)


@settings(max_examples=40, deadline=None)
@given(
    angle=st.floats(-7, 7),
    scale=st.floats(0.01, 150),
    place=st.tuples(*[st.floats(-500, 500)] * 3),
)
def test_moving_turning_and_scaling_change_no_feature(angle, scale, place):
    features = motion_features(turned(DANCE, angle) * scale + np.array(place))
    assert np.abs(features.displacements - PLAIN.displacements).max() < 1e-5
    assert np.array_equal(features.kinematic_beats, PLAIN.kinematic_beats)


def test_features_of_single_precision_joints_agree():
    features = motion_features((turned(DANCE, 2.0) * 1.7 + 3.0).astype(np.float32))
    assert np.abs(features.displacements - PLAIN.displacements).max() < 1e-5
    assert np.array_equal(features.kinematic_beats, PLAIN.kinematic_beats)


def test_other_changes_do_change_features():
    tilted = DANCE[..., [0, 2, 1]] * [1, -1, 1]
    mirrored = DANCE * [-1, 1, 1]
    for other in (tilted, mirrored, DANCE[::-1]):
        assert np.abs(motion_features(other).displacements - PLAIN.displacements).max() > 1e-3


def test_canonical_begins_at_the_origin_facing_minus_y_at_the_reference_size():
    space = canonical(turned(DANCE, 1.1) * 100 + 7)
    assert space.dtype == np.float64
    assert np.allclose(space[0, 0], 0)
    assert heading(space[0]) == pytest.approx(0, abs=1e-12)
    assert body_size(space) == pytest.approx(body_size(REST_JOINTS[None]))
    left, right = JOINT_INDEX["left_shoulder"], JOINT_INDEX["right_shoulder"]
    assert space[0, left, 0] > space[0, right, 0]


def test_a_dancer_who_lies_on_one_side_has_a_heading():
    lying = still_body(3)[..., [2, 1, 0]]  # the spine along X, the left side up
    turned_twice = canonical(turned(lying, 0.7)), canonical(turned(lying, -2.0))
    assert np.allclose(*turned_twice, atol=1e-9)


def test_a_few_broken_frames_do_not_change_the_size():
    broken = DANCE.copy()
    broken[100:110, 4] += 3.0
    assert body_size(broken) == pytest.approx(body_size(DANCE), rel=0.01)


@pytest.mark.parametrize("compute", [motion_features, displacements])
def test_bad_numbers_are_named(compute):
    for bad in (np.nan, np.inf):
        broken = DANCE.copy()
        broken[17, 20, 1] = broken[30, 2, 0] = bad
        with pytest.raises(MotionError, match=r"left_wrist .* frame 17") as error:
            compute(broken)
        assert error.value.code == "motion.not_finite"


@pytest.mark.parametrize(
    ("joints", "code"),
    [
        (np.zeros((0, 24, 3)), "motion.too_short"),
        (np.zeros((5, 23, 3)), "motion.shape"),
        (np.zeros((5, 72)), "motion.shape"),
        (np.zeros((5, 24, 3), dtype=object), "motion.shape"),
        (np.zeros((5, 24, 3)), "motion.no_body"),
    ],
)
def test_what_is_no_motion_is_refused(joints, code):
    with pytest.raises(MotionError) as error:
        motion_features(joints)
    assert error.value.code == code


@pytest.mark.parametrize("frames", [1, 2, 3, 11])
def test_short_dances_have_features(frames):
    features = motion_features(DANCE[:frames])
    assert features.displacements.shape == (frames, 72)
    assert features.kinematic_beats.shape == (frames, 1)


def test_long_dances_are_moved_as_one():
    long = np.tile(turned(DANCE, 1.0) + 2.0, (5, 1, 1))
    assert np.allclose(canonical(long), np.tile(canonical(DANCE), (5, 1, 1)), atol=1e-6)
