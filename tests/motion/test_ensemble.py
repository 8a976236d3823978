"""Several dancers in one set of features."""

import numpy as np
import pytest
from kinetone.core.errors import MotionError
from kinetone.core.motion.ensemble import ensemble_features
from kinetone.core.motion.features import motion_features
from kinetone.core.motion.skeleton import JOINT_INDEX, REST_JOINTS


def only(joint, n_frames=240, period=40):
    """A body of which one joint swings."""
    joints = np.repeat(REST_JOINTS[None].astype(float), n_frames, axis=0)
    joints[:, JOINT_INDEX[joint], 0] += 0.2 * np.sin(2 * np.pi * np.arange(n_frames) / period)
    return joints


def test_one_dancer_is_as_alone(sample_dance):
    alone, together = motion_features(sample_dance), ensemble_features([sample_dance])
    assert np.array_equal(alone.stacked(), together.stacked())


def test_a_dancer_who_does_the_same_or_stands_still_changes_nothing(sample_dance):
    alone = motion_features(sample_dance).stacked()
    still = np.repeat(sample_dance[:1], len(sample_dance), axis=0)
    for company in ([sample_dance, sample_dance], [sample_dance, still], [still, sample_dance, still]):
        assert np.array_equal(ensemble_features(company).stacked(), alone)


def test_each_joint_is_that_of_the_dancer_who_moves_it_most():
    left, right = only("left_wrist"), only("right_wrist", period=30)
    steps = ensemble_features([left, right]).displacements.reshape(-1, 24, 3)
    for joint, dancer in (("left_wrist", left), ("right_wrist", right)):
        own = motion_features(dancer).displacements.reshape(-1, 24, 3)
        assert np.array_equal(steps[:, JOINT_INDEX[joint]], own[:, JOINT_INDEX[joint]])


def test_beats_are_those_of_any_dancer(sample_dance):
    other = np.roll(sample_dance, 7, axis=0)
    beats = [motion_features(each).kinematic_beats for each in (sample_dance, other)]
    together = ensemble_features([sample_dance, other]).kinematic_beats
    assert np.array_equal(together, np.maximum(*beats))
    assert together.sum() > beats[0].sum()


def test_where_dancers_stand_does_not_matter(sample_dance):
    other = np.roll(sample_dance, 7, axis=0)
    together = ensemble_features([sample_dance, other]).stacked()
    apart = ensemble_features([sample_dance, 1.7 * other + (5, -3, 1)]).stacked()
    np.testing.assert_allclose(apart, together, atol=1e-6)


def test_dancers_have_to_dance_equally_long(sample_dance):
    with pytest.raises(MotionError, match="180, 179") as caught:
        ensemble_features([sample_dance, sample_dance[:-1]])
    assert caught.value.code == "motion.different_lengths"


def test_the_dancer_with_bad_motion_is_named(sample_dance):
    bad = np.full_like(sample_dance, np.nan)
    with pytest.raises(MotionError, match="Dancer 2 of 2") as caught:
        ensemble_features([sample_dance, bad])
    assert caught.value.code == "motion.not_finite"
