"""From any frame rate to 60 Hz."""

import numpy as np
import pytest
from kinetone.core.errors import MotionError
from kinetone.core.motion.resample import resample
from kinetone.core.timing import frame_count
from motion_samples import dancing_body


@pytest.mark.parametrize("rate", [24_000 / 1001, 24, 25, 30_000 / 1001, 30, 50, 60_000 / 1001, 60, 120, 7.3])
def test_frames_lie_at_sixtieths_of_a_second(rate):
    times_s = np.arange(int(5 * rate)) / rate
    joints = np.broadcast_to(times_s[:, None, None] * [1.0, -2.0, 0.5], (len(times_s), 24, 3))
    at_60 = resample(joints, rate)
    expected_s = np.arange(frame_count(times_s[-1])) / 60
    assert at_60.shape == (len(expected_s), 24, 3)
    assert np.abs(at_60[:, 3, 0] - expected_s).max() < 1e-12
    assert at_60.dtype == np.float64


def test_60_hz_stays_as_it_is():
    joints = dancing_body(50)
    assert np.array_equal(resample(joints, 60), joints)


def test_curves_are_followed_and_their_velocity_does_not_jump():
    def swing(times_s):
        return np.sin(2 * np.pi * 2 * times_s)[:, None, None] * np.ones((1, 24, 3))

    at_60 = resample(swing(np.arange(0, 3, 1 / 30)), 30)
    times_s = np.arange(len(at_60)) / 60
    assert np.abs(at_60 - swing(times_s))[2:-2].max() < 3e-3
    true_bend = np.abs(np.diff(swing(times_s), 2, axis=0)).max()
    assert np.abs(np.diff(at_60, 2, axis=0)).max() < 1.3 * true_bend


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_short_motion(frames):
    joints = dancing_body(frames)
    at_60 = resample(joints, 30)
    assert len(at_60) == 2 * frames - 1
    assert np.allclose(at_60[::2], joints)


@pytest.mark.parametrize("rate", [0, -30, float("nan"), float("inf")])
def test_a_frame_rate_that_is_none_is_refused(rate):
    with pytest.raises(MotionError) as error:
        resample(dancing_body(3), rate)
    assert error.value.code == "motion.frame_rate"
    with pytest.raises(MotionError) as error:
        resample(np.zeros((0, 24, 3)), 60)
    assert error.value.code == "motion.too_short"
